"""Paces the main loop: when the next frame is due, and how long idle sleeps.

Invariant: a late frame is followed at once by the next one, and nothing is caught up. Idle sleeps until its picture
changes, and a press or a list that arrives ends the sleep.
"""

from collections.abc import Callable

from kiosk.core.clock import NS_PER_MS, NS_PER_S, Clock, Waitable

IDLE_NS = 280 * NS_PER_MS
"""How long idle sleeps where a press ends the sleep: until its picture changes."""
POLL_NS = 40 * NS_PER_MS
"""How long it sleeps where it has to poll for presses: 25 times a second is fast enough for a hand."""


class Pace:
    """Sleeps between frames.

    Args:
        clock: real, or manual for a simulated run.
        fps: frames a second while something moves.
        wake: ends the sleep of idle early.
        idle_ns: how long that sleep is at most. It ends at whole multiples of it, as the steps of the picture do.
        hurried: returns whether idle must look again as soon as for a frame.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        fps: int,
        wake: Waitable,
        idle_ns: int = IDLE_NS,
        hurried: Callable[[], bool] = lambda: False,
    ) -> None:
        self.clock = clock
        self._frame_ns = NS_PER_S // fps
        self._wake = wake
        self._idle_ns = idle_ns
        self._hurried = hurried
        self._due_ns = clock.monotonic_ns()

    def start(self) -> None:
        """The first frame is due now."""
        self._due_ns = self.clock.monotonic_ns()

    def interrupt(self) -> None:
        """End the sleep of idle. May be called from a signal handler."""
        self._wake.set()

    def wait(self, *, moving: bool) -> None:
        """Sleep until the next frame is due; in idle, until there is something to look at."""
        now = self.clock.monotonic_ns()
        if not moving and not self._hurried():
            self.clock.sleep_ns(self._idle_ns - now % self._idle_ns, self._wake)
            self._due_ns = self.clock.monotonic_ns()
            return
        due_ns = self._due_ns + self._frame_ns
        if due_ns <= now:
            self._due_ns = now
            return
        self.clock.sleep_ns(due_ns - now)
        self._due_ns = due_ns
