"""Paints the wheel as one picture, which is then only turned.

Invariant: the angles of a wedge come from `Segments`. At wheel angle 0 the segment that contains angle `a` is
painted `a` counter-clockwise of the pointer; turning the picture clockwise by the wheel angle brings it to the pointer.

Up to `MOST_WEDGES` entries, each has a wedge in a colour of its own. Longer lists would be narrow stripes or a grey
shimmer. They get coarse sectors that visibly turn, with the fine wedges at the rim in two close tints of their sector.
Wedges too narrow for the screen are joined into bands. Names are on the wedges as long as they are readable.

The picture is painted at twice the size and scaled down once, as anti-aliasing. Runs on any thread.
"""

import math
from bisect import bisect_right
from collections.abc import Iterator, Sequence

import pygame

from kiosk.screen.themes.colours import Colour, mix, readable_on
from kiosk.screen.themes.theme import Theme
from kiosk.screen.typography.typesetter import Typesetter, line_height
from kiosk.wheel.angle import TURN
from kiosk.wheel.segments import Segments

MOST_WEDGES = 100
"""Most entries that get a whole wedge each; more would look like stripes, not like a wheel."""
MOST_LONG_WEDGES = 600
"""Most entries whose wedges reach half-way to the hub; more would be thinner than a pixel there."""
SECTORS = 24
"""Coarse sectors of a longer list: a multiple of the 8 colours, and few enough to see them pass."""
SUPERSAMPLING = 2

_RIM = 0.945
"""Radius at which the wedges end and the rim begins, as a part of the wheel's radius."""
_FINE, _FINE_LONG = 0.84, 0.42
"""Radius at which the fine wedges of a list begin: of a long one, and of one up to `MOST_LONG_WEDGES`."""
_HUB = 0.13
_LABEL_INNER = 0.2
_LARGEST_LABEL = 0.085
_LONELY_LABEL = 0.09
"""Added to the largest size of a label, divided by the number of entries: two wedges have room for large names."""
_LEAST_LABEL_SHARE = 0.7
"""A name too long for its wedge shrinks to this share of its size before it is cut."""
_SMALLEST_LABEL_PX = 9
_NARROWEST_BAND_PX = 2.5
"""Narrower bands make a moire with the screen's pixels, and shimmer when they turn."""
_PEGS = 48
_ARC_STEP = TURN // 240
"""An arc is drawn in chords of 1.5 degrees: at 1000 pixels across they differ from the arc by 0.04 pixel."""


def paint(
    segments: Segments, names: Sequence[str], *, diameter: int, theme: Theme, fonts: Typesetter
) -> pygame.Surface:
    """Return the wheel at angle 0, with the pointer at 3 o'clock, on a transparent square.

    Args:
        segments: the angles of the entries.
        names: of the entries, in the same order.
        diameter: side of the square in pixels.
        theme: colours.
        fonts: for the names.
    """
    side = diameter * SUPERSAMPLING
    canvas = pygame.Surface((side, side), pygame.SRCALPHA, 32)
    brush = _Brush(canvas, side / 2)
    brush.disc(1.0, theme.rim_dark)
    brush.disc(0.992, theme.rim)
    brush.disc(0.958, theme.rim_dark)
    if segments.count <= MOST_WEDGES:
        _paint_wedges(brush, segments, theme)
    else:
        _paint_sectors(brush, segments, theme)
    _paint_pegs(brush, segments, theme)
    _paint_hub(brush, theme)
    wheel = pygame.transform.smoothscale(canvas, (diameter, diameter))
    _paint_labels(wheel, segments, names, theme, fonts)
    return wheel


def colour_of(index: int, count: int, theme: Theme) -> Colour:
    """Return the colour of wedge `index` of `count`; the last one never has the colour of the first."""
    colours = theme.wedges
    if index == count - 1 and count > 1 and index % len(colours) == 0:
        return colours[len(colours) // 2]
    return colours[index % len(colours)]


def ground_of(index: int, segments: Segments, theme: Theme) -> Colour:
    """Return the colour of entry `index` at the rim."""
    if segments.count <= MOST_WEDGES:
        return colour_of(index, segments.count, theme)
    starts = sector_starts(segments)
    sector = bisect_right(starts, index) - 1
    return _tints(colour_of(sector, len(starts), theme), theme)[index % 2]


def _tints(colour: Colour, theme: Theme) -> tuple[Colour, Colour]:
    """Return the two tints of a sector in which its wedges alternate."""
    return mix(colour, theme.hub, 0.3), mix(colour, theme.rim_dark, 0.22)


def sector_starts(segments: Segments) -> list[int]:
    """Return the first entry of each coarse sector: each sector is about a 24th of the turn and whole entries."""
    starts = [segments.at(TURN * sector // SECTORS) for sector in range(SECTORS)]
    return sorted(set(starts))


class _Brush:
    """Draws in polar coordinates: radii as parts of the wheel's radius, angles in units."""

    def __init__(self, canvas: pygame.Surface, radius: float) -> None:
        self.canvas = canvas
        self.radius = radius

    def point(self, angle: int, radius: float) -> tuple[float, float]:
        turn = -math.tau * angle / TURN
        return (
            self.radius * (1 + radius * math.cos(turn)),
            self.radius * (1 + radius * math.sin(turn)),
        )

    def disc(self, radius: float, colour: Colour, at: tuple[float, float] | None = None) -> None:
        pygame.draw.circle(self.canvas, colour, at or (self.radius, self.radius), radius * self.radius)

    def ring_piece(self, lo: int, hi: int, inner: float, outer: float, colour: Colour) -> None:
        angles = [lo, *range(lo - lo % _ARC_STEP + _ARC_STEP, hi, _ARC_STEP), hi]
        points = [self.point(angle, outer) for angle in angles]
        if inner:
            points += [self.point(angle, inner) for angle in reversed(angles)]
        elif hi - lo < TURN:
            points.append((self.radius, self.radius))
        if len(points) > 2:
            pygame.draw.polygon(self.canvas, colour, points)

    def spoke(self, angle: int, inner: float, outer: float, colour: Colour, width: int) -> None:
        pygame.draw.line(self.canvas, colour, self.point(angle, inner), self.point(angle, outer), width)


def _paint_wedges(brush: _Brush, segments: Segments, theme: Theme) -> None:
    count = segments.count
    for index in range(count):
        lo, hi = segments.bounds(index)
        brush.ring_piece(lo, hi, 0, _RIM, colour_of(index, count, theme))
    if count > 1:
        widest = max(2, round(brush.radius * 0.004))
        rim_px = math.tau * brush.radius * _RIM / TURN
        wedges_px = [(hi - lo) * rim_px for lo, hi in map(segments.bounds, range(count))]
        for index in range(count):
            # At most a third of the narrower neighbour, so that a small wedge stays visible.
            width = min(widest, round(min(wedges_px[index], wedges_px[index - 1]) / 3))
            if width:
                brush.spoke(segments.bounds(index)[0], 0, _RIM, theme.hub, width)


def _paint_sectors(brush: _Brush, segments: Segments, theme: Theme) -> None:
    fine = _FINE if segments.count > MOST_LONG_WEDGES else _FINE_LONG
    narrowest = round(_NARROWEST_BAND_PX * SUPERSAMPLING / (math.tau * brush.radius * _RIM) * TURN)
    starts = sector_starts(segments)
    ends = [*starts[1:], segments.count]
    for sector, (first, end) in enumerate(zip(starts, ends, strict=True)):
        colour = colour_of(sector, len(starts), theme)
        lo, hi = segments.bounds(first)[0], segments.bounds(end - 1)[1]
        brush.ring_piece(lo, hi, 0, fine, colour)
        tints = _tints(colour, theme)
        for number, (left, right) in enumerate(_bands(segments, first, end, narrowest)):
            brush.ring_piece(left, right, fine, _RIM, tints[(first + number) % 2])
    for sector, first in enumerate(starts):  # after the sectors, or the last one would cover half of the first spoke
        colour = mix(colour_of(sector, len(starts), theme), theme.hub, 0.75)
        brush.spoke(segments.bounds(first)[0], 0, fine, colour, max(2, round(brush.radius * 0.004)))
    pygame.draw.circle(
        brush.canvas,
        theme.hub,
        (brush.radius, brush.radius),
        brush.radius * fine,
        max(2, round(brush.radius * 0.006)),
    )


def _bands(segments: Segments, first: int, end: int, narrowest: int) -> Iterator[tuple[int, int]]:
    """Yield the wedges of a sector from `first` up to `end`, joined until each is at least `narrowest` units wide."""
    begin = segments.bounds(first)[0]
    last = segments.bounds(end - 1)[1]
    for index in range(first, end):
        edge = segments.bounds(index)[1]
        if index == end - 1 or (edge - begin >= narrowest and last - edge >= narrowest):
            yield begin, edge
            begin = edge


def peg_angles(segments: Segments) -> list[int]:
    """Return the angles of the pegs: between entries if there are few, else evenly spaced."""
    if 6 <= segments.count <= _PEGS:
        return [segments.bounds(index)[0] for index in range(segments.count)]
    return [TURN * peg // _PEGS for peg in range(_PEGS)]


def _paint_pegs(brush: _Brush, segments: Segments, theme: Theme) -> None:
    for angle in peg_angles(segments):
        at = brush.point(angle, 0.9715)
        brush.disc(0.0135, theme.rim_dark, at)
        brush.disc(0.0105, theme.hub, at)


def _paint_hub(brush: _Brush, theme: Theme) -> None:
    brush.disc(_HUB + 0.014, theme.rim_dark)
    brush.disc(_HUB, theme.rim)
    brush.disc(_HUB * 0.8, theme.hub)
    brush.disc(_HUB * 0.3, theme.rim_dark)
    brush.disc(_HUB * 0.22, theme.rim)


def _paint_labels(
    wheel: pygame.Surface, segments: Segments, names: Sequence[str], theme: Theme, fonts: Typesetter
) -> None:
    radius = wheel.get_width() / 2
    outer = radius * (_RIM - 0.03)
    innermost = _LABEL_INNER if segments.count <= MOST_WEDGES else _FINE_LONG + 0.02
    largest = round(radius * (_LARGEST_LABEL + _LONELY_LABEL / segments.count))
    if segments.count > MOST_LONG_WEDGES:
        return
    for index, name in enumerate(names):
        lo, hi = segments.bounds(index)
        part = min(0.5, (hi - lo) / TURN)
        # The chord at the label's outer end is the height that a line can have without touching its neighbours.
        size = min(round(2 * math.sin(math.pi * part) * outer * 0.62), largest)
        if size < _SMALLEST_LABEL_PX:
            continue

        def room(size: int, part: float = part) -> int:
            """Return how long a line of that size can be before it meets the edges of its wedge."""
            narrow = line_height(size) * 0.4 / max(1e-6, math.tan(math.pi * min(part, 0.25)))
            return max(1, round(outer - max(radius * innermost, narrow)))

        least = max(_SMALLEST_LABEL_PX, round(size * _LEAST_LABEL_SHARE))
        while size > least and fonts.width(name, size) > room(size):
            size = max(least, size * 9 // 10)
        label = fonts.fit(name, size, readable_on(ground_of(index, segments, theme)), room(size))
        angle = (lo + hi) // 2
        turned = pygame.transform.rotozoom(label, 360 * angle / TURN, 1)
        middle = outer - label.get_width() / 2
        turn = -math.tau * angle / TURN
        wheel.blit(
            turned,
            turned.get_rect(center=(radius + middle * math.cos(turn), radius + middle * math.sin(turn))),
        )
