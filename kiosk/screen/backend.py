"""Two ways to put pictures on a screen, behind one adapter: `gpu` (SDL2 renderer) and `software` (surfaces).

Invariant: the only file that knows `pygame._sdl2.video`, which is experimental. A back end is believed only after
proof: it draws a small pattern and reads it back, because some renderers raise nothing, present frames and draw nothing
at all.
"""

import logging
import os
import time
import weakref
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

import pygame
from pygame._sdl2 import sdl2, video

from kiosk.core.errors import NoDisplay, ScreenError
from kiosk.screen.options import LARGEST_SIDES, Choice, Rotation
from kiosk.screen.theme import Colour

logger = logging.getLogger(__name__)

_RENDERERS = ("opengles2", "opengl", "metal", "direct3d11", "direct3d12", "direct3d")
"""GPU renderers in order of trust. On KMSDRM with virtio-gpu, `opengl` presents frames and draws nothing."""
_FRAMEBUFFER_ACCELERATION = {"x11": "0", "wayland": "0", "kmsdrm": "opengles2"}
"""How SDL is to bring a plain window surface to the screen. On X11 it would take a GPU texture: 90 MB of driver for
nothing. On KMSDRM it has to, and its first choice is `opengl`, which shows nothing: a black screen, and no error."""
_TITLE = "wheel-kiosk"
_SLOWEST_FRAME_S = 0.012
"""A GPU that needs longer for a frame is a CPU in disguise (Mesa's llvmpipe), and ours is quicker."""
_MEASURED_FRAMES = 4
_SDL_ERRORS = (pygame.error, sdl2.error)
"""The experimental classes raise an error of their own."""


class Sharpness(Enum):
    """How well a wheel is drawn."""

    COARSE = "coarse"
    """Half the resolution: too fast to tell."""
    MOVING = "moving"
    """Each pixel, and no smoothing between them."""
    STILL = "still"
    """Smoothed: it stands, and is drawn once."""


class Picture(Protocol):
    """Something that a back end can draw; made by the same back end."""

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        ...


class Backend(Protocol):
    """What the view needs of a screen.

    Attributes:
        name: `gpu` or `software`.
        driver: SDL's video driver, and the renderer where there is one.
        size: of the screen in pixels.
        retains: what was drawn stays until it is drawn over, so that only changes need drawing.
    """

    name: str
    driver: str
    size: tuple[int, int]
    retains: bool

    def picture(self, surface: pygame.Surface, *, opaque: bool = False, sparse: bool = False) -> Picture:
        """Make a picture of `surface`.

        With `opaque` its alpha is ignored, which is quicker to draw. `sparse` says that most of it is clear and that
        it is never drawn with an alpha of its own, which is quicker too.
        """
        ...

    def wheel(self, surface: pygame.Surface, ground: Colour) -> Picture:
        """Make a picture that `draw_turned` can turn. `ground` shows through where it is transparent."""
        ...

    def draw(self, picture: Picture, at: tuple[int, int], *, area: pygame.Rect | None = None, alpha: int = 255) -> None:
        """Draw `picture`, or its part `area`, with its top left corner at `at`."""
        ...

    def draw_turned(self, picture: Picture, box: pygame.Rect, degrees: float, sharp: Sharpness) -> None:
        """Draw a wheel into `box`, turned clockwise, as sharp as its speed lets anybody see."""
        ...

    def fill(self, box: pygame.Rect, colour: Colour) -> None:
        """Fill `box`."""
        ...

    def clip(self, box: pygame.Rect | None) -> None:
        """Draw only within `box` from now on; None for everywhere."""
        ...

    def present(self, changed: Sequence[pygame.Rect]) -> None:
        """Show what was drawn; `changed` are the regions that differ from the frame before."""
        ...

    def read_back(self) -> pygame.Surface:
        """Return what was drawn since the last `present`, or is on screen, as a surface of its own."""
        ...

    def close(self) -> None:
        """Give the screen back."""
        ...


@dataclass(frozen=True, slots=True)
class _Drawn:
    """A software picture."""

    surface: pygame.Surface

    @property
    def size(self) -> tuple[int, int]:
        return self.surface.get_size()


@dataclass(frozen=True, slots=True)
class _DrawnWheel(_Drawn):
    """A wheel in 16 bits a pixel, and at half size in 32.

    Turning is bound by memory: half the bytes take 0.6 of the time, and flat colours lose nothing that one sees.
    """

    half: pygame.Surface


class SoftwareBackend:
    """Surfaces and the CPU. Works everywhere that SDL has a video driver."""

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
            pygame.display.set_caption(_TITLE)
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
            # rotozoom turns round the pixel at half the size, half a pixel beside the middle of a picture of even
            # size: one more row and column make that pixel the wheel's middle. At 0 degrees it would only stretch.
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


@dataclass(slots=True, eq=False, weakref_slot=True)
class _Texture:
    """A GPU picture; `texture` is None after its back end was closed."""

    texture: video.Texture | None
    size: tuple[int, int]


class GpuBackend:
    """SDL2's renderer: pictures are textures, and the GPU turns the wheel."""

    name = "gpu"
    retains = False

    def __init__(self, size: tuple[int, int] | None, *, renderer: str, vsync: bool, rotate: Rotation) -> None:
        """Open a window of `size`, or the whole screen if None, with the named renderer.

        Raises:
            ScreenError: the window or the renderer cannot be made.
        """
        os.environ.setdefault("SDL_RENDER_SCALE_QUALITY", "1")  # bilinear: a turned wheel has smooth edges
        os.environ.setdefault("SDL_RENDER_BATCHING", "1")  # SDL leaves it off where a renderer is asked for by name
        try:
            if size:
                self._window = pygame.Window(_TITLE, size)
            else:
                desktop = pygame.display.get_desktop_sizes()[0]
                self._window = pygame.Window(_TITLE, desktop, fullscreen_desktop=True)
        except (*_SDL_ERRORS, IndexError) as error:
            raise NoDisplay(f"No window could be opened: {error}.") from error
        try:
            self._renderer = video.Renderer(
                self._window, index=[driver.name for driver in video.get_drivers()].index(renderer), vsync=vsync
            )
        except _SDL_ERRORS as error:
            self._window.destroy()
            raise ScreenError(f"The {renderer} renderer cannot be used: {error}.") from error
        self._textures: weakref.WeakSet[_Texture] = weakref.WeakSet()
        self._origin = (0, 0)
        self._wait_each_frame = False
        self._rotate = rotate
        self._window_size = (self._window.size[0], self._window.size[1])
        self.size = inner_size(self._window_size, rotate)
        direct = rotate == 0 and self.size == self._window_size
        self._canvas = None if direct else video.Texture(self._renderer, self.size, target=True)
        self._renderer.target = self._canvas
        self.driver = f"{pygame.display.get_driver()}/{renderer}"

    def picture(self, surface: pygame.Surface, *, opaque: bool = False, sparse: bool = False) -> Picture:
        """See `Backend.picture`."""
        del sparse  # a GPU does not care
        texture = video.Texture.from_surface(self._renderer, surface)
        texture.blend_mode = pygame.BLENDMODE_NONE if opaque else pygame.BLENDMODE_BLEND
        picture = _Texture(texture, surface.get_size())
        self._textures.add(picture)
        return picture

    def wheel(self, surface: pygame.Surface, ground: Colour) -> Picture:  # noqa: ARG002 - the GPU blends
        """See `Backend.wheel`."""
        return self.picture(surface)

    def draw(self, picture: Picture, at: tuple[int, int], *, area: pygame.Rect | None = None, alpha: int = 255) -> None:
        """See `Backend.draw`."""
        texture = _opened(picture)
        texture.alpha = alpha
        size = area.size if area else picture.size
        texture.draw(srcrect=area, dstrect=self._place(pygame.Rect(at, size)))

    def draw_turned(self, picture: Picture, box: pygame.Rect, degrees: float, sharp: Sharpness) -> None:  # noqa: ARG002
        """See `Backend.draw_turned`. The best costs the GPU nothing more."""
        _opened(picture).draw(dstrect=self._place(box), angle=degrees)

    def fill(self, box: pygame.Rect, colour: Colour) -> None:
        """See `Backend.fill`."""
        self._renderer.draw_color = (*colour, 255)
        self._renderer.fill_rect(self._place(box))

    def clip(self, box: pygame.Rect | None) -> None:
        """See `Backend.clip`. A viewport clips, and moves the origin to its corner: `_place` takes that back."""
        self._renderer.set_viewport(box)
        self._origin = box.topleft if box else (0, 0)

    def _place(self, box: pygame.Rect) -> pygame.Rect:
        return box.move(-self._origin[0], -self._origin[1])

    def present(self, changed: Sequence[pygame.Rect]) -> None:  # noqa: ARG002 - a GPU frame is always whole
        """See `Backend.present`."""
        if self._wait_each_frame:
            self._finish()
        if self._canvas is not None:
            self._renderer.target = None
            width, height = self._window_size
            box = pygame.Rect(0, 0, *((height, width) if self._rotate in {90, 270} else (width, height)))
            box.center = (width // 2, height // 2)
            self._canvas.draw(dstrect=box, angle=self._rotate)
        self._renderer.present()
        self._renderer.target = self._canvas

    def _finish(self) -> None:
        """Wait until all that was drawn is there: reading one pixel back does that."""
        self._renderer.to_surface(area=pygame.Rect(0, 0, 1, 1))

    def frame_s(self) -> float:
        """Measure how long a full frame takes, in seconds.

        A renderer that turns out slow is waited for in each frame from now on: without a display that holds it back
        (SDL's offscreen driver) its queue would grow by seconds.
        """
        whole = pygame.Surface(self.size, 0, 32)
        whole.fill((20, 30, 50))
        picture = self.picture(whole)
        box = pygame.Rect((0, 0), (self.size[1], self.size[1]))
        took: list[float] = []
        for frame in range(1 + _MEASURED_FRAMES):
            started = time.perf_counter()
            self.draw(picture, (0, 0))
            self.draw_turned(picture, box, 7.0 * frame, Sharpness.STILL)
            self._finish()
            took.append(time.perf_counter() - started)
        best = min(took[1:])  # the first one compiles shaders; the others may meet a busy machine
        self._wait_each_frame = best > _SLOWEST_FRAME_S / 2
        return best

    def read_back(self) -> pygame.Surface:
        """See `Backend.read_back`."""
        return self._renderer.to_surface()

    def close(self) -> None:
        """See `Backend.close`.

        Textures first, then the renderer, then the window, whoever still holds a picture: SDL frees all three with
        the window, and a texture that Python lets go of later would be freed a second time.
        """
        for picture in self._textures:
            picture.texture = None
        self._renderer.target = self._canvas = None
        del self._renderer
        self._window.destroy()
        pygame.display.quit()


def inner_size(window: tuple[int, int], rotate: Rotation) -> tuple[int, int]:
    """Return the size that is drawn for a window: turned as the display hangs, and at most `LARGEST_SIDES`.

    A 4K panel gets a picture that is scaled up: four times the pixels would cost four times the time, and nobody
    sees them from ten metres.
    """
    width, height = (window[1], window[0]) if rotate in {90, 270} else window
    scale = min(1.0, LARGEST_SIDES[0] / max(width, height), LARGEST_SIDES[1] / min(width, height))
    return (round(width * scale), round(height * scale))


def open_backend(choice: Choice, size: tuple[int, int] | None, *, vsync: bool, rotate: Rotation = 0) -> Backend:
    """Open the screen with the first back end that proves that it draws.

    Args:
        choice: `auto` tries the GPU renderers and then software; the others insist.
        size: of the window in pixels; None for full screen.
        vsync: wait for the display's refresh when presenting.
        rotate: degrees clockwise by which the picture is turned, for a display that hangs on its side.

    Raises:
        NoDisplay: there is no display, or no window on it.
        ScreenError: nothing that was allowed draws.
    """
    try:
        pygame.display.init()
    except pygame.error as error:
        raise NoDisplay(
            f"There is no display: {error}.",
            remedy="Connect one, or set SDL_VIDEODRIVER (offscreen and dummy are displays like any other).",
        ) from error
    for renderer in _renderers(choice):
        try:
            backend = GpuBackend(size, renderer=renderer, vsync=vsync, rotate=rotate)
        except ScreenError as error:
            logger.debug("%s", error)
            continue
        if proves_itself(backend):
            frame_s = backend.frame_s()
            if choice == "gpu" or frame_s <= _SLOWEST_FRAME_S:
                logger.info("drawing with %s, %.1f ms a frame", backend.driver, frame_s * 1000)
                return backend
            logger.info("%s needs %.0f ms a frame: drawing with the CPU", backend.driver, frame_s * 1000)
            backend.close()
            pygame.display.init()
            break
        logger.warning("%s presents frames and draws nothing: trying the next", backend.driver)
        backend.close()
        pygame.display.init()
    if choice == "gpu":
        raise ScreenError("No GPU renderer draws here.", remedy="Use --backend auto or --backend software.")
    software = SoftwareBackend(size, rotate=rotate)
    if not proves_itself(software):
        software.close()
        raise ScreenError("The screen shows nothing of what is drawn.", remedy="Check the display driver.")
    return software


def _renderers(choice: Choice) -> list[str]:
    """Return the renderers to try, in order; none on SDL's dummy driver, which has no GPU."""
    if choice == "software" or pygame.display.get_driver() == "dummy":
        return []
    present = {driver.name for driver in video.get_drivers()}
    return [renderer for renderer in _RENDERERS if renderer in present]


def proves_itself(backend: Backend) -> bool:
    """Draw a small pattern, read it back, and say whether it is there."""
    dots = {(3, 3): (250, 30, 40), (40, 12): (20, 200, 60), (12, 40): (40, 60, 240)}
    dot = pygame.Surface((8, 8), pygame.SRCALPHA, 32)
    backend.fill(pygame.Rect((0, 0), backend.size), (0, 0, 0))
    try:
        for at, colour in dots.items():
            dot.fill(colour)
            backend.draw(backend.picture(dot), at)
        seen = backend.read_back()
    except _SDL_ERRORS as error:
        logger.warning("%s cannot draw: %s", backend.driver, error)
        return False
    return all(
        max(abs(a - b) for a, b in zip(seen.get_at((x + 4, y + 4))[:3], colour, strict=True)) <= 8
        for (x, y), colour in dots.items()
    )


def _drawn(picture: Picture) -> _Drawn:
    if not isinstance(picture, _Drawn):
        raise TypeError("a picture of another back end")
    return picture


def _opened(picture: Picture) -> video.Texture:
    if not isinstance(picture, _Texture) or picture.texture is None:
        raise TypeError("a picture of another back end, or of a closed one")
    return picture.texture
