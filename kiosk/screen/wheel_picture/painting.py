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
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import pygame

from kiosk.screen.themes.colours import Colour, mix, readable_on, tint_between
from kiosk.screen.themes.theme import Theme
from kiosk.screen.typography.typesetter import Typesetter, line_height
from kiosk.screen.wheel_picture.brush import Brush
from kiosk.screen.wheel_picture.measures import MOST_WEDGES, RIM
from kiosk.wheel.angle import TURN
from kiosk.wheel.segments import Segments

MOST_LONG_WEDGES = 600
"""Most entries whose wedges reach half-way to the hub; more would be thinner than a pixel there."""
SECTORS = 24
"""Coarse sectors of a longer list: a multiple of the 8 colours, and few enough to see them pass."""
SUPERSAMPLING = 2

FINE, FINE_LONG = 0.84, 0.42
"""Radius at which the fine wedges of a list begin: of a long one, and of one up to `MOST_LONG_WEDGES`."""
HUB = 0.13
"""Radius of the hub."""
HUB_EDGE = HUB + 0.014
"""Radius of the dark line round it."""
_LABEL_INNER = 0.2
_LARGEST_LABEL = 0.085
_LONELY_LABEL = 0.09
"""Added to the largest size of a label, divided by the number of entries: two wedges can carry large names."""
LEAST_LABEL_SHARE = 0.7
"""A name too long for its wedge gets smaller by that much before it is cut."""
LABEL_PAD = 0.03
"""From the rim to a name, as a part of the wheel's radius."""
_SMALLEST_LABEL_PX = 9
_NARROWEST_BAND_PX = 2.5
"""Narrower bands make a moire with the screen's pixels, and shimmer when they turn."""
_PEGS = 48
PEGS = 0.9735
"""Radius on which the pegs stand."""
_HUB_SHADE = 0.3
"""How much darker the wedges are at the hub than half-way out."""
_RIM_SHADE = 0.3
"""How much darker they are in the shadow of the rim."""
_SHADE_SCALE = 2
_SPARE_PX = 4
"""Polygons that a surface's edge cuts end in a line there: it is beside what is used."""
_BESIDE = TURN // 48
"""By so much a quarter is larger: a spoke at the hub is wide."""


def paint(
    segments: Segments,
    names: Sequence[str],
    *,
    diameter: int,
    theme: Theme,
    fonts: Typesetter,
    zero: int = 0,
    in_quarters: bool = False,
    pause: Callable[[], None] = lambda: None,
) -> pygame.Surface:
    """Return the wheel on a transparent square.

    Args:
        segments: the angles of the entries.
        names: of the entries, in the same order.
        diameter: side of the square in pixels.
        theme: colours.
        fonts: for the names.
        zero: wheel angle that points to 3 o'clock.
        in_quarters: whether it is painted in smaller pieces: new pages of memory for all of it take half a frame.
        pause: called between pieces of work.
    """
    wheel = pygame.Surface((diameter, diameter), pygame.SRCALPHA, 32)
    for part in _quarters(diameter, zero) if in_quarters else [_Part(wheel.get_rect(), zero, TURN)]:
        around = part.box.inflate(2 * _SPARE_PX, 2 * _SPARE_PX).clip(wheel.get_rect())
        canvas = pygame.Surface((around.w * SUPERSAMPLING, around.h * SUPERSAMPLING), pygame.SRCALPHA, 32)
        radius = diameter / 2 * SUPERSAMPLING
        centre = (radius - around.x * SUPERSAMPLING, radius - around.y * SUPERSAMPLING)
        brush = Brush(canvas, radius, centre=centre, zero=zero)
        paint_rim(brush, theme)
        pause()
        if segments.count <= MOST_WEDGES:
            _paint_wedges(brush, segments, theme, part)
        else:
            _paint_sectors(brush, segments, theme, part, pause)
        paint_hub(brush, theme)
        paint_pegs(brush, segments, theme)
        pause()
        if in_quarters:
            small = pygame.transform.smoothscale(canvas, around.size)
            wheel.blit(small, part.box, part.box.move(-around.x, -around.y))
        else:
            pygame.transform.smoothscale(canvas, around.size, wheel)
        del brush, canvas  # 15 MB at 1080p
    pause()
    shading = _shading(diameter)
    pause()
    wheel.blit(shading, (0, 0), special_flags=pygame.BLEND_RGB_MULT)
    dither(wheel)
    pause()
    for label, at in _labels(segments, names, radius=diameter / 2, theme=theme, fonts=fonts, zero=zero):
        wheel.blit(label, at)
        pause()
    return wheel


class _Part(NamedTuple):
    """A part of a wheel that is painted at once: its place, and the angles that it shows, in units."""

    box: pygame.Rect
    begin: int
    width: int

    def shows(self, lo: int, hi: int) -> bool:
        """Say whether it shows something of a range of angles."""
        return (self.begin - lo) % TURN < hi - lo or (lo - self.begin) % TURN < self.width


def _quarters(diameter: int, zero: int) -> list[_Part]:
    half, wheel = (diameter + 1) // 2, pygame.Rect(0, 0, diameter, diameter)
    corners = ((half, 0), (0, 0), (0, half), (half, half))  # in the order of their angles
    return [
        _Part(pygame.Rect(x, y, half, half).clip(wheel), zero + TURN * number // 4 - _BESIDE, TURN // 4 + 2 * _BESIDE)
        for number, (x, y) in enumerate(corners)
    ]


def colour_of(index: int, count: int, theme: Theme) -> Colour:
    """Return the colour of wedge `index` of `count`.

    Dark and light alternate. Where their number is odd, the last one touches the first: it is between dark and light.
    """
    colours = theme.wedges
    if index == count - 1 and count > 1 and index % 2 == 0:
        return tint_between(colours[0], colours[(index - 1) % len(colours)], theme.hub)
    return colours[index % len(colours)]


def ground_of(index: int, segments: Segments, theme: Theme, starts: Sequence[int] | None = None) -> Colour:
    """Return the colour of entry `index` at the rim; `starts` are its `sector_starts`, if they are known."""
    if segments.count <= MOST_WEDGES:
        return colour_of(index, segments.count, theme)
    starts = sector_starts(segments) if starts is None else starts
    sector = bisect_right(starts, index) - 1
    return tints(colour_of(sector, len(starts), theme), theme)[index % 2]


def paint_rim(brush: Brush, theme: Theme) -> None:
    """Paint the disc up to its wedges: a bevelled ring."""
    brush.disc(1.0, mix(theme.rim_dark, (0, 0, 0), 0.45))
    for ring in range(12):
        light = 1 - abs(ring - 4) / 8
        brush.disc(0.994 - ring * 0.0032, mix(theme.rim_dark, mix(theme.rim, (255, 255, 255), 0.25), light))
    brush.disc(0.953, mix(theme.rim_dark, (0, 0, 0), 0.5))


def lit(colour: Colour, radius: float) -> Colour:
    """Return a wedge's colour at a part of the radius: darker towards the hub, and in the shadow of the rim."""
    return mix(colour, (0, 0, 0), _shade_at(radius))


def _shade_at(radius: float) -> float:
    if radius > RIM:
        return 0.0
    towards_hub: float = min(1.0, max(0.0, (0.62 - radius) / (0.62 - HUB))) ** 1.5
    towards_rim = min(1.0, max(0.0, (radius - 0.932) / (RIM - 0.932)))
    return max(_HUB_SHADE * towards_hub, _RIM_SHADE * towards_rim)


def _shading(diameter: int) -> pygame.Surface:
    """Return what the wheel's colours are multiplied with, so that its disc looks domed.

    A quarter is painted, at twice the size, and mirrored: a disc of each grey, from the largest to the smallest.
    """
    half = (diameter + 1) // 2
    reach = diameter * _SHADE_SCALE / 2
    quarter = pygame.Surface((half * _SHADE_SCALE, half * _SHADE_SCALE), 0, 32)
    quarter.fill((255, 255, 255))
    middle, last = (diameter % 2, diameter % 2), 255  # of an odd diameter it is between two pixels
    for step in range(400):
        radius = 1 - step / 400
        if radius < HUB:
            break
        grey = round(255 * (1 - _shade_at(radius)))
        if grey != last:
            pygame.draw.circle(quarter, (grey, grey, grey), middle, radius * reach)
            last = grey
    pygame.draw.circle(quarter, (255, 255, 255), middle, HUB_EDGE * reach)
    corner = pygame.transform.smoothscale(quarter, (half, half))
    shading = pygame.Surface((diameter, diameter), 0, 32)
    for right, low in ((True, True), (False, True), (True, False), (False, False)):
        mirrored = pygame.transform.flip(corner, not right, not low)
        shading.blit(mirrored, (diameter - half if right else 0, diameter - half if low else 0))
    return shading


def dither(picture: pygame.Surface, at: tuple[int, int] = (0, 0)) -> None:
    """Add less than a step of 16-bit colour in an ordered pattern, so that soft shades show no bands in 16 bits.

    `at` is where the picture belongs in a larger one.
    """
    tile = pygame.Surface((4, 4), 0, 32)
    for place, level in enumerate((0, 8, 2, 10, 12, 4, 14, 6, 3, 11, 1, 9, 15, 7, 13, 5)):
        tile.set_at((place % 4, place // 4), (level // 2, level // 4, level // 2))
    line = pygame.Surface((picture.get_width() + 4, 4), 0, 32)
    for x in range(-(at[0] % 4), line.get_width(), 4):
        line.blit(tile, (x, 0))
    for y in range(-(at[1] % 4), picture.get_height(), 4):
        picture.blit(line, (0, y), special_flags=pygame.BLEND_RGB_ADD)


def tints(colour: Colour, theme: Theme) -> tuple[Colour, Colour]:
    """Return the two tints of a sector in which its wedges alternate."""
    return mix(colour, theme.hub, 0.2), mix(colour, theme.rim_dark, 0.16)


def sector_starts(segments: Segments) -> list[int]:
    """Return the first entry of each coarse sector: each sector is about a 24th of the turn and whole entries."""
    starts = [segments.at(TURN * sector // SECTORS) for sector in range(SECTORS)]
    return sorted(set(starts))


def _paint_wedges(brush: Brush, segments: Segments, theme: Theme, part: _Part) -> None:
    count = segments.count
    for index in range(count):
        lo, hi = segments.bounds(index)
        if part.shows(lo, hi):
            brush.ring_piece(lo, hi, 0, RIM, colour_of(index, count, theme))
    if count > 1:
        widest = max(2, round(brush.radius * 0.004))
        rim_px = math.tau * brush.radius * RIM / TURN
        wedges_px = [(hi - lo) * rim_px for lo, hi in map(segments.bounds, range(count))]
        for index in range(count):
            # At most a third of the narrower neighbour, so that a small wedge stays visible.
            width = min(widest, round(min(wedges_px[index], wedges_px[index - 1]) / 3))
            if width:
                brush.spoke(segments.bounds(index)[0], 0, RIM, theme.hub, width)


def _paint_sectors(brush: Brush, segments: Segments, theme: Theme, part: _Part, pause: Callable[[], None]) -> None:
    fine = fine_from(segments)
    narrowest = round(_NARROWEST_BAND_PX * SUPERSAMPLING / (math.tau * brush.radius * RIM) * TURN)
    starts = sector_starts(segments)
    ends = [*starts[1:], segments.count]
    for sector, (first, end) in enumerate(zip(starts, ends, strict=True)):
        colour = colour_of(sector, len(starts), theme)
        lo, hi = segments.bounds(first)[0], segments.bounds(end - 1)[1]
        if not part.shows(lo, hi):
            continue
        brush.ring_piece(lo, hi, 0, fine, colour)
        both = tints(colour, theme)
        for number, (left, right) in enumerate(bands(segments, first, end, narrowest)):
            brush.ring_piece(left, right, fine, RIM, both[(first + number) % 2])
        pause()
    for sector, first in enumerate(starts):  # after the sectors, or the last one would cover half of the first spoke
        colour = mix(colour_of(sector, len(starts), theme), theme.hub, 0.75)
        brush.spoke(segments.bounds(first)[0], 0, fine, colour, max(2, round(brush.radius * 0.004)))
    paint_fine_line(brush, segments, theme)


def fine_from(segments: Segments) -> float:
    """Return the radius at which the fine wedges of a long list begin; 0 for a list whose wedges reach the hub."""
    if segments.count <= MOST_WEDGES:
        return 0.0
    return FINE if segments.count > MOST_LONG_WEDGES else FINE_LONG


def paint_fine_line(brush: Brush, segments: Segments, theme: Theme) -> None:
    """Paint the line round which the fine wedges of a long list begin."""
    brush.ring(fine_from(segments), max(2, round(brush.radius * 0.006)), theme.hub)


def bands(segments: Segments, first: int, end: int, narrowest: int) -> Iterator[tuple[int, int]]:
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


def paint_pegs(brush: Brush, segments: Segments, theme: Theme) -> None:
    """Paint the pegs on the rim."""
    for angle in peg_angles(segments):
        at = brush.point(angle, PEGS)
        brush.disc(0.0145, mix(theme.rim_dark, (0, 0, 0), 0.5), at)
        brush.disc(0.012, theme.rim, at)
        brush.disc(0.009, theme.hub, at)


def paint_hub(brush: Brush, theme: Theme) -> None:
    """Paint the hub: a bevelled ring round a dome. Its gloss stands still, and lies on the frame."""
    brush.disc(HUB_EDGE, mix(theme.rim_dark, (0, 0, 0), 0.5))
    for ring in range(10):
        brush.disc(HUB - ring * 0.0028, mix(theme.rim_dark, theme.rim, 1 - abs(ring - 3) / 7))
    for ring in range(24):
        brush.disc(HUB * (0.78 - ring * 0.02), mix(mix(theme.hub, theme.rim_dark, 0.35), theme.hub, ring / 23))
    brush.disc(HUB * 0.28, theme.rim_dark)
    brush.disc(HUB * 0.22, theme.rim)


def largest_label(count: int) -> float:
    """Return the largest size of a name on a wedge, as a part of the wheel's radius."""
    return _LARGEST_LABEL + _LONELY_LABEL / count


def _labels(
    segments: Segments, names: Sequence[str], *, radius: float, theme: Theme, fonts: Typesetter, zero: int
) -> Iterator[tuple[pygame.Surface, pygame.Rect]]:
    """Yield the names that can be read, turned, and where each belongs on the wheel."""
    if segments.count > MOST_LONG_WEDGES:
        return
    outer = radius * (RIM - LABEL_PAD)
    innermost = _LABEL_INNER if segments.count <= MOST_WEDGES else FINE_LONG + 0.02
    largest = round(radius * largest_label(segments.count))
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

        least = max(_SMALLEST_LABEL_PX, round(size * LEAST_LABEL_SHARE))
        while size > least and fonts.width(name, size) > room(size):
            size = max(least, size * 9 // 10)
        label = fonts.fit(name, size, readable_on(ground_of(index, segments, theme)), room(size))
        turn = ((lo + hi) / 2 - zero) / TURN
        middle = outer - label.get_width() / 2
        at = (radius + middle * math.cos(math.tau * turn), radius - middle * math.sin(math.tau * turn))
        turned = pygame.transform.rotozoom(label, 360 * turn, 1)
        yield turned, turned.get_rect(center=at)
