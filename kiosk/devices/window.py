"""Knows whether the window can be seen, and takes it up again where it was hidden.

Invariant: while the window is hidden nothing is drawn, no press counts and no heartbeat beats (`kiosk.loop`). In full
screen the window is shown, restored and raised again; if that fails for `HIDDEN_LIMIT_NS`, the process ends with the
exit code of a screen, and its supervisor starts it with a new window. A window that a person minimises stays so.
"""

import logging
from typing import Protocol

from kiosk.core.clock import NS_PER_S, Clock
from kiosk.core.errors import ScreenError

logger = logging.getLogger(__name__)

TAKE_UP_NS = NS_PER_S
"""How long a full-screen window may stay hidden before it is taken up, and the time between two attempts."""
HIDDEN_LIMIT_NS = 20 * NS_PER_S
"""How long a full-screen window may stay hidden; the service manager's watchdog waits for 30 s."""


class Raisable(Protocol):
    """A window that can be brought back; see `kiosk.screen.backends.adapter.Backend`."""

    def take_up(self) -> None:
        """Show, restore and raise the window."""
        ...


class Window:
    """The window as it was last reported.

    Args:
        screen: has the window.
        clock: the loop's.
        full_screen: whether the window must always be visible.

    Attributes:
        hidden: whether nobody can see it.
        times_hidden: how often it was hidden.
    """

    def __init__(self, screen: Raisable, clock: Clock, *, full_screen: bool) -> None:
        self._screen = screen
        self._clock = clock
        self._full_screen = full_screen
        self._since_ns = 0
        self._due_ns = 0
        self.hidden = False
        self.times_hidden = 0

    def hide(self) -> None:
        """The window was hidden or minimised, or its workspace was left."""
        if self.hidden:
            return
        self.hidden = True
        self.times_hidden += 1
        self._since_ns = self._clock.monotonic_ns()
        self._due_ns = self._since_ns + TAKE_UP_NS
        logger.warning("the window is hidden: nothing is drawn, and presses do not count")

    def appear(self) -> bool:
        """The window can be seen; returns whether it was hidden."""
        was_hidden, self.hidden = self.hidden, False
        if was_hidden:
            hidden_ms = (self._clock.monotonic_ns() - self._since_ns) // 1_000_000
            logger.warning("the window is visible again after %d ms", hidden_ms)
        return was_hidden

    def watch(self) -> None:
        """Take up a hidden window when that is due. Call it in every turn of the loop while it is hidden.

        Raises:
            ScreenError: it has been hidden for `HIDDEN_LIMIT_NS`.
        """
        now = self._clock.monotonic_ns()
        if not self.hidden or not self._full_screen or now < self._due_ns:
            return
        if now - self._since_ns >= HIDDEN_LIMIT_NS:
            raise ScreenError(
                f"The window has been hidden for {HIDDEN_LIMIT_NS // NS_PER_S} s and cannot be shown again.",
                remedy="The service manager restarts the kiosk. If this recurs, check the desktop's window manager.",
            )
        self._due_ns = now + TAKE_UP_NS
        self._screen.take_up()
