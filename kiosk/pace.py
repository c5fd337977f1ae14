"""Paces the main loop: when the next frame is due, and how long idle sleeps.

Invariant: a late frame is followed at once by the next one, and nothing is caught up.
"""

import threading

from kiosk.core.clock import NS_PER_MS, NS_PER_S, Clock

IDLE_POLL_NS = 40 * NS_PER_MS
"""Idle polls for presses 25 times a second: fast enough for a hand, and under 1 % of a core."""


class Pace:
    """Sleeps between frames.

    Args:
        clock: real, or manual for a simulated run.
        fps: frames a second while something moves.
        wake: ends the sleep of idle early: a list arrived.
        idle_poll_ns: time between two polls in idle.
    """

    def __init__(self, clock: Clock, *, fps: int, wake: threading.Event, idle_poll_ns: int = IDLE_POLL_NS) -> None:
        self.clock = clock
        self._frame_ns = NS_PER_S // fps
        self._wake = wake
        self._idle_poll_ns = idle_poll_ns
        self._due_ns = clock.monotonic_ns()

    def start(self) -> None:
        """The first frame is due now."""
        self._due_ns = self.clock.monotonic_ns()

    def wait(self, *, moving: bool) -> None:
        """Sleep until the next frame is due; in idle, until a list arrives."""
        now = self.clock.monotonic_ns()
        due_ns = self._due_ns + (self._frame_ns if moving else self._idle_poll_ns)
        if due_ns <= now:
            self._due_ns = now
            return
        self.clock.sleep_ns(due_ns - now, None if moving else self._wake)
        if moving or not self._wake.is_set():
            self._due_ns = due_ns
        else:
            self._wake.clear()
            self._due_ns = self.clock.monotonic_ns()
