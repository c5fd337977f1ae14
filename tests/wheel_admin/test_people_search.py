"""People found by ticket or name: exactly one, or a refusal that says who may be meant."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.core.errors import RefusedError
from tests.wheel_admin.conftest import Desk
from tests.wheel_admin.room import room_of
from wheel_admin.cli.table_layout import READABLE, Column, Role, widths
from wheel_admin.participants import Entry
from wheel_admin.people_search import find_person, similar

PEOPLE = [Entry("001", "Ana Ruiz"), Entry("002", "José Núñez"), Entry("003", "Bo Li"), Entry("004", "bo  LI")]


@pytest.mark.parametrize(
    ("text", "ticket"), [("002", "002"), ("jose nunez", "002"), (" ANA RUIZ ", "001"), ("Ruiz-Ana", None)]
)
def test_a_person_is_found_by_ticket_or_whole_name(text: str, ticket: str | None) -> None:
    if ticket is None:
        with pytest.raises(RefusedError):
            find_person(PEOPLE, text, where="the draft")
    else:
        assert find_person(PEOPLE, text, where="the draft").ticket == ticket


def test_a_name_that_two_people_have_names_both() -> None:
    with pytest.raises(RefusedError) as refused:
        find_person(PEOPLE, "Bo Li", where="the draft")
    assert refused.value.problems == ("003 Bo Li", "004 bo  LI")


@pytest.mark.parametrize("text", ["Anna Ruis", "Ana Ruzi", "ruiz", "Ruiz Ana", "Nunes"])
def test_a_name_that_is_nearly_right_is_asked_back(text: str) -> None:
    with pytest.raises(RefusedError) as refused:
        find_person(PEOPLE, text, where="the draft")
    assert any("Did you mean 00" in one for one in refused.value.problems)


def test_a_ticket_that_is_a_name_of_somebody_else_is_the_ticket() -> None:
    people = [Entry("1", "2"), Entry("2", "Ana")]
    assert find_person(people, "2", where="the draft").name == "Ana"


def test_nobody_is_like_nothing() -> None:
    assert similar(PEOPLE, "?!") == []


def test_entries_are_removed_and_renamed_by_name(desk: Desk) -> None:
    desk.do("import", desk.text("people.csv", "Ticket,Name\n1,José Núñez\n2,Bo Li\n3,Ana Ruiz\n"))
    assert desk.do("entries", "rename", "jose nunez", "José M. Núñez")["changed"][0]["ticket"] == "1"
    assert "Did you mean 3 Ana Ruiz?" in desk.error("entries", "remove", "Bo Li", "Ana Ruis", code=4)["problems"]
    assert len(desk.draft.entries) == 3
    assert [one["ticket"] for one in desk.do("entries", "remove", "Bo Li", "3")["changed"]] == ["2", "3"]


def test_a_search_without_accents_finds_names_with_them(desk: Desk) -> None:
    desk.do("import", desk.text("people.csv", "Ticket,Name\n1,José Núñez\n2,Bo Li\n"))
    assert desk.do("entries", "list", "--search", "nunez")["matching"] == 1
    assert "Did you mean 1 José Núñez?" in desk.run("entries", "list", "--search", "josef").out


@pytest.mark.slow
def test_somebody_is_withdrawn_by_name(desk: Desk) -> None:
    desk.do("import", desk.text("people.csv", "Ticket,Name\n1,José Núñez\n2,Bo Li\n3,Bo Li\n"))
    desk.do("publish", "--yes")
    with room_of(desk) as room:
        room.adopt()
        why = ("--reason", "asked to be left out")
        assert desk.error("withdraw", "Bo Li", *why, code=4)["problems"] == ["2 Bo Li", "3 Bo Li"]
        assert "Did you mean 1 José Núñez?" in desk.error("withdraw", "Jose", *why, code=4)["problems"]
        assert desk.do("withdraw", "Jose Nunez", *why)["ticket"] == "1"
        assert room.look() == [None]
        assert room.session.pool().index_of("1") is None


def test_a_range_of_tickets_is_added_with_names_of_their_own(desk: Desk) -> None:
    answer = desk.do("entries", "add", "--range", "A098-A101", "--weight", "2")
    assert [(one["ticket"], one["name"]) for one in answer["changed"]] == [
        (t, t) for t in ("A098", "A099", "A100", "A101")
    ]
    assert {entry.weight for entry in desk.draft.entries} == {2}


def test_a_range_may_have_one_name_for_all(desk: Desk) -> None:
    desk.do("entries", "add", "--range", "1..3", "Guest")
    assert [(entry.ticket, entry.name) for entry in desk.draft.entries] == [
        ("1", "Guest"),
        ("2", "Guest"),
        ("3", "Guest"),
    ]


@pytest.mark.parametrize("span", ["A1", "A9-A010", "A3-A1", "A1-B3", "1-9999999", "x"])
def test_text_that_is_not_a_range_adds_nothing(desk: Desk, span: str) -> None:
    assert "--range" in desk.error("entries", "add", "--range", span, code=2)["message"]
    assert not desk.draft.entries


def test_a_range_that_meets_a_ticket_of_the_draft_adds_nothing(desk: Desk) -> None:
    desk.do("entries", "add", "A3", "Ana Ruiz")
    assert "A3 is on the draft already: Ana Ruiz" in desk.error("entries", "add", "--range", "A1-A9", code=4)["message"]
    assert len(desk.draft.entries) == 1


def test_a_range_beyond_the_wheel_adds_nothing(desk: Desk, people: Callable[[int], Path]) -> None:
    desk.do("entries", "add", "--range", "0001-3000")
    assert len(desk.draft.entries) == 3000
    assert "at most 3000" in desk.error("entries", "add", "--range", "A1-A2", code=4)["message"]


COLUMNS = st.builds(Column, st.sampled_from(Role), st.integers(1, 12), st.integers(1, 60))


@given(st.lists(COLUMNS, min_size=1, max_size=8), st.integers(32, 200))
def test_columns_fill_the_room_and_no_more(columns: list[Column], room: int) -> None:
    found = widths(columns, room=room)
    assert sum(found) == min(room, sum(column.natural for column in columns))
    assert all(1 <= width <= column.natural for width, column in zip(found, columns, strict=True))


@given(st.lists(COLUMNS, max_size=5), st.integers(40, 200))
def test_the_name_stays_readable_beside_other_columns(columns: list[Column], room: int) -> None:
    others = [column for column in columns if column.role is not Role.NAME]
    name = Column(Role.NAME, 4, 30)
    assert widths([*others, name], room=room)[-1] >= READABLE
