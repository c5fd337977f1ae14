"""The picture of one piece of confetti."""

import pygame

from kiosk.screen.layouts.layout import Layout
from kiosk.screen.themes.colours import Colour, mix


def paper(layout: Layout, colour: Colour, pose: int, poses: int) -> pygame.Surface:
    """Return a piece of confetti, turned as its pose says."""
    width, height = layout.px(20), layout.px(12)
    piece = pygame.Surface((width, height), pygame.SRCALPHA, 32)
    piece.fill(mix(colour, (255, 255, 255), 0.25 * (pose % 3) / 2))
    return pygame.transform.rotozoom(piece, 180 * pose / poses, 1)
