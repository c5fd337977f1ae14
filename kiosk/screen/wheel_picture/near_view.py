"""The rim round the resting place, painted as near as the camera comes.

Invariant: where a wedge is comes from `Segments`, as on the whole wheel. Painted in small pieces on a thread of its
own: between two of them it pauses, so that the loop's thread is never kept waiting for a frame.
"""

import math
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence

import msgspec
import pygame

from kiosk.screen.layouts.layout import Layout
from kiosk.screen.themes.colours import Colour, mix, readable_on
from kiosk.screen.themes.theme import Theme
from kiosk.screen.typography.typesetter import Typesetter, line_height
from kiosk.screen.wheel_picture.brush import Brush
from kiosk.screen.wheel_picture.camera import Level, nearest
from kiosk.screen.wheel_picture.measures import MOST_WEDGES, RIM
from kiosk.screen.wheel_picture.painting import (
    LABEL_PAD,
    LEAST_LABEL_SHARE,
    SUPERSAMPLING,
    bands,
    colour_of,
    dither,
    fine_from,
    ground_of,
    largest_label,
    lit,
    paint,
    paint_hub,
    paint_pegs,
    paint_rim,
    sector_starts,
    tints,
)
from kiosk.wheel.angle import TURN
from kiosk.wheel.segments import Segments

_TILE_PX = 96
_BESIDE_PX = 2
"""Ground beside the whole wheel."""
_PIECE = 48
"""Wedges painted between two pauses."""
_SPARE_PX = 8
"""By so much a band can be higher than its outline: the line beside it."""
_INNERMOST = 0.1
"""Radius at which wedges begin, under the hub."""
_NARROWEST_BAND_PX = 2.5
_SMALLEST_LABEL_PX = 10
_PAD_AT_REST = 0.28
"""From the rim to the names at rest, as a part of the disc's radius: the disc is round, and cuts its corners off."""
_WHOLE_BELOW = 2.2
"""Below this zoom hub and pegs can be seen."""
_SHADED_BELOW = 6.0
"""Below this zoom the shade round the hub can be seen."""
_RINGS = 48
"""Steps of that shade."""
_OWN_POWER = 2.2
"""How late wedges get their own colours while the camera moves in. Stripes too early would flash; too late, one sector
would fill the screen with one flat colour."""


class NearPicture(msgspec.Struct, frozen=True):
    """A picture of the rim, with the wheel as it stands at rest.

    Attributes:
        zoom: at which one pixel of it is one of the screen.
        surface: the picture.
        origin: where the wheel's centre is, from its top left corner, in pixels; mostly far outside of it.
    """

    zoom: float
    surface: pygame.Surface
    origin: tuple[float, float]


class NearScene(msgspec.Struct, frozen=True):
    """What is painted: the names on their segments, at rest, on a screen."""

    segments: Segments
    names: Sequence[str]
    rest: int
    layout: Layout
    theme: Theme

    @property
    def last(self) -> float:
        """Zoom at rest."""
        return nearest(self.segments, self.rest)

    @property
    def radius(self) -> float:
        """Radius of the disc on the screen, in pixels."""
        return self.layout.disc.w / 2

    @property
    def zero(self) -> int:
        """Wheel angle at 3 o'clock when the wheel is at rest."""
        return self.layout.zero(self.rest)

    def middle(self, zoom: float) -> tuple[float, float]:
        """Return where the middle of the disc on the screen is, from the wheel's centre, in pixels at that zoom."""
        away = RIM * self.radius * (zoom - 1)
        return (0.0, away) if self.layout.portrait else (away, 0.0)


def paint_near(scene: NearScene, level: Level, fonts: Typesetter, bits: int, pause: Callable[[], None]) -> NearPicture:
    """Paint one picture of so many `bits` a pixel; `pause` is called between its pieces."""
    if level.zoom <= 1:
        return _paint_whole(scene, fonts, bits, pause)
    window = _window(scene, level)
    picture = pygame.Surface(window.size, 0, bits)
    wheel = _Rim(scene, level.zoom, pause)
    for top in range(0, window.h, _TILE_PX):
        tile = pygame.Rect(window.x, window.y + top, window.w, min(_TILE_PX, window.h - top))
        picture.blit(wheel.tile(tile), (0, top))
        pause()
    for label, at in wheel.labels(window, fonts):
        picture.blit(label, (at[0] - window.x, at[1] - window.y))
        pause()
    return NearPicture(level.zoom, picture, (-window.x, -window.y))


def _paint_whole(scene: NearScene, fonts: Typesetter, bits: int, pause: Callable[[], None]) -> NearPicture:
    """Paint the whole wheel as it is painted before the spin, so that nothing changes when the camera sets off."""
    side = scene.layout.disc.w
    wheel = paint(
        scene.segments,
        scene.names,
        diameter=side,
        theme=scene.theme,
        fonts=fonts,
        zero=scene.zero,
        in_quarters=True,
        pause=pause,
    )
    opaque = pygame.Surface((side + 2 * _BESIDE_PX, side + 2 * _BESIDE_PX), 0, 32)
    opaque.fill(scene.theme.ground)
    opaque.blit(wheel, (_BESIDE_PX, _BESIDE_PX))
    pause()
    picture = pygame.Surface(opaque.get_size(), 0, bits)
    picture.blit(opaque, (0, 0))  # one with an alpha channel takes ten times as long
    middle = scene.radius + _BESIDE_PX
    return NearPicture(1.0, picture, (middle, middle))


def _window(scene: NearScene, level: Level) -> pygame.Rect:
    """Return what of the wheel, at rest, is seen from when the level is first shown until rest."""
    half = scene.radius + 2
    x, y = scene.middle(level.zoom)
    corners = [(x - half, y - half), (x + half, y - half), (x - half, y + half), (x + half, y + half)]
    points = []
    for part in range(9):
        turn = math.tau * min(level.ahead, TURN) / TURN * part / 8
        cos, sin = math.cos(turn), math.sin(turn)
        points += [(cos * px - sin * py, sin * px + cos * py) for px, py in corners]
    left, top = (math.floor(min(point[axis] for point in points)) - 2 for axis in (0, 1))
    right, bottom = (math.ceil(max(point[axis] for point in points)) + 2 for axis in (0, 1))
    reach = math.ceil(scene.radius * level.zoom) + 2
    return pygame.Rect(left, top, right - left, bottom - top).clip(pygame.Rect(-reach, -reach, 2 * reach, 2 * reach))


class _Rim:
    """Paints the rim at one zoom, piece by piece.

    Args:
        scene: what is painted.
        zoom: how near.
        pause: called between pieces of work.
    """

    def __init__(self, scene: NearScene, zoom: float, pause: Callable[[], None]) -> None:
        self._pause = pause
        self._scene = scene
        self._zoom = zoom
        self._last = scene.last
        self._radius = scene.radius * zoom
        self._few = scene.segments.count <= MOST_WEDGES
        self._fine = fine_from(scene.segments)
        self._starts = sector_starts(scene.segments)
        self._all_bands: list[tuple[tuple[int, int, Colour], tuple[float, float]]] = []

    def tile(self, tile: pygame.Rect) -> pygame.Surface:
        """Return what is in `tile`, in pixels from the wheel's centre."""
        factor, theme, scene = SUPERSAMPLING, self._scene.theme, self._scene
        canvas = pygame.Surface((tile.w * factor, tile.h * factor), 0, 32)
        brush = Brush(
            canvas,
            self._radius * factor,
            centre=(-tile.x * factor, -tile.y * factor),
            zero=scene.zero,
            arc_step=max(1, min(TURN // 240, round(TURN / math.tau * math.sqrt(0.4 / self._radius)))),
        )
        if self._zoom < _WHOLE_BELOW:
            paint_rim(brush, theme)
        else:
            canvas.fill(theme.rim)
        seen = self._angles(tile)
        dark = scene.layout.px(5) / self._radius
        for lo, hi in seen:
            brush.ring_piece(lo, hi, RIM, RIM + dark, mix(theme.rim_dark, (0, 0, 0), 0.5))
        for lo, hi in seen:
            self._paint_wedges(brush, lo, hi, tile)
        if self._zoom < _WHOLE_BELOW:
            paint_hub(brush, theme)
            paint_pegs(brush, scene.segments, theme)
        small = pygame.transform.smoothscale(canvas, tile.size)
        dither(small, at=tile.topleft)
        return small

    def _angles(self, tile: pygame.Rect) -> list[tuple[int, int]]:
        """Return which angles of the wheel a tile can show, as one range of units, not wrapped."""
        axis = 1 if self._scene.layout.portrait else 0
        near = tile.topleft[axis]
        if near <= 0 or self._zoom < _WHOLE_BELOW:
            return [(0, TURN)]
        corners = (tile.topleft, tile.topright, tile.bottomleft, tile.bottomright)
        turns = [round(-math.atan2(y, x) / math.tau * TURN) for x, y in corners]
        return [(self._scene.zero + min(turns), self._scene.zero + max(turns) + 1)]

    def _paint_wedges(self, brush: Brush, lo: int, hi: int, tile: pygame.Rect) -> None:
        scene, theme, segments = self._scene, self._scene.theme, self._scene.segments
        if not self._few:
            for sector, (left, right) in self._sectors(lo, hi):
                brush.ring_piece(left, right, 0, self._fine, self._shaded(colour_of(sector, len(self._starts), theme)))
        bands = self._bands_in(lo, hi, tile)
        for number, (left, right, colour) in enumerate(bands):
            if number % _PIECE == 0:
                self._pause()
            if self._few and self._zoom < _SHADED_BELOW:
                self._paint_shaded(brush, left, right, colour)
            else:
                brush.ring_piece(left, right, self._fine or _INNERMOST, RIM, colour)
        for number, (left, right, _) in enumerate(bands):
            if number % _PIECE == 0:
                self._pause()
            wide = (right - left) * math.tau / TURN * self._radius * RIM
            width = min(scene.layout.px(4) * SUPERSAMPLING, round(wide / 10))
            if width and segments.count > 1:
                brush.spoke(left, self._fine, RIM, theme.hub, width)
        if self._fine:
            line = scene.layout.px(4) / self._radius
            brush.ring_piece(lo, hi, self._fine - line, self._fine, theme.hub)

    def _shaded(self, colour: Colour) -> Colour:
        return lit(colour, min(0.62, max(0.3, self._fine - 0.3)))

    def _paint_shaded(self, brush: Brush, lo: int, hi: int, colour: Colour) -> None:
        edges = [RIM - step * (RIM - _INNERMOST) / _RINGS for step in range(_RINGS)]
        brush.ring_piece(lo, hi, _INNERMOST, RIM, colour)
        for outer in edges:
            if outer < 0.62:
                brush.ring_piece(lo, hi, _INNERMOST, outer, lit(colour, outer))

    def _sectors(self, lo: int, hi: int) -> Iterator[tuple[int, tuple[int, int]]]:
        """Yield the coarse sectors that the range can show, and their own ranges, moved to where the range is."""
        segments, starts = self._scene.segments, self._starts
        for sector, first in enumerate(starts):
            end = (starts[sector + 1] if sector + 1 < len(starts) else segments.count) - 1
            left, right = segments.bounds(first)[0], segments.bounds(end)[1]
            for shift in (-TURN, 0, TURN):
                if left + shift < hi and right + shift > lo:
                    yield sector, (left + shift, right + shift)

    def _bands_in(self, lo: int, hi: int, tile: pygame.Rect) -> list[tuple[int, int, Colour]]:
        """Return the bands of a range that reach into a tile."""
        if (lo, hi) != (0, TURN):  # the range was chosen for the tile
            return list(self._bands(lo, hi))
        if not self._all_bands:
            self._all_bands = [(band, self._heights(band[0], band[1])) for band in self._bands(lo, hi)]
        top, bottom = tile.top - _SPARE_PX, tile.bottom + _SPARE_PX
        return [band for band, (highest, lowest) in self._all_bands if lowest >= top and highest <= bottom]

    def _heights(self, left: int, right: int) -> tuple[float, float]:
        """Return between which heights a band is, from hub to rim, in pixels from the wheel's centre, downwards."""
        zero, quarter = self._scene.zero, TURN // 4
        first = left - (left - zero) % quarter + quarter
        angles = (left, right, *range(first, right, quarter))  # a band is highest at its ends, or straight up
        ys = [-math.sin(math.tau * (angle - zero) / TURN) * self._radius for angle in angles]
        return min(min(ys) * RIM, min(ys) * _INNERMOST), max(max(ys) * RIM, max(ys) * _INNERMOST)

    def _bands(self, lo: int, hi: int) -> Iterator[tuple[int, int, Colour]]:
        """Yield the wedges of a range, those too narrow for the screen joined, as on the whole wheel."""
        segments = self._scene.segments
        if self._few:
            for index, left, right in self.wedges(lo, hi):
                yield left, right, self._colour(index, right - left, index)
            return
        narrowest = round(_NARROWEST_BAND_PX / (math.tau * self._radius * RIM) * TURN)
        for sector, (begin, _) in self._sectors(lo, hi):
            first, last = self._starts[sector], (*self._starts, segments.count)[sector + 1]
            shift = begin - segments.bounds(first)[0]
            for number, (left, right) in enumerate(bands(segments, first, last, narrowest)):
                if left + shift < hi and right + shift > lo:
                    colour = self._colour(segments.at(left), right - left, first + number)
                    yield left + shift, right + shift, colour

    def wedges(self, lo: int, hi: int) -> Iterator[tuple[int, int, int]]:
        """Yield the entries of a range with their own ranges, moved to where the range is."""
        segments = self._scene.segments
        angle = lo
        while angle < hi:
            index = segments.at(angle)
            left, right = segments.bounds(index)
            shift = angle - angle % TURN
            yield index, left + shift, right + shift
            angle = right + shift

    def _colour(self, index: int, units: int, number: int) -> Colour:
        """Return the colour of an entry: the nearer, the more it is one of its own; `number` says which tint."""
        scene = self._scene
        if self._few:
            return ground_of(index, scene.segments, scene.theme, self._starts)
        px = units * math.tau / TURN * self._radius * RIM
        nearer = (math.log(self._zoom) / math.log(self._last)) ** _OWN_POWER
        own = min(nearer, 1.0, max(0.0, math.log2(max(1.0, px) / 4) / 3))
        sector = colour_of(bisect_right(self._starts, index) - 1, len(self._starts), scene.theme)
        # Stripes of strong contrast would dazzle, and flash while the camera moves through them.
        ground = mix(tints(sector, scene.theme)[number % 2], sector, 0.85 * (1 - nearer))
        return mix(ground, colour_of(index, scene.segments.count, scene.theme), own)

    def labels(self, window: pygame.Rect, fonts: Typesetter) -> Iterator[tuple[pygame.Surface, tuple[int, int]]]:
        """Yield the names that can be read, and where their top left corner is, in pixels from the wheel's centre."""
        for lo, hi in self._angles(window):
            for index, left, right in self.wedges(lo, hi):
                label = self._label(index, (left, right), fonts)
                if label is not None:
                    yield label

    def _label(
        self, index: int, bounds: tuple[int, int], fonts: Typesetter
    ) -> tuple[pygame.Surface, tuple[int, int]] | None:
        scene, radius, name = self._scene, self._scene.radius, self._scene.names[index]
        part = min(0.5, (bounds[1] - bounds[0]) / TURN)
        # As far from the rim as the camera's zoom makes it, so that no name jumps when a nearer picture takes over.
        pad = max(3 / radius, min(_PAD_AT_REST / self._last, LABEL_PAD) * self._zoom)
        outer = RIM * self._radius - pad * radius
        cap = min(0.15, self._zoom * largest_label(scene.segments.count))
        size = min(round(2 * math.sin(math.pi * part) * outer * 0.62), round(radius * cap))
        if size < _SMALLEST_LABEL_PX:
            return None
        turn = -math.tau * ((bounds[0] + bounds[1]) / 2 - scene.zero) / TURN
        inner = max(line_height(size) * 0.4 / max(1e-6, math.tan(math.pi * min(part, 0.25))), 0.2 * self._radius)
        if self._zoom == self._last:
            near, far = self._inside(turn, line_height(size) / 2)
            if far - near > 3 * size:  # the others have gone by, or never come: they are seen at the pointer only
                outer, inner = min(outer, far), max(inner, near)
        room = max(1, round(min(outer - inner, 1.5 * radius)))
        least = max(_SMALLEST_LABEL_PX, round(size * LEAST_LABEL_SHARE))
        while size > least and fonts.width(name, size) > room:
            size = max(least, size * 9 // 10)
        label = fonts.fit(name, size, readable_on(self._colour(index, bounds[1] - bounds[0], index)), room)
        middle = outer - label.get_width() / 2
        turned = label if abs(turn) < 1e-3 else pygame.transform.rotozoom(label, -math.degrees(turn), 1)
        box = turned.get_rect()
        return turned, (round(middle * math.cos(turn) - box.w / 2), round(middle * math.sin(turn) - box.h / 2))

    def _inside(self, turn: float, half: float) -> tuple[float, float]:
        """Return between which radii a name is inside the disc at rest: it is round, and cuts its corners off."""
        x, y = self._scene.middle(self._zoom)
        along = x * math.cos(turn) + y * math.sin(turn)
        aside = x * math.sin(turn) - y * math.cos(turn)
        reach = self._scene.radius - half * 0.8
        half_chord = math.sqrt(max(0.0, reach**2 - aside**2))
        return along - half_chord, along + half_chord
