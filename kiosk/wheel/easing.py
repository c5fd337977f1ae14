"""The easing of a spin: distance travelled after a part of its time, in exact integers.

The first fifth of the time accelerates with power 3. The rest decelerates, the more sharply the more segments there
are, so that the last seconds cross a handful of names whatever the size of the list. With u = elapsed / duration and
v = 1 - u, the travelled part of the way is

    K u^3                    for u <= 1/5
    1 - (A v^n + B v^2)      for u >= 1/5

n and B follow from the number of segments alone (`Closing.for_segments`), A and K from place and speed being continuous
at u = 1/5. Up to 60 segments n = 3 and B = 0, which makes A = 25/16 and K = 25.

Invariant: strictly forward at every unit of time, 0 at the start, the whole distance at the end; integer arithmetic, so
every machine agrees. Nothing but the number of segments shapes the motion: it cannot tell a natural spin from a
predetermined one.
"""

from fractions import Fraction
from functools import lru_cache

import msgspec

SEAM = Fraction(1, 5)
"""The part of the time that accelerates."""
SHARP_FROM = 61
"""Segments from which the end is slower than power 3: below, its last 4 s cross few enough names."""
_CLOSING_PART = Fraction(4, 11)
"""The last 4 s of 11 s, in which the audience reads names."""
_TURNS = Fraction(13, 2)
"""A spin's way on average, in turns."""
_NAMES_BY_POWER_N = 5
"""How many names the term A v^n crosses at most in the closing part, on average."""
_NAMES_BY_POWER_2 = 5
"""How many the term B v^2 crosses there: it is what still moves in the last second."""


class Closing(msgspec.Struct, frozen=True):
    """The shape of a spin: its coefficients as integers over one denominator.

    Attributes:
        power: n.
        way: K, A and B times `denominator`.
        denominator: of all three.
    """

    power: int
    way: tuple[int, int, int]
    denominator: int

    @classmethod
    def for_segments(cls, count: int) -> "Closing":
        """Return the shape for a wheel of `count` segments, from 1."""
        return _closing(count)


@lru_cache(maxsize=64)
def _closing(count: int) -> Closing:
    if count < SHARP_FROM:
        return _shape(3, Fraction(0))
    slow = _NAMES_BY_POWER_2 / (_CLOSING_PART**2 * _TURNS * count)
    power = 3
    while _main(power, slow) * _CLOSING_PART**power * _TURNS * count > _NAMES_BY_POWER_N:
        power += 1
    return _shape(power, slow)


def _main(power: int, slow: Fraction) -> Fraction:
    """Return A: the value and the slope of both parts agree at the seam."""
    left = 1 - SEAM
    return (1 - slow * left * (left + 2 * SEAM / 3)) / (left ** (power - 1) * (left + power * SEAM / 3))


def _shape(power: int, slow: Fraction) -> Closing:
    main = _main(power, slow)
    left = 1 - SEAM
    first = (1 - main * left**power - slow * left**2) / SEAM**3
    denominator = first.denominator * main.denominator * slow.denominator
    return Closing(
        power=power,
        way=(int(first * denominator), int(main * denominator), int(slow * denominator)),
        denominator=denominator,
    )


def travelled(distance: int, elapsed: int, duration: int, closing: Closing) -> int:
    """Return how far of `distance` (units) is covered after `elapsed` of `duration` (the same unit of time).

    Before the start it is 0, after the end it is `distance`. A distance of at least two units for each unit of
    time is covered strictly forward: where rounding would stand still, it moves on by one unit.
    """
    if elapsed <= 0:
        return 0
    if elapsed >= duration:
        return distance
    first, main, slow = closing.way
    if elapsed * SEAM.denominator <= duration * SEAM.numerator:
        return distance * first * elapsed**3 // (closing.denominator * duration**3)
    left = duration - elapsed
    power, rest_power = closing.power, closing.power - 2
    share = main * left**power + slow * left**2 * duration**rest_power
    ahead: int = distance * share // (closing.denominator * duration**power)
    return distance - (max(ahead, left) if distance >= 2 * duration else ahead)
