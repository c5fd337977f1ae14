"""Whether the kiosk lives, as the loop knows it: the heartbeat for the service manager, the LED, the facts for health.

Invariant: the heart beats only when the loop says that a frame was presented, which it does only while the watcher
lives. No thread and no timer beats it: a loop or a display that hangs must be killed and started again.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from kiosk.core.clock import NS_PER_MS, NS_PER_S, Clock, rfc3339
from kiosk.devices.button import Button
from kiosk.draw_session import Session
from kiosk.machine import State
from kiosk.supervise.health_files import Health, Machine, read_machine
from kiosk.supervise.heartbeat import BEAT_NS, Heartbeat
from kiosk.supervise.memory_limits import pss_mb
from kiosk.supervise.systemd_notify import Notifier


@dataclass(frozen=True, slots=True)
class _Facts:
    """What the loop said last; replaced whole, so that another thread can read it."""

    state: State
    seq: int
    generation: int
    spins: int
    notices: tuple[str, ...]
    last_spin_at: str


class Vitals:
    """What the loop tells, and what follows from it. It is a `Heartbeat`.

    Args:
        clock: the loop's.
        notifier: to the service manager.
        watcher_alive: whether new lists would arrive.
        button: its LED says whether a press would spin.
        home: on the disk whose health is reported.
        also: further heartbeats.
        machine: asks the machine; `read_machine` outside of tests.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        notifier: Notifier,
        watcher_alive: Callable[[], bool],
        button: Button,
        home: Path,
        also: tuple[Heartbeat, ...] = (),
        machine: Callable[[Path], Machine] = read_machine,
    ) -> None:
        self._clock = clock
        self._notifier = notifier
        self._watcher_alive = watcher_alive
        self._button = button
        self._home = home
        self._also = also
        self._machine = machine
        self._facts: _Facts | None = None
        self._first_frame_ns: int | None = None
        self._frame_ns = 0
        self._beat_due_ns = 0

    def frame_presented(self, now_ns: int) -> None:
        """See `Heartbeat`. The first one says that the kiosk is ready."""
        if self._first_frame_ns is None:
            self._first_frame_ns = now_ns
            self._notifier.ready()
        self._frame_ns = now_ns
        if now_ns >= self._beat_due_ns:
            self._beat_due_ns = now_ns + BEAT_NS
            self._notifier.alive()
        for heartbeat in self._also:
            heartbeat.frame_presented(now_ns)

    def note(self, state: State, session: Session, notices: tuple[str, ...]) -> None:
        """Take note of what the kiosk does; cheap while nothing changes, for it is called for every frame.

        Args:
            state: of the machine.
            session: what is on the wheel.
            notices: what stands on the status line.
        """
        before = self._facts
        if session.listed is None or (
            before is not None and (before.state, before.seq, before.notices) == (state, session.seq, notices)
        ):
            return
        came_to_rest = before is not None and before.state is State.SPINNING and state is State.SETTLING
        last_spin_at = rfc3339(self._clock.utc_now()) if came_to_rest else before.last_spin_at if before else ""
        generation, spins = session.listed.snapshot.generation, session.spins_made
        self._facts = _Facts(state, session.seq, generation, spins, notices, last_spin_at)
        self._button.say_ready(ready=state is State.IDLE and session.why_no_spin() is None)
        if state is State.IDLE:
            shown = f"generation {generation}" if generation else "sample names"
            about = f"; {notices[0]}" if notices else ""
            self._notifier.status(f"idle: {shown}, {spins} spins{about}")

    def report(self) -> Health | None:
        """Return how the kiosk is; None before the first frame. May be called on any thread."""
        facts, first_frame_ns = self._facts, self._first_frame_ns
        if facts is None or first_frame_ns is None:
            return None
        now = self._clock.monotonic_ns()
        return Health(
            at=rfc3339(self._clock.utc_now()),
            state=facts.state.value,
            generation=facts.generation,
            spins=facts.spins,
            last_spin_at=facts.last_spin_at,
            last_frame_age_ms=(now - self._frame_ns) // NS_PER_MS,
            watcher_alive=self._watcher_alive(),
            pss_mb=pss_mb(),
            uptime_s=(now - first_frame_ns) // NS_PER_S,
            notices=facts.notices,
            machine=self._machine(self._home),
        )
