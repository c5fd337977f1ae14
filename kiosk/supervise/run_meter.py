"""Measures presses, spins and adoptions while they happen, and reports them.

Invariant: it only measures. A spin that did not take its planned time, or dropped frames, is a warning in the log, a
counter and a fact in the report.
"""

import logging
import time

from kiosk.core.clock import NS_PER_MS, Clock
from kiosk.intake.loader import Prepared
from kiosk.stage import RunningSpin
from kiosk.supervise.run_report import TOLERANCE_MS, AdoptionReport, RunReport, SpinReport, frame_times
from kiosk.wheel.spin import TICKS_PER_SECOND

logger = logging.getLogger(__name__)

_EDGES = 1
"""Frames at both ends of a spin that may fall outside of it."""


class RunMeter:
    """Measures one run.

    Args:
        report: gets the figures.
        clock: the loop's.
    """

    def __init__(self, report: RunReport, clock: Clock) -> None:
        self._report = report
        self._clock = clock
        self._pressed_ns: int | None = None
        self._to_motion_ms: float | None = None
        self._turns, self._standing = 0, 0
        self._longest_ms = 0.0
        self._adopting: tuple[Prepared, float] | None = None

    # ---- spins --------------------------------------------------------------------------------------------------

    def press(self) -> None:
        """Somebody pressed in idle."""
        self._pressed_ns = self._clock.monotonic_ns()

    def start(self, *, resumed: bool) -> None:
        """The wheel starts to turn, or starts again."""
        self._turns, self._standing, self._longest_ms, self._to_motion_ms = 0, 0, 0.0, None
        if resumed:
            self._pressed_ns = None

    def turn(self) -> None:
        """A frame of the spin is due now."""
        self._turns += 1

    def frame(self, ms: float, spin: RunningSpin | None) -> None:
        """A frame was presented, and took `ms`; of `spin`, or of the result that follows it."""
        self._longest_ms = max(self._longest_ms, ms)
        if spin is not None:
            spin.frames_ms.append(ms)
            if spin.motion.tick == 0:  # the press was recorded in it, and the wheel stands
                self._standing = len(spin.frames_ms)
            if self._pressed_ns is not None and self._to_motion_ms is None and spin.motion.tick > 0:
                self._to_motion_ms = round((self._clock.monotonic_ns() - self._pressed_ns) / NS_PER_MS, 1)
        if self._adopting is not None:
            self._report_adoption(*self._adopting)
            self._adopting = None

    def shown(self, spin: RunningSpin, *, under_pointer: str, duration_ms: int) -> None:
        """The wheel has come to rest."""
        decision = spin.decision
        planned_ms = decision.plan.ticks * 1000 // TICKS_PER_SECOND
        due = duration_ms * self._report.fps // 1000
        found = SpinReport(
            spin=decision.spin,
            mode=decision.mode,
            ticket=decision.entry.ticket,
            under_pointer=under_pointer,
            duration_ms=duration_ms,
            frames=len(spin.frames_ms),
            frame_ms=frame_times(spin.frames_ms[self._standing :]),
            resumed=spin.resumed,
            on_time=abs(duration_ms - planned_ms) <= TOLERANCE_MS,
            dropped_frames=max(0, due - self._turns - _EDGES),
            to_motion_ms=self._to_motion_ms,
        )
        self._report.add(found)
        if not found.on_time:
            logger.warning("spin %d took %d ms instead of %d", found.spin, duration_ms, planned_ms)
        if found.dropped_frames:
            logger.warning("spin %d dropped %d of %d frames", found.spin, found.dropped_frames, due)

    def end_cycle(self) -> None:
        """The wheel is idle again after a spin."""
        self._report.end_cycle(self._longest_ms)

    # ---- lists --------------------------------------------------------------------------------------------------

    def adopt(self, prepared: Prepared, started: float) -> None:
        """A list was adopted; `started` is when that began, by `time.perf_counter`. The next frame shows it."""
        self._adopting = (prepared, started)

    def _report_adoption(self, prepared: Prepared, started: float) -> None:
        if prepared.published is not None:
            ms = (time.time_ns() - prepared.published.in_place_ns) / NS_PER_MS
            busy_ms = (time.perf_counter() - started) * 1000
            generation = prepared.listed.snapshot.generation
            self._report.add(AdoptionReport(generation, round(ms, 1), round(busy_ms, 1)))
