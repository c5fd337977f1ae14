"""Which bulbs of the frame are lit, and which of them glow: a function of time, slow enough for every eye.

Invariant: pure. No bulb goes on and off more than twice a second.
"""

from typing import NamedTuple

from kiosk.screen.effects.reveal import CALM_MS, SILENCE_MS
from kiosk.screen.scene import Phase, Scene

BULBS = 48
_CHASE_MS = 170
"""While the wheel turns, the light moves on by one bulb in this time."""
_STROLL_MS = 560
"""In idle."""
_CHASES = tuple(sum(1 << number for number in range(BULBS) if (number - step) % 3) for step in range(3))
_GLOW = range(-3, 4)
"""Bulbs round the middle of a glow. There are two, on opposite sides."""


class Bulbs(NamedTuple):
    """The state of all bulbs: a bit for each that is lit, and for each of these that is bright."""

    lit: int
    bright: int = 0


def bulbs_at(scene: Scene, *, reduced: bool = False) -> Bulbs:
    """Return the bulbs of a scene; with `reduced` motion they stand still.

    Between spins, and once a result is calm, a glow drifts round the frame against the way the lights move on.
    """
    if reduced:
        return _chasing(0)
    if scene.phase is Phase.TURNING:
        return _chasing(-scene.rest_in_ms // _CHASE_MS)
    if scene.phase is Phase.RESULT:
        if scene.celebration_ms < SILENCE_MS:
            return Bulbs(0)
        if scene.outcome is not None and scene.outcome.absent:
            return _chasing(0)
        if scene.celebration_ms < CALM_MS:
            return _chasing(scene.celebration_ms // (2 * _CHASE_MS))
    step = scene.moment_ms // _STROLL_MS
    lit = _chasing(step).lit
    return Bulbs(lit, lit & _glow(-step))


def _chasing(step: int) -> Bulbs:
    """Return a pattern in which each third bulb is dark, `step` bulbs along."""
    return Bulbs(_CHASES[step % 3])


def _glow(middle: int) -> int:
    """Return the bulbs near the bulb `middle`, and near the one opposite."""
    return sum(1 << (middle + side + beside) % BULBS for side in (0, BULBS // 2) for beside in _GLOW)
