"""The faults, as context managers: each lasts as long as its block and is repaired at its end."""

import contextlib
import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from kiosk.core.errors import HomeError
from tests.torture.watcher.namespace import DETACH, call, limited
from tests.torture.watcher.world import STAMPS_S, RaisingHint, World

REAL_TIME = time.time


@contextmanager
def deleted(world: World) -> Iterator[None]:
    """The directory is deleted and made again."""
    with without_mount(world):
        shutil.rmtree(world.home.snapshots)
        yield
        _make(world.home.snapshots)


@contextmanager
def replaced(world: World) -> Iterator[None]:
    """The directory is renamed away, and another one is put in its place, with the next list in it already."""
    with without_mount(world):
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
    with without_mount(world):
        yield
    mount(world)


@contextmanager
def unmounted(world: World) -> Iterator[None]:
    """A file system is mounted, gets a list, and goes away with it."""
    mount(world)
    world.publish()
    yield
    with without_mount(world):
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
    with limited("max_inotify_instances"):
        _kill_observer(world)
        yield


@contextmanager
def no_watches(world: World) -> Iterator[None]:
    """No inotify watch is left, and the observer dies."""
    with limited("max_inotify_watches"):
        _kill_observer(world)
        yield


@contextmanager
def raising_handler(world: World) -> Iterator[None]:
    """The handler of events raises, which ends watchdog's thread."""
    RaisingHint.left = 1
    yield


@contextmanager
def raising_look(world: World) -> Iterator[None]:
    """Looking raises, once or twice."""
    errors = [RuntimeError("a defect"), OSError(5, "I/O error"), HomeError("The disk is full."), MemoryError()]
    world.failures.extend(world.chance.sample(errors, world.chance.randint(1, 2)))
    yield
    world.failures.clear()


@contextmanager
def silent_observer(world: World) -> Iterator[None]:
    """The thread that reads inotify ends, while the observer and its emitters look alive."""
    reader = getattr(world.watcher._observer, "_inotify_fd", None)
    if reader is not None:
        reader.stop()
    yield


@contextmanager
def clock_jump(world: World) -> Iterator[None]:
    """The wall clock jumps to another century, and stays there until the next jump."""
    at_s = world.chance.choice([*STAMPS_S.values(), None])
    world.clock.wall = None if at_s is None else datetime.fromtimestamp(at_s, UTC)
    time.time = (lambda: float(at_s)) if at_s is not None else REAL_TIME
    yield


@contextmanager
def bad_files(world: World) -> Iterator[None]:
    """Newer files come that are no lists, or are signed by a stranger, or only half there."""
    stranger, _ = World(world.home, world.chance, 0, 0, 0).envelope(999_001)
    half, _ = world.envelope(999_002)
    contents = {999_000: b"rubbish", 999_001: stranger, 999_002: half[: len(half) // 2], 999_003: b""}
    paths = [world.home.snapshot(number) for number in world.chance.sample(list(contents), 2)]
    for path in paths:
        path.write_bytes(contents[int(path.stem[-6:])])
    yield
    for path in paths:
        path.unlink(missing_ok=True)


Fault = Callable[[World], AbstractContextManager[None]]
CLOSED = frozenset(("deleted", "replaced", "mounted", "unmounted"))
"""Those that leave no directory to publish into before they are over."""
BLINDING = frozenset(("unreadable", "raising look"))
"""Those in which nothing can be seen before they are over."""
FAULTS: dict[str, Fault] = {
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
    "silent observer": silent_observer,
    "clock jump": clock_jump,
    "bad files": bad_files,
}


@contextmanager
def without_mount(world: World) -> Iterator[None]:
    """Unmount what is mounted over the directory of lists, first of all."""
    if world.mounted:
        call("umount2", os.fsencode(world.home.snapshots), DETACH)
        world.mounted = False
    yield


def mount(world: World) -> None:
    """Mount a new file system over the directory of lists."""
    with without_mount(world):
        call("mount", b"none", os.fsencode(world.home.snapshots), b"tmpfs", 0, b"size=64m,mode=0777")
    world.mounted = True


def _make(directory: Path) -> None:
    directory.mkdir()
    directory.chmod(0o777)


def _kill_observer(world: World) -> None:
    observer = world.watcher._observer
    if observer is not None:
        with contextlib.suppress(Exception):
            observer.stop()
