"""The second reader of workbooks, calamine: a check of the first, and for those that the first finds damaged.

It reads some broken cells as others in silence: an index of the table of texts that is no number is the first text to
it. So what it alone has read of a workbook in XML is never taken. The other kinds have no such cells.

Invariant: it runs in the reading process only, where a crash of it harms nobody.
"""

import io
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

import msgspec
from msgspec.structs import replace
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from wheel_admin.importing.limits import MAX_COLUMNS
from wheel_admin.importing.readers.number_formats import plain_number, unshown
from wheel_admin.importing.readers.sheet_builder import Progress, SheetBuilder, SheetNames
from wheel_admin.importing.tables import NUMERIC, Cell, Difference, Kind, Row, Sheet, unescape

MAX_CHECKED_CELLS = 150_000
"""A sheet whose corners span more is not checked: calamine keeps all cells between them in memory."""
MAX_DIFFERENCES = 50
"""Of one column."""
_TOO_LARGE = (
    "was not checked with a second program, because its cells are too many or too far apart. Compare the list with the "
    "file, or import a sheet with the list alone."
)
UNCHECKED = (
    "was not checked with a second program, which cannot read something in it: an error such as #CALC!, perhaps. "
    "Compare the list with the file, or import a sheet with the list alone."
)
_DAYS = (datetime, date, time, timedelta)


def read_with_calamine(name: str, data: bytes, wanted: Sequence[str], progress: Progress) -> Iterator[Sheet]:
    """Yield the sheets of a workbook, without number formats and hidden rows: numbers are marked as unshown.

    Raises:
        InputError: a limit is crossed, or none of the named sheets is there.
        CalamineError: it cannot read the workbook either.
    """
    with CalamineWorkbook.from_filelike(io.BytesIO(data)) as book:
        known = [
            (one.name, one.visible is not SheetVisibleEnum.Visible)
            for one in book.sheets_metadata
            if one.typ is SheetTypeEnum.WorkSheet
        ]
        builder = SheetBuilder(name, progress)
        for place in SheetNames(name, known).chosen(wanted):
            title, hidden = known[place]
            if hidden and not wanted:
                yield Sheet(name=title, hidden=True)
                continue
            builder.begin(title)
            sheet = book.get_sheet_by_name(title)
            start = sheet.start
            first = start[1] if start else 0  # rows come from the first one on, cells from the first filled column
            for number, row in enumerate(sheet.iter_rows() if start else (), 1):
                found = ((column, _cell(value)) for column, value in enumerate(row[:MAX_COLUMNS], first))
                builder.row(number, [(column, cell) for column, cell in found if cell is not None])
            yield builder.end()


def _cell(value: Any) -> Cell | None:
    match value:
        case bool():
            return Cell(Kind.BOOLEAN, "TRUE" if value else "FALSE")
        case int() | float():
            return unshown(float(value))
        case datetime() | date() | time() | timedelta():
            return Cell(Kind.DATE, str(value))
        case str() if value.strip():
            return Cell(Kind.TEXT, value)
        case _:
            return None


class _Table(msgspec.Struct, frozen=True):
    """A sheet as calamine has it: rows from the first one on, their cells from the column `first` on."""

    rows: list[list[Any]]
    first: int

    def row(self, number: int) -> list[Any]:
        return self.rows[number - 1] if number <= len(self.rows) else []


def checked(data: bytes, sheet: Sheet, *, overlooks: bool) -> Sheet:
    """Return a sheet with the cells whose text or number calamine reads differently, or that only calamine sees.

    One that cannot be checked has a note that says so.

    What only one of the two can read (errors, dates, formulas without a value) is not compared.

    Args:
        data: the whole file.
        sheet: as the first reader has it.
        overlooks: calamine does not know all records of this kind of file, so a cell that it leaves out says nothing.
    """
    widest = max((len(row.cells) for row in sheet.rows), default=0)
    if sheet.hidden:
        return sheet
    if widest * sheet.last_row > MAX_CHECKED_CELLS:
        return replace(sheet, note=_TOO_LARGE)
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(data)) as book:
            second = book.get_sheet_by_name(sheet.name)
            if (second.end or (0, 0))[0] + 1 > 2 * sheet.last_row + 1000:
                return replace(sheet, note=_TOO_LARGE)
            table = _table(second)
    except CalamineError:
        return replace(sheet, note=UNCHECKED)
    return replace(sheet, differing=_compared(sheet, table, overlooks=overlooks))


def confirmed(data: bytes, sheet: Sheet) -> Sheet:
    """Return a sheet that was read without styles, with the days and the differences that calamine finds.

    Raises:
        CalamineError: it cannot read the sheet.
    """
    if sheet.hidden:
        return sheet
    with CalamineWorkbook.from_filelike(io.BytesIO(data)) as book:
        table = _table(book.get_sheet_by_name(sheet.name))
    rows = tuple(_with_days(row, table) for row in sheet.rows)
    return replace(sheet, rows=rows, differing=_compared(sheet, table, overlooks=False))


def _table(sheet: CalamineSheet) -> _Table:
    start = sheet.start
    return _Table(list(sheet.iter_rows()) if start else [], start[1] if start else 0)


def _with_days(row: Row, table: _Table) -> Row:
    cells = list(row.cells)
    for column, value in enumerate(table.row(row.number)[: len(cells)], table.first):
        if column < len(cells) and cells[column].kind in NUMERIC and isinstance(value, _DAYS):
            cells[column] = Cell(Kind.DATE, str(value))
    return replace(row, cells=tuple(cells))


def _compared(sheet: Sheet, table: _Table, *, overlooks: bool) -> tuple[Difference, ...]:
    found: list[Difference] = []
    first = table.first
    for row in sheet.rows:
        other = table.row(row.number)
        end = first + len(other)
        for column, cell in enumerate(row.cells):
            kind = cell.kind
            if kind is Kind.TEXT or kind in NUMERIC:
                value = other[column - first] if first <= column < end else ""
                if not (_same(cell, value) or (overlooks and value == "")):
                    found.append(Difference(row.number, column, cell.number, str(value)))
            elif kind is Kind.EMPTY and first <= column < end and other[column - first] != "":
                found += _unseen(row.number, other[column - first : column - first + 1], column)
        beyond = max(len(row.cells) - first, 0)
        found += _unseen(row.number, other[beyond:], first + beyond)
    known = {row.number for row in sheet.rows}
    for number, other in enumerate(table.rows, 1):
        if number not in known:
            found += _unseen(number, other, first)
    return _fewest(found)


def _unseen(number: int, values: list[Any], first: int) -> list[Difference]:
    """Return the cells of a row, from the column `first` on, that hold something: the first reader has none there."""
    if values.count("") == len(values):
        return []
    return [
        Difference(number, column, "", str(value))
        for column, value in enumerate(values[: max(MAX_COLUMNS - first, 0)], first)
        if str(value).strip()
    ]


def _fewest(found: list[Difference]) -> tuple[Difference, ...]:
    """Return so many differences of each column that nothing is hidden by those of another one."""
    if len(found) <= MAX_DIFFERENCES:
        return tuple(found)
    counted: Counter[int] = Counter()
    kept: list[Difference] = []
    for one in found:
        counted[one.column] += 1
        if counted[one.column] <= MAX_DIFFERENCES:
            kept.append(one)
    return tuple(kept)


def _same(cell: Cell, value: Any) -> bool:
    if isinstance(value, (*_DAYS, bool)):
        return True  # another opinion about a format, not about a value
    if cell.kind is Kind.TEXT:
        return (
            value == cell.text
            or " ".join(unescape(str(value)).split()) == " ".join(cell.text.split())
            or _like_number(cell.text, value)
        )
    return isinstance(value, int | float) and float(cell.number) == float(value)


def _like_number(text: str, value: Any) -> bool:
    """Tell whether a text is that number: some programs mark numbers as texts in a way that only one reader heeds."""
    return isinstance(value, int | float) and text.strip() == plain_number(float(value))
