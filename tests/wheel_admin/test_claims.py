"""What became of a place: signed, bound to its holder, and followed by a reserve or a redraw."""

import os

import pytest

from tests.wheel_admin.conftest import Desk
from tests.wheel_admin.room import room_of
from wheel_admin.ledger_report.ledger_view import read_ledger


@pytest.fixture
def drawn(desk: Desk) -> Desk:
    """A desk whose kiosk drew two hats, one reserve behind them, and a bike."""
    for number in range(12):
        desk.do("entries", "add", f"T{number}", f"Person {number}")
    desk.do("prizes", "add", "Hat", "--quantity", "2", "--reserves", "1", "--per-press", "2")
    desk.do("prizes", "add", "Bike")
    desk.do("publish")
    with room_of(desk) as room:
        room.adopt()
        for _ in range(3):
            room.spin()
    return desk


def holder(desk: Desk, prize: str, place: int) -> tuple[str, str]:
    event = read_ledger(desk.home).history.event
    assert event is not None
    held = event.holders[prize, place]
    return held.ticket, held.state


def take(desk: Desk) -> None:
    with room_of(desk) as room:
        assert set(room.look()) == {None}


@pytest.mark.slow
def test_a_place_is_confirmed_and_then_collected(drawn: Desk) -> None:
    ticket, state = holder(drawn, "bike", 1)
    assert state == "held"
    for wanted in ("confirmed", "collected"):
        assert drawn.do("claim", "bike", "1", wanted)["ticket"] == ticket
        take(drawn)
    assert holder(drawn, "bike", 1) == (ticket, "collected")
    assert "collected place stays" in drawn.error("claim", "bike", "1", "declined", code=4)["remedy"]


@pytest.mark.slow
def test_a_reserve_moves_up_and_the_answer_says_which(drawn: Desk) -> None:
    reserve, _ = holder(drawn, "hat", 3)
    answer = drawn.do("claim", "Hat", "2", "absent")
    assert (answer["reserve"], answer["open_again"]) == (3, False)
    take(drawn)
    assert holder(drawn, "hat", 2) == (reserve, "held")


@pytest.mark.slow
def test_without_a_reserve_the_place_is_open_again(drawn: Desk) -> None:
    before, _ = holder(drawn, "bike", 1)
    assert drawn.do("claim", "bike", "1", "declined")["open_again"] is True
    take(drawn)
    with room_of(drawn) as room:
        room.adopt()
        room.spin()
    after, state = holder(drawn, "bike", 1)
    assert after != before
    assert state == "held"


@pytest.mark.slow
def test_a_claim_is_refused_where_nobody_holds_the_place_with_those_held(drawn: Desk) -> None:
    error = drawn.error("claim", "hat", "9", "confirmed", code=4)
    assert error["message"] == "Nobody holds place 9 of hat."
    assert error["remedy"].startswith("Held are: 1, 2, 3.")
    assert drawn.error("claim", "cup", "1", "confirmed", code=4)["remedy"] == "It has: hat, bike."
    assert drawn.error("claim", "hat", "1", "lost", code=2)


@pytest.mark.slow
def test_a_claim_of_an_event_that_was_left_is_taken(drawn: Desk) -> None:
    event = drawn.draft.event.id
    drawn.do("event", "new", "Another evening")
    drawn.do("publish")
    with room_of(drawn, random_bytes=os.urandom) as room:
        room.adopt()
    drawn.do("claim", "bike", "1", "confirmed", "--event", event)
    take(drawn)
    assert read_ledger(drawn.home).history.events[event].holders["bike", 1].state == "confirmed"


def test_the_place_of_a_simple_wheel_is_claimed_without_a_prize(desk: Desk) -> None:
    for number in range(3):
        desk.do("entries", "add", f"T{number}", f"Person {number}")
    desk.do("publish")
    with room_of(desk) as room:
        room.adopt()
        ticket = room.spin()
    assert desk.do("claim", "-", "1", "confirmed")["ticket"] == ticket
    take(desk)
    assert holder(desk, "", 1) == (ticket, "confirmed")
