"""The soak itself: its iterations, and the audit at its end."""

import json
import logging
import math
import random
import shutil
import statistics
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import msgspec

from kiosk.core.clock import SystemClock, rfc3339
from kiosk.core.errors import WheelError
from kiosk.core.home import Home
from kiosk.supervise.status_file import Status
from tests.torture.soak.audit import unverified
from tests.torture.soak.faults import BAD_FILES, FAULTS, Scene
from tests.torture.soak.kiosk import Kiosk
from tests.torture.soak.metrics import Figures, RotatedFile, Sample, cpu_s, process_figures, size_mb
from tests.torture.soak.options import SoakOptions
from tests.torture.soak.remains import remains
from tests.torture.soak.summary import Summary, host_facts
from tests.torture.soak.trend import trend

logger = logging.getLogger("tests.torture.soak")

ADMIN_KILLED = "admin killed"
_FAULT_EVERY = 3
"""Iterations between two faults."""
_MODE_EVERY, _IMPORT_EVERY = 5, 25
"""Iterations between two changes of the mode, and between two imports of a new workbook."""
_POLL_S = 0.05
_SIZE_EVERY, _PRUNE_AT, _SHARE_OF_LOGS = 20, 0.8, 0.5
"""Iterations between two looks at the artifacts' size; shares of their limit: old lists are deleted, the logs' own."""
_WARM_SPINS = 30
"""Spins of each life before its figures count: caches fill."""
_BAD_FILES_MET = 10
"""Some are deleted before the kiosk reads them; of this many, it must have read one."""
_ROOT = Path(__file__).resolve().parents[3]
_REAL_NOISE = {"private_mb": 0.05, "handles": 0.01, "threads": 0.01}
"""Slopes per 1000 spins below these are noise: MB, handles, threads."""


class LedgerCount:
    """Counts the records of a growing ledger by type, reading each byte once."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offset = 0
        self.types: Counter[str] = Counter()
        self.generation = 0

    def update(self) -> None:
        """Read what was appended."""
        try:
            with self._path.open("rb") as file:
                file.seek(self._offset)
                data = file.read()
        except FileNotFoundError:
            return
        whole = data[: data.rfind(b"\n") + 1]  # a line that a kill has torn is moved aside by the next kiosk
        self._offset += len(whole)
        for line in whole.splitlines():
            record: dict[str, Any] = json.loads(line)
            self.types[record["type"]] += 1
            if record["type"] == "adopt":
                self.generation = record["generation"]


class Soak:
    """One soak.

    Args:
        options: how long, and with what.
        directory: for everything that the soak leaves.
    """

    def __init__(self, options: SoakOptions, directory: Path) -> None:
        self._options = options
        self._directory = directory
        self.home = Home(directory / "home")
        self._random = random.Random(options.seed)  # noqa: S311 - faults, not draws
        limit = int(options.max_artifact_mb * 1e6 * _SHARE_OF_LOGS / 2)
        log = RotatedFile(directory / "kiosk.log", limit)
        self._metrics = RotatedFile(directory / "metrics.jsonl", limit)
        self.kiosk = Kiosk(
            self.home, clock=options.clock, log=log, heartbeat=directory / "heartbeat", debug=options.debug
        )
        self._count = LedgerCount(self.home.ledger)
        self._samples: list[Sample] = []
        self._problems: list[str] = []
        self._faults: Counter[str] = Counter()
        self._published = 0
        self._started = time.monotonic()
        self._started_at = rfc3339(SystemClock().utc_now())
        self._last_success = ""
        self._cpu = (0, 0.0, 0.0)
        self._too_large = False
        self.interrupted = False

    def run(self) -> Summary:
        """Run to the end, audit the result, and write the summary."""
        try:
            self._prepare()
            self.kiosk.start()
            while not self._done():
                self._iterate(len(self._samples) + 1)
            self._audit()
        except (WheelError, subprocess.SubprocessError, OSError) as error:
            self._problems.append(f"the soak itself stopped: {error}")
        finally:
            self.kiosk.kill()
        summary = self._summarise()
        summary.save(self._directory)
        self._write_health("done" if summary.ok else "failed")
        return summary

    # ---- the work --------------------------------------------------------------------------------------------------

    def _prepare(self) -> None:
        self._admin("init", "--no-passphrase")
        self._import(0)
        self._admin("winners", "keep")
        self._set_mode(2)  # the event allows predetermined spins only if its first list does
        self._admin("publish", "--yes")
        self._published += 1

    def _done(self) -> bool:
        self._count.update()
        spins, lists, hours = self._options.spins, self._options.lists, self._options.hours
        enough = (spins is None or self._count.types["shown"] >= spins) and (lists is None or self._published >= lists)
        late = hours is None or time.monotonic() - self._started >= hours * 3600
        return self.interrupted or self._too_large or (enough and late)

    def _iterate(self, number: int) -> None:
        started = time.monotonic()
        self._count.update()
        before, fault, failed = self._count.types["shown"], "", ""
        try:
            generation, killed = self._publish(number)
            if killed:
                fault = ADMIN_KILLED
            elif self._options.faults and number % _FAULT_EVERY == 0:
                fault = list(FAULTS)[number // _FAULT_EVERY % len(FAULTS)]
                FAULTS[fault](Scene(self.home, self.kiosk, self._random))
            failed = self._wait(generation, before + self._options.spins_per_list)
        except (WheelError, subprocess.SubprocessError, OSError) as error:
            failed = str(error)
        if fault:
            self._faults[fault] += 1
        if failed:
            self._problems.append(f"iteration {number}{f' ({fault})' if fault else ''}: {failed}")
            logger.warning("iteration %d: %s", number, failed)
        if not self.kiosk.pid:
            self.kiosk.start()
        self._note(number, fault, failed, time.monotonic() - started)
        if number % _SIZE_EVERY == 0:
            self._keep_small()

    def _keep_small(self) -> None:
        """Delete old lists when the artifacts, the home included, come near their limit; beyond it the soak ends."""
        limit_mb = self._options.max_artifact_mb
        if size_mb(self._directory) > limit_mb * _PRUNE_AT:
            self._admin("prune", "--keep", "10")
        found_mb = size_mb(self._directory)
        self._too_large = found_mb > limit_mb
        if self._too_large:
            self._problems.append(f"the artifacts and the home take {found_mb:.0f} MB, and {limit_mb:g} are allowed")

    def _publish(self, number: int) -> tuple[int, bool]:
        """Publish a changed list; returns its generation, and whether the admin was killed meanwhile."""
        if number % _IMPORT_EVERY == 0:
            self._import(number)
        else:
            self._admin("title", f"Soak {number}")
        if number % _MODE_EVERY == 0:
            self._set_mode(number // _MODE_EVERY)
        killed = self._options.faults and number % (_FAULT_EVERY * 4) == 1
        if killed:
            self._kill_admin("publish", "--yes")
        answer = json.loads(self._admin("publish", "--yes", "--force", "--json"))
        self._published += 1
        return int(answer["generation"]), killed

    def _set_mode(self, turn: int) -> None:
        modes = (
            ("spins", "natural"),
            ("spins", "fixed", "S0001", "--reason", "a rehearsal"),
            ("spins", "mixed", "natural", "fixed:S0002:a rehearsal", "--then", "repeat"),
        )
        self._admin(*modes[turn % len(modes)])

    def _import(self, number: int) -> None:
        rows = [f"S{row:04d},Person {row} of {number},{1 + row % 3}" for row in range(1, self._options.entries + 1)]
        path = self._directory / "people.csv"
        path.write_text("\n".join(["Ticket,Name,Chances", *rows]) + "\n", encoding="utf-8")
        self._admin("import", str(path), "--replace")

    def _wait(self, generation: int, spins: int) -> str:
        """Wait until the list is adopted and the spins are made; returns what went wrong, or ""."""
        deadline = time.monotonic() + self._options.iteration_timeout_s
        while True:
            self._count.update()
            if self._count.generation >= generation and self._count.types["shown"] >= spins:
                break
            if self.interrupted:
                return ""
            if not self.kiosk.pid:
                return f"the kiosk ended by itself with {self.kiosk.wait()}"
            if time.monotonic() > deadline:
                self.kiosk.kill()
                lists = f"generation {self._count.generation} of {generation}"
                made = f"{self._count.types['shown']} of {spins} spins"
                return f"after {self._options.iteration_timeout_s:g} s: {lists}, {made}"
            time.sleep(_POLL_S)
        while (age := self.kiosk.heartbeat_s()) is None and self.kiosk.pid and time.monotonic() < deadline:
            time.sleep(_POLL_S)  # it was started a moment ago
        if age is None or age > self._options.heartbeat_s:
            return f"the heartbeat is {'missing' if age is None else f'{age:.1f} s old'}"
        return ""

    def _note(self, number: int, fault: str, failed: str, seconds: float) -> None:
        figures = process_figures(self.kiosk.pid) if self.kiosk.pid else Figures()
        sample = Sample(
            at=rfc3339(SystemClock().utc_now()),
            iteration=number,
            life=self.kiosk.life,
            generation=self._count.generation,
            spins=self._count.types["shown"],
            frame_p99_ms=self._frame_p99_ms(),
            **figures._asdict(),
            heartbeat_s=self.kiosk.heartbeat_s(),
            fault=fault,
            failed=failed,
            seconds=round(seconds, 3),
            cpu_percent=self._cpu_percent(),
            disk_free_mb=shutil.disk_usage(self._directory).free // 1_000_000,
        )
        self._last_success = self._last_success if failed else sample.at
        self._samples.append(sample)
        self._metrics.append(msgspec.json.encode(sample))
        self._write_health("running")
        wanted = f" of {self._options.spins}" if self._options.spins else ""
        logger.info(
            "iteration %d: %d%s spins, generation %d%s",
            number,
            sample.spins,
            wanted,
            sample.generation,
            f", {fault}" if fault else "",
        )

    def _cpu_percent(self) -> float | None:
        """Return the kiosk's CPU time since the sample before, in percent of one core; None in a life's first."""
        life, then, before_s = self._cpu
        now, used_s = time.monotonic(), cpu_s(self.kiosk.pid)
        if used_s is None:
            return None
        self._cpu = (self.kiosk.life, now, used_s)
        return round((used_s - before_s) / (now - then) * 100, 1) if life == self.kiosk.life else None

    def _success_rate(self) -> float:
        failed = sum(bool(sample.failed) for sample in self._samples)
        return round(1 - failed / len(self._samples), 4) if self._samples else 0.0

    def _frame_p99_ms(self) -> float | None:
        try:
            status = msgspec.json.decode(self.home.status.read_bytes(), type=Status)
        except (OSError, msgspec.MsgspecError):
            return None
        return status.frame_ms.p99 if status.frame_ms else None

    def _write_health(self, state: str) -> None:
        health = {
            "status": state,
            "last_success": self._last_success,
            "uptime_s": round(time.monotonic() - self._started),
            "success_rate": self._success_rate(),
            "at": rfc3339(SystemClock().utc_now()),
            "iterations": len(self._samples),
            "spins": self._count.types["shown"],
            "problems": self._problems[-10:],
        }
        temporary = self._directory / ".health.json"
        temporary.write_bytes(msgspec.json.format(msgspec.json.encode(health)) + b"\n")
        temporary.replace(self._directory / "health.json")

    # ---- the admin -------------------------------------------------------------------------------------------------

    def _command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "wheel_admin", *arguments, "--home", str(self.home.root)]

    def _admin(self, *arguments: str) -> str:
        done = subprocess.run(
            self._command(*arguments), capture_output=True, text=True, check=False, timeout=600, cwd=_ROOT
        )
        if done.returncode != 0:
            raise WheelError(f"wheel-admin {' '.join(arguments)} ended with {done.returncode}: {done.stderr.strip()}")
        return done.stdout

    def _kill_admin(self, *arguments: str) -> None:
        process = subprocess.Popen(
            self._command(*arguments, "--force"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=_ROOT
        )
        time.sleep(self._random.uniform(0, 0.6))
        process.kill()
        process.wait()

    # ---- the end ---------------------------------------------------------------------------------------------------

    def _audit(self) -> None:
        code = self.kiosk.stop()
        if code != 0:
            self._problems.append(f"the kiosk exited with {code} when asked to stop")
        self._count.update()
        self._problems += unverified(self.home.root)
        self._audit_work()
        self._audit_remains()

    def _audit_work(self) -> None:
        """Report work that was asked for and not done."""
        types = self._count.types
        if self._options.spins is not None and types["shown"] < self._options.spins and not self.interrupted:
            self._problems.append(f"only {types['shown']} of {self._options.spins} spins were made")
        if self._options.lists is not None and self._published < self._options.lists and not self.interrupted:
            self._problems.append(f"only {self._published} of {self._options.lists} lists were published")
        if types["result"] - types["shown"] not in {0, 1}:  # the last one may still have been turning
            self._problems.append(f"{types['result']} results, but {types['shown']} were shown to their end")
        wanted = len(self._samples)
        if types["adopt"] < wanted:
            self._problems.append(f"{wanted} iterations, but only {types['adopt']} lists were adopted")
        if self._options.faults:
            cycle = _FAULT_EVERY * (len(FAULTS) + 1)
            missing = [name for name in (*FAULTS, ADMIN_KILLED) if not self._faults[name]]
            if missing and len(self._samples) >= cycle:
                self._problems.append(f"faults that never happened: {', '.join(missing)}")
            bad_files = sum(self._faults[name] for name in BAD_FILES)
            if bad_files >= _BAD_FILES_MET and not types["refused"]:
                self._problems.append(f"{bad_files} bad files were there, and none was refused")

    def _audit_remains(self) -> None:
        """Report processes, threads, locks and temporary files that are left."""
        self._problems += remains(self.home, swept_by_others=bool(self._faults[ADMIN_KILLED]))

    def _summarise(self) -> Summary:
        trends = {name: trend(self._lives(name)) for name in ("private_mb", "handles", "threads")}
        self._problems += [
            f"{name} grows: {found.slope:+.3f} +- {found.margin:.3f} per 1000 spins"
            for name, found in trends.items()
            if found.grows and found.slope > _REAL_NOISE[name]
        ]
        slowest = max(self._samples, key=lambda sample: sample.seconds, default=None)
        times = [sample.frame_p99_ms for sample in self._samples if sample.frame_p99_ms is not None]
        return Summary(
            problems=tuple(self._problems),
            iterations=len(self._samples),
            started=self._started_at,
            ended=rfc3339(SystemClock().utc_now()),
            **host_facts(),
            seed=self._options.seed,
            success_rate=self._success_rate(),
            slowest_iteration=slowest.iteration if slowest else 0,
            slowest_s=slowest.seconds if slowest else 0.0,
            seconds=round(time.monotonic() - self._started, 1),
            spins=self._count.types["shown"],
            adopted=self._count.types["adopt"],
            published=self._published,
            faults=dict(self._faults),
            lives=self.kiosk.life,
            trends={name: found for name, found in trends.items() if not math.isinf(found.margin)},
            frame_p99_ms=statistics.median(times) if times else None,
        )

    def _lives(self, name: str) -> list[list[tuple[float, float]]]:
        """Return (spins, figure) of each kiosk process, without its first spins, in which caches fill."""
        lives: dict[int, list[tuple[float, float]]] = {}
        born: dict[int, int] = {}
        for sample in self._samples:
            figure = getattr(sample, name)
            begin = born.setdefault(sample.life, sample.spins)
            if figure is not None and sample.spins - begin >= _WARM_SPINS:
                lives.setdefault(sample.life, []).append((sample.spins, figure))
        return list(lives.values())
