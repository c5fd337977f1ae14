"""`make profile`: where the time of a frame, of a start and of an import goes, by function."""

import os
import pstats
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console

from bench import processes

_LINES = 18
console = Console()


def main() -> None:
    """Print the three profiles."""
    with tempfile.TemporaryDirectory(prefix="wheel-profile-") as directory:
        home = processes.publish_three_thousand(Path(directory), 1).home
        frames = ["-m", "bench.frames"]
        start = ["-m", "kiosk", "run", "--home", str(home), "--window", processes.SIZE, "--spins", "1"]
        workbook = ["-m", "wheel_admin", "import", str(Path(directory) / "people.xlsx"), "--home", str(home)]
        _profile("a spin of 660 frames", Path(directory), frames)
        _profile("a start, and one simulated spin", Path(directory), [*start, "--clock", "simulated", "--fps", "2"])
        _profile("an import of 3000 rows", Path(directory), workbook)
        _imports(start)


def _profile(what: str, directory: Path, command: list[str]) -> None:
    """Run a module under Python's profiler and print the functions that took longest by themselves."""
    path = directory / "profile"
    subprocess.run(  # noqa: S603 - our own modules
        [sys.executable, "-m", "cProfile", "-o", str(path), *command],
        env=processes.environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=True,
    )
    console.rule(what)
    stats = pstats.Stats(str(path), stream=sys.stdout)
    stats.strip_dirs().sort_stats(pstats.SortKey.TIME).print_stats(_LINES)
    path.unlink()


def _imports(start: list[str]) -> None:
    """Print the modules whose import takes longest when the kiosk starts."""
    done = subprocess.run(  # noqa: S603 - our own module
        [sys.executable, "-X", "importtime", *start, "--clock", "simulated", "--fps", "2"],
        env={**processes.environment(), "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        check=True,
    )
    rows = [line.removeprefix("import time:").split("|") for line in done.stderr.splitlines() if "|" in line]
    taken = sorted(((int(row[0]), row[2].strip()) for row in rows if row[0].strip().isdigit()), reverse=True)
    console.rule("imports of a start, microseconds by themselves")
    for us, name in taken[:_LINES]:
        console.print(f"{us:>9}  {name}", highlight=False)


if __name__ == "__main__":
    os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
    main()
