"""How far the pegs push the pointer, as a function of the wheel's angle and speed; and how it springs back.

Where there are more entries than pegs, the borders of the wedges push it, as they do for somebody who looks at the rim
from near.

Invariant: pure. The pointer bends and springs, and the wheel never goes back for it. Half a second after rest the
pointer is straight, wherever the wheel stopped.
"""

import math
from bisect import bisect_right
from collections.abc import Sequence

from kiosk.wheel.angle import TURN, normalize
from kiosk.wheel.segments import Segments

LARGEST_DEGREES = 22
BACK_DEGREES = 10
"""How far it swings to the other side at most."""
_REACH = TURN // 200
"""A peg touches the pointer from this far before it to this far after it: 1.8 degrees."""
_REACH_OF_A_WEDGE = 5
"""Or this part of a wedge, where wedges are narrow."""
_BUZZ_PEGS_A_SECOND = 25.0
"""Above this rate the pointer does not return between pegs: it stays pushed and vibrates."""
_CALMS_IN_S, _SWINGS_IN_S = 0.09, 0.17
"""A pointer that is let go: how fast it calms down, and how long one swing takes."""
SPRING_MS = 480


def deflection(pegs: Sequence[int], segments: Segments, angle: int, speed: float) -> float:
    """Return by how many degrees the pointer is pushed, `-BACK_DEGREES` to `LARGEST_DEGREES`.

    Positive is the direction of the rim.

    Args:
        pegs: wheel angles of the pegs, ascending, in units.
        segments: of the entries.
        angle: wheel angle in units.
        speed: units per second; a wheel at rest pushes nothing.
    """
    if not pegs or speed <= 0:
        return 0.0
    reach = min(_REACH, TURN // segments.count // _REACH_OF_A_WEDGE)
    ahead = normalize(angle + reach)
    narrow = segments.count > len(pegs)
    # The one that touches, or touched last; -1 is the one across angle 0.
    peg = segments.bounds(segments.at(ahead))[0] if narrow else pegs[bisect_right(pegs, ahead) - 1]
    since = normalize(ahead - peg)  # 0 when it begins to touch, 2 * reach when it lets go
    push = since / (2 * reach) if since < 2 * reach else _swing((since - 2 * reach) / speed)
    buzz = min(1.0, speed * max(len(pegs), segments.count) / TURN / _BUZZ_PEGS_A_SECOND)
    push += (0.75 - push) * buzz * 0.8
    return max(-BACK_DEGREES, LARGEST_DEGREES * push)


def sprung(pushed: float, rested_ms: int) -> float:
    """Return where a pointer is that was `pushed` as the wheel came to rest, so long ago."""
    if rested_ms >= SPRING_MS:
        return 0.0
    return max(-BACK_DEGREES, pushed * _swing(rested_ms / 1000) * (1 - rested_ms / SPRING_MS))


def _swing(seconds: float) -> float:
    """Return the part of a push that is left after a time: a swing that calms down."""
    if seconds > 100 * _CALMS_IN_S:  # a wheel that hardly moves: the time may be infinite
        return 0.0
    return math.exp(-seconds / _CALMS_IN_S) * math.cos(math.tau * seconds / _SWINGS_IN_S)


def pegs_passed(pegs: Sequence[int], segments: Segments, before: int, after: int) -> int:
    """Return how many pegs, or entries where there are more of them, pass the pointer between two wheel angles.

    Args:
        pegs: wheel angles of the pegs, ascending, in units.
        segments: of the entries.
        before: unwrapped wheel angle.
        after: another one, not below `before`.
    """
    if not pegs:
        return 0

    def rank(angle: int) -> int:
        if segments.count > len(pegs):
            return angle // TURN * segments.count + segments.at(angle % TURN)
        return angle // TURN * len(pegs) + bisect_right(pegs, angle % TURN)

    return rank(after) - rank(before)
