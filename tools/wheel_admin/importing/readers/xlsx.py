"""Workbooks of the Open XML kind (.xlsx, .xlsm), read in one pass with Python's XML parser and openpyxl's utilities.

Invariant: every cell comes as the spreadsheet shows it: number formats are applied, hidden rows and totals are marked.
Styles are read for their number formats only, so that thousands of them, or broken ones, cost nothing. A workbook that
is damaged outside its rows can be read without what stands there: styles, merged cells, tables.
"""

import functools
import itertools
from collections.abc import Iterator, Sequence
from string import ascii_letters
from typing import IO, TYPE_CHECKING
from xml.etree import ElementTree

import msgspec
from openpyxl.utils.cell import coordinate_to_tuple, range_boundaries
from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900, from_excel

from wheel_admin.importing.limits import MAX_COLUMNS, MAX_SHEET_ROWS
from wheel_admin.importing.readers import zip_gate
from wheel_admin.importing.readers.number_formats import (
    GENERAL,
    built_in,
    is_date_format,
    plain_number,
    shown_number,
    unshown,
)
from wheel_admin.importing.readers.sheet_builder import MAX_MERGED, Progress, SheetBuilder, SheetNames, refuse_sheets
from wheel_admin.importing.readers.xlsx_archive import XlsxArchive
from wheel_admin.importing.tables import Cell, Kind, Sheet, unescape

if TYPE_CHECKING:
    from datetime import datetime

    Element = ElementTree.Element[str]

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_DOC = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_ROW, _CELL, _VALUE, _FORMULA = (f"{_MAIN}{tag}" for tag in ("row", "c", "v", "f"))
_INLINE, _TEXT, _RUN, _DATA = (f"{_MAIN}{tag}" for tag in ("is", "t", "r", "sheetData"))
_IN_CELL = frozenset({_VALUE, _FORMULA, _INLINE, f"{_MAIN}extLst"})
_KINDS = frozenset({"worksheet", "chartsheet", "dialogsheet", "xlmacrosheet", "xlintlmacrosheet"})
_BEHIND = frozenset({f"{_MAIN}mergeCell", f"{_MAIN}tablePart"})
"""What stands behind the rows and says something of them."""
_OWN_FORMATS = 164
"""From this id on, a file spells its number formats out."""
_LONGEST_NUMBER = 400
"""Characters of a stored number: the smallest one, spelt out, has some 330."""
_TRUE = frozenset({"1", "true", "on"})


class _Package(msgspec.Struct):
    """What the sheets of a workbook share."""

    sheets: list[tuple[str, bool, str]] = msgspec.field(default_factory=list)  # name, hidden, part ("" for a chart)
    strings: list[str] = msgspec.field(default_factory=list)
    formats: list[str | None] = msgspec.field(default_factory=list)  # of each style; None if the file has lost it
    epoch: "datetime" = CALENDAR_WINDOWS_1900
    rows_only: bool = False


def read_xlsx(
    name: str, data: bytes, wanted: Sequence[str], progress: Progress, *, rows_only: bool = False
) -> Iterator[Sheet]:
    """Yield the sheets of a workbook.

    Args:
        name: the file's, for messages.
        data: its content, which the gate has let pass.
        wanted: names of the sheets to read; none means all that are visible.
        progress: told as rows are read.
        rows_only: do without styles, merged cells and tables: numbers are marked as unshown, totals are not known.

    Raises:
        InputError: a limit is crossed, a row or a cell is there twice, or none of the named sheets is there.
        Exception: nearly any other, where the workbook is damaged.
    """
    archive = XlsxArchive(data)
    package = _package(name, archive, rows_only=rows_only)
    builder = SheetBuilder(name, progress)
    for place in SheetNames(name, [(title, hidden) for title, hidden, _ in package.sheets]).chosen(wanted):
        title, hidden, part = package.sheets[place]
        if hidden and not wanted:
            yield Sheet(name=title, hidden=True)
        elif part:
            yield _sheet(builder, archive, package, title, part)


def _package(name: str, archive: XlsxArchive, *, rows_only: bool) -> _Package:
    main = next((target for kind, target in archive.relations("").values() if kind == "officedocument"), "")
    main = main if main in archive else "xl/workbook.xml"
    relations = archive.relations(main)
    package = _Package(rows_only=rows_only)
    for element in archive.elements(main):
        if element.tag == f"{_MAIN}workbookPr" and element.get("date1904", "") in _TRUE:
            package.epoch = CALENDAR_MAC_1904
        elif element.tag == f"{_MAIN}sheet" and element.get(f"{_DOC}id"):
            kind, part = relations.get(element.get(f"{_DOC}id", ""), ("", ""))
            if part not in archive or kind not in _KINDS:
                raise zip_gate.damaged(name)
            if kind == "worksheet":
                title = element.get("name", "")
                package.sheets.append((title, element.get("state", "visible") != "visible", part))
    if not package.sheets and not relations:
        raise zip_gate.damaged(name)
    refuse_sheets(name, [title for title, _, _ in package.sheets])
    parts = {kind: part for kind, part in reversed(relations.values()) if part in archive}
    if "sharedstrings" in parts:
        package.strings = list(_strings(archive, parts["sharedstrings"]))
    if "styles" in parts and not rows_only:
        package.formats = _formats(archive, parts["styles"])
    return package


def _strings(archive: XlsxArchive, part: str) -> Iterator[str]:
    for element in archive.elements(part):
        if element.tag == f"{_MAIN}si":
            yield _text_in(element)
            element.clear()


def _text_in(element: "Element") -> str:
    """Return the text of a shared or inline string: plain or in runs, without the phonetic reading beside it."""
    if len(element) == 1 and element[0].tag == _TEXT:  # nearly all
        return unescape(element[0].text or "")
    texts = [child.text or "" for child in element if child.tag == _TEXT]
    if len(texts) > 1:
        raise ValueError(texts)  # two texts have run into each other
    texts += [child.findtext(_TEXT) or "" for child in element if child.tag == _RUN]
    return unescape(*texts)


def _formats(archive: XlsxArchive, part: str) -> list[str | None]:
    """Return the number format of each cell style; None for one that the file does not have."""
    codes: dict[int, str] = {}
    formats: list[str | None] = []
    for element in archive.elements(part):
        if element.tag == f"{_MAIN}numFmts":
            codes = {int(one.get("numFmtId", "0")): unescape(one.get("formatCode", GENERAL)) for one in element}
        elif element.tag == f"{_MAIN}cellXfs":
            ids = [int(one.get("numFmtId", "0")) for one in element]
            formats = [codes.get(number, built_in(number) if number < _OWN_FORMATS else None) for number in ids]
        if element.tag in {f"{_MAIN}numFmts", f"{_MAIN}cellXfs", f"{_MAIN}dxfs", f"{_MAIN}cellStyleXfs"}:
            element.clear()
    return formats


class _Worksheet:
    """Reads one worksheet, and keeps what a list of people needs: all else is not even parsed.

    Args:
        file: the workbook's name, for messages.
        source: the worksheet's part.
        package: what the sheets share.
    """

    def __init__(self, file: str, source: IO[bytes], package: _Package) -> None:
        self._file = file
        self._source = source
        self._strings = package.strings
        self._epoch = package.epoch
        self._formats = package.formats
        self._rows_only = package.rows_only
        self._row = self._column = 0
        self._marks: list[Element] = []

    def marks(self, tag: str) -> "list[Element]":
        """Return the elements behind the rows that have this tag."""
        return [element for element in self._marks if element.tag == f"{_MAIN}{tag}"]

    def parse(self) -> "Iterator[tuple[int, list[tuple[int, Cell]], bool]]":
        """Yield (row number, its cells that are not empty with their columns, hidden) in the order of the file."""
        for _, element in ElementTree.iterparse(self._source):  # noqa: S314 - the gate lets no document type pass
            if element.tag == _ROW:
                yield self._parse_row(element)
                element.clear()
            elif element.tag in _BEHIND:
                self._marks.append(element)
                if len(self._marks) > MAX_MERGED:
                    self._marks.pop()
            elif element.tag == _DATA:
                element.clear()

    def _parse_row(self, row: "Element") -> tuple[int, list[tuple[int, Cell]], bool]:
        number = row.get("r")
        if number is None:
            self._row += 1
        else:
            self._row = int(number) if number.isdecimal() and number.isascii() else self._number_beside(row)
        self._column, empty = 0, ""
        cells: list[tuple[int, Cell]] = []
        far: list[tuple[int, Element]] = []
        for element in row:
            if element.tag != _CELL:
                continue
            reference = element.get("r")
            if len(element) == 0 and reference:
                empty = reference  # a border or a colour alone
                continue
            if reference:
                self._column = _column_of(reference)
            else:
                self._column = (_column_of(empty) if empty else self._column) + 1
            empty = ""
            if self._column <= MAX_COLUMNS:
                cell = self._parse_cell(element)
                if cell is not None:
                    cells.append((self._column - 1, cell))
                elif any(child.tag not in _IN_CELL for child in element):
                    raise ValueError(reference)  # calamine gives up too, so nobody would see what is in it
            else:
                far.append((self._column - 1, element))
        if far and not cells:  # that there is something, is all that matters of it
            found = ((column, self._parse_cell(element)) for column, element in far)
            cells += itertools.islice(((column, cell) for column, cell in found if cell is not None), 1)
        return self._row, cells, row.get("hidden", "") in _TRUE or row.get("ht") == "0"

    def _number_beside(self, row: "Element") -> int:
        """Return the number of a row that has a wrong one: if nothing but the rows is wanted, that of its first cell.

        Raises:
            ValueError: it is not to be had.
        """
        reference = next((cell.get("r", "") for cell in row if cell.tag == _CELL), "") if self._rows_only else ""
        number = reference.lstrip(ascii_letters)
        if not number.isascii():
            raise ValueError(number)
        return int(number)

    def _parse_cell(self, element: "Element") -> Cell | None:
        kind = element.get("t", "n")
        if kind == "inlineStr":
            inline = element.find(_INLINE)
            return _text_cell(_text_in(inline)) if inline is not None else None
        value = element.findtext(_VALUE)
        if not value:
            # A formula whose stored value is the empty text has the type "str" and is simply empty.
            computed = element.find(_FORMULA) is None or kind == "str"
            return None if computed else Cell(Kind.FORMULA)
        match kind:
            case "s":
                return _text_cell(self._string(int(value)))
            case "str":
                return _text_cell(unescape(value))
            case "b":
                return Cell(Kind.BOOLEAN, "TRUE" if value.strip().casefold() in _TRUE else "FALSE")
            case "e":
                return Cell(Kind.ERROR, value)
            case "d":
                return Cell(Kind.DATE, value)
            case "n":
                return self._number(value, int(element.get("s", "0")))
            case _:
                raise ValueError(kind)

    def _string(self, index: int) -> str:
        if not 0 <= index < len(self._strings):
            raise zip_gate.damaged(self._file)
        return self._strings[index]

    def _number(self, stored: str, style: int) -> Cell | None:
        if len(stored) > _LONGEST_NUMBER:
            raise zip_gate.damaged(self._file)
        if self._rows_only:
            return _unformatted(stored)
        value = float(stored)
        formats = self._formats or [GENERAL]  # programs that know no styles write none
        code = formats[style] if 0 <= style < len(formats) else None
        return unshown(value) if code is None else number_cell(value, code, self._epoch)


def _column_of(reference: str) -> int:
    """Return the column of a cell: 2 for `B7`.

    Raises:
        ValueError: it names no cell.
    """
    letters = reference.rstrip("0123456789")
    if letters == reference:
        raise ValueError(reference)
    return _column(letters)


@functools.lru_cache(maxsize=2 * MAX_COLUMNS)
def _column(letters: str) -> int:
    if not letters.isascii():  # some other letters are these in upper case
        raise ValueError(letters)
    column: int = coordinate_to_tuple(f"{letters}1")[1]
    return column


def number_cell(value: float, code: str, epoch: "datetime" = CALENDAR_WINDOWS_1900) -> Cell:
    """Return a number as its format shows it; a date as a date."""
    if is_date_format(code):
        try:
            return Cell(Kind.DATE, str(from_excel(value, epoch)))
        except (OverflowError, ValueError):
            return Cell(Kind.DATE, plain_number(value))
    kind, text = shown_number(value, code)
    stored = plain_number(value)
    return Cell(kind, text, stored if stored != text else "")


def _unformatted(value: str) -> Cell | None:
    try:
        return unshown(float(value))
    except ValueError:  # a text in the place of a number
        return _text_cell(unescape(value))


def _text_cell(text: str) -> Cell | None:
    return Cell(Kind.TEXT, text) if text and not text.isspace() else None


def _sheet(builder: SheetBuilder, archive: XlsxArchive, package: _Package, title: str, part: str) -> Sheet:
    with archive.open(part) as source:
        worksheet = _Worksheet(builder.file, source, package)
        builder.begin(title)
        for number, cells, hidden in worksheet.parse():
            if not 0 < number <= MAX_SHEET_ROWS:
                raise zip_gate.damaged(builder.file)
            builder.row(number, cells, hidden=hidden)
    if package.rows_only:
        return builder.end()
    merged: list[tuple[int, int, int]] = []
    for mark in worksheet.marks("mergeCell"):
        first, top, last, _ = range_boundaries(mark.get("ref", "A1"))
        if last > first:
            merged.append((top, first - 1, min(last, MAX_COLUMNS) - 1))
    totals = _totals(archive, part, [mark.get(f"{_DOC}id", "") for mark in worksheet.marks("tablePart")])
    return builder.end(merged=merged, totals=totals)


def _totals(archive: XlsxArchive, part: str, ids: list[str]) -> list[int]:
    """Return the numbers of the rows that tables of the sheet call their totals."""
    relations = archive.relations(part) if ids else {}
    found: list[int] = []
    for one in ids:
        table = relations.get(one, ("", ""))[1]
        if table not in archive:
            continue
        for element in archive.elements(table):
            if element.tag == f"{_MAIN}table":
                count = int(element.get("totalsRowCount", "0"))
                bottom = range_boundaries(element.get("ref", "A1"))[3]
                found.extend(range(bottom - min(count, bottom, 8) + 1, bottom + 1) if count else ())
    return found
