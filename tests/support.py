"""Builders that the tests share: keys, lists, envelopes, published files, and a kiosk without a screen.

Invariant: plain functions and one context manager; nothing here sleeps or reads the machine's clock.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from kiosk.core.clock import ManualClock
from kiosk.core.home import Home, names_name
from kiosk.core.keys import PrivateKey, TrustedKeys
from kiosk.draw.modes import NATURAL, Spins
from kiosk.draw.protocol import digest
from kiosk.intake.request_files import Delivered
from kiosk.intake.snapshot_files import KnownLists
from kiosk.ledger.checkpoints import Checkpoints
from kiosk.ledger.decide import result_of
from kiosk.ledger.history import History
from kiosk.ledger.ledger import Ledger
from kiosk.ledger.permitted import Lists, planned, problem_with
from kiosk.ledger.reader import read_records
from kiosk.ledger.record import Body, Record, Result
from kiosk.ledger.secret_store import SecretStore
from kiosk.session.draw_decision import Decision
from kiosk.session.draw_session import Session
from kiosk.session.organiser_requests import Clerk
from kiosk.snapshot import names as names_file
from kiosk.snapshot import requests
from kiosk.snapshot.envelope import seal
from kiosk.snapshot.model import FORMAT, Entry, Event, Listed, Prize, Rules, Snapshot, Source, encode
from kiosk.snapshot.requests import EntropyMessage, Message

SOMETHING_BEFORE = "5" * 64
"""S of a list that no test looks at."""
SECRET = bytes(range(32))
"""s_0 of docs/protocol.md's vectors."""


def private_key(number: int) -> PrivateKey:
    """Return the key number `number`: always the same one."""
    return PrivateKey(bytes([number]) * 32)


KEY = private_key(1)
STRANGER = private_key(2)


def trusting(*keys: PrivateKey) -> TrustedKeys:
    """Return a trust in exactly these keys."""
    return {key.public.keyid: key.public for key in keys}


TRUSTED: TrustedKeys = trusting(KEY)


EVENT = "0123456789abcdef"
"""The event of lists that name no other one."""


def entries(
    count: int,
    *,
    weights: Mapping[str, int] | Sequence[int] = (),
    groups: Mapping[str, str] | None = None,
    households: Mapping[str, int] | None = None,
) -> tuple[Entry, ...]:
    """Return E0001, E0002, ... with weight 1, or the given weights (in order, or by ticket)."""
    tickets = [f"E{number:04d}" for number in range(1, count + 1)]
    by_ticket = weights if isinstance(weights, Mapping) else dict(zip(tickets, weights, strict=False))
    return tuple(
        Entry(ticket, by_ticket.get(ticket, 1), (groups or {}).get(ticket, ""), (households or {}).get(ticket, 0))
        for ticket in tickets
    )


def rules(
    win_once: str = "event",
    *,
    household_once: bool = False,
    presence: bool = True,
    predetermined: bool = True,
    order: str = "listed",
    names: str = "full",
) -> Rules:
    """Return rules under which most is allowed."""
    return Rules(win_once, household_once, presence, predetermined, order, names)  # type: ignore[arg-type]


def prize(
    prize_id: str, quantity: int = 1, *, reserves: int = 0, per_press: int = 1, groups: tuple[str, ...] = ()
) -> Prize:
    """Return a prize."""
    return Prize(prize_id, f"The {prize_id}", quantity, reserves, per_press, groups, "", "")


def named(people: tuple[Entry, ...]) -> dict[str, str]:
    """Return the names of entries: each is `Name` and the ticket."""
    return {entry.ticket: f"Name {entry.ticket}" for entry in people}


def names_of(content: Snapshot) -> bytes:
    """Return the bytes of the list's names file."""
    return names_file.encode(named(content.entries).items(), salt=bytes(32))


def snapshot(
    generation: int = 1,
    *,
    people: int | tuple[Entry, ...] = 10,
    event: str = EVENT,
    title: str = "Summer fair",
    prizes: tuple[Prize, ...] = (),
    event_rules: Rules | None = None,
    entropy: tuple[str, ...] = (),
    spins: Spins = NATURAL,
    previous: str = "",
) -> Snapshot:
    """Return a list that breaks no rule."""
    content = entries(people) if isinstance(people, int) else people
    return Snapshot(
        generation=generation,
        previous=previous if previous or generation < 2 else SOMETHING_BEFORE,
        created_at="2026-05-04T09:30:00Z",
        event=Event(event, title),
        entries=content,
        names=digest(names_file.encode(named(content).items(), salt=bytes(32))),
        prizes=prizes,
        rules=event_rules or rules(),
        entropy=entropy,
        spins=spins,
        source=Source((), 0, 0),
    )


def listed(content: Snapshot, *, s: str = "") -> Listed:
    """Return the list under its true name S, or the given one."""
    return Listed(content, s or digest(encode(content)), named(content.entries), KEY.public.keyid)


def envelope(content: Snapshot, *, key: PrivateKey = KEY) -> bytes:
    """Return the list as a signed file's bytes."""
    return seal(encode(content), payload_type=FORMAT, key=key)


def publish(
    directory: Path, content: Snapshot, *, key: PrivateKey = KEY, named_as: int | None = None, data: bytes = b""
) -> Path:
    """Write the list's names file and its file into `directory`.

    Args:
        directory: where to.
        content: the list.
        key: signs it.
        named_as: the generation that the file's name claims, if not the list's own.
        data: the file's content, if not the list.
    """
    (directory / names_name(content.names)).write_bytes(names_of(content))
    path = directory / f"snapshot-{content.generation if named_as is None else named_as:06d}.json"
    path.write_bytes(data or envelope(content, key=key))
    return path


def delivered(message: Message, *, key: PrivateKey = KEY) -> Delivered:
    """Return the message as if its file had been read."""
    payload = requests.encode(message)
    return Delivered(message, digest(payload), seal(payload, payload_type=message.format, key=key))


def hand_in(directory: Path, message: Message, *, key: PrivateKey = KEY) -> Path:
    """Write the message's file into `directory`."""
    one = delivered(message, key=key)
    path = directory / one.name
    path.write_bytes(one.envelope)
    return path


def counted_bytes() -> Callable[[int], bytes]:
    """Return a source of entropy that repeats in every run and never within one."""
    calls: Iterator[int] = iter(range(1 << 30))
    return lambda size: hashlib.sha256(f"call {next(calls)}".encode()).digest()[:size]


def fixed_bytes(secret: bytes = SECRET) -> Callable[[int], bytes]:
    """Return a source of entropy that always says `secret`."""
    return lambda size: secret[:size]


class Desk:
    """A kiosk without a screen: a directory, and a ledger, a session and a clerk on it.

    `restart` is a power cut: the objects are thrown away and made again from what the disk holds. Lists that were
    adopted are remembered, as the kiosk keeps their files.
    """

    def __init__(
        self,
        directory: Path,
        *,
        random_bytes: Callable[[int], bytes] | None = None,
        key: PrivateKey | None = None,
    ) -> None:
        self.directory = directory
        self.clock = ManualClock()
        self.secrets_directories = (directory / "secrets", directory / "secrets-2")
        self.kept = directory / "adopted"
        for made in (*self.secrets_directories, self.kept):
            made.mkdir(exist_ok=True)
        self.lists = KnownLists(self.kept)
        self._random_bytes = random_bytes or counted_bytes()
        self._key = key or private_key(7)
        self._open()

    def _open(self) -> None:
        self.ledger = Ledger(self.path, clock=self.clock, lists=self.lists)
        self.checkpoints = Checkpoints(self.directory / "checkpoints.jsonl", key=self._key)
        self.ledger.checkpoints = self.checkpoints
        self.ledger.sign_head()
        self.secrets = SecretStore(*self.secrets_directories, random_bytes=self._random_bytes)
        kiosk_id = self._key.public.keyid
        self.session = Session(ledger=self.ledger, secrets=self.secrets, kiosk_id=kiosk_id, lists=self.lists)
        self.clerk = Clerk(ledger=self.ledger, session=self.session, lists=self.lists, kept=self.kept)

    @property
    def path(self) -> Path:
        """Return the ledger's file."""
        return self.directory / "ledger.jsonl"

    @property
    def history(self) -> History:
        """Return what the records add up to."""
        return self.ledger.history

    def close(self) -> None:
        """Close the files."""
        self.ledger.close()
        self.checkpoints.close()

    def restart(self) -> None:
        """Forget everything that is not on the disk."""
        self.close()
        self._open()

    def lose_secrets(self) -> None:
        """Delete every secret in every place."""
        for directory in self.secrets_directories:
            for path in directory.iterdir():
                path.unlink()

    def adopt(self, content: Snapshot | Listed) -> Listed:
        """Put a list on the wheel."""
        if isinstance(content, Snapshot) and content.generation == self.history.generation + 1:
            content = msgspec.structs.replace(content, previous=self.history.s)
        one = content if isinstance(content, Listed) else listed(content)
        self.session.adopt(one)
        return one

    def enter(self, text: str) -> str | None:
        """Hand in a public entropy text for the list on the wheel; returns why it is refused."""
        current = self.history.current
        assert current is not None
        message = EntropyMessage(
            event=current.event,
            snapshot=current.snapshot,
            anchor=current.anchor,
            kiosk=self.session.kiosk_id,
            text=text,
        )
        return self.take(message)

    def take(self, message: Message) -> str | None:
        """Hand in a request; returns why it is refused."""
        return self.clerk.take(delivered(message))

    def spin(self, *, prize: str | None = None) -> Decision:
        """Press, and let the wheel come to rest."""
        decision = self.session.press(start=0, prize=prize)
        self.session.shown(decision, duration_ms=11_000, frames=660)
        return decision

    def records(self) -> list[Record]:
        """Return what the file holds, checked."""
        return list(read_records(self.path.read_bytes()))

    def bodies(self) -> list[Body]:
        """Return what the records say."""
        return [record.body for record in self.records()]

    def kinds(self) -> list[str]:
        """Return the records' types, in order."""
        return [type(body).__name__.lower() for body in self.bodies()]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


def audit(data: bytes, lists: Lists) -> History:
    """Return what a ledger adds up to, after holding every record against every rule and drawing every result again.

    Args:
        data: the ledger's bytes.
        lists: finds the lists that it names.

    Raises:
        AssertionError: a record is not what it has to be.
        LedgerBroken: form or chain does not hold.
    """
    history = History()
    for record in read_records(data):
        problem = problem_with(history, record.body, prev=record.prev, at=record.at, lists=lists)
        assert problem is None, f"record {record.seq}: {problem}"
        if isinstance(record.body, Result):
            assert record.body == _drawn_again(history, record.body, lists), f"record {record.seq}"
        history.apply(record)
    return history


def _drawn_again(history: History, result: Result, lists: Lists) -> Result:
    unfinished, event, listed = history.unfinished, history.event, lists(history.s)
    assert unfinished is not None
    assert event is not None
    assert listed is not None
    return result_of(
        unfinished.open,
        snapshot=history.s,
        turn=planned(listed, unfinished.open),
        pool=event.pool(listed, unfinished.open.prize),
        reveal=bytes.fromhex(result.reveal),
    )


def audit_home(home: Home) -> History:
    """Return what the ledger of a kiosk adds up to, as `audit`."""
    return audit(home.ledger.read_bytes(), KnownLists(home.adopted, home.snapshots))
