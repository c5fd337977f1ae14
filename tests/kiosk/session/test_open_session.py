"""Opening a kiosk's records: another key is named, the earlier format is refused, and a lost record is noticed."""

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TypeVar

import pytest

from kiosk.core.clock import ManualClock
from kiosk.core.errors import BusyError, LedgerBroken
from kiosk.core.home import Home
from kiosk.draw.protocol import Chain
from kiosk.ledger import secret_store as secrets_module
from kiosk.session.open_session import Books, open_session
from kiosk.snapshot.requests import EntropyMessage
from tests.support import EVENT, audit_home, counted_bytes, delivered, listed, publish, snapshot

ONE = listed(snapshot(entropy=("dice",)))
T = TypeVar("T")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.setattr(secrets_module, "Chain", partial(Chain, length=20))
    monkeypatch.setattr(os, "fsync", lambda _: None)
    home = Home(tmp_path / "home")
    home.snapshots.mkdir(parents=True)
    publish(home.snapshots, ONE.snapshot)
    return home


def opened(home: Home, what: Callable[[Books], T]) -> T:
    with open_session(home, clock=ManualClock(), random_bytes=counted_bytes()) as books:
        return what(books)


def adopt(books: Books) -> None:
    books.session.adopt(ONE)


def enter(books: Books, kiosk: str) -> str | None:
    current = books.ledger.history.current
    assert current is not None
    message = EntropyMessage(event=EVENT, snapshot=current.snapshot, anchor=current.anchor, kiosk=kiosk, text="dice:3")
    return books.clerk.take(delivered(message))


def test_a_kiosk_with_another_key_says_so_before_anything_else(home: Home) -> None:
    opened(home, adopt)
    before = opened(home, lambda books: (books.session.kiosk_id, books.ledger.seq, books.ledger.head))
    home.kiosk_key.unlink()

    after = opened(home, lambda books: (books.session.kiosk_id, books.ledger.seq))

    assert after[1] == before[1] + 1
    history = audit_home(home)
    assert history.kiosk == after[0] != before[0]
    assert opened(home, lambda books: books.ledger.seq) == after[1], "once"
    last = home.ledger.read_bytes().splitlines()[-1]
    assert (b'"from":"%s"' % before[0].encode()) in last
    assert (b'"head":"%s"' % before[2].encode()) in last


def test_a_message_counts_for_the_key_that_was_named_last(home: Home) -> None:
    opened(home, adopt)
    old = opened(home, lambda books: books.session.kiosk_id)
    home.kiosk_key.unlink()

    def enter_twice(books: Books) -> int:
        books.session.adopt(ONE)
        before = books.ledger.seq
        assert enter(books, old) is None
        assert books.ledger.seq == before, "passed over"
        assert enter(books, books.session.kiosk_id) is None
        return books.ledger.seq - before

    assert opened(home, enter_twice) == 1


def test_a_ledger_that_lost_a_signed_record_is_refused(home: Home) -> None:
    opened(home, adopt)
    opened(home, lambda books: enter(books, books.session.kiosk_id))
    lines = home.ledger.read_bytes().splitlines(keepends=True)
    home.ledger.write_bytes(b"".join(lines[:-1]))

    with pytest.raises(LedgerBroken, match="does not hold record 2"):
        opened(home, adopt)


def test_a_deleted_ledger_is_refused_where_heads_were_signed(home: Home) -> None:
    opened(home, adopt)
    home.ledger.unlink()

    with pytest.raises(LedgerBroken, match="does not hold record 1"):
        opened(home, adopt)


def test_one_home_is_opened_once(home: Home) -> None:
    def again(_: Books) -> None:
        with pytest.raises(BusyError, match="already running"):
            opened(home, adopt)

    opened(home, again)


def test_the_secrets_lie_in_two_private_directories(home: Home) -> None:
    opened(home, adopt)

    for directory in (home.secrets, home.secrets_again):
        assert directory.stat().st_mode & 0o777 == 0o700
        assert len(list(directory.iterdir())) == 1
