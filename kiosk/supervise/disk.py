"""What the disk refused, and when it accepts records again.

Invariant: a full or read-only disk is a notice and never the end. After a refusal the disk is left alone for
`RETRY_MS`; the notice goes when a file larger than all records of a spin can be written. Until then nothing is
recorded except what a person asks for: a press always tries.
"""

import logging
from pathlib import Path

from kiosk.core.clock import NS_PER_MS, Clock
from kiosk.core.durable import check_room
from kiosk.core.errors import HomeError
from kiosk.supervise.run_report import Counters

logger = logging.getLogger(__name__)

RETRY_MS = 2000
"""How long a disk that refused a record is left alone."""
ROOM_BYTES = 64 << 10
"""The records of a spin, its checkpoint and a status take 4 KB; a list's copy is tried by adopting it."""


class DiskGuard:
    """The state of the disk that holds `directory`.

    Args:
        directory: of the kiosk's records.
        clock: the machine's, also in a simulated run: a disk keeps its own time.
        counters: count what it refused.

    Attributes:
        notice: what it refused, and what to do about it; empty while it works.
    """

    def __init__(self, directory: Path, clock: Clock, counters: Counters | None = None) -> None:
        self._directory = directory
        self._clock = clock
        self._counters = counters or Counters()
        self._since_ns = 0
        self._rest_until_ns = 0
        self.notice = ""

    @property
    def failing(self) -> bool:
        """Whether it refused something and has not worked since."""
        return bool(self.notice)

    @property
    def resting(self) -> bool:
        """Whether it is too early to try again."""
        return self._clock.monotonic_ns() < self._rest_until_ns

    @property
    def failing_ms(self) -> int:
        """For how long it has been failing."""
        return (self._clock.monotonic_ns() - self._since_ns) // NS_PER_MS if self.notice else 0

    def refused(self, error: OSError, message: str) -> None:
        """Note a refusal. Logged after `message`, but only once while it stays the same."""
        now = self._clock.monotonic_ns()
        self._counters.count_error(error)
        if not self.notice:
            self._since_ns = now
        if self.notice != str(error):
            logger.warning("%s: %s", message, error)
        self.notice = str(error)
        self._rest_until_ns = now + RETRY_MS * NS_PER_MS

    def worked(self) -> None:
        """Something was recorded: the disk works."""
        if self.notice:
            logger.info("the disk accepts records again")
        self.notice = ""

    def works(self) -> bool:
        """Try to write, and return whether that works again."""
        try:
            check_room(self._directory, ROOM_BYTES)
        except HomeError as error:
            self.refused(error, "the disk does not accept records yet")
            return False
        self.worked()
        return True
