"""`wheel-admin rules`: the rules of the draft's event, in plain words, and how to change them.

Invariant: changes the draft only. From the event's first spin on the rules are fixed; a change is named at once as one
that publish would refuse.
"""

from typing import Annotated, Literal

import msgspec
import typer

from kiosk.core.errors import UsageError
from kiosk.core.home import Home
from kiosk.snapshot.model import Rules
from wheel_admin.cli.options import (
    DEFAULT_HOME,
    HomeOption,
    JsonOption,
    examples,
    home_at,
    lock_wait_ms,
    reply,
    say,
    warn,
)
from wheel_admin.cli.wording import rules_in_words
from wheel_admin.draft import Draft, edit_draft, load_draft
from wheel_admin.publishing.publication import foreseen_refusal

EPILOG = examples("wheel-admin rules", "wheel-admin rules set --win-once prize")
SHOW_EPILOG = examples("wheel-admin rules show", "wheel-admin rules show --json")
SET_EPILOG = examples(
    "wheel-admin rules set --win-once event --household-once",
    "wheel-admin rules set --no-presence --names short",
    "wheel-admin rules set --order free",
)


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """The rules of the draft, and in words.

    Attributes:
        refused: why publishing them would be refused, because something is drawn already; and
        way: what is open instead.
    """

    rules: Rules
    words: tuple[str, ...]
    refused: tuple[str, ...] = ()
    way: str = ""


def rules(context: typer.Context, *, home: HomeOption = DEFAULT_HOME, as_json: JsonOption = False) -> None:
    """Show the rules of the draft's event, or change them."""
    if context.invoked_subcommand is None:
        show(home=home, as_json=as_json)


def show(*, home: HomeOption = DEFAULT_HOME, as_json: JsonOption = False) -> None:
    """Show the rules of the draft's event in plain words."""
    place = home_at(home)
    _answer(place, load_draft(place), as_json=as_json)


def change(
    *,
    win_once: Annotated[
        Literal["event", "prize", "never"] | None,
        typer.Option(show_default=False, help="A winner is out for the event, for the prize, or never."),
    ] = None,
    household_once: Annotated[
        bool | None,
        typer.Option("--household-once/--no-household-once", help="The winner's household is out, too."),
    ] = None,
    presence: Annotated[
        bool | None, typer.Option("--presence/--no-presence", help="A winner has to be there: one can be absent.")
    ] = None,
    order: Annotated[
        Literal["listed", "free"] | None,
        typer.Option(show_default=False, help="Prizes as listed, or as the operator chooses."),
    ] = None,
    names: Annotated[
        Literal["full", "short", "ticket"] | None,
        typer.Option(show_default=False, help="What the screen shows of a name."),
    ] = None,
    home: HomeOption = DEFAULT_HOME,
    as_json: JsonOption = False,
) -> None:
    """Change rules of the draft's event. What is not named stays; see wheel-admin spins for predetermined spins."""
    named = {
        "win_once": win_once,
        "household_once": household_once,
        "presence": presence,
        "order": order,
        "names": names,
    }
    wanted = {name: value for name, value in named.items() if value is not None}
    if not wanted:
        raise UsageError("Nothing to change was named.", remedy="See wheel-admin rules set --help.")
    place = home_at(home)
    with edit_draft(place, wait_ms=lock_wait_ms()) as editing:
        changed = msgspec.structs.replace(editing.draft.rules, **wanted)
        editing.draft = msgspec.structs.replace(editing.draft, rules=changed)
    _answer(place, editing.draft, as_json=as_json)


def _answer(home: Home, draft: Draft, *, as_json: bool) -> None:
    refusal = foreseen_refusal(home, draft)
    answer = Answer(
        rules=draft.rules,
        words=tuple(rules_in_words(draft.rules, prizes=bool(draft.prizes))),
        refused=(refusal.problems or (refusal.message,)) if refusal else (),
        way=refusal.remedy if refusal else "",
    )
    if as_json:
        reply(answer)
        return
    for sentence in answer.words:
        say(sentence)
    for problem in answer.refused:
        warn(f"Publishing this would be refused: {problem}.")
    if answer.way:
        warn(f"What is open: {answer.way}")
