"""Files that organisers have, read into tables: .xlsx through openpyxl, and CSV.

Law: the content decides what a file is, never its name. A file is read whole or refused whole, and it is taken for
hostile until read. Nothing here knows drafts, tickets or names, so the whole of it can run in a child process with
limits. The only module that knows openpyxl.
"""

import hashlib
import io
import re
import stat
import warnings
import zipfile
from collections.abc import Callable, Container, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from kiosk.errors import InputError
from tools.admin.tables import EMPTY, MAX_COLUMNS, MAX_ROWS, MAX_SHEET_ROWS, Cell, Kind, Row, Sheet, unescape

if TYPE_CHECKING:
    from openpyxl.cell.read_only import EmptyCell, ReadOnlyCell
    from openpyxl.workbook import Workbook

MAX_FILE_BYTES = 50_000_000
"""A list of 3000 people takes about 200 kB."""
MAX_EXPANDED_BYTES = 300_000_000
"""What the parts of a workbook may unpack to, as its directory declares; `zipfile` never unpacks more than declared."""
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
_SAVE_AS_XLSX = "Open it in Excel or LibreOffice, save it as .xlsx, and import that file."
_ZERO_PADDED = re.compile(r"0{2,}")
_FORMAT_PREFIX = re.compile(r"\[[^\]]*\]")

Progress = Callable[[int], None]
"""Told the number of rows read since the last call."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """A file's whole content: its name without directories, its bytes, their SHA-256 in lowercase hex."""

    name: str
    data: bytes
    sha256: str


def load(path: Path) -> Loaded:
    """Read the file's bytes.

    Raises:
        InputError: missing, a directory or a device, not readable, empty, or larger than `MAX_FILE_BYTES`.
    """
    name = path.name.encode("utf-8", "replace").decode()
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise InputError(f"{path} is a directory, not a file.", remedy="Name the spreadsheet in it.")
        if not stat.S_ISREG(status.st_mode):
            raise InputError(f"{path} is not a regular file.", remedy="Name a spreadsheet.")
        if status.st_size > MAX_FILE_BYTES:
            raise InputError(
                f"{name} has {status.st_size / 1e6:.0f} MB, at most {MAX_FILE_BYTES / 1e6:.0f} MB are read.",
                remedy="Copy the list alone into a new workbook, without pictures, and import that.",
            )
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise InputError(f"There is no file {path}.", remedy="Check its name and directory.") from error
    except PermissionError as error:
        raise InputError(f"{path} cannot be opened.", remedy="Close it in Excel, or give yourself access.") from error
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error}.") from error
    if not data:
        raise InputError(f"{name} is empty (0 bytes).", remedy="Save the list again and import that file.")
    return Loaded(name=name, data=data, sha256=hashlib.sha256(data).hexdigest())


def read_tables(loaded: Loaded, *, sheets: Sequence[str] = (), progress: Progress | None = None) -> Iterator[Sheet]:
    """Yield the sheets of a workbook, or the one of a CSV file, in order.

    Args:
        loaded: the file.
        sheets: names of the sheets to read, in any case; none means all that are visible. A CSV file has no names and
            is read whatever they are.
        progress: told as rows are read.

    Raises:
        InputError: not a spreadsheet, an old .xls, encrypted, damaged, without the named sheets, or beyond a limit.
    """
    data = loaded.data
    if data.startswith((_ZIP_MAGIC, _EMPTY_ZIP_MAGIC)):
        _check_archive(loaded)
        yield from _read_workbook(loaded, sheets, progress or _no_progress)
        return
    if data.startswith(_OLE_MAGIC):
        raise _ole_error(loaded)
    for magic, what in _FOREIGN:
        if data.startswith(magic):
            raise InputError(f"{loaded.name} is {what}, not a spreadsheet.", remedy="Name an .xlsx or .csv file.")
    # Imported here because a workbook has no need of it.
    from tools.admin.delimited import read_delimited  # noqa: PLC0415

    yield read_delimited(loaded.name, data, progress=progress or _no_progress)


def _no_progress(_rows: int) -> None:
    pass


def _ole_error(loaded: Loaded) -> InputError:
    if "EncryptedPackage".encode("utf-16-le") in loaded.data:
        return InputError(
            f"{loaded.name} is protected with a password.",
            remedy="In Excel, remove it (File, Info, Protect Workbook, Encrypt), save, and import again.",
        )
    if any(part.encode("utf-16-le") in loaded.data for part in ("Workbook", "Book")):
        return InputError(f"{loaded.name} is an old Excel file (.xls).", remedy=_SAVE_AS_XLSX)
    return InputError(f"{loaded.name} is an old Office document, not a spreadsheet.", remedy="Name an .xlsx file.")


def _check_archive(loaded: Loaded) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(loaded.data)) as archive:
            parts = {part.filename for part in archive.infolist()}
            expanded = sum(part.file_size for part in archive.infolist())
            kind = archive.read("mimetype")[:80] if "mimetype" in parts and expanded <= MAX_EXPANDED_BYTES else b""
    except Exception as error:
        raise _damaged(loaded.name) from error
    if expanded > MAX_EXPANDED_BYTES:
        raise InputError(
            f"{loaded.name} would unpack to {expanded / 1e6:.0f} MB, at most {MAX_EXPANDED_BYTES / 1e6:.0f} MB "
            "are read.",
            remedy="Copy the list alone into a new workbook and import that.",
        )
    if b"opendocument.spreadsheet" in kind:
        raise InputError(f"{loaded.name} is an OpenDocument spreadsheet.", remedy=_SAVE_AS_XLSX)
    if "xl/workbook.bin" in parts:
        raise InputError(f"{loaded.name} is a binary workbook (.xlsb).", remedy=_SAVE_AS_XLSX)
    if "[Content_Types].xml" not in parts or not any(part.startswith("xl/") for part in parts):
        raise InputError(
            f"{loaded.name} is a packed archive or another kind of document, not a workbook.",
            remedy="Name an .xlsx or .csv file.",
        )


def _damaged(name: str) -> InputError:
    return InputError(f"{name} is damaged or was not written by a spreadsheet program.", remedy=_SAVE_AS_XLSX)


def _read_workbook(loaded: Loaded, sheets: Sequence[str], progress: Progress) -> Iterator[Sheet]:
    # A damaged or hostile workbook can make openpyxl raise nearly anything (KeyError, ParseError, zlib.error...), and
    # none of it is our defect, so all of it is one message. Its warnings are about what we do not read.
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            read = _Workbook(loaded)
            names = read.visible(sheets)
    except InputError:
        raise
    except Exception as error:
        raise _damaged(loaded.name) from error
    for name, hidden in names:
        if hidden:
            yield Sheet(name=name, hidden=True)
            continue
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                sheet = read.sheet(name, progress)
        except InputError:
            raise
        except Exception as error:
            raise _damaged(loaded.name) from error
        yield sheet


class _Workbook:
    """One workbook, open for reading; opened a second time only if a formula may lack its stored value."""

    def __init__(self, loaded: Loaded) -> None:
        self._loaded = loaded
        self._values = self._open(values=True)

    def visible(self, wanted: Sequence[str]) -> list[tuple[str, bool]]:
        """Return (name, hidden) of each sheet to look at; a sheet that was asked for by name counts as visible."""
        found = [(sheet.title, sheet.sheet_state != "visible") for sheet in self._values.worksheets]
        if not wanted:
            return found
        folded = {name.casefold() for name in wanted}
        chosen = [(name, False) for name, _ in found if name.casefold() in folded]
        if not chosen:
            raise InputError(
                f"{self._loaded.name} has no sheet {', '.join(map(repr, wanted))}.",
                remedy=f"It has: {', '.join(repr(name) for name, _ in found)}.",
            )
        return chosen

    def sheet(self, name: str, progress: Progress) -> Sheet:
        """Read one sheet."""
        rows: dict[int, list[Cell]] = {}
        unclear: set[tuple[int, int]] = set()
        for number, cells in self._rows(self._values, name):
            row = [_cell(cell) for cell in cells]
            if any(cell is not EMPTY for cell in row):
                rows[number] = row
            unclear.update((number, place) for place, cell in enumerate(cells) if _may_be_a_formula(cell))
            if len(rows) > MAX_ROWS:
                raise InputError(
                    f"{self._loaded.name}, sheet {name!r} has more than {MAX_ROWS} rows with content.",
                    remedy="Copy the participants alone into a new workbook and import that.",
                )
            if number % 256 == 0:
                progress(256)
        for number, place in self._formulas(name, unclear) if unclear else ():
            row = rows.setdefault(number, [])
            row.extend([EMPTY] * (place + 1 - len(row)))
            row[place] = Cell(Kind.FORMULA)
        return Sheet(name=name, rows=tuple(Row(number, _trimmed(rows[number])) for number in sorted(rows)))

    def _formulas(self, name: str, unclear: Container[tuple[int, int]]) -> frozenset[tuple[int, int]]:
        return frozenset(
            (number, place)
            for number, cells in self._rows(self._open(values=False), name)
            for place, cell in enumerate(cells)
            if cell.data_type == "f" and (number, place) in unclear
        )

    def _rows(self, workbook: "Workbook", name: str) -> Iterator[tuple[int, tuple["ReadOnlyCell | EmptyCell", ...]]]:
        sheet = next(sheet for sheet in workbook.worksheets if sheet.title == name)
        sheet.reset_dimensions()  # some programs write a dimension that is too small, and rows would be lost
        for number, cells in enumerate(sheet.iter_rows(), start=1):
            if number > MAX_SHEET_ROWS:
                raise _damaged(self._loaded.name)
            if cells:
                yield number, cells[:MAX_COLUMNS]

    def _open(self, *, values: bool) -> "Workbook":
        # Imported here: it takes a third of a second, and most commands have no need of it.
        from openpyxl.reader.excel import load_workbook  # noqa: PLC0415

        return load_workbook(io.BytesIO(self._loaded.data), read_only=True, data_only=values, keep_links=False)


def _may_be_a_formula(cell: "ReadOnlyCell | EmptyCell") -> bool:
    # A formula whose stored value is the empty text has the type "str" and is simply empty; one that was never
    # computed has no type, like a blank cell that only carries a border.
    return cell.value is None and cell.data_type == "n" and cell.number_format is not None


def _trimmed(row: list[Cell]) -> tuple[Cell, ...]:
    end = len(row)
    while row[end - 1] is EMPTY:
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
