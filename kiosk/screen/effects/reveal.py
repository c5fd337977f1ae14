"""The choreography of a result: what happens how long after the wheel came to rest.

Invariant: pure, a function of time alone. A beat of silence; the wedge pulses and the others dim; the name grows out of
the band into the card; confetti; the camera draws back; calm. Nothing flashes more than twice a second (WCAG 2.3.1
allows three).
"""

import math

import msgspec

from kiosk.screen.effects.confetti import DURATION_MS
from kiosk.screen.effects.smooth import smooth

SILENCE_MS = 500
_DIM_FOR_MS = 250
_BRIGHT_FROM_MS, _BRIGHT_FOR_MS = 3350, 500
"""It stays dim while the camera draws back: sectors that rush by are no flashes in the dark."""
DIM_UNTIL_MS = _BRIGHT_FROM_MS + _BRIGHT_FOR_MS
"""How long after rest the winner's wedge is lit; the camera has drawn back by then."""
_PULSES = 2
_PULSE_MS = 600
GROW_FROM_MS, GROW_FOR_MS = 1300, 600
_OTHERS_GO_MS = 400
"""Before the card begins to grow, and covers them."""
WORDS_FOR_MS = 400
CONFETTI_FROM_MS = 1300
CALM_MS = CONFETTI_FROM_MS + DURATION_MS
"""From then on nothing of the celebration moves."""
DARKEST = 0.72
"""So dark that the lit wedge of the darkest colour is lighter than all others, for colour-blind viewers too."""


class Moment(msgspec.Struct, frozen=True):
    """What a result looks like at one moment; each part is 0..1.

    Attributes:
        dim: how dark all wedges but the winner's are.
        light: how brightly the winner's wedge is lit.
        others: how strong the names beside the winner's are in the strip.
        growth: how far the name has grown out of the band into the card; 0 shows the strip.
        words: how strong the other words of the card are.
        confetti_ms: time since the confetti was thrown; negative before.
        snap: how far the strip has slid its middle name into the middle of the band.
    """

    dim: float
    light: float
    others: float
    growth: float
    words: float
    confetti_ms: int
    snap: float


CALM = Moment(dim=0.0, light=0.0, others=1.0, growth=1.0, words=1.0, confetti_ms=1 << 30, snap=1.0)
"""What it looks like long after."""


def moment(rested_ms: int, *, reduced: bool = False, celebrated: bool = True) -> Moment:
    """Return what a result looks like `rested_ms` after the wheel came to rest.

    Args:
        rested_ms: from 0.
        reduced: for audiences who asked for little motion: no pulse, no growth, no confetti.
        celebrated: False for a winner who is absent.
    """
    if not celebrated or (reduced and rested_ms >= SILENCE_MS):
        return CALM
    if reduced:
        return Moment(dim=0.0, light=0.0, others=1.0, growth=0.0, words=0.0, confetti_ms=-1, snap=1.0)
    since = rested_ms - SILENCE_MS
    dimmed = smooth(since / _DIM_FOR_MS) * (1 - smooth((rested_ms - _BRIGHT_FROM_MS) / _BRIGHT_FOR_MS))
    pulse = 0.75 + 0.25 * math.cos(math.tau * min(since / _PULSE_MS, _PULSES)) if since > 0 else 0.0
    return Moment(
        dim=round(DARKEST * dimmed, 3),
        light=round(dimmed * pulse, 3),
        others=round((1 - DARKEST * dimmed) * smooth((GROW_FROM_MS - rested_ms) / _OTHERS_GO_MS), 3),
        growth=round(smooth((rested_ms - GROW_FROM_MS) / GROW_FOR_MS), 4),
        words=round(smooth((rested_ms - GROW_FROM_MS - GROW_FOR_MS) / WORDS_FOR_MS), 3),
        confetti_ms=rested_ms - CONFETTI_FROM_MS,
        snap=round(smooth(rested_ms / 400), 3),
    )
