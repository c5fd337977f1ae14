"""What a spreadsheet holds once somebody has read it: sheets of rows of cells, as plain values.

Invariant: pure. Where the values came from (a workbook, a CSV file) cannot be seen from here, and what they mean
(tickets, names) is not known here. They come from another process, so they are arrays on the wire.
"""

import re
import unicodedata
from enum import StrEnum

import msgspec

from kiosk.core.text_rules import is_ignorable
from wheel_admin.importing.limits import MAX_COLUMNS

_SHOWN_CHARACTERS = 60
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_SURROGATES = re.compile("([\ud800-\udbff])([\udc00-\udfff])|[\ud800-\udfff]")
_NO_CHARACTER = "\ufffe"
"""Stands for half of a character: no rule for names and tickets lets it pass."""
_UNSAFE_CATEGORIES = frozenset({"Cc", "Cs", "Zl", "Zp"})
_DIRECTION_OVERRIDES = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_HARMLESS_MARKS = frozenset("\u200c\u200d\ufe0e\ufe0f")
"""They show nothing, but emoji and some scripts are spelt with them."""


class Kind(StrEnum):
    """What sort of value a cell has, as far as it matters to a list of people."""

    EMPTY = "empty"
    TEXT = "text"
    NUMBER = "number"
    INEXACT = "number beyond 15 digits"
    DATE = "date"
    BOOLEAN = "yes/no value"
    ERROR = "error"
    FORMULA = "formula without a stored value"
    PERCENT = "percentage"
    MONEY = "amount of money"
    SCIENTIFIC = "number in scientific notation"
    DECIMAL = "number with decimals"
    GROUPED = "number with separators"
    FRACTION = "fraction"
    UNSHOWN = "number whose format cannot be applied"


NUMERIC = frozenset(
    {Kind.NUMBER, Kind.INEXACT, Kind.PERCENT, Kind.MONEY, Kind.SCIENTIFIC, Kind.DECIMAL, Kind.GROUPED}
    | {Kind.FRACTION, Kind.UNSHOWN}
)
"""Kinds of cells that hold a number, however it is shown."""


class Cell(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One cell.

    Attributes:
        kind: what sort of value it has.
        text: as the organiser reads it in the spreadsheet.
        stored: the number behind it, where that is another text.
    """

    kind: Kind
    text: str = ""
    stored: str = ""

    @property
    def number(self) -> str:
        """The stored number of a numeric cell; the text of any other."""
        return self.stored or self.text


EMPTY = Cell(Kind.EMPTY)


class Row(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One row that is not wholly empty.

    Attributes:
        number: as Excel shows it, from 1.
        cells: from column A on.
        hidden: by a filter or by hand.
        width: in a text file, how many cells the row has, empty ones at its end included.
    """

    number: int
    cells: tuple[Cell, ...]
    hidden: bool = False
    width: int = 0

    def cell(self, column: int) -> Cell:
        """Return the cell in `column` (0 is A); beyond the last one, an empty cell."""
        return self.cells[column] if column < len(self.cells) else EMPTY


class Difference(msgspec.Struct, frozen=True, array_like=True):
    """A cell that two programs read differently: its row, its column (0 is A), and both readings."""

    row: int
    column: int
    first: str
    second: str


class Sheet(msgspec.Struct, frozen=True, array_like=True):
    """One sheet of a file.

    Attributes:
        name: as on its tab; empty for a CSV file.
        rows: those that hold something, in order.
        hidden: the sheet is hidden and was not asked for by name: its rows were not read.
        note: what the organiser should know about how it was read; empty if nothing.
        last_row: number of the last row of the file or sheet, blank rows included.
        totals: numbers of rows that the spreadsheet itself calls totals.
        merged: (row, first column, last column) of cells that are merged across columns.
        plain: it is text without types, a CSV file.
        differing: cells that the second reader reads differently.
        beyond: numbers of the rows that hold something, but not in any column that is read.
    """

    name: str
    rows: tuple[Row, ...] = ()
    hidden: bool = False
    note: str = ""
    last_row: int = 0
    totals: tuple[int, ...] = ()
    merged: tuple[tuple[int, int, int], ...] = ()
    plain: bool = False
    differing: tuple[Difference, ...] = ()
    beyond: tuple[int, ...] = ()


def letter(column: int) -> str:
    """Return Excel's letters for `column`: 0 is A, 25 is Z, 26 is AA."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def column_index(letters: str) -> int | None:
    """Return the column that `letters` names (A is 0), or None if they name none that is read."""
    if not re.fullmatch(r"[A-Za-z]{1,3}", letters):
        return None
    column = 0
    for character in letters.upper():
        column = column * 26 + ord(character) - ord("A") + 1
    return column - 1 if column <= MAX_COLUMNS else None


def unescape(*runs: str) -> str:
    """Return the text of `runs` with Excel's `_x0007_` spelling of a character made the character itself.

    `_x005F_` is `_`. Each run is a text of its own: no spelling goes on in the next one. Two surrogates are the one
    character that they mean, also across runs; half of a pair becomes U+FFFE, which no name or ticket may contain.
    """
    text = "".join(runs)
    if "_x" not in text:
        return text
    units = "".join(_ESCAPED.sub(lambda match: chr(int(match.group(1), 16)), run) for run in runs)
    return _SURROGATES.sub(_paired, units)


def _paired(match: re.Match[str]) -> str:
    high, low = match.groups()
    return chr(0x10000 + (ord(high) - 0xD800) * 0x400 + ord(low) - 0xDC00) if high else _NO_CHARACTER


def shown(text: str) -> str:
    """Return `text` safe for a terminal and short enough for a message; see `harmless`."""
    safe = harmless(text[: _SHOWN_CHARACTERS + 1])
    return safe if len(safe) <= _SHOWN_CHARACTERS else safe[: _SHOWN_CHARACTERS - 1] + "…"


def harmless(text: str) -> str:
    """Return `text` safe for a terminal: nothing in it moves the cursor, turns the reading direction, or hides.

    Control characters, direction overrides and what shows nothing become `<U+0007>`.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(f"<U+{ord(character):04X}>" if _is_unsafe(character) else character for character in text)


def encodable(text: str) -> str:
    """Return `text` as UTF-8 can hold it: bytes on a command line or in a file's name that are not are spelt out."""
    return text.encode("utf-8", "backslashreplace").decode()


def _is_unsafe(character: str) -> bool:
    return (
        character in _DIRECTION_OVERRIDES
        or unicodedata.category(character) in _UNSAFE_CATEGORIES
        or (is_ignorable(character) and character not in _HARMLESS_MARKS)
    )
