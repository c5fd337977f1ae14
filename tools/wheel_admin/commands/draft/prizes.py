"""`wheel-admin prizes ...`: look at the draft's prizes, add, change, move and remove them.

Invariant: changes the draft only, all of a command or nothing. What the kiosk would refuse because places are drawn is
named at once, with the way that is open; `wheel_admin.publishing.publication` decides it.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from kiosk.core.errors import RefusedError, UsageError
from kiosk.core.home import Home
from kiosk.core.text_rules import clean, problem_with
from kiosk.snapshot.model import (
    MAX_GROUP,
    MAX_PER_PRESS,
    MAX_PRIZES,
    MAX_QUANTITY,
    MAX_RESERVES,
    MAX_TITLE,
    Prize,
    is_prize_id,
)
from wheel_admin.cli.options import (
    DEFAULT_HOME,
    HomeOption,
    JsonOption,
    absolute,
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
from wheel_admin.draft import Draft, edit_draft, load_draft
from wheel_admin.importing.tables import shown
from wheel_admin.ledger_report.ledger_view import read_ledger
from wheel_admin.prizes import find, id_for, warnings
from wheel_admin.publishing.pictures import keep_picture
from wheel_admin.publishing.publication import foreseen_refusal

LIST_EPILOG = examples("wheel-admin prizes list", "wheel-admin prizes list --json")
ADD_EPILOG = examples(
    'wheel-admin prizes add "City bike"',
    'wheel-admin prizes add "Mug" --quantity 50 --per-press 50 --sponsor "Corner Bakery" --picture mug.jpg',
    'wheel-admin prizes add "Day off" --quantity 10 --per-press 10 --group staff --at 1',
)
SET_EPILOG = examples(
    "wheel-admin prizes set mug --quantity 60 --reserves 5",
    'wheel-admin prizes set city-bike --title "City bike, blue" --no-picture',
    "wheel-admin prizes set day-off --everybody",
)
REMOVE_EPILOG = examples("wheel-admin prizes remove mug", "wheel-admin prizes remove mug city-bike")
MOVE_EPILOG = examples("wheel-admin prizes move city-bike 1")

QuantityOption = Annotated[int | None, typer.Option(min=1, max=MAX_QUANTITY, help="How many winners.")]
ReservesOption = Annotated[int | None, typer.Option(min=0, max=MAX_RESERVES, help="Reserves to draw behind them.")]
PressOption = Annotated[int | None, typer.Option(min=1, max=MAX_PER_PRESS, help="Places that one press fills.")]
GroupOption = Annotated[
    list[str], typer.Option("--group", help="Only this group may win it (repeatable).", show_default=False)
]
PictureOption = Annotated[Path | None, typer.Option(help="A .png, .jpg or .webp for the screen.", show_default=False)]
SponsorOption = Annotated[str | None, typer.Option(help="Who gave it, for the screen.", show_default=False)]


class Standing(msgspec.Struct, frozen=True):
    """A prize of the draft, and how many of its places are held and were ever drawn."""

    prize: Prize
    held: int
    drawn: int


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """The draft's prizes, after a change or as they are.

    Attributes:
        done: what the command did, "" if it only looked.
        prizes: all of them, in their order.
        warnings: what is allowed and yet hardly meant.
        refused: why publishing this would be refused, because places are drawn already; and
        way: what is open instead.
    """

    done: str = ""
    prizes: tuple[Standing, ...] = ()
    warnings: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    way: str = ""


def list_prizes(*, home: HomeOption = DEFAULT_HOME, as_json: JsonOption = False) -> None:
    """Show the prizes of the draft, in the order in which they are drawn."""
    place = home_at(home)
    draft = load_draft(place)
    answer = answer_of(place, draft)
    if as_json:
        reply(answer)
        return
    if not draft.prizes:
        say("The draft has no prizes: it is a simple wheel. Add one with wheel-admin prizes add TITLE.")
        return
    right = ("Places", "Reserves", "A press", "Drawn")
    table = table_of("Prize", "Title", *right[:3], "For", "Sponsor", "Drawn", right=right, cut=("Title", "Sponsor"))
    for one in answer.prizes:
        prize = one.prize
        groups = ", ".join(prize.groups) or "everybody"
        numbers = (prize.quantity, prize.reserves, prize.per_press)
        add_row(table, prize.id, prize.title, *numbers, groups, prize.sponsor, one.drawn)
    say_table(table)
    places = sum(prize.quantity for prize in draft.prizes)
    say(f"{counted(len(draft.prizes), 'prize')}, {counted(places, 'place')}.")
    _say_problems(answer)


def add(
    title: Annotated[str, typer.Argument(show_default=False, help="The prize, as the screen calls it.")],
    *,
    prize_id: Annotated[str, typer.Option("--id", help="a-z, 0-9 and hyphens. Default: made of the title.")] = "",
    quantity: QuantityOption = 1,
    reserves: ReservesOption = 0,
    per_press: PressOption = 1,
    group: GroupOption = [],  # noqa: B006 - typer copies it
    picture: PictureOption = None,
    sponsor: SponsorOption = None,
    at: Annotated[int | None, typer.Option(min=1, help="Its place in the order. Default: last.")] = None,
    home: HomeOption = DEFAULT_HOME,
    as_json: JsonOption = False,
) -> None:
    """Add a prize. In the middle of an evening, too: publish then, and what is drawn stays drawn."""
    place = home_at(home)

    def change(draft: Draft) -> Sequence[Prize]:
        new = Prize(
            id=_new_id(draft, prize_id, title),
            title=_valid(title, "title", MAX_TITLE),
            quantity=quantity or 1,
            reserves=reserves or 0,
            per_press=per_press or 1,
            groups=_groups(group),
            picture=keep_picture(place, absolute(picture)) if picture else "",
            sponsor=_valid(sponsor, "sponsor", MAX_TITLE) if sponsor else "",
        )
        if len(draft.prizes) >= MAX_PRIZES:
            raise RefusedError(f"The draft has {len(draft.prizes)} prizes, at most {MAX_PRIZES} are allowed.")
        index = len(draft.prizes) if at is None else at - 1
        return (*draft.prizes[:index], new, *draft.prizes[index:])

    _edit(place, change, f"added {shown(clean(title))}", as_json=as_json)


def change_prize(
    prize_id: Annotated[str, typer.Argument(metavar="PRIZE", show_default=False, help="Id of the prize.")],
    *,
    title: Annotated[str | None, typer.Option(help="The prize, as the screen calls it.", show_default=False)] = None,
    quantity: QuantityOption = None,
    reserves: ReservesOption = None,
    per_press: PressOption = None,
    group: GroupOption = [],  # noqa: B006 - typer copies it
    everybody: Annotated[bool, typer.Option("--everybody", help="Every group may win it.")] = False,
    picture: PictureOption = None,
    no_picture: Annotated[bool, typer.Option("--no-picture", help="Take the picture away.")] = False,
    sponsor: SponsorOption = None,
    home: HomeOption = DEFAULT_HOME,
    as_json: JsonOption = False,
) -> None:
    """Change a prize of the draft. What is not named stays as it is; its id stays always."""
    if (everybody and group) or (no_picture and picture):
        raise UsageError("--everybody excludes --group, and --no-picture excludes --picture.", remedy="Give one.")
    place = home_at(home)
    numbers = {"quantity": quantity, "reserves": reserves, "per_press": per_press}
    wanted: dict[str, object] = {name: number for name, number in numbers.items() if number is not None}
    if title is not None:
        wanted["title"] = _valid(title, "title", MAX_TITLE)
    if sponsor is not None:
        wanted["sponsor"] = _valid(sponsor, "sponsor", MAX_TITLE) if sponsor else ""
    if group or everybody:
        wanted["groups"] = _groups(group)

    def change(draft: Draft) -> Sequence[Prize]:
        old = _named(draft, prize_id)
        if picture or no_picture:
            wanted["picture"] = keep_picture(place, absolute(picture)) if picture else ""
        if not wanted:
            raise UsageError("Nothing to change was named.", remedy="See wheel-admin prizes set --help.")
        new = msgspec.structs.replace(old, **wanted)
        return [new if prize is old else prize for prize in draft.prizes]

    _edit(place, change, f"changed {prize_id}", as_json=as_json)


def remove(
    prize_ids: Annotated[list[str], typer.Argument(metavar="PRIZE", show_default=False, help="Ids of prizes.")],
    *,
    home: HomeOption = DEFAULT_HOME,
    as_json: JsonOption = False,
) -> None:
    """Remove prizes from the draft. A prize with a drawn place has to stay: publish refuses a list without it."""

    def change(draft: Draft) -> Sequence[Prize]:
        gone = [_named(draft, prize_id) for prize_id in prize_ids]
        return [prize for prize in draft.prizes if prize not in gone]

    _edit(home_at(home), change, f"removed {', '.join(map(shown, prize_ids))}", as_json=as_json)


def move(
    prize_id: Annotated[str, typer.Argument(metavar="PRIZE", show_default=False, help="Id of the prize.")],
    to: Annotated[int, typer.Argument(min=1, show_default=False, help="Its new place in the order, from 1.")],
    *,
    home: HomeOption = DEFAULT_HOME,
    as_json: JsonOption = False,
) -> None:
    """Move a prize to another place in the order of the draw."""

    def change(draft: Draft) -> Sequence[Prize]:
        moved = _named(draft, prize_id)
        rest = [prize for prize in draft.prizes if prize is not moved]
        return [*rest[: to - 1], moved, *rest[to - 1 :]]

    _edit(home_at(home), change, f"moved {prize_id}", as_json=as_json)


def answer_of(home: Home, draft: Draft, done: str = "") -> Answer:
    """Return the draft's prizes with what is drawn of them, and what would be refused."""
    state = read_ledger(home).history.events.get(draft.event.id)
    found = []
    for prize in draft.prizes:
        held = sum(holder[0] == prize.id for holder in state.holders) if state else 0
        found.append(Standing(prize, held, len(state.drawn.get(prize.id, ())) if state else 0))
    refusal = foreseen_refusal(home, draft)
    return Answer(
        done=done,
        prizes=tuple(found),
        warnings=tuple(warnings(draft.prizes, draft.entries)),
        refused=(refusal.problems or (refusal.message,)) if refusal else (),
        way=refusal.remedy if refusal else "",
    )


def say_changed(answer: Answer) -> None:
    """Write what was done, and what to look at, for the organiser."""
    say(f"{answer.done}: the draft has {counted(len(answer.prizes), 'prize')} now. wheel-admin publish shows them.")
    _say_problems(answer)


def _say_problems(answer: Answer) -> None:
    for warning in answer.warnings:
        say(f"Please check: {warning}.")
    for problem in answer.refused:
        warn(f"Publishing this would be refused: {problem}.")
    if answer.way:
        warn(f"What is open: {answer.way}")


def _edit(home: Home, change: Callable[[Draft], Sequence[Prize]], done: str, *, as_json: bool) -> None:
    with edit_draft(home, wait_ms=lock_wait_ms()) as editing:
        editing.draft = msgspec.structs.replace(editing.draft, prizes=tuple(change(editing.draft)))
    answer = answer_of(home, editing.draft, done)
    if as_json:
        reply(answer)
    else:
        say_changed(answer)


def _named(draft: Draft, wanted: str) -> Prize:
    found = find(draft.prizes, wanted)
    if len(found) != 1:
        ids = ", ".join(prize.id for prize in draft.prizes) or "none"
        raise RefusedError(
            f"There is no prize {wanted} on the draft. Nothing was changed."
            if not found
            else f"{wanted} could be {' or '.join(prize.id for prize in found)}. Nothing was changed.",
            remedy=f"The draft's prizes are: {ids}.",
        )
    return found[0]


def _new_id(draft: Draft, wanted: str, title: str) -> str:
    taken = {prize.id for prize in draft.prizes}
    if not wanted:
        return id_for(clean(title), taken)
    if not is_prize_id(wanted):
        raise RefusedError(f"{wanted!r} is not 1 to 40 of a-z, 0-9 and hyphen.", remedy="Leave --id out.")
    if wanted in taken:
        raise RefusedError(f"Prize {wanted} is on the draft already.", remedy="wheel-admin prizes set changes it.")
    return wanted


def _groups(texts: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_valid(text, "group", MAX_GROUP) for text in texts))


def _valid(text: str, what: str, limit: int) -> str:
    cleaned = clean(text)
    problem = problem_with(cleaned, what=what, limit=limit)
    if problem:
        raise RefusedError(f"The {problem}. Nothing was changed.", remedy="Type it without.")
    return cleaned
