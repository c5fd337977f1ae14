"""Real processes for the end-to-end tests: `wheel-admin`, `wheel-kiosk`, the verifier, an X server."""

import contextlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
from openpyxl import Workbook

from kiosk.core.home import Home
from kiosk.supervise.run_report import RunReport
from kiosk.supervise.status_file import Status

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 600.0
"""How long to wait for something that takes a second on an idle machine: only a test that fails waits so long."""


def environment(**changes: str) -> dict[str, str]:
    """Return the environment of a machine without display, with `changes`."""
    kept = {name: value for name, value in os.environ.items() if name not in {"DISPLAY", "WAYLAND_DISPLAY"}}
    return {**kept, "SDL_VIDEODRIVER": "dummy", "SDL_AUDIODRIVER": "dummy", **changes}


def admin(home: Path, *arguments: str, code: int = 0) -> str:
    """Run `wheel-admin`; returns its standard output."""
    done = subprocess.run(
        [sys.executable, "-m", "wheel_admin", *arguments, "--home", str(home)],
        cwd=ROOT,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code, f"{arguments}: {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def workbook(path: Path, rows: list[tuple[str, str, int]]) -> Path:
    """Write a real .xlsx file with the columns Ticket, Name, Chances."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(("Ticket", "Name", "Chances"))
    for row in rows:
        sheet.append(row)
    book.save(path)
    return path


def people(count: int, *, word: str = "Person") -> list[tuple[str, str, int]]:
    """Return rows E0001.. with weights 2, 3, 1, 2, 3, 1, ... as in the vectors of docs/protocol.md."""
    return [(f"E{number:04d}", f"{word} {number}", 1 + number % 3) for number in range(1, count + 1)]


def published_home(directory: Path, rows: list[tuple[str, str, int]], *commands: list[str]) -> Home:
    """Make a home with `rows` imported, the further admin `commands` run, and the list published."""
    home = directory / "home"
    admin(home, "init", "--no-passphrase")
    admin(home, "import", str(workbook(directory / "people.xlsx", rows)))
    for command in commands:
        admin(home, *command)
    admin(home, "publish", "--yes")
    return Home(home)


def kiosk_command(home: Home, *arguments: str) -> list[str]:
    """Return the command line of a kiosk on `home`."""
    return [sys.executable, "-m", "kiosk", "run", "--home", str(home.root), *arguments]


def run_kiosk(home: Home, *arguments: str, **changes: str) -> RunReport:
    """Run a kiosk to its end in a small window; returns its report."""
    report = home.root / "report.json"
    command = kiosk_command(home, "--window", "800x480", "--report", str(report), *arguments)
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=environment(**changes),
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_S,
    )
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr, done.stderr
    return msgspec.json.decode(report.read_bytes(), type=RunReport)


def simulate(home: Home, spins: int, *arguments: str) -> RunReport:
    """Spin without waiting, at few frames a second: same ticks, same result."""
    return run_kiosk(home, "--clock", "simulated", "--fps", "4", "--spins", str(spins), *arguments)


@contextlib.contextmanager
def running_kiosk(home: Home, *arguments: str, **changes: str) -> Iterator["subprocess.Popen[str]"]:
    """Yield a kiosk process that shows its first list; it is asked to stop in the end, so its last head is signed."""
    home.status.unlink(missing_ok=True)
    home.root.mkdir(exist_ok=True)
    log = (home.root / "kiosk.log").open("a")
    process = subprocess.Popen(
        kiosk_command(home, "--window", "800x480", *arguments),
        cwd=ROOT,
        env=environment(**changes),
        stdout=log,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        wait_for(lambda: home.status.exists() or process.poll() is not None, "the first status")
        yield process
    finally:
        process.terminate()
        try:
            process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        log.close()


def wait_for(condition: Callable[[], bool], what: str) -> None:
    """Wait until another process has done something; fails after `PATIENCE_S`."""
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, f"waited {PATIENCE_S:g} s in vain for {what}"
        time.sleep(0.02)


def status(home: Home) -> Status:
    """Return what the kiosk says it shows."""
    return msgspec.json.decode(home.status.read_bytes(), type=Status)


def records(home: Home, kind: str = "") -> list[dict[str, Any]]:
    """Return the ledger's records, or those of one type."""
    if not home.ledger.exists():
        return []
    lines = home.ledger.read_bytes().split(b"\n")[:-1]
    return (
        [record for line in lines if not kind or (record := json.loads(line))["type"] == kind]
        if kind
        else [json.loads(line) for line in lines]
    )


def verify(home: Home) -> "subprocess.CompletedProcess[str]":
    """Run the stand-alone verifier with the key ids that the home has recorded."""
    return subprocess.run(
        [sys.executable, "-m", "wheel_admin", "verify", "--home", str(home.root)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_S,
    )


def window_tools() -> bool:
    """Say whether a real window can be tested here."""
    return all(shutil.which(name) for name in ("Xvfb", "xdotool"))
