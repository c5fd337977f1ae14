"""Turns a picture by a small angle without turning its pixels: in tiles, each moved by whole pixels.

At a small angle a pixel moves across by what its row says, and down by what its column says. Rows that move alike,
crossed with columns that move alike, are the tiles. Copying them is several times as fast as turning pixel by pixel,
and leaves no pixel further from its place than that does: half a pixel in each direction, and the same again where the
picture itself was turned before.
"""

import math
from typing import NamedTuple

import pygame

_MOST_STEPS = 20
"""How many tiles lie side by side at most; more would take as long as turning."""
_MOST_DRAWN_IN_PX = 0.12
"""Turning also draws the edges of a picture in towards its middle, which tiles do not: by up to that."""
_SPARE_PX = 1
"""Tiles overlap by that, or there would be holes where their corners move apart."""


class Tile(NamedTuple):
    """A part of a picture, and where its corner goes."""

    area: pygame.Rect
    to: tuple[int, int]


def most_radians(side: int) -> float:
    """Return how far a picture whose longer side has so many pixels can be turned in tiles."""
    return min(_MOST_STEPS / side, math.sqrt(_MOST_DRAWN_IN_PX * 4 / side))


def tiles(area: pygame.Rect, pivot: tuple[float, float], to: tuple[float, float], radians: float) -> list[Tile]:
    """Return the tiles that show `area` of a picture, turned clockwise.

    Args:
        area: what is shown.
        pivot: what the picture is turned round, in its pixels.
        to: where the pivot is shown.
        radians: by how much; at most `most_radians` of it.
    """
    cos, sin = math.cos(radians), math.sin(radians)
    middle = (area.x + area.w / 2, area.y + area.h / 2)
    x, y = middle[0] - pivot[0], middle[1] - pivot[1]
    across, down = to[0] + cos * x - sin * y - middle[0], to[1] + sin * x + cos * y - middle[1]
    columns = _bands(area.x, area.right, down - sin * middle[0], sin)
    return [
        Tile(pygame.Rect(left, top, right - left + _SPARE_PX, bottom - top + _SPARE_PX), (left + over, top + under))
        for top, bottom, over in _bands(area.y, area.bottom, across + sin * middle[1], -sin)
        for left, right, under in columns
    ]


def _bands(begin: int, end: int, shift: float, slope: float) -> list[tuple[int, int, int]]:
    """Return the stretches of `begin` to `end` that move by the same whole number, `shift + slope * place`."""
    first, last = round(shift + slope * (begin + 0.5)), round(shift + slope * (end - 0.5))
    if first == last:
        return [(begin, end, first)]
    step = 1 if last > first else -1
    found = []
    at = begin
    for moved in range(first, last, step):
        edge = min(end, max(at, math.floor((moved + 0.5 * step - shift) / slope + 0.5)))
        if edge > at:
            found.append((at, edge, moved))
        at = edge
    if end > at:
        found.append((at, end, last))
    return found
