"""The key for an absent winner: twice within five seconds, between spins, for the last spin."""

import os
from pathlib import Path

import pytest

os.environ.setdefault("SDL_VIDEODRIVER", "dummy")
os.environ.setdefault("SDL_AUDIODRIVER", "dummy")

from kiosk.commands.run import kiosk_on
from kiosk.config.command_line import RunOptions
from kiosk.core.clock import ManualClock
from kiosk.core.home import Home
from kiosk.devices.inputs import Action
from kiosk.ledger.reader import read_records
from kiosk.ledger.record import Claim
from kiosk.loop import Loop
from tests.kiosk.scripted import Hand, small_home
from tests.support import counted_bytes


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return small_home(tmp_path)


def run(home: Home, *presses: tuple[float, Action]) -> tuple[list[Claim], list[str]]:
    """Run a kiosk on simulated time; returns the absences recorded and what was said on screen."""
    options = RunOptions(home=home.root, window=(800, 480), backend="software", clock="simulated", fps=10)
    with kiosk_on(options, random_bytes=counted_bytes()) as loop:
        clock = loop._clock
        assert isinstance(clock, ManualClock)
        loop._inputs = Hand(clock, [*presses, (presses[-1][0] + 8, Action.LEAVE)])
        said: list[str] = []
        watch_notices(loop, said)
        loop.run()
    bodies = [record.body for record in read_records(home.ledger.read_bytes())]
    return [body for body in bodies if isinstance(body, Claim)], said


def watch_notices(loop: Loop, said: list[str]) -> None:
    compose = loop._compose

    def watching():  # type: ignore[no-untyped-def]
        scene = compose()
        said.extend(notice for notice in scene.notices if notice not in said)
        return scene

    loop._compose = watching  # type: ignore[method-assign]


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


def test_a_spin_between_two_presses_takes_the_question_back(home: Home) -> None:
    absences, _ = run(home, (1, SPIN), (RESTED, ABSENT), (RESTED + 1, SPIN), (RESTED + 2, ABSENT))

    assert absences == []
