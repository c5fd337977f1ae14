"""A start on a read-only disk: the books can be looked at, and nothing is drawn, recorded or changed."""

import os
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from kiosk.core.clock import ManualClock
from kiosk.core.durable import on_read_only_disk
from kiosk.core.errors import HomeError, RefusedError
from kiosk.core.home import Home
from kiosk.draw.protocol import Chain
from kiosk.ledger import ledger as ledger_module
from kiosk.ledger import secret_store
from kiosk.ledger.ledger import READ_ONLY, WRITABLE_AGAIN
from kiosk.ledger.record import Note
from kiosk.session import open_session as opening
from kiosk.session.open_session import Books, open_session
from kiosk.snapshot.requests import CloseMessage
from tests.support import EVENT, counted_bytes, delivered, listed, publish, snapshot

ONE = listed(snapshot())


class Disk:
    """Says whether the disk is read-only."""

    def __init__(self) -> None:
        self.read_only = False

    def __call__(self, path: Path) -> bool:
        del path
        return self.read_only


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    disk = Disk()
    monkeypatch.setattr(opening, "on_read_only_disk", disk)
    monkeypatch.setattr(ledger_module, "on_read_only_disk", disk)
    return disk


@pytest.fixture
def home(tmp_path: Path, disk: Disk, monkeypatch: pytest.MonkeyPatch) -> Iterator[Home]:
    """Yield a home with one spin, on a disk that is read-only from then on."""
    monkeypatch.setattr(secret_store, "Chain", partial(Chain, length=20))
    monkeypatch.setattr(os, "fsync", lambda _: None)
    home = Home(tmp_path / "home")
    home.snapshots.mkdir(parents=True)
    publish(home.snapshots, ONE.snapshot)

    def spin(books: Books) -> None:
        books.session.adopt(ONE)
        books.session.shown(books.session.press(start=0), duration_ms=1, frames=1)

    opened(home, spin)
    disk.read_only = True
    before = files(home)
    yield home
    assert files(home) == before, "something was written"


def opened(home: Home, what: Callable[[Books], None]) -> None:
    with open_session(home, clock=ManualClock(), random_bytes=counted_bytes()) as books:
        what(books)


def files(home: Home) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in home.root.rglob("*") if path.is_file()}


def test_the_last_list_is_on_the_wheel_and_a_press_says_why_not(home: Home) -> None:
    def look(books: Books) -> None:
        session = books.session
        session.adopt(ONE)
        assert session.listed == ONE
        assert (session.spins_made, session.left) == (1, 9)
        assert session.check_files() == session.why_no_spin() == READ_ONLY
        with pytest.raises(RefusedError, match="mount it writable"):
            session.press(start=0)

    opened(home, look)


def test_a_writable_disk_is_used_after_a_restart(home: Home, disk: Disk) -> None:
    def look(books: Books) -> None:
        books.session.adopt(ONE)
        disk.read_only = False
        assert books.session.check_files() == WRITABLE_AGAIN
        with pytest.raises(RefusedError, match="restart the kiosk"):
            books.session.press(start=0)

    opened(home, look)


def test_nothing_is_recorded_and_no_request_is_carried_out(home: Home) -> None:
    def look(books: Books) -> None:
        books.session.adopt(ONE)
        with pytest.raises(HomeError, match="mount it writable"):
            books.ledger.append(Note(text="a note"))
        with pytest.raises(HomeError):
            books.clerk.take(delivered(CloseMessage(event=EVENT)))
        with pytest.raises(HomeError):
            books.session.refuse("snapshot-000002.json", "rubbish")
        books.session.sign_head()

    # The clerk keeps a request's file before its record: on a real read-only disk that fails first.
    kept = set(home.adopted.iterdir())
    opened(home, look)
    for path in set(home.adopted.iterdir()) - kept:
        path.unlink()


def test_a_torn_last_line_stays_where_it_is(home: Home, disk: Disk) -> None:
    whole = home.ledger.read_bytes()
    home.ledger.write_bytes(whole + b"{")
    opened(home, lambda books: books.session.adopt(ONE))
    assert home.ledger.read_bytes() == whole + b"{"
    home.ledger.write_bytes(whole)


def test_a_disk_that_can_be_written_is_not_read_only(tmp_path: Path) -> None:
    assert not on_read_only_disk(tmp_path / "not" / "there")
