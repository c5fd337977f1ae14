"""Draws the confetti over the whole screen; keeps the pictures of its paper."""

from collections.abc import Sequence

import pygame

from kiosk.screen.backends.adapter import Backend, Picture
from kiosk.screen.effects import confetti
from kiosk.screen.effects.confetti_paper import paper
from kiosk.screen.layouts.layout import Layout
from kiosk.screen.themes.theme import Theme

_FAINT = 5
"""Paper before words has this part of its strength: in some scripts a scrap of it looks like a dot of a letter."""


class Celebration:
    """Draws the confetti.

    Args:
        backend: the screen.
        layout: of the screen.
        theme: colours.
    """

    def __init__(self, backend: Backend, layout: Layout, theme: Theme) -> None:
        self._backend = backend
        self._layout = layout
        self._theme = theme
        self._papers: dict[tuple[int, int], Picture] = {}

    def get_ready(self) -> None:
        """Make the pictures of all paper, unless they are there."""
        for shade in range(confetti.SHADES):
            for pose in range(confetti.POSES):
                self._paper(shade, pose)

    def draw(self, elapsed_ms: int, words: Sequence[pygame.Rect]) -> None:
        """Lay the paper that is in the air over the screen."""
        width, height = self._layout.size
        sprites = []
        for piece in confetti.pieces(elapsed_ms):
            picture = self._paper(piece.shade, piece.pose)
            place = pygame.Rect((0, 0), picture.size)
            place.center = (round(piece.x * width), round(piece.y * height))
            alpha = piece.alpha // _FAINT if place.collidelist(list(words)) >= 0 else piece.alpha
            sprites.append((picture, place.topleft, alpha))
        self._backend.lay(sprites)

    def drop(self) -> None:
        """Free every picture."""
        self._papers.clear()

    def _paper(self, shade: int, pose: int) -> Picture:
        picture = self._papers.get((shade, pose))
        if picture is None:
            colours = self._theme.wedges
            image = paper(self._layout, colours[shade % len(colours)], pose, confetti.POSES)
            picture = self._papers[shade, pose] = self._backend.picture(image)
        return picture
