"""What must be true before a soak starts: room, memory, a reachable address, and nothing left of an earlier one.

Invariant: it refuses with every reason at once and changes nothing.
"""

import os
import shutil
import socket
from pathlib import Path
from urllib.parse import urlsplit

from kiosk.core.errors import RefusedError
from tests.torture.soak.options import SoakOptions
from tests.torture.soak.remains import processes_on

ROOM_MB = 500
"""Free space beside the artifacts: the system's own."""
MEMORY_MB = 300
"""Available memory: a kiosk, an admin and this process take 200."""
_CONNECT_S = 5


def check(options: SoakOptions, *, meminfo: Path = Path("/proc/meminfo")) -> None:
    """Check that a soak can run.

    Raises:
        RefusedError: it cannot; `problems` has every reason.
    """
    artifacts = options.artifacts
    problems = []
    parent = next(path for path in (artifacts, *artifacts.absolute().parents) if path.exists())
    if not os.access(parent, os.W_OK):
        problems.append(f"{parent} cannot be written")
    free_mb = shutil.disk_usage(parent).free // 1_000_000
    if free_mb < options.max_artifact_mb + ROOM_MB:
        problems.append(f"{free_mb} MB are free at {parent}, and {options.max_artifact_mb + ROOM_MB:.0f} are needed")
    memory_mb = available_mb(meminfo)
    if memory_mb is not None and memory_mb < MEMORY_MB:
        problems.append(f"{memory_mb} MB of memory are available, and {MEMORY_MB} are needed")
    problems += [f"an earlier soak left a process: {name}" for name in processes_on(artifacts)]
    if options.notify and (reason := unreachable(options.notify)):
        problems.append(f"{options.notify} cannot be reached: {reason}")
    if problems:
        raise RefusedError(f"The soak cannot start: {'; '.join(problems)}.", problems=tuple(problems))


def available_mb(meminfo: Path) -> int | None:
    """Return the memory that is available, in MB; None where the system does not tell."""
    try:
        lines = meminfo.read_text().splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) // 1000 for line in lines if line.startswith("MemAvailable:")), None)


def unreachable(url: str) -> str:
    """Return why no connection to the address's port can be made, or ""."""
    parts = urlsplit(url)
    try:
        port = parts.port or (443 if parts.scheme == "https" else 80)
        with socket.create_connection((parts.hostname or "", port), timeout=_CONNECT_S):
            return ""
    except (OSError, ValueError) as error:
        return str(error)
