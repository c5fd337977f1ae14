"""`wheel-admin entries ...`: look at the draft's entries, add, remove and rename them.

Invariant: a command that names a ticket it cannot act on changes nothing at all.
"""

from typing import Annotated

import msgspec
import typer

from kiosk.core.errors import RefusedError, UsageError
from kiosk.core.home import Home
from kiosk.core.text_rules import clean, problem_with, problem_with_ticket
from kiosk.snapshot.model import MAX_ENTRIES, MAX_GROUP, MAX_HOUSEHOLD, MAX_TICKET, MAX_WEIGHT
from kiosk.snapshot.names import MAX_NAME
from wheel_admin.cli.options import (
    DEFAULT_HOME,
    HomeOption,
    JsonOption,
    add_row,
    counted,
    examples,
    home_at,
    lock_wait_ms,
    reply,
    say,
    say_table,
    table_of,
    warn,
)
from wheel_admin.cli.wording import entry_in_words
from wheel_admin.draft import edit_draft, load_draft
from wheel_admin.importing.rows.tickets import range_of
from wheel_admin.participants import Entry
from wheel_admin.people_search import find_person, holds, similar

LIST_EPILOG = examples("wheel-admin entries list --search ruiz", "wheel-admin entries list --limit 0")
ADD_EPILOG = examples(
    'wheel-admin entries add 0042 "Ana Ruiz"',
    'wheel-admin entries add 0043 "Bo Li" --weight 3',
    "wheel-admin entries add --range A001-A250",
)
REMOVE_EPILOG = examples(
    "wheel-admin entries remove 0042", "wheel-admin entries remove 0042 0043", 'wheel-admin entries remove "Ana Ruiz"'
)
SHOWN_CHANGES = 20
RENAME_EPILOG = examples('wheel-admin entries rename 0042 "Ana María Ruiz"')


class Listing(msgspec.Struct, frozen=True):
    """Entries that were asked for: how many the draft has, how many fit the search, and the first of those."""

    total: int
    matching: int
    entries: tuple[Entry, ...]


class Change(msgspec.Struct, frozen=True):
    """What was added, removed or renamed, and how many entries the draft has after it."""

    done: str
    changed: tuple[Entry, ...]
    entries: int


def list_entries(
    *,
    search: Annotated[str, typer.Option(help="Only entries whose ticket or name holds this text, in any case.")] = "",
    limit: Annotated[int, typer.Option(min=0, help="How many to show at most; 0 for all.")] = 50,
    home: HomeOption = DEFAULT_HOME,
    as_json: JsonOption = False,
) -> None:
    """Show the entries of the draft."""
    draft = load_draft(home_at(home))
    matching = [entry for entry in draft.entries if holds(entry, search)]
    first = tuple(matching[: limit or None])
    if as_json:
        reply(Listing(total=len(draft.entries), matching=len(matching), entries=first))
        return
    if first:
        shared = [name for name in ("group", "household") if any(getattr(entry, name) for entry in draft.entries)]
        columns = ("Ticket", "Name", "Chances", *(name.capitalize() for name in shared))
        table = table_of(*columns, right=("Chances", "Household"), cut=("Name",))
        for entry in first:
            add_row(table, entry.ticket, entry.name, entry.weight, *(getattr(entry, name) or "" for name in shared))
        say_table(table)
    found = f"{len(matching)} of {counted(len(draft.entries), 'entry', 'entries')}"
    if not matching:
        for entry in similar(draft.entries, search):
            say(f"Did you mean {entry_in_words(entry)}?")
    say(found + (f", the first {len(first)} shown (--limit 0 shows all)" if len(first) < len(matching) else "") + ".")


def add(
    ticket: Annotated[str, typer.Argument(show_default=False, help="The ticket, unique on the list.")] = "",
    name: Annotated[str, typer.Argument(show_default=False, help="The name to show.")] = "",
    *,
    span: Annotated[
        str, typer.Option("--range", show_default=False, help="Tickets instead of one: A001-A250, named by themselves.")
    ] = "",
    weight: Annotated[int, typer.Option(min=1, max=MAX_WEIGHT, help="The number of chances.")] = 1,
    group: Annotated[str, typer.Option(help="The group, where prizes are for some groups only.")] = "",
    household: Annotated[int, typer.Option(min=0, max=MAX_HOUSEHOLD, help="Number of the household; 0: none.")] = 0,
    home: HomeOption = DEFAULT_HOME,
    as_json: JsonOption = False,
) -> None:
    """Add entries at the end of the draft: one, or all of a range.

    With --range, an entry's name is its ticket, unless a name is given for all of them: entries add --range 001-250
    Guest.
    """
    if span:
        name = ticket if not name else f"{ticket} {name}"
    elif not ticket or not name:
        raise UsageError("Name a ticket and a name.", remedy='Type: wheel-admin entries add 0042 "Ana Ruiz"')
    entries = tuple(
        Entry(
            ticket=_valid(one, "ticket", MAX_TICKET),
            name=_valid(name or one, "name", MAX_NAME),
            weight=weight,
            group=_valid(group, "group", MAX_GROUP) if group else "",
            household=household,
        )
        for one in (_tickets_of(span) if span else [ticket])
    )
    with edit_draft(home_at(home), wait_ms=lock_wait_ms()) as editing:
        draft = editing.draft
        holders = {entry.ticket: entry for entry in draft.entries}
        taken = [holders[entry.ticket] for entry in entries if entry.ticket in holders]
        if taken:
            also = f" ({len(taken)} of the range are)" if len(taken) > 1 else ""
            raise RefusedError(
                f"Ticket {taken[0].ticket} is on the draft already: {taken[0].name}{also}.",
                remedy="Use another ticket, or wheel-admin entries rename.",
            )
        if len(draft.entries) + len(entries) > MAX_ENTRIES:
            raise RefusedError(
                f"The draft has {len(draft.entries)} entries, at most {MAX_ENTRIES} fit on the wheel.",
                remedy="Remove one first: wheel-admin entries remove TICKET.",
            )
        editing.draft = msgspec.structs.replace(draft, entries=(*draft.entries, *entries))
    _answer(Change("added", entries, len(editing.draft.entries)), as_json=as_json)


def _tickets_of(span: str) -> list[str]:
    """Return the tickets of a range.

    Raises:
        UsageError: it is none.
    """
    try:
        tickets = range_of(clean(span), most=MAX_ENTRIES)
    except ValueError as error:
        raise UsageError(f"--range: {error}.", remedy=f"At most {MAX_ENTRIES} fit on the wheel.") from error
    if not tickets:
        raise UsageError(
            f"--range: {span!r} is not a range of tickets.",
            remedy="Write the first and the last ticket with equally many digits: A001-A250.",
        )
    return tickets


def remove(
    tickets: Annotated[list[str], typer.Argument(metavar="TICKET", show_default=False, help="Tickets or whole names.")],
    *,
    home: HomeOption = DEFAULT_HOME,
    as_json: JsonOption = False,
) -> None:
    """Remove entries from the draft."""
    place = home_at(home)
    with edit_draft(place, wait_ms=lock_wait_ms()) as editing:
        draft = editing.draft
        named = {find_person(draft.entries, text, where="the draft").ticket for text in tickets}
        gone = tuple(entry for entry in draft.entries if entry.ticket in named)
        kept = tuple(entry for entry in draft.entries if entry.ticket not in named)
        editing.draft = msgspec.structs.replace(draft, entries=kept)
    _answer(Change("removed", gone, len(kept)), as_json=as_json)
    if not as_json:
        warn_of_refusal(place)


def warn_of_refusal(home: Home) -> None:
    """Say what publishing the draft now would be refused for, as it rewrites what happened, and which way is open."""
    if not home.ledger.exists():
        return
    from wheel_admin.publishing.publication import foreseen_refusal  # noqa: PLC0415 - only a drawn event needs it

    refusal = foreseen_refusal(home, load_draft(home))
    if refusal is not None:
        for problem in refusal.problems or (refusal.message,):
            warn(f"Publishing this would be refused: {problem}.")
        warn(f"What is open: {refusal.remedy}")


def rename(
    ticket: Annotated[str, typer.Argument(show_default=False, help="The ticket of the entry, or its whole name.")],
    new_name: Annotated[str, typer.Argument(show_default=False, help="The name to show from now on.")],
    *,
    home: HomeOption = DEFAULT_HOME,
    as_json: JsonOption = False,
) -> None:
    """Give the holder of a ticket another name; its place and chances stay."""
    name = _valid(new_name, "name", MAX_NAME)
    with edit_draft(home_at(home), wait_ms=lock_wait_ms()) as editing:
        draft = editing.draft
        old = find_person(draft.entries, ticket, where="the draft")
        new = msgspec.structs.replace(old, name=name)
        entries = tuple(new if entry is old else entry for entry in draft.entries)
        editing.draft = msgspec.structs.replace(draft, entries=entries)
    _answer(Change("renamed", (new,), len(entries)), as_json=as_json)


def _valid(text: str, what: str, limit: int) -> str:
    cleaned = clean(text)
    rule = problem_with_ticket if what == "ticket" else problem_with
    problem = rule(cleaned, what=what, limit=limit)
    if problem:
        raise RefusedError(f"The {problem}. Nothing was changed.", remedy="Type it without.")
    return cleaned


def _answer(change: Change, *, as_json: bool) -> None:
    if as_json:
        reply(change)
        return
    for entry in change.changed[:SHOWN_CHANGES]:
        say(f"{change.done} {entry_in_words(entry)}")
    if len(change.changed) > SHOWN_CHANGES:
        say(f"... and {len(change.changed) - SHOWN_CHANGES} more, up to {entry_in_words(change.changed[-1])}")
    say(f"The draft has {counted(change.entries, 'entry', 'entries')} now. wheel-admin publish shows them.")
