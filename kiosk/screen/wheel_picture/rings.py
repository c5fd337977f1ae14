"""What of a wheel looks the same however it is turned: the rim, the hub and the line round the fine wedges.

Drawn over a smeared wheel, which can then be a small picture: all that is left in it is soft. Pegs are not part of the
rings: at such a speed nobody sees one.
"""

from collections.abc import Callable

import pygame

from kiosk.screen.themes.colours import mix
from kiosk.screen.themes.theme import Theme
from kiosk.screen.wheel_picture.brush import Brush
from kiosk.screen.wheel_picture.measures import RIM
from kiosk.screen.wheel_picture.painting import (
    HUB_EDGE,
    SUPERSAMPLING,
    colour_of,
    fine_from,
    lit,
    paint_fine_line,
    paint_hub,
    paint_rim,
    sector_starts,
    tints,
)
from kiosk.wheel.segments import Segments

_TILE_PX = 96
_SPARE_PX = 4
_CELL_PX = 24
_CLEAR = (0, 0, 0, 0)
_SHADOW_PART = 0.0055
"""Width of the rim's shadow as a part of the diameter: it hides the edge of the small picture."""
_SHADOW = 170


def paint_rings(segments: Segments, diameter: int, theme: Theme, pause: Callable[[], None]) -> pygame.Surface:
    """Return the rings on a clear square.

    Args:
        segments: of the entries: a long list has a line.
        diameter: side of the square in pixels.
        theme: colours.
        pause: called between pieces of work.
    """
    factor = SUPERSAMPLING
    rings = pygame.Surface((diameter, diameter), pygame.SRCALPHA, 32)
    radius = diameter / 2 * factor
    soft = max(1, round(_SHADOW_PART * diameter)) * factor
    shadow = mix(theme.rim_dark, (0, 0, 0), 0.5)
    for top in range(0, diameter, _TILE_PX):
        size = (diameter, min(_TILE_PX, diameter - top))
        canvas = pygame.Surface((size[0] * factor, size[1] * factor), pygame.SRCALPHA, 32)
        brush = Brush(canvas, radius, centre=(radius, radius - top * factor))
        paint_rim(brush, theme)
        for step in range(soft):
            strength = 1 - (step + 1) / (soft + 1)
            brush.disc(RIM - step / radius, (*shadow, round(_SHADOW * strength)))
        brush.disc(RIM - soft / radius, _CLEAR)
        if fine := fine_from(segments):
            # Scaling mixes the colours of clear pixels too: those beside the line have its own.
            brush.ring(fine + 2 * _SPARE_PX / radius, 6 * _SPARE_PX, (*theme.hub, 0))
            paint_fine_line(brush, segments, theme)
        if abs(top + size[1] / 2 - diameter / 2) < HUB_EDGE * diameter / 2 + size[1]:
            paint_hub(brush, theme)
        rings.blit(pygame.transform.smoothscale(canvas, size), (0, top), special_flags=pygame.BLEND_RGBA_ADD)
        pause()
    return rings


def parts_of(rings: pygame.Surface, pause: Callable[[], None]) -> list[pygame.Rect]:
    """Return boxes that hold all of the rings, and little besides; they do not overlap.

    `pause` is called between pieces of work.
    """
    whole, parts = rings.get_rect(), []
    for top in range(0, whole.h, _CELL_PX):
        row: list[pygame.Rect] = []
        for left in range(0, whole.w, _CELL_PX):
            cell = pygame.Rect(left, top, _CELL_PX, _CELL_PX).clip(whole)
            filled = rings.subsurface(cell).get_bounding_rect(1).move(cell.topleft)
            if filled.w and row and left == row[-1].right:
                row[-1].union_ip(filled)
            elif filled.w:
                row.append(filled)
        parts += row
        pause()
    return parts


def hide_line(wheel: pygame.Surface, segments: Segments, theme: Theme, *, zero: int = 0) -> None:
    """Paint over the line of a small, opaque picture of a wheel: the one of the rings is enough.

    `zero` is the wheel angle that points to 3 o'clock.
    """
    brush = Brush(wheel, wheel.get_width() / 2, zero=zero)
    fine, px = fine_from(segments), 1 / brush.radius
    if not fine:
        return
    starts = sector_starts(segments)
    for sector, (first, end) in enumerate(zip(starts, [*starts[1:], segments.count], strict=True)):
        lo, hi = segments.bounds(first)[0], segments.bounds(end - 1)[1]
        colour = colour_of(sector, len(starts), theme)
        outer = mix(*tints(colour, theme), 0.5)
        brush.ring_piece(lo, hi, fine - px, fine + 1.5 * px, lit(outer, fine))
        brush.ring_piece(lo, hi, fine - 2.5 * px, fine - px, lit(colour, fine))
