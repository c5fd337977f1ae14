"""From rows to entries: what is accepted, and for every row that is not, why.

Invariant: the receipt balances. Every row with something in it below a header is accepted once or rejected once, with
its file, sheet, row, column, value and every reason. Pure: reads no files, knows no draft.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import msgspec

from kiosk.core.errors import InputError, RefusedError
from kiosk.core.text_rules import clean, problem_with, problem_with_ticket
from kiosk.snapshot.model import MAX_ENTRIES, MAX_TICKET, MAX_WEIGHT
from kiosk.snapshot.names import MAX_NAME
from wheel_admin.importing.columns import Columns, Wish, find_columns
from wheel_admin.importing.tables import Cell, Kind, Row, Sheet, letter, shown
from wheel_admin.participants import Entry, SourceFile

_AS_TEXT = "format the column as text and type it again"


class Rejection(msgspec.Struct, frozen=True):
    """A row that was not accepted.

    Attributes:
        file: its name without directories.
        sheet: the sheet's name; empty in a CSV file.
        row: as Excel shows it, from 1.
        column: Excel's letter of the first cell at fault.
        value: that cell's text, made safe to show.
        reason: everything that is wrong with the row.
    """

    file: str
    sheet: str
    row: int
    column: str
    value: str
    reason: str

    def __str__(self) -> str:
        found = f" ({self.value})" if self.value else ""
        return f"{place(self.file, self.sheet)}, row {self.row}, column {self.column}: {self.reason}{found}"


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """What became of every row: `read` is `accepted` plus the number of `rejected`, always."""

    read: int
    accepted: int
    rejected: tuple[Rejection, ...]
    files: tuple[SourceFile, ...]
    notes: tuple[str, ...]


def place(file: str, sheet: str) -> str:
    """Return how messages name a sheet."""
    return f"{file}, sheet {sheet!r}" if sheet else file


@dataclass(frozen=True, slots=True)
class _Fault:
    column: int
    value: str
    reason: str


class Intake:
    """Takes sheets one by one and keeps the entries and the account of them.

    Args:
        wish: the columns that the organiser named.
        existing: tickets that are on the draft already and stay there.
    """

    def __init__(self, wish: Wish, *, existing: Iterable[str] = ()) -> None:
        self._wish = wish
        self._seen = dict.fromkeys(existing, "on the draft already")
        self._room = MAX_ENTRIES - len(self._seen)
        self.entries: list[Entry] = []
        self._rejected: list[Rejection] = []
        self._notes: list[str] = []
        self._files: list[SourceFile] = []
        self._read = 0

    def add_file(self, name: str, sha256: str, sheets: Iterable[Sheet]) -> None:
        """Take in all sheets of one file.

        Args:
            name: the file's name without directories.
            sha256: of its bytes, lowercase hex.
            sheets: what was read from it.

        Raises:
            InputError: a sheet has no header that fits, no sheet has participants, or there are too many entries.
        """
        before = self._read
        for sheet in sheets:
            self._add_sheet(name, sheet)
        if self._read == before:
            raise InputError(
                f"{name} has no participants: no visible sheet has rows below a header.",
                remedy="Check that this is the right file, and that its sheet is not hidden.",
            )
        self._files.append(SourceFile(name=name, sha256=sha256, rows=self._read - before))

    def receipt(self) -> Receipt:
        """Return the account of everything taken in."""
        receipt = Receipt(
            read=self._read,
            accepted=len(self.entries),
            rejected=tuple(self._rejected),
            files=tuple(self._files),
            notes=tuple(self._notes),
        )
        if receipt.read != receipt.accepted + len(receipt.rejected):
            raise AssertionError(f"the receipt does not balance: {receipt.read} rows read")
        return receipt

    def _add_sheet(self, file: str, sheet: Sheet) -> None:
        where = place(file, sheet.name)
        if sheet.note:
            self._notes.append(f"{where} {sheet.note}")
        if sheet.hidden:
            self._notes.append(f"{where} is hidden and was skipped; --sheet {sheet.name!r} reads it.")
            return
        if not sheet.rows:
            self._notes.append(f"{where} is empty and was skipped.")
            return
        columns = find_columns(sheet, self._wish, where=where)
        rows = [row for row in sheet.rows if row.number > columns.header_row]
        if not rows:
            self._notes.append(f"{where} has a header but no rows below it, and was skipped.")
            return
        self._notes.append(f"{where}: {_described(sheet, columns)}")
        for row in rows:
            self._add_row(file, sheet.name, row, columns)

    def _add_row(self, file: str, sheet: str, row: Row, columns: Columns) -> None:
        self._read += 1
        faults: list[_Fault] = []
        ticket = self._ticket(row, columns, faults)
        name = _name(row, columns, faults)
        weight = _weight(row, columns, faults)
        if faults:
            first = faults[0]
            reason = "; ".join(dict.fromkeys(fault.reason for fault in faults))
            self._rejected.append(Rejection(file, sheet, row.number, letter(first.column), first.value, reason))
            return
        self._seen[ticket] = f"first in {place(file, sheet)}, row {row.number}"
        self.entries.append(Entry(ticket=ticket, name=name, weight=weight))
        if len(self.entries) > self._room:
            raise InputError(
                f"{place(file, sheet)}, row {row.number}: this is entry {MAX_ENTRIES + 1}, at most {MAX_ENTRIES} fit "
                "on the wheel. Nothing was imported.",
                remedy="Split the list, or import fewer files.",
            )

    def _ticket(self, row: Row, columns: Columns, faults: list[_Fault]) -> str:
        cell = row.cell(columns.ticket)
        ticket = clean(cell.text)
        problem = _problem(cell, "ticket", MAX_TICKET)
        if problem is None and cell.kind is Kind.NUMBER and not ticket.lstrip("-").isdecimal():
            problem = f"ticket is a number with decimals: {_AS_TEXT}"
        if problem is None and ticket in self._seen:
            problem = f"duplicate ticket, {self._seen[ticket]}"
        if problem is not None:
            faults.append(_Fault(columns.ticket, shown(cell.text), problem))
        return ticket


def _name(row: Row, columns: Columns, faults: list[_Fault]) -> str:
    cells = [(column, row.cell(column)) for column in columns.names]
    filled = [(column, cell) for column, cell in cells if cell.kind is not Kind.EMPTY]
    name = clean(" ".join(cell.text for _, cell in filled))
    for column, cell in filled or cells[:1]:
        problem = _problem(cell, "name", MAX_NAME)
        if problem is not None:
            faults.append(_Fault(column, shown(cell.text), problem))
            return name
    problem = problem_with(name, what="name", limit=MAX_NAME)
    if problem is not None:  # the parts are fine, but together they are too long
        faults.append(_Fault(filled[0][0], shown(name), problem))
    return name


def _weight(row: Row, columns: Columns, faults: list[_Fault]) -> int:
    if columns.weight is None:
        return 1
    cell = row.cell(columns.weight)
    text = clean(cell.text)
    if cell.kind in {Kind.TEXT, Kind.NUMBER} and text.isdecimal() and len(text) <= 12 and 1 <= int(text) <= MAX_WEIGHT:
        return int(text)
    found = "is missing" if cell.kind is Kind.EMPTY else f"{shown(text or cell.kind)!r} is not valid"
    reason = f"number of chances {found}, expected a whole number from 1 to {MAX_WEIGHT}"
    faults.append(_Fault(columns.weight, shown(cell.text), reason))
    return 0


def _problem(cell: Cell, what: str, limit: int) -> str | None:
    match cell.kind:
        case Kind.EMPTY:
            return f"{what} is missing"
        case Kind.INEXACT:
            return f"{what} is a number too long to be exact: {_AS_TEXT}"
        case Kind.DATE:
            return f"{what} is a date: {_AS_TEXT}"
        case Kind.BOOLEAN:
            return f"{what} is a yes/no value: {_AS_TEXT}"
        case Kind.ERROR:
            return f"{what} is an Excel error: mend the formula"
        case Kind.FORMULA:
            return f"{what} is a formula without a stored value: open the file in Excel, save it, and import it again"
        case Kind.TEXT | Kind.NUMBER:
            rule = problem_with_ticket if what == "ticket" else problem_with
            return rule(clean(cell.text), what=what, limit=limit)


def _described(sheet: Sheet, columns: Columns) -> str:
    header = next((row for row in sheet.rows if row.number == columns.header_row), None)

    def one(column: int) -> str:
        text = header.cell(column).text if header else ""
        return f"{letter(column)} {shown(text)!r}" if text else letter(column)

    said = f"header in row {columns.header_row}" if header else "no header"
    names = " + ".join(map(one, columns.names))
    weight = f"; chances {one(columns.weight)}" if columns.weight is not None else "; one chance each"
    return f"{said}; ticket {one(columns.ticket)}; name {names}{weight}."


def refuse_if_rejected(receipt: Receipt) -> None:
    """Refuse an import in which any row was rejected.

    Raises:
        RefusedError: with a problem a rejected row.
    """
    if receipt.rejected:
        raise RefusedError(
            f"{len(receipt.rejected)} of {receipt.read} rows were rejected, and --strict allows none. "
            "Nothing was imported.",
            problems=tuple(map(str, receipt.rejected)),
            remedy="Mend these rows, or import without --strict.",
        )


def refuse_if_nothing_accepted(receipt: Receipt) -> None:
    """Refuse an import that would leave no entries.

    Raises:
        RefusedError: with a problem a rejected row.
    """
    if not receipt.accepted:
        raise RefusedError(
            f"None of the {receipt.read} rows could be accepted. Nothing was imported.",
            problems=tuple(map(str, receipt.rejected)),
            remedy="Check that the right columns were read: --ticket-column and --name-column.",
        )
