"""Confetti: falling pieces of paper, each place a function of time.

Invariant: pure, without state, and the same every time.
"""

import math
from dataclasses import dataclass

DURATION_MS = 2600
PIECES = 90
SHADES = 8
POSES = 6


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of paper: its place as a part of the box (0..1), shade, pose and opacity (0..255)."""

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
    fade = min(1.0, (DURATION_MS - elapsed_ms) / 600)
    found = []
    for number in range(PIECES):
        # The golden ratio spreads numbers evenly: no two pieces fly together, and no random number is needed.
        one, two, three = ((number + 1) * ratio % 1 for ratio in (0.6180339887, 0.7548776662, 0.5698402910))
        launch = one * 0.5
        age = time - launch
        if age < 0:
            continue
        sway = 0.02 * math.sin(5 * age + 6.28 * two)
        y = -0.06 + (0.24 + 0.3 * three) * age + 0.1 * age * age
        if y > 1.05:
            continue
        pose = int((age * (3 + 5 * two) + three * POSES) % POSES)
        found.append(Piece(two + sway, y, number % SHADES, pose, round(255 * fade)))
    return found
