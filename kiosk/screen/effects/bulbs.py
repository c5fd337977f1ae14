"""Which bulbs of the frame are lit: a function of time, slow enough for every eye.

Invariant: pure. No bulb goes on and off more than twice a second.
"""

from kiosk.screen.effects.reveal import CALM_MS, SILENCE_MS
from kiosk.screen.scene import Phase, Scene

BULBS = 48
_CHASE_MS = 170
"""While the wheel turns, the light moves on by one bulb in this time."""
_STROLL_MS = 560
"""In idle."""
_CHASES = tuple(sum(1 << number for number in range(BULBS) if (number - step) % 3) for step in range(3))


def lit_bulbs(scene: Scene, *, reduced: bool = False) -> int:
    """Return a bit for each bulb that is lit; with `reduced` motion they stand still."""
    if reduced:
        return _chasing(0)
    if scene.phase is Phase.TURNING:
        return _chasing(-scene.rest_in_ms // _CHASE_MS)
    if scene.phase is Phase.RESULT:
        if scene.celebration_ms < SILENCE_MS:
            return 0
        if scene.outcome is not None and scene.outcome.absent:
            return _chasing(0)
        if scene.celebration_ms < CALM_MS:
            return _chasing(scene.celebration_ms // (2 * _CHASE_MS))
    return _chasing(scene.moment_ms // _STROLL_MS)


def _chasing(step: int) -> int:
    """Return a pattern in which each third bulb is dark, `step` bulbs along."""
    return _CHASES[step % 3]
