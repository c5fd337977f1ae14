"""Generated evenings on a real ledger: whatever is pressed, claimed, corrected or lost, the rules hold.

The rules are checked here from the records alone, in another way than the kiosk keeps its state.
"""

from collections import defaultdict
from collections.abc import Callable
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kiosk.core.errors import RefusedError
from kiosk.draw.modes import NATURAL, NATURAL_STEP, fixed, fixed_step, mixed
from kiosk.draw.protocol import Chain, digest, entropy_digest
from kiosk.ledger import secret_store as secrets_module
from kiosk.ledger.reader import fold
from kiosk.ledger.record import Adopt, Body, Claim, Close, Entropy, Open, Result, Shown, Void, Withdraw
from kiosk.snapshot.model import Prize, Rules, Snapshot
from kiosk.snapshot.requests import ClaimMessage, CloseMessage, WithdrawMessage
from tests.support import EVENT, Desk, entries, listed, rules, snapshot

OTHER_EVENT = "fedcba9876543210"
TICKETS = [f"E{number:04d}" for number in range(1, 10)]
FREEING = {"absent", "declined", "expired"}


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(secrets_module, "Chain", partial(Chain, length=60))
    monkeypatch.setattr("os.fsync", lambda _: None)


some_prizes = st.lists(
    st.builds(
        Prize,
        st.sampled_from(["grand", "mugs", "rest"]),
        st.just("A prize"),
        st.integers(1, 3),
        st.integers(0, 2),
        st.integers(1, 3),
        st.sampled_from([(), ("x",), ("x", "y")]),
        st.just(""),
        st.just(""),
    ),
    min_size=1,
    max_size=3,
    unique_by=lambda prize: prize.id,
).map(tuple)
prizes = st.one_of(st.just(()), some_prizes, some_prizes)
event_rules = st.builds(
    rules,
    st.sampled_from(["event", "prize", "never"]),
    household_once=st.booleans(),
    presence=st.booleans(),
    order=st.sampled_from(["listed", "free"]),
)
spins = st.sampled_from(
    [
        NATURAL,
        NATURAL,
        fixed("E0003", "a notary's draw"),
        mixed(fixed_step("E0002", "why"), then="natural"),
        mixed(fixed_step("E0002", "why"), NATURAL_STEP, fixed_step("E0004", "why"), then="repeat"),
        mixed(fixed_step("E0001", "why"), NATURAL_STEP, NATURAL_STEP, then="stop"),
    ]
)
people = st.builds(
    lambda weights, groups, households: entries(
        9,
        weights=weights,
        groups=dict(zip(TICKETS, groups, strict=True)),
        households=dict(zip(TICKETS, households, strict=True)),
    ),
    st.lists(st.integers(1, 3), min_size=9, max_size=9),
    st.lists(st.sampled_from(["x", "y", ""]), min_size=9, max_size=9),
    st.lists(st.integers(0, 3), min_size=9, max_size=9),
)
lists = st.builds(
    lambda who, what, how, text, when: snapshot(people=who, prizes=what, event_rules=how, entropy=text, spins=when),
    people,
    prizes,
    event_rules,
    st.sampled_from([(), (), ("dice",), ("dice", "audience")]),
    spins,
)
actions = st.lists(
    st.tuples(
        st.sampled_from(
            ["press"] * 14
            + ["enter"] * 4
            + ["claim"] * 10
            + ["withdraw", "correct", "drop", "restart", "lose", "half", "close", "leave"]
        ),
        st.integers(0, 999),
    ),
    min_size=20,
    max_size=40,
)


class Evening:
    """An evening on a desk; every action may be refused, and none may break a rule."""

    def __init__(self, desk: Desk, first: Snapshot) -> None:
        self.desk = desk
        self.current = first
        self.lists: dict[str, Snapshot] = {}
        self.adopt(first)

    def adopt(self, content: Snapshot) -> None:
        one = listed(content)
        try:
            self.desk.adopt(one)
        except RefusedError:
            return
        self.current, self.lists[one.s] = content, content

    def newer(self, **changes: object) -> Snapshot:
        generation = self.desk.history.generation + 1
        previous = self.desk.history.s
        return msgspec.structs.replace(self.current, generation=generation, previous=previous, **changes)

    def act(self, action: str, number: int) -> None:
        getattr(self, action)(number)

    def press(self, number: int) -> None:
        ids = [prize.id for prize in self.current.prizes]
        try:
            self.desk.spin(prize=ids[number % len(ids)] if ids and number % 2 else None)
        except RefusedError:
            return

    def enter(self, number: int) -> None:
        self.desk.enter(f"dice:{number % 6 + 1}" if number % 2 else f"audience:{number}")

    def claim(self, number: int) -> None:
        events = list(self.desk.history.events.items())
        event_id, event = events[number % len(events)]
        states = ["confirmed", "collected", "absent", "declined", "expired"]
        holders = sorted(event.holders.items())
        if holders:
            (prize, place), held = holders[number % len(holders)]
            state = states[number // 7 % 5]
            self.desk.take(
                ClaimMessage(event=event_id, prize=prize, place=place, ticket=held.ticket, state=state)  # type: ignore[arg-type]
            )

    def withdraw(self, number: int) -> None:
        self.desk.take(WithdrawMessage(event=EVENT, ticket=TICKETS[number % 9], reason="asked to"))

    def correct(self, number: int) -> None:
        self.adopt(self.newer(entries=entries(9, weights=[1 + (number >> at) % 3 for at in range(9)])))

    def drop(self, number: int) -> None:
        self.adopt(self.newer(entries=tuple(self.current.entries[: 3 + number % 7]), spins=NATURAL))

    def restart(self, number: int) -> None:
        self.desk.restart()
        self.desk.adopt(listed(self.current))
        if self.desk.session.unfinished_s is not None:
            decision = self.desk.session.resume(start=0)
            self.desk.session.shown(decision, duration_ms=1, frames=1)

    def lose(self, number: int) -> None:
        self.desk.lose_secrets()
        self.restart(number)

    def half(self, number: int) -> None:
        """The power goes between `open` and `result`; half of the time the secret is lost with it."""
        append = self.desk.ledger.append

        def only_open(body: Body) -> object:
            if isinstance(body, Result):
                raise KeyboardInterrupt
            return append(body)

        self.desk.ledger.append = only_open  # type: ignore[assignment,method-assign]
        try:
            self.press(number)
        except KeyboardInterrupt:
            if number % 2:
                self.desk.lose_secrets()
        self.restart(number)

    def close(self, number: int) -> None:
        if number % 3 == 0:
            self.desk.take(CloseMessage(event=self.current.event.id))

    def leave(self, number: int) -> None:
        if number % 3 == 0:
            event = self.current.event
            other = OTHER_EVENT if event.id == EVENT else EVENT
            self.adopt(self.newer(event=type(event)(other, "Another evening")))


@pytest.mark.slow
@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(lists, actions)
def test_whatever_happens_the_rules_hold(first: Snapshot, what: list[tuple[str, int]]) -> None:
    with TemporaryDirectory() as directory, Desk(Path(directory)) as desk:
        evening = Evening(desk, first)
        for action, number in what:
            evening.act(action, number)
        records = desk.records()
        again = fold(records)
        judge = Judge(evening.lists)
        for record in records:
            judge.take(record.body)

        assert {id_: event.holders for id_, event in again.events.items()} == {
            id_: event.holders for id_, event in desk.history.events.items()
        }
        assert desk.checkpoints.last is not None
        assert (desk.checkpoints.last.seq, desk.checkpoints.last.head) == (desk.ledger.seq, desk.ledger.head)


class Judge:
    """docs/protocol.md's rules over records, kept as plain lists of what happened in each event."""

    def __init__(self, lists: dict[str, Snapshot]) -> None:
        self.lists = lists
        self.adopt: Adopt | None = None
        self.texts: list[str] = []
        self.link = ""
        self.open: Open | None = None
        self.voided = False
        self.opens: defaultdict[str, int] = defaultdict(int)
        self.won: defaultdict[str, list[tuple[str, int, str]]] = defaultdict(list)  # (prize, place, ticket)
        self.holder: dict[tuple[str, str, int], tuple[str, str]] = {}
        self.freed: defaultdict[str, set[tuple[str, str]]] = defaultdict(set)
        self.withdrawn: defaultdict[str, set[str]] = defaultdict(set)
        self.left: set[str] = set()
        self.closed: set[str] = set()
        self.rules: dict[str, Rules] = {}

    def take(self, body: Body) -> None:
        taker: Callable[[Body], None] | None = getattr(self, f"take_{type(body).__name__.lower()}", None)
        if taker:
            taker(body)

    @property
    def listed(self) -> Snapshot:
        assert self.adopt is not None
        return self.lists[self.adopt.snapshot]

    def take_adopt(self, body: Adopt) -> None:
        assert self.open is None
        assert body.event not in self.left | self.closed
        if self.adopt is not None:
            again = (body.generation, body.snapshot) == (self.adopt.generation, self.adopt.snapshot)
            assert body.generation > self.adopt.generation or (again and not self.texts)
            if body.event != self.adopt.event:
                self.left.add(self.adopt.event)
        self.adopt, self.texts, self.link, self.voided = body, [], body.anchor, False
        tickets = {entry.ticket for entry in self.listed.entries}
        assert {ticket for _, _, ticket in self.won[body.event]} <= tickets
        if self.opens[body.event]:
            assert self.rules[body.event] == self.listed.rules
        self.rules[body.event] = self.listed.rules

    def take_entropy(self, body: Entropy) -> None:
        assert self.open is None
        assert self.adopt is not None
        assert (body.snapshot, body.anchor) == (self.adopt.snapshot, self.adopt.anchor)
        assert body.text.startswith(f"{self.listed.entropy[len(self.texts)]}:")
        self.texts.append(body.text)

    def take_open(self, body: Open) -> None:
        assert self.open is None
        assert not self.voided
        assert self.adopt is not None
        assert body.event == self.adopt.event
        assert body.event not in self.closed
        assert len(self.texts) == len(self.listed.entropy)
        assert body.entropy == entropy_digest(self.texts)
        self.opens[body.event] += 1
        assert body.spin == self.opens[body.event]
        free = [place for place in body.place_numbers if (body.event, body.prize, place) not in self.holder]
        assert free == list(body.place_numbers)
        if body.prize:
            prize = {prize.id: prize for prize in self.listed.prizes}[body.prize]
            assert max(free) <= prize.quantity + prize.reserves
            assert len(free) <= prize.per_press
            assert (max(free) <= prize.quantity) or (min(free) > prize.quantity)
            ever = {place for id_, place, _ in self.won[body.event] if id_ == body.prize}
            assert not [place for place in free if place > prize.quantity and place in ever]
            for place in range(1, min(free)) if min(free) <= prize.quantity else range(1, prize.quantity + 1):
                assert (body.event, body.prize, place) in self.holder, "a lower place is open"
        self.open = body

    def take_result(self, body: Result) -> None:
        opened = self.open
        assert opened is not None
        assert digest(bytes.fromhex(body.reveal)) == self.link
        self.link = body.reveal
        event, how = opened.event, self.listed.rules
        households = {entry.ticket: entry.household for entry in self.listed.entries}
        groups = {prize.id: prize.groups for prize in self.listed.prizes}.get(opened.prize, ())
        by_ticket = {entry.ticket: entry for entry in self.listed.entries}
        before = list(self.won[event])
        for at, ticket in enumerate(body.winners):
            assert ticket not in self.withdrawn[event]
            assert (opened.prize, ticket) not in self.freed[event]
            assert not groups or by_ticket[ticket].group in groups
            same_press = list(body.winners[:at])
            scope = (
                before if how.win_once == "event" or not opened.prize else [w for w in before if w[0] == opened.prize]
            )
            out = same_press + ([w[2] for w in scope] if how.win_once != "never" else [])
            assert ticket not in out
            if how.household_once and households[ticket]:
                assert households[ticket] not in {households[one] for one in out}
        for place, ticket in zip(opened.place_numbers, body.winners, strict=False):
            self.won[event].append((opened.prize, place, ticket))
            self.holder[event, opened.prize, place] = (ticket, "held")
        if opened.mode == "fixed":
            assert len(opened.place_numbers) == 1

    def take_shown(self, body: Shown) -> None:
        assert self.open is not None
        assert body.spin == self.open.spin
        self.open = None

    def take_void(self, body: Void) -> None:
        assert self.open is not None
        self.open, self.voided = None, True

    def take_claim(self, body: Claim) -> None:
        assert self.open is None
        assert body.event not in self.closed
        ticket, state = self.holder.pop((body.event, body.prize, body.place))
        assert ticket == body.ticket
        assert (state, body.state) in {
            ("held", "confirmed"),
            ("confirmed", "collected"),
            *((one, freeing) for one in ("held", "confirmed") for freeing in FREEING),
        }
        if body.state not in FREEING:
            assert body.reserve == 0
            self.holder[body.event, body.prize, body.place] = (ticket, body.state)
            return
        self.freed[body.event].add((body.prize, ticket))
        if body.reserve:
            moved, its_state = self.holder.pop((body.event, body.prize, body.reserve))
            assert its_state in {"held", "confirmed"}
            self.holder[body.event, body.prize, body.place] = (moved, "held")

    def take_withdraw(self, body: Withdraw) -> None:
        assert self.open is None
        assert body.event not in self.closed | self.left
        self.withdrawn[body.event].add(body.ticket)

    def take_close(self, body: Close) -> None:
        assert self.open is None
        self.closed.add(body.event)
