"""Cells and records of binary workbooks ([MS-XLSB])."""

import struct

import pytest

from kiosk.core.errors import InputError
from tests.wheel_admin.importing.situations.old_workbooks import binary, binary_row, binary_workbook, wide
from wheel_admin.importing.readers.spreadsheet import read_tables
from wheel_admin.importing.tables import Cell, Kind, Sheet


def placed(kind: int, value: bytes, *, column: int = 0, style: int = 0) -> bytes:
    """Return the record of a cell."""
    return binary(kind, struct.pack("<II", column, style) + value)


def only(data: bytes, *sheets: str) -> Sheet:
    """Return the one sheet as the first reader has it."""
    (sheet,) = read_tables("l.xlsb", data, sheets=sheets, check=False)
    return sheet


@pytest.mark.parametrize(
    ("record", "read"),
    [
        (placed(2, struct.pack("<I", 7 << 2 | 2)), Cell(Kind.NUMBER, "7")),
        (placed(2, struct.pack("<I", (-7 << 2 | 2) & 0xFFFFFFFF)), Cell(Kind.NUMBER, "-7")),
        (placed(2, struct.pack("<I", 700 << 2 | 3)), Cell(Kind.NUMBER, "7")),
        (placed(2, struct.pack("<d", 8.0)[4:]), Cell(Kind.NUMBER, "8")),
        (placed(3, b"\x2a"), Cell(Kind.ERROR, "#N/A")),
        (placed(3, b"\xee"), Cell(Kind.ERROR, "#ERROR")),
        (placed(11, b"\x07" + bytes(8)), Cell(Kind.ERROR, "#DIV/0!")),
        (placed(4, b"\1"), Cell(Kind.BOOLEAN, "TRUE")),
        (placed(10, b"\0" + bytes(8)), Cell(Kind.BOOLEAN, "FALSE")),
        (placed(5, struct.pack("<d", 9.0)), Cell(Kind.NUMBER, "9")),
        (placed(9, struct.pack("<d", 9.0) + bytes(8)), Cell(Kind.NUMBER, "9")),
        (placed(6, wide("Ann")), Cell(Kind.TEXT, "Ann")),
        (placed(8, wide("Ann") + bytes(8)), Cell(Kind.TEXT, "Ann")),
        (placed(7, struct.pack("<I", 1)), Cell(Kind.TEXT, "Zoë")),
        (placed(5, struct.pack("<d", 7.0), style=1), Cell(Kind.NUMBER, "T-007", "7")),
        (placed(5, struct.pack("<d", 7.0), style=99), Cell(Kind.NUMBER, "7")),
    ],
)
def test_a_cell_of_a_binary_workbook_is_read_by_its_record(record: bytes, read: Cell) -> None:
    sheet = only(binary_workbook(binary_row(0) + record, codes=['"T-"000'], strings=["Ann", "Zoë"]))

    assert [row.cells for row in sheet.rows] == [(read,)]


@pytest.mark.parametrize("record", [placed(1, b""), placed(6, wide("  ")), placed(6, b"\xff" * 4)])
def test_a_cell_of_a_binary_workbook_with_nothing_to_show_is_empty(record: bytes) -> None:
    sheet = only(binary_workbook(binary_row(0) + record + placed(6, wide("Ann"), column=1)))

    assert [cell.text for cell in sheet.rows[0].cells] == ["", "Ann"]


def test_a_short_record_is_the_next_cell_to_the_right() -> None:
    first = placed(6, wide("Ann"), column=2)
    short = binary(17, struct.pack("<I", 0) + wide("Ben")) + binary(12, struct.pack("<I", 0))

    sheet = only(binary_workbook(binary_row(0) + first + short + binary(17, struct.pack("<I", 0) + wide("Cy"))))

    assert [cell.text for cell in sheet.rows[0].cells] == ["", "", "Ann", "Ben", "", "Cy"]


def test_merged_cells_of_a_binary_workbook_are_known_with_their_columns() -> None:
    merged = binary(176, struct.pack("<IIII", 0, 0, 1, 3)) + binary(176, struct.pack("<IIII", 0, 4, 1, 1))

    sheet = only(binary_workbook(binary_row(0) + placed(6, wide("Guests")), behind=merged))

    assert sheet.merged == ((1, 1, 3),)


@pytest.mark.parametrize(("since_1904", "day"), [(False, "2026-05-01 00:00:00"), (True, "2030-05-02 00:00:00")])
def test_a_date_of_a_binary_workbook_is_counted_from_its_epoch(since_1904: bool, day: str) -> None:
    record = placed(5, struct.pack("<d", 46143.0), style=1)

    sheet = only(binary_workbook(binary_row(0) + record, codes=["yyyy-mm-dd"], since_1904=since_1904))

    assert sheet.rows[0].cells == (Cell(Kind.DATE, day),)


def test_a_hidden_sheet_of_a_binary_workbook_is_read_only_when_asked_for() -> None:
    data = binary_workbook(binary_row(0) + placed(6, wide("Ann")), state=1)

    assert only(data) == Sheet(name="List", hidden=True)
    assert only(data, "LIST").rows[0].cells == (Cell(Kind.TEXT, "Ann"),)


@pytest.mark.parametrize(
    "records",
    [
        binary_row(1 << 21) + placed(6, wide("Ann")),
        binary_row(0) + placed(6, struct.pack("<I", 99) + b"A\0"),
        binary_row(0) + placed(7, struct.pack("<I", 5)),
        binary_row(0) + binary(6, b"\0"),
    ],
    ids=["a row beyond the last", "a text longer than its record", "a shared text that is not there", "cut short"],
)
def test_a_damaged_binary_workbook_is_refused_with_its_name(records: bytes) -> None:
    with pytest.raises(InputError, match=r"l\.xlsb"):
        only(binary_workbook(records))
