"""`wheel-admin draws export`: every spin and withdrawal as a spreadsheet.

Invariant: whatever stands in a name, a ticket or a reason, opening the file runs nothing: a text that a spreadsheet
could take for a formula gets an apostrophe in front (OWASP, "CSV Injection").
"""

import csv
import io
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from kiosk.core.durable import SHARED, write_atomic
from kiosk.core.errors import UsageError
from wheel_admin.cli.options import DEFAULT_HOME, HomeOption, JsonOption, counted, examples, existing_home, reply, say
from wheel_admin.commands.results.draws import NamedDraw, Names, named_draws
from wheel_admin.ledger_report.ledger_view import Withdrawal, read_ledger

EPILOG = examples("wheel-admin draws export draws.xlsx", "wheel-admin draws export draws.csv")
COLUMNS = (
    "Time (UTC)",
    "Event",
    "Generation",
    "List (S)",
    "Spin",
    "Mode",
    "Level",
    "Ticket",
    "Name",
    "Reason",
    "Shown",
    "Absent",
)
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")

Cell = str | int


class Answer(msgspec.Struct, frozen=True):
    """What was written."""

    file: str
    rows: int


def export(
    file: Annotated[Path, typer.Argument(show_default=False, help="Ends in .xlsx or .csv; an old one is replaced.")],
    *,
    home: HomeOption = DEFAULT_HOME,
    as_json: JsonOption = False,
) -> None:
    """Write every spin and every withdrawal to an Excel or CSV file, oldest first."""
    place = existing_home(home)
    kinds = {".xlsx": as_workbook, ".csv": as_csv}
    make = kinds.get(file.suffix.lower())
    if make is None:
        raise UsageError(f"{file} ends in neither .xlsx nor .csv.", remedy="Name it draws.xlsx or draws.csv.")
    ledger = read_ledger(place)
    names = Names(place)
    found = rows(named_draws(ledger, names), ledger.withdrawals, names)
    write_atomic(file.expanduser().absolute(), make(found), mode=SHARED)
    if as_json:
        reply(Answer(str(file), len(found)))
        return
    say(f"wrote {counted(len(found), 'row')} to {file}")


def rows(draws: Iterable[NamedDraw], withdrawals: Iterable[Withdrawal], names: Names) -> list[tuple[Cell, ...]]:
    """Return one row of cells for each spin and withdrawal, in the ledger's order."""
    found = [(one.draw.seq, _spin_row(one)) for one in draws]
    for gone in withdrawals:
        name = names.name_in(gone.snapshot, gone.generation, gone.ticket) or ""
        where = (gone.generation, gone.snapshot, "", "", "")
        found.append((gone.seq, (gone.at, "withdrawal", *where, gone.ticket, name, gone.reason, "", "")))
    return [tuple(neutralised(cell) for cell in row) for _, row in sorted(found)]


def neutralised(cell: Cell) -> Cell:
    """Return the cell so that no spreadsheet takes it for a formula."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA_STARTS) else cell


def as_csv(found: list[tuple[Cell, ...]]) -> bytes:
    """Return the rows as CSV, in UTF-8 with a mark by which Excel knows it."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows(found)
    return text.getvalue().encode("utf-8-sig")


def as_workbook(found: list[tuple[Cell, ...]]) -> bytes:
    """Return the rows as an .xlsx file."""
    from openpyxl import Workbook  # noqa: PLC0415 - slow to load, needed here only

    book = Workbook(write_only=True)
    sheet = book.create_sheet("Draws")
    sheet.freeze_panes = "A2"
    for letter, width in {"A": 26, "B": 12, "D": 14, "H": 14, "I": 32, "J": 48}.items():
        sheet.column_dimensions[letter].width = width
    sheet.append(COLUMNS)
    for row in found:
        sheet.append(row)
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


def _spin_row(one: NamedDraw) -> tuple[Cell, ...]:
    draw = one.draw
    why = "; ".join(part for part in (draw.reason, draw.fallback) if part)
    return (
        draw.at,
        "spin",
        draw.generation,
        draw.snapshot,
        draw.spin,
        draw.mode,
        draw.level or "",
        draw.ticket,
        one.name or "",
        why,
        "yes" if draw.shown else "no",
        "yes" if draw.absent else "no",
    )
