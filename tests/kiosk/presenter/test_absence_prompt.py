"""The key for an absent winner: twice within five seconds, between spins, for the last spin."""

import os
from pathlib import Path

import pytest

os.environ.setdefault("SDL_VIDEODRIVER", "dummy")
os.environ.setdefault("SDL_AUDIODRIVER", "dummy")

from kiosk.core.home import Home
from kiosk.devices.inputs import Action
from kiosk.ledger.reader import read_records
from kiosk.ledger.record import Claim
from tests.kiosk.scripted import Press, scripted_kiosk, small_home


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return small_home(tmp_path)


def run(home: Home, *presses: Press) -> tuple[list[Claim], list[str]]:
    """Run a kiosk on simulated time; returns the absences recorded and what was said on screen."""
    with scripted_kiosk(home, drawing=False) as kiosk:
        kiosk.run(*presses, (presses[-1][0] + 8, Action.LEAVE))
    bodies = [record.body for record in read_records(home.ledger.read_bytes())]
    return [body for body in bodies if isinstance(body, Claim)], kiosk.screen.said


SPIN, ABSENT = Action.SPIN, Action.ABSENT
RESTED = 1 + 11 + 4.5


def test_two_presses_within_five_seconds_record_the_last_winner_as_absent(home: Home) -> None:
    absences, said = run(home, (1, SPIN), (RESTED, ABSENT), (RESTED + 3, ABSENT))

    assert [(absence.place, absence.state, absence.request) for absence in absences] == [(1, "absent", "")]
    assert said[0].startswith("Is ")
    assert "recorded as absent from spin 1" in said[1]


@pytest.mark.parametrize(
    "presses",
    [
        [(1, SPIN), (RESTED, ABSENT)],
        [(1, SPIN), (RESTED, ABSENT), (RESTED + 5.5, ABSENT)],
        [(1, ABSENT), (2, ABSENT)],
        [(1, SPIN), (5, ABSENT), (6, ABSENT), (13, ABSENT), (14, ABSENT)],
    ],
    ids=["once", "too slowly", "before any spin", "while the wheel turns and settles"],
)
def test_anything_else_records_nothing(home: Home, presses: list[tuple[float, Action]]) -> None:
    assert run(home, *presses)[0] == []


def test_a_spin_between_two_presses_withdraws_the_question(home: Home) -> None:
    absences, _ = run(home, (1, SPIN), (RESTED, ABSENT), (RESTED + 1, SPIN), (RESTED + 2, ABSENT))

    assert absences == []
