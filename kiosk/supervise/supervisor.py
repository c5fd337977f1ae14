"""The interface of everything that watches the running kiosk: heartbeats, memory, health, status.

Invariant: supervisors watch and report; they decide nothing about the draw. The loop calls them on its own thread.
`on_presented` comes only from a frame that reached the screen, and only while the watcher lives: a loop, a display or
a watcher that hangs must be noticed from outside, so no timer and no other thread may call it.
"""

from collections.abc import Callable

from kiosk.machine import State
from kiosk.session.draw_session import Session


class Supervisor:
    """Does nothing; a supervisor overrides what it needs."""

    def on_presented(self, now_ns: int) -> None:
        """A frame reached the screen at monotonic time `now_ns`. Up to `fps` times a second; raises nothing."""

    def on_change(self, state: State, notices: tuple[str, ...]) -> None:
        """The state, the list, the ledger or the notices changed, and a frame shows it."""

    def on_idle(self, *, recorded: bool) -> None:
        """Nothing moves. A few times a second, or 25 where idle polls, so it must be cheap.

        Args:
            recorded: everything that was shown is recorded; the process could leave without losing anything.
        """

    def on_motion(self) -> None:
        """The wheel starts to turn."""

    def on_rest(self) -> None:
        """The wheel has come to rest, and its end is recorded."""


class Supervisors(Supervisor):
    """All supervisors of one kiosk, called in order.

    Args:
        parts: the supervisors.
        session: what is on the wheel.
        watcher_alive: whether new lists would arrive.
    """

    def __init__(self, *parts: Supervisor, session: Session, watcher_alive: Callable[[], bool]) -> None:
        self._parts = parts
        self._session = session
        self._watcher_alive = watcher_alive
        self._seen: tuple[object, ...] = ()

    def on_frame(self, state: State, notices: tuple[str, ...]) -> None:
        """A frame was composed and drawn without an error. Passes on what changed since the last one."""
        seen = (state, self._session.seq, self._session.listed, notices)
        if self._session.listed is not None and seen != self._seen:
            self._seen = seen
            self.on_change(state, notices)

    def on_presented(self, now_ns: int) -> None:
        """See `Supervisor`."""
        if self._watcher_alive():
            for part in self._parts:
                part.on_presented(now_ns)

    def on_change(self, state: State, notices: tuple[str, ...]) -> None:
        """See `Supervisor`."""
        for part in self._parts:
            part.on_change(state, notices)

    def on_idle(self, *, recorded: bool) -> None:
        """See `Supervisor`."""
        for part in self._parts:
            part.on_idle(recorded=recorded)

    def on_motion(self) -> None:
        """See `Supervisor`."""
        for part in self._parts:
            part.on_motion()

    def on_rest(self) -> None:
        """See `Supervisor`."""
        for part in self._parts:
            part.on_rest()
