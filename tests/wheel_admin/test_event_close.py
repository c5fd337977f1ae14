"""The end of an evening: closed by the kiosk first, then erased here, and the verifier passes on what is left."""

import os
from pathlib import Path
from typing import Any

import pytest

from kiosk.core.home import NAMES_NAME
from tests.wheel_admin.conftest import Desk
from tests.wheel_admin.room import room_of


@pytest.fixture
def drawn(desk: Desk) -> Desk:
    """A desk whose kiosk drew a hat, with two lists of the same event."""
    rows = "".join(f"T{n:02d},Person Number{n}\n" for n in range(6))
    desk.do("import", desk.text("people.csv", f"Ticket,Name\n{rows}"))
    desk.do("prizes", "add", "Hat", "--quantity", "2")
    desk.do("publish")
    with room_of(desk, random_bytes=os.urandom) as room:
        room.adopt()
        room.spin()
        desk.do("entries", "rename", "T03", "Person Number33")
        desk.do("publish")
        room.adopt()
        room.spin()
    return desk


def close(desk: Desk, *options: str) -> Any:
    """Close the event as an organiser does whose kiosk takes its time."""
    busy = desk.error("event", "close", "--wait", "0", "-o", desk.files / "out", *options, code=5)
    assert "No name is erased before that" in busy["remedy"]
    assert any(NAMES_NAME.fullmatch(path.name) for path in desk.home.snapshots.iterdir())
    with room_of(desk, random_bytes=os.urandom) as room:
        assert set(room.look()) == {None}
    return desk.do("event", "close", "--wait", "0", "-o", desk.files / "out", *options)


def names_in(directory: Path) -> list[Path]:
    return [path for path in directory.rglob("*") if path.is_file() and b"Person Number" in path.read_bytes()]


@pytest.mark.slow
def test_no_name_is_left_in_the_home_and_the_verifier_passes(drawn: Desk) -> None:
    answer = close(drawn)

    assert names_in(drawn.home.root) == []
    assert answer["erased"] == {"names_files": 2, "orphans": 0, "draft_entries": 6}
    assert answer["verdict"]["sentence"].startswith("SIGNED up to record")
    assert answer["verdict"]["sentence"].endswith("event closed")
    assert answer["verdict"]["reasons"] == []


@pytest.mark.slow
def test_what_is_shown_afterwards_says_that_names_were_erased(drawn: Desk) -> None:
    """Removed tickets were listed with nothing after them."""
    close(drawn)
    shown = drawn.run("show").out

    assert "removed 6: T00 (name erased); T01 (name erased);" in shown


@pytest.mark.slow
def test_the_exports_are_written_before_the_names_are_erased(drawn: Desk) -> None:
    close(drawn)
    page = (drawn.files / "out" / "report.html").read_text()

    assert "Person Number" in page
    assert "event closed" in page
    assert {path.name for path in (drawn.files / "out").iterdir()} == {"report.html", "report.xlsx", "draws.xlsx"}


@pytest.mark.slow
def test_closing_again_changes_nothing_and_keeps_the_exports(drawn: Desk) -> None:
    close(drawn)
    before = (drawn.files / "out" / "report.html").read_bytes()
    drawn.do("event", "close", "-o", drawn.files / "out")

    assert (drawn.files / "out" / "report.html").read_bytes() == before


@pytest.mark.slow
def test_what_is_kept_is_listed_with_where_and_why(drawn: Desk) -> None:
    answer = close(drawn)
    told = " ".join(f"{one['what']} {one['where']} {one['why']}" for one in answer["kept"])

    for word in ("bundles", "certificates", "receipts", "logs", "spreadsheets", str(drawn.files / "out"), "no names"):
        assert word in told
    assert "look like people" not in told


@pytest.mark.slow
def test_targets_that_hold_names_are_listed(drawn: Desk) -> None:
    folder = drawn.files / "stick"
    folder.mkdir()
    drawn.do("publish", "--force", "--to", folder)
    with room_of(drawn, random_bytes=os.urandom) as room:
        room.adopt()
    answer = close(drawn)

    assert any(one["what"] == "names files at the targets" and str(folder) in one["where"] for one in answer["kept"])
    assert names_in(folder) != []


@pytest.mark.slow
def test_redacted_exports_hold_no_full_name(drawn: Desk) -> None:
    close(drawn, "--redact", "ticket")

    assert names_in(drawn.files / "out") == []


@pytest.mark.slow
def test_tickets_that_look_like_people_are_named(desk: Desk) -> None:
    for ticket in ("Ana Ruiz", "bo@example.org", "T3"):
        desk.do("entries", "add", ticket, "Person Number")
    desk.do("publish", "--yes")
    with room_of(desk, random_bytes=os.urandom) as room:
        room.adopt()
        room.spin()
    answer = close(desk)

    assert any("2 tickets that look like people" in one["what"] for one in answer["kept"])


@pytest.mark.slow
def test_the_draft_of_another_event_and_its_names_stay(drawn: Desk) -> None:
    event = drawn.draft.event.id
    drawn.do("event", "new", "Next year")
    answer = close(drawn, "--event", event)

    assert answer["erased"]["draft_entries"] == 0
    assert len(drawn.draft.entries) == 6
    assert any("another event, Next year" in one["why"] for one in answer["kept"])


@pytest.mark.slow
def test_a_broken_ledger_is_not_closed_and_no_name_is_erased(drawn: Desk) -> None:
    ledger = drawn.home.ledger.read_bytes()
    drawn.home.ledger.write_bytes(ledger.replace(b'"frames":1', b'"frames":2', 1))
    error = drawn.error("event", "close", code=4)

    assert "BROKEN" in error["message"]
    assert names_in(drawn.home.snapshots) != []


@pytest.mark.slow
def test_an_event_that_is_only_consistent_is_closed_by_force_alone(drawn: Desk) -> None:
    drawn.home.checkpoints.unlink()
    error = drawn.error("event", "close", code=4)

    assert "CONSISTENT" in error["message"]
    assert "--force" in error["remedy"]


@pytest.mark.slow
def test_after_close_the_draft_is_of_a_new_event_with_the_same_prizes(drawn: Desk) -> None:
    event = drawn.draft.event.id
    close(drawn)

    assert drawn.draft.event.id != event
    assert [prize.id for prize in drawn.draft.prizes] == ["hat"]
    assert drawn.draft.entries == ()
