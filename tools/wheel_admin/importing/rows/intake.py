"""From rows to entries: what is accepted, and for every row that is not, why.

Invariant: the receipt balances. Every row of a sheet, by its number, is accepted, rejected with a reason, or counted as
header, blank, hidden or furniture. Pure: reads no files, knows no draft.
"""

from collections.abc import Callable, Iterable

import msgspec

from kiosk.core.errors import InputError
from kiosk.core.text_rules import clean, is_ignorable, problem_with
from kiosk.snapshot.model import MAX_ENTRIES, MAX_TICKET
from kiosk.snapshot.names import MAX_NAME
from wheel_admin.importing.columns.columns import Columns
from wheel_admin.importing.columns.content import without_email
from wheel_admin.importing.limits import MAX_COLUMNS
from wheel_admin.importing.rows.cells import AS_TEXT, Fault, Households, group_in, problem_with_cell, weight_in
from wheel_admin.importing.rows.furniture import Furniture
from wheel_admin.importing.rows.plausibility import on_two_lines
from wheel_admin.importing.rows.questions import is_too_wide, refuse_questions, rows_to_read
from wheel_admin.importing.rows.receipt import Receipt, Rejection, SheetRows, gaps, in_words, place, ranges
from wheel_admin.importing.rows.sheets import Reading, Selection
from wheel_admin.importing.rows.tickets import ruined, split_tickets
from wheel_admin.importing.settings import Settings
from wheel_admin.importing.tables import Cell, Kind, Row, Sheet, letter, shown
from wheel_admin.participants import Entry, SourceFile

_INVISIBLE_EDGES = "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\xad\u061c"
_MIN_DIGITS = 3
_LONGEST_STATUS = 40


class _Account(msgspec.Struct):
    accepted: list[int] = msgspec.field(default_factory=list)
    rejected: list[int] = msgspec.field(default_factory=list)
    hidden: list[int] = msgspec.field(default_factory=list)


class _KnownSheet(msgspec.Struct, frozen=True):
    """A sheet, and what is known of it before its rows are judged one by one."""

    sheet: Sheet
    columns: Columns
    where: str
    furniture: Furniture
    used: frozenset[int]


class Intake:
    """Takes files one by one and keeps the entries and the account of them.

    Args:
        existing: entries that are on the draft already and stay there.
    """

    def __init__(self, *, existing: Iterable[Entry] = ()) -> None:
        self._settings = Settings()
        kept = tuple(existing)
        self._seen = {entry.ticket: "on the draft already" for entry in kept}
        self._room = MAX_ENTRIES - len(kept)
        self._next_number = 1 + max((int(one) for one in self._seen if one.isdecimal() and len(one) < 7), default=0)
        self.entries: list[Entry] = []
        self.origins: list[str] = []
        self.asides: list[tuple[str, str]] = []
        self.broken: set[str] = set()
        self._unnumbered: list[int] = []
        self._rejected: list[Rejection] = []
        self._notes: list[str] = []
        self._files: list[SourceFile] = []
        self._sheets: list[SheetRows] = []
        self._read = 0
        self._accepted = 0
        self._trimmed = 0
        self._without_email = 0
        self._households = Households(kept)

    def add_file(self, name: str, sha256: str, sheets: Iterable[Sheet], settings: Settings | None = None) -> None:
        """Take in the sheets of one file that hold the list. `Unclear` leaves everything as it was.

        Args:
            name: the file's name without directories.
            sha256: of its bytes, lowercase hex.
            sheets: what was read from it.
            settings: how the organiser wants it read.

        Raises:
            Unclear: it is not clear what to read.
            InputError: nothing is a list, or there are too many entries.
        """
        self._settings = settings or Settings()
        before = self._read
        selection = Selection(name, tuple(sheets), self._settings)
        readings = selection.readings()
        for reading in readings:  # before anything of the file is taken in
            refuse_questions(name, reading, self._settings)
        self._notes += selection.notes
        for reading in readings:
            self._add_sheet(name, reading)
        if self._read == before:
            raise InputError(
                f"{name} has no participants: no visible sheet has rows below a header.",
                remedy="Check that this is the right file, and that its sheet is not hidden.",
            )
        self._files.append(SourceFile(name=name, sha256=sha256, rows=self._read - before))

    def note(self, text: str) -> None:
        """Add a note to the receipt."""
        self._notes.append(text)

    def finish(self) -> None:
        """Give numbers to entries without tickets: in file order, with as many digits as all of them need."""
        if self._without_email:
            count = self._without_email
            self._notes.append(f"E-mail addresses were taken off {count} {'name' if count == 1 else 'names'}.")
            self._without_email = 0
        if self._households.fresh_beside_others:
            self._notes.append(
                "Households are told apart within one import only: one that is spread over two imports counts as two."
            )
        if not self._unnumbered:
            return
        last = self._next_number + len(self._unnumbered) - 1
        digits = max(_MIN_DIGITS, len(str(last)))
        number = self._next_number
        for index in self._unnumbered:
            while f"{number:0{digits}d}" in self._seen:
                number += 1
            ticket = f"{number:0{digits}d}"
            self._seen[ticket] = "given"
            entry = self.entries[index]
            self.entries[index] = msgspec.structs.replace(entry, ticket=ticket)
        first, last_entry = (self.entries[index] for index in (self._unnumbered[0], self._unnumbered[-1]))
        self._notes.append(f"No column holds tickets, so numbers were given: {first.ticket} to {last_entry.ticket}.")
        self._unnumbered = []

    def receipt(self, warnings: Iterable[str] = ()) -> Receipt:
        """Return the account of everything taken in."""
        receipt = Receipt(
            read=self._read,
            accepted=self._accepted,
            rejected=tuple(self._rejected),
            files=tuple(self._files),
            notes=tuple(self._notes),
            warnings=tuple(warnings),
            sheets=tuple(self._sheets),
        )
        if receipt.read != receipt.accepted + len(receipt.rejected):
            raise AssertionError(f"the receipt does not balance: {receipt.read} rows read")
        return receipt

    @property
    def trimmed(self) -> int:
        """How many cells had invisible characters at their edges, which were taken off."""
        return self._trimmed

    def _add_sheet(self, file: str, reading: Reading) -> None:
        sheet, columns = reading.sheet, reading.columns
        where = place(file, sheet.name)
        body = [row for row in sheet.rows if row.number >= columns.first_data_row]
        rows = rows_to_read(reading, self._settings)
        if len(rows) < len(body):
            skipped = in_words(row.number for row in body if row.hidden)
            self._notes.append(f"{where}: {len(body) - len(rows)} hidden rows were skipped: {skipped}.")
        if columns.header_rows and not rows:
            self._notes.append(f"{where} has a header but no rows below it, and was skipped.")
        else:
            self._notes.append(f"{where}: {described(sheet, columns)}")
        account = _Account()
        known = _KnownSheet(sheet, columns, where, Furniture(sheet, columns), frozenset(columns.used))
        shown_rows = {row.number for row in rows}
        for row in body:
            if row.number not in shown_rows:
                account.hidden.append(row.number)
                continue
            self._read += 1
            faults = self._add_row(row, known)
            if faults:
                self._reject(file, sheet.name, row.number, faults)
                account.rejected.append(row.number)
            else:
                self._accepted += 1
                account.accepted.append(row.number)
        self._reject_beyond(file, sheet, columns, account)
        self._sheets.append(_sheet_rows(file, sheet, columns, account))

    def _reject_beyond(self, file: str, sheet: Sheet, columns: Columns, account: _Account) -> None:
        """Reject the rows below the header that hold something, but not in any column that is read."""
        last = letter(MAX_COLUMNS - 1)
        fault = Fault(None, "", f"the row has cells right of column {last} only, and columns A to {last} are read")
        for number in sheet.beyond:
            if number >= columns.first_data_row:
                self._read += 1
                self._reject(file, sheet.name, number, [fault])
                account.rejected.append(number)

    def _reject(self, file: str, sheet: str, number: int, faults: list[Fault]) -> None:
        first = faults[0]
        reason = "; ".join(dict.fromkeys(fault.reason for fault in faults))
        column = "" if first.column is None else letter(first.column)
        self._rejected.append(Rejection(file, sheet, number, column, first.value, reason))

    def _add_row(self, row: Row, known: _KnownSheet) -> list[Fault]:
        columns = known.columns
        faults: list[Fault] = []
        reason = known.furniture.reason(row)
        if reason:
            column = next((column for column, cell in enumerate(row.cells) if cell.text), 0)
            return [Fault(column, shown(row.cell(column).text), reason)]
        if is_too_wide(known.sheet, row, columns):
            width = columns.width
            return [Fault(width, shown(row.cell(width).text), f"the row has more cells than the header ({width})")]
        tickets = self._tickets(known.sheet, row, columns, faults)
        name = self._name(row, columns, faults)
        weight = weight_in(row, columns, faults)
        group = group_in(row, columns, faults)
        household = self._households.number_in(row, columns, faults)
        if faults:
            return faults
        where = f"{known.where}, row {row.number}"
        if any(on_two_lines(cell.text) for _, cell in columns.name_cells(row)):
            self.broken.add(where)
        for ticket in tickets:
            if columns.ticket is None:
                self._unnumbered.append(len(self.entries))
            else:
                self._seen[ticket] = f"first in {where}"
            self.entries.append(Entry(ticket, name, weight, group, household))
            self.origins.append(where)
        self.asides += [
            (cell.text, where)
            for column, cell in enumerate(row.cells)
            if column not in known.used and cell.kind is Kind.TEXT and len(cell.text) <= _LONGEST_STATUS
        ]
        if len(self.entries) > self._room:
            raise InputError(
                f"{where}: this is entry {MAX_ENTRIES + 1}, at most {MAX_ENTRIES} fit on the wheel. "
                "Nothing was imported.",
                remedy="Split the list, or import fewer files.",
            )
        return []

    def _tickets(self, sheet: Sheet, row: Row, columns: Columns, faults: list[Fault]) -> list[str]:
        if columns.ticket is None:
            return [""]
        cell = row.cell(columns.ticket)
        text = self._trim(cell.text)
        try:
            several = cell.kind is Kind.TEXT and self._settings.split_tickets
            tickets = split_tickets(text) if several else [clean(text)]
        except ValueError as error:
            faults.append(Fault(columns.ticket, shown(text), f"ticket: {error}"))
            return []
        for ticket in tickets or [""]:
            problem = problem_with_cell(cell, ticket, "ticket", MAX_TICKET) or self._ticket_problem(sheet, cell, ticket)
            if problem is None and tickets.count(ticket) > 1:
                problem = f"the cell names ticket {ticket} twice"
            if problem is not None:
                faults.append(Fault(columns.ticket, shown(cell.text), problem))
                break
        return tickets

    def _ticket_problem(self, sheet: Sheet, cell: Cell, ticket: str) -> str | None:
        if cell.kind is Kind.TEXT and sheet.plain and ruined(ticket):
            return f"ticket is {ruined(ticket)}, which the program made of it that wrote the file: {AS_TEXT}"
        if ticket in self._seen:
            return f"duplicate ticket, {self._seen[ticket]}"
        return None

    def _name(self, row: Row, columns: Columns, faults: list[Fault]) -> str:
        cells = columns.name_cells(row)
        texts = [self._bare(self._trim(cell.text)) for _, cell in cells]
        name = clean(columns.joiner.join(text for text in texts if text.strip()))
        if not cells:
            faults.append(Fault(columns.names[0], "", "name is missing"))
            return name
        for (column, cell), text in zip(cells, texts, strict=True):
            problem = problem_with_cell(cell, clean(text), "name", MAX_NAME)
            if problem is not None:
                faults.append(Fault(column, shown(cell.text), problem))
                return name
        problem = problem_with(name, what="name", limit=MAX_NAME)
        if problem is not None:  # the parts are fine, but together they are too long
            faults.append(Fault(cells[0][0], shown(name), problem))
        return name

    def _bare(self, text: str) -> str:
        """Return a name without the e-mail address behind it, which everybody would see, and count it."""
        bare = without_email(text)
        self._without_email += bare != text
        return bare

    def _trim(self, text: str) -> str:
        """Return a text without invisible characters at its edges, and count it if there were any."""
        if text.isascii():
            return text
        bare = text.strip()
        while bare and bare[0] in _INVISIBLE_EDGES and is_ignorable(bare[0]):
            bare = bare[1:].lstrip()
        while bare and bare[-1] in _INVISIBLE_EDGES and is_ignorable(bare[-1]):
            bare = bare[:-1].rstrip()
        self._trimmed += bare != text.strip()
        return bare


def _sheet_rows(file: str, sheet: Sheet, columns: Columns, account: _Account) -> SheetRows:
    header = set(columns.header_rows)
    content = {row.number for row in sheet.rows}
    furniture = {number for number in content if number < columns.first_data_row and number not in header}
    rejected = set(account.rejected)
    last = max(sheet.last_row, max(content | header | rejected, default=0))
    return SheetRows(
        file=file,
        sheet=sheet.name,
        accepted=ranges(account.accepted),
        rejected=ranges(account.rejected),
        header=ranges(header),
        blank=gaps(content | header | rejected, last),
        hidden=ranges(account.hidden),
        furniture=ranges(furniture),
    )


def described(sheet: Sheet, columns: Columns) -> str:
    """Return which columns are used, and which are not."""

    def one(column: int) -> str:
        text = columns.header[column] if column < len(columns.header) else ""
        return f"{letter(column)} {shown(text)!r}" if text else letter(column)

    rows = " and ".join(map(str, columns.header_rows))
    said = f"header in row {rows}" if columns.header_rows else "no header"
    ticket = f"ticket {one(columns.ticket)}" if columns.ticket is not None else "numbers are given"
    names = f"name {' + '.join(map(one, columns.names))}"
    if sheet.plain and not columns.header and all(len(row.cells) == 1 for row in sheet.rows):
        names = "each line is a name"
    weight = f"; chances {one(columns.weight)}" if columns.weight is not None else "; one chance each"
    group = f"; group {one(columns.group)}" if columns.group is not None else ""
    household = f"; household {one(columns.household)}" if columns.household is not None else ""
    return f"{said}; {ticket}; {names}{weight}{group}{household}{_unused(sheet, columns, one)}."


def _unused(sheet: Sheet, columns: Columns, one: Callable[[int], str]) -> str:
    named = {column for column, text in enumerate(columns.header) if text}
    if not named:
        named = {column for row in sheet.rows for column, cell in enumerate(row.cells) if cell.text}
    rest = sorted(named - set(columns.used))
    listed = ", ".join(map(one, rest[:12])) + (f" and {len(rest) - 12} more" if len(rest) > 12 else "")
    return f"; not used: {listed}" if rest else ""
