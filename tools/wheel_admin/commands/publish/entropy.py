"""`wheel-admin entropy TEXT`: public entropy that arose after the kiosk had committed to its secrets.

Invariant: it is given once for a list. It is refused here already where the ledger shows that the kiosk would refuse
it.
"""

import unicodedata
from datetime import UTC, datetime
from typing import Annotated

import msgspec
import typer

from kiosk.core.clock import Clock, SystemClock, rfc3339
from kiosk.core.errors import RefusedError, SnapshotError, UsageError
from kiosk.core.home import Home
from kiosk.draw.entropy import arose_at, level_of, problem_with_entropy
from kiosk.intake.request_files import read_message
from kiosk.snapshot.requests import EntropyMessage
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
from wheel_admin.draft import admin_lock
from wheel_admin.ledger_report.ledger_view import LedgerView, read_ledger
from wheel_admin.publishing.delivery import hand_over, list_on_wheel
from wheel_admin.publishing.publication import Shelf, look

EPILOG = examples(
    "wheel-admin entropy dice:3.1.6.6.2.4",
    'wheel-admin entropy "audience:seven purple umbrellas"',
    'wheel-admin entropy "lottery:6aus49 2 May 2026 4 11 23 31 40 48"',
    "wheel-admin entropy drand:quicknet:ROUND:RANDOMNESS   (both from https://api.drand.sh)",
)
_FEW_DICE = 10


class Answer(msgspec.Struct, frozen=True):
    """What was handed over; `spins_before` of the list were decided without it."""

    generation: int
    snapshot: str
    entropy: str
    level: str
    file: str
    spins_before: int


def entropy(
    text: Annotated[str, typer.Argument(show_default=False, help="dice:..., audience:..., lottery:..., drand:...")],
    *,
    home: HomeOption = DEFAULT_HOME,
    as_json: JsonOption = False,
) -> None:
    """Mix public entropy into the next spins: dice, words of the audience, a lottery result, a drand round.

    Hand it in after the kiosk shows the list and before the first spin. It is used from the next spin on, once for
    a list, and cannot be changed; spins before it stay as they are. It comes too late, and is refused, when another
    list is on the wheel before the kiosk could take it. Dice and words are **witnessed** by those in the room; a
    lottery result or a drand round is **public**; without any the draw is **sealed**.
    """
    answer = hand_in_entropy(existing_home(home), unicodedata.normalize("NFC", text), clock=SystemClock())
    if as_json:
        reply(answer)
        return
    if text.startswith("dice:") and len(text.split(".")) < _FEW_DICE:
        warn(f"Note: fewer than {_FEW_DICE} dice can be guessed; more of them convince more.")
    if answer.spins_before:
        warn(f"Note: {answer.spins_before} of the list's spins were decided without it, and stay sealed.")
    say(f"handed over for generation {answer.generation}, S {answer.snapshot[:8]} ({answer.level}): {answer.entropy}")
    say("The kiosk records it when the wheel stands still, and says so in its status line.")


def hand_in_entropy(home: Home, text: str, *, clock: Clock) -> Answer:
    """Sign `text` for the list on the wheel and hand it to the kiosk.

    Raises:
        UsageError: the text is of no known form.
        RefusedError: the kiosk does not show the newest list, has entropy for it, or the text arose too early.
        TrustError: no signing key, or the kiosk does not trust it.
        BusyError: another command holds the lock.
        HomeError: something cannot be read or written.
    """
    problem = problem_with_entropy(text)
    if problem:
        raise UsageError(f"{text!r} cannot be used: {problem}.")
    with admin_lock(home, wait_ms=lock_wait_ms()):
        ledger = read_ledger(home)
        shelf = look(home, ledger)
        published = list_on_wheel(ledger, shelf)
        now = clock.utc_now()
        _refuse_other_times(text, ledger, now)
        if ledger.entropy:
            raise RefusedError(
                f"Generation {published.generation} has public entropy already: {ledger.entropy}.",
                remedy="Publish again (wheel-admin publish --force) to start anew.",
            )
        message = EntropyMessage(
            generation=published.generation, snapshot=published.s, entropy=text, created_at=rfc3339(now)
        )
        path = hand_over(home, message, shelf, replace=_was_dealt_with(home, published.generation, ledger, shelf))
    before = sum(draw.snapshot == published.s for draw in ledger.draws)
    return Answer(published.generation, published.s, text, level_of(text), str(path), before)


def _refuse_other_times(text: str, ledger: LedgerView, now: datetime) -> None:
    arose = arose_at(text)
    if arose is None:
        return
    when = datetime.fromtimestamp(arose, UTC)
    if when > now:
        raise RefusedError(f"That round arises at {rfc3339(when)}: it cannot be known yet.")
    if ledger.adopted_at and when <= datetime.fromisoformat(ledger.adopted_at):
        raise RefusedError(
            f"That round arose at {rfc3339(when)}, before the kiosk committed to its secrets at {ledger.adopted_at}.",
            remedy="Take a later round.",
        )


def _was_dealt_with(home: Home, generation: int, ledger: LedgerView, shelf: Shelf) -> bool:
    """Say whether the entropy file that is there may go: the kiosk refused it, or made a new anchor after it."""
    path = home.entropy(generation)
    try:
        there = read_message(path, keys=shelf.keys)
    except SnapshotError:
        return True  # none, or one that no kiosk takes
    if any(file == there.label for file, _ in ledger.refused):
        return True
    made = datetime.fromisoformat(there.message.created_at)
    return bool(ledger.adopted_at) and made < datetime.fromisoformat(ledger.adopted_at)
