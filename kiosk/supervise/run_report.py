"""`--report FILE`: measured figures of one run, for checks and demos.

Invariant: what is reported was measured while it happened; nothing is copied from the draw to make it look right.
"""

import os
import time
from pathlib import Path

import msgspec

from kiosk.core.durable import PUBLIC, write_atomic
from kiosk.stage import RunningSpin
from kiosk.supervise.memory_guard import pss_mb
from kiosk.supervise.supervisor import Supervisor

_IMPORTED_NS = time.monotonic_ns()


class FrameTimes(msgspec.Struct, frozen=True):
    """Time spent on a frame (advance, draw, present), in milliseconds."""

    p50: float
    p99: float
    max: float


class SpinReport(msgspec.Struct, frozen=True):
    """One spin as it was shown.

    Attributes:
        under_pointer: ticket found at the wheel's final angle by `Segments.at`, not copied from the draw.
        duration_ms: from the first motion to rest, on the kiosk's clock.
        resumed: it was decided before a restart and only shown now.
    """

    spin: int
    mode: str
    ticket: str
    under_pointer: str
    duration_ms: int
    frames: int
    frame_ms: FrameTimes
    resumed: bool = False


class AdoptionReport(msgspec.Struct, frozen=True):
    """A list that was adopted.

    Attributes:
        ms: from the file being in place to the frame that showed it.
        busy_ms: how long of that the loop was busy, so that no frame could be drawn.
    """

    generation: int
    ms: float
    busy_ms: float


LONGEST = 1000
"""Spins and adoptions that a report keeps: a kiosk may run for months."""


class RunReport(msgspec.Struct, kw_only=True):
    """One run. `start_ms` is process start to first frame; `pss_mb` is the proportional set size at the end."""

    backend: str = ""
    driver: str = ""
    entries: int = 0
    generation: int = 0
    snapshot: str = ""
    start_ms: float = 0.0
    wheel_image_ms: float = 0.0
    pss_mb: float | None = None
    spins: list[SpinReport] = []
    adoptions: list[AdoptionReport] = []

    def add(self, event: SpinReport | AdoptionReport) -> None:
        """Add what happened; beyond `LONGEST` the oldest is dropped."""
        if isinstance(event, SpinReport):
            self.spins.append(event)
        else:
            self.adoptions.append(event)
        del self.spins[:-LONGEST], self.adoptions[:-LONGEST]

    def save(self, path: Path) -> None:
        """Write it as JSON.

        Raises:
            HomeError: it could not be written.
        """
        self.pss_mb = pss_mb()
        write_atomic(path, msgspec.json.format(msgspec.json.encode(self)) + b"\n", mode=PUBLIC)


def spin_report(spin: RunningSpin, *, under_pointer: str, duration_ms: int) -> SpinReport:
    """Return the figures of a spin that has come to rest."""
    return SpinReport(
        spin=spin.decision.spin,
        mode=spin.decision.mode,
        ticket=spin.decision.entry.ticket,
        under_pointer=under_pointer,
        duration_ms=duration_ms,
        frames=len(spin.frames_ms),
        frame_ms=frame_times(spin.frames_ms),
        resumed=spin.resumed,
    )


def frame_times(frames_ms: list[float]) -> FrameTimes:
    """Summarise frame times; nearest-rank percentiles."""
    ranked = sorted(frames_ms) or [0.0]
    last = len(ranked) - 1
    return FrameTimes(
        p50=round(ranked[last // 2], 3), p99=round(ranked[round(last * 0.99)], 3), max=round(ranked[-1], 3)
    )


def process_age_ms() -> float:
    """Return the time since this process was started, in ms; where that is unknown, since this import."""
    try:
        fields = Path("/proc/self/stat").read_text().rsplit(")", 1)[1].split()
        started_s = int(fields[19]) / os.sysconf("SC_CLK_TCK")
        return (time.clock_gettime(time.CLOCK_BOOTTIME) - started_s) * 1000
    except (OSError, ValueError, IndexError, AttributeError):
        return (time.monotonic_ns() - _IMPORTED_NS) / 1e6


class StartTimer(Supervisor):
    """Measures `start_ms`: from the start of the process to the first frame."""

    def __init__(self, report: RunReport) -> None:
        self._report = report

    def on_presented(self, now_ns: int) -> None:
        """See `Supervisor`."""
        del now_ns
        if not self._report.start_ms:
            self._report.start_ms = round(process_age_ms(), 1)
