"""What a soak has left behind after its clean-up: processes, threads, locks, temporary files, each by its name."""

import os
import threading
from pathlib import Path

from kiosk.core.durable import process_lock, sweep
from kiosk.core.errors import WheelError
from kiosk.core.home import Home


def remains(home: Home, *, swept_by_others: bool) -> list[str]:
    """Return what is left, in words; empty if nothing is.

    Args:
        home: of the soak.
        swept_by_others: temporary files of a killed admin may be there: the next admin sweeps them.
    """
    found = [f"a process is left: {name}" for name in processes_on(home.root)]
    directories = (home.admin, home.snapshots, home.kiosk, home.adopted, home.secrets)
    left = [str(path) for directory in directories if directory.is_dir() for path in sweep(directory)]
    if left and not swept_by_others:
        found.append(f"temporary files are left: {', '.join(left)}")
    for lock, holder in ((home.kiosk_lock, "A kiosk"), (home.admin_lock, "An admin")):
        try:
            with process_lock(lock, holder=holder):
                pass
        except WheelError as error:
            found.append(f"a lock is still held: {error}")
    others = [thread.name for thread in threading.enumerate() if thread is not threading.main_thread()]
    if others:
        found.append(f"threads are left: {', '.join(others)}")
    return found


def processes_on(directory: Path) -> list[str]:
    """Return the kiosks and admins that run on a home below `directory`, as `PID command line`."""
    found = []
    wanted = str(directory.absolute())
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes().decode(errors="replace").split("\0")
        except OSError:  # it has ended
            continue
        homes = [Path(words[at + 1]).absolute() for at, word in enumerate(words[:-1]) if word == "--home"]
        own = int(path.parent.name) == os.getpid()
        if not own and any(str(home) == wanted or str(home).startswith(wanted + os.sep) for home in homes):
            found.append(f"{path.parent.name} {' '.join(words).strip()}")
    return found
