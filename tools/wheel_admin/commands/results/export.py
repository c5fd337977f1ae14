"""`wheel-admin draws export`: every place drawn and every withdrawal as a spreadsheet.

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
from wheel_admin.cli.wording import level_in_words
from wheel_admin.commands.results.draws import NamedDraw, named_draws
from wheel_admin.importing.formulas import Cell, Table, as_csv, as_workbook
from wheel_admin.ledger_report.event_summary import Shorten
from wheel_admin.ledger_report.ledger_view import Withdrawal, read_ledger
from wheel_admin.ledger_report.lists import KnownNames

EPILOG = examples("wheel-admin draws export draws.xlsx", "wheel-admin draws export draws.csv")
COLUMNS = (
    "Time (UTC)",
    "What",
    "Event",
    "Generation",
    "List (S)",
    "Spin",
    "Prize",
    "Place",
    "Mode",
    "Level",
    "Ticket",
    "Name",
    "Reason",
    "Shown",
    "State",
    "Place now",
)
WIDTHS = {"A": 26, "B": 12, "C": 18, "E": 14, "G": 14, "K": 14, "L": 32, "M": 48}


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
    """Write every place drawn and every withdrawal to an Excel or CSV file, oldest first."""
    place = existing_home(home)
    kind = file.suffix.lower()
    if kind not in {".xlsx", ".csv"}:
        raise UsageError(f"{file} ends in neither .xlsx nor .csv.", remedy="Name it draws.xlsx or draws.csv.")
    ledger = read_ledger(place)
    names = KnownNames(place)
    found = rows(named_draws(ledger, names), ledger.withdrawals, names)
    data = as_csv(COLUMNS, found) if kind == ".csv" else as_workbook(Table("Draws", COLUMNS, found, WIDTHS))
    write_atomic(absolute(file), data, mode=SHARED)
    if as_json:
        reply(Answer(str(file), len(found)))
        return
    say(f"wrote {counted(len(found), 'row')} to {file}")


def rows(
    draws: Iterable[NamedDraw], withdrawals: Iterable[Withdrawal], names: KnownNames, *, shorten: Shorten = str
) -> list[tuple[Cell, ...]]:
    """Return one row of cells for each place drawn and each withdrawal, in the ledger's order.

    Args:
        draws: the places.
        withdrawals: of tickets.
        names: finds the names of withdrawn tickets.
        shorten: what becomes of names.
    """
    found = [(one.draw.seq, one.draw.place, _draw_row(one, shorten)) for one in draws]
    found += [(gone.seq, 0, _withdrawal_row(gone, names, shorten)) for gone in withdrawals]
    return [row for _, _, row in sorted(found, key=lambda one: one[:2])]


def _draw_row(one: NamedDraw, shorten: Shorten) -> tuple[Cell, ...]:
    draw = one.draw
    return (
        draw.at,
        "spin",
        draw.event,
        draw.generation,
        draw.snapshot,
        draw.spin,
        draw.prize,
        draw.place,
        draw.mode,
        level_in_words(draw.entropy) if draw.mode == "natural" else "predetermined by the organiser",
        draw.ticket,
        shorten(one.name or ""),
        "; ".join(part for part in (draw.reason, draw.fallback) if part),
        "yes" if draw.shown else "no",
        draw.state,
        "" if draw.freed else draw.place_now,
    )


def _withdrawal_row(gone: Withdrawal, names: KnownNames, shorten: Shorten) -> tuple[Cell, ...]:
    name = shorten(names.names_of(gone.snapshot).get(gone.ticket, ""))
    where = (gone.event, gone.generation, gone.snapshot)
    return (gone.at, "withdrawal", *where, "", "", "", "", "", gone.ticket, name, gone.reason, "", "", "")
