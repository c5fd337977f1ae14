"""Collects what `kiosk.supervise.health.report` has: state, draws, frames, counters, memory, machine.

Invariant: the loop's thread writes, the health thread reads. What is shared is one frozen value, replaced whole.
"""

import os
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec
from msgspec.structs import replace

from kiosk.core.clock import NS_PER_MS, NS_PER_S, Clock, rfc3339
from kiosk.devices.window import Window
from kiosk.machine import State
from kiosk.session.draw_session import Session
from kiosk.supervise.health.machine import MachineHealth, read_machine
from kiosk.supervise.health.report import CacheSize, Health, LastSpin
from kiosk.supervise.memory_guard import pss_mb
from kiosk.supervise.run_report import LONGEST, RunReport
from kiosk.supervise.supervisor import Supervisor


class _Facts(msgspec.Struct, frozen=True):
    """What the loop reported last."""

    state: State
    generation: int
    spins: int
    notices: tuple[str, ...]
    last_spin_at: str


class HealthMonitor(Supervisor):
    """Knows how the kiosk is.

    Args:
        session: what is on the wheel.
        clock: the loop's.
        home: on the disk whose health is reported.
        watcher_alive: whether new lists would arrive.
        report: has the figures of the spins, and the counters.
        window: the kiosk's.
        caches: returns the sizes of the screen's caches by name, and their limits.
        machine: asks the machine; `read_machine` outside of tests.
    """

    def __init__(
        self,
        session: Session,
        clock: Clock,
        *,
        home: Path,
        watcher_alive: Callable[[], bool],
        report: RunReport,
        window: Window,
        caches: Callable[[], Mapping[str, tuple[int, int]]],
        machine: Callable[[Path], MachineHealth] = read_machine,
    ) -> None:
        self._session = session
        self._clock = clock
        self._home = home
        self._watcher_alive = watcher_alive
        self._report = report
        self._window = window
        self._caches = caches
        self._machine = machine
        self._facts: _Facts | None = None
        self._first_frame_ns: int | None = None
        self._frame_ns = 0

    def on_presented(self, now_ns: int) -> None:
        """See `Supervisor`."""
        if self._first_frame_ns is None:
            self._first_frame_ns = now_ns
        self._frame_ns = now_ns

    def on_change(self, state: State, notices: tuple[str, ...]) -> None:
        """See `Supervisor`."""
        listed, before = self._session.listed, self._facts
        if listed is None:
            return
        came_to_rest = before is not None and before.state is State.SPINNING and state is State.SETTLING
        last_spin_at = rfc3339(self._clock.utc_now()) if came_to_rest else before.last_spin_at if before else ""
        self._facts = _Facts(state, listed.snapshot.generation, self._session.spins_made, notices, last_spin_at)

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
            visible=not self._window.hidden,
            last_spin=self._last_spin(facts.last_spin_at),
            longest_frame_ms=self._report.longest_frames_ms[-1] if self._report.longest_frames_ms else 0.0,
            counters=replace(self._report.counters, times_hidden=self._window.times_hidden),
            caches=tuple(CacheSize(name, *sizes) for name, sizes in self._all_caches().items()),
            open_files=_entries("/proc/self/fd"),
            threads=_entries("/proc/self/task"),
            pss_mb=pss_mb(),
            uptime_s=(now - first_frame_ns) // NS_PER_S,
            notices=facts.notices,
            machine=self._machine(self._home),
        )

    def _all_caches(self) -> dict[str, tuple[int, int]]:
        kept = len(self._report.spins) + len(self._report.adoptions)
        return {**self._caches(), "spins and adoptions reported": (kept, 2 * LONGEST)}

    def _last_spin(self, at: str) -> LastSpin | None:
        if not self._report.spins:
            return None
        spin = self._report.spins[-1]
        return LastSpin(
            at=at,
            duration_ms=spin.duration_ms,
            on_time=spin.on_time,
            frames_per_second=spin.frames_per_second,
            frame_p50_ms=spin.frame_ms.p50,
            frame_p99_ms=spin.frame_ms.p99,
            frame_max_ms=spin.frame_ms.max,
            dropped_frames=spin.dropped_frames,
            resumed=spin.resumed,
        )


def _entries(directory: str) -> int | None:
    """Return how many entries a directory of /proc has; None where there is no such directory."""
    try:
        return len(os.listdir(directory))  # noqa: PTH208 - names only
    except OSError:
        return None
