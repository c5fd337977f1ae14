"""What must be answered about a sheet before any of its rows is taken in.

Invariant: pure. A refusal here names the rows or cells and carries the choices.
"""

from msgspec.structs import replace

from kiosk.core.errors import InputError
from wheel_admin.importing.columns.columns import Columns
from wheel_admin.importing.rows.receipt import in_words, place
from wheel_admin.importing.rows.sheets import Reading, refuse_difference
from wheel_admin.importing.rows.tickets import abbreviated_ranges, cells_with_several
from wheel_admin.importing.settings import Choice, HiddenRows, Settings, Unclear, commands_in_words
from wheel_admin.importing.tables import Kind, Row, Sheet, letter, shown

_TOO_WIDE = 0.5
"""Share of rows with more cells than the header from which the whole file is refused."""


def rows_to_read(reading: Reading, settings: Settings) -> list[Row]:
    """Return the rows below the header, without hidden ones if they are to be skipped."""
    skip = settings.hidden_rows is HiddenRows.SKIP
    first = reading.columns.first_data_row
    return [row for row in reading.sheet.rows if row.number >= first and not (skip and row.hidden)]


def refuse_questions(file: str, reading: Reading, settings: Settings) -> None:
    """Refuse a sheet about which something must be answered first.

    Raises:
        Unclear: rows are hidden, cells hold several tickets, or rows have more cells than the header.
        InputError: two programs read a cell differently.
    """
    rows = rows_to_read(reading, settings)
    where = place(file, reading.sheet.name)
    _refuse_hidden(file, where, rows, reading.columns, settings)
    _refuse_differences(where, rows, reading)
    _refuse_wide_rows(file, where, rows, reading, settings)
    _refuse_several_tickets(file, where, rows, reading.columns, settings)


def is_too_wide(sheet: Sheet, row: Row, columns: Columns) -> bool:
    """Tell whether a text file's row has cells behind the header's last: then a separator stands where none belongs."""
    width = columns.width
    return bool(sheet.plain and width and len(row.cells) > width and max(columns.used, default=0) < width)


def _refuse_hidden(file: str, where: str, rows: list[Row], columns: Columns, settings: Settings) -> None:
    hidden = [row.number for row in rows if row.hidden and any(row.cell(column).text for column in columns.used)]
    if not hidden or settings.hidden_rows is not None:
        return
    choices = [
        Choice("hidden rows are read like all others", replace(settings, hidden_rows=HiddenRows.INCLUDE)),
        Choice("hidden rows are left out", replace(settings, hidden_rows=HiddenRows.SKIP)),
    ]
    raise Unclear(
        f"{where}: {len(hidden)} {'row is' if len(hidden) == 1 else 'rows are'} hidden by a filter or by hand "
        f"(row {in_words(hidden)}). Nothing was imported.",
        remedy="Say whether they belong to the list, with --hidden-rows:\n" + commands_in_words(file, choices),
        choices=choices,
    )


def _refuse_differences(where: str, rows: list[Row], reading: Reading) -> None:
    """Refuse a difference in the header, in a row that is read, or in one that only the second program sees."""
    if not reading.sheet.differing:
        return
    columns = reading.columns
    left_out = {row.number for row in reading.sheet.rows} - {row.number for row in rows}
    for one in reading.sheet.differing:
        in_list = one.row >= columns.first_data_row and one.column in columns.used and one.row not in left_out
        if in_list or one.row in columns.header_rows:
            refuse_difference(where, one)


def _refuse_wide_rows(file: str, where: str, rows: list[Row], reading: Reading, settings: Settings) -> None:
    columns = reading.columns
    wide = [row for row in rows if is_too_wide(reading.sheet, row, columns)]
    if not wide or len(wide) < _TOO_WIDE * len(rows):
        return
    # `Smith, John` without quotation marks: the given name went into the first cell that is too many.
    names = (*range(columns.width, len(wide[0].cells)), *columns.names)
    wish = replace(
        settings.wish,
        ticket="" if columns.ticket is None else letter(columns.ticket),
        give_numbers=columns.ticket is None,
        names=tuple(map(letter, names)),
        header_row=columns.header_rows[0],
    )
    choices = [Choice(f"names from {' + '.join(map(letter, names))}", replace(settings, wish=wish))]
    cells = " | ".join(shown(cell.text) for cell in wide[0].cells)
    raise Unclear(
        f"{where}: row {wide[0].number} has {len(wide[0].cells)} cells, and the header has {columns.width}: {cells}. "
        f"So it is with {len(wide)} of {len(rows)} rows: a comma in the names may be read as the end of a cell.",
        remedy="Save the list as .xlsx, or with the names in quotation marks. Or say which columns make up the "
        f"name, in their order:\n{commands_in_words(file, choices)}",
        choices=choices,
    )


def _refuse_several_tickets(file: str, where: str, rows: list[Row], columns: Columns, settings: Settings) -> None:
    if columns.ticket is None or settings.split_tickets:
        return
    texts = [cell.text for row in rows if (cell := row.cell(columns.ticket)).kind is Kind.TEXT]
    short = abbreviated_ranges(texts)
    if short:
        first, full = next(iter(short.items()))
        raise InputError(
            f"{where}: the tickets {', '.join(map(shown, list(short)[:3]))} seem to be ranges whose end is shortened. "
            "Nothing was imported.",
            remedy=f"Write them in full, {full} for {first}, and import the file with --split-tickets.",
        )
    several = cells_with_several(texts)
    if not several:
        return
    header = columns.header[columns.ticket] if columns.ticket < len(columns.header) else letter(columns.ticket)
    choices = [
        Choice(
            "each ticket is an entry of its own, a range is all of its tickets", replace(settings, split_tickets=True)
        )
    ]
    raise Unclear(
        f"{where}: the column {shown(header)!r} holds several tickets in {len(several)} "
        f"{'cell' if len(several) == 1 else 'cells'}, for example: "
        f"{'; '.join(shown(text) for text in several[:3])}. Nothing was imported.",
        remedy="Say --split-tickets, or name another column with --ticket-column:\n" + commands_in_words(file, choices),
        choices=choices,
    )
