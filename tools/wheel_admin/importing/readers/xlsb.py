"""Binary workbooks (.xlsb): the records that a list of people needs.

Invariant: values, number formats and hidden rows only; every other record is skipped by its length.

Source: [MS-XLSB] 2.1.4 (records) and the sections of the records named below.
"""

import struct
from collections.abc import Iterator, Sequence
from datetime import datetime

from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900

from wheel_admin.importing.limits import MAX_SHEET_ROWS
from wheel_admin.importing.readers import zip_gate
from wheel_admin.importing.readers.number_formats import GENERAL, built_in
from wheel_admin.importing.readers.sheet_builder import MAX_MERGED, Progress, SheetBuilder, SheetNames, refuse_sheets
from wheel_admin.importing.readers.xlsx import number_cell
from wheel_admin.importing.readers.xlsx_archive import XlsxArchive
from wheel_admin.importing.tables import Cell, Kind, Sheet

_ROW, _BLANK = 0, 1
_SHORT_BLANK, _SHORT_SHARED = 12, 18
_SHORT_TO_LONG = 11
"""What a short record, which is the next cell to the right, has above the type of its long twin."""
_STRING_ITEM, _FORMAT, _STYLE, _CELL_STYLES, _CELL_STYLES_END = 19, 44, 47, 617, 618
_WORKBOOK_PROPERTIES, _SHEET, _MERGED = 153, 156, 176
_HIDDEN_ROW = 0x10
_ERRORS = {0: "#NULL!", 7: "#DIV/0!", 15: "#VALUE!", 23: "#REF!", 29: "#NAME?", 36: "#NUM!", 42: "#N/A"}


def read_xlsb(name: str, data: bytes, wanted: Sequence[str], progress: Progress) -> Iterator[Sheet]:
    """Yield the sheets of a binary workbook, as `read_xlsx` does.

    Raises:
        InputError: a limit is crossed, or none of the named sheets is there.
        Exception: nearly any other, where the workbook is damaged.
    """
    archive = XlsxArchive(data)
    main = "xl/workbook.bin"
    relations = archive.relations(main)
    parts = {kind: part for kind, part in relations.values() if part in archive}
    sheets, epoch = _workbook(archive, main)
    refuse_sheets(name, [title for title, _, _ in sheets])
    strings = [_text(body, 1) for kind, body in _records(archive, parts.get("sharedstrings")) if kind == _STRING_ITEM]
    formats = _formats(archive, parts.get("styles"))
    builder = SheetBuilder(name, progress)
    for place in SheetNames(name, [(title, hidden) for title, hidden, _ in sheets]).chosen(wanted):
        title, hidden, relation = sheets[place]
        kind, part = relations[relation]
        if hidden and not wanted:
            yield Sheet(name=title, hidden=True)
        elif kind == "worksheet":
            builder.begin(title)
            yield _read_sheet(builder, archive, part, _Values(strings, formats, epoch))


def _records(archive: XlsxArchive, part: str | None) -> Iterator[tuple[int, bytes]]:
    """Yield (type, body) of each record of a part."""
    if part is None:
        return
    with archive.open(part) as stream:
        data = stream.read()
    place = 0
    while place < len(data):
        kind, place = _variable(data, place, 2)
        size, place = _variable(data, place, 4)
        yield kind, data[place : place + size]
        place += size


def _variable(data: bytes, place: int, most: int) -> tuple[int, int]:
    """Return a number of seven bits a byte, the lowest first, and the place behind it."""
    value = 0
    for index in range(most):
        byte = data[place]
        place += 1
        value |= (byte & 0x7F) << (7 * index)
        if not byte & 0x80:
            break
    return value, place


def _text(body: bytes, place: int) -> str:
    (length,) = struct.unpack_from("<I", body, place)
    if length == 0xFFFFFFFF:
        return ""
    end = place + 4 + 2 * length
    if end > len(body):
        raise ValueError("a text longer than its record")
    return body[place + 4 : end].decode("utf-16-le", "surrogatepass")


def _workbook(archive: XlsxArchive, part: str) -> tuple[list[tuple[str, bool, str]], datetime]:
    sheets: list[tuple[str, bool, str]] = []
    epoch = CALENDAR_WINDOWS_1900
    for kind, body in _records(archive, part):
        if kind == _SHEET:
            relation = _text(body, 8)
            title = _text(body, 12 + len(relation.encode("utf-16-le")))
            sheets.append((title, body[0] != 0, relation))
        elif kind == _WORKBOOK_PROPERTIES and body[0] & 1:
            epoch = CALENDAR_MAC_1904
    return sheets, epoch


def _formats(archive: XlsxArchive, part: str | None) -> list[str]:
    codes: dict[int, str] = {}
    formats: list[str] = []
    inside = False
    for kind, body in _records(archive, part):
        if kind == _FORMAT:
            codes[struct.unpack_from("<H", body)[0]] = _text(body, 2)
        elif kind in {_CELL_STYLES, _CELL_STYLES_END}:
            inside = kind == _CELL_STYLES
        elif kind == _STYLE and inside:
            (number,) = struct.unpack_from("<H", body, 2)
            formats.append(codes[number] if number in codes else built_in(number))
    return formats


class _Values:
    """Makes cells of records."""

    def __init__(self, strings: list[str], formats: list[str], epoch: datetime) -> None:
        self._strings = strings
        self._formats = formats
        self._epoch = epoch

    def cell(self, kind: int, body: bytes) -> Cell | None:
        """Return the cell of a record, or None if it is blank."""
        match kind:
            case 2:
                return self._number(_rk(struct.unpack_from("<I", body, 8)[0]), body)
            case 5 | 9:
                return self._number(struct.unpack_from("<d", body, 8)[0], body)
            case 4 | 10:
                return Cell(Kind.BOOLEAN, "TRUE" if body[8] else "FALSE")
            case 3 | 11:
                return Cell(Kind.ERROR, _ERRORS.get(body[8], "#ERROR"))
            case 6 | 8:
                text = _text(body, 8)
            case 7:
                text = self._strings[struct.unpack_from("<I", body, 8)[0]]
            case _:
                return None
        return Cell(Kind.TEXT, text) if text.strip() else None

    def _number(self, value: float, body: bytes) -> Cell:
        style = int.from_bytes(body[4:7], "little")
        return number_cell(value, self._formats[style] if style < len(self._formats) else GENERAL, self._epoch)


def _rk(raw: int) -> float:
    """Return the number that is packed into 30 bits (2.5.122 RkNumber)."""
    if raw & 2:
        value = float(raw >> 2 if raw < 1 << 31 else (raw >> 2) - (1 << 30))
    else:
        (value,) = struct.unpack("<d", b"\0\0\0\0" + (raw & ~3).to_bytes(4, "little"))
    return value / 100 if raw & 1 else value


def _merged(body: bytes) -> list[tuple[int, int, int]]:
    top, _, left, right = struct.unpack_from("<IIII", body)
    return [(top + 1, left, right)] if right > left else []


def _read_sheet(builder: SheetBuilder, archive: XlsxArchive, part: str, values: _Values) -> Sheet:
    number, hidden, column = 0, False, -1
    cells: list[tuple[int, Cell]] = []
    merged: list[tuple[int, int, int]] = []
    for kind, body in _records(archive, part):
        if kind == _ROW:
            if cells:
                builder.row(number, cells, hidden=hidden)
            number = struct.unpack_from("<I", body)[0] + 1
            hidden = bool(body[11] & _HIDDEN_ROW)
            cells, column = [], -1
            if number > MAX_SHEET_ROWS:
                raise zip_gate.damaged(builder.file)
        elif _BLANK <= kind <= _SHORT_SHARED:
            if kind >= _SHORT_BLANK:
                kind, body = kind - _SHORT_TO_LONG, (column + 1).to_bytes(4, "little") + body  # noqa: PLW2901
            (column,) = struct.unpack_from("<I", body)
            cell = values.cell(kind, body)
            if cell is not None:
                cells.append((column, cell))
        elif kind == _MERGED and len(merged) < MAX_MERGED:
            merged += _merged(body)
    if cells:
        builder.row(number, cells, hidden=hidden)
    return builder.end(merged=merged)
