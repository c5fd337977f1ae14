"""A spin as a plan: start angle, rest angle, duration.

Invariant: natural and fixed spins use the same formula, so the motion does not reveal which one it is. The last angle
is assigned from the target, not computed by the easing.
"""

import msgspec

from kiosk.wheel.angle import TURN, forward, normalize
from kiosk.wheel.easing import Closing, travelled

TICKS_PER_SECOND = 120
"""The fixed timestep of the simulation."""
SPIN_TICKS = 11 * TICKS_PER_SECOND
"""A spin lasts 11 000 ms: long enough for suspense, short enough for many spins."""


class SpinPlan(msgspec.Struct, frozen=True):
    """One spin.

    Attributes:
        start: wheel angle before the spin, units within [0, TURN).
        rest: wheel angle after it, units within [0, TURN); lies in the winner's segment.
        turns: whole turns, 5 to 7; what is left to reach `rest` comes on top.
        segments: how many there are on the wheel, from 1: they shape the closing phase.
        ticks: duration in ticks of 1/120 s.
    """

    start: int
    rest: int
    turns: int
    segments: int
    ticks: int = SPIN_TICKS

    @property
    def distance(self) -> int:
        """The total distance, in units."""
        return self.turns * TURN + forward(self.start, self.rest)

    def angle_at(self, tick: int) -> int:
        """Return the wheel angle `tick` ticks after the start, *unwrapped*: it never decreases.

        At the last tick and after it, the angle is `rest` plus whole turns, exactly.
        """
        return self.start + travelled(self.distance, tick, self.ticks, Closing.for_segments(self.segments))

    def done_at(self, tick: int) -> bool:
        """Return whether the wheel is at rest at `tick`."""
        return tick >= self.ticks


def between(before: int, after: int, alpha: float) -> int:
    """Return the wrapped angle at fraction `alpha` (0..1) of the tick from `before` to `after`, for drawing only."""
    return normalize(before + int((after - before) * alpha))
