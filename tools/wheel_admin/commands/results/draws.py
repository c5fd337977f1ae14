"""`wheel-admin draws`: who won, from the kiosk's ledger.

Invariant: the ledger knows tickets only. A name is looked up in the list whose S the ledger names, and bytes that do
not hash to that S are not believed; nothing is judged here (that is `wheel-admin verify`).
"""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import typer

from kiosk.core.errors import SnapshotError
from kiosk.core.home import Home
from kiosk.core.key_files import load_trusted_keys
from kiosk.core.keys import TrustedKeys
from kiosk.core.regular_files import read_file
from kiosk.snapshot.envelope import verify
from kiosk.snapshot.model import MAX_ENVELOPE_BYTES, PAYLOAD_TYPE, Snapshot, decode
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
from wheel_admin.commands.publish.published_lists import minutes
from wheel_admin.importing.tables import shown
from wheel_admin.ledger_report.ledger_view import Draw, LedgerView, Withdrawal, read_ledger

EPILOG = examples("wheel-admin draws", "wheel-admin draws --json", "wheel-admin draws export draws.xlsx")


class NamedDraw(msgspec.Struct, frozen=True):
    """A draw, and the winner's name; null if the list it was drawn from cannot be found."""

    draw: Draw
    name: str | None


class Answer(msgspec.Struct, frozen=True):
    """Every result and every withdrawal in the ledger, oldest first, and how many lines could not be read."""

    draws: tuple[NamedDraw, ...]
    withdrawals: tuple[Withdrawal, ...]
    unreadable_lines: int


def draws(context: typer.Context, *, home: HomeOption = DEFAULT_HOME, as_json: JsonOption = False) -> None:
    """List the results of all spins, from the kiosk's ledger; or export them."""
    if context.invoked_subcommand is not None:
        return
    place = existing_home(home)
    ledger = read_ledger(place)
    found = named_draws(ledger, Names(place))
    if as_json:
        reply(Answer(found, ledger.withdrawals, ledger.unreadable))
        return
    if found:
        columns = ("Time (UTC)", "Gen", "Spin", "Mode", "Ticket", "Name", "Note")
        table = table_of(*columns, right=("Gen", "Spin"), cut=("Name",), folded=("Note",))
        for one in found:
            draw = one.draw
            add_row(
                table,
                *(
                    minutes(draw.at),
                    draw.generation,
                    draw.spin,
                    draw.mode,
                    draw.ticket,
                    one.name or "(unknown)",
                    _note(draw),
                ),
            )
        say_table(table)
    for gone in ledger.withdrawals:
        say(f"{minutes(gone.at)}  generation {gone.generation}: ticket {gone.ticket} withdrawn: {shown(gone.reason)}")
    say(f"{counted(len(found), 'result')} in the ledger. wheel-admin verify checks them.")
    if ledger.unreadable:
        say(f"{counted(ledger.unreadable, 'line')} of the ledger could not be read: run wheel-admin verify.")


def named_draws(ledger: LedgerView, names: "Names") -> tuple[NamedDraw, ...]:
    """Return every draw with its winner's name."""
    return tuple(NamedDraw(draw, names.name_in(draw.snapshot, draw.generation, draw.ticket)) for draw in ledger.draws)


def _note(draw: Draw) -> str:
    notes = [] if draw.shown else ["unfinished"]
    notes += ["absent"] if draw.absent else []
    notes += [part for part in (draw.level, draw.reason, draw.fallback) if part]
    return "; ".join(notes)


class Names:
    """Names by S and ticket, from the published files and from the kiosk's own copies; each list is read once."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._keys = load_trusted_keys(home.trusted)
        self._lists: dict[str, Snapshot | None] = {}
        self._names: dict[str, dict[str, str]] = {}

    def name_in(self, s: str, generation: int, ticket: str) -> str | None:
        """Return the name that `ticket` has in the list `s`, or None if that list cannot be found."""
        snapshot = self.list_named(s, generation)
        if s not in self._names:
            self._names[s] = {entry.ticket: entry.name for entry in snapshot.entries} if snapshot else {}
        return self._names[s].get(ticket)

    def list_named(self, s: str, generation: int) -> Snapshot | None:
        """Return the list whose name is `s`, or None."""
        if s not in self._lists:
            self._lists[s] = self._find(s, generation)
        return self._lists[s]

    def _find(self, s: str, generation: int) -> Snapshot | None:
        for path in self._candidates(s, generation):
            snapshot = _read_if(path, s, self._keys)
            if snapshot is not None:
                return snapshot
        return None

    def _candidates(self, s: str, generation: int) -> Iterator[Path]:
        yield self._home.snapshot(generation)
        adopted = sorted(self._home.adopted.glob("*.json"))
        yield from sorted(adopted, key=lambda path: s[:8] not in path.name)  # the likely one first


def _read_if(path: Path, s: str, keys: TrustedKeys) -> Snapshot | None:
    """Return the list in `path` if its payload hashes to `s`."""
    try:
        opened = verify(read_file(path, limit=MAX_ENVELOPE_BYTES), payload_type=PAYLOAD_TYPE, keys=keys)
        return decode(opened.payload) if opened.s == s else None
    except (SnapshotError, OSError):
        return None
