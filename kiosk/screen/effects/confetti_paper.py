"""The picture of one piece of confetti."""

import math

import pygame

from kiosk.screen.layouts.layout import Layout
from kiosk.screen.themes.colours import Colour, mix


def paper(layout: Layout, colour: Colour, pose: int, poses: int) -> pygame.Surface:
    """Return a piece of confetti as it tumbles: turned, and seen more or less from its edge."""
    tilt = abs(math.cos(math.pi * pose / poses))
    width, height = layout.px(24), max(2, round(layout.px(15) * (0.25 + 0.75 * tilt)))
    piece = pygame.Surface((width, height), pygame.SRCALPHA, 32)
    lively = mix(colour, (255, 255, 255), 0.12)  # dark wedges would be lost before a dark hall
    piece.fill(mix(lively, (255, 255, 255), 0.3 * tilt) if pose % 2 else mix(lively, (0, 0, 0), 0.15 * (1 - tilt)))
    return pygame.transform.rotozoom(piece, 360 * pose / poses + 20, 1)
