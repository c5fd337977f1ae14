"""What the records so far add up to, and which record may come next as far as records alone can tell.

Invariant: pure; a fold over records, in order. What the kiosk must remember across a restart is read from here, so the
ledger is the only memory. `problem_with` holds every rule of docs/protocol.md that needs no list; those that need
one are in `kiosk.ledger.permitted`.
"""

from collections.abc import Callable
from itertools import pairwise
from typing import ClassVar

import msgspec

from kiosk.draw.modes import NOT_IN_THE_POOL
from kiosk.draw.protocol import CHAIN_LENGTH, digest, entropy_digest
from kiosk.ledger.event import IN_PLAY, EventState
from kiosk.ledger.record import (
    KEY,
    Adopt,
    Body,
    Claim,
    Close,
    Entropy,
    Open,
    Record,
    Refused,
    Rehearsal,
    Restored,
    Result,
    Shown,
    Void,
    Withdraw,
)
from kiosk.snapshot.model import NO_PRIZE
from kiosk.snapshot.requests import FREEING

_SPIN_IS_OPEN = "a spin is open"


class Unfinished(msgspec.Struct, frozen=True):
    """A spin that was opened and not yet shown; `result` is None if it was not yet decided."""

    open: Open
    result: Result | None = None


class History:
    """The state that follows from the records.

    Attributes:
        generation: highest generation ever adopted (0 before the first), and
        s: the S it had.
        current: the last `adopt` record, and
        adopted_at: when that was (UTC, RFC 3339).
        events: all of them, by id; and
        event: the one of the last `adopt`.
        kiosk: id of the kiosk key that was named last; "" before the first.
        texts: the public entropy texts recorded under the current anchor, in order.
        opens: how many spins were opened under it, and
        results: how many of them were decided.
        last_reveal: of the last result under it; the anchor before the first.
        voided: a spin of this `adopt` ended as void.
        unfinished: the spin that a restart has to finish, if any.
        last_open: the last spin of the current event that was decided, and
        last_result: its result, if any.
        refused: (file, reason) pairs already recorded, so that a rescan does not record them again; and
        refused_since_adopt: how many of them since the last `adopt` record.
        carried_out: digests of the requests that are recorded.
        known_values: every anchor and every reveal so far: none of them can be an anchor again.
    """

    def __init__(self) -> None:
        self.generation = 0
        self.s = ""
        self.current: Adopt | None = None
        self.adopted_at = ""
        self.events: dict[str, EventState] = {}
        self.event: EventState | None = None
        self.kiosk = ""
        self.texts: list[str] = []
        self.opens = 0
        self.results = 0
        self.last_reveal = ""
        self.voided = False
        self.unfinished: Unfinished | None = None
        self.last_open: Open | None = None
        self.last_result: Result | None = None
        self.refused: set[tuple[str, str]] = set()
        self.refused_since_adopt = 0
        self.carried_out: set[str] = set()
        self.known_values: set[bytes] = set()

    @property
    def untouched(self) -> bool:
        """Whether nothing was drawn or entered under the current anchor: its list may be adopted again."""
        return not self.texts and not self.opens

    @property
    def entropy(self) -> str:
        """P of the next spin."""
        return entropy_digest(self.texts)

    # ---- taking a record into account ------------------------------------------------------------------------------

    def apply(self, record: Record) -> None:
        """Take the next record into account. It is one that `problem_with` passes."""
        taker = self._takers.get(type(record.body))
        if taker is not None:
            taker(self, record.body)
        if isinstance(record.body, Adopt):
            self.adopted_at = record.at

    def _adopt(self, body: Adopt) -> None:
        if self.event is not None and self.current is not None and self.current.event != body.event:
            self.event.left = True
            self.last_open = self.last_result = None
        self.event = self.events.setdefault(body.event, EventState())
        self.event.adopt(body.snapshot)
        self.current, self.kiosk = body, body.kiosk
        self.generation, self.s = body.generation, body.snapshot
        self.texts, self.opens, self.results, self.last_reveal = [], 0, 0, body.anchor
        self.voided = False
        self.refused_since_adopt = 0
        self.known_values.add(bytes.fromhex(body.anchor))

    def _entropy(self, body: Entropy) -> None:
        self.texts.append(body.text)
        self.carried_out.add(body.request)

    def _open(self, body: Open) -> None:
        self.unfinished = Unfinished(body)
        self.opens += 1
        self.events[body.event].spins += 1

    def _result(self, body: Result) -> None:
        if self.unfinished is None:
            return
        opened = self.unfinished.open
        self.unfinished = Unfinished(opened, body)
        self.last_open, self.last_result = opened, body
        self.results += 1
        self.last_reveal = body.reveal
        self.known_values.add(bytes.fromhex(body.reveal))
        self.events[opened.event].result(opened, body)

    def _shown(self, _: Shown) -> None:
        self.unfinished = None

    def _void(self, _: Void) -> None:
        self.unfinished = None
        self.voided = True

    def _claim(self, body: Claim) -> None:
        self.events[body.event].claim(body)
        if body.request != KEY:
            self.carried_out.add(body.request)

    def _withdraw(self, body: Withdraw) -> None:
        self.events[body.event].withdraw(body.ticket)
        self.carried_out.add(body.request)

    def _close(self, body: Close) -> None:
        self.events[body.event].closed = True
        self.carried_out.add(body.request)

    def _restored(self, body: Restored) -> None:
        self.kiosk = body.to

    def _refused(self, body: Refused) -> None:
        self.refused.add((body.file, body.reason))
        self.refused_since_adopt += 1

    # ---- judging a record --------------------------------------------------------------------------------------------

    def problem_with(self, body: Body, *, prev: str) -> str | None:
        """Say why `body` cannot be the next record, as far as records alone can tell; None if it can.

        Args:
            body: what the record would say.
            prev: the head of the ledger before it.
        """
        if isinstance(body, Restored):
            return self._restored_problem(body, prev)
        judge = self._judges.get(type(body))
        return judge(self, body) if judge is not None else None

    def _adopt_problem(self, body: Adopt) -> str | None:
        if self.unfinished is not None:
            return _SPIN_IS_OPEN
        event = self.events.get(body.event)
        if event is not None and event.closed:
            return "its event is closed"
        if event is not None and event.left:
            return "its event was left"
        if bytes.fromhex(body.anchor) in self.known_values:
            return "its anchor was used before"
        if body.generation > self.generation:
            return None
        if (body.generation, body.snapshot) != (self.generation, self.s):
            return f"generation {body.generation} does not follow generation {self.generation}"
        return None if self.untouched else "its anchor has public entropy or a spin, so the generation must rise"

    def _entropy_problem(self, body: Entropy) -> str | None:
        if self.current is None or (body.snapshot, body.anchor) != (self.current.snapshot, self.current.anchor):
            return "it is for another list or another anchor"
        if self.opens:
            return "a spin was opened before it"
        return self._event_problem(self.current.event) or self._request_problem(body.request)

    def _open_problem(self, body: Open) -> str | None:
        current, event = self.current, self.event
        if current is None or event is None:
            return "no list is adopted"
        if (body.event, body.generation) != (current.event, current.generation):
            return "it is of another list"
        if problem := self._event_problem(body.event):
            return problem
        if self.voided:
            return "a spin ended as void, so a new list must be adopted first"
        if self.results >= CHAIN_LENGTH:
            return "the list has used up its secrets"
        if body.spin != event.spins + 1:
            return f"it is spin {body.spin}, and the next one is {event.spins + 1}"
        if body.entropy != self.entropy:
            return "its public entropy is not the one that is recorded"
        return _places_problem(body)

    def _result_problem(self, body: Result) -> str | None:
        if self.unfinished is None or self.unfinished.result is not None:
            return "no spin is open that has no result"
        opened = self.unfinished.open
        if body.spin != opened.spin:
            return f"it is of spin {body.spin}, and spin {opened.spin} is open"
        if digest(bytes.fromhex(body.reveal)) != self.last_reveal:
            return "its reveal does not follow from the one before"
        if len(body.winners) > len(opened.place_numbers) or len(set(body.winners)) != len(body.winners):
            return "it has more winners than places, or one of them twice"
        return _mode_problem(opened, body)

    def _shown_problem(self, body: Shown) -> str | None:
        decided = self.unfinished is not None and self.unfinished.result is not None
        return None if decided and body.spin == self._open_spin else "that spin is not open, or has no result"

    def _void_problem(self, body: Void) -> str | None:
        undecided = self.unfinished is not None and self.unfinished.result is None
        return None if undecided and body.spin == self._open_spin else "that spin is not open, or has a result"

    @property
    def _open_spin(self) -> int:
        return self.unfinished.open.spin if self.unfinished else 0

    def _claim_problem(self, body: Claim) -> str | None:
        if problem := self._event_problem(body.event) or self._request_problem(body.request):
            return problem
        event = self.events[body.event]
        if problem := event.claim_problem(body.prize, body.place, body.ticket, body.state):
            return problem
        if not body.reserve:
            return None
        reserve = event.holders.get((body.prize, body.reserve))
        moves_in = body.state in FREEING and body.prize != NO_PRIZE and body.reserve > body.place
        if not moves_in or reserve is None or reserve.state not in IN_PLAY:
            return f"no reserve in place {body.reserve} can move in"
        return None

    def _withdraw_problem(self, body: Withdraw) -> str | None:
        if self.current is None or body.event != self.current.event:
            return "it is of another event than the one on the wheel"
        if problem := self._event_problem(body.event) or self._request_problem(body.request):
            return problem
        withdrawn = body.ticket in self.events[body.event].withdrawn
        return f"ticket {body.ticket} is withdrawn already" if withdrawn else None

    def _close_problem(self, body: Close) -> str | None:
        return self._event_problem(body.event) or self._request_problem(body.request)

    def _rehearsal_problem(self, body: Rehearsal) -> str | None:
        if self.current is None or body.event != self.current.event:
            return "it is of another event than the one on the wheel"
        return self._event_problem(body.event)

    def _restored_problem(self, body: Restored, prev: str) -> str | None:
        if not self.kiosk or body.from_ != self.kiosk or body.to == self.kiosk:
            return "it does not name the kiosk key before it, and another one"
        return None if body.head == prev else "its head is not that of the record before it"

    def _event_problem(self, event_id: str) -> str | None:
        """Return why nothing can be recorded for that event now: it is unknown or closed, or a spin is open."""
        event = self.events.get(event_id)
        if event is None:
            return f"there is no event {event_id}"
        if event.closed:
            return "the event is closed"
        return _SPIN_IS_OPEN if self.unfinished is not None else None

    def _request_problem(self, request: str) -> str | None:
        return "that request was carried out before" if request != KEY and request in self.carried_out else None

    _takers: ClassVar[dict[type[Body], Callable[..., None]]] = {
        Adopt: _adopt,
        Entropy: _entropy,
        Open: _open,
        Result: _result,
        Shown: _shown,
        Void: _void,
        Claim: _claim,
        Withdraw: _withdraw,
        Close: _close,
        Restored: _restored,
        Refused: _refused,
    }
    _judges: ClassVar[dict[type[Body], Callable[..., str | None]]] = {
        Adopt: _adopt_problem,
        Entropy: _entropy_problem,
        Open: _open_problem,
        Result: _result_problem,
        Shown: _shown_problem,
        Void: _void_problem,
        Claim: _claim_problem,
        Withdraw: _withdraw_problem,
        Close: _close_problem,
        Rehearsal: _rehearsal_problem,
    }


def _places_problem(body: Open) -> str | None:
    places = body.place_numbers
    if any(right <= left for left, right in pairwise(places)):
        return "its places do not ascend"
    if body.prize == NO_PRIZE and places != (body.spin,):
        return "without prizes a spin fills the place of its own number"
    if body.mode == "fixed" and len(places) != 1:
        return "a fixed spin fills one place"
    return None


def _mode_problem(opened: Open, body: Result) -> str | None:
    if opened.mode == "natural":
        fits = body.mode == "natural" and not body.reason and not body.fallback
    elif body.mode == "fixed":
        fits = bool(body.reason) and not body.fallback
    else:
        fits = not body.reason and body.fallback == NOT_IN_THE_POOL
    return None if fits else "its mode, reason and fallback do not fit what was planned"
