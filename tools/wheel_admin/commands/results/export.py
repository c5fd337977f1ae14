"""`wheel-admin draws export`: every spin and withdrawal as a spreadsheet.

Opening the file runs nothing, whatever stands in a name, a ticket or a reason: see `wheel_admin.importing.formulas`.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from kiosk.core.durable import SHARED, write_atomic
from kiosk.core.errors import UsageError
from wheel_admin.cli.options import (
    DEFAULT_HOME,
    HomeOption,
    JsonOption,
    absolute,
    counted,
    examples,
    existing_home,
    reply,
    say,
)
from wheel_admin.commands.results.draws import NamedDraw, Names, named_draws
from wheel_admin.importing.formulas import Cell, as_csv, as_workbook
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
_WIDTHS = {"A": 26, "B": 12, "D": 14, "H": 14, "I": 32, "J": 48}


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
    kind = file.suffix.lower()
    if kind not in {".xlsx", ".csv"}:
        raise UsageError(f"{file} ends in neither .xlsx nor .csv.", remedy="Name it draws.xlsx or draws.csv.")
    ledger = read_ledger(place)
    names = Names(place)
    found = rows(named_draws(ledger, names), ledger.withdrawals, names)
    data = as_csv(COLUMNS, found) if kind == ".csv" else as_workbook("Draws", COLUMNS, found, widths=_WIDTHS)
    write_atomic(absolute(file), data, mode=SHARED)
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
    return [row for _, row in sorted(found)]


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
