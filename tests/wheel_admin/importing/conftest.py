"""Files as organisers have them, built in the tests, and what the import makes of them."""

import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import xlsxwriter

from wheel_admin.importing.readers.spreadsheet import read_tables
from wheel_admin.importing.rows.intake import Intake
from wheel_admin.importing.rows.receipt import Receipt
from wheel_admin.importing.settings import Settings

Table = Sequence[Sequence[Any]]


@dataclass(frozen=True)
class Imported:
    """What an import made of a file."""

    intake: Intake
    receipt: Receipt

    @property
    def entries(self) -> list[tuple[str, str, int]]:
        return [(entry.ticket, entry.name, entry.weight) for entry in self.intake.entries]

    @property
    def people(self) -> list[tuple[str, str]]:
        return [(entry.ticket, entry.name) for entry in self.intake.entries]

    @property
    def rejected(self) -> list[int]:
        return [one.row for one in self.receipt.rejected]

    @property
    def notes(self) -> str:
        return "\n".join(self.receipt.notes)


def imported(name: str, data: bytes | str, settings: Settings | None = None) -> Imported:
    """Import one file into an empty intake, without the reading process."""
    settings = settings or Settings()
    content = data.encode() if isinstance(data, str) else data
    intake = Intake()
    sheets = read_tables(name, content, sheets=settings.sheets, encoding=settings.encoding)
    intake.add_file(name, "0" * 64, list(sheets), settings)
    intake.finish()
    return Imported(intake, intake.receipt())


@dataclass(frozen=True)
class Formatted:
    """A number with an Excel number format."""

    value: float
    code: str


@dataclass(frozen=True)
class Book:
    """A workbook to be written by XlsxWriter."""

    sheets: Mapping[str, Table]
    hidden_rows: Iterable[int] = ()
    hidden_sheets: Iterable[str] = ()
    merged: Iterable[tuple[int, int, int, str]] = ()
    options: Mapping[str, Any] = field(default_factory=dict)

    def bytes(self) -> bytes:
        out = io.BytesIO()
        book = xlsxwriter.Workbook(out, {"in_memory": True, **self.options})
        for title, rows in self.sheets.items():
            sheet = book.add_worksheet(title)
            for number, row in enumerate(rows):
                for column, value in enumerate(row):
                    if isinstance(value, Formatted):
                        sheet.write_number(number, column, value.value, book.add_format({"num_format": value.code}))
                    elif isinstance(value, str):
                        sheet.write_string(number, column, value)
                    elif value is not None:
                        sheet.write(number, column, value)
            for hidden in self.hidden_rows:
                sheet.set_row(hidden - 1, None, None, {"hidden": True})
            for place, first, last, text in self.merged:
                sheet.merge_range(place - 1, first, place - 1, last, text)
            if title in self.hidden_sheets:
                sheet.hide()
        book.close()
        return out.getvalue()


def workbook(rows: Table, **more: Any) -> bytes:
    """Return a workbook with one sheet."""
    return Book({"List": rows}, **more).bytes()


def csv_of(rows: Table, delimiter: str = ",") -> str:
    """Return rows as a text file, without quotation marks."""
    return "".join(delimiter.join("" if cell is None else str(cell) for cell in row) + "\n" for row in rows)
