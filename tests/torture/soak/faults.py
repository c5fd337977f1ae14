"""The faults that the soak injects. Each one ends by itself."""

import os
import random
import resource
import shutil
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from kiosk.core.clock import NS_PER_S
from kiosk.core.home import Home
from kiosk.intake.verdict_cache import SETTLE_NS
from tests.torture.soak.kiosk import Kiosk

_NUMBER_OF_BAD_FILES = 900_000
"""Generation in the names of files that are no lists: above all real ones."""


@dataclass(frozen=True, slots=True)
class Scene:
    """What a fault may act on."""

    home: Home
    kiosk: Kiosk
    random: random.Random


def power_cut(scene: Scene) -> None:
    """The kiosk is killed at a random moment, and started again."""
    time.sleep(scene.random.uniform(0, 0.5))
    scene.kiosk.kill()
    scene.kiosk.start()


def garbage(scene: Scene) -> None:
    """The newest file is not a list."""
    path = _bad_file(scene)
    path.write_bytes(scene.random.randbytes(scene.random.randrange(1, 5000)))
    _look(scene)
    path.unlink()


def torn_copy(scene: Scene) -> None:
    """The newest file is half of a list: somebody copies by hand."""
    path = _bad_file(scene)
    whole = _newest(scene.home).read_bytes()
    path.write_bytes(whole[: scene.random.randrange(len(whole))])
    _look(scene)
    path.unlink()


def old_file(scene: Scene) -> None:
    """An old list is put back under a new name."""
    path = _bad_file(scene)
    oldest = min(scene.home.snapshots.glob("snapshot-*.json"), key=lambda path: path.name)
    path.write_bytes(oldest.read_bytes())
    _look(scene)
    path.unlink()


def replaced_directory(scene: Scene) -> None:
    """The directory is renamed away and another one takes its place."""
    aside = scene.home.snapshots.with_name("snapshots-aside")
    scene.home.snapshots.rename(aside)
    time.sleep(scene.random.uniform(0, 0.3))
    shutil.copytree(aside, scene.home.snapshots)
    shutil.rmtree(aside)


def frozen(scene: Scene) -> None:
    """The kiosk is stopped for a moment (SIGSTOP)."""
    scene.kiosk.signal(signal.SIGSTOP)
    time.sleep(scene.random.uniform(0.1, 1.0))
    scene.kiosk.signal(signal.SIGCONT)


def full_disk(scene: Scene) -> None:
    """For a moment no file of the kiosk may grow: what a full disk does to the ledger."""
    pid = scene.kiosk.pid
    if not pid:
        return
    try:
        before = resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
    except OSError:  # it ended meanwhile
        return
    time.sleep(scene.random.uniform(0.2, 1.5))
    try:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, before)
    except OSError:
        return


FAULTS: dict[str, Callable[[Scene], None]] = {
    "power cut": power_cut,
    "garbage": garbage,
    "torn copy": torn_copy,
    "old file": old_file,
    "replaced directory": replaced_directory,
    "frozen": frozen,
    "full disk": full_disk,
}
"""By name. That an admin is killed is the workload's own fault: see `tests.torture.soak.__main__`."""

BAD_FILES = ("garbage", "torn copy", "old file")
"""Those that leave a file that must be refused."""


def _bad_file(scene: Scene) -> Path:
    return scene.home.snapshots / f"snapshot-{_NUMBER_OF_BAD_FILES + scene.random.randrange(1000):06d}.json"


def _newest(home: Home) -> Path:
    return max(home.snapshots.glob("snapshot-*.json"), key=os.path.getmtime)


def _look(scene: Scene) -> None:
    """Leave a bad file long enough to be refused, or not quite: until it has stood still it may be growing."""
    time.sleep(scene.random.uniform(0, 2 * SETTLE_NS / NS_PER_S))
