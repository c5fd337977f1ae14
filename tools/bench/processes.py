"""Measurements of whole processes: the real kiosk and the real `wheel-admin`, as they are started by people."""

import contextlib
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec

from bench.frames import FrameCosts
from bench.presses import PressCosts
from demo.workbook import write_workbook
from kiosk.supervise.run_report import RunReport
from tests.torture.soak.metrics import process_figures

SIZE = "1920x1080"
_SAMPLE_S = 0.1
_PERIOD_S = 0.1
"""Period of the throttle: a process that has used its share of CPU time is stopped until the next one."""
_LOOK_S = 0.002


@dataclass(frozen=True, slots=True)
class Published:
    """A home with 3000 participants published, and how long whole processes took, in seconds."""

    home: Path
    import_s: float
    publish_s: float


def environment(driver: str = "dummy") -> dict[str, str]:
    """Return the environment of a measured process, on one of SDL's video drivers.

    Python keeps compiled files there, as it does once installed: without them each start compiles everything again.
    """
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "SDL_VIDEODRIVER": driver, "SDL_AUDIODRIVER": "dummy", "PYGAME_HIDE_SUPPORT_PROMPT": "1"}


def admin(home: Path, *arguments: str) -> float:
    """Run `wheel-admin`; returns how long the whole process took, in seconds."""
    started = time.perf_counter()
    subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-m", "wheel_admin", *arguments, "--home", str(home)],
        check=True,
        env=environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    return time.perf_counter() - started


def publish_three_thousand(directory: Path, runs: int) -> Published:
    """Import and publish a workbook of 3000 people, `runs` times; returns the last home and the median times."""
    workbook = directory / "people.xlsx"
    write_workbook(workbook)
    imports, publishes = [], []
    home = directory / "home"
    for run in range(runs):
        home = directory / f"home-{run}"
        admin(home, "init", "--no-passphrase")
        imports.append(admin(home, "import", str(workbook)))
        publishes.append(admin(home, "publish", "--yes"))
    return Published(home, statistics.median(imports), statistics.median(publishes))


def frames(*arguments: str) -> FrameCosts:
    """Run the frame measurement in a process of its own."""
    done = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-m", "bench.frames", *arguments],
        check=True,
        capture_output=True,
        env={**os.environ, "PYGAME_HIDE_SUPPORT_PROMPT": "1"},
    )
    return msgspec.json.decode(done.stdout, type=FrameCosts)


def presses() -> PressCosts:
    """Run the measurement of presses for many places in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.presses"],
        check=True,
        capture_output=True,
        env={**os.environ, "PYGAME_HIDE_SUPPORT_PROMPT": "1"},
    )
    return msgspec.json.decode(done.stdout, type=PressCosts)


def kiosk(
    home: Path, *arguments: str, driver: str = "dummy", share: float = 1.0, size: str = SIZE, **variables: str
) -> RunReport | None:
    """Run a kiosk to its end and return its report; None if it could not be started (no such back end here).

    Args:
        home: with a published list.
        arguments: further ones of `wheel-kiosk run`.
        driver: SDL's video driver.
        share: of one core that the process may have.
        size: of the window.
        **variables: of its environment, besides.
    """
    with tempfile.TemporaryDirectory() as directory:
        report = Path(directory) / "report.json"
        process = _start(home, "--window", size, "--report", str(report), *arguments, driver=driver, **variables)
        with _held_to(process, share):
            code = process.wait()
        return msgspec.json.decode(report.read_bytes(), type=RunReport) if code == 0 else None


def largest_pss_mb(home: Path) -> float:
    """Run a kiosk for one spin; returns its largest proportional set size in MB, from the first sample to the last.

    Not in a run whose frames are measured: a sample keeps the process from mapping memory for a millisecond or two.
    """
    process = _start(home, "--window", SIZE, "--backend", "software", "--spins", "1", "--silent", driver="dummy")
    largest = 0.0
    while process.poll() is None:
        largest = max(largest, process_figures(process.pid).pss_mb or 0.0)
        time.sleep(_SAMPLE_S)
    return largest


@contextlib.contextmanager
def idle_kiosk(home: Path, report: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """Yield a kiosk that shows its list and waits; it is asked to leave at the end, and writes `report`."""
    status = home / "kiosk" / "status.json"
    status.unlink(missing_ok=True)
    process = _start(home, "--window", SIZE, "--backend", "software", "--report", str(report), driver="dummy")
    try:
        while not status.exists() and process.poll() is None:
            time.sleep(0.02)
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def cpu_s(process: "subprocess.Popen[bytes]") -> float:
    """Return the CPU time that a running process has used, all threads, in seconds."""
    fields = Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def growth_mb(home: Path, spins: int) -> tuple[float, int]:
    """Run `spins` spins on the simulated clock; returns by how many MB the process grew between its parts.

    That is the median of the samples in 75..95 % of the spins less that in 10..30 %. The
    second value is how many spins were made: the measurement audits itself.
    """
    with tempfile.TemporaryDirectory() as directory:
        report = Path(directory) / "report.json"
        arguments = ["--backend", "software", "--clock", "simulated", "--fps", "2", "--spins", str(spins)]
        process = _start(home, "--window", "800x480", "--report", str(report), *arguments, driver="dummy")
        ledger = home / "kiosk" / "ledger.jsonl"
        before = _spins(ledger)
        samples: list[tuple[float, float]] = []
        while process.poll() is None:
            time.sleep(0.2)
            pss_mb = process_figures(process.pid).pss_mb
            if pss_mb is not None:
                samples.append(((_spins(ledger) - before) / spins, pss_mb))
        early = statistics.median(mb for part, mb in samples if 0.1 <= part <= 0.3)
        late = statistics.median(mb for part, mb in samples if 0.75 <= part <= 0.95)
        return late - early, len(msgspec.json.decode(report.read_bytes(), type=RunReport).spins)


def _spins(ledger: Path) -> int:
    return ledger.read_bytes().count(b'"type":"shown"') if ledger.exists() else 0


def _start(home: Path, *arguments: str, driver: str, **variables: str) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "kiosk", "run", "--home", str(home), *arguments]
    return subprocess.Popen(command, env={**environment(driver), **variables}, stderr=subprocess.DEVNULL)  # noqa: S603


@contextlib.contextmanager
def _held_to(process: "subprocess.Popen[bytes]", share: float) -> Iterator[None]:
    """Let a process have `share` of a core's time only, by stopping and continuing it.

    A cgroup's CPU quota does the same, and needs rights that a test machine rarely gives. All threads share the budget
    here, as they would there; time that the process sleeps costs nothing.
    """
    done = threading.Event()

    def throttle() -> None:
        while not done.is_set() and process.poll() is None:
            started, before, stopped = time.perf_counter(), _cpu_ns(process.pid), False
            while time.perf_counter() - started < _PERIOD_S and not done.is_set():
                if not stopped and _cpu_ns(process.pid) - before > share * _PERIOD_S * 1e9:
                    process.send_signal(signal.SIGSTOP)
                    stopped = True
                time.sleep(_LOOK_S)
            if stopped:
                process.send_signal(signal.SIGCONT)

    thread = threading.Thread(target=throttle, daemon=True)
    if share < 1:
        thread.start()
    try:
        yield
    finally:
        done.set()
        if share < 1:
            thread.join()


def _cpu_ns(pid: int) -> int:
    """Return the CPU time of all threads of a process, in ns."""
    used = 0
    for path in Path(f"/proc/{pid}/task").glob("*/schedstat"):
        with contextlib.suppress(OSError):  # the thread has ended
            used += int(path.read_text().split()[0])
    return used
