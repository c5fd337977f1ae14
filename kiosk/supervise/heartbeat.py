"""The heartbeat: tells the outside that frames reach the screen.

Invariant: it is beaten by the loop, after a presented frame and at no other time; a helper thread would beat on while
the screen hangs. The beat is for supervisors on this machine, and is not durable.
"""

import logging
from pathlib import Path
from typing import Protocol

from kiosk.core.clock import NS_PER_MS, NS_PER_S

logger = logging.getLogger(__name__)

BEAT_NS = NS_PER_S
"""How often it beats at most."""


class Heartbeat(Protocol):
    """What is told of presented frames."""

    def frame_presented(self, now_ns: int) -> None:
        """Take note of a presented frame; `now_ns` is the kiosk's monotonic time. Raises nothing."""
        ...


class NoHeartbeat:
    """Nobody listens."""

    def frame_presented(self, now_ns: int) -> None:
        """See `Heartbeat`."""


class HeartbeatFile:
    """A file whose time of change is the last beat; it says how many beats there were, and the kiosk's time in ms.

    Args:
        path: of the file; best on a file system in memory, as it is written once a second.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._due_ns = 0
        self._beats = 0
        self._failing = False

    def frame_presented(self, now_ns: int) -> None:
        """See `Heartbeat`."""
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
