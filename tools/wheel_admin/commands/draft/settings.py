"""`wheel-admin title`, `winners` and `spins ...`: the draft's settings besides its entries.

Invariant: a fixed spin is always announced as one. It needs a reason, which the ledger and the screen repeat, and a
rule of the event that allows it, which everybody can read; an event whose first list promised the opposite keeps that
promise.
"""

import re
from collections.abc import Callable
from enum import StrEnum
from typing import Annotated, Literal

import msgspec
import typer

from kiosk.core.errors import RefusedError, UsageError
from kiosk.core.home import Home
from kiosk.core.text_rules import clean, problem_with
from kiosk.draw import modes
from kiosk.draw.modes import NATURAL, NATURAL_STEP, Spins, Step, fixed_step, fixed_steps
from kiosk.snapshot.model import MAX_REASON, MAX_STEPS, Event, Rules
from wheel_admin.cli.options import DEFAULT_HOME, HomeOption, JsonOption, examples, home_at, lock_wait_ms, reply, say
from wheel_admin.cli.wording import spins_in_words, winners_in_words
from wheel_admin.commands.draft.event import refuse_title
from wheel_admin.draft import Draft, edit_draft
from wheel_admin.ledger_report.ledger_view import read_ledger
from wheel_admin.publishing.publication import look

TITLE_EPILOG = examples('wheel-admin title "Summer draw 2026"')
WINNERS_EPILOG = examples("wheel-admin winners remove", "wheel-admin winners keep")
NATURAL_EPILOG = examples("wheel-admin spins natural")
FIXED_EPILOG = examples('wheel-admin spins fixed 0042 --reason "Drawn by the notary on 4 May"')
MIXED_EPILOG = examples(
    'wheel-admin spins mixed natural "fixed:0042:Rehearsal" natural',
    'wheel-admin spins mixed "fixed:0042:Drawn by the notary" --then stop',
)


class Winners(StrEnum):
    """Whether winners stay on the wheel."""

    KEEP = "keep"
    REMOVE = "remove"


class Then(StrEnum):
    """What follows the last step of a mixed list."""

    NATURAL = "natural"
    REPEAT = "repeat"
    STOP = "stop"


class Answer(msgspec.Struct, frozen=True):
    """The draft's settings after the change."""

    title: str
    rules: Rules
    spins: Spins


def title(
    text: Annotated[str, typer.Argument(show_default=False, help="The title to show.")],
    *,
    home: HomeOption = DEFAULT_HOME,
    as_json: JsonOption = False,
) -> None:
    """Set the title of the event, which the screen shows."""
    cleaned = clean(text)
    refuse_title(cleaned)
    draft = _edit(lambda draft: msgspec.structs.replace(draft, event=Event(draft.event.id, cleaned)), home=home)
    _answer(draft, f"The draft's title is now: {draft.title}", as_json=as_json)


def winners(
    what: Annotated[Winners, typer.Argument(show_default=False, help="keep them on the wheel, or remove them.")],
    *,
    home: HomeOption = DEFAULT_HOME,
    as_json: JsonOption = False,
) -> None:
    """Say whether winners stay on the wheel or leave it."""
    win_once: Literal["event", "never"] = "event" if what is Winners.REMOVE else "never"

    def change(draft: Draft) -> Draft:
        return msgspec.structs.replace(draft, rules=msgspec.structs.replace(draft.rules, win_once=win_once))

    draft = _edit(change, home=home)
    _answer(draft, f"Winners now {winners_in_words(draft.rules)}.", as_json=as_json)


def natural(
    *,
    home: HomeOption = DEFAULT_HOME,
    as_json: JsonOption = False,
) -> None:
    """Let every spin be drawn by the protocol (the usual way)."""
    _set_spins(lambda _: NATURAL, home=home, as_json=as_json)


def fixed(
    ticket: Annotated[str, typer.Argument(show_default=False, help="The ticket that every spin lands on.")],
    *,
    reason: Annotated[str, typer.Option(show_default=False, help="Why; the ledger and the screen repeat it.")],
    home: HomeOption = DEFAULT_HOME,
    as_json: JsonOption = False,
) -> None:
    """Let the wheel land on a ticket that was chosen in advance.

    The rules of the event then say that spins may be predetermined, and everybody who checks the draw reads that. It
    has to be said before the event's first list is published.
    """
    step = _fixed(ticket, reason)
    _set_spins(lambda _: modes.fixed(step.ticket, step.reason), home=home, as_json=as_json)


def mixed(
    steps: Annotated[
        list[str],
        typer.Argument(
            metavar="STEP",
            show_default=False,
            help='natural, or fixed:T:REASON with the ticket T, one a spin; fixed:"T":REASON if T has a colon.',
        ),
    ],
    *,
    then: Annotated[Then, typer.Option(help="What follows the last step.")] = Then.NATURAL,
    home: HomeOption = DEFAULT_HOME,
    as_json: JsonOption = False,
) -> None:
    """Say for each spin in turn whether it is drawn or fixed.

    With a fixed step, the rules of the event say that spins may be predetermined: see wheel-admin spins fixed.
    """
    if len(steps) > MAX_STEPS:
        raise UsageError(f"{len(steps)} steps are too many, {MAX_STEPS} at most.", remedy="Use --then repeat.")
    read = [_read_step(text) for text in steps]

    def choose(draft: Draft) -> Spins:
        return modes.mixed(*(_chosen(step, draft) for step in read), then=_literal(then))

    _set_spins(choose, home=home, as_json=as_json)


def _literal(then: Then) -> Literal["natural", "repeat", "stop"]:
    match then:
        case Then.NATURAL:
            return "natural"
        case Then.REPEAT:
            return "repeat"
        case Then.STOP:
            return "stop"


_QUOTED = re.compile(r'"((?:[^"]|"")+)":(.*)', re.DOTALL)


def _read_step(text: str) -> list[tuple[str, str]]:
    """Return every (ticket, reason) that a step may mean; none for a natural step.

    A ticket may contain colons, and so may a reason. In quotes, as in CSV, a ticket is taken as it stands.

    Raises:
        UsageError: it is neither `natural` nor `fixed:TICKET:REASON`.
    """
    if text == "natural":
        return []
    kind, _, rest = text.partition(":")
    parts = rest.split(":")
    if kind != "fixed" or len(parts) < 2:
        raise UsageError(f"{text!r} is not a step.", remedy="Write natural, or fixed:TICKET:REASON.")
    found = [(":".join(parts[:count]), ":".join(parts[count:])) for count in range(1, len(parts))]
    if quoted := _QUOTED.fullmatch(rest):
        found.insert(0, (quoted[1].replace('""', '"'), quoted[2]))
    return found


def _chosen(readings: list[tuple[str, str]], draft: Draft) -> Step:
    """Return the step with the ticket that is on the draft.

    Raises:
        RefusedError: two readings name a ticket of the draft. A guess would fix the wrong person.
    """
    if not readings:
        return NATURAL_STEP
    known = [(ticket, reason) for ticket, reason in readings if draft.entry(clean(ticket)) is not None]
    if len({clean(ticket) for ticket, _ in known}) > 1:
        tickets = " or ".join(repr(clean(ticket)) for ticket, _ in known)
        example = clean(known[-1][0]).replace('"', '""')
        raise RefusedError(
            f"fixed:{':'.join(readings[-1])} may mean ticket {tickets}; both are on the draft. Nothing was changed.",
            remedy=f"Put the ticket in quotes: 'fixed:\"{example}\":REASON'",
        )
    return _fixed(*(known or readings)[0])


def _fixed(ticket: str, reason: str) -> Step:
    why = clean(reason)
    problem = problem_with(why, what="reason", limit=MAX_REASON)
    if problem:
        raise RefusedError(f"The {problem}. Nothing was changed.", remedy="Say in plain words why it is fixed.")
    return fixed_step(clean(ticket), why)


def _set_spins(choose: Callable[[Draft], Spins], *, home: HomeOption, as_json: bool) -> None:
    def change(draft: Draft) -> Draft:
        spins = choose(draft)
        missing = [step.ticket for step in fixed_steps(spins) if draft.entry(step.ticket) is None]
        if missing:
            raise RefusedError(
                f"Not on the draft: ticket {', '.join(dict.fromkeys(missing))}. Nothing was changed.",
                remedy="Import or add it first, or look for it with wheel-admin entries list --search TEXT.",
            )
        rules = msgspec.structs.replace(draft.rules, predetermined=_predetermined(place, draft, spins))
        return msgspec.structs.replace(draft, spins=spins, rules=rules)

    place = home_at(home)
    draft = _edit(change, home=home)
    _answer(draft, f"Spins are now: {spins_in_words(draft.spins)}.", as_json=as_json)
    if not as_json and draft.rules.predetermined:
        say("The rules of the event say that spins may be predetermined: everybody who checks the draw reads that.")


def _predetermined(home: Home, draft: Draft, spins: Spins) -> bool:
    """Return what the rules say about predetermined spins: as published, or before that as the spins need it.

    Raises:
        RefusedError: a spin is fixed, and the event's first list promised that none is.
    """
    wanted = bool(fixed_steps(spins))
    newest = look(home, read_ledger(home)).newest
    if newest is None or newest.snapshot.event.id != draft.event.id:
        return wanted
    allowed = newest.snapshot.rules.predetermined
    if wanted and not allowed:
        raise RefusedError(
            f"Generation {newest.generation} promised that no spin of this event is predetermined."
            " Nothing was changed.",
            remedy="Fixed spins need a new event: wheel-admin event new, then this command, then publish.",
        )
    return allowed


def _edit(change: Callable[[Draft], Draft], *, home: HomeOption) -> Draft:
    with edit_draft(home_at(home), wait_ms=lock_wait_ms()) as editing:
        editing.draft = change(editing.draft)
    return editing.draft


def _answer(draft: Draft, sentence: str, *, as_json: bool) -> None:
    if as_json:
        reply(Answer(title=draft.title, rules=draft.rules, spins=draft.spins))
    else:
        say(sentence)
