"""`wheel-admin show [GENERATION]`: the draft in short and how it differs from what is published, or one published list.

Invariant: changes nothing and needs no lock.
"""

from typing import Annotated

import msgspec
import typer

from kiosk.core.home import Home
from kiosk.core.key_files import load_trusted_keys
from kiosk.draw.modes import Spins
from kiosk.snapshot.model import Event, Prize, Rules, Snapshot
from wheel_admin.cli.options import DEFAULT_HOME, HomeOption, JsonOption, counted, examples, existing_home, reply, say
from wheel_admin.cli.wording import Difference, difference, entropy_in_words, in_words, spins_in_words, winners_in_words
from wheel_admin.draft import Draft, load_draft
from wheel_admin.importing.tables import shown
from wheel_admin.ledger_report.ledger_view import read_ledger
from wheel_admin.participants import Source
from wheel_admin.publishing.publication import look, published_names, verified

EPILOG = examples("wheel-admin show", "wheel-admin show 42")


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """A draft or a published list, in short; `generation` and what follows it are null for the draft."""

    event: Event
    entries: int
    chances: int
    prizes: tuple[Prize, ...]
    rules: Rules
    entropy: tuple[str, ...]
    spins: Spins
    accepted: int
    rejected: int
    generation: int | None = None
    snapshot: str | None = None
    previous: str | None = None
    created_at: str | None = None


class DraftAnswer(msgspec.Struct, frozen=True):
    """The draft, the generation that is published (null for none), and the difference (null without one)."""

    draft: Shown
    published: int | None
    difference: Difference | None


def show(
    generation: Annotated[
        int | None, typer.Argument(min=1, show_default=False, help="A published generation. Default: the draft.")
    ] = None,
    *,
    home: HomeOption = DEFAULT_HOME,
    as_json: JsonOption = False,
) -> None:
    """Show the draft and how it differs from what is published, or one published list."""
    place = existing_home(home)
    if generation is None:
        show_draft(place, as_json=as_json)
    else:
        _show_generation(place, generation, as_json=as_json)


def show_draft(home: Home, *, as_json: bool = False, next_step: bool = True) -> None:
    """Write what the draft holds, and how it differs from what is published; `next_step` says how to publish it."""
    draft = load_draft(home)
    newest = look(home, read_ledger(home)).newest
    found = difference(draft, newest.snapshot, published_names(home, newest) or {}) if newest else None
    short = _short(draft)
    if as_json:
        reply(DraftAnswer(draft=short, published=newest.generation if newest else None, difference=found))
        return
    say("The draft")
    _say_short(short, draft.source)
    if newest is None or found is None:
        say("Nothing is published yet." + (" Next: wheel-admin publish" if next_step else ""))
    elif not found.anything:
        say(f"It is what is published as generation {newest.generation}, snapshot digest {newest.s[:8]}.")
    else:
        say(f"Against generation {newest.generation}, snapshot digest {newest.s[:8]}, which is published:")
        for line in in_words(found):
            say(f"  {line}")


def _show_generation(home: Home, generation: int, *, as_json: bool) -> None:
    published = verified(home, generation, load_trusted_keys(home.trusted))
    short = msgspec.structs.replace(
        _short(published.snapshot),
        generation=published.generation,
        snapshot=published.s,
        previous=published.snapshot.previous,
        created_at=published.snapshot.created_at,
    )
    if as_json:
        reply(short)
        return
    say(f"Generation {published.generation}, verified")
    say(f"  S          {published.s}")
    say(f"  previous   {published.snapshot.previous or 'none'}")
    say(f"  published  {published.snapshot.created_at}")
    _say_short(short, None)


def _short(held: Draft | Snapshot) -> Shown:
    return Shown(
        event=held.event,
        entries=len(held.entries),
        chances=sum(entry.weight for entry in held.entries),
        prizes=held.prizes,
        rules=held.rules,
        entropy=held.entropy,
        spins=held.spins,
        accepted=held.source.accepted,
        rejected=held.source.rejected,
    )


def _say_short(short: Shown, source: Source | None) -> None:
    say(f"  title      {short.event.title}")
    say(f"  entries    {short.entries}, {counted(short.chances, 'chance')} in all")
    say(f"  spins      {spins_in_words(short.spins)}")
    say(f"  winners    {winners_in_words(short.rules)}")
    if short.entropy:
        say(f"  entropy    {entropy_in_words(short.entropy)}")
    for prize in short.prizes:
        say(f"  prize      {prize.id}: {shown(prize.title)}, {counted(prize.quantity, 'place')}")
    for file in source.files if source else ():
        say(f"  from       {file.name}, {counted(file.rows, 'row')}, SHA-256 {file.sha256[:8]}")
    if short.accepted or short.rejected:
        say(f"  imported   {short.accepted} accepted, {short.rejected} rejected")
