"""CSV files, as Excel and everybody else write them, read into a table.

Invariant: text only, every cell as it was typed. The encoding is UTF-8 (with or without a mark), UTF-16 with a mark, or
else Windows-1252 with a note; the delimiter is the comma, the semicolon or the tab that makes the evenest columns.
"""

import contextlib
import csv
import io
import re
from collections import Counter
from collections.abc import Callable

from kiosk.core.errors import InputError
from wheel_admin.importing.limits import LIST_ALONE, MAX_COLUMNS, MAX_ROWS, MAX_TEXT_BYTES, Budget
from wheel_admin.importing.tables import EMPTY, Cell, Kind, Row, Sheet

_DELIMITERS = ",;\t"
_SNIFFED_LINES = 20
_SNIFFED_BYTES = 1 << 16
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_CONTROL_BYTES = re.compile(rb"[\x00-\x08\x0e-\x1f\x7f]")
_EXCEL_ERRORS = frozenset({"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!"})
_WEB_PAGE = re.compile(r"\s*<(!doctype|html|table|\?xml)", re.IGNORECASE)


def read_delimited(name: str, data: bytes, *, progress: Callable[[int], None]) -> Sheet:
    """Read a CSV file's bytes.

    Args:
        name: the file's name, for messages.
        data: its content.
        progress: told the number of rows read, now and then.

    Raises:
        InputError: the bytes are not text, or not CSV, or there are too many rows.
    """
    if len(data) > MAX_TEXT_BYTES:
        raise InputError(f"{name} has more than {MAX_TEXT_BYTES // 1_000_000} MB of text.", remedy=LIST_ALONE)
    encoding, note = _encoding(name, data)
    head = data[:_SNIFFED_BYTES].decode(encoding, "ignore")
    if _WEB_PAGE.match(head):
        raise InputError(
            f"{name} is a web page, not a spreadsheet (some programs save one under the name .xls).",
            remedy="Open it in Excel, save it as .xlsx, and import that file.",
        )
    delimiter, skipped = _delimiter(head)
    budget = Budget(name)
    rows: list[Row] = []
    try:
        with io.TextIOWrapper(io.BytesIO(data), encoding, newline="") as lines:
            for _ in range(skipped):
                lines.readline()
            for number, fields in enumerate(csv.reader(lines, delimiter=delimiter), 1 + skipped):
                cells = [_cell(field) for field in fields[:MAX_COLUMNS]]
                while cells and cells[-1] is EMPTY:
                    cells.pop()
                if cells:
                    rows.append(Row(number, tuple(cells)))
                    budget.take([cell.text for cell in cells if cell is not EMPTY], where=f"row {number}")
                if len(rows) > MAX_ROWS:
                    raise InputError(f"{name} has more than {MAX_ROWS} rows.", remedy=LIST_ALONE)
                if number % 256 == 0:
                    progress(256)
    except csv.Error as error:
        raise InputError(
            f"{name} is not a CSV file: {error}.", remedy="Save it as .xlsx, and import that file."
        ) from error
    return Sheet(name="", rows=tuple(rows), note=note)


def _encoding(name: str, data: bytes) -> tuple[str, str]:
    """Return the encoding, and a note if it was guessed."""
    no_text = InputError(f"{name} is not a spreadsheet and not text.", remedy="Name an .xlsx or .csv file.")
    note = "is not UTF-8; it was read as Windows-1252. Check names with accents, or save it as 'CSV UTF-8'."
    if data.startswith(_UTF16_MARKS):
        tries = [("utf-16", "")]
    elif _CONTROL_BYTES.search(data):
        tries = [("utf-8-sig", "")]
    else:
        tries = [("utf-8-sig", ""), ("cp1252", note)]
    for encoding, told in tries:
        with contextlib.suppress(UnicodeDecodeError):
            if "\0" in data.decode(encoding):
                break
            return encoding, told
    raise no_text


def _delimiter(head: str) -> tuple[str, int]:
    """Return the delimiter, and how many lines at the top only say so."""
    first = head.partition("\n")[0]
    if re.fullmatch(r'"?sep=[,;\t]"?\r?', first, re.IGNORECASE):  # Excel's own way to say it
        return first.strip('"\r')[4], 1
    lines = head.splitlines()[:_SNIFFED_LINES]
    return max(_DELIMITERS, key=lambda delimiter: _evenness(lines, delimiter)), 0


def _evenness(lines: list[str], delimiter: str) -> tuple[int, int]:
    """Return how many lines have the most common number of columns (above one), and that number."""
    try:
        widths = Counter(len(fields) for fields in csv.reader(lines, delimiter=delimiter) if len(fields) > 1)
    except csv.Error:
        return (0, 0)
    width, count = max(widths.items(), key=lambda item: (item[1], item[0]), default=(0, 0))
    return (count, width)


def _cell(field: str) -> Cell:
    text = field.strip()
    if not text:
        return EMPTY
    return Cell(Kind.ERROR if text in _EXCEL_ERRORS else Kind.TEXT, field)
