"""`wheel-admin event`: the evening of draws that the draft's lists belong to.

Invariant: `new` changes the draft only. Nothing is left and nothing begins before `wheel-admin publish`.
"""

from typing import Annotated

import msgspec
import typer

from kiosk.core.errors import RefusedError
from kiosk.core.text_rules import clean, problem_with
from kiosk.snapshot.model import MAX_TITLE, Event
from wheel_admin.cli.options import (
    DEFAULT_HOME,
    HomeOption,
    JsonOption,
    counted,
    examples,
    existing_home,
    home_at,
    lock_wait_ms,
    reply,
    say,
)
from wheel_admin.draft import edit_draft, load_draft, new_event
from wheel_admin.ledger_report.ledger_view import LedgerView, read_ledger

NEW_EPILOG = examples("wheel-admin event new", 'wheel-admin event new "Winter draw 2026"')
SHOW_EPILOG = examples("wheel-admin event show")


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """The draft's event, and what the kiosk's ledger has of it.

    Attributes:
        state: "new" before its first list is on the wheel, then "open", and "left" or "closed" in the end.
        spins: how many were opened.
        places: how many places were given away, and
        free_again: how many of them were freed since.
        withdrawn: tickets that were taken off the wheel.
    """

    event: str
    title: str
    state: str
    spins: int
    places: int
    free_again: int
    withdrawn: int


def new(
    title: Annotated[
        str, typer.Argument(show_default=False, help="The title to show. Default: the one that the draft has.")
    ] = "",
    *,
    home: HomeOption = DEFAULT_HOME,
    as_json: JsonOption = False,
) -> None:
    """Start a new event in the draft: from its first publication on, nobody has won yet.

    Entries, prizes and rules of the draft stay as they are. Publishing it leaves the event before for good: the kiosk
    refuses further lists of that one.
    """
    cleaned = clean(title)
    with edit_draft(home_at(home), wait_ms=lock_wait_ms()) as editing:
        cleaned = cleaned or editing.draft.title
        refuse_title(cleaned)
        editing.draft = msgspec.structs.replace(editing.draft, event=new_event(cleaned))
        event = editing.draft.event
    if as_json:
        reply(event)
        return
    say(f"The draft is of a new event now: {event.title} (id {event.id}).")
    say("It begins with wheel-admin publish, and the event before is left then.")


def show(*, home: HomeOption = DEFAULT_HOME, as_json: JsonOption = False) -> None:
    """Show the draft's event, and how far it is."""
    place = existing_home(home)
    answer = _shown(load_draft(place).event, read_ledger(place))
    if as_json:
        reply(answer)
        return
    say(f"{answer.title} (id {answer.event}): {answer.state}")
    say(
        f"{counted(answer.spins, 'spin')}, {counted(answer.places, 'place')} given away, {answer.free_again} freed"
        f" again, {counted(answer.withdrawn, 'ticket')} withdrawn"
    )


def refuse_title(title: str) -> None:
    """Refuse a title that cannot be published.

    Raises:
        RefusedError: with what is wrong with it.
    """
    problem = problem_with(title, what="title", limit=MAX_TITLE)
    if problem:
        raise RefusedError(f"The {problem}. Nothing was changed.", remedy="Type another one.")


def _shown(event: Event, ledger: LedgerView) -> Shown:
    state = ledger.history.events.get(event.id)
    draws = [draw for draw in ledger.draws if draw.event == event.id]
    word = "new" if state is None else "closed" if state.closed else "left" if state.left else "open"
    return Shown(
        event=event.id,
        title=event.title,
        state=word,
        spins=state.spins if state else 0,
        places=len(draws),
        free_again=sum(draw.freed for draw in draws),
        withdrawn=len(state.withdrawn) if state else 0,
    )
