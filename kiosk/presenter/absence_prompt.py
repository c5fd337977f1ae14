"""Two-press 'winner absent' key.

Invariant: it takes two presses within `CONFIRM_MS`, so that an accidental press reports nobody.
`kiosk.organiser_requests` decides and records.
"""

import logging

from kiosk.core.clock import NS_PER_MS
from kiosk.core.errors import RefusedError
from kiosk.organiser_requests import Clerk
from kiosk.screen.themes.texts import Texts

logger = logging.getLogger(__name__)

CONFIRM_MS = 5000
"""How long the first press waits for the second one."""


class AbsencePrompt:
    """Asks for the second press, and reports the absence.

    Args:
        clerk: knows the last winner, and records the absence.
        texts: what the screen says.

    Attributes:
        notice: what the screen says about it; empty if nothing was pressed.
    """

    def __init__(self, clerk: Clerk, texts: Texts) -> None:
        self._clerk = clerk
        self._texts = texts
        self._asked_ns: int | None = None
        self.notice = ""

    def press(self, now_ns: int) -> None:
        """Ask for the confirming press, or record that the last winner is absent.

        Raises:
            HomeError: the record could not be written.
        """
        asked_ns, self._asked_ns = self._asked_ns, None
        try:
            spin, ticket = self._clerk.absent_spin()
            if asked_ns is None or now_ns - asked_ns > CONFIRM_MS * NS_PER_MS:
                self._asked_ns = now_ns
                self.notice = self._texts.absent_confirm.format(ticket=ticket, spin=spin)
                return
            self._clerk.report_absent()
        except RefusedError as error:
            self.notice = error.message
            return
        self.notice = self._texts.absent.format(ticket=ticket, spin=spin)
        logger.info("spin %d: ticket %s is absent", spin, ticket)

    def expire(self, now_ns: int) -> None:
        """Withdraw the question if nobody confirmed in time."""
        if self._asked_ns is not None and now_ns - self._asked_ns > CONFIRM_MS * NS_PER_MS:
            self.forget()

    def forget(self) -> None:
        """Withdraw the question: a spin or another list came in between."""
        self._asked_ns, self.notice = None, ""
