"""Fixtures of the tests beside it."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from kiosk.draw.protocol import Chain
from kiosk.ledger import secret_store as secrets_module
from tests.kiosk.spins import SHORT_CHAIN
from tests.support import Desk


@pytest.fixture
def short_chains(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(secrets_module, "Chain", partial(Chain, length=SHORT_CHAIN))


@pytest.fixture
def desk(tmp_path: Path, short_chains: None) -> Iterator[Desk]:
    with Desk(tmp_path) as desk:
        yield desk


@pytest.fixture
def much_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a kiosk run in this process: it holds what hundreds of tests left, more than a kiosk may."""
    for limit in ("SOFT", "HARD"):
        monkeypatch.setenv(f"WHEEL_KIOSK_MEMORY_{limit}_MB", "100000")
