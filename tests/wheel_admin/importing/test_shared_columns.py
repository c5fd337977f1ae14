"""Groups and households: found by their headers in many languages, and every cell of them is kept or refused."""

import pytest

from kiosk.core.errors import InputError
from tests.wheel_admin.conftest import Desk
from tests.wheel_admin.importing.conftest import imported
from wheel_admin.importing.columns.header_words import Role, meaning_of
from wheel_admin.importing.settings import Settings, Unclear, Wish

LIST = "Ticket,Name,Group,Household\n1,Ana Ruiz,staff,Elm Street 4\n2,Bo Li,,elm street  4\n3,Cy Ho,guest,\n"


def test_groups_are_read_and_equal_households_become_one_number() -> None:
    found = imported("people.csv", LIST)

    entries = [(entry.ticket, entry.group, entry.household) for entry in found.intake.entries]
    assert entries == [("1", "staff", 1), ("2", "", 1), ("3", "guest", 0)]
    assert "group C 'Group'; household D 'Household'" in found.notes


def test_an_entry_that_is_given_a_number_keeps_its_group_and_household() -> None:
    found = imported("people.csv", "Name,Group,Household\nAna Ruiz,staff,4\nBo Li,staff,4\nCy Ho,guest,5\n")

    entries = [(entry.ticket, entry.group, entry.household) for entry in found.intake.entries]
    assert entries == [("001", "staff", 1), ("002", "staff", 1), ("003", "guest", 2)]


@pytest.mark.parametrize(
    ("header", "role"),
    [
        ("Gruppe", Role.GROUP),
        ("groupe", Role.GROUP),
        ("Группа", Role.GROUP),
        ("组别", Role.GROUP),
        ("Haushalt", Role.HOUSEHOLD),
        ("Household ID", Role.HOUSEHOLD),
        ("世帯番号", Role.HOUSEHOLD),
        ("Group size", Role.OTHER),
        ("Household name", Role.QUALIFIED),
    ],
)
def test_headers_of_groups_and_households_are_known_in_many_languages(header: str, role: Role) -> None:
    assert meaning_of(header).role is role


def test_a_group_that_is_too_long_rejects_its_row_and_says_how_to_leave_it_out() -> None:
    found = imported("people.csv", f"Ticket,Name,Group\n1,Ana Ruiz,{'x' * 41}\n2,Bo Li,staff\n")

    assert found.rejected == [2]
    assert "group" in found.receipt.rejected[0].reason
    assert "--group-column -" in found.receipt.rejected[0].reason


def test_a_column_of_groups_can_be_left_out_or_named() -> None:
    left_out = imported("people.csv", LIST, Settings(Wish(group="-", household="-")))
    named = imported("people.csv", "Ticket,Name,Dept\n1,Ana Ruiz,IT\n2,Bo Li,HR\n", Settings(Wish(group="Dept")))

    assert {(entry.group, entry.household) for entry in left_out.intake.entries} == {("", 0)}
    assert [entry.group for entry in named.intake.entries] == ["IT", "HR"]


def test_two_columns_of_groups_are_asked_about_with_the_commands() -> None:
    with pytest.raises(Unclear) as caught:
        imported("people.csv", "Ticket,Name,Draw group,Prize group\n1,Ana Ruiz,a,b\n2,Bo Li,b,c\n")
    assert [choice.settings.wish.group for choice in caught.value.choices] == ["Draw group", "Prize group", "-"]
    assert "--group-column" in caught.value.remedy


def test_a_column_of_addresses_is_no_group_unless_it_is_named() -> None:
    data = "Ticket,Name,Group\n1,Ana Ruiz,ana@example.org\n2,Bo Li,bo@example.org\n"

    assert {entry.group for entry in imported("people.csv", data).intake.entries} == {""}
    named = imported("people.csv", data, Settings(Wish(group="Group")))
    assert named.intake.entries[0].group == "ana@example.org"


def test_a_column_cannot_hold_names_and_groups() -> None:
    with pytest.raises(InputError, match="tickets or names already"):
        imported("people.csv", LIST, Settings(Wish(names=("Name",), group="Name")))


@pytest.mark.slow
def test_households_of_a_later_import_are_numbered_behind_those_of_the_draft(desk: Desk) -> None:
    desk.do("import", desk.text("one.csv", LIST))
    answer = desk.do("import", desk.text("two.csv", "Ticket,Name,Household\n7,Di Wu,9\n8,Ed Xu,9\n"), "--append")

    assert [entry.household for entry in desk.draft.entries] == [1, 1, 0, 2, 2]
    assert any("one import only" in note for note in answer["receipt"]["notes"])


def test_an_entry_can_be_added_with_its_group_and_household(desk: Desk) -> None:
    desk.do("entries", "add", "7", "Di Wu", "--group", "staff", "--household", "3")

    entry = desk.draft.entries[0]
    assert (entry.group, entry.household) == ("staff", 3)
    assert "staff" in desk.run("entries", "list").out
