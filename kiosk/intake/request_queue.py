"""From the watcher's thread to the clerk: messages that lie in the directory are taken in idle, and only once each.

Law: nothing here decides anything; the clerk does. What was refused is said on screen until the next list comes.
"""

import logging
from collections.abc import Callable

from kiosk.intake.request_files import Delivered
from kiosk.organiser_requests import Clerk

logger = logging.getLogger(__name__)

_REFUSALS_TAKEN = 8
"""Messages refused at one look: a flood of them must not become a flood of records."""
_NOTICES_KEPT = 3


class Inbox:
    """Takes messages.

    Args:
        clerk: records them.
        look: returns what was found last; the same tuple as long as nobody looked again.
    """

    def __init__(self, clerk: Clerk, look: Callable[[], tuple[Delivered, ...]]) -> None:
        self._clerk = clerk
        self._look = look
        self._taken: tuple[Delivered, ...] | None = None
        self.notices: tuple[str, ...] = ()

    def take(self) -> bool:
        """Take what was delivered; returns whether there was anything. For idle only.

        Raises:
            HomeError: a record could not be written; the rest stays to be taken.
        """
        found = self._look()
        if found is self._taken:
            return False
        refused, before = 0, -1
        while before != self._clerk.seq:  # what was just recorded may be what another message waited for
            before = self._clerk.seq
            for delivered in found:
                problem = self._clerk.take(delivered) if refused < _REFUSALS_TAKEN else None
                if problem:
                    refused += 1
                    logger.warning("refused %s: %s", delivered.name, problem)
                    self.notices = (f"{delivered.name} refused: {problem}", *self.notices)[:_NOTICES_KEPT]
        if self._clerk.spin_is_open:  # its end could not be recorded yet: requests wait for that
            return False
        self._taken = found
        return bool(found)

    def forget_notices(self) -> None:
        """Another list is on the wheel: what was refused for the one before is of no concern now."""
        self.notices = ()
