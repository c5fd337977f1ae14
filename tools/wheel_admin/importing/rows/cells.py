"""What single cells say: a number of chances, a group, a household, or what is wrong with them.

Invariant: pure. A fault names the column, the value and the reason; the row is then rejected, not guessed at.
"""

import re
from collections.abc import Iterable

import msgspec

from kiosk.core.text_rules import clean, problem_with, problem_with_ticket
from kiosk.snapshot.model import MAX_GROUP, MAX_HOUSEHOLD, MAX_WEIGHT
from wheel_admin.importing.columns.columns import Columns
from wheel_admin.importing.settings import NO_COLUMN
from wheel_admin.importing.tables import NUMERIC, Cell, Kind, Row, shown
from wheel_admin.participants import Entry

AS_TEXT = "format the column as text and type it again"
_WRONG_KINDS = {
    Kind.INEXACT: "a number too long to be exact",
    Kind.DATE: "a date",
    Kind.BOOLEAN: "a yes/no value",
    Kind.PERCENT: "a percentage",
    Kind.MONEY: "an amount of money",
    Kind.SCIENTIFIC: "a number in scientific notation",
    Kind.DECIMAL: "a number with decimals",
    Kind.GROUPED: "a number with separators",
    Kind.FRACTION: "a fraction",
    Kind.UNSHOWN: "a number in a format that cannot be applied",
}
_LONGEST_HOUSEHOLD = 500
_NO_FRACTION = re.compile(r"(?<=\d)[.,]0{1,2}$")
"""What programs write behind whole numbers; three zeros could be thousands."""
_LEAVE_OUT = "or leave the column out with {option} " + NO_COLUMN


class Fault(msgspec.Struct, frozen=True):
    """What is wrong with a row: the column at fault (None for none of them), its text, and the reason."""

    column: int | None
    value: str
    reason: str


def weight_in(row: Row, columns: Columns, faults: list[Fault]) -> int:
    """Return the number of chances of a row; a fault is added to `faults`."""
    if columns.weight is None:
        return 1
    cell = row.cell(columns.weight)
    text = _NO_FRACTION.sub("", clean(cell.number))
    countable = cell.kind is Kind.TEXT or (cell.kind in NUMERIC and cell.kind not in {Kind.PERCENT, Kind.FRACTION})
    if countable and text.isdecimal() and len(text) <= 12 and 1 <= int(text) <= MAX_WEIGHT:
        return int(text)
    found = "is missing" if cell.kind is Kind.EMPTY else f"{shown(text or cell.kind)!r} is not valid"
    reason = f"number of chances {found}, expected a whole number from 1 to {MAX_WEIGHT}"
    faults.append(Fault(columns.weight, shown(cell.text), reason))
    return 0


def problem_with_cell(cell: Cell, text: str, what: str, limit: int) -> str | None:
    """Return why a cell cannot be used as a ticket, a name or the like, as a phrase, or None."""
    match cell.kind:
        case Kind.EMPTY:
            return f"{what} is missing"
        case Kind.ERROR:
            return f"{what} is an Excel error: fix the formula or make the column wider"
        case Kind.FORMULA:
            return f"{what} is a formula without a stored value: open the file in Excel, save it, and import it again"
        case Kind.TEXT | Kind.NUMBER:
            rule = problem_with_ticket if what == "ticket" else problem_with
            return rule(text, what=what, limit=limit)
        case _:
            return f"{what} is {_WRONG_KINDS[cell.kind]}: {AS_TEXT}"


def group_in(row: Row, columns: Columns, faults: list[Fault]) -> str:
    """Return the group of a row, "" for none; a fault is added to `faults`."""
    return _shared(row, columns.group, "group", MAX_GROUP, faults)


class Households:
    """Numbers of our own for the values of a household column: equal values are one household, in any case.

    Args:
        kept: entries that are on the draft already and stay there; their numbers are not used again.
    """

    def __init__(self, kept: Iterable[Entry]) -> None:
        self._numbers: dict[str, int] = {}
        self._last = max((entry.household for entry in kept), default=0)
        self._others = self._last > 0

    @property
    def fresh_beside_others(self) -> bool:
        """Whether there are households of this import beside some of an earlier one."""
        return self._others and bool(self._numbers)

    def number_in(self, row: Row, columns: Columns, faults: list[Fault]) -> int:
        """Return the household of a row, 0 for none; a fault is added to `faults`."""
        text = _shared(row, columns.household, "household", _LONGEST_HOUSEHOLD, faults).casefold()
        if not text:
            return 0
        if text not in self._numbers:
            if self._last >= MAX_HOUSEHOLD:
                faults.append(Fault(columns.household, shown(text), f"there are more than {MAX_HOUSEHOLD} households"))
                return 0
            self._last += 1
            self._numbers[text] = self._last
        return self._numbers[text]


def _shared(row: Row, column: int | None, what: str, limit: int, faults: list[Fault]) -> str:
    if column is None or row.cell(column).kind is Kind.EMPTY:
        return ""
    cell = row.cell(column)
    text = clean(cell.text)
    if not text:
        return ""
    if cell.kind in {Kind.ERROR, Kind.FORMULA}:
        problem = problem_with_cell(cell, text, what, limit)
    else:  # a date or a yes/no value tells groups apart as well as a word does
        problem = problem_with(text, what=what, limit=limit)
    if problem is None:
        return text
    remedy = _LEAVE_OUT.format(option=f"--{what}-column")
    faults.append(Fault(column, shown(cell.text), f"{problem} ({remedy})"))
    return ""
