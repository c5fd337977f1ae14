"""Tells the service manager that the kiosk is ready, that frames reach the screen, and what is on screen.

Invariant: a beat follows a presented frame and nothing else (see `kiosk.supervise.supervisor`). systemd kills and
restarts a kiosk that stays silent for WatchdogSec.
"""

from kiosk.machine import State
from kiosk.session.draw_session import Session
from kiosk.supervise.heartbeat import BEAT_NS
from kiosk.supervise.supervisor import Supervisor
from kiosk.supervise.systemd_notify import Notifier


class Watchdog(Supervisor):
    """Feeds the service manager's watchdog.

    Args:
        notifier: speaks to the service manager.
        session: what is on the wheel.
    """

    def __init__(self, notifier: Notifier, session: Session) -> None:
        self._notifier = notifier
        self._session = session
        self._ready = False
        self._due_ns = 0

    def on_presented(self, now_ns: int) -> None:
        """See `Supervisor`. The first frame makes the service ready."""
        if not self._ready:
            self._ready = True
            self._notifier.ready()
        if now_ns >= self._due_ns:
            self._due_ns = now_ns + BEAT_NS
            self._notifier.alive()

    def on_change(self, state: State, notices: tuple[str, ...]) -> None:
        """See `Supervisor`."""
        listed = self._session.listed
        if state is not State.IDLE or listed is None:
            return
        generation = listed.snapshot.generation
        shown = f"generation {generation}" if generation else "sample names"
        notice = f"; {notices[0]}" if notices else ""
        self._notifier.status(f"idle: {shown}, {self._session.spins_made} spins{notice}")
