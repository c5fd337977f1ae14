"""Fixtures of the tests of the intake."""

import secrets
from pathlib import Path

import pytest

from kiosk.core.clock import ManualClock
from kiosk.core.durable import make_directory
from kiosk.core.home import Home
from kiosk.core.key_files import trust
from kiosk.intake.loader import Loader
from kiosk.intake.snapshot_files import KnownLists
from kiosk.ledger.ledger import Ledger
from kiosk.ledger.secret_store import SecretStore
from kiosk.session.draw_session import Session
from tests.kiosk.intake.loading import Painter
from tests.support import KEY, publish, snapshot


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    path = tmp_path / "snapshots"
    path.mkdir()
    return path


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path)
    for directory in (home.snapshots, home.trusted, home.adopted, home.secrets, home.secrets_again):
        make_directory(directory)
    trust(home.trusted, KEY.public)
    publish(home.snapshots, snapshot(1))
    return home


@pytest.fixture
def session(home: Home) -> Session:
    lists = KnownLists(home.adopted, home.snapshots)
    ledger = Ledger(home.ledger, clock=ManualClock(), lists=lists)
    store = SecretStore(home.secrets, home.secrets_again, random_bytes=secrets.token_bytes)
    return Session(ledger=ledger, secrets=store, kiosk_id="0" * 64, lists=lists)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def loader(home: Home, session: Session, clock: ManualClock) -> Loader:
    return Loader(home, session, Painter(), clock=clock)
