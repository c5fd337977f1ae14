"""What an iteration left in figures, and the file that they go to, which is rotated and never grows without end."""

import os
from pathlib import Path

import msgspec


class Sample(msgspec.Struct, frozen=True, kw_only=True):
    """One iteration.

    Attributes:
        at: UTC, RFC 3339.
        life: which kiosk process it was, from 1; a killed one is followed by the next.
        spins: in the ledger so far.
        frame_p99_ms: of the kiosk's last spin; None if it said none.
        pss_mb, handles, threads: of the kiosk process; None where the system does not tell.
        heartbeat_s: how old its heartbeat was.
        fault: what was done to it, or "".
        failed: what did not hold in this iteration, or "".
        seconds: that it took.
    """

    at: str
    iteration: int
    life: int
    generation: int
    spins: int
    frame_p99_ms: float | None
    pss_mb: float | None
    handles: int | None
    threads: int | None
    heartbeat_s: float | None
    fault: str
    failed: str
    seconds: float


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


def process_figures(pid: int) -> tuple[float | None, int | None, int | None]:
    """Return PSS in MB, open file handles and threads of a process; None for what the system does not tell."""
    pss = threads = handles = None
    proc = Path(f"/proc/{pid}")
    try:
        for line in (proc / "smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                pss = int(line.split()[1]) / 1000
        handles = len(os.listdir(proc / "fd"))  # noqa: PTH208 - entries of /proc, only counted
        threads = len(os.listdir(proc / "task"))  # noqa: PTH208
    except (OSError, ValueError):
        pass
    return pss, handles, threads
