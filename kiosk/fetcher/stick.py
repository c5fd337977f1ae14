"""A stick as transport: takes its signed files, and writes the kiosk's records to it if it asks for them.

Invariant: a stick is one more source and trusted no more than any other: what no trusted key signed is refused, no key
is taken from it, nothing is imported. A systemd unit mounts it, read-only at first; a stick that is pulled at any
moment leaves nothing half here, because files are placed whole.
"""

import logging
import stat
from pathlib import Path

import msgspec

from kiosk.core.clock import Clock, rfc3339
from kiosk.core.durable import PUBLIC, write_atomic
from kiosk.core.home import Home
from kiosk.core.source_status import SourceReport, SourcesStatus
from kiosk.fetcher.pacing import Pacing
from kiosk.fetcher.results import Results
from kiosk.fetcher.source import Source
from kiosk.fetcher.transport.folder import Folder

logger = logging.getLogger(__name__)

RESULTS_FOLDER = "wheel-results"
"""A stick with such a folder asks for the kiosk's records."""
_FOLDERS = ("", "wheel")
"""Where published files lie on a stick: at its top, or in this folder."""
_TRIES = 3


def take_stick(home: Home, stick: Path, clock: Clock) -> SourceReport:
    """Take what a stick holds and is signed; returns what became of it, which the screen shows too.

    Raises:
        HomeError: the outcome cannot be written for the screen.
    """
    placed: list[str] = []
    report = SourceReport(url="stick", problem="" if _is_folder(stick) else "The stick cannot be read.")
    for folder in _FOLDERS:
        if _is_folder(stick / folder):
            source = Source(
                home,
                "stick",
                Folder(stick / folder),
                pacing=Pacing(every_s=1, random=lambda: 0.0, now_ns=clock.monotonic_ns()),
                clock=clock,
                placed=placed.append,
            )
            for _ in range(_TRIES):
                if source.poll():
                    break
            report = _merged(report, source.report())
    report = msgspec.structs.replace(report, placed=len(placed))
    _write(home, report, clock)
    logger.info("stick: %d files placed, %d refused %s", len(placed), len(report.refused), report.problem)
    return report


def write_results(home: Home, stick: Path, clock: Clock) -> str:
    """Write the kiosk's records to a stick that has the folder for them; returns what became of it.

    Raises:
        HomeError: the outcome cannot be written for the screen.
    """
    folder = stick / RESULTS_FOLDER
    if not _is_folder(folder):
        return ""
    said = Results(home, Folder(folder), clock).send()
    logger.info("stick: %s", said)
    return said


def _is_folder(path: Path) -> bool:
    """Say whether there is a folder, and no link to one; Path.is_dir() raises an error if its stick was pulled."""
    try:
        return stat.S_ISDIR(path.lstat().st_mode)
    except OSError:
        return False


def _merged(one: SourceReport, other: SourceReport) -> SourceReport:
    return msgspec.structs.replace(other, refused=one.refused + other.refused, problem=one.problem or other.problem)


def _write(home: Home, report: SourceReport, clock: Clock) -> None:
    status = SourcesStatus(at=rfc3339(clock.utc_now()), sources=(report,))
    write_atomic(home.stick_status, msgspec.json.encode(status) + b"\n", mode=PUBLIC)
