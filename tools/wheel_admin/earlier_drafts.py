"""Drafts before their last changes, kept beside the draft for `wheel-admin undo`.

Invariant: an earlier draft is kept before the draft changes, so a command that is killed loses neither; and it is as
private as the draft, because it holds names too.
"""

from pathlib import Path

from kiosk.core.durable import remove, write_atomic
from kiosk.core.home import EARLIER_DRAFT_NAME, Home
from kiosk.core.permissions import mode_of

MOST = 10
"""How many earlier drafts are kept."""


def earlier_drafts(home: Home) -> list[Path]:
    """Return the files of all earlier drafts, the latest first."""
    try:
        return sorted((path for path in home.admin.iterdir() if EARLIER_DRAFT_NAME.fullmatch(path.name)), reverse=True)
    except OSError:  # no home, or not for our eyes: the draft says so
        return []


def keep_earlier(home: Home, data: bytes) -> None:
    """Keep the bytes of the draft that is about to change; the oldest ones go. The caller holds the lock.

    Raises:
        HomeError: it cannot be written.
    """
    there = earlier_drafts(home)
    number = int(there[0].stem.rpartition("-")[2]) + 1 if there else 1
    write_atomic(home.earlier_draft(number), data, mode=mode_of(home, home.draft))
    for path in there[MOST - 1 :]:
        remove(path)
