"""The soak's faults: each does what its name says, and leaves the home as it found it."""

import random
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.core.home import Home
from tests.support import publish, snapshot
from tests.torture.soak.faults import BAD_FILES, FAULTS, Scene
from tests.torture.soak.kiosk import Kiosk
from tests.torture.soak.metrics import RotatedFile

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="signals and limits of Linux")


class Sleeper(Kiosk):
    """A process that only waits, in the kiosk's place; notes what it is told."""

    started = 0

    def start(self) -> None:
        self.started += 1
        self.process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    home = Home(tmp_path / "home")
    home.snapshots.mkdir(parents=True)
    for generation in (1, 2):
        publish(home.snapshots, snapshot(generation))
    log = RotatedFile(tmp_path / "kiosk.log", 1000)
    kiosk = Sleeper(home, clock="simulated", log=log, heartbeat=tmp_path / "heartbeat", debug=False)
    kiosk.start()
    yield Scene(home, kiosk, random.Random(1))  # noqa: S311 - faults, not draws
    kiosk.kill()


def content(directory: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in directory.iterdir()}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_leaves_the_lists_and_a_running_kiosk(scene: Scene, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "sleep", lambda seconds: None)
    before = content(scene.home.snapshots)

    FAULTS[name](scene)

    assert content(scene.home.snapshots) == before
    assert scene.kiosk.pid


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_bad_file_lies_above_all_lists_while_it_lasts(
    scene: Scene, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[set[str]] = []
    monkeypatch.setattr(time, "sleep", lambda seconds: seen.append(set(content(scene.home.snapshots))))

    FAULTS[name](scene)

    (during,) = seen
    lists = {name for name in during if name.startswith("snapshot-")}
    assert len(lists) == 3
    assert max(lists) >= "snapshot-900000.json"


def test_a_power_cut_is_another_process(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "sleep", lambda seconds: None)
    before = scene.kiosk.pid

    FAULTS["power cut"](scene)

    assert scene.kiosk.pid not in {0, before}


def test_a_full_disk_is_a_limit_on_the_size_of_files_and_is_lifted(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits: list[tuple[int, int]] = []
    pid = scene.kiosk.pid
    monkeypatch.setattr(time, "sleep", lambda seconds: limits.append(resource.prlimit(pid, resource.RLIMIT_FSIZE)))

    FAULTS["full disk"](scene)

    assert [soft for soft, _ in limits] == [0]
    assert resource.prlimit(pid, resource.RLIMIT_FSIZE)[0] != 0


def test_a_frozen_kiosk_gets_no_time(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[int] = []
    monkeypatch.setattr(time, "sleep", lambda seconds: None)
    monkeypatch.setattr(Sleeper, "signal", lambda self, number: told.append(number))

    FAULTS["frozen"](scene)
    monkeypatch.undo()

    assert told == [signal.SIGSTOP, signal.SIGCONT]


@pytest.mark.parametrize("name", ["full disk", "frozen"])
def test_a_fault_that_finds_no_kiosk_does_nothing(scene: Scene, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    scene.kiosk.kill()
    monkeypatch.setattr(time, "sleep", lambda seconds: None)

    FAULTS[name](scene)

    shutil.rmtree(scene.home.root)
