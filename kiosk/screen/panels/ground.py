"""The background of the whole screen."""

import pygame

from kiosk.screen.layouts.layout import Layout
from kiosk.screen.themes.branding import backdrop, fitted, load_branding
from kiosk.screen.themes.colours import Colour, luminance, mix
from kiosk.screen.themes.theme import Theme

_GLOW_STEPS = 96
_GROUND_SCALE = 8
_MOST_GAIN = 3
_BAYER = (0, 8, 2, 10, 12, 4, 14, 6, 3, 11, 1, 9, 15, 7, 13, 5)
"""Thresholds of an ordered dither, four by four."""


class Ground:
    """The background: a soft glow behind the wheel, and the wheel's shadow.

    It is kept small and scaled up when a part is needed, which saves 8 MB at 1080p; a gradient has no detail to lose.
    Scaling takes 11 ms, so the large picture is kept until `release`. A background picture of the theme takes the
    glow's place, and the sponsors' picture lies over it.
    """

    def __init__(self, layout: Layout, theme: Theme) -> None:
        self._layout = layout
        self._size = layout.size
        self._sponsors = _sponsors(layout, theme)
        self._picture: pygame.Surface | None = None
        self._whole: pygame.Surface | None = None
        self._under: dict[tuple[int, ...], pygame.Surface] = {}
        width, height = (max(2, side // _GROUND_SCALE) for side in layout.size)
        self._small = pygame.Surface((width, height), 0, 32)
        # A dark hall uses a quarter of the range of 8 bits: steps between its colours would be seen as bands. It is
        # painted brighter, and darkened with a pattern that spreads each step over its neighbours.
        brightest = max(*theme.ground, *theme.ground_glow)
        self._gain = min(_MOST_GAIN, max(1, 255 // brightest))
        ground, glow = (self._brighter(colour) for colour in (theme.ground, theme.ground_glow))
        picture = load_branding(theme.background)
        if picture is not None:
            self._gain = 1
            self._picture = backdrop(picture, self._size, theme)
            self._small.fill((255, 255, 255))
        else:
            self._paint_glow(layout, ground, glow)
        centre = _centre(layout)
        shadow = pygame.Surface((width, height), 0, 32)
        shadow.fill((255, 255, 255))
        radius = layout.wheel.w / 2 / _GROUND_SCALE
        # A dark shadow looks right on a dark ground and dirty on a light one.
        shade = (90, 90, 100) if luminance(theme.ground_glow) < 0.18 else (176, 174, 172)
        pygame.draw.circle(shadow, shade, (centre[0], centre[1] + radius * 0.02), radius * 1.025)
        self._small.blit(pygame.transform.gaussian_blur(shadow, 3), (0, 0), special_flags=pygame.BLEND_RGB_MULT)

    def whole(self) -> pygame.Surface:
        """Return the background of the whole screen. It is shared: copy it before you draw on it."""
        if self._whole is None:
            self._whole = pygame.transform.smoothscale(self._small, self._size)
            if self._picture is not None:
                self._whole.blit(self._picture, (0, 0), special_flags=pygame.BLEND_RGB_MULT)
            if self._gain > 1:
                self._darken(self._whole)
            if self._sponsors is not None:
                self._whole.blit(self._sponsors, self._sponsors.get_rect(center=self._layout.footer.center))
        return self._whole

    def _paint_glow(self, layout: Layout, ground: Colour, glow: Colour) -> None:
        self._small.fill(ground)
        reach = max(self._small.get_size()) * 0.62
        for step in range(_GLOW_STEPS):
            part = (step + 1) / _GLOW_STEPS
            pygame.draw.circle(self._small, mix(ground, glow, part**1.5), _centre(layout), reach * (1 - part) + 1)
        self._small = pygame.transform.gaussian_blur(self._small, 3)

    def _brighter(self, colour: Colour) -> Colour:
        red, green, blue = (channel * self._gain for channel in colour)
        return (red, green, blue)

    def _darken(self, whole: pygame.Surface) -> None:
        """Bring the brighter ground to its colours, dithered."""
        tile = pygame.Surface((4, 4), 0, 32)
        for place, level in enumerate(_BAYER):
            part = level * self._gain // 16
            tile.set_at((place % 4, place // 4), (part, part, part))
        line = pygame.Surface((whole.get_width(), 4), 0, 32)
        for x in range(0, whole.get_width(), 4):
            line.blit(tile, (x, 0))
        for y in range(0, whole.get_height(), 4):
            whole.blit(line, (0, y), special_flags=pygame.BLEND_RGB_ADD)
        part = 256 // self._gain - 1
        whole.fill((part, part, part), special_flags=pygame.BLEND_RGB_MULT)

    def under(self, box: pygame.Rect) -> pygame.Surface:
        """Return a copy of the ground of one region. What was asked for once is kept: a spin must not wait for it."""
        kept = self._under.get(tuple(box))
        if kept is None:
            kept = self._under[tuple(box)] = pygame.Surface(box.size, 0, 24)  # a quarter less than 32, and nothing lost
            kept.blit(self.whole(), (0, 0), box)
        under = pygame.Surface(box.size, 0, self._small)
        under.blit(kept, (0, 0))
        return under

    def release(self) -> None:
        """Free the scaled picture."""
        self._whole = None


def _centre(layout: Layout) -> tuple[float, float]:
    return (layout.wheel.centerx / _GROUND_SCALE, layout.wheel.centery / _GROUND_SCALE)


def _sponsors(layout: Layout, theme: Theme) -> pygame.Surface | None:
    """Return the sponsors' picture as it fits below everything."""
    picture = load_branding(theme.sponsors) if layout.footer.h else None
    return None if picture is None else fitted(picture, layout.footer.inflate(0, -layout.px(16)).size)


def cut_hole(cover: pygame.Surface, disc: pygame.Rect) -> None:
    """Make a round hole in `cover`, with a smooth edge, as large as `disc`."""
    side = disc.w
    # A quarter, four times: a circle's centre is a whole pixel, and that of an even square is between two.
    quarter = pygame.Surface(((side + 1) // 2, (side + 1) // 2), pygame.SRCALPHA, 32)
    pygame.draw.aacircle(quarter, (0, 0, 0, 255), (side // 2, side // 2), side // 2 - 1)
    far = side - quarter.get_width()
    for right, low in ((False, False), (True, False), (False, True), (True, True)):
        corner = pygame.transform.flip(quarter, right, low)
        cover.blit(corner, (disc.x + far * right, disc.y + far * low), special_flags=pygame.BLEND_RGBA_SUB)
