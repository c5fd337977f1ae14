"""One event as its records tell it: places, claims, withdrawals; who is in the pool, what the next press gives away.

Invariant: pure. The state follows from records alone; a list is needed only to ask what is open or who may win. This is
the one place that decides who is in a pool, which places a press fills, and what a claim does to a place
(docs/protocol.md, "Who is in the pool" and "Places and claims").
"""

from collections.abc import Set
from enum import StrEnum
from typing import Literal, TypeAlias

import msgspec
from msgspec.structs import replace

from kiosk.draw.modes import Turn, turn_for
from kiosk.draw.pool import Pool
from kiosk.ledger.record import Claim, Open, Result
from kiosk.snapshot.corrections import Happened
from kiosk.snapshot.model import NO_PRIZE, Prize, Snapshot
from kiosk.snapshot.requests import FREEING, ClaimState

PlaceState: TypeAlias = Literal["held"] | ClaimState
TRANSITIONS: dict[PlaceState, frozenset[ClaimState]] = {
    "held": FREEING | {"confirmed"},
    "confirmed": FREEING | {"collected"},
}
"""What a claim may make of a place in a state; from every other state nothing leads on."""
IN_PLAY: frozenset[PlaceState] = frozenset({"held", "confirmed"})
"""States in which a reserve can still move into a winner's place."""
_POOLS_KEPT = 8


WAITING_FOR = "Waiting for public entropy: "
"""Begins the sentence that names the item of public entropy that has to come before the first spin."""


class NoSpin(StrEnum):
    """Why there is nothing to spin for, where the screen says it in the theme's words."""

    SPINS_DONE = "All spins of this list are done."
    SECRETS_USED_UP = "This list has used up its secrets: publish it again."
    EVERYBODY_WON = "Everybody on this list has won."
    PRIZES_DRAWN = "Every prize has been drawn."
    PRIZE_DRAWN = "Every place of this prize has been drawn."
    NOBODY_LEFT = "Nobody is left who can win what is left."


NO_LIST = "No list is on the wheel."
CLOSED = "This event is closed."
VOIDED = "A spin could not be decided: publish the list again."
NOT_OPEN = frozenset({NO_LIST, CLOSED, VOIDED})
"""Reasons that only the organiser can clear away, by publishing."""

OVER = frozenset({NoSpin.SPINS_DONE, NoSpin.EVERYBODY_WON, NoSpin.PRIZES_DRAWN, NoSpin.NOBODY_LEFT})
"""Reasons after which nothing more can be won, unless the organiser publishes again."""


class Held(msgspec.Struct, frozen=True):
    """Who holds a place, in which state, and the spin that drew the place for them."""

    ticket: str
    state: PlaceState
    spin: int


class Award(msgspec.Struct, frozen=True):
    """A place that a spin drew for a ticket."""

    spin: int
    prize: str
    place: int
    ticket: str


class Due(msgspec.Struct, frozen=True):
    """What the next press gives away: the planned `turn` of spin `spin`, the places of `prize`, and who may win."""

    spin: int
    turn: Turn
    prize: str
    places: tuple[int, ...]
    pool: Pool


class EventState:
    """What happened in one event.

    Attributes:
        s: its last adopted list.
        spins: how many were opened.
        withdrawn: tickets that can win nothing any more.
        holders: who holds each place, by (prize, place). A place that was freed has no holder.
        placed: by prize, the tickets that ever got a place of it.
        freed: by prize, the tickets that freed a place of it.
        awards: every place that was drawn, in order.
        drawn: by prize, the places that were ever drawn.
        absent: every (prize, ticket) that was not there.
        left: another event was adopted since.
        closed: the organiser closed it.
    """

    def __init__(self, s: str = "") -> None:
        self.s = s
        self.spins = 0
        self.withdrawn: set[str] = set()
        self.holders: dict[tuple[str, int], Held] = {}
        self.placed: dict[str, set[str]] = {}
        self.freed: dict[str, set[str]] = {}
        self.drawn: dict[str, set[int]] = {}
        self.awards: list[Award] = []
        self.absent: set[tuple[str, str]] = set()
        self.left = False
        self.closed = False
        self._newly_placed: frozenset[str] = frozenset()
        self._pools: dict[tuple[int, str], tuple[Snapshot, Pool]] = {}
        """Another thread may ask for the pool of a list that is to come: it is replaced whole, after a change."""

    # ---- what records do to it ---------------------------------------------------------------------------------------

    def adopt(self, s: str) -> None:
        """Go on with a new list."""
        self.s = s
        self._pools = {}

    def withdraw(self, ticket: str) -> None:
        """Take a ticket out of every pool."""
        self.withdrawn.add(ticket)
        self._pools = {}

    def result(self, opened: Open, result: Result) -> None:
        """Give the places to the winners. Places that got nobody stay open."""
        placed = self.placed.setdefault(opened.prize, set())
        drawn = self.drawn.setdefault(opened.prize, set())
        self._newly_placed = frozenset(result.winners) - placed
        for place, ticket in zip(opened.place_numbers, result.winners, strict=False):
            self.holders[opened.prize, place] = Held(ticket, "held", opened.spin)
            self.awards.append(Award(opened.spin, opened.prize, place, ticket))
            placed.add(ticket)
            drawn.add(place)
        self._pools = {}

    def claim(self, record: Claim) -> None:
        """Change the state of a place; if that frees it, let the reserve move in that the record names."""
        at = (record.prize, record.place)
        if record.state not in FREEING:
            self.holders[at] = replace(self.holders[at], state=record.state)
            return
        gone = self.holders.pop(at)
        self.freed.setdefault(record.prize, set()).add(gone.ticket)
        if record.state == "absent":
            self.absent.add((record.prize, gone.ticket))
        if record.reserve:
            self.holders[at] = replace(self.holders.pop((record.prize, record.reserve)), state="held")
        self._pools = {}

    # ---- what may happen next ----------------------------------------------------------------------------------------

    def due(self, snapshot: Snapshot, *, chosen: str | None = None) -> Due | str:
        """Return what the next press gives away, or why it gives nothing away.

        Args:
            snapshot: the event's current list.
            chosen: the prize that the operator chose, where the order is free.
        """
        spin = self.spins + 1
        turn = turn_for(snapshot.spins, spin)
        if turn is None:
            return NoSpin.SPINS_DONE
        if not snapshot.prizes:
            pool = self.pool(snapshot, NO_PRIZE)
            return Due(spin, turn, NO_PRIZE, (spin,), pool) if len(pool) else NoSpin.EVERYBODY_WON
        candidates: tuple[Prize, ...] = snapshot.prizes
        if chosen is not None and snapshot.rules.order == "free":
            if chosen not in snapshot.by_prize:
                return f"The list has no prize {chosen}."
            candidates = (snapshot.by_prize[chosen],)
        open_somewhere = False
        for prize in candidates:
            places = self.open_places(prize)
            open_somewhere = open_somewhere or bool(places)
            if places and len(pool := self.pool(snapshot, prize.id)):
                most = 1 if turn.fixed else prize.per_press
                return Due(spin, turn, prize.id, places[:most], pool)
        if open_somewhere:
            return NoSpin.NOBODY_LEFT
        return NoSpin.PRIZE_DRAWN if self._open_elsewhere(snapshot, candidates) else NoSpin.PRIZES_DRAWN

    def _open_elsewhere(self, snapshot: Snapshot, candidates: tuple[Prize, ...]) -> bool:
        return any(self.open_places(prize) for prize in snapshot.prizes if prize not in candidates)

    def open_places(self, prize: Prize) -> tuple[int, ...]:
        """Return the places that the next presses fill, ascending: winners' places first, then reserves'."""
        winners = range(1, prize.quantity + 1)
        found = tuple(place for place in winners if (prize.id, place) not in self.holders)
        if found:
            return found
        reserves = range(prize.quantity + 1, prize.quantity + prize.reserves + 1)
        drawn: Set[int] = self.drawn.get(prize.id, frozenset())
        return tuple(place for place in reserves if place not in drawn)

    def pool(self, snapshot: Snapshot, prize_id: str) -> Pool:
        """Return who may win a place of the prize now, from `snapshot`: the event's list, or one that may follow."""
        key = (id(snapshot), prize_id)
        pools = self._pools
        known = pools.get(key)
        if known is None:
            if len(pools) >= _POOLS_KEPT:
                pools.clear()
            known = pools[key] = (snapshot, self._pool(snapshot, prize_id))
        return known[1]

    def shown_pool(self, snapshot: Snapshot, *, chosen: str | None = None) -> Pool:
        """Return what the wheel shows between presses: the pool of the next press, if there is one."""
        due = self.due(snapshot, chosen=chosen)
        if isinstance(due, Due):
            return due.pool
        return self.pool(snapshot, chosen or (snapshot.prizes[-1].id if snapshot.prizes else NO_PRIZE))

    def pool_before(self, snapshot: Snapshot, opened: Open, result: Result | None) -> Pool:
        """Return the pool that the last spin was opened with; `result` is its result if that is recorded."""
        if result is None:
            return self.pool(snapshot, opened.prize)
        return self._pool(snapshot, opened.prize, without=self._newly_placed)

    def _pool(self, snapshot: Snapshot, prize_id: str, *, without: Set[str] = frozenset()) -> Pool:
        rules, prize = snapshot.rules, snapshot.by_prize.get(prize_id)
        won = self._winners_who_are_out(snapshot, prize_id, without)
        out = self.withdrawn.union(self.freed.get(prize_id, ()), won)
        households: dict[str, int] = {}
        households_out: set[int] = set()
        if rules.household_once:
            households = {entry.ticket: entry.household for entry in snapshot.entries if entry.household}
            households_out = {household for ticket in won if (household := households.get(ticket, 0))}
        groups = prize.groups if prize else ()
        return Pool(
            (
                (entry.ticket, entry.weight)
                for entry in snapshot.entries
                if entry.ticket not in out
                and entry.household not in households_out
                and (not groups or entry.group in groups)
            ),
            households=households,
        )

    def _winners_who_are_out(self, snapshot: Snapshot, prize_id: str, without: Set[str]) -> Set[str]:
        """Return those that the rules let win only once; `without` got their place of the prize just now."""
        if snapshot.rules.win_once == "never":
            return frozenset()
        here: Set[str] = self.placed.get(prize_id, frozenset()) - without
        if snapshot.rules.win_once == "prize" and snapshot.prizes:
            return here
        return frozenset(here).union(*(tickets for prize, tickets in list(self.placed.items()) if prize != prize_id))

    # ---- claims ------------------------------------------------------------------------------------------------------

    def claim_problem(self, prize_id: str, place: int, ticket: str, state: ClaimState) -> str | None:
        """Say why the holder of a place cannot take it to `state`, or None; whatever the list says besides."""
        held = self.holders.get((prize_id, place))
        where = f"place {place} of {prize_id}" if prize_id else f"place {place}"
        if held is None:
            return f"nobody holds {where}"
        if held.ticket != ticket:
            return f"{where} is held by {held.ticket}, not by {ticket}"
        if state not in TRANSITIONS.get(held.state, ()):
            return f"{where} is {held.state}, and cannot become {state}"
        return None

    def claim_may_come(self, snapshot: Snapshot, prize_id: str, place: int, ticket: str, state: ClaimState) -> bool:
        """Say whether a later record could still permit a claim that nothing permits now; `snapshot` is the last list.

        Files arrive in any order, so such a claim waits. One that nothing can permit any more is refused.
        """
        prize = snapshot.by_prize.get(prize_id)
        last = prize.quantity + prize.reserves if prize else 0
        is_reserve = prize is not None and place > prize.quantity
        if self.closed or ticket not in snapshot.by_ticket or ticket in self.freed.get(prize_id, ()):
            return False
        if (is_reserve and state == "collected") or (state == "absent" and not snapshot.rules.presence):
            return False
        held = self.holders.get((prize_id, place))
        if held is not None and held.ticket == ticket:
            return (held.state, state) == ("held", "collected")
        if not snapshot.prizes:
            return prize_id == NO_PRIZE and place > self.spins and not self.left
        if place > last or (is_reserve and place in self.drawn.get(prize_id, ())):
            return False
        return not self.left or (held is not None and self._waits_as_reserve(prize_id, place, ticket))

    def _waits_as_reserve(self, prize_id: str, place: int, ticket: str) -> bool:
        """Say whether a ticket holds a place behind `place` from which it could still move in."""
        behind = [held for (prize, other), held in self.holders.items() if prize == prize_id and other > place]
        return any(held.ticket == ticket and held.state in IN_PLAY for held in behind)

    def reserve_for(self, snapshot: Snapshot, prize_id: str, place: int, state: ClaimState) -> int:
        """Return the reserve's place that moves in when a claim takes a place to `state`, or 0."""
        prize = snapshot.by_prize.get(prize_id)
        if prize is None or state not in FREEING or place > prize.quantity:
            return 0
        reserves = range(prize.quantity + 1, prize.quantity + prize.reserves + 1)
        for reserve in reserves:
            held = self.holders.get((prize_id, reserve))
            if held is not None and held.state in IN_PLAY:
                return reserve
        return 0

    def happened(self, last: Snapshot) -> Happened:
        """Return what a correction may not rewrite; `last` is the event's last adopted list."""
        return Happened(
            last=last,
            spins=self.spins,
            placed=frozenset().union(*list(self.placed.values())),
            drawn=frozenset(self.drawn),
        )
