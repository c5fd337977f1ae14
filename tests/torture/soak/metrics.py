"""What an iteration left in figures, and the file that they go to, which is rotated and never grows without end."""

import contextlib
import os
from pathlib import Path
from typing import NamedTuple

import msgspec


class Sample(msgspec.Struct, frozen=True, kw_only=True):
    """One iteration.

    Attributes:
        at: UTC, RFC 3339.
        life: which kiosk process it was, from 1; a killed one is followed by the next.
        spins: in the ledger so far.
        frame_p99_ms: of the kiosk's last spin; None if it said none.
        pss_mb: of the kiosk process; it changes with the other processes that share its libraries.
        private_mb: what is the process's alone, for the trend.
        handles, threads: of the kiosk process. All four are None where the system does not tell.
        heartbeat_s: how old its heartbeat was.
        fault: what was done to it, or "".
        failed: what did not hold in this iteration, or "".
        seconds: that it took.
        cpu_percent: of one core, used by the kiosk since the sample before.
        disk_free_mb: where the artifacts are.
    """

    at: str
    iteration: int
    life: int
    generation: int
    spins: int
    frame_p99_ms: float | None
    pss_mb: float | None
    private_mb: float | None
    handles: int | None
    threads: int | None
    heartbeat_s: float | None
    fault: str
    failed: str
    seconds: float
    cpu_percent: float | None = None
    disk_free_mb: int | None = None


class RotatedFile:
    """A file of lines that is moved aside, once, when it grows too large: it and the one before are kept.

    Args:
        path: of the file; the one before is `path` with `.1`.
        limit_bytes: of both together.
    """

    def __init__(self, path: Path, limit_bytes: int) -> None:
        self._path = path
        self._limit = limit_bytes // 2

    def append(self, line: bytes) -> None:
        """Append a line; the file is moved aside first if it is too large."""
        if self._path.exists() and self._path.stat().st_size >= self._limit:
            self._path.replace(self._path.with_name(self._path.name + ".1"))
        with self._path.open("ab") as file:
            file.write(line + b"\n")


class Figures(NamedTuple):
    """Of a process: memory in MB, open file handles, threads; None for what the system does not tell."""

    pss_mb: float | None = None
    private_mb: float | None = None
    handles: int | None = None
    threads: int | None = None


def process_figures(pid: int) -> Figures:
    """Return the figures of a process; those of one that has ended are None."""
    proc = Path(f"/proc/{pid}")
    try:
        rollup = (line.split() for line in (proc / "smaps_rollup").read_text().splitlines()[1:])
        kb = {words[0]: int(words[1]) for words in rollup}
        handles = len(os.listdir(proc / "fd"))  # noqa: PTH208 - entries of /proc, only counted
        threads = len(os.listdir(proc / "task"))  # noqa: PTH208
    except (OSError, ValueError):
        return Figures()
    private_mb = (kb["Private_Clean:"] + kb["Private_Dirty:"]) / 1000
    return Figures(kb["Pss:"] / 1000, private_mb, handles, threads)


def cpu_s(pid: int) -> float | None:
    """Return the CPU time that a process has used, in seconds; None if it has ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return None
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def size_mb(directory: Path) -> float:
    """Return the size of all files below a directory, in MB."""
    total = 0
    for folder, _, names in os.walk(directory):
        for name in names:
            with contextlib.suppress(OSError):  # it was deleted meanwhile
                total += os.lstat(os.path.join(folder, name)).st_size  # noqa: PTH118 - many files
    return total / 1e6
