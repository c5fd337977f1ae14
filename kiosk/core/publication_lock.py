"""The lock of the directory of published files, held by every writer: `wheel-admin` and the fetcher.

Invariant: one writer at a time. The operating system frees the lock when its holder dies, and the next holder sweeps
away or makes durable what a killed one left.
"""

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path

from kiosk.core.durable import process_lock, sweep
from kiosk.core.errors import BusyError
from kiosk.core.home import Home
from kiosk.core.permissions import mode_of

LOCK_WAIT_MS = 3000
"""How long a writer waits for another one: a publication takes a tenth of it."""
_RETRY_S = 0.05


@contextlib.contextmanager
def publication_lock(
    home: Home, *, holder: str, swept: tuple[Path, ...], wait_ms: int = LOCK_WAIT_MS
) -> Iterator[None]:
    """Hold the lock.

    Args:
        home: where.
        holder: who holds it, for the message that another one gets.
        swept: directories to take over from a holder that was killed.
        wait_ms: how long to wait for another holder, in milliseconds.

    Raises:
        BusyError: another holder kept it all the time.
        HomeError: the lock's directory is missing or cannot be written.
    """
    give_up = time.monotonic() + wait_ms / 1000
    with contextlib.ExitStack() as held:
        while True:
            try:
                held.enter_context(process_lock(home.admin_lock, holder=holder, mode=mode_of(home, home.admin_lock)))
                break
            except BusyError:
                if time.monotonic() >= give_up:
                    raise
            time.sleep(_RETRY_S)
        for directory in swept:
            sweep(directory)
        yield
