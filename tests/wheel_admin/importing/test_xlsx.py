"""Cells and parts of .xlsx files, as programs other than Excel write them."""

import pytest

from kiosk.core.errors import InputError
from tests.wheel_admin.importing.conftest import Book, workbook
from tests.wheel_admin.importing.test_formats import rewritten
from wheel_admin.importing.limits import MAX_COLUMNS
from wheel_admin.importing.readers.spreadsheet import read_tables
from wheel_admin.importing.tables import Cell, Kind, Sheet

LIST = workbook([("Name",), ("Ann B",), (7,)])
CELL = b'<c r="A2" t="s"><v>1</v></c>'


def only(data: bytes, *sheets: str) -> Sheet:
    """Return the one sheet as the first reader has it."""
    (sheet,) = read_tables("l.xlsx", data, sheets=sheets, check=False)
    return sheet


def with_cell(written: str) -> bytes:
    """Return a list in which the cell A2 is written in another way."""
    return rewritten(LIST, {"sheet1.xml": (CELL, written.encode())})


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ('<c r="A2" t="inlineStr"><is><t>Ann</t></is></c>', Cell(Kind.TEXT, "Ann")),
        ('<c r="A2" t="inlineStr"><is><r><t>An</t></r><r><t>n</t></r></is></c>', Cell(Kind.TEXT, "Ann")),
        ('<c r="A2" t="inlineStr"><is><t>林</t><rPh sb="0" eb="1"><t>はやし</t></rPh></is></c>', Cell(Kind.TEXT, "林")),
        ('<c r="A2" t="str"><f>B2</f><v>Ann</v></c>', Cell(Kind.TEXT, "Ann")),
        ('<c r="A2"><f>B2</f></c>', Cell(Kind.FORMULA)),
        ('<c r="A2" t="b"><v>1</v></c>', Cell(Kind.BOOLEAN, "TRUE")),
        ('<c r="A2" t="b"><v>0</v></c>', Cell(Kind.BOOLEAN, "FALSE")),
        ('<c r="A2" t="e"><v>#N/A</v></c>', Cell(Kind.ERROR, "#N/A")),
        ('<c r="A2" t="d"><v>2026-05-01</v></c>', Cell(Kind.DATE, "2026-05-01")),
        ('<c r="A2" s="99"><v>7</v></c>', Cell(Kind.UNSHOWN, "7")),
        ('<c r="A2" s="0"><v>7</v></c>', Cell(Kind.NUMBER, "7")),
        ("<c><v>7</v></c>", Cell(Kind.NUMBER, "7")),
    ],
)
def test_a_cell_of_a_workbook_is_read_by_its_type(written: str, read: Cell) -> None:
    assert only(with_cell(written)).rows[1].cells == (read,)


@pytest.mark.parametrize(
    "written",
    [
        '<c r="A2" t="inlineStr"/>',
        '<c r="A2" t="inlineStr"><f>B2</f></c>',
        '<c r="A2" t="str"><f>B2</f><v></v></c>',
        '<c r="A2" s="1"/>',
        "<extLst/>",
        '<c r="XFD2"><v>7</v></c>',
    ],
)
def test_a_cell_of_a_workbook_with_nothing_for_a_list_is_left_out(written: str) -> None:
    assert [row.number for row in only(with_cell(written)).rows] == [1, 3]


@pytest.mark.parametrize(
    "change",
    [
        {"sheet1.xml": (b"<v>1</v>", b"<v>99</v>")},
        {"sheet1.xml": (b"<v>7</v>", b"<v>" + b"7" * 500 + b"</v>")},
        {"sheet1.xml": (b'<row r="2"', b'<row r="9999999"')},
        {"workbook.xml.rels": (b'Target="worksheets/sheet1.xml"', b'Target="worksheets/gone.xml"')},
    ],
    ids=["a text that is not there", "a number of 500 digits", "a row beyond the last", "a sheet that is not there"],
)
def test_a_damaged_workbook_is_refused_with_its_name(change: dict[str, tuple[bytes, bytes]]) -> None:
    with pytest.raises(InputError, match=r"l\.xlsx"):
        only(rewritten(LIST, change))


def test_a_row_without_a_number_follows_the_one_before() -> None:
    sheet = only(rewritten(LIST, {"sheet1.xml": (b'<row r="2" spans="1:1">', b"<row>")}))

    assert [row.number for row in sheet.rows] == [1, 2, 3]


def test_a_merged_cell_of_a_workbook_is_known_with_its_columns() -> None:
    sheet = only(Book({"List": [("Name",)]}, merged=[(3, 0, 2, "Guests"), (5, 1, 5000, "far")]).bytes())

    assert sheet.merged == ((3, 0, 2), (5, 1, MAX_COLUMNS - 1))


def test_a_hidden_sheet_of_a_workbook_is_read_only_when_asked_for() -> None:
    data = Book({"List": [("Ann",)], "Old": [("Ben",)]}, hidden_sheets=["Old"]).bytes()

    assert [(sheet.name, sheet.hidden) for sheet in read_tables("l.xlsx", data)] == [("List", False), ("Old", True)]
    assert only(data, " OLD ").rows[0].cells == (Cell(Kind.TEXT, "Ben"),)
