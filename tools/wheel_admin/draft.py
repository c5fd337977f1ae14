"""The draft: the only thing that an organiser can edit, and the lock that lets one admin edit at a time.

Invariant: a draft on the disk is always whole. A command that is killed leaves the old one or the new one, a command
that fails leaves the old one, and the kiosk never looks at either.
"""

import contextlib
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import msgspec

from kiosk.core.durable import write_atomic
from kiosk.core.errors import BusyError, HomeError
from kiosk.core.home import Home
from kiosk.core.permissions import is_installed, mode_of
from kiosk.core.publication_lock import LOCK_WAIT_MS, publication_lock
from kiosk.core.regular_files import read_file
from kiosk.draw.modes import NATURAL, Spins
from kiosk.snapshot.model import Event, Prize, Rules
from wheel_admin.earlier_drafts import keep_earlier
from wheel_admin.participants import Entry, Source

FORMAT: Literal["wheel-draft/2"] = "wheel-draft/2"
_JOIN = "Join the organisers: sudo usermod -aG wheel-admin NAME, then log out and in again."
MOST_BYTES = 16 << 20
"""A draft of 3000 entries with the longest names takes a tenth of it."""
DEFAULT_TITLE = "Prize draw"
DEFAULT_RULES = Rules(
    win_once="event", household_once=False, presence=True, predetermined=False, order="listed", names="full"
)


class Draft(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What the next publication will say.

    Attributes:
        event: its id and title. Lists with the same id belong to one event: winners stay winners.
        entries: in the order of the wheel; tickets unique.
        prizes: in their order; none for a simple wheel.
        rules: of the event.
        entropy: the public entropy that the list will use, in order.
        spins: which spins are drawn and which are predetermined.
        source: the receipt of the imports that the entries came from, in short.
    """

    format: Literal["wheel-draft/2"] = FORMAT
    event: Event
    entries: tuple[Entry, ...] = ()
    prizes: tuple[Prize, ...] = ()
    rules: Rules = DEFAULT_RULES
    entropy: tuple[str, ...] = ()
    spins: Spins = NATURAL
    source: Source = Source()

    @property
    def title(self) -> str:
        """The event's title: what the screen shows."""
        return self.event.title

    def entry(self, ticket: str) -> Entry | None:
        """Return the entry with this ticket, or None."""
        return next((entry for entry in self.entries if entry.ticket == ticket), None)


def new_event(title: str = DEFAULT_TITLE) -> Event:
    """Return an event that no list belongs to yet."""
    return Event(id=secrets.token_hex(8), title=title)


def new_draft() -> Draft:
    """Return an empty draft of a new event."""
    return Draft(event=new_event())


class Editing:
    """A draft while it is being edited: assign to `draft`, and the end of the block saves it."""

    def __init__(self, draft: Draft) -> None:
        self.draft = draft


def encode(draft: Draft) -> bytes:
    """Return the file's bytes: JSON that a person can read."""
    return msgspec.json.format(msgspec.json.encode(draft), indent=1) + b"\n"


def load_draft(home: Home, earlier: Path | None = None) -> Draft:
    """Read the draft, or an earlier one of this home; needs no lock.

    Raises:
        HomeError: there is no home here, or its draft cannot be read or understood.
    """
    path = earlier or home.draft
    try:
        return msgspec.json.decode(read_file(path, limit=MOST_BYTES), type=Draft)
    except FileNotFoundError as error:
        raise no_home(home) from error
    except PermissionError as error:
        remedy = _JOIN if is_installed(home) else ""
        raise HomeError(f"Cannot read {path}: {error.strerror}.", remedy=remedy) from error
    except OSError as error:
        raise HomeError(f"Cannot read {path}: {error.strerror or error}.") from error
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        if earlier is not None:
            raise HomeError(f"{path} is not a {FORMAT}: {error}.", remedy="Move it away.") from error
        raise HomeError(
            f"{path} is not a {FORMAT}: {error}.",
            remedy="Move it away, run wheel-admin init again (it makes what is missing), and import again.",
        ) from error


def no_home(home: Home) -> HomeError:
    """Return the error for a directory that `wheel-admin init` has not seen."""
    return HomeError(
        f"There is no wheel home at {home.root}.",
        remedy=f'Make one with: wheel-admin init --home "{home.root}". Or name the right one with --home.',
    )


@contextlib.contextmanager
def admin_lock(home: Home, *, wait_ms: int = LOCK_WAIT_MS) -> Iterator[None]:
    """Hold the organiser's lock; the operating system frees it when this process dies.

    What a killed command left in the organiser's directories is swept away or made durable.

    Args:
        home: where.
        wait_ms: how long to wait for another command, in milliseconds.

    Raises:
        BusyError: another command held it all the time.
        HomeError: there is no home here, or it cannot be written.
    """
    if not home.admin.is_dir():
        raise no_home(home)
    swept = (home.admin, home.snapshots, home.trusted)
    with contextlib.ExitStack() as held:
        try:
            held.enter_context(publication_lock(home, holder="wheel-admin", swept=swept, wait_ms=wait_ms))
        except BusyError as error:
            raise BusyError(
                f"Another wheel-admin is at work on {home.root}.", remedy="Wait until it is done, and try again."
            ) from error
        yield


@contextlib.contextmanager
def edit_draft(home: Home, *, wait_ms: int = LOCK_WAIT_MS) -> Iterator[Editing]:
    """Hold the lock, hand out the draft, and save it, atomically, if the block ends well and changed it.

    The draft before the change is kept for `wheel-admin undo`.

    Args:
        home: where.
        wait_ms: how long to wait for another command, in milliseconds.

    Raises:
        BusyError: another command held the lock all the time.
        HomeError: the draft cannot be read or written.
    """
    with admin_lock(home, wait_ms=wait_ms):
        before = load_draft(home)
        editing = Editing(before)
        yield editing
        if editing.draft != before:
            keep_earlier(home, encode(before))
            save_draft(home, editing.draft)


def save_draft(home: Home, draft: Draft, *, replace: bool = True) -> None:
    """Write the draft, atomically; the caller holds the lock.

    Raises:
        FileExistsError: `replace` is False and there is one.
        HomeError: it cannot be written.
    """
    write_atomic(home.draft, encode(draft), mode=mode_of(home, home.draft), replace=replace)
