"""Binary angular measure: an angle is an integer, 2^32 units a turn.

Invariant: no float decides anything. Floats appear only on the way to the screen, through `degrees`.
"""

TURN = 1 << 32
"""Units in one turn."""


def normalize(angle: int) -> int:
    """Return the same direction within [0, TURN)."""
    return angle % TURN


def forward(start: int, target: int) -> int:
    """Return the distance from `start` forward to `target`: [0, TURN) units."""
    return (target - start) % TURN


def degrees(angle: int) -> float:
    """Return the angle in degrees, [0, 360), for drawing."""
    return normalize(angle) * 360.0 / TURN
