"""The software back end: surfaces, and the CPU turns the wheel. It works wherever SDL has a video driver."""

import math
import os
from collections.abc import Sequence

import msgspec
import pygame

from kiosk.core.errors import NoDisplay, ScreenError
from kiosk.screen.backends.adapter import (
    WINDOW_TITLE,
    Near,
    Part,
    Picture,
    Sharpness,
    Sheet,
    bring_back,
    inner_size,
)
from kiosk.screen.backends.slow_wheel import SlowWheel
from kiosk.screen.backends.small_turns import most_radians, tiles
from kiosk.screen.options import Rotation
from kiosk.screen.themes.colours import Colour

_FRAMEBUFFER_ACCELERATION = {"x11": "0", "wayland": "0", "offscreen": "0", "kmsdrm": "opengles2"}
"""How SDL copies a window surface to the screen, by video driver. By default it is a GPU texture: 90 MB of driver for
nothing, and without a GPU 30 to 50 ms a frame. KMSDRM needs a texture, and SDL's first choice there, `opengl`, shows a
black screen without an error."""

_STRAIGHT_PX = 0.5
"""A picture whose corners are turned by less than that round its middle is not turned at all."""
_UNSCALED = 1e-6
_SMOOTH_FROM = 1.4
"""Enlarged by less, pixels are not seen as such; smoothing is slow where most of them remain."""


class _Drawn(msgspec.Struct, frozen=True):
    """A picture of the software back end."""

    surface: pygame.Surface

    @property
    def size(self) -> tuple[int, int]:
        return self.surface.get_size()


class _InParts(_Drawn, frozen=True):
    """A picture that is clear but for some parts."""

    parts: tuple[pygame.Rect, ...]


class _DrawnWheel(_Drawn, frozen=True):
    """A wheel with 16 bits a pixel, and with 32 at half the size or, of a small wheel, the whole.

    Rotation is limited by memory bandwidth: half the bytes take 0.6 of the time, and flat colours lose nothing visible.
    """

    half: pygame.Surface


class _Sheet:
    """Surfaces, each of its own: a CPU draws them as fast."""

    def __init__(self, backend: "SoftwareBackend") -> None:
        self._backend = backend

    def put(self, surface: pygame.Surface) -> Picture:
        """See `Sheet.put`."""
        return self._backend.picture(surface)


class SoftwareBackend:
    """Draws with surfaces on the CPU."""

    near_bits = 16
    name = "software"
    retains = True

    def __init__(self, size: tuple[int, int] | None, *, rotate: Rotation) -> None:
        """Open a window of `size`, or the whole screen if None.

        Raises:
            ScreenError: there is no display.
        """
        wanted = _FRAMEBUFFER_ACCELERATION.get(pygame.display.get_driver().lower())
        if wanted is not None:
            os.environ.setdefault("SDL_FRAMEBUFFER_ACCELERATION", wanted)
        try:
            pygame.display.set_caption(WINDOW_TITLE)
            window = pygame.display.set_mode(size or (0, 0), 0 if size else pygame.FULLSCREEN)
        except pygame.error as error:
            raise NoDisplay(f"No window could be opened: {error}.") from error
        self._rotate = rotate
        self.size = inner_size(window.get_size(), rotate)
        direct = rotate == 0 and self.size == window.get_size()
        self._canvas = None if direct else pygame.Surface(self.size, 0, window)
        self.driver = pygame.display.get_driver()
        self._lifted: pygame.Surface | None = None
        self._laid: list[pygame.Rect] = []
        self._slow = SlowWheel()
        self._spare: pygame.Surface | None = None
        self._whole: tuple[Picture, pygame.Surface] | None = None

    @property
    def _window(self) -> pygame.Surface:
        """The window's surface now: SDL makes another one when the window was hidden, and frees the first."""
        window = pygame.display.get_surface()
        if window is None:
            raise NoDisplay("The window is closed.")
        return window

    @property
    def _screen(self) -> pygame.Surface:
        """What is drawn on: a surface of our own where the window shows it turned or scaled."""
        if self._canvas is not None:
            return self._canvas
        window = self._window
        if window.get_size() != self.size:
            raise ScreenError(
                f"The display changed from {self.size} to {window.get_size()} pixels.",
                remedy="The service manager restarts the kiosk, which then fits the picture to it.",
            )
        return window

    def picture(
        self,
        surface: pygame.Surface,
        *,
        opaque: bool = False,
        sparse: bool = False,
        parts: Sequence[pygame.Rect] | None = None,
    ) -> Picture:
        """See `Backend.picture`: a sparse one is encoded as runs of pixels."""
        if opaque:
            return _Drawn(surface.convert(self._screen))
        converted = surface.convert_alpha()
        if sparse:
            converted.set_alpha(255, pygame.RLEACCEL)
        return _Drawn(converted) if parts is None else _InParts(converted, tuple(parts))

    def sheet(self, size: tuple[int, int], count: int) -> Sheet:  # noqa: ARG002 - each picture has a surface
        """See `Backend.sheet`."""
        return _Sheet(self)

    def amend(self, picture: Picture, surface: pygame.Surface, at: tuple[int, int]) -> None:
        """See `Backend.amend`."""
        _drawn(picture).surface.blit(surface, at)

    def wheel(self, surface: pygame.Surface, small: pygame.Surface, ground: Colour) -> Picture:
        """See `Backend.wheel`."""
        flat = pygame.Surface(surface.get_size(), 0, self._screen)
        flat.fill(ground)
        flat.blit(surface, (0, 0))
        return _DrawnWheel(flat.convert(16), self._like_screen(small))

    def blurred(self, surface: pygame.Surface) -> Picture:
        """See `Backend.blurred`."""
        shown = self._like_screen(surface)
        return _DrawnWheel(shown, shown)

    def _like_screen(self, surface: pygame.Surface) -> pygame.Surface:
        """Return an opaque surface in the screen's format: itself, if it has it."""
        return surface if self._is_like_screen(surface) else surface.convert(self._screen)

    def _is_like_screen(self, surface: pygame.Surface) -> bool:
        return surface.get_masks() == self._screen.get_masks() and surface.get_bitsize() == self._screen.get_bitsize()

    def draw(self, picture: Picture, at: tuple[int, int], *, area: pygame.Rect | None = None, alpha: int = 255) -> None:
        """See `Backend.draw`."""
        surface = _drawn(picture).surface
        if alpha < 255:
            surface.set_alpha(alpha)
        if isinstance(picture, _InParts) and area is None:
            self._screen.blits([(surface, part.move(at), part) for part in picture.parts], doreturn=False)
        else:
            self._screen.blit(surface, at, area)
        if alpha < 255:
            surface.set_alpha(255)

    def draw_parts(self, picture: Picture, parts: Sequence[Part]) -> None:
        """See `Backend.draw_parts`."""
        surface = _drawn(picture).surface
        self._screen.blits([(surface, part.box, part.area) for part in parts], doreturn=False)

    def draw_turned(
        self, picture: Picture, box: pygame.Rect, degrees: float, sharp: Sharpness, *, alpha: int = 255
    ) -> None:
        """See `Backend.draw_turned`."""
        if not isinstance(picture, _DrawnWheel):
            raise TypeError("not a wheel of this back end")
        if sharp is Sharpness.COARSE:
            turned = pygame.transform.rotate(picture.half, -degrees)
            side = picture.half.get_width()
            # Where rotate leaves the centre: half a pixel lower in a picture of even height.
            left, wide = _span(turned.get_width(), side, turned.get_width())
            top, high = _span(turned.get_height() | 1, side, turned.get_height())
            target = pygame.Rect(0, 0, round(box.w * wide / side), round(box.h * high / side))
            target.center = box.center
            middle = turned.subsurface(pygame.Rect(left, top, wide, high))
            over = self._screen.subsurface(target) if alpha >= 255 else self._blank(target.size)
            pygame.transform.scale(middle, target.size, over)
            if alpha < 255:
                over.set_alpha(alpha)
                self._screen.blit(over, target)
            return
        if sharp is Sharpness.STILL:
            self._slow.forget()
            self._spare = self._whole = None
            if degrees == 0:  # as it was painted
                self._screen.blit(picture.surface, box)
                return
            # rotozoom turns around the pixel at half the size, which is half a pixel off the centre of an even picture:
            # one more row and column put the wheel's centre there. At 0 degrees it would only stretch the picture.
            width, height = picture.size
            padded = pygame.Surface((width + 1, height + 1), 0, self._screen)
            padded.blit(picture.surface, (1, 1))
            turned = pygame.transform.rotozoom(padded, -max(degrees, 0.01), 1)
        elif sharp is Sharpness.SLOW:
            self._slow.draw(self._screen, picture.surface, box, degrees)
            return
        else:
            turned = pygame.transform.rotate(picture.surface, -degrees)
        self._screen.blit(turned, box, picture.surface.get_rect(center=turned.get_rect().center))

    def near(self, surface: pygame.Surface) -> Picture:
        """See `Backend.near`."""
        return _Drawn(surface)

    def draw_near(self, picture: Picture, box: pygame.Rect, near: Near, *, alpha: int = 255) -> None:
        """See `Backend.draw_near`: turns only what can be seen, and enlarges that."""
        self._slow.forget()
        scale = near.scale
        surface = self._in_screen_format(picture, near)
        left, top = (box.x - near.centre[0]) / scale, (box.y - near.centre[1]) / scale
        right, bottom = left + box.w / scale, top + box.h / scale
        turn = math.radians(near.degrees)
        cos, sin = math.cos(turn), math.sin(turn)
        if abs(turn) * math.hypot(box.w, box.h) / 2 < _STRAIGHT_PX:  # what is seen moves, and hardly turns
            x, y = (left + right) / 2, (top + bottom) / 2
            moved = (x - cos * x - sin * y, y + sin * x - cos * y)
            turned, corner = surface, (moved[0] - near.origin[0], moved[1] - near.origin[1])
        else:
            corners = [(cos * x + sin * y, cos * y - sin * x) for x in (left, right) for y in (top, bottom)]
            xs, ys = [x + near.origin[0] for x, _ in corners], [y + near.origin[1] for _, y in corners]
            seen = pygame.Rect(math.floor(min(xs)) - 1, math.floor(min(ys)) - 1, 0, 0)
            seen.w, seen.h = math.ceil(max(xs)) + 1 - seen.x, math.ceil(max(ys)) + 1 - seen.y
            seen = seen.clip(surface.get_rect())
            if abs(turn) <= most_radians(max(seen.size)):
                corner = (math.floor(left), math.floor(top))
                turned = self._blank((math.ceil(right) - corner[0], math.ceil(bottom) - corner[1]))
                found = tiles(seen, near.origin, (-corner[0], -corner[1]), turn)
                turned.blits([(surface, tile.to, tile.area) for tile in found], doreturn=False)
            else:
                x, y = seen.x + seen.w / 2 - near.origin[0], seen.y + seen.h / 2 - near.origin[1]
                turned = pygame.transform.rotate(surface.subsurface(seen), -near.degrees)
                width, height = turned.get_size()
                corner = (cos * x - sin * y - width / 2, sin * x + cos * y - height / 2)
        # Whole pixels of the picture, a little more than is seen, enlarged and put where they belong to the pixel.
        part = pygame.Rect(math.floor(left - corner[0]), math.floor(top - corner[1]), 0, 0)
        part.w, part.h = math.ceil(right - corner[0]) - part.x, math.ceil(bottom - corner[1]) - part.y
        part = part.clip(turned.get_rect())
        target = pygame.Rect(
            round((part.x + corner[0]) * scale + near.centre[0]),
            round((part.y + corner[1]) * scale + near.centre[1]),
            round(part.w * scale),
            round(part.h * scale),
        )
        shown = turned.subsurface(part)
        if abs(scale - 1) >= _UNSCALED:
            shown = self._like_screen(shown)  # enlarging fewer bits takes twice as long
            enlarge = pygame.transform.smoothscale if scale >= _SMOOTH_FROM else pygame.transform.scale
            beside = box.inflate(2 * near.margin, 2 * near.margin).clip(self._screen.get_rect())
            if alpha >= 255 and beside.contains(target):
                enlarge(shown, target.size, self._screen.subsurface(target))
                return
            shown = enlarge(shown, target.size)
        self.clip(box)
        if alpha < 255:  # blending is fast in the screen's own format
            shown = self._like_screen(shown)
            shown.set_alpha(alpha)
        self._screen.blit(shown, target)
        shown.set_alpha(255)
        self.clip(None)

    def _in_screen_format(self, picture: Picture, near: Near) -> pygame.Surface:
        """Return the surface of a near picture; while much of it turns, in the screen's format, which is kept."""
        surface = _drawn(picture).surface
        if near.degrees == 0:  # at rest: the next spin begins with other pictures
            self._whole = self._spare = None
            return surface
        if near.scale >= _SMOOTH_FROM or self._is_like_screen(surface):
            return surface
        if self._whole is None or self._whole[0] is not picture:
            self._whole = None  # before the next is made, which goes into the same memory
            self._whole = (picture, surface.convert(self._screen))
        return self._whole[1]

    def _blank(self, size: tuple[int, int]) -> pygame.Surface:
        """Return a surface in the screen's format that holds anything, and that only the next call gives away again."""
        spare = self._spare
        if spare is None or spare.get_width() < size[0] or spare.get_height() < size[1]:
            spare = self._spare = pygame.Surface(size, 0, self._screen)
        return spare.subsurface(pygame.Rect((0, 0), size))

    def draw_scaled(self, picture: Picture, box: pygame.Rect, *, alpha: int = 255) -> None:
        """See `Backend.draw_scaled`."""
        scaled = pygame.transform.smoothscale(_drawn(picture).surface, box.size)
        scaled.set_alpha(alpha)
        self._screen.blit(scaled, box)

    def dim(self, box: pygame.Rect, part: float) -> None:
        """See `Backend.dim`."""
        left = round(255 * (1 - part))
        self._screen.fill((left, left, left), box, pygame.BLEND_RGB_MULT)

    def lay(self, sprites: Sequence[tuple[Picture, tuple[int, int], int]]) -> None:
        """See `Backend.lay`: what will be covered is kept, before any of it is."""
        screen = self._screen.get_rect()
        boxes = [pygame.Rect(at, picture.size).clip(screen) for picture, at, _ in sprites]
        self._laid = boxes
        needed = (max((box.w for box in boxes), default=0), sum(box.h for box in boxes))
        kept = self._lifted
        if kept is None or kept.get_width() < needed[0] or kept.get_height() < needed[1]:
            kept = self._lifted = pygame.Surface((max(1, needed[0]), max(1, needed[1])), 0, self._screen)
        y = 0
        for box in boxes:
            kept.blit(self._screen, (0, y), box)
            y += box.h
        for picture, at, alpha in sprites:
            self.draw(picture, at, alpha=alpha)

    def lift(self) -> bool:
        """See `Backend.lift`."""
        boxes, kept = self._laid, self._lifted
        self._laid = []
        if kept is None or not boxes:
            self._lifted = None
            return False
        y = 0
        for box in boxes:
            self._screen.blit(kept, box, pygame.Rect(0, y, box.w, box.h))
            y += box.h
        return True

    def fill(self, box: pygame.Rect, colour: Colour) -> None:
        """See `Backend.fill`."""
        self._screen.fill(colour, box)

    def clip(self, box: pygame.Rect | None) -> None:
        """See `Backend.clip`."""
        self._screen.set_clip(box)

    def free_dropped(self) -> None:
        """See `Backend.free_dropped`: surfaces are freed as they are dropped."""

    def present(self, changed: Sequence[pygame.Rect]) -> None:
        """See `Backend.present`."""
        if self._canvas is None:
            pygame.display.update(list(changed))
            return
        turned = pygame.transform.rotate(self._canvas, -self._rotate) if self._rotate else self._canvas
        pygame.transform.scale(turned, self._window.get_size(), self._window)
        pygame.display.flip()

    def read_back(self) -> pygame.Surface:
        """See `Backend.read_back`."""
        return self._screen.copy()

    def take_up(self) -> None:
        """See `Backend.take_up`."""
        bring_back(pygame.Window.from_display_module())

    def close(self) -> None:
        """See `Backend.close`."""
        pygame.display.quit()


def _span(twice_centre: int, side: int, most: int) -> tuple[int, int]:
    """Return where a span begins whose centre is a pixel's, or between two, and its length: `side`, or one more."""
    odd = (twice_centre - side) % 2
    begin, length = (twice_centre - side - odd) // 2, side + odd
    return (begin, length) if begin + length <= most else ((most - side) // 2, side)


def _drawn(picture: Picture) -> _Drawn:
    if not isinstance(picture, _Drawn):
        raise TypeError("a picture of another back end")
    return picture
