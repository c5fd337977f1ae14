"""How far the pegs push the pointer, as a function of the wheel's angle and speed.

Invariant: pure. At rest the pointer is straight, wherever the wheel stopped.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from kiosk.wheel.angle import TURN, normalize

LARGEST_DEGREES = 22
_REACH = TURN // 200
"""A peg touches the pointer from this far before it to this far after it: 1.8 degrees."""
_CALM_TURNS_A_SECOND = 0.02
"""Below this speed the push decreases, so that the pointer comes to rest with the wheel."""
_BUZZ_PEGS_A_SECOND = 25.0
"""Above this rate the pointer does not return between pegs: it stays pushed and vibrates."""


def deflection(pegs: Sequence[int], angle: int, speed: float) -> float:
    """Return by how many degrees the pointer is pushed in the direction of the rim, 0 to `LARGEST_DEGREES`.

    Args:
        pegs: wheel angles of the pegs, ascending, in units.
        angle: wheel angle in units.
        speed: units per second.
    """
    if not pegs or speed <= 0:
        return 0.0
    place = bisect_left(pegs, normalize(angle + _REACH))
    peg = pegs[place - 1]  # the peg that is touching, or touched last; -1 is the one across angle 0
    since = normalize(angle + _REACH - peg)  # 0 when it begins to touch, 2 * reach when it lets go
    push = since / (2 * _REACH) if since < 2 * _REACH else max(0.0, 1 - (since - 2 * _REACH) / _REACH)
    buzz = min(1.0, speed * len(pegs) / TURN / _BUZZ_PEGS_A_SECOND)
    push += (0.75 - push) * buzz * 0.8
    return LARGEST_DEGREES * push * min(1.0, speed / TURN / _CALM_TURNS_A_SECOND)


def pegs_passed(pegs: Sequence[int], before: int, after: int) -> int:
    """Return how many pegs pass the pointer between two unwrapped wheel angles, `before` <= `after`."""

    def rank(angle: int) -> int:
        return angle // TURN * len(pegs) + bisect_right(pegs, angle % TURN)

    return rank(after) - rank(before)
