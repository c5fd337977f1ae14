"""Draws a wheel that turns slowly: several frames out of a picture that was turned once.

The picture is turned to one of some fixed angles, and shown turned by what is left, in tiles. What is drawn depends on
the angle alone, not on what was drawn before.
"""

import math

import pygame

from kiosk.screen.backends.small_turns import most_radians, tiles


class SlowWheel:
    """Draws wheels, and keeps the last one turned."""

    def __init__(self) -> None:
        self._wheel: pygame.Surface | None = None
        self._number = 0
        self._turned: pygame.Surface | None = None

    def draw(self, screen: pygame.Surface, wheel: pygame.Surface, box: pygame.Rect, degrees: float) -> None:
        """Draw `wheel` into `box`, turned clockwise.

        Args:
            screen: what is drawn on.
            wheel: a square of the box's size.
            box: on the screen.
            degrees: by how much it is turned.
        """
        step = 2 * math.degrees(most_radians(box.w))
        number = round(degrees / step)
        if self._turned is None or self._wheel is not wheel or self._number != number:
            if self._turned is None or self._turned.get_size() != box.size:
                self._turned = pygame.Surface(box.size, 0, screen)
            _turn(wheel, number * step, self._turned)
            self._wheel, self._number = wheel, number
        middle = (box.w / 2, box.h / 2)
        left = math.radians(degrees - number * step)
        found = tiles(self._turned.get_rect(), middle, (box.x + middle[0], box.y + middle[1]), left)
        picture = self._turned
        screen.set_clip(box)
        screen.blits([(picture, tile.to, tile.area) for tile in found], doreturn=False)
        screen.set_clip(None)

    def forget(self) -> None:
        """Free what is kept."""
        self._wheel = self._turned = None


def _turn(wheel: pygame.Surface, degrees: float, onto: pygame.Surface) -> None:
    turned = pygame.transform.rotate(wheel, -degrees)
    onto.blit(turned, (0, 0), onto.get_rect(center=turned.get_rect().center))
