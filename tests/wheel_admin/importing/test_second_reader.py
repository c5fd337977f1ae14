"""The second reader: of workbooks that the first finds damaged, and as a check of the first."""

import datetime as dt
import itertools
import struct
from typing import Any

import pytest

from kiosk.core.errors import InputError
from tests.wheel_admin.importing.conftest import Book, workbook
from tests.wheel_admin.importing.situations.old_workbooks import binary, binary_row, binary_workbook, wide
from tests.wheel_admin.importing.test_formats import rewritten
from wheel_admin.importing.limits import MAX_COLUMNS
from wheel_admin.importing.readers import second_reader
from wheel_admin.importing.readers.second_reader import checked
from wheel_admin.importing.readers.spreadsheet import read_tables
from wheel_admin.importing.tables import EMPTY, Cell, Difference, Kind, Row, Sheet

DAMAGE = {"styles.xml": (b'numFmtId="0"', b'numFmtId="x"')}
"""Excel repairs it, the first reader does not."""


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ("Ann", Cell(Kind.TEXT, "Ann")),
        (7, Cell(Kind.UNSHOWN, "7")),
        (8.5, Cell(Kind.UNSHOWN, "8.5")),
        (1e17, Cell(Kind.INEXACT, "100000000000000000")),
        (True, Cell(Kind.BOOLEAN, "TRUE")),
        (False, Cell(Kind.BOOLEAN, "FALSE")),
    ],
)
def test_a_damaged_workbook_is_read_by_calamine_and_says_so(value: Any, read: Cell) -> None:
    (sheet,) = read_tables("l.xlsx", rewritten(workbook([("", "Name"), ("", value)]), DAMAGE))

    assert "second program" in sheet.note
    assert sheet.rows[1].cells == (Cell(Kind.EMPTY), read)


def test_a_day_in_a_workbook_that_calamine_reads_stays_a_day() -> None:
    data = workbook([("Name",), (dt.date(2026, 5, 1),)], options={"default_date_format": "yyyy-mm-dd"})
    (sheet,) = read_tables("l.xlsx", rewritten(data, {"sheet1.xml": (b'<row r="2"', b'<row r="x2"')}))

    assert sheet.rows[1].cells[0].kind is Kind.DATE
    assert sheet.rows[1].cells[0].text.startswith("2026-05-01")


TWO = rewritten(
    Book({"Guests": [("Name",), ("Ann B",)], "Old": [("Name",), ("Ben C",)]}, hidden_sheets=["Old"]).bytes(), DAMAGE
)


def test_a_hidden_sheet_of_a_damaged_workbook_is_named_and_not_read() -> None:
    assert [(sheet.name, sheet.hidden, len(sheet.rows)) for sheet in read_tables("l.xlsx", TWO)] == [
        ("Guests", False, 2),
        ("Old", True, 0),
    ]


def test_a_hidden_sheet_of_a_damaged_workbook_is_read_when_asked_for() -> None:
    (sheet,) = read_tables("l.xlsx", TWO, sheets=["Old"])

    assert sheet.rows[1].cells == (Cell(Kind.TEXT, "Ben C"),)


def test_without_the_second_reader_a_damaged_workbook_is_refused() -> None:
    with pytest.raises(InputError, match="damaged"):
        list(read_tables("l.xlsx", TWO, check=False))


def test_a_damaged_workbook_of_empty_sheets_is_refused() -> None:
    with pytest.raises(InputError, match="damaged"):
        list(read_tables("l.xlsx", rewritten(workbook([]), DAMAGE)))


def differences(data: bytes, sheet: Sheet, *, overlooks: bool) -> tuple[Difference, ...]:
    found = checked(data, sheet, overlooks=overlooks)
    assert found.note == ""
    return found.differing


def sheet_of(*rows: tuple[Cell, ...], name: str = "List") -> Sheet:
    return Sheet(name, tuple(Row(number, cells) for number, cells in enumerate(rows, 1)), last_row=len(rows))


NAMES = workbook([("Ticket", "Name"), (7, "Ann B"), ("0008", True)])
READ = (
    (Cell(Kind.TEXT, "Ticket"), Cell(Kind.TEXT, "Name")),
    (Cell(Kind.NUMBER, "7"), Cell(Kind.TEXT, "Ann B")),
    (Cell(Kind.TEXT, "0008"), Cell(Kind.BOOLEAN, "TRUE")),
)
"""What the first reader makes of it."""


def read_with(*rows: tuple[Cell, ...]) -> Sheet:
    """Return the sheet of `NAMES` as the first reader has it, with these cells in the place of its own."""
    pairs = itertools.zip_longest(READ, rows, fillvalue=())
    return sheet_of(*(changed + own[len(changed) :] for own, changed in pairs))


@pytest.mark.parametrize(
    ("cell", "found"),
    [
        (Cell(Kind.TEXT, "Ann B"), ()),
        (Cell(Kind.TEXT, "Ann  B "), ()),
        (Cell(Kind.TEXT, "Anne B"), (Difference(2, 1, "Anne B", "Ann B"),)),
        (Cell(Kind.NUMBER, "7"), (Difference(2, 1, "7", "Ann B"),)),
        (Cell(Kind.ERROR, "#N/A"), ()),
    ],
)
def test_a_cell_that_calamine_reads_differently_is_named(cell: Cell, found: tuple[Difference, ...]) -> None:
    sheet = read_with((), (Cell(Kind.NUMBER, "0007", "7"), cell))

    assert differences(NAMES, sheet, overlooks=False) == found


def test_a_number_that_a_program_marked_as_a_text_is_no_difference() -> None:
    assert differences(NAMES, read_with((), (Cell(Kind.TEXT, " 7 "),)), overlooks=False) == ()


def test_a_text_that_looks_like_an_escape_once_read_is_no_difference() -> None:
    """Excel stores `_x0041_` as `_x005F_x0041_`; what calamine had read was taken for an escape once more."""
    book = workbook([("Ticket", "Name"), ("1", "_x0041_ Ann")])

    sheet = sheet_of(READ[0], (Cell(Kind.TEXT, "1"), Cell(Kind.TEXT, "_x0041_ Ann")))

    assert differences(book, sheet, overlooks=False) == ()


def test_another_opinion_about_a_format_is_no_difference() -> None:
    sheet = read_with((), (), (Cell(Kind.TEXT, "0008"), Cell(Kind.TEXT, "yes")))

    assert differences(NAMES, sheet, overlooks=False) == ()


@pytest.mark.parametrize(("overlooks", "count"), [(False, 1), (True, 0)])
def test_a_cell_that_only_the_first_has_counts_where_calamine_knows_all(overlooks: bool, count: int) -> None:
    sheet = read_with((), (), (), (Cell(Kind.TEXT, "Cy D"),))

    assert len(differences(NAMES, sheet, overlooks=overlooks)) == count


def test_no_more_differences_are_named_than_anybody_reads() -> None:
    sheet = read_with(*[(Cell(Kind.TEXT, "nobody"),)] * 200)

    assert len(differences(NAMES, sheet, overlooks=False)) == second_reader.MAX_DIFFERENCES


def test_many_differences_of_one_column_do_not_hide_one_of_another() -> None:
    sheet = read_with(*[(Cell(Kind.TEXT, "nobody"),)] * 200, (EMPTY, Cell(Kind.TEXT, "Cy D")))

    assert Difference(201, 1, "Cy D", "") in differences(NAMES, sheet, overlooks=False)


@pytest.mark.parametrize(
    ("sheet", "found"),
    [
        (Sheet("List"), [(1, 0), (1, 1), (2, 0), (2, 1), (3, 0), (3, 1)]),
        (sheet_of(READ[0], (), READ[2]), [(2, 0), (2, 1)]),
        (sheet_of(READ[0], READ[1]), [(3, 0), (3, 1)]),
        (read_with((), (EMPTY,)), [(2, 0)]),
        (sheet_of(READ[0], READ[1][:1], READ[2]), [(2, 1)]),
    ],
    ids=["all", "a row", "the last row", "a cell at the left", "a cell at the right"],
)
def test_what_calamine_alone_sees_is_a_difference(sheet: Sheet, found: list[tuple[int, int]]) -> None:
    differing = differences(NAMES, sheet, overlooks=False)

    assert [(one.row, one.column) for one in differing] == found
    assert all(not one.first and one.second for one in differing)


def test_white_space_and_far_columns_that_calamine_alone_sees_are_no_difference() -> None:
    book = workbook([("Name", " ", "", "\n"), ("Ann B", *[None] * MAX_COLUMNS, "far")])
    sheet = sheet_of((Cell(Kind.TEXT, "Name"),), (Cell(Kind.TEXT, "Ann B"),))

    assert differences(book, sheet, overlooks=False) == ()


@pytest.mark.parametrize(
    ("sheet", "why"),
    [
        (sheet_of((Cell(Kind.TEXT, "x"),), name="another"), "cannot read something in it"),
        (
            Sheet("List", (Row(1, (Cell(Kind.TEXT, "x"),)),), last_row=second_reader.MAX_CHECKED_CELLS + 1),
            "too many or too far apart",
        ),
    ],
    ids=["not there", "too large to keep in memory"],
)
def test_a_sheet_that_cannot_be_compared_says_so_and_why(sheet: Sheet, why: str) -> None:
    found = checked(NAMES, sheet, overlooks=False)

    assert "was not checked with a second program" in found.note
    assert why in found.note
    assert found.differing == ()


def test_a_sheet_that_nobody_reads_needs_no_check() -> None:
    assert checked(NAMES, Sheet("List", hidden=True), overlooks=False) == Sheet("List", hidden=True)


def test_a_sheet_that_calamine_finds_far_longer_is_not_compared_and_says_so() -> None:
    far = binary_row(5000) + binary(6, struct.pack("<II", 0, 0) + wide("x"))
    data = binary_workbook(binary_row(0) + binary(6, struct.pack("<II", 0, 0) + wide("Ann")) + far)

    assert "too far apart" in checked(data, sheet_of((Cell(Kind.TEXT, "Ben"),)), overlooks=False).note


@pytest.mark.parametrize("error", ["#CALC!", "#SPILL!"])
def test_an_error_that_calamine_does_not_know_leaves_a_sheet_unchecked_and_told(error: str) -> None:
    """One such cell turned the check of the whole sheet off without a word."""
    data = workbook([("Ticket", "Name"), (7, "Ann B"), (8, "#N/A")])
    data = rewritten(data, {"sheet1": (b't="s"><v>3</v>', b't="e"><v>' + error.encode() + b"</v>")})
    (sheet,) = read_tables("l.xlsx", data)

    assert sheet.rows[2].cells[1] == Cell(Kind.ERROR, error)
    assert "was not checked with a second program" in sheet.note
