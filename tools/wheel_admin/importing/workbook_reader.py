"""Files that organisers have, read into tables: .xlsx through openpyxl, and CSV.

Invariant: the content decides what a file is, never its name. A file is read whole or refused whole, and it is taken
for hostile until read: this runs in the reading process only (`reader`). Nothing here knows drafts, tickets or names.
The only module that knows openpyxl.
"""

import contextlib
import io
import re
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from kiosk.core.errors import InputError
from wheel_admin.importing.csv_reader import read_delimited
from wheel_admin.importing.limits import (
    LIST_ALONE,
    MAX_COLUMNS,
    MAX_ROWS,
    MAX_SHEET_NAME,
    MAX_SHEET_ROWS,
    MAX_SHEETS,
    Budget,
)
from wheel_admin.importing.tables import EMPTY, Cell, Kind, Row, Sheet, unescape
from wheel_admin.importing.zip_gate import SAVE_AS_XLSX, check_archive, damaged

if TYPE_CHECKING:
    from openpyxl.cell.read_only import EmptyCell, ReadOnlyCell
    from openpyxl.workbook import Workbook

EXACT_BELOW = 10**15
"""Excel keeps 15 digits of a number; the 16th is made up."""

_ZIP_MAGIC = b"PK\x03\x04"
_EMPTY_ZIP_MAGIC = b"PK\x05\x06"
_OLE_MAGIC = bytes.fromhex("d0cf11e0a1b11ae1")
_FOREIGN = (
    (b"%PDF", "a PDF document"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"{\\rtf", "an RTF document"),
    (b"Rar!", "an archive"),
    (b"7z\xbc\xaf", "an archive"),
    (b"\x1f\x8b", "an archive"),
)
_ZERO_PADDED = re.compile(r"0{2,}")
_LISTED_SHEETS = 12
_EXPAT_NO_MEMORY = 1
_FORMAT_PREFIX = re.compile(r"\[[^\]]*\]")

Progress = Callable[[int], None]
"""Told the number of rows read since the last call."""


def prepare() -> None:
    """Load openpyxl: a third of a second that can pass before there is a file."""
    from openpyxl.reader import excel  # noqa: F401, PLC0415


def read_tables(
    name: str, data: bytes, *, sheets: Sequence[str] = (), progress: Progress | None = None
) -> Iterator[Sheet]:
    """Yield the sheets of a workbook, or the one of a CSV file, in order.

    Args:
        name: the file's, for messages.
        data: its content.
        sheets: names of the sheets to read, in any case; none means all that are visible. A CSV file has no names and
            is read whatever they are.
        progress: told as rows are read.

    Raises:
        InputError: not a spreadsheet, an old .xls, encrypted, damaged, without the named sheets, or beyond a limit.
        MemoryError: beyond the process's limit.
    """
    if data.startswith((_ZIP_MAGIC, _EMPTY_ZIP_MAGIC)):
        check_archive(name, data)
        yield from _read_workbook(name, data, sheets, progress or _no_progress)
        return
    if data.startswith(_OLE_MAGIC):
        raise _ole_error(name, data)
    for magic, what in _FOREIGN:
        if data.startswith(magic):
            raise InputError(f"{name} is {what}, not a spreadsheet.", remedy="Name an .xlsx or .csv file.")
    yield read_delimited(name, data, progress=progress or _no_progress)


def _no_progress(_rows: int) -> None:
    pass


def _ole_error(name: str, data: bytes) -> InputError:
    if "EncryptedPackage".encode("utf-16-le") in data:
        return InputError(
            f"{name} is protected with a password.",
            remedy="In Excel, remove it (File, Info, Protect Workbook, Encrypt), save, and import again.",
        )
    if any(part.encode("utf-16-le") in data for part in ("Workbook", "Book")):
        return InputError(f"{name} is an old Excel file (.xls).", remedy=SAVE_AS_XLSX)
    return InputError(f"{name} is an old Office document, not a spreadsheet.", remedy="Name an .xlsx file.")


def _read_workbook(name: str, data: bytes, wanted: Sequence[str], progress: Progress) -> Iterator[Sheet]:
    with _taken_for_damage(name):
        workbook = _Workbook(name, data)
        chosen = workbook.chosen(wanted)
    for place, title, hidden in chosen:
        with _taken_for_damage(name):
            sheet = Sheet(name=title, hidden=True) if hidden else workbook.sheet(place, title, progress)
        yield sheet


@contextlib.contextmanager
def _taken_for_damage(name: str) -> Iterator[None]:
    """Make one error of the many that a damaged or hostile workbook raises; want of memory is another matter.

    openpyxl raises nearly anything (KeyError, ParseError, zlib.error...), and none of it is our defect. Its warnings
    are about what we do not read.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except (InputError, MemoryError):
        raise
    except Exception as error:
        if getattr(error, "code", None) == _EXPAT_NO_MEMORY:
            raise MemoryError from error
        raise damaged(name) from error


class _Workbook:
    """One workbook, open for reading; opened a second time only if a formula may lack its stored value."""

    def __init__(self, name: str, data: bytes) -> None:
        self._name = name
        self._data = data
        self._budget = Budget(name)
        self._values = self._open(values=True)
        if len(self._values.worksheets) > MAX_SHEETS:
            raise InputError(f"{name} has more than {MAX_SHEETS} sheets.", remedy=LIST_ALONE)
        if any(len(sheet.title) > MAX_SHEET_NAME for sheet in self._values.worksheets):
            raise damaged(name)

    def chosen(self, wanted: Sequence[str]) -> list[tuple[int, str, bool]]:
        """Return (place, name, hidden) of each sheet to look at; one that was asked for by name counts as visible."""
        found = [
            (place, sheet.title, sheet.sheet_state != "visible") for place, sheet in enumerate(self._values.worksheets)
        ]
        if not wanted:
            return found
        folded = {name.casefold() for name in wanted}
        chosen = [(place, name, False) for place, name, _ in found if name.casefold() in folded]
        if not chosen:
            more = f" and {len(found) - _LISTED_SHEETS} more" if len(found) > _LISTED_SHEETS else ""
            raise InputError(
                f"{self._name} has no sheet {', '.join(map(repr, wanted))}.",
                remedy=f"It has: {', '.join(repr(name) for _, name, _ in found[:_LISTED_SHEETS])}{more}.",
            )
        return chosen

    def sheet(self, place: int, name: str, progress: Progress) -> Sheet:
        """Read one sheet."""
        rows: dict[int, tuple[Cell, ...]] = {}
        unclear: dict[int, int] = {}  # row -> a bit for each cell that may be a formula
        for number, cells in self._rows(self._values, place):
            row = _trimmed([_cell(cell) for cell in cells])
            if row:
                rows[number] = row
                texts = [cell.text for cell in row if cell is not EMPTY]
                self._budget.take(texts, where=f"sheet {name!r}, row {number}")
            mask = sum(1 << column for column, cell in enumerate(cells) if _may_be_a_formula(cell))
            if mask:
                unclear[number] = mask
            if len(rows) > MAX_ROWS:
                raise InputError(
                    f"{self._name}, sheet {name!r} has more than {MAX_ROWS} rows with content.", remedy=LIST_ALONE
                )
            if number % 256 == 0:
                progress(256)
        for number, column in self._formulas(place, unclear) if unclear else ():
            row = rows.get(number, ())
            before = (*row[:column], *[EMPTY] * (column - len(row)))
            rows[number] = (*before, Cell(Kind.FORMULA), *row[column + 1 :])
        return Sheet(name=name, rows=tuple(Row(number, rows[number]) for number in sorted(rows)))

    def _formulas(self, place: int, unclear: Mapping[int, int]) -> list[tuple[int, int]]:
        found: list[tuple[int, int]] = []
        for number, cells in self._rows(self._open(values=False), place):
            mask = unclear.get(number, 0)
            if mask:
                formulas = [column for column, cell in enumerate(cells) if cell.data_type == "f" and mask >> column & 1]
                self._budget.take([""] * len(formulas), where=f"row {number}")
                found.extend((number, column) for column in formulas)
        return found

    def _rows(self, workbook: "Workbook", place: int) -> Iterator[tuple[int, tuple["ReadOnlyCell | EmptyCell", ...]]]:
        sheet = workbook.worksheets[place]
        sheet.reset_dimensions()  # some programs write a dimension that is too small, and rows would be lost
        for number, cells in enumerate(sheet.iter_rows(), start=1):
            if number > MAX_SHEET_ROWS:
                raise damaged(self._name)
            if cells:
                yield number, cells[:MAX_COLUMNS]

    def _open(self, *, values: bool) -> "Workbook":
        from openpyxl.reader.excel import ExcelReader  # noqa: PLC0415 - see `prepare`

        reader = ExcelReader(io.BytesIO(self._data), read_only=True, data_only=values, keep_links=False)
        reader.read()
        workbook: Workbook = reader.wb
        listed = [sheet for sheet in reader.parser.sheets if sheet.id]
        if len(workbook.sheetnames) < len(listed):  # openpyxl passes over a sheet whose part is missing
            raise damaged(self._name)
        return workbook


def _may_be_a_formula(cell: "ReadOnlyCell | EmptyCell") -> bool:
    # A formula whose stored value is the empty text has the type "str" and is simply empty; one that was never
    # computed has no type, like a blank cell that only carries a border.
    return cell.value is None and cell.data_type == "n" and cell.number_format is not None


def _trimmed(row: list[Cell]) -> tuple[Cell, ...]:
    end = len(row)
    while end and row[end - 1] is EMPTY:
        end -= 1
    return tuple(row[:end])


def _cell(cell: "ReadOnlyCell | EmptyCell") -> Cell:
    value = cell.value
    if value is None:
        return EMPTY
    if cell.data_type == "e":
        return Cell(Kind.ERROR, str(value))
    if isinstance(value, str):
        text = unescape(value)
        return Cell(Kind.TEXT, text) if text.strip() else EMPTY
    if isinstance(value, bool):
        return Cell(Kind.BOOLEAN, "TRUE" if value else "FALSE")
    if isinstance(value, datetime | date | time | timedelta):
        return Cell(Kind.DATE, value.isoformat(" ") if isinstance(value, datetime) else str(value))
    return number_cell(value, cell.number_format)


def number_cell(value: float, number_format: str) -> Cell:
    """Return a number as Excel shows it, as far as tickets need it: 7 in the format `0000` is 0007, 7.0 is 7."""
    if not abs(value) < EXACT_BELOW:
        return Cell(Kind.INEXACT, repr(value))
    if value != int(value):
        return Cell(Kind.NUMBER, repr(value))
    digits = str(int(value))
    section = _FORMAT_PREFIX.sub("", number_format.split(";", maxsplit=1)[0]).strip()
    if _ZERO_PADDED.fullmatch(section) and value >= 0:
        digits = digits.zfill(len(section))
    return Cell(Kind.NUMBER, digits)
