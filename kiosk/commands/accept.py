"""`wheel-kiosk accept`: the acceptance run for real hardware; it writes one report that can be sent to the maintainers.

Invariant: it records no draw. It spins sample names in a home of its own, measures what can be measured, and asks a
person, yes or no, where only eyes and ears can tell. A question that is left open is reported as open.
"""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal

import msgspec

from kiosk.commands.doctor.finding import Finding
from kiosk.core.durable import PUBLIC, write_atomic
from kiosk.core.home import Home
from kiosk.supervise.health.machine import MachineHealth
from kiosk.supervise.run_report import RunReport

Answer = Literal["yes", "no", "open"]
Ask = Callable[[str], str]
_ANSWERS: dict[str, Answer] = {"y": "yes", "yes": "yes", "n": "no", "no": "no", "": "open", "s": "open"}
FASTEST_P99_MS = 16.7
_SPIN_S = 16
_PATIENCE_S = 120
_MOST_ATTEMPTS = 3

QUESTIONS: tuple[tuple[str, str], ...] = (
    ("picture", "Did the wheel fill the whole display, without black edges, the right way up?"),
    ("smooth", "Did the wheel turn smoothly, without jerks or torn pictures?"),
    ("boot", "Start the machine three times: did the wheel come each time, with no login prompt before it?"),
    ("late display", "Switch the display on after the machine: did the wheel come?"),
    ("sound", "Did you hear ticks that slow down, and the fanfare with the name?"),
    ("button", "Press the button 20 times with pauses: did the wheel turn exactly once for each press in idle?"),
    ("LED", "Is the button's LED on exactly while a press would spin?"),
    ("night", "Leave it over night: is the wheel still on the display?"),
)


class PowerCut(msgspec.Struct, frozen=True):
    """A plug that was pulled during a spin: whether that spin was finished, and after how many seconds by stopwatch."""

    finished: Answer
    seconds: float | None


class Acceptance(msgspec.Struct, frozen=True, kw_only=True):
    """The report.

    Attributes:
        versions: of the programs; and
        machine: its model.
        display_modes: of each connector, the first that it offers.
        findings: of the doctor.
        before, after: the machine's state around the spins.
        run: figures of the spins; null if they could not be made.
        problem: why not; empty if they were.
        answers: of the person, by subject.
        power_cut: what the person measured.
    """

    versions: str
    machine: str
    display_modes: dict[str, str]
    findings: tuple[Finding, ...]
    before: MachineHealth
    after: MachineHealth
    run: RunReport | None
    problem: str
    answers: dict[str, Answer]
    power_cut: PowerCut

    @property
    def failed(self) -> tuple[str, ...]:
        """What did not hold."""
        found = [finding.about for finding in self.findings if finding.wrong]
        found += [subject for subject, answer in self.answers.items() if answer == "no"]
        found += ["power cut"] if self.power_cut.finished == "no" else []
        if self.run is None:
            return (*found, "spins")
        found += ["spin time"] if any(not spin.on_time for spin in self.run.spins) else []
        found += ["frame times"] if any(spin.frame_ms.p99 > FASTEST_P99_MS for spin in self.run.spins) else []
        found += ["throttling"] if self.after.throttled else []
        return tuple(found)

    @property
    def left_open(self) -> tuple[str, ...]:
        """What nobody has answered."""
        found = [subject for subject, answer in self.answers.items() if answer == "open"]
        return (*found, "power cut") if self.power_cut.finished == "open" else tuple(found)


class Bench(msgspec.Struct, frozen=True):
    """The machine under test, and the person beside it.

    Attributes:
        versions: of the programs.
        findings: runs the doctor.
        machine: reads temperature, power and disk.
        root: where /proc and /sys are.
        ask: shows a question and returns what was typed.
        say: shows a line.
    """

    versions: str
    findings: Callable[[], Sequence[Finding]]
    machine: Callable[[], MachineHealth]
    ask: Ask
    say: Callable[[str], None]
    root: Path = Path("/")


def accept(bench: Bench, *, spins: int, window: str) -> Acceptance:
    """Measure, ask, and return the report.

    Args:
        bench: the machine, and the person.
        spins: to make.
        window: size of the window, such as `800x480`; empty for full screen.
    """
    bench.say(f"Spinning {spins} times with sample names: {spins * _SPIN_S} seconds. Please watch and listen.")
    before = bench.machine()
    run, problem = spin_samples(spins, window=window)
    after = bench.machine()
    answers = {subject: _answered(bench.ask, question) for subject, question in QUESTIONS}
    return Acceptance(
        versions=bench.versions,
        machine=_model(bench.root),
        display_modes=_display_modes(bench.root),
        findings=tuple(bench.findings()),
        before=before,
        after=after,
        run=run,
        problem=problem,
        answers=answers,
        power_cut=_power_cut(bench.ask),
    )


def spin_samples(spins: int, *, window: str) -> tuple[RunReport | None, str]:
    """Spin sample names in a home of their own; returns the figures, or None and why not."""
    with tempfile.TemporaryDirectory(prefix="wheel-accept-") as directory:
        home, report = Home(Path(directory) / "home"), Path(directory) / "report.json"
        for path in (home.snapshots, home.trusted):
            path.mkdir(parents=True)
        command = [sys.executable, "-P", "-m", "kiosk", "run", "--home", str(home.root), "--report", str(report)]
        command += ["--spins", str(spins), *(["--window", window] if window else [])]
        process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)  # noqa: S603 - our own program
        try:
            _, said = process.communicate(timeout=spins * _SPIN_S + _PATIENCE_S)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.communicate()
            return None, f"the kiosk did not make {spins} spins in time"
        if process.returncode != 0:
            return None, f"the kiosk ended with {process.returncode}: {said.strip()[-300:]}"
        return msgspec.json.decode(report.read_bytes(), type=RunReport), ""


def save(report: Acceptance, path: Path) -> None:
    """Write the report as JSON.

    Raises:
        HomeError: it cannot be written.
    """
    write_atomic(path, msgspec.json.format(msgspec.json.encode(report)) + b"\n", mode=PUBLIC)


def as_text(report: Acceptance) -> str:
    """Return what to print at the end."""
    lines = [f"{report.machine}, {report.versions}"]
    for spin in report.run.spins if report.run else ():
        frames = f"{spin.frames_per_second:g} frames a second, p99 {spin.frame_ms.p99:.1f} ms"
        lines.append(f"spin {spin.spin}: {spin.duration_ms} ms, {frames}, {spin.dropped_frames} dropped")
    lines += [f"PROBLEM: {report.problem}"] if report.problem else []
    lines.append(f"failed: {', '.join(report.failed) or 'nothing'}")
    lines.append(f"open: {', '.join(report.left_open) or 'nothing'}")
    return "\n".join(lines) + "\n"


def _answered(ask: Ask, question: str) -> Answer:
    for _ in range(_MOST_ATTEMPTS):
        typed = ask(f"{question} [y/n, Enter leaves it open] ").strip().lower()
        if typed in _ANSWERS:
            return _ANSWERS[typed]
    return "open"


def _power_cut(ask: Ask) -> PowerCut:
    finished = _answered(ask, "Pull the plug while the wheel turns and plug it in again: was the same spin finished?")
    if finished == "open":
        return PowerCut(finished, None)
    typed = ask("How many seconds from plugging in to the turning wheel, by stopwatch? ").strip().replace(",", ".")
    try:
        return PowerCut(finished, round(float(typed), 1))
    except ValueError:
        return PowerCut(finished, None)


def _model(root: Path) -> str:
    try:
        return (root / "proc/device-tree/model").read_text().strip("\0\n ")
    except OSError:
        return f"{os.uname().machine}, {os.cpu_count()} cores" if hasattr(os, "uname") else sys.platform


def _display_modes(root: Path) -> dict[str, str]:
    found = {}
    for path in sorted((root / "sys/class/drm").glob("card*-*/modes")):
        try:
            modes = path.read_text().split()
        except OSError:
            continue
        if modes:
            found[path.parent.name] = modes[0]
    return found


def typed_line(question: str) -> str:
    """Return what a person types; the end of the input leaves everything open."""
    try:
        return input(question)
    except EOFError:
        return ""
