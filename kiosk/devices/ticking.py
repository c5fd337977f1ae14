"""Which tick is heard as the wheel passes its pegs: an ear hears it slow down, however many pegs there are.

Invariant: pure but for what it counts. Up to `ALL_A_SECOND` every peg is heard; above, they are thinned to a rate that
still rises with the speed. Pitch and loudness rise with the speed, too, in `LEVELS` steps.
"""

import math
from typing import NamedTuple

LEVELS = 6
"""Ticks of the slowest wheel to those of the fastest."""
VARIANTS = 3
"""Of each level: no tick sounds like the one before."""
ALL_A_SECOND = 10.0
_MORE_A_DECADE = 5.0
"""How many ticks a second more are heard when ten times as many pegs pass."""


class Tick(NamedTuple):
    """One tick: which of the sounds."""

    level: int
    variant: int


class Ticking:
    """Chooses the ticks of a spin."""

    def __init__(self) -> None:
        self._due = 0.0
        self._count = 0

    def passes(self, pegs: int, a_second: float) -> Tick | None:
        """Return the tick to play now.

        Args:
            pegs: how many passed since the last call.
            a_second: how many pass in a second at this speed.
        """
        if not pegs:
            return None
        self._due += pegs * min(1.0, heard_a_second(a_second) / a_second) if a_second > 0 else 1
        if self._due < 1:
            return None
        self._due = min(self._due - 1, 0.999)  # two at once would be one louder tick
        self._count += 1
        return Tick(level_of(a_second), self._count % VARIANTS)


def heard_a_second(pegs_a_second: float) -> float:
    """Return how many ticks a second are heard where that many pegs pass."""
    if pegs_a_second <= ALL_A_SECOND:
        return pegs_a_second
    return ALL_A_SECOND + _MORE_A_DECADE * math.log10(pegs_a_second / ALL_A_SECOND)


def level_of(pegs_a_second: float) -> int:
    """Return how fast a wheel sounds: each level is twice the speed of the one before."""
    return min(LEVELS - 1, max(0, math.floor(math.log2(max(1.0, pegs_a_second)))))
