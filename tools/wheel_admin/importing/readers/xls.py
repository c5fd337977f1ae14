"""Old Excel workbooks (.xls), read with xlrd: unlike calamine, it tells number formats and hidden rows."""

import io
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from wheel_admin.importing.limits import MAX_COLUMNS
from wheel_admin.importing.readers.number_formats import GENERAL, built_in
from wheel_admin.importing.readers.sheet_builder import MAX_MERGED, Progress, SheetBuilder, SheetNames, refuse_sheets
from wheel_admin.importing.readers.xlsx import number_cell
from wheel_admin.importing.tables import Cell, Kind, Sheet

if TYPE_CHECKING:
    from xlrd.book import Book
    from xlrd.sheet import Sheet as XlsSheet


def read_xls(name: str, data: bytes, wanted: Sequence[str], progress: Progress) -> Iterator[Sheet]:
    """Yield the sheets of an old workbook, as `read_xlsx` does.

    Raises:
        InputError: a limit is crossed, or none of the named sheets is there.
        Exception: nearly any other, where the workbook is damaged.
    """
    import xlrd  # noqa: PLC0415 - few files need it

    book = xlrd.open_workbook(
        file_contents=data, formatting_info=True, on_demand=True, ragged_rows=True, logfile=io.StringIO()
    )
    names = book.sheet_names()
    refuse_sheets(name, names)
    hidden = [bool(book._sheet_visibility[place]) for place in range(len(names))]  # noqa: SLF001 - known before loading
    builder = SheetBuilder(name, progress)
    for place in SheetNames(name, list(zip(names, hidden, strict=True))).chosen(wanted):
        if hidden[place] and not wanted:
            yield Sheet(name=names[place], hidden=True)
            continue
        yield _sheet(builder, book, book.sheet_by_index(place))
        book.unload_sheet(place)


def _sheet(builder: SheetBuilder, book: "Book", sheet: "XlsSheet") -> Sheet:
    builder.begin(sheet.name)
    for row in range(sheet.nrows):
        width = min(sheet.row_len(row), MAX_COLUMNS)
        found = ((column, _cell(book, sheet, row, column)) for column in range(width))
        info = sheet.rowinfo_map.get(row)
        cells = [(column, cell) for column, cell in found if cell is not None]
        builder.row(row + 1, cells, hidden=bool(info is not None and info.hidden))
    merged = [(top + 1, left, right - 1) for top, _, left, right in sheet.merged_cells[:MAX_MERGED] if right - left > 1]
    return builder.end(merged=merged)


def _cell(book: "Book", sheet: "XlsSheet", row: int, column: int) -> Cell | None:
    import xlrd  # noqa: PLC0415 - loaded above

    kind, value = sheet.cell_type(row, column), sheet.cell_value(row, column)
    if kind in {xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK}:
        return None
    if kind == xlrd.XL_CELL_TEXT:
        return Cell(Kind.TEXT, value) if value.strip() else None
    if kind == xlrd.XL_CELL_BOOLEAN:
        return Cell(Kind.BOOLEAN, "TRUE" if value else "FALSE")
    if kind == xlrd.XL_CELL_ERROR:
        return Cell(Kind.ERROR, xlrd.error_text_from_code.get(value, "#ERROR"))
    return number_cell(float(value), _format(book, sheet.cell_xf_index(row, column)), _epoch(book))


def _format(book: "Book", style: int) -> str:
    key = book.xf_list[style].format_key
    known = book.format_map.get(key)
    return (known.format_str if known is not None else "") or built_in(key) or GENERAL


def _epoch(book: "Book") -> Any:
    from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900  # noqa: PLC0415 - loaded already

    return CALENDAR_MAC_1904 if book.datemode else CALENDAR_WINDOWS_1900
