"""A source with an organiser at its end, a home with a fetcher at the other, and faults between them.

Invariant: time is simulated; nothing sleeps. Faults happen on the way, so that what the source holds stays whole.
"""

import random
import uuid
from collections.abc import Callable
from pathlib import Path

from fsspec.implementations.memory import MemoryFileSystem

from kiosk.core.clock import NS_PER_S, Clock, ManualClock
from kiosk.core.home import NAMES_NAME, REQUEST_NAME, SNAPSHOT_NAME, Home, names_name, request_name, snapshot_name
from kiosk.core.keys import PrivateKey, PublicKey
from kiosk.draw.protocol import digest
from kiosk.fetcher.index_file import INDEX_NAME, HintedFile, encode
from kiosk.fetcher.pacing import Pacing
from kiosk.fetcher.source import Source
from kiosk.fetcher.transport.base import Fetched, NotThere, SourceError, Transport
from kiosk.fetcher.transport.file_system import FileSystem
from kiosk.intake.request_files import read_message
from kiosk.intake.snapshot_files import read
from kiosk.snapshot.model import Snapshot
from kiosk.snapshot.requests import Message
from tests.support import KEY, TRUSTED, delivered, envelope, names_of

Faults = Callable[[str, bytes], bytes]
"""Told of each file on its way, with its bytes: returns what arrives, or raises."""


class Publisher:
    """An organiser's end: publishes in the order that keeps every moment whole."""

    def __init__(self, write: Callable[[str, bytes], None]) -> None:
        self._write = write
        self.files: dict[str, bytes] = {}

    def put(self, name: str, data: bytes) -> None:
        """Write a file that is listed in the next index."""
        self.files[name] = data
        self._write(name, data)

    def publish(self, content: Snapshot, *, key: PrivateKey = KEY) -> None:
        """Publish a list: names, list, index."""
        self.put(names_name(content.names), names_of(content))
        self.put(snapshot_name(content.generation), envelope(content, key=key))
        self.index()

    def hand_in(self, message: Message, *, key: PrivateKey = KEY) -> str:
        """Publish a request; returns its file's name."""
        one = delivered(message, key=key)
        self.put(request_name(one.digest), one.envelope)
        self.index()
        return request_name(one.digest)

    def index(self) -> None:
        """Write the index of all files so far."""
        self._write(INDEX_NAME, index_of(self.files))


def index_of(files: dict[str, bytes]) -> bytes:
    """Return the index of files, with true hints."""
    return encode(HintedFile(name, len(data), digest(data)) for name, data in files.items())


class Faulty:
    """A transport with faults on the way.

    Attributes:
        faults: what happens to a file; None lets everything through.
        asked: the names that were asked for.
    """

    def __init__(self, inner: Transport) -> None:
        self._inner = inner
        self.faults: Faults | None = None
        self.asked: list[str] = []

    def fetch(self, name: str, *, limit: int, known: str = "") -> Fetched | None:
        """See `Transport`."""
        self.asked.append(name)
        if self.faults is None:
            return self._inner.fetch(name, limit=limit, known=known)
        self.faults(name, b"")  # the request itself
        fetched = self._inner.fetch(name, limit=limit, known=known)
        return fetched and Fetched(self.faults(name, fetched.data), fetched.version, fetched.strong)

    def listing(self, folder: str = "") -> tuple[HintedFile, ...] | None:
        """See `Transport`."""
        if self.faults is not None:
            self.faults(folder, b"")
        return self._inner.listing(folder)

    def write(self, name: str, data: bytes) -> None:
        """See `Transport`."""
        if self.faults is not None:
            self.faults(name, b"")
        self._inner.write(name, data)

    def close(self) -> None:
        """See `Transport`."""
        self._inner.close()


class Dictionary:
    """A source that says whatever its test wants it to say; without an index it lists what it has."""

    def __init__(self, files: dict[str, bytes]) -> None:
        self.files = files

    def fetch(self, name: str, *, limit: int, known: str = "") -> Fetched | None:
        """See `Transport`."""
        if name not in self.files:
            raise NotThere(f"no {name}")
        if len(self.files[name]) > limit:
            raise SourceError("too large")
        return Fetched(self.files[name], "", strong=False)

    def listing(self, folder: str = "") -> tuple[HintedFile, ...] | None:
        """See `Transport`."""
        return tuple(HintedFile(name, len(data)) for name, data in self.files.items())

    def write(self, name: str, data: bytes) -> None:
        """See `Transport`."""
        self.files[name] = data

    def close(self) -> None:
        """See `Transport`."""


def memory(clock: Clock) -> tuple[FileSystem, Publisher]:
    """Return a new empty source in fsspec's memory file system, and its organiser."""
    root = f"/{uuid.uuid4().hex}"
    system = MemoryFileSystem()
    transport = FileSystem(MemoryFileSystem, root, label="memory", timeout_s=5, clock=clock, whole_writes=True)
    return transport, Publisher(lambda name, data: system.pipe_file(f"{root}/{name}", data))


def new_home(root: Path, *keys: PublicKey) -> Home:
    """Return a home that trusts `keys`, or the organiser of the tests."""
    home = Home(root)
    for directory in (home.admin, home.snapshots, home.trusted, home.fetch):
        directory.mkdir(parents=True)
    for key in keys or (KEY.public,):
        (home.trusted / f"{key.keyid[:16]}.pem").write_bytes(key.pem())
    return home


class World:
    """A home with one source in memory."""

    def __init__(self, root: Path, *, every_s: float = 5, seed: int = 1, inner: Transport | None = None) -> None:
        self.clock = ManualClock()
        self.home = new_home(root)
        transport, self.publisher = memory(self.clock)
        self.way = Faulty(inner or transport)
        self.placed: list[str] = []
        self.random = random.Random(seed)  # noqa: S311 - repeats in every run
        pacing = Pacing(every_s=every_s, random=self.random.random, now_ns=0)
        self.source = Source(self.home, "memory", self.way, pacing=pacing, clock=self.clock, placed=self.placed.append)

    def poll(self) -> bool:
        """Let the time pass until the next poll, and poll."""
        self.clock.advance_ns(self.source.pacing.due_ns - self.clock.monotonic_ns())
        return self.source.poll()

    @property
    def now_s(self) -> float:
        """The simulated time."""
        return self.clock.monotonic_ns() / NS_PER_S

    def names(self) -> set[str]:
        """Return the published names at home."""
        return {path.name for path in self.home.snapshots.iterdir()}

    def check(self) -> None:
        """Make sure that every file under a published name at home is verified."""
        check_home(self.home)


def check_home(home: Home) -> None:
    """Make sure that every file at home is signed by a trusted key, or named by digest in a list that is."""
    named = set()
    for path in home.snapshots.iterdir():
        if SNAPSHOT_NAME.fullmatch(path.name):
            named.add(read(path, keys=TRUSTED).snapshot.names)
    for path in home.snapshots.iterdir():
        if REQUEST_NAME.fullmatch(path.name):
            read_message(path, keys=TRUSTED)
        elif NAMES_NAME.fullmatch(path.name):
            assert digest(path.read_bytes())[:16] == path.name[6:22], path
        else:
            assert SNAPSHOT_NAME.fullmatch(path.name), path
    for s in named:
        assert (home.snapshots / names_name(s)).exists()
