"""`wheel-admin entropy`: plan the public entropy of a list, and hand in its value once the kiosk has committed.

Invariant: what a list uses is named in the list, before anybody can know its value; the value is refused here already
where the ledger shows that the kiosk would refuse it.
"""

import unicodedata
from datetime import UTC, datetime
from typing import Annotated

import msgspec
import typer

from kiosk.core.clock import Clock, SystemClock, rfc3339
from kiosk.core.errors import RefusedError, UsageError
from kiosk.core.home import Home, request_name
from kiosk.draw.entropy import arose_at, level_of, problem_with_items, problem_with_text
from kiosk.draw.protocol import digest
from kiosk.intake.snapshot_files import Published
from kiosk.snapshot.requests import EntropyMessage, encode
from wheel_admin.cli.options import (
    DEFAULT_HOME,
    HomeOption,
    JsonOption,
    examples,
    existing_home,
    lock_wait_ms,
    reply,
    say,
    warn,
)
from wheel_admin.cli.wording import entropy_in_words, level_in_words
from wheel_admin.draft import admin_lock, edit_draft
from wheel_admin.ledger_report.beacon import INSTALL, can_check, check_round
from wheel_admin.ledger_report.ledger_view import LedgerView, read_ledger
from wheel_admin.publishing.delivery import hand_over, list_on_wheel
from wheel_admin.publishing.known_keys import meet_kiosk
from wheel_admin.publishing.publication import look
from wheel_admin.publishing.signed_entropy import record_text

EPILOG = examples(
    "wheel-admin entropy plan dice   (then publish; the wheel waits for the dice)",
    "wheel-admin entropy dice:3.1.6.6.2.4.1.5.3.2",
    'wheel-admin entropy plan audience lottery:"6aus49 on 2026-05-02"',
    'wheel-admin entropy "audience:seven purple umbrellas"',
    'wheel-admin entropy "lottery:6aus49 on 2026-05-02:4 11 23 31 40 48"',
    "wheel-admin entropy plan drand:quicknet:ROUND   (a round that is still to come)",
    "wheel-admin entropy drand:quicknet:ROUND:SIGNATURE   (from https://api.drand.sh)",
    "wheel-admin entropy plan none",
)
_PLAN, _NONE = "plan", "none"
_FEW_DICE = 10


class Plan(msgspec.Struct, frozen=True):
    """What the draft's list will use, in order."""

    entropy: tuple[str, ...]
    level: str


class Answer(msgspec.Struct, frozen=True):
    """What was handed over.

    Attributes:
        missing: what the list still waits for then.
        checked: whether the signature of a drand round was checked; None for other entropy.
    """

    generation: int
    snapshot: str
    anchor: str
    text: str
    level: str
    file: str
    missing: tuple[str, ...]
    checked: bool | None = None


def entropy(
    words: Annotated[
        list[str],
        typer.Argument(
            metavar="TEXT | plan ITEM...",
            show_default=False,
            help="dice:..., audience:..., lottery:WORDS:..., drand:...; or plan, and the items without their values.",
        ),
    ],
    *,
    same_text: Annotated[
        bool,
        typer.Option(
            "--same-text",
            help="Sign a text that was signed for another anchor before. Whoever knew it then could choose the new"
            " secrets to suit it, and the verifier tells of the earlier message if it finds it.",
        ),
    ] = False,
    home: HomeOption = DEFAULT_HOME,
    as_json: JsonOption = False,
) -> None:
    """Mix public entropy into the draw: dice, words of the audience, a lottery result, a drand round.

    First say with `plan` what the list will use, and publish. The kiosk then commits to its secrets, and waits: before
    the first spin, hand in each value, in the planned order. It cannot be changed. Dice and words are **live**: they
    convince those in the room. A lottery result or a drand round is **public**: they convince everybody who kept the
    kiosk's anchor before. Without any the draw is **sealed**: you trust whoever runs the kiosk.
    """
    texts = [unicodedata.normalize("NFC", word) for word in words]
    if texts[0] == _PLAN:
        _plan(texts[1:], home=home, as_json=as_json)
        return
    if len(texts) > 1:
        raise UsageError(
            f"{len(texts)} texts were given, and one is handed in at a time.",
            remedy='Put a text with spaces in quotes: wheel-admin entropy "audience:seven purple umbrellas"',
        )
    answer = hand_in_entropy(existing_home(home), texts[0], clock=SystemClock(), same_text=same_text)
    if as_json:
        reply(answer)
        return
    if texts[0].startswith("dice:") and len(texts[0].split(".")) < _FEW_DICE:
        warn(f"Note: fewer than {_FEW_DICE} dice can be guessed; more of them convince more.")
    if answer.checked is False:
        warn(
            "Warning: the round's signature was not checked here, and a wrong digit makes the draw BROKEN for good."
            f" The check needs a package: {INSTALL}"
        )
    convinces = level_in_words((answer.text,))
    say(f"handed over for generation {answer.generation} ({convinces}): {answer.text}")
    say(f"For auditors: snapshot digest of the list {answer.snapshot[:8]}.")
    if answer.missing:
        say(f"The wheel still waits for: {entropy_in_words(answer.missing)}.")
    else:
        say("That is all: the kiosk records it when the wheel stands still, and can spin then.")


def _plan(items: list[str], *, home: HomeOption, as_json: bool) -> None:
    if not items:
        raise UsageError("Say what to plan.", remedy="wheel-admin entropy plan dice, or: plan none")
    planned = () if items == [_NONE] else tuple(items)
    problem = problem_with_items(planned)
    if problem:
        raise UsageError(f"That cannot be planned: {problem}.", remedy="wheel-admin entropy --help has examples.")
    with edit_draft(existing_home(home), wait_ms=lock_wait_ms()) as editing:
        editing.draft = msgspec.structs.replace(editing.draft, entropy=planned)
    if as_json:
        reply(Plan(planned, level_of(planned)))
        return
    say(f"The draft's list will use this public entropy: {entropy_in_words(planned)}.")
    if planned:
        say("Publish it, wait until the kiosk shows it, and only then roll the dice or look up the value.")
    if any(arose_at(item) is not None for item in planned) and not can_check():
        warn(
            "Note: the round's signature cannot be checked here yet, and a wrong digit would make the draw BROKEN for"
            f" good. Before you hand it in: {INSTALL}"
        )


def hand_in_entropy(home: Home, text: str, *, clock: Clock, same_text: bool = False) -> Answer:
    """Sign `text` for the list on the wheel, under its anchor on its kiosk, and hand it to the kiosk.

    Raises:
        UsageError: the text does not fulfil the item that the list waits for, or has not the signature of its round.
        RefusedError: the kiosk does not show the newest list, the list waits for nothing, the text arose too early, or
            it was signed for another anchor and `same_text` is not said.
        TrustError: no signing key, or the kiosk does not trust it.
        BusyError: another command holds the lock.
        HomeError: something cannot be read or written.
    """
    with admin_lock(home, wait_ms=lock_wait_ms()):
        ledger = read_ledger(home)
        shelf = look(home, ledger)
        published = list_on_wheel(home, ledger, shelf)
        current = ledger.history.current
        if current is None:
            raise RefusedError("The kiosk shows no list.", remedy="Start it, and try again.")
        item, later = _awaited(published, ledger)
        problem = problem_with_text(text, item=item)
        if problem:
            raise UsageError(
                f"The wheel waits for {item}, and {text!r} is not that: {problem}.",
                remedy=f'Write it like: wheel-admin entropy "{item}:VALUE"',
            )
        _refuse_other_times(item, ledger, clock.utc_now())
        checked = check_round(text) if arose_at(item) is not None else None
        message = EntropyMessage(
            event=current.event, snapshot=published.s, anchor=current.anchor, kiosk=current.kiosk, text=text
        )
        if request_name(digest(encode(message))) in ledger.settled:
            raise RefusedError("The kiosk has refused this very text for this list already.")
        meet_kiosk(home)
        record_text(home, message, again=same_text)
        path = hand_over(home, message, shelf)
    return Answer(published.generation, published.s, current.anchor, text, level_of((item,)), str(path), later, checked)


def _awaited(published: Published, ledger: LedgerView) -> tuple[str, tuple[str, ...]]:
    """Return the item that the list on the wheel waits for, and those after it.

    Raises:
        RefusedError: it waits for none.
    """
    planned, entered = published.snapshot.entropy, len(ledger.history.texts)
    again = "publish again: a new list waits for its own"
    if not planned:
        raise RefusedError(
            f"Generation {published.generation} names no public entropy, so none can be mixed in.",
            remedy="Plan it and publish: wheel-admin entropy plan dice; wheel-admin publish",
        )
    if ledger.history.opens or entered >= len(planned):
        raise RefusedError(
            f"Generation {published.generation} has all the public entropy that it names.",
            remedy=f"To use other public entropy, {again}.",
        )
    return planned[entered], planned[entered + 1 :]


def _refuse_other_times(item: str, ledger: LedgerView, now: datetime) -> None:
    arose = arose_at(item)
    if arose is None:
        return
    when = datetime.fromtimestamp(arose, UTC)
    if when > now:
        raise RefusedError(f"That round arises at {rfc3339(when)}: it cannot be known yet.")
    adopted_at = ledger.history.adopted_at
    if when <= datetime.fromisoformat(adopted_at):
        raise RefusedError(
            f"That round arose at {rfc3339(when)}, before the kiosk committed to its secrets at {adopted_at}.",
            remedy="Plan a later round, and publish again: wheel-admin entropy plan drand:quicknet:ROUND",
        )
