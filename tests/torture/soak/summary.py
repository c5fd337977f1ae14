"""What a soak found: as JSON for machines, as text for people, by POST for a person who is not there."""

import logging
import math
import os
import platform
import urllib.request
from pathlib import Path

import msgspec

from kiosk.config.runtime_versions import version_text
from tests.torture.soak.trend import Trend

logger = logging.getLogger(__name__)

_NOTIFY_S = 10


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """A whole soak.

    Attributes:
        started, ended: UTC, RFC 3339.
        host, os, versions, seed: what it ran on, and with.
        success_rate: share of iterations in which all held.
        slowest_iteration: and how long it took, in seconds.
        problems: what did not hold; empty if all did.
        spins: shown, counted in the ledger.
        adopted: lists, counted in the ledger. Of several published within one spin only the newest is adopted.
        published: lists, by commands that ended with success.
        faults: how often each was done.
        lives: kiosk processes.
        trends: slopes per 1000 spins.
        frame_p99_ms: median over the iterations.
    """

    started: str
    ended: str
    host: str
    os: str
    versions: str
    seed: int
    success_rate: float
    slowest_iteration: int
    slowest_s: float
    problems: tuple[str, ...]
    iterations: int
    seconds: float
    spins: int
    adopted: int
    published: int
    faults: dict[str, int]
    lives: int
    trends: dict[str, Trend]
    frame_p99_ms: float | None

    @property
    def ok(self) -> bool:
        """Whether all held."""
        return not self.problems

    @property
    def text(self) -> str:
        """The same for people."""
        work = f"{self.spins} spins, {self.published} lists published, {self.adopted} adopted"
        lines = [
            f"{self.started} to {self.ended} on {self.host} ({self.os}), {self.versions}, seed {self.seed}",
            f"{self.success_rate:.1%} of iterations held",
            f"slowest iteration: {self.slowest_iteration}, {self.slowest_s} s",
            f"{work}, {self.iterations} iterations in {self.seconds / 60:.1f} minutes, {self.lives} kiosk processes",
            "faults: " + (", ".join(f"{name} {count}" for name, count in sorted(self.faults.items())) or "none"),
        ]
        for name, trend in self.trends.items():
            margin = "unknown" if math.isinf(trend.margin) else f"{trend.margin:.3f}"
            lines.append(f"{name}: {trend.slope:+.3f} +- {margin} per 1000 spins ({trend.samples} samples)")
        if self.frame_p99_ms is not None:
            lines.append(f"p99 of frame times: {self.frame_p99_ms:.1f} ms (median over iterations)")
        lines += [f"PROBLEM: {problem}" for problem in self.problems] or ["all held"]
        return "\n".join(lines)

    def save(self, directory: Path) -> None:
        """Write summary.json and summary.txt."""
        (directory / "summary.json").write_bytes(msgspec.json.format(msgspec.json.encode(self)) + b"\n")
        (directory / "summary.txt").write_text(self.text + "\n", encoding="utf-8")


def host_facts() -> dict[str, str]:
    """Return the fields of a summary that tell what it ran on."""
    return {
        "host": platform.node(),
        "os": f"{platform.system()} {platform.release()} {platform.machine()}, {os.cpu_count()} cores",
        "versions": version_text(),
    }


def notify(url: str, summary: Summary) -> None:
    """POST the summary as JSON; a failure is logged, and changes nothing."""
    body = msgspec.json.encode({"ok": summary.ok, "text": summary.text, "summary": summary})
    try:
        request = urllib.request.Request(url, data=body, headers={"Content-Type": "application/json"})  # noqa: S310
        with urllib.request.urlopen(request, timeout=_NOTIFY_S):  # noqa: S310 - the operator's own URL
            logger.info("told %s", url)
    except (OSError, ValueError) as error:
        logger.warning("%s could not be told: %s", url, error)
