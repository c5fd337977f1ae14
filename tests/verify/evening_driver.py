"""Random evenings on the real kiosk, for the verifier to judge (`tests.verify.evenings`).

An `Evening` drives the kiosk's own code on a real directory: it presses, enters entropy, claims, withdraws, corrects,
leaves and closes events, and it loses power, secrets and keys. It notes what the kiosk announced. The verifier, which
shares no code with the kiosk, must then say the right word and name the same winners.
"""

import contextlib
import random
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from kiosk.core.clock import NS_PER_S, ManualClock
from kiosk.core.errors import RefusedError, SnapshotError
from kiosk.core.home import Home
from kiosk.core.key_files import trust
from kiosk.draw.entropy import QUICKNET_GENESIS_S
from kiosk.draw.modes import NATURAL, NATURAL_STEP, Spins, fixed, fixed_step, mixed
from kiosk.intake.snapshot_files import keep_copy, list_named, read
from kiosk.ledger.record import Body, Rehearsal
from kiosk.session.draw_decision import Decision
from kiosk.session.open_session import Books, open_session
from kiosk.snapshot.model import Entry, Listed, Prize, Rules, Snapshot
from kiosk.snapshot.requests import ClaimMessage, CloseMessage, EntropyMessage, Message, WithdrawMessage
from tests.support import KEY, TRUSTED, delivered, named, names_of, prize, publish, rules, snapshot

TICKETS = [f"E{number:04d}" for number in range(1, 13)]
STATES = ("confirmed", "confirmed", "collected", "absent", "declined", "expired")


class PowerCut(BaseException):
    """The machine stops here."""


@dataclass(frozen=True)
class Announced:
    """What a spin gave away, as the kiosk said it."""

    event: str
    spin: int
    winners: tuple[str, ...]
    mode: str
    fallback: str


class Evening:
    """An evening in `home`. Every action may be refused; the kiosk must write nothing that breaks a rule."""

    def __init__(self, home: Home, seed: object) -> None:
        self.home = home
        self.chance = random.Random(f"evening {seed}")  # noqa: S311 - it has to be repeatable
        self.clock = ManualClock()
        self.announced: dict[tuple[str, int], Announced] = {}
        self.kiosks: set[str] = set()
        self.done: list[str] = []
        self._exit = contextlib.ExitStack()
        home.snapshots.mkdir(parents=True)
        home.trusted.mkdir(parents=True)
        trust(home.trusted, KEY.public)
        self._open()
        self.content = self._some_list(1, "", self._event())
        self._adopt(self.content)

    # ---- the machine -------------------------------------------------------------------------------------------------

    def _open(self) -> None:
        self.books: Books = self._exit.enter_context(
            open_session(self.home, clock=self.clock, random_bytes=self.chance.randbytes)
        )
        self.session, self.clerk, self.history = self.books.session, self.books.clerk, self.books.ledger.history
        self.kiosks.add(self.session.kiosk_id)
        if not self.history.s:
            return
        published = list_named(self.history.s, (self.home.adopted,))
        assert published is not None
        content = published.snapshot
        self.content = content
        self.session.adopt(Listed(content, published.s, named(content.entries), published.signer))
        if self.session.unfinished_s is not None:
            with contextlib.suppress(RefusedError):
                self._end(self.session.resume(start=0))

    def close(self) -> None:
        """Close the files."""
        self._exit.close()

    def restart(self) -> None:
        """Stop without ending anything, and start again from what the disk holds."""
        self.close()
        if self.chance.random() < 0.3:
            with self.home.ledger.open("ab") as file:
                file.write(b'{"anchor":"'[: self.chance.randrange(1, 12)])
        if self.chance.random() < 0.3 and self.home.checkpoints.exists():
            with self.home.checkpoints.open("ab") as file:
                file.write(b'{"payl')
        self._open()

    def restore(self) -> None:
        """A restored kiosk has another key."""
        self.home.kiosk_key.unlink()
        self.restart()

    def power_cut(self) -> None:
        """Press, and cut the power before a record, after it, or before its head is signed."""
        ledger, after = self.books.ledger, self.chance.randrange(3)
        append, sign = ledger.append, ledger.sign_head

        def cut_append(body: Body) -> object:
            nonlocal after
            after -= 1
            if after < 0:
                if self.chance.random() < 0.5:
                    ledger.sign_head = cut  # type: ignore[method-assign]
                    append(body)
                raise PowerCut
            return append(body)

        def cut() -> None:
            raise PowerCut

        ledger.append = cut_append  # type: ignore[assignment,method-assign]
        with contextlib.suppress(PowerCut):
            self.chance.choice([self.press, self.press, self.enter, self.claim, self.withdraw, self.correct])()
        ledger.append, ledger.sign_head = append, sign  # type: ignore[method-assign]
        if self.chance.random() < 0.4:
            self._lose_secrets()
        self.restart()

    def lose_secrets(self) -> None:
        """Lose every copy of every secret."""
        self._lose_secrets()
        self.restart()

    def _lose_secrets(self) -> None:
        for path in self.home.kiosk.glob("secrets*/*.secret"):
            path.unlink()

    def lose_one_copy(self) -> None:
        """Lose one copy of each secret: nothing may come of it."""
        for path in self.home.secrets.glob("*.secret"):
            path.unlink()
        self.restart()

    def hide_secrets(self) -> None:
        """Make the secrets unreadable for a while: the kiosk waits, and draws nothing."""
        self.close()
        current = self.history.current
        paths = [path for path in self.home.secret_files(current.anchor if current else "") if path.exists()]
        for path in paths:
            path.rename(path.with_suffix(".hidden"))
            path.mkdir()
        self._open()
        before = self.books.ledger.seq
        if not self.history.event or not self.history.event.closed:
            assert self.session.trouble or not paths
            self.press()
            assert self.books.ledger.seq == before or not paths
        for path in paths:
            path.rmdir()
            path.with_suffix(".hidden").rename(path)
        self.session.check_files()
        assert not self.session.trouble or not paths
        if self.session.unfinished_s is not None and not self.session.trouble:
            self._end(self.session.resume(start=0))

    # ---- lists -------------------------------------------------------------------------------------------------------

    def _adopt(self, content: Snapshot) -> None:
        if self.session.unfinished_s is not None:  # a list waits until the spin is over
            return
        path = publish(self.home.snapshots, content)
        try:
            published = read(path, keys=TRUSTED)
            one = Listed(content, published.s, named(content.entries), published.signer)
            if self.session.needs_commitment(one.s):
                self.session.check_list(content)
                keep_copy(published, names_of(content), self.home.adopted)
            self.session.adopt(one)
        except (RefusedError, SnapshotError):
            path.unlink()
            return
        self.content = content

    def _newer(self, **changes: object) -> Snapshot:
        """Return the list after the one on the wheel; sometimes generations between were never adopted."""
        skipped = self.chance.choice([0, 0, 0, 0, 2])
        previous = "a" * 64 if skipped else self.history.s
        generation = self.history.generation + 1 + skipped
        return msgspec.structs.replace(self.content, generation=generation, previous=previous, **changes)

    def correct(self) -> None:
        """Publish a correction; one that rewrites the past is refused."""
        chance, content = self.chance, self.content
        weighed = tuple(msgspec.structs.replace(one, weight=chance.randint(1, 4)) for one in content.entries)
        changes: list[dict[str, object]] = [
            {"entries": weighed},
            {"entries": content.entries[chance.randrange(4) :]},
            {"entries": tuple(msgspec.structs.replace(one, household=chance.randint(0, 3)) for one in weighed)},
            {"entropy": self._some_entropy()},
            {"rules": self._some_rules()},
            {"prizes": tuple(msgspec.structs.replace(one, title="Another") for one in content.prizes)},
            {"prizes": (*content.prizes, prize(f"more-{len(content.prizes)}", 2, reserves=1))},
            {"prizes": tuple(msgspec.structs.replace(one, quantity=one.quantity + 1) for one in content.prizes)},
            {"spins": self._some_spins(content.rules)},
            {},
        ]
        changed = chance.choice(changes)
        if content.rules.win_once == "event" or "rules" in changed:
            changed.setdefault("spins", NATURAL)
        self._adopt(self._newer(**changed))

    def leave(self) -> None:
        """Start a new event, or try to go back to one that was left."""
        left = [one for one in self.history.events if one != self.content.event.id]
        event = self.chance.choice(left) if left and self.chance.random() < 0.3 else self._event()
        fresh = self._some_list(self.history.generation + 1, self.history.s, event)
        self._adopt(fresh)

    def again(self) -> None:
        """Publish the list on the wheel again, unchanged: it goes on."""
        self._adopt(self.content)

    def _event(self) -> str:
        return f"{self.chance.getrandbits(64):016x}"

    def _some_list(self, generation: int, previous: str, event: str) -> Snapshot:
        how = self._some_rules()
        return msgspec.structs.replace(
            snapshot(
                generation,
                people=self._some_people(),
                event=event,
                prizes=self._some_prizes(),
                event_rules=how,
                entropy=self._some_entropy(),
                previous=previous,
            ),
            spins=self._some_spins(how),
        )

    def _some_people(self) -> tuple[Entry, ...]:
        chance = self.chance
        tickets = TICKETS[: chance.choice([1, 3, 12, 12, 12])]
        return tuple(
            Entry(ticket, chance.randint(1, 4), chance.choice(["x", "y", ""]), chance.choice([0, 0, 1, 2, 3]))
            for ticket in tickets
        )

    def _some_prizes(self) -> tuple[Prize, ...]:
        chance = self.chance
        ids = chance.sample(["grand", "mugs", "rest"], chance.choice([0, 1, 2, 3, 3]))
        return tuple(
            prize(
                one,
                chance.randint(1, 4),
                reserves=chance.randint(0, 2),
                per_press=chance.randint(1, 4),
                groups=chance.choice([(), (), ("x",), ("x", "y")]),
            )
            for one in ids
        )

    def _some_rules(self) -> Rules:
        chance = self.chance
        return rules(
            chance.choice(["event", "prize", "never"]),
            household_once=chance.random() < 0.5,
            presence=chance.random() < 0.8,
            predetermined=chance.random() < 0.5,
            order=chance.choice(["listed", "free"]),
        )

    def _some_entropy(self) -> tuple[str, ...]:
        soon = int(self.clock.utc_now().timestamp()) + self.chance.randint(-30, 60)
        drand = f"drand:quicknet:{(soon - QUICKNET_GENESIS_S) // 3}"
        kinds = ["dice", "audience", "lottery:6 of 49", drand]
        return tuple(self.chance.sample(kinds, self.chance.choice([0, 0, 0, 1, 2])))

    def _some_spins(self, how: Rules) -> Spins:
        chance = self.chance
        if not how.predetermined:
            return chance.choice([NATURAL, NATURAL, mixed(NATURAL_STEP, NATURAL_STEP, then="stop")])
        one, two = (fixed_step(ticket, "a notary's draw") for ticket in ("E0001", "E0001"))
        return chance.choice(
            [
                NATURAL,
                fixed("E0001", "a rehearsal"),
                mixed(NATURAL_STEP, one, then="natural"),
                mixed(one, NATURAL_STEP, then="repeat"),
                mixed(one, NATURAL_STEP, two, then="repeat") if how.win_once == "never" else NATURAL,
                mixed(one, NATURAL_STEP, NATURAL_STEP, NATURAL_STEP, then="stop"),
            ]
        )

    # ---- spins and requests ------------------------------------------------------------------------------------------

    def press(self) -> None:
        """Press the button, perhaps after choosing a prize."""
        ids = [one.id for one in self.content.prizes]
        chosen = self.chance.choice(ids) if ids and self.chance.random() < 0.6 else None
        with contextlib.suppress(RefusedError):
            self._end(self.session.press(start=0, prize=chosen))

    def _end(self, decision: Decision) -> None:
        winners = tuple(one.ticket for one in decision.winners)
        told = Announced(self.content.event.id, decision.spin, winners, decision.mode, decision.fallback)
        assert self.announced.setdefault((told.event, told.spin), told) == told, "drawn again"
        self.session.shown(decision, duration_ms=11_000, frames=660)

    def _take(self, message: Message) -> None:
        self.clerk.take(delivered(message))

    def enter(self) -> None:
        """Enter the entropy that is due, or another one."""
        current = self.history.current
        assert current is not None
        due = [*self.content.entropy[len(self.history.texts) :], "dice"]
        item = due[0] if self.chance.random() < 0.8 else self.chance.choice(due)
        value = "ab" * 48 if item.startswith("drand") else self.chance.choice(["3.1.6", "42", "six"])
        message = EntropyMessage(
            event=current.event,
            snapshot=current.snapshot,
            anchor=current.anchor,
            kiosk=self.history.kiosk,
            text=f"{item}:{value}",
        )
        self._take(message)

    def claim(self) -> None:
        """Claim a place of any event, by request."""
        event_id, event = self.chance.choice(sorted(self.history.events.items(), key=lambda one: one[0]))
        if event.holders:
            (prize_id, place), held = self.chance.choice(sorted(event.holders.items(), key=lambda one: one[0]))
            ticket = held.ticket if self.chance.random() < 0.9 else "E0001"
            state: Any = self.chance.choice(STATES)
            self._take(ClaimMessage(event=event_id, prize=prize_id, place=place, ticket=ticket, state=state))

    def absent(self) -> None:
        """Press the 'winner absent' key."""
        with contextlib.suppress(RefusedError):
            self.clerk.report_absent()

    def withdraw(self) -> None:
        """Withdraw a ticket."""
        event = self.chance.choice(sorted(self.history.events))
        self._take(WithdrawMessage(event=event, ticket=self.chance.choice([*TICKETS, "E0099"]), reason="asked to"))

    def end_event(self) -> None:
        """Close an event."""
        if self.chance.random() < 0.4:
            self._take(CloseMessage(event=self.chance.choice(sorted(self.history.events))))

    def rehearse(self) -> None:
        """Begin a rehearsal."""
        with contextlib.suppress(RefusedError):
            self.books.ledger.append(Rehearsal(event=self.content.event.id))

    def refuse(self) -> None:
        """Record a bad file."""
        self.session.refuse(f"snapshot-{self.chance.randrange(99):06d}.json", "rubbish")

    def run(self, most: int = 60) -> None:
        """Do something up to `most` times."""
        actions: list[Callable[[], None]] = (
            [self.press] * 24 + [self.enter] * 8 + [self.claim] * 12 + [self.absent] * 2 + [self.correct] * 3
        )
        actions += [self.withdraw, self.withdraw, self.restart, self.power_cut, self.power_cut, self.lose_one_copy]
        actions += [self.leave, self.again, self.end_event, self.rehearse, self.refuse, self.hide_secrets]
        rare = [self.lose_secrets, self.restore]
        for _ in range(self.chance.randint(5, most)):
            act = self.chance.choice(rare if self.chance.random() < 0.03 else actions)
            self.done.append(act.__name__)
            self.clock.advance_ns(self.chance.randint(1, 20) * NS_PER_S)
            act()


@contextlib.contextmanager
def evening(directory: Path, seed: object) -> Iterator[Evening]:
    """Yield an evening that is over; its files are in `directory`, which is deleted afterwards."""
    one = Evening(Home(directory), seed)
    try:
        one.run()
        yield one
    finally:
        one.close()
        shutil.rmtree(directory)
