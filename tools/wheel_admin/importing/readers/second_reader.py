"""The second reader of workbooks, calamine: for those that the first finds damaged, and as a check of the first.

Invariant: it runs in the reading process only, where a crash of it harms nobody.
"""

import io
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from wheel_admin.importing.limits import MAX_COLUMNS
from wheel_admin.importing.readers.number_formats import EXACT_BELOW, plain_number
from wheel_admin.importing.readers.sheet_builder import Progress, SheetBuilder, SheetNames
from wheel_admin.importing.tables import NUMERIC, Cell, Difference, Kind, Sheet, unescape

MAX_CHECKED_CELLS = 150_000
"""A sheet whose corners span more is not checked: calamine keeps all cells between them in memory."""
MAX_DIFFERENCES = 50


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
            plain = plain_number(float(value))
            return Cell(Kind.INEXACT if not abs(value) < EXACT_BELOW else Kind.UNSHOWN, plain)
        case datetime() | date() | time() | timedelta():
            return Cell(Kind.DATE, str(value))
        case str() if value.strip():
            return Cell(Kind.TEXT, unescape(value))
        case _:
            return None


def differences(data: bytes, sheet: Sheet, *, overlooks: bool) -> tuple[Difference, ...]:
    """Return the cells of a sheet whose text or number calamine reads differently.

    What only one of the two can read (errors, dates, formulas without a value) is not compared.

    Args:
        data: the whole file.
        sheet: as the first reader has it.
        overlooks: calamine does not know all records of this kind of file, so a cell that it leaves out says nothing.
    """
    widest = max((len(row.cells) for row in sheet.rows), default=0)
    if not sheet.rows or widest * sheet.last_row > MAX_CHECKED_CELLS:
        return ()
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(data)) as book:
            second = book.get_sheet_by_name(sheet.name)
            if (second.end or (0, 0))[0] + 1 > 2 * sheet.last_row + 1000:
                return ()
            rows = list(second.iter_rows())
            first = (second.start or (0, 0))[1]
    except CalamineError:
        return ()
    found: list[Difference] = []
    for row in sheet.rows:
        other = rows[row.number - 1] if row.number <= len(rows) else []
        for column, cell in enumerate(row.cells):
            if cell.kind is not Kind.TEXT and cell.kind not in NUMERIC:
                continue
            value = other[column - first] if first <= column < first + len(other) else ""
            if not (_same(cell, value) or (overlooks and value == "")):
                found.append(Difference(row.number, column, cell.number, str(value)))
                if len(found) == MAX_DIFFERENCES:
                    return tuple(found)
    return tuple(found)


def _same(cell: Cell, value: Any) -> bool:
    if isinstance(value, datetime | date | time | timedelta | bool):
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
