"""Text files with a table: CSV as Excel and everybody else write it, pasted text, one name a line.

Invariant: every cell as it was typed. Quotes are held to the rule: one that never closes, or with text behind it,
refuses the file with the line where it opens, because it would swallow rows.
"""

import csv
import io
import itertools
import re
from collections.abc import Callable, Iterator

import msgspec

from kiosk.core.errors import InputError
from wheel_admin.importing.columns.header_words import meaning_of
from wheel_admin.importing.limits import LIST_ALONE, MAX_COLUMNS, MAX_ROWS, MAX_TEXT_BYTES, Budget
from wheel_admin.importing.readers.encodings import encoding_of, named_encoding
from wheel_admin.importing.readers.foreign import refuse_foreign_text
from wheel_admin.importing.readers.text_shapes import quotation_marks_of, reshaped
from wheel_admin.importing.tables import EMPTY, Cell, Kind, Row, Sheet

_NONE = "\x1f"
"""Stands for a delimiter where there is none."""
_DELIMITERS = "\t;|,^~"
"""In the order of preference where two fit equally well: text holds commas more often than it holds tabs."""
_SNIFFED_LINES = 200
_SNIFFED_BYTES = 1 << 16
_SEPARATOR_LINE = re.compile(r'"?sep=([,;\t|])"?\r?', re.IGNORECASE)
_EXCEL_ERRORS = frozenset({"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!"})
_TEXT_FORMULA = re.compile(r'="((?:[^"]|"")*)"')
_MARKED_TEXT = re.compile(r"'(?=[\w+-])(?!.*')")
_LINE_END = re.compile(r"\r\n|\r|\n")
_LOOKED_BACK_AT = 1 << 20
"""Characters that are searched for the quotation mark at fault."""
_OVERFLOWN = re.compile(r"#{3,}")


def read_text_file(name: str, data: bytes, *, encoding: str = "", progress: Callable[[int], None]) -> Sheet:
    """Read a text file's bytes.

    Args:
        name: the file's name, for messages.
        data: its content.
        encoding: how it is encoded; empty to find out.
        progress: told the number of rows read, now and then.

    Raises:
        InputError: the bytes are not text, not a table, their encoding is not clear, or there are too many rows.
    """
    if len(data) > MAX_TEXT_BYTES:
        raise InputError(f"{name} has more than {MAX_TEXT_BYTES // 1_000_000} MB of text.", remedy=LIST_ALONE)
    found, note = (named_encoding(name, data, encoding), "") if encoding else encoding_of(name, data)
    text = data.decode(found).lstrip("\ufeff")
    refuse_foreign_text(name, text[:_SNIFFED_BYTES], data)
    if "\0" in text:
        raise InputError(f"{name} is not a spreadsheet and not text.", remedy="Name an .xlsx or .csv file.")
    first, _, rest = text.partition("\n")
    separator = _SEPARATOR_LINE.fullmatch(first)  # Excel's own way to say it
    body, skipped = (rest, 1) if separator else (text, 0)
    delimiter = separator.group(1) if separator else _delimiter(body[:_SNIFFED_BYTES])
    if not separator:
        body, shape = reshaped(body, single=delimiter == _NONE)
        delimiter = _delimiter(body[:_SNIFFED_BYTES]) if delimiter == _NONE else delimiter
        note = f"{note} It {shape}" if note and shape else note or shape
    rows = list(_rows(name, body, delimiter, skipped, progress))
    last = rows.pop().number if rows else skipped
    return Sheet(name="", rows=tuple(_unquoted(rows)), note=note, last_row=last, plain=True)


def _unquoted(rows: list[Row]) -> list[Row]:
    """Return rows without the quotation marks that all cells have and that are none of CSV's."""
    marks = quotation_marks_of([cell.text.strip() for row in rows[1:2] for cell in row.cells if cell is not EMPTY])
    cells = [cell.text.strip() for row in rows[1:] for cell in row.cells if cell is not EMPTY] if marks else []
    if not marks or quotation_marks_of(cells) != marks:
        return rows
    return [Row(row.number, tuple(_without(cell, marks) for cell in row.cells), width=row.width) for row in rows]


def _without(cell: Cell, marks: str) -> Cell:
    text = cell.text.strip()
    return _cell(text[1:-1]) if quotation_marks_of([text]) == marks else cell


def _rows(name: str, text: str, delimiter: str, skipped: int, progress: Callable[[int], None]) -> Iterator[Row]:
    """Yield the rows that hold something, and at the end an empty one with the number of the last row of the file."""
    budget = Budget(name)
    count, number, line = 0, skipped, 1
    lines = io.TextIOWrapper(io.BytesIO(text.encode()), "utf-8", newline="")  # a StringIO takes four times as much
    reader = csv.reader(lines, delimiter=delimiter, strict=True, skipinitialspace=True)
    try:
        for number, fields in enumerate(reader, 1 + skipped):
            if reader.line_num > line + 1 and delimiter in "".join(fields):
                _refuse_swallowed_rows(name, fields, delimiter, line + skipped)
            cells = [_cell(field) for field in fields[:MAX_COLUMNS]]
            while cells and cells[-1] is EMPTY:
                cells.pop()
            if cells:
                count += 1
                yield Row(number, tuple(cells), width=len(fields))
                budget.take([cell.text for cell in cells if cell is not EMPTY], where=f"row {number}")
            if count > MAX_ROWS:
                raise InputError(f"{name} has more than {MAX_ROWS} rows.", remedy=LIST_ALONE)
            if number % 256 == 0:
                progress(256)
            line = reader.line_num + 1
    except csv.Error as error:
        raise _not_csv(name, text, delimiter, line, error, skipped=skipped) from error
    yield Row(number, ())


def _refuse_swallowed_rows(name: str, fields: list[str], delimiter: str, line: int) -> None:
    """Refuse a field whose inner lines look like rows of the table themselves: its quote closed by accident."""
    for field in fields:
        inner = field.splitlines()[1:]
        if inner and all(part.count(delimiter) >= len(fields) - 1 > 0 for part in inner[:-1] or inner):
            raise _unclosed(name, line)


def _not_csv(name: str, text: str, delimiter: str, line: int, error: csv.Error, *, skipped: int) -> InputError:
    rest = text[_start_of_line(text, line) :][:_LOOKED_BACK_AT]
    if "field larger" in str(error) and '"' not in rest.partition("\n")[0]:
        return InputError(f"{name} is not a CSV file: {error}.", remedy="Save it as .xlsx, and import that file.")
    return _unclosed(name, _opening_line(list(io.StringIO(rest, newline="")), delimiter) + line - 1 + skipped)


def _start_of_line(text: str, line: int) -> int:
    """Return where a line begins, counted from 1 as the csv module counts them."""
    ends = itertools.islice(_LINE_END.finditer(text), line - 2, None) if line > 1 else iter(())
    found = next(ends, None)
    return found.end() if found else 0


def _opening_line(lines: list[str], delimiter: str) -> int:
    """Return which of these lines, from 1, opens the quote that is at fault; the first one opens a row."""
    opened = 1
    inside = False
    for number, line in enumerate(lines, 1):
        at_start = True
        place = 0
        while place < len(line):
            character = line[place]
            if inside:
                if character == '"' and line[place + 1 : place + 2] == '"':
                    place += 1
                elif character == '"':
                    inside = False
                    if line[place + 1 : place + 2] not in {"", delimiter, "\r", "\n"}:
                        return opened
            elif character == '"' and at_start:
                inside, opened = True, number
            at_start = character == delimiter or (at_start and character == " ")
            place += 1
    return opened


def _unclosed(name: str, line: int) -> InputError:
    return InputError(
        f'{name}, line {line}: a quotation mark (") opens a text there that does not close where a cell ends. It would '
        "swallow the rows behind it, so nothing was imported.",
        remedy=f"Open the file in a text editor, take the quotation mark out of line {line} (or write it twice), save.",
    )


class _Fit(msgspec.Struct, frozen=True):
    """How well a delimiter explains the lines: the share of lines of equal width, and that width."""

    even: float
    width: int


def _delimiter(head: str) -> str:
    """Return the delimiter that makes the evenest columns, `_NONE` for a file with one column."""
    lines = [line for line in head.splitlines()[:_SNIFFED_LINES] if line.strip()]
    fits = {delimiter: _fit(lines, delimiter) for delimiter in _DELIMITERS}
    usable = {delimiter: fit for delimiter, fit in fits.items() if fit.width > 1}
    if not usable or _is_list_of_names(lines, usable):
        return _NONE
    best = max(fit.even for fit in usable.values())
    near = [delimiter for delimiter, fit in usable.items() if fit.even >= best - 0.02]
    return near[0]


def _is_list_of_names(lines: list[str], usable: dict[str, _Fit]) -> bool:
    """Tell whether the only delimiter is a comma in less than half of the lines: `Cole, Ben` among names alone."""
    parted = [line for line in lines if "," in line]
    if set(usable) != {","} or len(parted) * 2 >= len(lines):
        return False
    return all(
        line.count(",") == 1 and '"' not in line and not any(map(str.isdigit, line)) and line[-1] != ","
        for line in parted
    ) and not any(meaning_of(cell).exact for cell in parted[0].split(","))


def _fit(lines: list[str], delimiter: str) -> _Fit:
    try:
        widths = [len(fields) for fields in csv.reader(lines, delimiter=delimiter)]
    except csv.Error:
        return _Fit(0, 0)
    usual = [width for width in widths if width > 1]
    if not usual:
        return _Fit(0, 0)
    width = max(set(usual), key=usual.count)
    return _Fit(usual.count(width) / len(widths), width)


def _cell(field: str) -> Cell:
    text = field.strip()
    if not text:
        return EMPTY
    if text in _EXCEL_ERRORS or _OVERFLOWN.fullmatch(text):
        return Cell(Kind.ERROR, text)
    formula = _TEXT_FORMULA.fullmatch(text)
    if formula:  # how exports keep Excel from eating zeros
        inner = formula.group(1).replace('""', '"')
        return Cell(Kind.TEXT, inner) if inner.strip() else EMPTY
    if _MARKED_TEXT.match(text):  # Excel's mark for text, kept by some exports
        return Cell(Kind.TEXT, text[1:])
    return Cell(Kind.TEXT, field)
