"""Spreadsheets that we write: opening one runs nothing, whatever stands in a name, a ticket or a reason.

Invariant: pure. A text that a program could take for a formula gets an apostrophe in front of it (OWASP, "CSV
Injection"). In a CSV file that also holds behind every character that some locale's program splits cells at: where the
decimal sign is a comma, Excel splits at semicolons, and does not respect quotes that begin in the middle of a cell.
"""

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence

import msgspec

Cell = str | int

_BEGINS = r"[=+\-@\t\r\n＝＋－＠]"
_IN_WORKBOOK = re.compile(rf'^(?=[\s"]*{_BEGINS})')
_SPLITS = r"[;,|\t\r\n\v\f\x1c-\x1e\x85\u2028\u2029]"
"""Delimiters, and every character that some program ends a line at."""
_IN_CSV = re.compile(rf'(^|{_SPLITS})(?=[\s"]*{_BEGINS})')


def inert(cell: Cell) -> Cell:
    """Return a cell of a workbook so that no program takes it for a formula."""
    return _IN_WORKBOOK.sub("'", cell) if isinstance(cell, str) else cell


def inert_in_csv(cell: Cell) -> Cell:
    """Return a cell of a CSV file so that no program takes it, or a part that it splits off, for a formula."""
    return _IN_CSV.sub(r"\1'", cell) if isinstance(cell, str) else cell


def as_csv(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """Return a CSV file's bytes: UTF-8 with a byte order mark, because Excel takes one without for Windows-1252."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(header)
    writer.writerows([inert_in_csv(cell) for cell in row] for row in rows)
    return text.getvalue().encode("utf-8-sig")


class Table(msgspec.Struct, frozen=True):
    """A sheet of a workbook.

    Attributes:
        name: of the sheet.
        header: its first row, which stays in view.
        rows: below.
        widths: of columns, by their letters; others have the usual one.
    """

    name: str
    header: Sequence[str]
    rows: Iterable[Sequence[Cell]]
    widths: Mapping[str, int]


def as_workbook(*tables: Table) -> bytes:
    """Return an .xlsx file's bytes, with a sheet for each table."""
    from openpyxl import Workbook  # noqa: PLC0415 - slow to load, needed here only

    book = Workbook(write_only=True)
    for table in tables:
        sheet = book.create_sheet(table.name)
        sheet.freeze_panes = "A2"
        for letter, width in table.widths.items():
            sheet.column_dimensions[letter].width = width
        sheet.append(list(table.header))
        for row in table.rows:
            sheet.append([inert(cell) for cell in row])
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()
