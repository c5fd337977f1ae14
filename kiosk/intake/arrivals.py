"""Everything that arrives as files, as the rest of the kiosk sees it.

Invariant: only what is finished comes out: lists that are loaded and painted, requests that are verified, refusals
that have a reason.
"""

from collections.abc import Callable

import msgspec

from kiosk.intake.loader import Loader
from kiosk.intake.refused_files import RefusedFiles
from kiosk.intake.request_queue import RequestQueue
from kiosk.session.draw_session import Session
from kiosk.session.organiser_requests import Clerk


class Arrivals(msgspec.Struct, frozen=True):
    """What arrives.

    Attributes:
        loader: lists; its mailbox holds the newest one that is ready.
        refused_files: published files that are not adopted.
        requests: what the organiser asks for between spins.
        watcher_alive: whether new files would still be noticed.
    """

    loader: Loader
    refused_files: RefusedFiles
    requests: RequestQueue
    watcher_alive: Callable[[], bool]


def arrivals_of(loader: Loader, session: Session, clerk: Clerk, watcher_alive: Callable[[], bool]) -> Arrivals:
    """Return the arrivals of one loader."""
    return Arrivals(
        loader=loader,
        refused_files=RefusedFiles(session, lambda: loader.refusals),
        requests=RequestQueue(clerk, lambda: loader.messages),
        watcher_alive=watcher_alive,
    )
