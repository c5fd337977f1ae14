"""One hostile file against the real `wheel-admin import`: what it says, how long it takes, how much memory.

Invariant: a whole command in processes of its own. Memory is the peak of each process, as the system counts it.
"""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.processes import environment
from kiosk.core.durable import make_directory
from kiosk.core.home import Home
from tests.torture.malicious_files.workbooks import FILES, Hostile
from wheel_admin.draft import new_draft, save_draft

ROOT = Path(__file__).resolve().parents[3]
MOST_MIB = 100
MOST_S = 5.0
_COMMAND = """\
import resource, sys
from pathlib import Path
from wheel_admin.__main__ import main
try:
    main()
finally:
    own, child = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    # Not ru_maxrss, which still counts what the process was before it became this program.
    peak = Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0]
    seconds = own.ru_utime + own.ru_stime + child.ru_utime + child.ru_stime
    print(int(peak) >> 10, child.ru_maxrss >> 10, seconds, file=sys.stderr)
"""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one import ended.

    Attributes:
        code: its exit code.
        message, remedy: what it said; empty if the file was read.
        untouched: the draft is what it was.
        wall_s, cpu_s: of both processes together.
        parent_mib, child_mib: the peak of each.
    """

    file: Hostile
    code: int
    message: str
    remedy: str
    untouched: bool
    wall_s: float
    cpu_s: float
    parent_mib: int
    child_mib: int

    @property
    def problem(self) -> str:
        """What is wrong with it; empty if all is as it must be."""
        wanted = 3 if self.file.expected else 0
        complaints = {
            f"exit code {self.code}, expected {wanted}": self.code != wanted,
            f"says {self.message!r}": self.file.expected not in self.message,
            "does not name the file": bool(self.file.expected) and self.file.name not in self.message,
            "does not say what to do": bool(self.file.expected) and not self.remedy,
            "touched the draft": bool(self.file.expected) and not self.untouched,
            f"took {max(self.parent_mib, self.child_mib)} MiB": max(self.parent_mib, self.child_mib) > MOST_MIB,
        }
        return ", ".join(text for text, so in complaints.items() if so)

    @property
    def slow(self) -> str:
        """How much CPU time it took, if that was too much. No test asks: a busy machine is not a hostile file."""
        return f"took {self.cpu_s:.1f} s" if self.cpu_s > MOST_S else ""


def outcomes(directory: Path, files: tuple[Hostile, ...] = FILES) -> Iterator[Outcome]:
    """Import each file into a home in `directory`, and yield what came of it."""
    home = Home(directory / "home")
    make_directory(home.admin)
    save_draft(home, new_draft())
    empty = home.draft.read_bytes()
    for file in files:
        path = directory / file.name
        path.write_bytes(file.make())
        started = time.perf_counter()
        done = _admin(home, "import", str(path), "--json")
        wall_s = time.perf_counter() - started
        path.unlink()
        *_, figures = done.stderr.strip().splitlines() or ["0 0 0"]
        parent_mib, child_mib, cpu_s = map(float, figures.split())
        error = json.loads(done.stdout).get("error", {})
        yield Outcome(
            file=file,
            code=done.returncode,
            message=error.get("message", ""),
            remedy=error.get("remedy", ""),
            untouched=home.draft.read_bytes() == empty,
            wall_s=wall_s,
            cpu_s=cpu_s,
            parent_mib=int(parent_mib),
            child_mib=int(child_mib),
        )
        home.draft.write_bytes(empty)


def _admin(home: Home, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-c", _COMMAND, *arguments, "--home", str(home.root)],
        cwd=ROOT,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
