"""`--heartbeat FILE`: a file that is touched while frames reach the screen.

Invariant: it is written after a presented frame and at no other time. It is for supervisors on this machine, and is
not durable.
"""

import logging
from pathlib import Path

from kiosk.core.clock import NS_PER_MS, NS_PER_S
from kiosk.supervise.supervisor import Supervisor

logger = logging.getLogger(__name__)

BEAT_NS = NS_PER_S
"""Shortest time between two heartbeats."""


class HeartbeatFile(Supervisor):
    """A file whose modification time is the last beat; it holds the number of beats and the kiosk's time in ms.

    Args:
        path: of the file; best on a file system in memory, as it is written once a second.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._due_ns = 0
        self._beats = 0
        self._failing = False

    def on_presented(self, now_ns: int) -> None:
        """See `Supervisor`."""
        if now_ns < self._due_ns:
            return
        self._due_ns = now_ns + BEAT_NS
        self._beats += 1
        try:
            self._path.write_text(f"{self._beats} {now_ns // NS_PER_MS}\n", encoding="ascii")
            self._failing = False
        except OSError as error:
            if not self._failing:
                logger.warning("the heartbeat cannot be written: %s", error)
            self._failing = True
