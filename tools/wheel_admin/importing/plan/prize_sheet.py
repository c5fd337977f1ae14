"""A sheet of prizes into prizes, with a receipt that balances.

Invariant: pure. Every row of the sheet, by its number, is accepted, rejected with a reason, or counted as header, blank
or furniture. A prize keeps its id when its list is read again: rows are matched by id, or else by title.
"""

import re
from collections.abc import Sequence

import msgspec

from kiosk.core.errors import InputError
from kiosk.core.text_rules import clean, problem_with
from kiosk.snapshot.model import (
    MAX_GROUP,
    MAX_GROUPS,
    MAX_PER_PRESS,
    MAX_PRIZES,
    MAX_QUANTITY,
    MAX_RESERVES,
    MAX_TITLE,
    Prize,
    is_prize_id,
)
from wheel_admin.importing.columns.header_words import fold, total_words
from wheel_admin.importing.plan.prize_words import PrizeRole, is_sheet_of_prizes, rank_of
from wheel_admin.importing.rows.receipt import Receipt, Rejection, SheetRows, place, ranges
from wheel_admin.importing.tables import NUMERIC, Cell, Kind, Row, Sheet, letter, shown
from wheel_admin.participants import SourceFile
from wheel_admin.prizes import find, id_for

_HEADER_WITHIN = 50
_SEPARATORS = re.compile(r"[,;/|\n]+")
_EVERYBODY = frozenset(map(fold, ("all", "alle", "everybody", "everyone", "tous", "todos", "tutti", "все", "jeder")))
_NUMBERS = {
    PrizeRole.QUANTITY: (1, 1, MAX_QUANTITY),
    PrizeRole.RESERVES: (0, 0, MAX_RESERVES),
    PrizeRole.PRESS: (1, 1, MAX_PER_PRESS),
}
"""Of each column of numbers: what an empty cell means, the least and the most."""
_MAX_ORDER = 1_000_000


class Planned(msgspec.Struct, frozen=True):
    """A prize as a row says it; `picture` is the name of a file, "" for none."""

    prize: Prize
    picture: str
    where: str


class Plan(msgspec.Struct, frozen=True):
    """The prizes of a sheet, in their order, and the account of its rows."""

    planned: tuple[Planned, ...]
    receipt: Receipt


class _Row(msgspec.Struct):
    row: Row
    order: int = 0
    values: dict[PrizeRole, str] = msgspec.field(default_factory=dict)
    numbers: dict[PrizeRole, int] = msgspec.field(default_factory=dict)
    faults: list[tuple[int | None, str, str]] = msgspec.field(default_factory=list)


def prize_sheets(sheets: Sequence[Sheet]) -> list[Sheet]:
    """Return the visible sheets whose names say that they hold the prizes, and that have a header of prizes."""
    return [sheet for sheet in sheets if is_sheet_of_prizes(sheet.name) and not sheet.hidden and has_header(sheet)]


def has_header(sheet: Sheet) -> bool:
    """Say whether a sheet has a header of prizes: a title, and at least one of quantity, reserves, and so on."""
    return _header(sheet) is not None


def read_prizes(source: SourceFile, sheet: Sheet, *, known: Sequence[Prize] = ()) -> Plan:
    """Return the prizes of a sheet.

    Args:
        source: the file; its number of rows is counted here.
        sheet: of the prizes.
        known: prizes that have ids already.

    Raises:
        InputError: there is no header of prizes, or there are too many prizes.
    """
    return _Reading(source, sheet, known).plan()


def _header(sheet: Sheet) -> tuple[Row, dict[PrizeRole, int]] | None:
    for row in sheet.rows[:_HEADER_WITHIN]:
        columns = _columns(row)
        if PrizeRole.PRIZE in columns and (len(columns) > 1 or is_sheet_of_prizes(sheet.name)):
            return row, columns
    return None


def _columns(header: Row) -> dict[PrizeRole, int]:
    found: dict[PrizeRole, int] = {}
    for role in PrizeRole:
        ranked = [
            (rank, column)
            for column, cell in enumerate(header.cells)
            if cell.kind is Kind.TEXT and (rank := rank_of(cell.text, role)) is not None
        ]
        free = [one for one in ranked if one[1] not in found.values()]
        if free:
            found[role] = min(free)[1]
    return found


class _Reading:
    def __init__(self, source: SourceFile, sheet: Sheet, known: Sequence[Prize]) -> None:
        self._source, self._sheet, self._known = source, sheet, known
        self._where = place(source.name, sheet.name)
        header = _header(sheet)
        if header is None:
            raise InputError(
                f"{self._where} has no header of prizes in its first {_HEADER_WITHIN} rows.",
                remedy="Put a header over the columns, in any language: Order, Prize, Quantity, Reserves, Per press,"
                " Groups, Picture, Sponsor. Only Prize is needed.",
            )
        self._header, self._columns = header
        self._titles: dict[str, int] = {}
        self._ids: dict[str, int] = {}

    def plan(self) -> Plan:
        body = [row for row in self._sheet.rows if row.number > self._header.number]
        totals = [row for row in body if self._is_total(row)]
        rows = [self._read(row) for row in body if row not in totals]
        rows = self._in_order(rows)
        good = [one for one in rows if not one.faults]
        if len(good) > MAX_PRIZES:
            raise InputError(
                f"{self._where} has {len(good)} prizes, at most {MAX_PRIZES} are allowed.",
                remedy="Make one row of prizes that are alike, with their quantity.",
            )
        receipt = self._receipt(rows, totals)
        return Plan(tuple(self._planned(good)), receipt)

    # ---- rows --------------------------------------------------------------------------------------------------------

    def _cell(self, row: Row, role: PrizeRole) -> Cell | None:
        column = self._columns.get(role)
        return None if column is None or row.cell(column).kind is Kind.EMPTY else row.cell(column)

    def _is_total(self, row: Row) -> bool:
        words = [fold(cell.text) for cell in row.cells if cell.kind is Kind.TEXT]
        return len(words) == 1 and words[0] in total_words() and self._cell(row, PrizeRole.PRESS) is None

    def _read(self, row: Row) -> _Row:
        one = _Row(row)
        for role in (PrizeRole.PRIZE, PrizeRole.SPONSOR, PrizeRole.PICTURE, PrizeRole.GROUPS, PrizeRole.ID):
            one.values[role] = self._text(one, role)
        title = one.values[PrizeRole.PRIZE]
        if not title and not one.faults:
            self._fault(one, PrizeRole.PRIZE, "the prize has no title")
        elif not one.faults:
            first = self._titles.setdefault(fold(title) or title, row.number)
            if first != row.number:
                self._fault(one, PrizeRole.PRIZE, f"the same prize as in row {first}: make it one row, with a quantity")
        self._check_id(one)
        for role, (default, least, most) in _NUMBERS.items():
            one.numbers[role] = self._number(one, role, default, least, most)
        self._check_groups(one)
        return one

    def _check_id(self, one: _Row) -> None:
        prize_id = one.values[PrizeRole.ID]
        if prize_id and not is_prize_id(prize_id):
            self._fault(one, PrizeRole.ID, "the id is not 1 to 40 of a-z, 0-9 and hyphen")
        elif prize_id and self._ids.setdefault(prize_id, one.row.number) != one.row.number:
            self._fault(one, PrizeRole.ID, f"the same id as in row {self._ids[prize_id]}")

    def _check_groups(self, one: _Row) -> None:
        for group in _groups(one.values[PrizeRole.GROUPS]):
            if problem := problem_with(group, what="the group", limit=MAX_GROUP):
                self._fault(one, PrizeRole.GROUPS, problem)
        if len(_groups(one.values[PrizeRole.GROUPS])) > MAX_GROUPS:
            self._fault(one, PrizeRole.GROUPS, f"more than {MAX_GROUPS} groups")

    def _text(self, one: _Row, role: PrizeRole) -> str:
        cell = self._cell(one.row, role)
        if cell is None:
            return ""
        if cell.kind in {Kind.ERROR, Kind.FORMULA}:
            self._fault(one, role, f"{role} is {cell.kind}: open the file in Excel, mend it and save it")
            return ""
        text = clean(cell.text)
        if text and role in {PrizeRole.PRIZE, PrizeRole.SPONSOR}:
            what = "the title" if role is PrizeRole.PRIZE else "the sponsor"
            if problem := problem_with(text, what=what, limit=MAX_TITLE):
                self._fault(one, role, problem)
        return text

    def _number(self, one: _Row, role: PrizeRole, default: int, least: int, most: int) -> int:
        cell = self._cell(one.row, role)
        if cell is None:
            return default
        text = clean(cell.number)
        whole = text.isdecimal() and len(text) <= 9 and (cell.kind is Kind.TEXT or cell.kind in NUMERIC)
        if whole and least <= int(text) <= most:
            return int(text)
        header = clean(self._header.cell(self._columns[role]).text)
        self._fault(one, role, f"{shown(header)} is {shown(text)!r}, expected a whole number from {least} to {most}")
        return default

    def _in_order(self, rows: list[_Row]) -> list[_Row]:
        """Return the rows by the numbers of the order column, if there are any; rows with the same number as listed."""
        if all(self._cell(one.row, PrizeRole.ORDER) is None for one in rows):
            return rows
        for one in rows:
            if self._cell(one.row, PrizeRole.ORDER) is None:
                self._fault(one, PrizeRole.ORDER, "the order is missing, and other rows have one")
            else:
                one.order = self._number(one, PrizeRole.ORDER, 0, 0, _MAX_ORDER)
        return sorted(rows, key=lambda one: one.order)

    def _fault(self, one: _Row, role: PrizeRole, reason: str) -> None:
        column = self._columns.get(role)
        text = "" if column is None else shown(one.row.cell(column).text)
        one.faults.append((column, text, reason))

    # ---- results -----------------------------------------------------------------------------------------------------

    def _planned(self, rows: list[_Row]) -> list[Planned]:
        taken = {prize.id for prize in self._known} | {one.values[PrizeRole.ID] for one in rows}
        found: list[Planned] = []
        used: set[str] = set()
        for one in rows:
            title = one.values[PrizeRole.PRIZE]
            before = [prize for prize in find(self._known, title) if prize.id not in used]
            prize_id = one.values[PrizeRole.ID] or (before[0].id if before else id_for(title, taken | used))
            used.add(prize_id)
            prize = Prize(
                id=prize_id,
                title=title,
                quantity=one.numbers[PrizeRole.QUANTITY],
                reserves=one.numbers[PrizeRole.RESERVES],
                per_press=one.numbers[PrizeRole.PRESS],
                groups=_groups(one.values[PrizeRole.GROUPS]),
                picture="",
                sponsor=one.values[PrizeRole.SPONSOR],
            )
            found.append(Planned(prize, one.values[PrizeRole.PICTURE], f"{self._where}, row {one.row.number}"))
        return found

    def _receipt(self, rows: list[_Row], totals: list[Row]) -> Receipt:
        accepted = [one.row.number for one in rows if not one.faults]
        rejected = [
            Rejection(
                self._source.name,
                self._sheet.name,
                one.row.number,
                "" if one.faults[0][0] is None else letter(one.faults[0][0]),
                one.faults[0][1],
                "; ".join(reason for _, _, reason in one.faults),
            )
            for one in sorted(rows, key=lambda one: one.row.number)
            if one.faults
        ]
        content = {row.number for row in self._sheet.rows}
        above = {number for number in content if number < self._header.number}
        last = max(self._sheet.last_row, *content)
        account = SheetRows(
            file=self._source.name,
            sheet=self._sheet.name,
            accepted=ranges(accepted),
            rejected=ranges(one.row for one in rejected),
            header=ranges([self._header.number]),
            blank=ranges(set(range(1, last + 1)) - content),
            furniture=ranges(above | {row.number for row in totals}),
        )
        used = set(self._columns.values())
        rest = [
            f"{letter(column)} {shown(cell.text)!r}"
            for column, cell in enumerate(self._header.cells)
            if cell.text and column not in used
        ]
        said = "; ".join(
            f"{role} {letter(column)} {shown(self._header.cell(column).text)!r}"
            for role, column in self._columns.items()
        )
        notes = [f"{self._where}: {said}" + (f"; not used: {', '.join(rest)}." if rest else ".")]
        notes += [f"{self._where}: row {row.number} is a total, and was not read." for row in totals]
        files = (SourceFile(self._source.name, self._source.sha256, len(rows)),)
        return Receipt(
            read=len(rows),
            accepted=len(accepted),
            rejected=tuple(rejected),
            files=files,
            notes=tuple(notes),
            sheets=(account,),
        )


def _groups(text: str) -> tuple[str, ...]:
    groups = tuple(dict.fromkeys(part for part in map(clean, _SEPARATORS.split(text)) if part))
    return () if len(groups) == 1 and (fold(groups[0]) or groups[0]) in _EVERYBODY else groups
