"""Draws the bulbs of the frame: dark, lit and bright, all from one picture, which a GPU draws at once."""

from collections.abc import Iterator, Sequence

import pygame

from kiosk.screen.backends.adapter import Backend, Part
from kiosk.screen.effects.bulbs import Bulbs
from kiosk.screen.wheel_picture.frame import Bulb

_STATES = 3
"""Dark, lit and bright."""


class FrameBulbs:
    """Draws bulbs.

    Args:
        backend: the screen.
        bulbs: as they were painted with the frame.
    """

    def __init__(self, backend: Backend, bulbs: Sequence[Bulb]) -> None:
        self._backend = backend
        self._picture = backend.picture(_sheet(bulbs))
        self._boxes = [(bulb.number, pygame.Rect(bulb.at, bulb.lit.get_size())) for bulb in bulbs]
        self._parts: tuple[tuple[Bulbs, bool], list[Part]] | None = None

    def draw(self, bulbs: Bulbs, *, dark: bool) -> None:
        """Draw the bulbs that are lit or bright, and with `dark` the others."""
        pattern = (bulbs, dark)
        if self._parts is None or self._parts[0] != pattern:
            self._parts = (pattern, list(self._parts_of(bulbs, dark=dark)))
        self._backend.draw_parts(self._picture, self._parts[1])

    def _parts_of(self, bulbs: Bulbs, *, dark: bool) -> Iterator[Part]:
        side = self._picture.size[0] // _STATES
        for row, (number, box) in enumerate(self._boxes):
            state = (bulbs.lit >> number & 1) + (bulbs.bright >> number & 1)
            if state or dark:
                yield Part(box, pygame.Rect(side * state, side * row, side, side))


def _sheet(bulbs: Sequence[Bulb]) -> pygame.Surface:
    """Return one picture of all bulbs: a row for each, with `_STATES` squares: dark, lit and bright."""
    side = bulbs[0].dark.get_width()
    sheet = pygame.Surface((_STATES * side, side * len(bulbs)), pygame.SRCALPHA, 32)
    for row, bulb in enumerate(bulbs):
        for column, state in enumerate((bulb.dark, bulb.lit, bulb.bright)):
            sheet.blit(state, (column * side, row * side))
    return sheet
