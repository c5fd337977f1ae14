"""Rows: what is not a person, tickets in bulk, hidden rows, and a receipt that accounts for every row by its number."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.core.errors import InputError
from tests.wheel_admin.importing.conftest import Imported, csv_of, imported, workbook
from wheel_admin.importing.rows.tickets import cells_with_several, range_of, ruined, split_tickets
from wheel_admin.importing.settings import HiddenRows, Settings, Unclear

GOOD = [(101, "Anna Berg"), (102, "Ben Cole"), (103, "Cara Diaz")]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ((2, "Summe"), "total"),
        ((None, "Grand total"), "total"),
        (("Total: 3", None), "total"),
        (("Ticket", "Name"), "repeats the header"),
        (("Rowing club", None), "name is missing"),
        ((None, "Copyright (c) 2026 Example"), "note"),
        ((104, None), "name is missing"),
    ],
)
def test_a_row_that_is_no_person_is_rejected_with_its_reason(row: tuple[object, ...], reason: str) -> None:
    done = imported("list.xlsx", workbook([("Ticket", "Name"), *GOOD, row]))

    assert done.rejected == [5]
    assert reason in done.receipt.rejected[0].reason


def test_people_whose_names_hold_such_words_are_people() -> None:
    rows = [("Ticket", "Name"), (1, "Jean Total"), (2, "Summer Gesamt"), (3, "Count Basie"), (4, "Ticket Name")]

    assert len(imported("list.xlsx", workbook(rows)).people) == 4


NAMES = "Name\nAnna Berg\nBen Cole\n"


@pytest.mark.parametrize(
    "row",
    [
        *("Count 2", "Gesamt 2", "TOTAL (2)", "Total - 2", "Total names 2", "Total attendees", "Insgesamt 2 Personen"),
        *("Total number of participants: 2", "Total de participants : 2", "Participants: 2", "Anzahl: 2"),
    ],
)
def test_a_total_of_a_list_of_two_names_is_rejected(row: str) -> None:
    done = imported("names.csv", f"{NAMES}{row}\n")

    assert done.rejected == [4]
    assert "total" in done.receipt.rejected[0].reason


@pytest.mark.parametrize("row", ["NAME", "Names", "Name:", "Full name", "First and last name"])
def test_a_header_between_two_names_is_rejected(row: str) -> None:
    done = imported("names.csv", f"Name\nAnna Berg\n{row}\nBen Cole\n")

    assert done.rejected == [3]
    assert "header" in done.receipt.rejected[0].reason


@pytest.mark.parametrize(
    "name", ["Cong Le", "Tong An", "Tong Ho", "Sum Yi", "Total Eclipse", "Peter Name", "Ad", "Nimi", "Guest 2"]
)
def test_a_name_that_is_a_word_for_a_total_or_a_name_somewhere_is_a_person(name: str) -> None:
    assert [one for _, one in imported("names.csv", f"{NAMES}{name}\n").people] == ["Anna Berg", "Ben Cole", name]


@pytest.mark.parametrize("row", ["Guests: 3", "Guests: 2\nCara Diaz"])
def test_a_number_of_people_counts_only_if_it_is_right_and_stands_last(row: str) -> None:
    assert imported("names.csv", f"{NAMES}{row}\n").rejected == []


def test_rows_of_a_survey_below_its_header_are_no_people() -> None:
    data = (
        "StartDate,ResponseId,Q1,Q2\nStart Date,Response ID,What is your full name?,Email\n"
        '"{""ImportId"":""a""}","{""ImportId"":""b""}","{""ImportId"":""c""}","{""ImportId"":""d""}"\n'
        "2026-11-02 09:00:00,R_1,Anna Berg,a@x.test\n2026-11-02 09:01:00,R_2,Ben Cole,b@x.test\n"
    )
    done = imported("survey.csv", data)

    assert done.people == [("R_1", "Anna Berg"), ("R_2", "Ben Cole")]


def test_a_section_title_of_a_list_without_tickets_is_rejected() -> None:
    rows = [("Name", "Town", "Club"), ("Chess club",), *[(f"Anna B{n}", "Ulm", "Chess") for n in "cde"]]
    done = imported("list.xlsx", workbook(rows))

    assert done.rejected == [2]


def hidden() -> bytes:
    return workbook([("Ticket", "Name"), *GOOD], hidden_rows=[3])


def test_hidden_rows_are_refused_by_number_until_somebody_decides() -> None:
    with pytest.raises(Unclear, match=r"1 row is hidden .*row 3"):
        imported("list.xlsx", hidden())
    skipped = imported("list.xlsx", hidden(), Settings(hidden_rows=HiddenRows.SKIP))
    included = imported("list.xlsx", hidden(), Settings(hidden_rows=HiddenRows.INCLUDE))

    assert [ticket for ticket, _ in skipped.people] == ["101", "103"]
    assert skipped.receipt.sheets[0].hidden == ((3, 3),)
    assert len(included.people) == 3


@pytest.mark.parametrize(
    ("texts", "several"),
    [
        (["101, 102", "103"], ["101, 102"]),
        (["104-108", "109"], ["104-108"]),
        (["109 & 110", "111"], ["109 & 110"]),
        (["A001-A010", "A011-A020"], ["A001-A010", "A011-A020"]),
        (["101 and 102", "103"], ["101 and 102"]),
        (["101-1", "101-2", "102-1"], []),
        (["2026-031", "2026-032"], []),
        (["10-11", "10-12", "10-13"], []),
        (["12/2026", "13/2026"], []),
        (["1,234", "5"], []),
        (["1.23E+11", "5"], []),
        (["Anna, Ben"], []),
    ],
)
def test_several_tickets_in_a_cell_are_told_from_single_ones(texts: list[str], several: list[str]) -> None:
    assert cells_with_several(texts) == several


def test_several_tickets_are_refused_and_split_on_request() -> None:
    data = 'Name,Ticket\nAnna B,"101, 102"\nBen C,104-106\nCy D,007\n'
    with pytest.raises(Unclear) as caught:
        imported("sold.csv", data)
    done = imported("sold.csv", data, caught.value.choices[0].settings)

    assert [ticket for ticket, _ in done.people] == ["101", "102", "104", "105", "106", "007"]
    assert done.receipt.accepted == 3


def test_a_range_keeps_its_zeros_and_its_prefix() -> None:
    assert range_of("A008-A011") == ["A008", "A009", "A010", "A011"]
    assert split_tickets("1; 3–5") == ["1", "3", "4", "5"]
    with pytest.raises(ValueError, match="longer than 1000"):
        range_of("0001-9999")


@pytest.mark.parametrize(
    "text", ["1.23457E+11", "12-Mar", "Mar-26", "12.03.2026", "2026-03-12", "50%", "£5.00", "9:15", "1,234", "1.5"]
)
def test_what_a_spreadsheet_made_of_a_ticket_is_recognised(text: str) -> None:
    assert ruined(text)


@pytest.mark.parametrize("text", ["101", "A-12", "2026-031", "12/2026", "0035g00000AbCdE", "1E5X", "T-0007", "№106"])
def test_honest_tickets_are_not_taken_for_ruined_ones(text: str) -> None:
    assert not ruined(text)


def test_invisible_characters_at_the_edges_are_trimmed_and_counted() -> None:
    done = imported("list.csv", "Ticket,Name\n\u200b101,Anna Berg\ufeff\n102,\u200bBen Cole\n")

    assert done.people == [("101", "Anna Berg"), ("102", "Ben Cole")]
    assert done.intake.trimmed == 3


_cells = st.one_of(
    st.none(),
    st.sampled_from(
        ["A1", "A2", "007", " ", "Ana Ruiz", "Total", "Ticket", "Name", "x" * 121, "=1+1", "#N/A", "2", "a@x.test"]
    ),
    st.integers(-5, 10**17),
    st.floats(allow_nan=False, allow_infinity=False),
    st.booleans(),
)
_rows = st.lists(st.tuples(_cells, _cells, _cells), max_size=12)
_headers = st.sampled_from([("Ticket", "Name", "Chances"), ("Name", "Town", "Age"), ("ID", "First name", "Last name")])


def assert_balanced(done: Imported, last: int) -> None:
    """Every row number from 1 to the last is in exactly one kind of the account."""
    (account,) = done.receipt.sheets
    kinds = (account.accepted, account.rejected, account.header, account.blank, account.hidden, account.furniture)
    numbers = [number for ranges in kinds for first, end in ranges for number in range(first, end + 1)]
    assert sorted(numbers) == list(range(1, last + 1))
    assert done.receipt.read == done.receipt.accepted + len(done.receipt.rejected)
    assert done.rejected == sorted(set(done.rejected))
    assert all(one.reason for one in done.receipt.rejected)
    assert len({entry.ticket for entry in done.intake.entries}) == len(done.intake.entries)


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(header=_headers, above=st.integers(0, 2), rows=_rows, hide=st.sets(st.integers(4, 16)))
def test_every_row_of_a_workbook_is_accounted_for_by_its_number(
    header: tuple[str, ...], above: int, rows: list[tuple[object, ...]], hide: set[int]
) -> None:
    table = [*([("Our fair",)] * above), header, ("Z1", "Zoe Last", "Zoe"), *rows, ("Z2", "Zack Last", "Zed")]
    try:
        done = imported("any.xlsx", workbook(table, hidden_rows=hide), Settings(hidden_rows=HiddenRows.SKIP))
    except InputError:
        return  # refused whole
    assert_balanced(done, len(table))


@settings(max_examples=60, deadline=None)
@given(
    header=_headers,
    rows=st.lists(
        st.lists(st.sampled_from(["", "1", "A2", "Ana Ruiz", "Total", "Name", " "]), max_size=5), max_size=12
    ),
)
def test_every_row_of_a_text_file_is_accounted_for_by_its_number(
    header: tuple[str, ...], rows: list[list[str]]
) -> None:
    table = [header, ("Z1", "Zoe Last", "Zoe"), *rows, ("Z2", "Zack Last", "Zed")]
    try:
        done = imported("any.csv", csv_of(table))
    except InputError:
        return  # refused whole
    assert_balanced(done, len(table))
