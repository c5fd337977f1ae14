"""`wheel-admin start`: from a list to the wheel with one command, and without a question where nobody sits."""

import io
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.wheel_admin.conftest import Desk


def names(desk: Desk) -> list[str]:
    return [entry.name for entry in desk.draft.entries]


def test_one_command_makes_home_draft_and_published_list(bare: Desk) -> None:
    answer = bare.do("start", bare.text("people.txt", "Ana Ruiz\nBo Li\n"), "--title", "Summer  draw")
    assert answer["made"]["keyid"]
    assert answer["imported"]["receipt"]["accepted"] == 2
    assert (answer["published"]["generation"], answer["published"]["title"]) == (1, "Summer draw")
    assert names(bare) == ["Ana Ruiz", "Bo Li"]


def test_start_says_what_each_command_would_and_what_to_do_next(bare: Desk) -> None:
    text = bare.run("start", bare.text("people.txt", "Ana Ruiz\nBo Li\n")).out
    said = (
        "Made the wheel home",
        "2 rows read = 2 accepted + 0 rejected.",
        "001 Ana Ruiz",
        "The draft\n",
        "published generation 1",
    )
    places = [text.index(one) for one in said]
    assert places == sorted(places)
    assert f"  wheel-kiosk run --window 1280x720 --home {bare.home.root}" in text
    assert "Next: wheel-admin" not in text


def test_start_on_a_home_with_an_empty_draft_makes_nothing_again(desk: Desk) -> None:
    answer = desk.do("start", desk.text("people.txt", "Ana Ruiz\nBo Li\n"))
    assert answer["made"] is None
    assert answer["published"]["generation"] == 1


def test_start_refuses_to_guess_what_becomes_of_entries(desk: Desk, people: Callable[[int], Path]) -> None:
    desk.do("import", people(2))
    error = desk.error("start", people(3), code=2)
    assert "--replace" in error["remedy"]
    assert "--append" in error["remedy"]
    assert len(desk.draft.entries) == 2
    assert not list(desk.home.snapshots.iterdir())


@pytest.mark.parametrize(("flag", "entries"), [("--replace", 3), ("--append", 5)])
def test_start_does_with_the_entries_what_it_is_told(desk: Desk, flag: str, entries: int) -> None:
    desk.do("import", desk.text("a.csv", "Ticket,Name\nA1,Ana Ruiz\nA2,Bo Li\n"))
    more = desk.text("b.csv", "Ticket,Name\nB1,Cem Ak\nB2,Dee Ray\nB3,Eve Fox\n")
    assert desk.do("start", more, flag)["published"]["entries"] == entries


def test_start_refuses_a_doubtful_list_after_the_import(bare: Desk) -> None:
    path = bare.text("people.csv", "Ticket,Name\n1,Ana Ruiz\n2,Bo Li\n3,Ana Ruiz\n")
    assert "wheel-admin publish --yes" in bare.error("start", path, code=4)["remedy"]
    assert len(bare.draft.entries) == 3
    assert bare.do("publish", "--yes")["generation"] == 1


def test_start_yes_goes_on_with_a_doubtful_list(bare: Desk) -> None:
    path = bare.text("people.csv", "Ticket,Name\n1,Ana Ruiz\n2,Bo Li\n3,Ana Ruiz\n")
    assert len(bare.do("start", path, "--yes")["published"]["doubts"]) == 1


def test_start_refuses_an_unclear_file_with_the_command_that_reads_it(bare: Desk) -> None:
    path = bare.text("people.txt", "Guest list\nAna Ruiz\nBo Li\n")
    error = bare.error("start", path, "--yes", code=3)
    assert "wheel-admin import" in error["remedy"]
    assert not bare.draft.entries


def test_a_title_that_cannot_be_published_makes_nothing(bare: Desk) -> None:
    path = bare.text("people.txt", "Ana Ruiz\nBo Li\n")
    assert "title" in bare.error("start", path, "--title", "x" * 500, code=4)["message"]
    assert not bare.home.root.exists()


def test_start_takes_pasted_text(bare: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    pasted = io.TextIOWrapper(io.BytesIO("Ticket\tName\n007\tJosé Núñez\n008\tBo Li\n".encode()))
    monkeypatch.setattr("sys.stdin", pasted)
    answer = bare.do("start", "-")
    assert [file["name"] for file in answer["imported"]["receipt"]["files"]] == ["pasted text"]
    assert [(entry.ticket, entry.name) for entry in bare.draft.entries] == [("007", "José Núñez"), ("008", "Bo Li")]


def test_pasted_names_that_repeat_stay_people_of_their_own(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"Ana Ruiz\nBo Li\nAna Ruiz\n")))
    receipt = desk.do("import", "-")["receipt"]
    assert [(entry.ticket, entry.name) for entry in desk.draft.entries] == [
        ("001", "Ana Ruiz"),
        ("002", "Bo Li"),
        ("003", "Ana Ruiz"),
    ]
    assert receipt["warnings"][0].startswith("1 name occurs more than once, 2 entries together")


def test_nothing_pasted_is_said_to_be_nothing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"")))
    assert "pasted text is empty" in desk.error("import", "-", code=3)["message"]
