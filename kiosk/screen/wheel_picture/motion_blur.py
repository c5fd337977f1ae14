"""The wheel as an eye sees it at speed: smeared along its way, so that it neither strobes nor flashes.

Invariant: made once a spin, on the near painter's thread. A fast frame turns one of these pictures, and makes none.
"""

import math
from collections.abc import Callable
from typing import NamedTuple

import pygame

from kiosk.screen.effects.smooth import smooth
from kiosk.screen.wheel_picture.measures import MOST_WEDGES
from kiosk.screen.wheel_picture.painting import SECTORS
from kiosk.wheel.angle import TURN
from kiosk.wheel.easing import SEAM
from kiosk.wheel.segments import Segments
from kiosk.wheel.spin import SPIN_TICKS, TICKS_PER_SECOND

_STEPS = ((2.95, 0.4), (4.0, 1.0), (5.5, 2.0), (18.0, 6.0))
"""From so many wedges a second at one place, the wheel is smeared over so many wedges.

Wedges are dark and light in turn, so one place of the screen gets darker or lighter with each that passes. Three
flashes a second are six such changes: from there on two wedges blend, and where even pairs pass as fast, six."""
_COMES_WITHIN, _GAINS_WITHIN = 0.15, 0.45
"""A smear begins to be seen at a speed that is less by that part, lest it come in one frame; by the second part while a
wheel gains speed, which takes a tenth of the time."""
_MOST_DEGREES = 170.0
_SOFT_WEDGES, _SOFT_DEGREES = 2.0, 20.0
"""Smeared over that much, both wedges and pegs have run into each other."""
_LEAST_COPIES = 32
_MOST_APART_DEGREES = 1.4
"""Between two copies of a smeared wheel: letters on it would be seen again and again."""


class Blur(NamedTuple):
    """How far a wheel is smeared.

    Attributes:
        degrees: the angle.
        soft: whether nothing of the wheel is sharp any more but its rings, so that a small picture shows it as well.
    """

    degrees: float
    soft: bool


def blurs(segments: Segments) -> list[Blur]:
    """Return over how many degrees the wheel is smeared in each picture, ascending."""
    wedge = 360 / coloured(segments)
    found = [(wedges, min(_MOST_DEGREES, wedges * wedge)) for _, wedges in _STEPS]
    return [Blur(degrees, wedges >= _SOFT_WEDGES and degrees >= _SOFT_DEGREES) for wedges, degrees in found]


def blur_at(segments: Segments, speed: float, *, gains: bool = False) -> tuple[int, float] | None:
    """Return what shows a wheel at `speed` units a second, that `gains` speed or loses it; None if it is seen as it is.

    That is the number of a picture, and how strong it is over the one before it, 0..1; over the sharp wheel if it is
    the first.
    """
    passing = speed / TURN * coloured(segments)
    within, before, strengths = _GAINS_WITHIN if gains else _COMES_WITHIN, 0.0, []
    for whole, _ in _STEPS:
        begins = max(before, whole * (1 - within))
        strengths.append(smooth((passing - begins) / (whole - begins)))
        before = whole
    found = [number for number, strength in enumerate(strengths) if strength > 0]
    return (found[-1], strengths[found[-1]]) if found else None


def gains_speed(rest_in_ms: int) -> bool:
    """Say whether a spin that rests in so many ms is in the part that gains speed."""
    return rest_in_ms * TICKS_PER_SECOND > 1000 * SPIN_TICKS * (1 - SEAM)


def coloured(segments: Segments) -> int:
    """Return how many areas of a colour of their own the wheel has."""
    return segments.count if segments.count <= MOST_WEDGES else SECTORS


def even(side: float) -> int:
    """Return the side of a picture that `smear` keeps in the middle, at most `side`.

    Rotozoom moves odd ones, a bit at each turn; and one that is larger than what it was made of is not in its middle.
    """
    return int(side) // 2 * 2


def smear(wheel: pygame.Surface, degrees: float, pause: Callable[[], None]) -> pygame.Surface:
    """Return `wheel`, opaque, smeared over an angle: the mean of many turned copies, by doubling them.

    Its side must be even.
    """
    side = wheel.get_width()
    smeared = wheel
    doublings = math.ceil(math.log2(max(_LEAST_COPIES, degrees / _MOST_APART_DEGREES)))
    for step in range(1, doublings + 1):
        half = degrees / 2 / 2**step
        ahead, behind = _turned(smeared, half, side), _turned(smeared, -half, side)
        pause()
        behind.set_alpha(128)
        ahead.blit(behind, (0, 0))
        smeared = ahead
    return smeared


def mean_colour(wheel: pygame.Surface) -> tuple[int, int, int]:
    """Return the mean colour of a wheel, within the square that its disc encloses."""
    side = wheel.get_width()
    inner = pygame.Rect(0, 0, side * 7 // 10, side * 7 // 10)
    inner.center = (side // 2, side // 2)
    red, green, blue, _ = pygame.transform.average_color(wheel, inner)
    return red, green, blue


def make_as_light(wheel: pygame.Surface, wanted: tuple[int, int, int]) -> None:
    """Give back to a scaled or smeared wheel what it lost of its mean colour: each step rounds down."""
    found = mean_colour(wheel)
    lost = [max(0, channel - left) for channel, left in zip(wanted, found, strict=True)]
    wheel.fill(lost, special_flags=pygame.BLEND_RGB_ADD)


def _turned(surface: pygame.Surface, degrees: float, side: int) -> pygame.Surface:
    turned = pygame.transform.rotozoom(surface, degrees, 1)
    opaque = pygame.Surface((side, side), 0, 32)
    opaque.blit(turned, turned.get_rect(center=(side / 2, side / 2)))
    return opaque
