"""The loop of kills: what is killed, when, and what must hold afterwards."""

import json
import os
import random
import shutil
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")  # before pygame is imported, below

import msgspec

import kiosk.commands.run  # noqa: F401 - the processes forked from this one need not import it
from kiosk import __main__ as kiosk_command
from kiosk.core.errors import WheelError
from kiosk.core.home import Home
from kiosk.core.key_files import load_trusted_keys
from kiosk.intake import snapshot_files as store
from kiosk.supervise.run_report import RunReport
from tests.torture.kills.child import Child
from verify import verify_draw
from wheel_admin.cli import app as admin_command
from wheel_admin.commands.draft import import_files  # noqa: F401
from wheel_admin.commands.publish import publish, published_lists  # noqa: F401
from wheel_admin.draft import load_draft

KILLS_PER_HOME = 100
"""Then a new home: every look reads the whole ledger."""
_ENTRIES = 100
_CLOSE_POLL_S = 0.0005
_FOR_EVER = 1_000_000_000
_TEMPORARY = ".*.tmp"
_HALF = 0.5
_OVERDUE = 3
"""Times the typical time: a sign that has not been seen by then was too short to be seen."""
_SOON_S = 0.004
"""A write with its syncs takes about as long."""
_MID_SPIN_S = 0.3
"""A simulated spin takes less."""
_SPINS_TO_MEET_ONE = 10
"""Of this many kills of a spinning kiosk, one must have interrupted a spin."""


@dataclass(slots=True)
class Figures:
    """The result of a run.

    Attributes:
        kills: how many met a living process, by job.
        left: what the kills left behind, by kind.
        problems: requirements that did not hold.
    """

    kills: Counter[str] = field(default_factory=Counter)
    left: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Known:
    """What had been confirmed before the kill.

    Attributes:
        ledger: the whole records.
        tickets: of the draft.
        generation: published last.
    """

    ledger: bytes
    tickets: tuple[str, ...]
    generation: int

    @classmethod
    def of(cls, home: Home) -> "_Known":
        data = home.ledger.read_bytes()
        newest = next(store.candidates(home.snapshots))
        return cls(
            ledger=data[: data.rfind(b"\n") + 1],
            tickets=tuple(entry.ticket for entry in load_draft(home).entries),
            generation=store.generation_of(newest) or 0,
        )


class KillLoop:
    """Kills, checks and restarts, on one home after the other below `directory`.

    Args:
        directory: an empty one.
        seed: chooses jobs and moments; how far a process has come by then is the machine's.
        say: called with a line for each kill.
    """

    def __init__(self, directory: Path, *, seed: int, say: Callable[[str], None]) -> None:
        self._directory = directory
        self._random = random.Random(seed)  # noqa: S311 - moments, not draws
        self._say = say
        self._typical_s: dict[str, float] = {}
        self._homes = 0
        self._imports = 0
        self._tickets: tuple[str, ...] = ()
        self.home = Home(directory)
        self.figures = Figures()

    def run(self, kills: int) -> Figures:
        """Kill `kills` times, or until a requirement does not hold; returns the result."""
        jobs = (self._import, self._publish, self._adopt, self._spin)
        done = 0
        while done < kills:
            if done % KILLS_PER_HOME == 0:
                self._new_home()
            job = jobs[done % len(jobs)]
            name = job.__name__.strip("_")
            known = _Known.of(self.home)
            child = job()
            if not child.kill():
                continue  # it was done before the kill came
            done += 1
            self.figures.kills[name] += 1
            left = ""
            try:
                left = self._look(name, known)
            except (WheelError, OSError, ValueError) as error:
                self._problem(f"after a kill of {name}: {type(error).__name__}: {error}")
            if self.figures.problems:
                break
            self._say(f"kill {done}: {name}{f', left {left}' if left else ''}")
        spins = self.figures.kills["spin"]
        if spins >= _SPINS_TO_MEET_ONE and not self.figures.left["a spin to finish"]:
            self._problem("no kill interrupted a spin: nothing was tried")
        return self.figures

    # ---- the jobs: each returns a process to kill now ----------------------------------------------------------------

    def _import(self) -> Child:
        self._admin("event", "new")  # those who won are not on the new list, so it is not a correction
        child = self._start_admin("import", str(self._rows()), "--replace")
        self._await_moment(child, self._typical_s["import"], lambda: _temporary(self.home.admin))
        return child

    def _publish(self) -> Child:
        child = self._start_admin("publish", "--yes", "--force")
        self._await_moment(child, self._typical_s["publish"], lambda: _temporary(self.home.snapshots))
        return child

    def _adopt(self) -> Child:
        """A kiosk that starts on a new list, or one that runs and gets one."""
        if self._random.random() < _HALF:
            self._admin("publish", "--yes", "--force")
            child = self._kiosk("--spins", "1")
            self._await_moment(child, self._typical_s["start"], lambda: _temporary(self.home.adopted))
        else:
            child = self._spinning()
            self._admin("publish", "--yes", "--force")
            self._await_moment(child, _MID_SPIN_S, lambda: _temporary(self.home.adopted))
        return child

    def _spin(self) -> Child:
        child = self._spinning()
        size = self.home.ledger.stat().st_size
        self._await_moment(child, _MID_SPIN_S, lambda: self.home.ledger.stat().st_size > size)
        return child

    def _await_moment(self, child: Child, typical_s: float, sign: Callable[[], bool]) -> None:
        """Wait for the moment of the kill: any within the typical time or, every other time, soon after the sign.

        The writes themselves take so short a time that a moment at random would hardly ever meet one.
        """
        if self._random.random() < _HALF:
            child.wait_until(lambda: False, self._random.uniform(0, typical_s))
        else:
            child.wait_until(sign, _OVERDUE * typical_s, poll_s=_CLOSE_POLL_S)
            time.sleep(self._random.uniform(0, _SOON_S))

    def _spinning(self) -> Child:
        """Return a kiosk that has just made a spin and goes on."""
        shown = _shown(self.home)
        child = self._kiosk("--spins", str(_FOR_EVER))
        if not child.wait_until(lambda: _shown(self.home) > shown):
            raise TimeoutError("a kiosk does not spin")
        return child

    # ---- what a kill left --------------------------------------------------------------------------------------------

    def _look(self, name: str, known: _Known) -> str:
        """Check the home, start everything again and check again; returns what the kill had left."""
        left = ["a temporary file"] if any(self.home.root.rglob(_TEMPORARY)) else []
        for problem in self._admin_problems(name, known):
            self._problem(f"after a kill of {name}: {problem}")
        left += self._start_kiosk_again(name, known)
        self.figures.left.update(left)
        return ", ".join(left)

    def _admin_problems(self, name: str, known: _Known) -> Iterator[str]:
        draft = load_draft(self.home)
        tickets = tuple(entry.ticket for entry in draft.entries)
        if tickets != known.tickets and not (name == "import" and tickets == self._tickets):
            yield "the draft is neither the old one nor the new one"
        keys = load_trusted_keys(self.home.trusted)
        published = [store.read(path, keys=keys).generation for path in store.candidates(self.home.snapshots)]
        if not known.generation <= max(published):
            yield f"generation {known.generation} was published, {max(published)} is there"
        if len(published) != max(published):
            yield f"{len(published)} of {max(published)} published lists are there"
        if name == "import" and self._admin("import", str(self._rows(again=True)), "--replace") != 0:
            yield "the draft cannot be imported again"
        if name == "publish" and self._admin("publish", "--yes", "--force") != 0:
            yield "the draft cannot be published again"

    def _start_kiosk_again(self, name: str, known: _Known) -> list[str]:
        ledger = self.home.ledger.read_bytes()
        whole = ledger[: ledger.rfind(b"\n") + 1]
        left = ["a torn record"] if whole != ledger else []
        if not whole.startswith(known.ledger):
            self._problem(f"after a kill of {name}: the ledger lost a record")
        records = [json.loads(line) for line in whole.splitlines()]
        spins = [record for record in records if record["type"] in {"open", "result", "shown"}]
        unfinished = spins[-1] if spins and spins[-1]["type"] != "shown" else None
        if unfinished is not None:
            left.append("a spin to finish")
        if name in {"import", "publish"}:
            return left  # the kiosk did not run; the next kill of one starts it
        report = self.home.root / "report.json"
        code = self._kiosk("--spins", "1", "--report", str(report)).wait()
        for problem in self._kiosk_problems(code, whole, unfinished, report):
            self._problem(f"after a kill of {name}: {problem}")
        return left

    def _kiosk_problems(
        self, code: int, whole: bytes, unfinished: dict[str, Any] | None, report: Path
    ) -> Iterator[str]:
        if code != 0:
            yield f"the kiosk left with {code}"
            return
        ledger = self.home.ledger.read_bytes()
        if not ledger.startswith(whole):
            yield "the ledger was changed"
        spins = msgspec.json.decode(report.read_bytes(), type=RunReport).spins
        if unfinished is not None:
            first = spins[0]
            if not first.resumed or first.spin != unfinished["spin"]:
                yield f"spin {unfinished['spin']} was not finished"
            winners = unfinished.get("winners", [first.ticket])
            if [first.ticket] != winners:
                yield f"spin {unfinished['spin']} was won by {winners}, and then by {first.ticket}"
        if any(spin.ticket != spin.under_pointer for spin in spins):
            yield "the pointer stood elsewhere"
        records = [json.loads(line) for line in ledger.splitlines()]
        if any(record["type"] == "note" for record in records):
            yield "the ledger says that something was lost"
        if any(self.home.kiosk.rglob(_TEMPORARY)):
            yield "the kiosk left a temporary file where it was"
        with open(os.devnull, "w") as nowhere:  # noqa: PTH123 - a sink
            before, sys.stdout = sys.stdout, nowhere
            try:
                if verify_draw.main([str(self.home.root), "--require", "consistent"]) != 0:
                    yield "the ledger does not verify"
            finally:
                sys.stdout = before

    def _problem(self, text: str) -> None:
        self.figures.problems.append(f"{self.home.root}: {text}")

    # ---- the processes -----------------------------------------------------------------------------------------------

    def _new_home(self) -> None:
        if self._homes and not self.figures.problems:
            shutil.rmtree(self.home.root)
        self._homes += 1
        self.home = Home(self._directory / f"home-{self._homes}")
        for arguments in (
            ["init", "--no-passphrase"],
            ["import", str(self._rows())],
            ["winners", "keep"],
            ["publish", "--yes"],
        ):
            child = self._start_admin(*arguments)
            if child.wait() != 0:
                raise RuntimeError(f"wheel-admin {arguments[0]} left with {child.code}: see {self._log}")
            self._typical_s[arguments[0]] = child.seconds
        child = self._kiosk("--spins", "1")
        child.wait()
        self._typical_s["start"] = child.seconds

    def _rows(self, *, again: bool = False) -> Path:
        """Write a list of participants, a new one each time."""
        self._imports += not again
        self._tickets = tuple(f"E{self._imports:04d}-{row:04d}" for row in range(_ENTRIES))
        path = self._directory / "people.csv"
        path.write_text("Ticket,Name\n" + "".join(f"{ticket},Person {ticket}\n" for ticket in self._tickets))
        return path

    @property
    def _log(self) -> Path:
        return self._directory / "log.txt"

    def _admin(self, *arguments: str) -> int:
        return self._start_admin(*arguments).wait()

    def _start_admin(self, *arguments: str) -> Child:
        return Child(lambda: admin_command.run([*arguments, "--home", str(self.home.root)]), self._log)

    def _kiosk(self, *arguments: str) -> Child:
        command = ["run", "--home", str(self.home.root), "--window", "800x480", "--backend", "software", "--silent"]
        return Child(
            lambda: kiosk_command.main([*command, "--clock", "simulated", "--fps", "1", *arguments]), self._log
        )


def _temporary(directory: Path) -> bool:
    return any(directory.glob(_TEMPORARY))


def _shown(home: Home) -> int:
    return home.ledger.read_bytes().count(b'"type":"shown"') if home.ledger.exists() else 0
