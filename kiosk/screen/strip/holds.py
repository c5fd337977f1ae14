"""When names stand that pass too fast to be read, and which ones: those at the pointer when their time began.

Invariant: a function of the plan and of time alone. Each name stands for `HOLD_MS`, the first one up to half as long
again; none that has passed comes back.
"""

import math

import msgspec

from kiosk.screen.strip.rows import held
from kiosk.wheel.angle import TURN
from kiosk.wheel.spin import TICKS_PER_SECOND, SpinPlan

HOLD_MS = 280
"""How long a name stands: under 4 a second."""


class Hold(msgspec.Struct, frozen=True):
    """A time in which names stand.

    Attributes:
        number: of the time, counted down to rest.
        tick: of the plan, at which they were at the pointer.
    """

    number: int
    tick: int


class Holds:
    """Finds the holds of plans, and keeps what it found of the last one."""

    def __init__(self) -> None:
        self._plan: SpinPlan | None = None
        self._first: Hold | None = None
        self._asked: tuple[int, Hold | None] | None = None

    def at(self, plan: SpinPlan, rest_in_ms: int) -> Hold | None:
        """Return the hold so long before rest; None while names can be read as they pass."""
        first = self._first_of(plan)
        if self._asked is None or self._asked[0] != rest_in_ms:  # a frame asks several times
            self._asked = (rest_in_ms, self._find(plan, first, rest_in_ms))
        return self._asked[1]

    def _find(self, plan: SpinPlan, first: Hold | None, rest_in_ms: int) -> Hold | None:
        tick = _tick(plan, rest_in_ms)
        if first is None or tick < first.tick:
            return None
        number = rest_in_ms // HOLD_MS
        if number >= first.number:
            return first
        began = _tick(plan, (number + 1) * HOLD_MS)
        return Hold(number, began) if _too_fast(plan, began) else None

    def next(self, plan: SpinPlan, rest_in_ms: int) -> tuple[int, bool] | None:
        """Return the tick at which the names that stand now make way for others, and whether these stand too.

        The others are those at the pointer at that tick. None if no names stand now.
        """
        hold = self.at(plan, rest_in_ms)
        if hold is None:
            return None
        tick = _tick(plan, hold.number * HOLD_MS)
        return tick, _too_fast(plan, tick)

    def _first_of(self, plan: SpinPlan) -> Hold | None:
        if self._plan is not plan and self._plan != plan:
            self._plan, self._first, self._asked = plan, None, None
            tick = next((tick for tick in range(plan.ticks) if _too_fast(plan, tick)), None)
            if tick is not None:
                left_ms = (plan.ticks - tick) * 1000 // TICKS_PER_SECOND
                # What is left of a short time is added to the next one.
                self._first = Hold(left_ms // HOLD_MS - (left_ms % HOLD_MS < HOLD_MS // 2), tick)
        return self._first


def _tick(plan: SpinPlan, rest_in_ms: int) -> int:
    """Return the last tick of a plan that is at least so long before rest."""
    return max(0, plan.ticks - math.ceil(rest_in_ms * TICKS_PER_SECOND / 1000))


def _too_fast(plan: SpinPlan, tick: int) -> bool:
    """Say whether names pass too fast to be read from a tick to the next."""
    passed = plan.angle_at(tick + 1) - plan.angle_at(tick)
    return held(passed * TICKS_PER_SECOND * plan.segments / TURN)
