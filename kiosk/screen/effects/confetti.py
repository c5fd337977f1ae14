"""The celebration: paper thrown from both sides of the screen, each place a function of time.

Invariant: pure, without state, and the same every time.
"""

import math

import msgspec

DURATION_MS = 7000
PIECES = 150
SHADES = 8
POSES = 8
_THROWN_OVER_S = 2.6
_FADE_MS = 900
_DRAG = 1.35
_FALL = 0.24


class Piece(msgspec.Struct, frozen=True):
    """A piece of paper: where it is as a part of the screen (0..1), which shade, how it is turned, how strong it is."""

    x: float
    y: float
    shade: int
    pose: int
    alpha: int


def pieces(elapsed_ms: int) -> list[Piece]:
    """Return the pieces in the air `elapsed_ms` after the start; none after `DURATION_MS`."""
    if not 0 <= elapsed_ms < DURATION_MS:
        return []
    time = elapsed_ms / 1000
    fade = min(1.0, (DURATION_MS - elapsed_ms) / _FADE_MS)
    found = []
    for number in range(PIECES):
        # The golden ratio spreads numbers evenly: no two pieces fly together, and no random number is needed.
        one, two, three = ((number + 1) * ratio % 1 for ratio in (0.6180339887, 0.7548776662, 0.5698402910))
        age = time - one * _THROWN_OVER_S
        if age < 0:
            continue
        # Air slows a throw down exponentially; what is left is a slow fall, and a sway.
        reach = (1 - math.exp(-_DRAG * age)) / _DRAG
        across = (0.08 + 1.12 * two) * reach
        sway = 0.018 * math.sin(3.1 * age + 6.28 * three) * min(1.0, age)
        side = number % 2
        x = (1.02 - across if side else across - 0.02) + sway
        y = 0.86 - (0.5 + 1.2 * three) * reach + _FALL * (0.75 + 0.5 * two) * max(0.0, age - 0.35)
        if not (-0.04 <= x <= 1.04 and -0.06 <= y <= 1.04):
            continue
        pose = int((age * (4 + 6 * two) + three * POSES) % POSES)
        found.append(Piece(x, y, number % SHADES, pose, round(255 * fade)))
    return found
