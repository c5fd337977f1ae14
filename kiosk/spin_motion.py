"""One spin in motion: which tick it is, and where the wheel stands between two ticks.

Invariant: time advances in ticks of 1/120 s. A late frame skips ticks and never slows the spin; the last tick assigns
the planned resting angle. Pure: no clock, no drawing.
"""

from kiosk.core.clock import NS_PER_S
from kiosk.wheel.spin import TICKS_PER_SECOND, SpinPlan, between


class SpinMotion:
    """The motion of one plan, started at one instant.

    Args:
        plan: how the wheel moves.
        started_ns: monotonic time of its first tick.

    Attributes:
        tick: ticks done, up to `plan.ticks`.
        angle: wheel angle now, in units, interpolated between two ticks.
    """

    __slots__ = ("angle", "plan", "started_ns", "tick")

    def __init__(self, plan: SpinPlan, started_ns: int) -> None:
        self.plan = plan
        self.started_ns = started_ns
        self.tick = 0
        self.angle = plan.angle_at(0)

    def advance(self, now_ns: int) -> None:
        """Move to `now_ns`."""
        elapsed_ns = now_ns - self.started_ns
        self.tick = min(self.plan.ticks, elapsed_ns * TICKS_PER_SECOND // NS_PER_S)
        if self.done:
            self.angle = self.plan.rest
            return
        into_tick = elapsed_ns * TICKS_PER_SECOND / NS_PER_S - self.tick
        self.angle = between(
            self.plan.angle_at(self.tick), self.plan.angle_at(self.tick + 1), min(1.0, max(0.0, into_tick))
        )

    @property
    def done(self) -> bool:
        """Whether the wheel has come to rest."""
        return self.plan.done_at(self.tick)

    @property
    def speed(self) -> float:
        """Units per second at this tick."""
        return float((self.plan.angle_at(self.tick + 1) - self.plan.angle_at(self.tick)) * TICKS_PER_SECOND)

    @property
    def rest_in_ms(self) -> int:
        """Time until the wheel comes to rest, in ms."""
        return (self.plan.ticks - self.tick) * 1000 // TICKS_PER_SECOND
