"""Runs the stand-alone verifier on a home, with the keys that this organiser knows.

Invariant: the verifier is another program on purpose, so it runs as such, and its words are passed on unchanged.
"""

import contextlib
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec

import wheel_admin
from kiosk.core.errors import HomeError, WheelError
from kiosk.core.home import Home
from kiosk.core.publication_lock import LOCK_WAIT_MS
from wheel_admin.draft import admin_lock
from wheel_admin.publishing.known_keys import KnownKeys, load_known_keys, meet_kiosk

_PACKAGE = Path(wheel_admin.__file__).resolve().parent
_VERIFIERS = installed if (installed := _PACKAGE / "_verify").is_dir() else _PACKAGE.parent / "verify"
VERIFIER = _VERIFIERS / "verify_draw.py"
"""The stand-alone verifier: inside the package once installed, beside it in a checkout."""

CONSISTENT_EXIT = 3
"""The verifier's exit code for files that agree with each other, and for which nobody vouches."""


class Verdict(msgspec.Struct, frozen=True):
    """What the verifier said.

    Attributes:
        exit_code: 0 as required, 1 BROKEN, 2 the files cannot be used, 3 CONSISTENT.
        sentence: its last line, for example `SIGNED up to record 42, event closed`.
        level: of the draws, for example `sealed: you trust whoever runs the kiosk`.
        reasons: why it is not SIGNED, or what is broken.
        notices: what it says besides; and
        listed: what it lists, by name and value: every adopt and void, presses out of order, places freed.
    """

    exit_code: int
    sentence: str
    level: str = ""
    reasons: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()
    listed: tuple[tuple[str, str], ...] = ()


def options_for(kiosks: Sequence[str], organisers: Sequence[str]) -> list[str]:
    """Return the verifier's options that name the keys to trust."""
    found = [option for keyid in kiosks for option in ("--kiosk", keyid)]
    return found + [option for keyid in organisers for option in ("--organiser", keyid)]


def known_or_met(home: Home) -> tuple[KnownKeys, bool]:
    """Return the recorded key ids, after recording the kiosk's if none is; and whether that was now.

    A home that cannot be written, or that is only a copy, keeps what it has.
    """
    before = load_known_keys(home)
    if before.kiosks or not home.admin.is_dir():
        return before, False
    with contextlib.suppress(WheelError), admin_lock(home, wait_ms=LOCK_WAIT_MS):
        return (known := meet_kiosk(home)), known != before
    return before, False


def verdict_on(home: Home) -> Verdict:
    """Let the verifier judge the ledger of a home.

    Raises:
        HomeError: the verifier is missing.
    """
    if not VERIFIER.is_file():
        raise HomeError(f"The verifier {VERIFIER} is missing.", remedy="Install wheel-kiosk again.")
    known, _ = known_or_met(home)
    command = [sys.executable, str(VERIFIER), str(home.root), *options_for(known.kiosks, known.organisers), "--json"]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)  # noqa: S603 - our own program
    try:
        report: dict[str, Any] = msgspec.json.decode(done.stdout)
    except msgspec.MsgspecError:
        said = done.stderr.strip() or "the verifier gave no answer"
        return Verdict(done.returncode or 1, "NOT VERIFIED", reasons=(said,))
    if done.returncode == 1:
        return Verdict(1, "BROKEN", reasons=(str(report.get("problem", "")),))
    return Verdict(
        done.returncode,
        str(report["sentence"]),
        str(report["level"]),
        tuple(map(str, report["why not SIGNED"])),
        tuple(map(str, report["notices"])),
        tuple(_listed(report)),
    )


def _listed(report: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for one in report["adopts"]:
        told = f"{one['kind']} {one['event']}, generation {one['generation']} ({one['skipped']} skipped)"
        yield "Adopt", f"record {one['record']}: {told}, {one['spins_before']} spins under the anchor before"
    yield from (("Void", f"record {one['record']}: {one['what']}") for one in report["void"])
    for name in ("out of order", "freed by key", "freed by request", "withdrawn", "rehearsals"):
        yield name.capitalize(), str(report[name])
