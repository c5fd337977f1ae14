"""One event as a report tells it: its lists, every draw and what followed, and what became of every place.

Invariant: it reads the ledger and judges nothing; what records mean is decided by the kiosk's own reader. What became
of the places adds up: places = held + confirmed + collected + open + spent, for every prize.
"""

from collections.abc import Callable, Iterator

import msgspec

from kiosk.core.errors import LedgerBroken, RefusedError
from kiosk.ledger.event import EventState, PlaceState
from kiosk.ledger.history import History
from kiosk.ledger.reader import read_records, take
from kiosk.ledger.record import (
    KEY,
    Adopt,
    Claim,
    Close,
    Entropy,
    Open,
    Record,
    Rehearsal,
    Restored,
    Result,
    Void,
    Withdraw,
)
from kiosk.snapshot.model import NO_PRIZE, Prize, Rules, Snapshot
from kiosk.snapshot.requests import FREEING
from wheel_admin.cli.wording import level_in_words
from wheel_admin.importing.rows.receipt import in_words
from wheel_admin.ledger_report.lists import KnownNames

Shorten = Callable[[str], str]
"""A person's name -> what the report says of it, "" for nothing."""


class Press(msgspec.Struct, frozen=True, kw_only=True):
    """One spin that was decided.

    Attributes:
        at: when, UTC.
        seq: number of the result's record.
        pool: how many entries could win it, None if the list is lost; and
        weight: their chances together.
        title: of the prize, in the list that it was drawn from.
        again: the places among `places` that were drawn before.
        level: how far its randomness convinces, and under which condition; of a fixed one, that it is predetermined.
    """

    at: str
    seq: int
    spin: int
    generation: int
    prize: str
    title: str
    places: tuple[int, ...]
    pool: int | None
    weight: int
    winners: tuple[str, ...]
    again: tuple[int, ...]
    level: str
    reason: str
    fallback: str


class Happening(msgspec.Struct, frozen=True):
    """A record in words, with its number and its time (UTC)."""

    at: str
    seq: int
    text: str


class Place(msgspec.Struct, frozen=True):
    """A place that somebody holds at the end.

    Attributes:
        title: of the prize, in the list that the place was drawn from; and
        person: the name in that list, and the one that a correction gave since, if it is another.
    """

    prize: str
    title: str
    place: int
    reserve: bool
    ticket: str
    person: str
    state: PlaceState
    spin: int


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the places of a prize; `total` is the sum of the others."""

    prize: str
    title: str
    total: int
    held: int
    confirmed: int
    collected: int
    open: int
    spent: int

    @property
    def balances(self) -> bool:
        """Whether every place is accounted for once."""
        return self.total == self.held + self.confirmed + self.collected + self.open + self.spent


class Evening(msgspec.Struct, frozen=True, kw_only=True):
    """All of it.

    Attributes:
        state: "open", "left" or "closed".
        generation, s: of the event's last list; and
        listed: the list itself, None if it is lost.
        kiosks, signers: key ids that its records name.
        places: that somebody holds, by prize and place.
        unreadable: lines of the ledger that are not records, or cannot follow.
    """

    event: str
    title: str
    state: str
    generation: int
    s: str
    listed: Snapshot | None
    kiosks: tuple[str, ...]
    signers: tuple[str, ...]
    presses: tuple[Press, ...]
    happenings: tuple[Happening, ...]
    places: tuple[Place, ...]
    accounts: tuple[Account, ...]
    records: int
    unreadable: int

    @property
    def prizes(self) -> tuple[Prize, ...]:
        """Of the last list."""
        return self.listed.prizes if self.listed else ()

    @property
    def rules(self) -> Rules | None:
        """Of the last list."""
        return self.listed.rules if self.listed else None


def read_evening(ledger: bytes, event: str, names: KnownNames, shorten: Shorten) -> Evening:
    """Return what the ledger says of an event.

    Args:
        ledger: the file's bytes; a last line without LF is not counted, it was being written.
        event: its id.
        names: finds lists and names.
        shorten: what becomes of names.

    Raises:
        RefusedError: the ledger does not know the event.
    """
    reader = _Reader(event, names, shorten)
    for record in read_records(ledger[: ledger.rfind(b"\n") + 1], passed_over=reader.pass_over):
        reader.take(record)
    return reader.evening()


class _Reader:
    def __init__(self, event: str, names: KnownNames, shorten: Shorten) -> None:
        self._event, self._names, self._shorten = event, names, shorten
        self._history = History()
        self._adopt: Adopt | None = None
        self._opened: tuple[Open, int | None, tuple[int, ...]] | None = None
        self._presses: list[Press] = []
        self._drawn_from: dict[int, Adopt | None] = {}  # by spin
        self._happenings: list[Happening] = []
        self._kiosks: list[str] = []
        self._signers: list[str] = []
        self._records = self._unreadable = 0

    def pass_over(self, number: int, why: str) -> None:
        del number, why
        self._unreadable += 1

    def take(self, record: Record) -> None:
        self._records = record.seq
        self._before(record)
        try:
            take(self._history, record, name="the ledger")
        except LedgerBroken:
            self._unreadable += 1
            return
        for text in self._told(record):
            self._happenings.append(Happening(record.at, record.seq, text))

    def _before(self, record: Record) -> None:
        """Look at who could win, before the record of the spin changes it."""
        body = record.body
        state = self._history.events.get(self._event)
        if isinstance(body, Open) and body.event == self._event and state is not None:
            listed = self._names.list_named(state.s)
            drawn = state.drawn.get(body.prize, set()) if body.prize else set()
            pool = len(state.pool(listed, body.prize)) if listed else None
            self._opened = (body, pool, tuple(place for place in body.place_numbers if place in drawn))

    @property
    def _here(self) -> bool:
        return self._history.current is not None and self._history.current.event == self._event

    def _told(self, record: Record) -> Iterator[str]:
        match record.body:
            case Adopt(event=self._event) as adopt:
                yield self._adopted(adopt)
            case Entropy(text=text) if self._here:
                yield f"public entropy: {text}"
            case Result() as result if self._here and self._opened is not None:
                yield self._result(record, result, *self._opened)
            case Void(spin=spin, reason=reason) if self._here:
                yield f"spin {spin} is void: {reason}"
            case Claim(event=self._event) as claim:
                yield self._claim(claim)
            case Withdraw(event=self._event, ticket=ticket, reason=reason):
                yield f"{self._called(ticket)} is withdrawn from the draw: {reason}"
            case Close(event=self._event):
                yield "the event is closed"
            case Rehearsal(event=self._event):
                yield "a rehearsal began; its spins are not draws, and are not kept"
            case Restored(from_=before, to=after) if self._here:
                self._kiosks.append(after)
                yield f"kiosk {after[:8]} goes on from kiosk {before[:8]}"

    def _adopted(self, adopt: Adopt) -> str:
        before = self._adopt
        self._adopt = adopt
        self._kiosks.append(adopt.kiosk)
        self._signers.append(adopt.signer)
        if before is None:
            what = "the first list"
        elif before.snapshot == adopt.snapshot:
            what = "the same list, with new secrets,"
        else:
            what = "a corrected list"
        return (
            f"{what} is on the wheel: generation {adopt.generation}, snapshot digest {adopt.snapshot[:16]},"
            f" {adopt.entries} entries, {adopt.weight} chances; anchor {adopt.anchor[:16]}"
        )

    def _result(self, record: Record, result: Result, opened: Open, pool: int | None, again: tuple[int, ...]) -> str:
        level = "predetermined by the organiser" if result.mode == "fixed" else level_in_words(self._history.texts)
        press = Press(
            at=record.at,
            seq=record.seq,
            spin=result.spin,
            generation=opened.generation,
            prize=opened.prize,
            title=self._title(opened.prize),
            places=opened.place_numbers,
            pool=pool,
            weight=opened.weight,
            winners=result.winners,
            again=again,
            level=level,
            reason=result.reason,
            fallback=result.fallback,
        )
        self._presses.append(press)
        self._drawn_from[result.spin] = self._adopt
        where = self._where(opened.prize, *opened.place_numbers[: len(result.winners)])
        redraw = f" (place {in_words(again)} drawn again)" if again else ""
        why = f"; {result.reason}" if result.reason else ""
        size = f"{pool} entries" if pool is not None else "the list is lost"
        winners = ", ".join(map(self._called, result.winners))
        return f"spin {result.spin}, {where}{redraw}: {winners} ({level}; pool: {size}, {opened.weight} chances{why})"

    def _claim(self, claim: Claim) -> str:
        how = "by key" if claim.request == KEY else "by signed request"
        said = f"{self._where(claim.prize, claim.place)}, {self._called(claim.ticket)}: {claim.state} ({how})"
        if claim.state not in FREEING or not claim.prize:
            return said
        if claim.reserve:
            moved = self._history.events[claim.event].holders[claim.prize, claim.place].ticket
            return f"{said}; the reserve in place {claim.reserve}, {self._called(moved)}, moves up"
        listed = self._names.list_named(self._history.events[claim.event].s)
        prize = listed.by_prize.get(claim.prize) if listed else None
        return f"{said}; the place is {'open again' if prize and claim.place <= prize.quantity else 'spent'}"

    def _where(self, prize: str, *places: int) -> str:
        numbers = f"place{'s' if len(places) > 1 else ''} {in_words(places)}"
        return f"{self._title(prize)}, {numbers}" if prize else numbers

    def _title(self, prize: str, adopt: Adopt | None = None) -> str:
        """Return a prize's title in the list of an `adopt`, by default the last one."""
        adopt = adopt or self._adopt
        listed = self._names.list_named(adopt.snapshot) if adopt else None
        named = listed.by_prize.get(prize) if listed else None
        return named.title if named else prize

    def _called(self, ticket: str) -> str:
        return f"{ticket} {self._person(ticket)}".strip()

    def _person(self, ticket: str, adopt: Adopt | None = None) -> str:
        adopt = adopt or self._adopt
        return self._shorten(self._names.names_of(adopt.snapshot).get(ticket, "") if adopt else "")

    def evening(self) -> Evening:
        state = self._history.events.get(self._event)
        if state is None or self._adopt is None:
            raise RefusedError(
                f"The ledger does not know an event {self._event}.",
                remedy=f"It knows: {', '.join(self._history.events) or 'none'}. Say which with --event.",
            )
        listed = self._names.list_named(state.s)
        return Evening(
            event=self._event,
            title=listed.title if listed else "(the list is lost)",
            state="closed" if state.closed else "left" if state.left else "open",
            generation=self._adopt.generation,
            s=state.s,
            listed=listed,
            kiosks=tuple(dict.fromkeys(self._kiosks)),
            signers=tuple(dict.fromkeys(self._signers)),
            presses=tuple(self._presses),
            happenings=tuple(self._happenings),
            places=tuple(self._places(state, listed)),
            accounts=tuple(_accounts(state, listed)),
            records=self._records,
            unreadable=self._unreadable,
        )

    def _places(self, state: EventState, listed: Snapshot | None) -> Iterator[Place]:
        order = {prize.id: number for number, prize in enumerate(listed.prizes)} if listed else {}
        held = sorted(state.holders.items(), key=lambda one: (order.get(one[0][0], len(order)), one[0][1]))
        for (prize_id, place), holder in held:
            prize = listed.by_prize.get(prize_id) if listed else None
            reserve = prize is not None and place > prize.quantity
            drawn_from = self._drawn_from.get(holder.spin)
            person, now = self._person(holder.ticket, drawn_from), self._person(holder.ticket)
            person = f"{person} (now called {now})" if person and now and now != person else person or now
            title = self._title(prize_id, drawn_from)
            yield Place(prize_id, title, place, reserve, holder.ticket, person, holder.state, holder.spin)


def _accounts(state: EventState, listed: Snapshot | None) -> Iterator[Account]:
    if listed is None:
        return
    if not listed.prizes:
        yield _account(state, NO_PRIZE, "", sorted(state.drawn.get(NO_PRIZE, ())), may_open=frozenset())
        return
    for prize in listed.prizes:
        places = range(1, prize.quantity + prize.reserves + 1)
        reserves = set(range(prize.quantity + 1, prize.quantity + prize.reserves + 1))
        may_open = set(range(1, prize.quantity + 1)) | (reserves - state.drawn.get(prize.id, set()))
        yield _account(state, prize.id, prize.title, places, may_open=may_open)


def _account(
    state: EventState, prize_id: str, title: str, places: "range | list[int]", *, may_open: "set[int] | frozenset[int]"
) -> Account:
    counts = dict.fromkeys(("held", "confirmed", "collected", "open", "spent"), 0)
    for place in places:
        holder = state.holders.get((prize_id, place))
        counts[holder.state if holder else "open" if place in may_open else "spent"] += 1
    return Account(prize=prize_id, title=title, total=len(places), **counts)
