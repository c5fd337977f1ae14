"""The winner's wedge at rest, cut out of the nearest picture to be lit."""

import msgspec
import pygame

from kiosk.screen.themes.colours import Colour
from kiosk.screen.wheel_picture.brush import Brush
from kiosk.screen.wheel_picture.measures import RIM
from kiosk.screen.wheel_picture.near_view import NearPicture, NearScene
from kiosk.screen.wheel_picture.painting import SUPERSAMPLING
from kiosk.wheel.angle import TURN

_LIGHT = 34
"""Added to each channel of the winner's wedge: more would make names on it hard to read."""


class LitWedge(msgspec.Struct, frozen=True):
    """The winner's wedge at rest, lit, and where it stands on the screen."""

    surface: pygame.Surface
    at: tuple[int, int]


def lit_colour(colour: Colour) -> Colour:
    """Return what the winner's wedge looks like while it is lit."""
    red, green, blue = (min(255, channel + _LIGHT) for channel in colour)
    return (red, green, blue)


def cut_out(scene: NearScene, near: NearPicture) -> LitWedge:
    """Return the wedge at the pointer, lit, out of the nearest picture."""
    box = scene.layout.disc
    middle = scene.middle(near.zoom)
    centre = (box.w / 2 - middle[0], box.h / 2 - middle[1])
    lo, hi = scene.segments.bounds(scene.segments.at(scene.rest))
    step = max(1, min(TURN // 240, (hi - lo) // 8))
    factor = SUPERSAMPLING
    radius = scene.radius * near.zoom
    brush = Brush(
        pygame.Surface((1, 1)),
        radius,
        centre=centre,
        zero=scene.zero,
    )
    angles = [*range(lo, hi, step), hi]
    inner = max(0.15, RIM - 2.2 / near.zoom)
    outline = [brush.point(angle, RIM) for angle in angles] + [brush.point(angle, inner) for angle in reversed(angles)]
    xs, ys = [x for x, _ in outline], [y for _, y in outline]
    seen = pygame.Rect(min(xs) - 6, min(ys) - 6, max(xs) - min(xs) + 12, max(ys) - min(ys) + 12)
    seen = seen.clip(pygame.Rect((0, 0), box.size))
    mask = pygame.Surface((seen.w * factor, seen.h * factor), pygame.SRCALPHA, 32)
    inside = [((x - seen.x) * factor, (y - seen.y) * factor) for x, y in outline]
    pygame.draw.polygon(mask, (255, 255, 255, 255), inside)
    wedge = pygame.transform.smoothscale(mask, seen.size)
    # A copy of the wedge as it is, brighter, within its outline.
    bright = pygame.Surface(seen.size, pygame.SRCALPHA, 32)
    from_picture = (near.origin[0] - centre[0] + seen.x, near.origin[1] - centre[1] + seen.y)
    bright.blit(near.surface, (-from_picture[0], -from_picture[1]))
    bright.fill((_LIGHT, _LIGHT, _LIGHT, 0), special_flags=pygame.BLEND_RGBA_ADD)
    wedge.blit(bright, (0, 0), special_flags=pygame.BLEND_RGB_MULT)
    edge = pygame.Surface(mask.get_size(), pygame.SRCALPHA, 32)
    pygame.draw.lines(edge, scene.theme.accent, True, inside, factor * scene.layout.px(7))  # noqa: FBT003
    wedge.blit(pygame.transform.smoothscale(edge, seen.size), (0, 0))
    return LitWedge(wedge, (box.x + seen.x, box.y + seen.y))
