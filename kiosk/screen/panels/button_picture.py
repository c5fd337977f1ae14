"""A picture of the button to press, the light that breathes behind it, and the ring that fills while it is held."""

import math
from collections.abc import Iterator

import pygame

from kiosk.screen.backends.adapter import Backend
from kiosk.screen.layouts.layout import Layout
from kiosk.screen.themes.colours import mix
from kiosk.screen.themes.theme import Theme

BREATH_MS = 2800
"""One breath; far from any flash."""
STEP_MS = 280
"""How often the light changes, and idle draws: a small picture, 4 times a second."""
_RED = (206, 38, 46)
RING_STEPS = 24
"""Pictures of the ring, from empty to full."""


class ButtonPicture:
    """Draws the button.

    Args:
        backend: the screen.
        layout: of the screen.
        theme: colours.
        touch: whether it can be held on the screen.
    """

    def __init__(self, backend: Backend, layout: Layout, theme: Theme, *, touch: bool) -> None:
        self._backend = backend
        self._box = layout.button
        self._glow = backend.picture(_paint_glow(layout.button.w, theme))
        self._button = backend.picture(_paint_button(layout.button.w, theme))
        self._rings = [backend.picture(ring) for ring in _paint_rings(layout, theme)] if touch else []

    def draw(self, moment_ms: int, ring: int = 0) -> None:
        """Draw the button as its light is at that time, with `ring` of `RING_STEPS` of the ring."""
        self._backend.draw(self._glow, self._box.topleft, alpha=255 if ring else strength(moment_ms))
        self._backend.draw(self._button, self._box.topleft)
        if self._rings:
            self._backend.draw(self._rings[ring], self._box.topleft)


def strength(moment_ms: int) -> int:
    """Return how strong the light is, 0..255."""
    return round(255 * (0.5 - 0.5 * math.cos(math.tau * moment_ms / BREATH_MS)))


def ring_of(held: float) -> int:
    """Return how many steps of the ring are full; a touch fills the first one at once."""
    return math.ceil(held * RING_STEPS)


def _paint_rings(layout: Layout, theme: Theme) -> Iterator[pygame.Surface]:
    """Yield the ring round the button, from empty to full."""
    factor = 3
    full = layout.button.w * factor
    middle, outer, thick = full / 2, full / 2 - factor, layout.px(9) * factor
    radius = outer - thick / 2
    track = pygame.Surface((full, full), pygame.SRCALPHA, 32)
    pygame.draw.circle(track, (*mix(theme.ground, theme.text, 0.28), 255), (middle, middle), outer, thick)
    for step in range(RING_STEPS + 1):
        ring = track.copy()
        for dot in range(step * 8 + 1 if step else 0):
            turn = math.tau * (dot / 8 / RING_STEPS - 0.25)
            at = (middle + radius * math.cos(turn), middle + radius * math.sin(turn))
            pygame.draw.circle(ring, theme.accent, at, thick / 2)
        yield pygame.transform.smoothscale(ring, layout.button.size)


def _paint_glow(side: int, theme: Theme) -> pygame.Surface:
    glow = pygame.Surface((side * 2, side * 2), pygame.SRCALPHA, 32)
    for step in range(40):
        part = step / 39
        pygame.draw.circle(glow, (*theme.accent, round(150 * part**2.2)), (side, side), side * (1 - part * 0.45))
    return pygame.transform.smoothscale(glow, (side, side))


def _paint_button(side: int, theme: Theme) -> pygame.Surface:
    """Return the button from above, a little from the front: a red dome in a ring of metal."""
    factor = 4
    full = side * factor
    large = pygame.Surface((full, full), pygame.SRCALPHA, 32)

    def ellipse(middle: float, wide: float, high: float, colour: tuple[int, int, int]) -> None:
        box = pygame.Rect(0, 0, round(full * wide), round(full * high))
        box.center = (full // 2, round(full * middle))
        pygame.draw.ellipse(large, colour, box)

    black, white = (0, 0, 0), (255, 255, 255)
    ellipse(0.62, 0.76, 0.5, mix(theme.rim_dark, black, 0.5))
    for step in range(10):
        ellipse(0.6 - step * 0.003, 0.74 - step * 0.012, 0.48 - step * 0.01, mix(theme.rim_dark, theme.rim, step / 9))
    ellipse(0.58, 0.58, 0.36, mix(theme.rim_dark, black, 0.6))
    for step in range(16):
        ellipse(0.56 - step * 0.006, 0.54, 0.34, mix(mix(_RED, black, 0.55), _RED, step / 15))
    for step in range(20):
        ellipse(0.465 - step * 0.002, 0.52 - step * 0.02, 0.32 - step * 0.0135, mix(_RED, (255, 96, 84), step / 19))
    for step in range(8):
        ellipse(0.40, 0.2 - step * 0.018, 0.08 - step * 0.007, mix((255, 110, 98), white, step / 8))
    return pygame.transform.smoothscale(large, (side, side))
