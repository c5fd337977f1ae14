"""The loader: what is new comes once, and what failed comes again."""

import secrets
from pathlib import Path

import pytest
from pygame import Surface

from kiosk.app.loader import Loader
from kiosk.clock import ManualClock
from kiosk.durable import make_directory
from kiosk.errors import HomeError
from kiosk.home import Home, trust
from kiosk.ledger.ledger import Ledger
from kiosk.ledger.secrets import SecretStore
from kiosk.screen.scene import Face
from kiosk.session import Session
from kiosk.snapshot.watcher import Mailbox
from tests.support import KEY, envelope, snapshot


class _Painter:
    """Paints nothing, at once."""

    def learn(self, face: Face) -> None:
        """Need no fonts."""

    def paint_wheel(self, face: Face) -> Surface:
        """Return an empty picture."""
        return Surface((1, 1))


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path)
    for directory in (home.snapshots, home.trusted, home.adopted, home.secrets):
        make_directory(directory)
    trust(home.trusted, KEY.public_key())
    home.snapshot(1).write_bytes(envelope(snapshot(1)))
    return home


@pytest.fixture
def session(home: Home) -> Session:
    ledger = Ledger(home.ledger, clock=ManualClock())
    store = SecretStore(home.secrets, random_bytes=secrets.token_bytes)
    return Session(ledger=ledger, secrets=store, kiosk_id="0" * 64)


def test_the_list_that_is_shown_first_does_not_come_a_second_time(home: Home, session: Session) -> None:
    loader = Loader(home, session, _Painter())
    assert loader.first().listed.snapshot.generation == 1

    loader.look()  # the loop has not adopted it yet: the watcher's thread may be that quick

    assert not loader.mailbox.full


def test_a_list_that_could_not_be_prepared_is_prepared_at_the_next_look(
    home: Home, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    loader = Loader(home, session, _Painter())
    with monkeypatch.context() as full_disk:
        full_disk.setattr(session, "commit", lambda: (_ for _ in ()).throw(HomeError("the disk is full")))
        with pytest.raises(HomeError):
            loader.look()

    loader.look()

    prepared = loader.mailbox.take()
    assert prepared is not None
    assert prepared.listed.snapshot.generation == 1


def test_an_unchanged_directory_is_not_read_again(
    home: Home, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    loader = Loader(home, session, _Painter())
    loader.look()
    monkeypatch.setattr("kiosk.app.loader.newest_good", lambda *_, **__: pytest.fail("it was read"))

    loader.look()


def test_a_changed_file_of_the_same_name_is_read_again(home: Home, session: Session) -> None:
    loader = Loader(home, session, _Painter())
    home.snapshot(1).write_bytes(b"half a file")
    loader.look()
    assert len(loader.refusals) == 1

    home.snapshot(1).write_bytes(envelope(snapshot(1)))
    loader.look()

    assert not loader.refusals
    assert loader.mailbox.full


def test_what_is_put_back_yields_to_what_is_newer() -> None:
    mailbox: Mailbox[str] = Mailbox()
    mailbox.put_back("older")
    assert mailbox.take() == "older"
    mailbox.put("newer")
    mailbox.put_back("older")
    assert mailbox.take() == "newer"
