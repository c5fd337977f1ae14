"""CSV files, as Excel and everybody else write them, read into a table.

Law: text only, every cell as it was typed. The encoding is UTF-8 (with or without a mark), UTF-16 with a mark, or
else Windows-1252 with a note; the delimiter is the comma, the semicolon or the tab that makes the evenest columns.
"""

import csv
import io
import re
from collections import Counter
from collections.abc import Callable

from kiosk.errors import InputError
from tools.admin.tables import EMPTY, MAX_COLUMNS, MAX_ROWS, Cell, Kind, Row, Sheet

_DELIMITERS = ",;\t"
_SNIFFED_LINES = 20
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
    text, note = _decode(name, data)
    if _WEB_PAGE.match(text):
        raise InputError(
            f"{name} is a web page, not a spreadsheet (some programs save one under the name .xls).",
            remedy="Open it in Excel, save it as .xlsx, and import that file.",
        )
    delimiter, body, skipped = _delimiter(text)
    rows: list[Row] = []
    try:
        for number, fields in enumerate(csv.reader(io.StringIO(body, newline=""), delimiter=delimiter), 1 + skipped):
            cells = [_cell(field) for field in fields[:MAX_COLUMNS]]
            while cells and cells[-1] is EMPTY:
                cells.pop()
            if cells:
                rows.append(Row(number, tuple(cells)))
            if len(rows) > MAX_ROWS:
                raise InputError(
                    f"{name} has more than {MAX_ROWS} rows.", remedy="Import a file with the participants alone."
                )
            if number % 256 == 0:
                progress(256)
    except csv.Error as error:
        raise InputError(
            f"{name} is not a CSV file: {error}.", remedy="Save it as .xlsx, and import that file."
        ) from error
    return Sheet(name="", rows=tuple(rows), note=note)


def _decode(name: str, data: bytes) -> tuple[str, str]:
    no_text = InputError(f"{name} is not a spreadsheet and not text.", remedy="Name an .xlsx or .csv file.")
    try:
        if data.startswith(_UTF16_MARKS):
            return data.decode("utf-16"), ""
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if data.startswith(_UTF16_MARKS) or _CONTROL_BYTES.search(data):
            raise no_text from error
        try:
            return data.decode("cp1252"), (
                "is not UTF-8; it was read as Windows-1252. Check names with accents, or save it as 'CSV UTF-8'."
            )
        except UnicodeDecodeError:
            raise no_text from error
    if "\0" in text:
        raise no_text
    return text, ""


def _delimiter(text: str) -> tuple[str, str, int]:
    """Return the delimiter, the text to read with it, and how many lines were taken off at the top."""
    first, _, rest = text.partition("\n")
    if re.fullmatch(r'"?sep=[,;\t]"?\r?', first, re.IGNORECASE):  # Excel's own way to say it
        return first.strip('"\r')[4], rest, 1
    lines = text.splitlines()[:_SNIFFED_LINES]
    return max(_DELIMITERS, key=lambda delimiter: _evenness(lines, delimiter)), text, 0


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
