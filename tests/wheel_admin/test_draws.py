"""`draws` and `event show`: what the ledger says happened, with names where there are names."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.wheel_admin.conftest import Desk
from tests.wheel_admin.room import room_of


@pytest.fixture
def published(desk: Desk, people: Callable[[int], Path]) -> Desk:
    """A desk with three entries, published as generation 1."""
    desk.do("import", people(3))
    desk.do("publish")
    return desk


@pytest.fixture
def drawn(desk: Desk, people: Callable[[int], Path]) -> Desk:
    """A desk whose kiosk drew three of five entries: one fixed, one natural, and one that was never shown."""
    desk.do("import", people(5))
    desk.do("spins", "mixed", "fixed:T0002:drawn by the notary Dr. Jane Example on the first of May", "natural")
    desk.do("publish")
    with room_of(desk) as room:
        room.adopt()
        room.spin()
        room.spin()
        room.session.press(start=0)
    return desk


def test_draws_tells_the_whole_note_on_a_narrow_terminal(drawn: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    reason = "drawn by the notary Dr. Jane Example on the first of May"
    lines = drawn.run("draws").out.splitlines()
    text = " ".join(line[lines[0].index("Note") :].strip() for line in lines)
    assert reason in text


@pytest.mark.slow
def test_draws_names_winners_and_what_is_unfinished(drawn: Desk) -> None:
    with drawn.home.ledger.open("a") as file:
        file.write("rubbish\n{}\ntorn")
    answer = drawn.do("draws")
    draws = [one["draw"] for one in answer["draws"]]
    assert [(one["mode"], one["shown"]) for one in draws] == [("fixed", True), ("natural", True), ("natural", False)]
    assert [one["name"] for one in answer["draws"]] == [f"Person {int(one['ticket'][1:])}" for one in draws]
    assert [one["place"] for one in draws] == [1, 2, 3]
    assert answer["unreadable_lines"] == 2, "the last line is still being written"
    text = drawn.run("draws").out
    assert "unfinished" in text
    assert "3 results in the ledger" in text
    assert "2 lines of the ledger could not be read" in text


def test_draws_finds_names_in_the_kiosks_own_copies(drawn: Desk) -> None:
    for path in drawn.home.snapshots.iterdir():
        path.unlink()
    assert drawn.do("draws")["draws"][0]["name"] == "Person 2"


def test_draws_knows_tickets_only_once_the_names_are_erased(drawn: Desk) -> None:
    for directory in (drawn.home.snapshots, drawn.home.adopted):
        for path in directory.glob("names-*"):
            path.unlink()
    answer = drawn.do("draws")["draws"][0]
    assert (answer["draw"]["ticket"], answer["name"]) == ("T0002", None)
    assert "(unknown)" in drawn.run("draws").out


def test_event_show_counts_what_the_ledger_has_of_it(drawn: Desk) -> None:
    answer = drawn.do("event", "show")
    assert (answer["state"], answer["spins"], answer["places"], answer["free_again"]) == ("open", 3, 3, 0)
