"""The software back end: surfaces, and the CPU turns the wheel. It works wherever SDL has a video driver."""

import os
from collections.abc import Sequence
from dataclasses import dataclass

import pygame

from kiosk.core.errors import NoDisplay
from kiosk.screen.backends.adapter import WINDOW_TITLE, Picture, Sharpness, inner_size
from kiosk.screen.options import Rotation
from kiosk.screen.themes.colours import Colour

_FRAMEBUFFER_ACCELERATION = {"x11": "0", "wayland": "0", "kmsdrm": "opengles2"}
"""How SDL copies a window surface to the screen, by video driver. On X11 its default is a GPU texture: 90 MB of driver
for nothing. KMSDRM needs a texture, and SDL's first choice there, `opengl`, shows a black screen without an
error."""


@dataclass(frozen=True, slots=True)
class _Drawn:
    """A picture of the software back end."""

    surface: pygame.Surface

    @property
    def size(self) -> tuple[int, int]:
        return self.surface.get_size()


@dataclass(frozen=True, slots=True)
class _DrawnWheel(_Drawn):
    """A wheel with 16 bits a pixel, and at half the size with 32.

    Rotation is limited by memory bandwidth: half the bytes take 0.6 of the time, and flat colours lose nothing visible.
    """

    half: pygame.Surface


class SoftwareBackend:
    """Draws with surfaces on the CPU."""

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
            self._window = pygame.display.set_mode(size or (0, 0), 0 if size else pygame.FULLSCREEN)
        except pygame.error as error:
            raise NoDisplay(f"No window could be opened: {error}.") from error
        self._rotate = rotate
        self.size = inner_size(self._window.get_size(), rotate)
        direct = rotate == 0 and self.size == self._window.get_size()
        self._screen = self._window if direct else pygame.Surface(self.size, 0, self._window)
        self.driver = pygame.display.get_driver()

    def picture(self, surface: pygame.Surface, *, opaque: bool = False, sparse: bool = False) -> Picture:
        """See `Backend.picture`."""
        if opaque:
            return _Drawn(surface.convert(self._screen))
        converted = surface.convert_alpha()
        if sparse:
            converted.set_alpha(255, pygame.RLEACCEL)
        return _Drawn(converted)

    def wheel(self, surface: pygame.Surface, ground: Colour) -> Picture:
        """See `Backend.wheel`."""
        flat = pygame.Surface(surface.get_size(), 0, self._screen)
        flat.fill(ground)
        flat.blit(surface, (0, 0))
        width, height = surface.get_size()
        return _DrawnWheel(flat.convert(16), pygame.transform.smoothscale(flat, (width // 2, height // 2)))

    def draw(self, picture: Picture, at: tuple[int, int], *, area: pygame.Rect | None = None, alpha: int = 255) -> None:
        """See `Backend.draw`."""
        surface = _drawn(picture).surface
        if alpha >= 255:
            self._screen.blit(surface, at, area)
        else:
            surface.set_alpha(alpha)
            self._screen.blit(surface, at, area)
            surface.set_alpha(255)

    def draw_turned(self, picture: Picture, box: pygame.Rect, degrees: float, sharp: Sharpness) -> None:
        """See `Backend.draw_turned`."""
        if not isinstance(picture, _DrawnWheel):
            raise TypeError("not a wheel of this back end")
        if sharp is Sharpness.COARSE:
            turned = pygame.transform.rotate(picture.half, -degrees)
            middle = picture.half.get_rect(center=turned.get_rect().center)
            pygame.transform.scale(turned.subsurface(middle), box.size, self._screen.subsurface(box))
            return
        if sharp is Sharpness.STILL:
            # rotozoom turns around the pixel at half the size, which is half a pixel off the centre of an even picture:
            # one more row and column put the wheel's centre there. At 0 degrees it would only stretch the picture.
            width, height = picture.size
            padded = pygame.Surface((width + 1, height + 1), 0, self._screen)
            padded.blit(picture.surface, (1, 1))
            turned = pygame.transform.rotozoom(padded, -max(degrees, 0.01), 1)
        else:
            turned = pygame.transform.rotate(picture.surface, -degrees)
        self._screen.blit(turned, box, picture.surface.get_rect(center=turned.get_rect().center))

    def fill(self, box: pygame.Rect, colour: Colour) -> None:
        """See `Backend.fill`."""
        self._screen.fill(colour, box)

    def clip(self, box: pygame.Rect | None) -> None:
        """See `Backend.clip`."""
        self._screen.set_clip(box)

    def present(self, changed: Sequence[pygame.Rect]) -> None:
        """See `Backend.present`."""
        if self._screen is self._window:
            pygame.display.update(list(changed))
            return
        turned = pygame.transform.rotate(self._screen, -self._rotate) if self._rotate else self._screen
        pygame.transform.scale(turned, self._window.get_size(), self._window)
        pygame.display.flip()

    def read_back(self) -> pygame.Surface:
        """See `Backend.read_back`."""
        return self._screen.copy()

    def close(self) -> None:
        """See `Backend.close`."""
        pygame.display.quit()


def _drawn(picture: Picture) -> _Drawn:
    if not isinstance(picture, _Drawn):
        raise TypeError("a picture of another back end")
    return picture
