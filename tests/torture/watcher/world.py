"""A kiosk without a screen, for faults that concern its watcher.

Watcher, loader, session, ledger, keys and files are the real ones. Only the painter paints nothing, and the wall clock
is one that the faults set.
"""

import os
import random
import secrets
import time
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from pygame import Surface
from watchdog.events import FileSystemEvent

from kiosk.core.clock import SystemClock
from kiosk.core.durable import make_directory, write_atomic
from kiosk.core.home import Home, names_name
from kiosk.core.key_files import trust
from kiosk.core.keys import PrivateKey
from kiosk.draw.protocol import digest
from kiosk.intake import watcher as watcher_module
from kiosk.intake.loader import Loader
from kiosk.intake.snapshot_files import KnownLists, check_floor
from kiosk.intake.watcher import Watcher
from kiosk.ledger.ledger import Ledger
from kiosk.ledger.secret_store import SecretStore
from kiosk.screen.scene import Face
from kiosk.session.draw_session import Session
from kiosk.snapshot.model import encode
from tests.support import envelope, names_of, snapshot
from tests.torture.watcher.namespace import become_nobody

STAMPS_S = {"1970": 0, "2099": 4_070_908_800}
"""Modification times of files from cameras and cards without a clock."""


class _Painter:
    def learn(self, face: Face) -> None:
        """Need no fonts."""

    def paint_wheel(self, face: Face, angle: int) -> Surface:
        """Return an empty picture."""
        return Surface((1, 1))


class JumpingClock(SystemClock):
    """The machine's clock, but for the wall time, which is what it is told."""

    def __init__(self) -> None:
        self.wall: datetime | None = None

    def utc_now(self) -> datetime:
        return self.wall or super().utc_now()


class RaisingHint(watcher_module._Hint):
    """Raises as often as told to, which ends watchdog's thread."""

    left = 0

    def on_any_event(self, event: FileSystemEvent) -> None:
        if type(self).left > 0:
            type(self).left -= 1
            raise RuntimeError("a handler that raises")
        super().on_any_event(event)


@dataclass
class World:
    """One kiosk without a screen, and what the faults need.

    Attributes:
        generation: generation of the list published last.
        s: snapshot digest of that list.
        within_s: how long a list may take to be adopted.
        failures: what the next looks raise instead of looking.
        left_out: faults that this machine does not permit, and why.
        longest_look_s: the longest look since it was last set to 0.
    """

    home: Home
    chance: random.Random
    burst: int
    rescan_s: float
    within_s: float
    key: PrivateKey = field(default_factory=PrivateKey.generate)
    clock: JumpingClock = field(default_factory=JumpingClock)
    generation: int = 0
    s: str = ""
    mounted: bool = False
    failures: list[Exception] = field(default_factory=list)
    left_out: dict[str, str] = field(default_factory=dict)
    longest_look_s: float = 0.0

    def build(self) -> None:
        """Make the home and the kiosk's parts."""
        home = self.home
        for directory in (home.snapshots, home.trusted, home.adopted, home.secrets, home.secrets_again):
            make_directory(directory)
            directory.chmod(0o777)  # the watcher's thread may be another user; see `faults.unreadable`
        trust(self.home.trusted, self.key.public)
        lists = KnownLists(self.home.adopted, self.home.snapshots)
        self.ledger = Ledger(self.home.ledger, clock=self.clock, lists=lists)
        self.session = Session(
            ledger=self.ledger,
            secrets=SecretStore(self.home.secrets, self.home.secrets_again, random_bytes=secrets.token_bytes),
            kiosk_id="a" * 64,
            lists=lists,
        )
        self.loader = Loader(self.home, self.session, _Painter(), clock=self.clock)
        self.watcher = Watcher(self.home.snapshots, self._look, rescan_s=self.rescan_s)

    def _look(self) -> float | None:
        started = time.monotonic()
        try:
            return self._look_or_fail()
        finally:
            self.longest_look_s = max(self.longest_look_s, time.monotonic() - started)

    def _look_or_fail(self) -> float | None:
        if "unreadable" not in self.left_out:
            become_nobody()
        if self.failures:
            raise self.failures.pop()
        return self.loader.look()

    def envelope(self, generation: int) -> tuple[bytes, str]:
        """Return a signed list and its S; its names file is put in place."""
        content = snapshot(generation, people=12, title=f"List {generation}", previous=self.s)
        names = self.home.snapshots / names_name(content.names)
        if not names.exists():
            write_atomic(names, names_of(content), mode=0o644)
        return envelope(content, key=self.key), digest(encode(content))

    def publish(self, directory: Path | None = None) -> None:
        """Publish the next list, in one of the ways in which files arrive."""
        directory = directory or self.home.snapshots
        self.generation += 1
        data, self.s = self.envelope(self.generation)
        path = directory / self.home.snapshot(self.generation).name
        way = self.chance.choice(["renamed", "renamed", "grown", "copied"])
        if way == "renamed":
            write_atomic(path, data, mode=0o644)
        else:
            with path.open("wb") as copy:
                for at in range(0, len(data), len(data) // 3 if way == "grown" else len(data)):
                    copy.write(data[at : at + (len(data) // 3 if way == "grown" else len(data))])
                    copy.flush()
                    self.pause()
            path.chmod(0o644)
        if self.chance.random() < 0.3:
            at_s = self.chance.choice(list(STAMPS_S.values()))
            os.utime(path, (at_s, at_s))

    def adopt(self) -> None:
        """Adopt what the loader has prepared, as the loop does in idle."""
        prepared = self.loader.mailbox.take()
        if prepared is not None and prepared.published is not None:
            check_floor(prepared.published, self.session.floor)
            self.session.adopt(prepared.listed, prepared.chain)

    def wait(self) -> float:
        """Wait until the list published last is adopted; returns how long that took, in seconds."""
        started = time.monotonic()
        while self.session.listed is None or self.session.listed.s != self.s:
            if time.monotonic() - started > 2 * self.within_s:
                return float("inf")
            self.adopt()
            time.sleep(0.001)
        return time.monotonic() - started

    def pause(self) -> None:
        """Wait for a random time, so that the watcher may look in between."""
        time.sleep(self.chance.choice([0, 0, 0.002, 0.02]))

    def tidy(self) -> None:
        """Delete old files and secrets, as `prune` and a restart do."""
        for path in sorted(self.home.snapshots.glob("snapshot-*"))[:-4]:
            path.unlink()
        current = self.ledger.history.current
        if current is not None and not self.loader.mailbox.full:
            for path in sorted(self.home.secrets.iterdir(), key=lambda path: path.stat().st_mtime)[:-4]:
                path.unlink()
