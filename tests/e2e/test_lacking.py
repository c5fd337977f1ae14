"""A machine that lacks something: the kiosk reaches its idle screen, waits, or names in one line what is missing."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.core.home import Home
from tests.e2e.processes import (
    PATIENCE_S,
    ROOT,
    environment,
    kiosk_command,
    people,
    published_home,
    records,
    simulate,
    status,
    verify,
    wait_for,
    window_tools,
)
from tests.kiosk.scripted import small_home

pytestmark = pytest.mark.slow

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="namespaces and mounts are Linux's")


@contextlib.contextmanager
def started(home: Home, command: list[str], *, cwd: Path | str = ROOT, **changes: str) -> Iterator["Kiosk"]:
    """Yield a kiosk process, with its log in a file beside the home."""
    log = home.root.parent / f"{home.root.name}.log"
    with log.open("w") as out:
        process = subprocess.Popen(
            command,
            cwd=cwd,
            env=environment(PYTHONPATH=str(ROOT), **changes),
            stdout=out,
            stderr=subprocess.STDOUT,
            text=True,
        )
        try:
            yield Kiosk(process, log)
        finally:
            if process.poll() is None:
                process.kill()
            process.wait()


class Kiosk:
    """A process and its log."""

    def __init__(self, process: "subprocess.Popen[str]", log: Path) -> None:
        self.process = process
        self._log = log

    @property
    def log(self) -> str:
        return self._log.read_text()

    def says(self, text: str) -> None:
        wait_for(lambda: text in self.log or self.process.poll() is not None, text)
        assert text in self.log, self.log

    def is_idle(self, home: Home) -> None:
        self.shows(home, "idle")

    def shows(self, home: Home, state: str) -> None:
        wait_for(
            lambda: (home.status.exists() and status(home).state == state) or self.process.poll() is not None,
            f"the state {state}",
        )
        assert self.process.poll() is None, self.log

    def ends(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        code = self.process.wait(PATIENCE_S)
        assert "Traceback" not in self.log
        return code


def full_screen(home: Home, *arguments: str) -> list[str]:
    return [*kiosk_command(home), "--backend", "software", *arguments]


def unused_display() -> int:
    return next(number for number in range(200 + os.getpid() % 500, 900) if not Path(f"/tmp/.X{number}-lock").exists())  # noqa: S108


# ---- no display ----------------------------------------------------------------------------------------------------


def test_without_a_display_a_full_screen_kiosk_waits_and_sigterm_ends_it(tmp_path: Path) -> None:
    """It left with an error at once, and its supervisor started it again, and again."""
    home = Home(tmp_path / "home")
    with started(home, full_screen(home), SDL_VIDEODRIVER="x11", DISPLAY=":9999") as kiosk:
        kiosk.says("Waiting for it; looking every 3 s")

        assert kiosk.ends() == 0

        assert kiosk.log.count("There is no display") == 1
        assert "asked to stop by SIGTERM" in kiosk.log


@pytest.mark.window
def test_a_display_that_comes_later_is_used_and_one_that_goes_ends_the_process(tmp_path: Path) -> None:
    if not window_tools():
        pytest.skip("needs Xvfb and xdotool: apt-get install xvfb xdotool")
    home = Home(tmp_path / "home")
    name = f":{unused_display()}"
    with started(home, full_screen(home), SDL_VIDEODRIVER="x11", DISPLAY=name) as kiosk:
        kiosk.says("Waiting for it")
        kiosk.shows(home, "waiting")
        server = subprocess.Popen(
            ["Xvfb", name, "-screen", "0", "1024x600x24", "-nolisten", "tcp"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            kiosk.is_idle(home)
            assert kiosk.log.count("There is no display") == 1
        finally:
            server.kill()
            server.wait()
        assert kiosk.process.wait(PATIENCE_S) == 9
        assert "the connection to the X server is lost" in kiosk.log
        assert "Traceback" not in kiosk.log


# ---- nothing but a screen ------------------------------------------------------------------------------------------


def in_namespaces(*wanted: str) -> list[str]:
    """Return a prefix that runs a command without network and fonts, or skip."""
    if shutil.which("unshare") is None or subprocess.run(["unshare", *wanted, "true"], check=False).returncode != 0:
        pytest.skip("needs the permission to make namespaces")
    return ["unshare", *wanted]


@linux
def test_without_fonts_network_and_sound_it_shows_its_idle_screen_and_spins(tmp_path: Path) -> None:
    home = published_home(tmp_path, people(30))
    prefix = in_namespaces("--user", "--map-root-user", "--mount", "--net")
    hide = 'for d in /usr/share/fonts /usr/local/share/fonts; do [ -d $d ] && mount -t tmpfs none $d; done; exec "$@"'
    arguments = ["--window", "800x480", "--clock", "simulated", "--fps", "5", "--spins", "1"]
    command = [*prefix, "sh", "-c", hide, "sh", *kiosk_command(home, *arguments)]
    with started(home, command, SDL_AUDIODRIVER="alsa", HOME=str(tmp_path)) as kiosk:
        assert kiosk.process.wait(PATIENCE_S) == 0, kiosk.log
        assert "Traceback" not in kiosk.log
    assert len(records(home, "shown")) == 1
    assert verify(home).returncode == 0


@pytest.mark.parametrize("where", ["read-only", "deleted"])
@linux
def test_the_working_directory_may_be_read_only_or_gone(tmp_path: Path, where: str) -> None:
    home = Home(tmp_path / "home")
    command = kiosk_command(home, "--window", "800x480")
    if where == "deleted":
        (tmp_path / "here").mkdir()
        command = ["sh", "-c", 'cd "$0" && rmdir "$0" && exec "$@"', str(tmp_path / "here"), *command]
    with started(home, command, cwd="/proc" if where == "read-only" else ROOT) as kiosk:
        kiosk.is_idle(home)
        assert kiosk.ends() == 0


# ---- disks ---------------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def small_disk(directory: Path, size: str) -> Iterator[Path]:
    """Yield a mounted file system of that size, or skip."""
    directory.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "none", str(directory)], capture_output=True, check=False
    )
    if done.returncode != 0:
        pytest.skip(f"needs the permission to mount: {done.stderr.decode().strip()}")
    try:
        yield directory
    finally:
        subprocess.run(["umount", "-l", str(directory)], check=True)


@linux
def test_a_real_disk_that_is_full_stops_no_kiosk_and_it_goes_on_when_there_is_room(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", "4m") as disk:
        home = published_home(disk, people(30))
        command = kiosk_command(home, "--window", "800x480", "--fps", "10")
        with started(home, command) as kiosk:
            kiosk.is_idle(home)
            kiosk.ends()
        ballast = disk / "ballast"
        with ballast.open("wb", buffering=0) as filling, contextlib.suppress(OSError):
            while True:
                filling.write(b"x" * 4096)
        log_home = Home(tmp_path / "elsewhere")  # the log must not lie on the full disk
        with started(log_home, [*command, "--spins", "1"]) as kiosk:
            kiosk.says("kiosk.supervise.disk: ")
            assert "No space left on device" in kiosk.log
            assert not records(home, "result")
            ballast.unlink()
            assert kiosk.process.wait(PATIENCE_S) == 0, kiosk.log
            assert "the disk accepts records again" in kiosk.log
            assert "Traceback" not in kiosk.log
        assert [record["spin"] for record in records(home, "shown")] == [1]
        assert verify(home).returncode == 0


@linux
def test_a_start_on_a_read_only_disk_shows_the_list_with_a_notice(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", "4m") as disk:
        home = small_home(disk / "home", people=3)
        simulate(home, 1)
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        before, report, beat = home.ledger.read_bytes(), tmp_path / "report.json", tmp_path / "heartbeat"
        arguments = ["--window", "800x480", "--report", str(report), "--heartbeat", str(beat)]
        with started(Home(tmp_path / "elsewhere"), kiosk_command(home, *arguments)) as kiosk:
            wait_for(beat.exists, "a presented frame")
            assert kiosk.process.poll() is None
            assert "mount it writable" in kiosk.log
            subprocess.run(["mount", "-o", "remount,rw", str(disk)], check=True)
            kiosk.says("restart the kiosk")
            assert kiosk.ends() == 0
        shown = json.loads(report.read_bytes())
        assert (shown["generation"], shown["entries"], shown["spins"]) == (1, 3, [])
        assert home.ledger.read_bytes() == before


@linux
def test_a_read_only_disk_without_a_list_shows_the_sample_list_with_a_notice(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", "4m") as disk:
        home = small_home(disk / "home", people=3)
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        with started(Home(tmp_path / "elsewhere"), kiosk_command(home, "--window", "800x480")) as kiosk:
            kiosk.says("mount it writable")
            assert kiosk.ends() == 0
            assert "Traceback" not in kiosk.log
