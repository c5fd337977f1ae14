"""Which record may come next, by every rule of docs/protocol.md: those of records alone, and those that need a list.

Invariant: pure. The kiosk appends no record that `problem_with` refuses. The verifiers hold the same rules.
"""

from collections.abc import Callable
from datetime import datetime
from typing import TypeAlias

from kiosk.draw.entropy import arose_at, problem_with_text
from kiosk.draw.modes import Turn, turn_for
from kiosk.draw.pool import Pool
from kiosk.draw.protocol import CHAIN_LENGTH
from kiosk.ledger.event import CLOSED, NO_LIST, VOIDED, WAITING_FOR, Due, NoSpin
from kiosk.ledger.history import History
from kiosk.ledger.record import Adopt, Body, Claim, Entropy, Open, Result, Withdraw
from kiosk.snapshot import corrections
from kiosk.snapshot.model import Snapshot

Lists: TypeAlias = Callable[[str], Snapshot | None]
"""Finds a list by its S."""


def problem_with(history: History, body: Body, *, prev: str, at: str, lists: Lists) -> str | None:
    """Say why `body` cannot be the next record, or None if it can.

    Args:
        history: what the records so far add up to.
        body: what the record would say.
        prev: the head of the ledger before it.
        at: when it is recorded (UTC, RFC 3339).
        lists: finds the lists that the records name.
    """
    problem = history.problem_with(body, prev=prev)
    if problem is not None:
        return problem
    match body:
        case Adopt():
            return _adopt(history, body, lists)
        case Entropy() | Open() | Result() | Withdraw():
            listed = _current(history, lists)
            if listed is None:
                return "the list on the wheel is not here"
            return _on_the_wheel(history, body, listed, at)
        case Claim():
            return _claim(history, body, lists)
        case _:
            return None


def adopt_problem(history: History, new: Snapshot, *, lists: Lists) -> str | None:
    """Say why `new` cannot follow the list before it, or what happened in its event; None if it can."""
    if new.generation == history.generation + 1 and new.previous != history.s:
        return f"it does not follow the generation {history.generation} that was on the wheel: its previous is another"
    event = history.events.get(new.event.id)
    if event is None:
        return None
    if event.closed:
        return "its event is closed"
    if event.left:
        return "its event was left for another one, and that is final"
    last = lists(event.s)
    if last is None:
        # Whatever cannot be compared with the list before it may rewrite what happened.
        return f"the list {event.s[:8]} that it follows is not here"
    return next(iter(corrections.problems(new, event.happened(last))), None)


def next_press(history: History, listed: Snapshot, *, chosen: str | None = None) -> Due | str:
    """Return what the next press would give away from the list on the wheel, or why it opens nothing."""
    event = history.event
    if event is None:
        return NO_LIST
    if event.closed:
        return CLOSED
    if history.voided:
        return VOIDED
    if len(history.texts) < len(listed.entropy):
        return f"{WAITING_FOR}{listed.entropy[len(history.texts)]}."
    if history.results >= CHAIN_LENGTH:
        return NoSpin.SECRETS_USED_UP
    return event.due(listed, chosen=chosen)


def planned(listed: Snapshot, opened: Open) -> Turn:
    """Return what the spin `opened` was planned to be."""
    turn = turn_for(listed.spins, opened.spin)
    if turn is None:
        raise ValueError(f"spin {opened.spin} is beyond the last step of its list")
    return turn


def _current(history: History, lists: Lists) -> Snapshot | None:
    return lists(history.current.snapshot) if history.current else None


def _adopt(history: History, body: Adopt, lists: Lists) -> str | None:
    new = lists(body.snapshot)
    if new is None:
        return "the list is not here"
    said = (body.event, body.generation, body.entries, body.weight)
    if said != (new.event.id, new.generation, len(new.entries), new.weight):
        return "it does not say what its list says"
    return adopt_problem(history, new, lists=lists)


def _on_the_wheel(history: History, body: Entropy | Open | Result | Withdraw, listed: Snapshot, at: str) -> str | None:
    match body:
        case Entropy():
            return _entropy(history, body, listed, at)
        case Open():
            return _open(history, body, listed)
        case Result():
            return _result(history, body, listed)
        case Withdraw():
            return None if body.ticket in listed.by_ticket else f"ticket {body.ticket} is not on the list"


def _entropy(history: History, body: Entropy, listed: Snapshot, at: str) -> str | None:
    if len(history.texts) >= len(listed.entropy):
        return "the list names no more public entropy"
    item = listed.entropy[len(history.texts)]
    if problem := problem_with_text(body.text, item=item):
        return problem
    arose = arose_at(item)
    if arose is None:
        return None
    if arose <= datetime.fromisoformat(history.adopted_at).timestamp():
        return f"that round was known before the secrets were committed to at {history.adopted_at}"
    return "that round has not arisen yet" if arose > datetime.fromisoformat(at).timestamp() else None


def _open(history: History, body: Open, listed: Snapshot) -> str | None:
    due = next_press(history, listed, chosen=body.prize)
    if isinstance(due, str):
        return due
    expected = (due.prize, due.places, due.turn.step.mode, due.turn.position, due.pool.digest, due.pool.weight)
    said = (body.prize, body.place_numbers, body.mode, body.step, body.pool, body.weight)
    return None if said == expected else "it is not what the next press has to be"


def _result(history: History, body: Result, listed: Snapshot) -> str | None:
    unfinished, event = history.unfinished, history.event
    if unfinished is None or event is None:
        return "no spin is open"
    opened = unfinished.open
    pool: Pool = event.pool(listed, opened.prize)
    if pool.digest != opened.pool:
        return "its pool is not the one that was opened"
    if any(pool.index_of(ticket) is None for ticket in body.winners):
        return "a winner is not in the pool"
    step = planned(listed, opened).step
    if step.mode == "fixed":
        in_pool = pool.index_of(step.ticket) is not None
        if in_pool != (body.mode == "fixed"):
            return "a fixed ticket wins if it is in the pool, and only then"
        if in_pool and (body.winners, body.reason) != ((step.ticket,), step.reason):
            return "it is not the fixed ticket, or its reason is another one"
    return None


def _claim(history: History, body: Claim, lists: Lists) -> str | None:
    event = history.events[body.event]
    listed = lists(event.s)
    if listed is None:
        return "the last list of its event is not here"
    if body.state == "absent" and not listed.rules.presence:
        return "the rules do not ask winners to be there, so nobody can be absent"
    prize = listed.by_prize.get(body.prize)
    if body.state == "collected" and prize is not None and body.place > prize.quantity:
        return "a reserve has nothing to collect before moving into a winner's place"
    reserve = event.reserve_for(listed, body.prize, body.place, body.state)
    return None if body.reserve == reserve else f"its reserve is {body.reserve}, and has to be {reserve}"
