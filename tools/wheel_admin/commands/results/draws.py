"""`wheel-admin draws`: who won, from the kiosk's ledger.

Invariant: the ledger knows tickets only. A name is looked up in the names file of the list that the ledger names;
nothing is judged here (that is `wheel-admin verify`).
"""

import msgspec
import typer

from wheel_admin.cli.options import (
    DEFAULT_HOME,
    HomeOption,
    JsonOption,
    add_row,
    counted,
    examples,
    existing_home,
    reply,
    say,
    say_table,
    table_of,
)
from wheel_admin.cli.wording import level_in_words
from wheel_admin.commands.publish.published_lists import minutes
from wheel_admin.importing.tables import shown
from wheel_admin.ledger_report.ledger_view import Draw, LedgerView, Withdrawal, read_ledger
from wheel_admin.ledger_report.lists import KnownNames

EPILOG = examples("wheel-admin draws", "wheel-admin draws --json", "wheel-admin draws export draws.xlsx")


class NamedDraw(msgspec.Struct, frozen=True):
    """A place that was drawn, and the winner's name; null if the list or its names cannot be found."""

    draw: Draw
    name: str | None


class Answer(msgspec.Struct, frozen=True):
    """Every place drawn and every withdrawal in the ledger, oldest first, and how many lines could not be read."""

    draws: tuple[NamedDraw, ...]
    withdrawals: tuple[Withdrawal, ...]
    unreadable_lines: int


def draws(context: typer.Context, *, home: HomeOption = DEFAULT_HOME, as_json: JsonOption = False) -> None:
    """List the results of all spins, from the kiosk's ledger; or export them."""
    if context.invoked_subcommand is not None:
        return
    place = existing_home(home)
    ledger = read_ledger(place)
    found = named_draws(ledger, KnownNames(place))
    if as_json:
        reply(Answer(found, ledger.withdrawals, ledger.unreadable))
        return
    if found:
        prizes = any(one.draw.prize for one in found)
        middle = ("Spin", "Prize", "Place") if prizes else ("Gen", "Spin", "Mode")
        columns = ("Time (UTC)", *middle, "Ticket", "Name", "Note")
        table = table_of(*columns, right=("Gen", "Spin", "Place"), cut=("Name",), folded=("Note",))
        for one in found:
            draw = one.draw
            where = (draw.spin, draw.prize, draw.place) if prizes else (draw.generation, draw.spin, draw.mode)
            note = f"fixed; {_note(draw)}" if prizes and draw.mode == "fixed" else _note(draw)
            add_row(table, minutes(draw.at), *where, draw.ticket, one.name or "(unknown)", note)
        say_table(table)
    for gone in ledger.withdrawals:
        say(f"{minutes(gone.at)}  ticket {gone.ticket} withdrawn: {shown(gone.reason)}")
    say(f"{counted(len(found), 'result')} in the ledger. wheel-admin verify checks them.")
    if ledger.unreadable:
        say(f"{counted(ledger.unreadable, 'line')} of the ledger could not be read: run wheel-admin verify.")


def named_draws(ledger: LedgerView, names: KnownNames) -> tuple[NamedDraw, ...]:
    """Return every place that was drawn, with its winner's name."""
    return tuple(NamedDraw(draw, names.names_of(draw.snapshot).get(draw.ticket)) for draw in ledger.draws)


def _note(draw: Draw) -> str:
    notes = [] if draw.shown else ["unfinished"]
    notes += [draw.state] if draw.state != "held" else []
    notes += [f"moved up to place {draw.place_now}"] if draw.place_now != draw.place else []
    notes += [
        part
        for part in (level_in_words(draw.entropy) if draw.mode == "natural" else "", draw.reason, draw.fallback)
        if part
    ]
    return "; ".join(notes)
