"""`python -m tests.torture.watcher watcher`: faults for the kiosk's watcher, and how long each list took.

Invariant: the watcher, loader, session, ledger, keys and files are the real ones; only the painter paints nothing, and
the clock is one that jumps. Each round draws one to three troubles from a pinned seed and publishes a newer list, in
half of them while they last; the time runs from the moment when the list is whole and can be seen at all until it is
adopted. The claim: within the rescan interval, in every round, and at the end there are as many threads and open files
as at the start. What this machine does not permit (mounts, limits, another user) is left out and named. Exit status 1
if the claim does not hold.

It works in a user and mount namespace of its own, so that limits and mounts concern nobody else.
"""

import argparse
import contextlib
import ctypes
import logging
import os
import random
import secrets
import shutil
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from pygame import Surface
from watchdog.events import FileSystemEvent

from kiosk.core.clock import SystemClock
from kiosk.core.durable import make_directory, write_atomic
from kiosk.core.errors import HomeError
from kiosk.core.home import Home
from kiosk.core.key_files import trust
from kiosk.core.keys import PrivateKey
from kiosk.draw.modes import Natural
from kiosk.draw.protocol import digest
from kiosk.draw_session import Session
from kiosk.intake import watcher as watcher_module
from kiosk.intake.loader import Loader
from kiosk.intake.snapshot_files import check_floor
from kiosk.intake.watcher import RESCAN_S, Watcher
from kiosk.ledger.ledger import Ledger
from kiosk.ledger.secret_store import SecretStore
from kiosk.screen.scene import Face
from kiosk.snapshot.envelope import seal
from kiosk.snapshot.model import PAYLOAD_TYPE, Entry, Snapshot, Source, encode

_NEWUSER, _NEWNS = 0x10000000, 0x00020000
"""unshare(2)."""
_PRIVATE, _DETACH = 0x4000 | (1 << 18), 2
"""mount(2): MS_REC | MS_PRIVATE; umount2(2): MNT_DETACH."""
_NOBODY = 65534
_BURST_EVERY = 40
"""Rounds between two bursts, on average: each takes seconds."""
_PATIENCE_S = 30.0
_STAMPS_S = {"1970": 0, "2099": 4_070_908_800}
_LIMITS = Path("/proc/sys/user")
_BOUNDS_S = (0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0)
_TIME = time.time


class _Painter:
    def learn(self, face: Face) -> None:
        """Need no fonts."""

    def paint_wheel(self, face: Face) -> Surface:
        """Return an empty picture."""
        return Surface((1, 1))


class _JumpingClock(SystemClock):
    """The machine's clock, but for the wall time, which is what it is told."""

    def __init__(self) -> None:
        self.wall: datetime | None = None

    def utc_now(self) -> datetime:
        return self.wall or super().utc_now()


class _RaisingHint(watcher_module._Hint):
    """Raises as often as told to, which ends watchdog's thread."""

    left = 0

    def on_any_event(self, event: FileSystemEvent) -> None:
        if type(self).left > 0:
            type(self).left -= 1
            raise RuntimeError("a handler that raises")
        super().on_any_event(event)


@dataclass
class World:
    """One kiosk without a screen, and the means to trouble it.

    Attributes:
        generation: of the list published last, and
        s: its S.
        failures: what the next looks raise instead of looking.
        left_out: troubles that this machine does not permit, and why.
        longest_look_s: since somebody set it to 0.
    """

    home: Home
    chance: random.Random
    burst: int
    rescan_s: float
    key: PrivateKey = field(default_factory=PrivateKey.generate)
    clock: _JumpingClock = field(default_factory=_JumpingClock)
    generation: int = 0
    s: str = ""
    mounted: bool = False
    failures: list[Exception] = field(default_factory=list)
    left_out: dict[str, str] = field(default_factory=dict)
    longest_look_s: float = 0.0

    def build(self) -> None:
        """Make the home and the kiosk's parts."""
        for directory in (self.home.snapshots, self.home.trusted, self.home.adopted, self.home.secrets):
            make_directory(directory)
            directory.chmod(0o777)  # the watcher's thread may be another user; see `unreadable`
        trust(self.home.trusted, self.key.public)
        self.ledger = Ledger(self.home.ledger, clock=self.clock)
        self.session = Session(
            ledger=self.ledger,
            secrets=SecretStore(self.home.secrets, random_bytes=secrets.token_bytes),
            kiosk_id="troubles",
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
            _become_nobody()
        if self.failures:
            raise self.failures.pop()
        return self.loader.look()

    def envelope(self, generation: int) -> tuple[bytes, str]:
        """Return a signed list and its S."""
        people = tuple(Entry(ticket=f"E{number}", name=f"Person {number}") for number in range(12))
        snapshot = Snapshot(
            generation=generation,
            previous=None,
            created_at="2026-05-04T09:30:00Z",
            title=f"List {generation}",
            entries=people,
            spins=Natural(),
            remove_winners=True,
            source=Source(),
        )
        payload = encode(snapshot)
        return seal(payload, payload_type=PAYLOAD_TYPE, key=self.key), digest(payload)

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
                    self.dawdle()
            path.chmod(0o644)
        if self.chance.random() < 0.3:
            at_s = self.chance.choice(list(_STAMPS_S.values()))
            os.utime(path, (at_s, at_s))

    def adopt(self) -> None:
        """Do what the loop does in idle."""
        prepared = self.loader.mailbox.take()
        if prepared is not None and prepared.published is not None:
            check_floor(prepared.published, self.session.floor)
            self.session.adopt(prepared.listed, prepared.chain)

    def wait(self) -> float:
        """Wait until the list published last is adopted; returns how long that took, in seconds."""
        started = time.monotonic()
        while self.session.listed is None or self.session.listed.s != self.s:
            if time.monotonic() - started > _PATIENCE_S:
                return float("inf")
            self.adopt()
            time.sleep(0.001)
        return time.monotonic() - started

    def dawdle(self) -> None:
        """Let the watcher notice what is going on, or not."""
        time.sleep(self.chance.choice([0, 0, 0.002, 0.02]))

    def tidy(self) -> None:
        """Have few files and few secrets lie about, as after `prune` and a restart."""
        for path in sorted(self.home.snapshots.iterdir())[:-4]:
            path.unlink()
        current = self.ledger.history.current
        if current is not None and not self.loader.mailbox.full:
            for path in sorted(self.home.secrets.iterdir(), key=lambda path: path.stat().st_mtime)[:-4]:
                path.unlink()


# ---- the troubles --------------------------------------------------------------------------------------------------
# Each is over when its block ends; what it breaks inside the block is mended then.


@contextmanager
def deleted(world: World) -> Iterator[None]:
    """The directory is deleted and made again."""
    with _unmounted(world):
        shutil.rmtree(world.home.snapshots)
        yield
        _make(world.home.snapshots)


@contextmanager
def replaced(world: World) -> Iterator[None]:
    """The directory is renamed away, and another one is put in its place, with the next list in it already."""
    with _unmounted(world):
        away, beside = world.home.root / "away", world.home.root / "beside"
        _make(beside)
        world.publish(beside)
        world.home.snapshots.rename(away)
        yield
        beside.rename(world.home.snapshots)
        shutil.rmtree(away)


@contextmanager
def mounted(world: World) -> Iterator[None]:
    """What was mounted there is unmounted; another file system, with the same numbers, is mounted."""
    with _unmounted(world):
        yield
    _mount(world)


@contextmanager
def unmounted(world: World) -> Iterator[None]:
    """A file system is mounted, gets a list, and goes away with it."""
    _mount(world)
    world.publish()
    yield
    with _unmounted(world):
        pass


@contextmanager
def unreadable(world: World) -> Iterator[None]:
    """The directory loses its permissions and gets them back."""
    world.home.snapshots.chmod(0)
    yield
    world.home.snapshots.chmod(0o777)


@contextmanager
def burst(world: World) -> Iterator[None]:
    """Very many files arrive at once, some of them with the names of newer lists."""
    directory = os.open(world.home.snapshots, os.O_RDONLY)
    names = [
        f"snapshot-{960_000 + number}.json" if number % 20 == 0 else f"IMG_{number}" for number in range(world.burst)
    ]
    for name in names:
        os.close(os.open(name, os.O_CREAT | os.O_WRONLY, 0o644, dir_fd=directory))
    yield
    for name in names:
        os.unlink(name, dir_fd=directory)
    os.close(directory)


@contextmanager
def no_instances(world: World) -> Iterator[None]:
    """No inotify instance is left, and the observer dies."""
    with _limited("max_inotify_instances"):
        _kill_observer(world)
        yield


@contextmanager
def no_watches(world: World) -> Iterator[None]:
    """No inotify watch is left, and the observer dies."""
    with _limited("max_inotify_watches"):
        _kill_observer(world)
        yield


@contextmanager
def raising_handler(world: World) -> Iterator[None]:
    """The handler of events raises, which ends watchdog's thread."""
    _RaisingHint.left = 1
    yield


@contextmanager
def raising_look(world: World) -> Iterator[None]:
    """Looking raises, once or twice."""
    errors = [RuntimeError("a defect"), OSError(5, "I/O error"), HomeError("The disk is full."), MemoryError()]
    world.failures.extend(world.chance.sample(errors, world.chance.randint(1, 2)))
    yield
    world.failures.clear()


@contextmanager
def deaf_observer(world: World) -> Iterator[None]:
    """The thread that reads inotify ends, while the observer and its emitters look alive."""
    reader = getattr(world.watcher._observer, "_inotify_fd", None)
    if reader is not None:
        reader.stop()
    yield


@contextmanager
def clock_jump(world: World) -> Iterator[None]:
    """The wall clock jumps to another century, and stays there until the next jump."""
    at_s = world.chance.choice([*_STAMPS_S.values(), None])
    world.clock.wall = None if at_s is None else datetime.fromtimestamp(at_s, UTC)
    time.time = (lambda: float(at_s)) if at_s is not None else _TIME
    yield


@contextmanager
def bad_files(world: World) -> Iterator[None]:
    """Newer files come that are no lists, or are signed by a stranger, or only half there."""
    stranger, _ = World(world.home, world.chance, 0, 0).envelope(999_001)
    half, _ = world.envelope(999_002)
    contents = {999_000: b"rubbish", 999_001: stranger, 999_002: half[: len(half) // 2], 999_003: b""}
    paths = [world.home.snapshot(number) for number in world.chance.sample(list(contents), 2)]
    for path in paths:
        path.write_bytes(contents[int(path.stem[-6:])])
    yield
    for path in paths:
        path.unlink(missing_ok=True)


Trouble = Callable[[World], AbstractContextManager[None]]
CLOSED = frozenset(("deleted", "replaced", "mounted", "unmounted"))
"""Those that leave no directory to publish into before they are over."""
BLINDING = frozenset(("unreadable", "raising look"))
"""Those in which nothing can be seen before they are over."""
TROUBLES: dict[str, Trouble] = {
    "deleted": deleted,
    "replaced": replaced,
    "mounted": mounted,
    "unmounted": unmounted,
    "unreadable": unreadable,
    "burst": burst,
    "no instances": no_instances,
    "no watches": no_watches,
    "raising handler": raising_handler,
    "raising look": raising_look,
    "deaf observer": deaf_observer,
    "clock jump": clock_jump,
    "bad files": bad_files,
}


@contextmanager
def _unmounted(world: World) -> Iterator[None]:
    if world.mounted:
        _call("umount2", os.fsencode(world.home.snapshots), _DETACH)
        world.mounted = False
    yield


def _mount(world: World) -> None:
    with _unmounted(world):
        _call("mount", b"none", os.fsencode(world.home.snapshots), b"tmpfs", 0, b"size=64m,mode=0777")
    world.mounted = True


def _make(directory: Path) -> None:
    directory.mkdir()
    directory.chmod(0o777)


@contextmanager
def _limited(name: str) -> Iterator[None]:
    """Set a limit of our own namespace to nothing for a while."""
    path = _LIMITS / name
    before = path.read_text()
    path.write_text("0")
    try:
        yield
    finally:
        path.write_text(before)


def _kill_observer(world: World) -> None:
    observer = world.watcher._observer
    if observer is not None:
        with contextlib.suppress(Exception):
            observer.stop()


# ---- the run -------------------------------------------------------------------------------------------------------


@dataclass
class Tally:
    """What a run counted; threads and open files as (threads, files)."""

    took_s: list[float] = field(default_factory=list)
    rounds: list[str] = field(default_factory=list)
    troubles: Counter[str] = field(default_factory=Counter)
    most_threads: int = 0
    before: tuple[int, int] = (0, 0)
    after: tuple[int, int] = (0, 0)


def run(world: World, rounds: int) -> int:
    """Print the figures; returns the exit status."""
    world.build()
    _leave_out_what_is_not_permitted(world)
    watcher_module._Hint = _RaisingHint  # type: ignore[misc]
    world.publish()
    tally = Tally(before=(threading.active_count(), _handles()))
    world.watcher.start()
    world.wait()
    for number in range(rounds):
        if sys.stderr.isatty():
            print(f"\r{number + 1}/{rounds} ", end="", file=sys.stderr, flush=True)
        names = _drawn(world)
        world.longest_look_s = 0.0
        tally.took_s.append(_trouble(world, names))
        look_ms = world.longest_look_s * 1000
        tally.rounds.append(f"round {number + 1}: {', '.join(names)}; longest look {look_ms:.0f} ms")
        tally.troubles.update(names)
        tally.most_threads = max(tally.most_threads, threading.active_count())
        world.tidy()
    world.watcher.stop()
    time.time = _TIME
    with _unmounted(world):
        pass
    tally.after = (threading.active_count(), _handles())
    world.ledger.close()
    return _report(world, tally)


def _drawn(world: World) -> list[str]:
    """Draw the troubles of one round; those that change the directory itself come first."""
    possible = [name for name in TROUBLES if name not in {"burst", *world.left_out}]
    names = world.chance.sample(possible, world.chance.randint(1, 3))
    if world.burst and world.chance.random() * _BURST_EVERY < 1:
        names.append("burst")
    return sorted(names, key=lambda name: name not in CLOSED)


def _trouble(world: World, names: list[str]) -> float:
    """Have the troubles and publish a list in the middle of them or after them; returns how long it took, in s."""
    inside = world.chance.random() < 0.5
    with contextlib.ExitStack() as going_on:
        for name in names:
            if name in CLOSED:
                with TROUBLES[name](world):
                    world.dawdle()
            else:
                going_on.enter_context(TROUBLES[name](world))
                world.dawdle()
        if inside:
            world.publish()
            if BLINDING.isdisjoint(names):  # then the list must come while they last
                return world.wait()
    if not inside:
        world.publish()
    return world.wait()


def _report(world: World, tally: Tally) -> int:
    took_s, ranked = tally.took_s, sorted(tally.took_s)
    late = sum(one > world.rescan_s for one in took_s)
    holds = late == 0 and tally.before == tally.after
    print(f"rounds {len(took_s)}, rescan {world.rescan_s:g} s, lists adopted {world.session.seq}")
    print(f"within the rescan interval: {len(took_s) - late} of {len(took_s)}")
    print(
        f"latency: median {statistics.median(ranked) * 1000:.0f} ms, "
        f"p99 {ranked[round((len(ranked) - 1) * 0.99)] * 1000:.0f} ms, max {ranked[-1] * 1000:.0f} ms"
    )
    print("  " + ", ".join(f"<= {bound:g} s: {sum(one <= bound for one in took_s)}" for bound in _BOUNDS_S))
    print(
        f"threads {tally.before[0]} -> {tally.after[0]} (at most {tally.most_threads}), "
        f"open files {tally.before[1]} -> {tally.after[1]}"
    )
    print("troubles: " + ", ".join(f"{name} {times}" for name, times in sorted(tally.troubles.items())))
    for name, reason in world.left_out.items():
        print(f"left out: {name}: {reason}")
    for seconds, what in sorted(zip(took_s, tally.rounds, strict=True), reverse=True)[:3]:
        print(f"slowest: {seconds * 1000:.0f} ms, {what}")
    print("the claim holds" if holds else "THE CLAIM DOES NOT HOLD")
    return 0 if holds else 1


def _leave_out_what_is_not_permitted(world: World) -> None:
    try:
        _mount(world)
        with _unmounted(world):
            pass
    except OSError as error:
        world.left_out |= dict.fromkeys(("mounted", "unmounted"), f"mount: {error.strerror}")
    for name, limit in (("no instances", "max_inotify_instances"), ("no watches", "max_inotify_watches")):
        try:
            if "user namespace" in world.left_out:
                raise PermissionError(1, "not in a user namespace of our own")
            with _limited(limit):
                pass
        except OSError as error:
            world.left_out[name] = f"{_LIMITS / limit}: {error.strerror}"
    if not _permissions_hold(world):
        world.left_out["unreadable"] = "whoever runs this may read everything, and cannot become nobody"


def _permissions_hold(world: World) -> bool:
    """Say whether a thread that became nobody cannot read a directory without permissions."""
    closed = world.home.root / "closed"
    closed.mkdir(mode=0)
    refused: list[bool] = []

    def attempt() -> None:
        _become_nobody()
        try:
            list(closed.iterdir())
        except PermissionError:
            refused.append(True)

    thread = threading.Thread(target=attempt)
    thread.start()
    thread.join()
    closed.rmdir()
    return bool(refused)


def _become_nobody() -> None:
    """Have the calling thread, and no other, treated as nobody by file systems."""
    if os.geteuid() == 0:
        _libc().setfsuid(_NOBODY)


def _handles() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _call(name: str, *arguments: object) -> None:
    if getattr(_libc(), name)(*arguments) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def in_a_namespace_of_its_own(work: Callable[[str], int]) -> int:
    """Run `work` in a child with user and mount namespaces of its own; returns its exit status.

    `work` gets the reason why there is none, or nothing. The parent writes the child's user map, because only root of
    the namespace outside may map more than one user.
    """
    ready, go = os.pipe(), os.pipe()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            os.close(ready[0])
            os.close(go[1])
            reason = ""
            try:
                _call("unshare", _NEWUSER | _NEWNS)
            except (OSError, AttributeError) as error:
                reason = str(error)
            os.write(ready[1], b"-" if reason else b"+")
            if not reason and os.read(go[0], 1) != b"+":
                reason = "its user map could not be written"
            if not reason:
                _call("mount", b"none", b"/", None, _PRIVATE, None)
            status = work(reason)
        finally:
            sys.stdout.flush()
            os._exit(status)
    os.close(ready[1])
    os.close(go[0])
    if os.read(ready[0], 1) == b"+":
        try:
            ids = "0 0 65536" if os.geteuid() == 0 else f"0 {os.geteuid()} 1"
            Path(f"/proc/{child}/uid_map").write_text(ids)
            if os.geteuid() == 0:
                Path(f"/proc/{child}/gid_map").write_text(ids)
            os.write(go[1], b"+")
        except OSError:
            os.write(go[1], b"-")
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.torture.watcher", description=(__doc__ or "").split("\n", 1)[0]
    )
    commands = parser.add_subparsers(dest="command", required=True)
    watching = commands.add_parser("watcher", help="does every list arrive, whatever happens to the directory")
    watching.add_argument("--rounds", type=int, default=1000, metavar="N", help="(default: %(default)s)")
    watching.add_argument("--seed", type=int, default=1, metavar="N", help="(default: %(default)s)")
    watching.add_argument(
        "--burst", type=int, default=40_000, metavar="N", help="files; 0: none (default: %(default)s)"
    )
    watching.add_argument(
        "--rescan-s",
        type=float,
        default=RESCAN_S,
        metavar="S",
        help="the kiosk's is %(default)g (default: %(default)g)",
    )
    watching.add_argument("--verbose", action="store_true", help="show the kiosk's log")
    found = parser.parse_args(arguments)
    if not sys.platform.startswith("linux"):
        print("This needs Linux: inotify, mounts, namespaces.", file=sys.stderr)
        return 2
    logging.basicConfig(level=logging.INFO if found.verbose else logging.CRITICAL)
    with tempfile.TemporaryDirectory(prefix="wheel-troubles-") as directory:
        Path(directory).chmod(0o755)

        def work(reason: str) -> int:
            world = World(Home(Path(directory)), random.Random(found.seed), found.burst, found.rescan_s)  # noqa: S311
            if reason:
                world.left_out["user namespace"] = reason
            return run(world, found.rounds)

        return in_a_namespace_of_its_own(work)


if __name__ == "__main__":
    sys.exit(main())
