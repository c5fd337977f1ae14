"""Builders that the tests share: keys, lists, envelopes, published files, and a kiosk without a screen.

Invariant: plain functions and one context manager; nothing here asserts, sleeps or reads the machine's clock.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from kiosk.core.clock import ManualClock
from kiosk.core.keys import PrivateKey, TrustedKeys
from kiosk.draw.modes import Natural, Spins
from kiosk.draw.protocol import digest
from kiosk.draw_session import Decision, Session
from kiosk.ledger.ledger import Ledger, read_records
from kiosk.ledger.record import Body, Record
from kiosk.ledger.secret_store import SecretStore
from kiosk.snapshot.envelope import seal
from kiosk.snapshot.model import PAYLOAD_TYPE, Entry, Listed, Snapshot, Source, encode

SECRET = bytes(range(32))
"""s_0 of the vectors in docs/protocol.md."""


def private_key(number: int) -> PrivateKey:
    """Return the key number `number`: always the same one."""
    return PrivateKey(bytes([number]) * 32)


KEY = private_key(1)
STRANGER = private_key(2)


def trusting(*keys: PrivateKey) -> TrustedKeys:
    """Return a trust in exactly these keys."""
    return {key.public.keyid: key.public for key in keys}


TRUSTED: TrustedKeys = trusting(KEY)


def entries(count: int, *, weights: Mapping[str, int] | Sequence[int] = ()) -> tuple[Entry, ...]:
    """Return E0001, E0002, ... with weight 1, or the given weights (in order, or by ticket)."""
    tickets = [f"E{number:04d}" for number in range(1, count + 1)]
    by_ticket = weights if isinstance(weights, Mapping) else dict(zip(tickets, weights, strict=False))
    return tuple(Entry(ticket=ticket, name=f"Name {ticket}", weight=by_ticket.get(ticket, 1)) for ticket in tickets)


def snapshot(
    generation: int = 1,
    *,
    people: int | tuple[Entry, ...] = 10,
    spins: Spins | None = None,
    remove_winners: bool = True,
    title: str = "Summer fair",
) -> Snapshot:
    """Return a list that breaks no rule."""
    return Snapshot(
        generation=generation,
        previous=None,
        created_at="2026-05-04T09:30:00Z",
        title=title,
        entries=entries(people) if isinstance(people, int) else people,
        spins=spins or Natural(),
        remove_winners=remove_winners,
        source=Source(),
    )


def listed(content: Snapshot) -> Listed:
    """Return the list under its true name S."""
    return Listed(content, digest(encode(content)))


def envelope(content: Snapshot, *, key: PrivateKey = KEY) -> bytes:
    """Return the list as a signed file's bytes."""
    return seal(encode(content), payload_type=PAYLOAD_TYPE, key=key)


def publish(
    directory: Path, content: Snapshot, *, key: PrivateKey = KEY, named: int | None = None, data: bytes = b""
) -> Path:
    """Write the list's file into `directory`, under its own generation or that of `named`; `data` instead of it."""
    path = directory / f"snapshot-{content.generation if named is None else named:06d}.json"
    path.write_bytes(data or envelope(content, key=key))
    return path


def counted_bytes() -> Callable[[int], bytes]:
    """Return a source of entropy that repeats in every run and never within one."""
    calls: Iterator[int] = iter(range(1 << 30))
    return lambda size: hashlib.sha256(f"call {next(calls)}".encode()).digest()[:size]


def fixed_bytes(secret: bytes = SECRET) -> Callable[[int], bytes]:
    """Return a source of entropy that always says `secret`."""
    return lambda size: secret[:size]


class Desk:
    """A kiosk without a screen: a directory, and a ledger and a session on it.

    `restart` is a power cut: the objects are thrown away and made anew from what the disk holds.
    """

    def __init__(self, directory: Path, *, random_bytes: Callable[[int], bytes] | None = None) -> None:
        self.directory = directory
        self.clock = ManualClock()
        self.secrets_directory = directory / "secrets"
        self.secrets_directory.mkdir(exist_ok=True)
        self._random_bytes = random_bytes or counted_bytes()
        self._open()

    def _open(self) -> None:
        self.ledger = Ledger(self.path, clock=self.clock)
        self.secrets = SecretStore(self.secrets_directory, random_bytes=self._random_bytes)
        self.session = Session(ledger=self.ledger, secrets=self.secrets, kiosk_id="k" * 64)

    @property
    def path(self) -> Path:
        """Return the ledger's file."""
        return self.directory / "ledger.jsonl"

    def restart(self) -> None:
        """Forget everything that is not on the disk."""
        self.ledger.close()
        self._open()

    def spin(self) -> Decision:
        """Press, and let the wheel come to rest."""
        decision = self.session.press(start=0)
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
        self.ledger.close()
