"""The gpu back end: SDL2's renderer. Pictures are textures, and the GPU turns the wheel.

Invariant: the only file that knows `pygame._sdl2.video`, which is experimental. Only the thread that draws makes and
frees textures.
"""

import os
import time
import weakref
from collections import deque
from collections.abc import Callable, Iterable, Sequence

import msgspec
import pygame
from pygame._sdl2 import sdl2, video

from kiosk.core.errors import NoDisplay, ScreenError
from kiosk.screen.backends.adapter import WINDOW_TITLE, Near, Part, Picture, Sharpness, Sheet, bring_back, inner_size
from kiosk.screen.options import LARGEST_SIDES, LARGEST_SIDES_OF_A_GPU, Rotation
from kiosk.screen.themes.colours import Colour

_RENDERERS = ("opengles2", "opengl", "metal", "direct3d11", "direct3d12", "direct3d")
"""GPU renderers in order of trust. On KMSDRM with virtio-gpu, `opengl` presents frames and draws nothing."""
SLOWEST_FRAME_S = 0.012
"""A GPU that needs longer for a frame is a CPU in disguise (Mesa's llvmpipe), and the software back end is faster."""
_MEASURED_FRAMES = 4
_PAGE_PX = 2048
"""Largest side of a texture of several pictures: what the GPU of a Raspberry Pi 3 can do."""
SDL_ERRORS = (pygame.error, sdl2.error)
"""The experimental classes raise an error of their own."""


class _Texture(msgspec.Struct, eq=False, weakref=True):
    """A picture of the gpu back end; `texture` is None once the back end is closed.

    A target can be drawn on. Whichever thread drops a picture, its texture goes to `unused`: only the thread that draws
    may free it.
    """

    texture: video.Texture | None
    size: tuple[int, int]
    unused: deque[video.Texture]
    is_target: bool = False

    def __del__(self) -> None:
        if self.texture is not None:
            self.unused.append(self.texture)


class _Slot(msgspec.Struct, eq=False):
    """A picture that shares its texture with others; whoever drops it gives its place back."""

    page: _Texture
    area: pygame.Rect
    places: deque["_Place"]

    @property
    def size(self) -> tuple[int, int]:
        return self.area.size

    def __del__(self) -> None:
        self.places.append((self.page, self.area.topleft))


_Place = tuple[_Texture, tuple[int, int]]


class _GpuSheet:
    """Keeps pictures on as few textures as may be: to a GPU, what is drawn from one texture is one piece of work."""

    def __init__(self, backend: "GpuBackend", size: tuple[int, int], count: int) -> None:
        self._backend = backend
        self._size = size
        self._count = count
        self._places: deque[_Place] = deque()

    def put(self, surface: pygame.Surface) -> Picture:
        """See `Sheet.put`."""
        if surface.get_width() > self._size[0] or surface.get_height() > self._size[1]:
            return self._backend.picture(surface)
        if not self._places:
            self._places.extend(self._backend.page(self._size, self._count))
        page, corner = self._places[0]
        self._backend.amend(page, surface, corner)
        self._places.popleft()
        return _Slot(page, pygame.Rect(corner, surface.get_size()), self._places)


class GpuBackend:
    """Draws with an SDL2 renderer."""

    near_bits = 32
    name = "gpu"
    retains = False

    def __init__(
        self,
        size: tuple[int, int] | None,
        *,
        renderer: str,
        vsync: bool,
        rotate: Rotation,
        largest: tuple[int, int] = LARGEST_SIDES_OF_A_GPU,
    ) -> None:
        """Open a window of `size`, or the whole screen if None, with the named renderer.

        The picture's sides are at most `largest`.

        Raises:
            ScreenError: the window or the renderer cannot be made.
        """
        self._unused: deque[video.Texture] = deque()  # first: what is never closed loses its parts in this order
        os.environ.setdefault("SDL_RENDER_SCALE_QUALITY", "1")  # bilinear: a turned wheel has smooth edges
        os.environ.setdefault("SDL_RENDER_BATCHING", "1")  # SDL leaves it off where a renderer is asked for by name
        try:
            if size:
                self._window = pygame.Window(WINDOW_TITLE, size)
            else:
                desktop = pygame.display.get_desktop_sizes()[0]
                self._window = pygame.Window(WINDOW_TITLE, desktop, fullscreen_desktop=True)
        except (*SDL_ERRORS, IndexError) as error:
            raise NoDisplay(f"No window could be opened: {error}.") from error
        try:
            self._renderer = video.Renderer(
                self._window, index=[driver.name for driver in video.get_drivers()].index(renderer), vsync=vsync
            )
        except SDL_ERRORS as error:
            self._window.destroy()
            raise ScreenError(f"The {renderer} renderer cannot be used: {error}.") from error
        self._textures: weakref.WeakSet[_Texture] = weakref.WeakSet()
        self._at_exit = weakref.finalize(self, _free, self._textures, self._unused)  # of one that is never closed
        self._origin = (0, 0)
        self._wait_each_frame = False
        self._rotate = rotate
        self._window_size = (self._window.size[0], self._window.size[1])
        self.size = inner_size(self._window_size, rotate, largest)
        direct = rotate == 0 and self.size == self._window_size
        self._canvas = None if direct else video.Texture(self._renderer, self.size, target=True)
        self._renderer.target = self._canvas
        self.driver = f"{pygame.display.get_driver()}/{renderer}"

    def picture(
        self,
        surface: pygame.Surface,
        *,
        opaque: bool = False,
        sparse: bool = False,
        parts: Sequence[pygame.Rect] | None = None,
    ) -> Picture:
        """See `Backend.picture`."""
        del sparse, parts  # they make no difference to a GPU
        self.free_dropped()
        texture = video.Texture.from_surface(self._renderer, surface)
        texture.blend_mode = pygame.BLENDMODE_NONE if opaque else pygame.BLENDMODE_BLEND
        picture = _Texture(texture, surface.get_size(), self._unused)
        self._textures.add(picture)
        return picture

    def sheet(self, size: tuple[int, int], count: int) -> Sheet:
        """See `Backend.sheet`."""
        return _GpuSheet(self, size, count)

    def page(self, size: tuple[int, int], count: int) -> list[_Place]:
        """Make a texture for up to `count` pictures of at most `size`, and return the place of each."""
        columns, rows = (max(1, _PAGE_PX // side) for side in size)
        rows = min(rows, -(-count // columns))
        texture = video.Texture(self._renderer, (columns * size[0], rows * size[1]), target=True)
        texture.blend_mode = pygame.BLENDMODE_BLEND
        page = _Texture(texture, (columns * size[0], rows * size[1]), self._unused, is_target=True)
        self._textures.add(page)
        return [(page, (column * size[0], row * size[1])) for row in range(rows) for column in range(columns)]

    def amend(self, picture: Picture, surface: pygame.Surface, at: tuple[int, int]) -> None:
        """See `Backend.amend`. It is drawn there: `Texture.update` of pygame-ce 2.5 puts every part into the corner."""
        whole, part = _opened(picture), video.Texture.from_surface(self._renderer, surface)
        part.blend_mode = pygame.BLENDMODE_NONE
        try:
            if isinstance(picture, _Texture) and not picture.is_target:
                copy = video.Texture(self._renderer, picture.size, target=True)
                copy.blend_mode = pygame.BLENDMODE_NONE
                self._renderer.target = copy
                whole.draw()
                picture.texture, picture.is_target, whole = copy, True, copy
            self._renderer.target = whole
            part.draw(dstrect=pygame.Rect(at, surface.get_size()))
        finally:  # else every frame from now on would be drawn on the picture
            self._renderer.target = self._canvas

    def wheel(self, surface: pygame.Surface, small: pygame.Surface, ground: Colour) -> Picture:  # noqa: ARG002 - the GPU scales and blends
        """See `Backend.wheel`."""
        return self.picture(surface)

    def blurred(self, surface: pygame.Surface) -> Picture:
        """See `Backend.blurred`."""
        return self.picture(surface, opaque=True)

    def draw(self, picture: Picture, at: tuple[int, int], *, area: pygame.Rect | None = None, alpha: int = 255) -> None:
        """See `Backend.draw`."""
        if isinstance(picture, _Slot):
            area = area.move(picture.area.topleft) if area else picture.area
            picture = picture.page
        texture = _opened(picture)
        texture.alpha = alpha
        size = area.size if area else picture.size
        texture.draw(srcrect=area, dstrect=self._place(pygame.Rect(at, size)))

    def draw_parts(self, picture: Picture, parts: Sequence[Part]) -> None:
        """See `Backend.draw_parts`."""
        texture = _opened(picture)
        texture.alpha = 255
        for part in parts:
            texture.draw(srcrect=part.area, dstrect=self._place(part.box))

    def draw_turned(
        self,
        picture: Picture,
        box: pygame.Rect,
        degrees: float,
        sharp: Sharpness,  # noqa: ARG002 - full sharpness costs the GPU nothing
        *,
        alpha: int = 255,
    ) -> None:
        """See `Backend.draw_turned`."""
        self.clip(box)  # the corners of an opaque picture would be seen beside the wheel
        _draw_faded(_opened(picture), alpha, self._place(box), degrees)
        self.clip(None)

    def near(self, surface: pygame.Surface) -> Picture:
        """See `Backend.near`."""
        return self.picture(surface, opaque=True)

    def draw_near(self, picture: Picture, box: pygame.Rect, near: Near, *, alpha: int = 255) -> None:
        """See `Backend.draw_near`."""
        self.clip(box)
        x, y = (near.origin[0] * near.scale, near.origin[1] * near.scale)
        size = (picture.size[0] * near.scale, picture.size[1] * near.scale)
        corner = (near.centre[0] - x - self._origin[0], near.centre[1] - y - self._origin[1])
        _draw_faded(_opened(picture), alpha, pygame.FRect(corner, size), near.degrees, (x, y))
        self.clip(None)

    def draw_scaled(self, picture: Picture, box: pygame.Rect, *, alpha: int = 255) -> None:
        """See `Backend.draw_scaled`."""
        texture = _opened(picture)
        texture.alpha = alpha
        texture.draw(dstrect=self._place(box))

    def dim(self, box: pygame.Rect, part: float) -> None:
        """See `Backend.dim`."""
        self._renderer.draw_blend_mode = pygame.BLENDMODE_BLEND
        self._renderer.draw_color = (0, 0, 0, round(255 * part))
        self._renderer.fill_rect(self._place(box))
        self._renderer.draw_blend_mode = pygame.BLENDMODE_NONE

    def lay(self, sprites: Sequence[tuple[Picture, tuple[int, int], int]]) -> None:
        """See `Backend.lay`."""
        for picture, at, alpha in sprites:
            self.draw(picture, at, alpha=alpha)

    def lift(self) -> bool:
        """See `Backend.lift`. Each frame is drawn whole: nothing lies there any more."""
        return False

    def fill(self, box: pygame.Rect, colour: Colour) -> None:
        """See `Backend.fill`."""
        self._renderer.draw_color = (*colour, 255)
        self._renderer.fill_rect(self._place(box))

    def clip(self, box: pygame.Rect | None) -> None:
        """See `Backend.clip`. A viewport also moves the origin to its corner; `_place` compensates for that."""
        self._renderer.set_viewport(box)
        self._origin = box.topleft if box else (0, 0)

    def _place(self, box: pygame.Rect) -> pygame.Rect:
        x, y = self._origin
        return box.move(-x, -y) if x or y else box

    def present(self, changed: Sequence[pygame.Rect]) -> None:  # noqa: ARG002 - a GPU frame is always whole
        """See `Backend.present`."""
        self.free_dropped()
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

    def free_dropped(self) -> None:
        """See `Backend.free_dropped`."""
        while self._unused:
            self._unused.pop()

    def _finish(self) -> None:
        """Wait until the GPU has drawn everything, by reading one pixel back."""
        self._renderer.to_surface(area=pygame.Rect(0, 0, 1, 1))

    def frame_s(self) -> float:
        """Measure how long a full frame takes, in seconds.

        From then on, `present` waits for a slow renderer in each frame, or its queue would grow by seconds.
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
        del picture
        self.free_dropped()
        best = min(took[1:])  # the first frame compiles shaders; the minimum excludes delays by other processes
        self._wait_each_frame = best > SLOWEST_FRAME_S / 2
        return best

    def read_back(self) -> pygame.Surface:
        """See `Backend.read_back`."""
        return self._renderer.to_surface()

    def take_up(self) -> None:
        """See `Backend.take_up`."""
        bring_back(self._window)

    def close(self) -> None:
        """See `Backend.close`.

        Frees textures, then the renderer, then the window, even if a caller still has a picture: SDL frees all three
        with the window, and a texture that Python released later would be freed twice.
        """
        self._at_exit()
        self._renderer.target = self._canvas = None
        del self._renderer
        self._window.destroy()
        pygame.display.quit()


def measured(backend: GpuBackend, open_smaller: Callable[[], GpuBackend]) -> tuple[GpuBackend, float]:
    """Measure a frame; where a very large picture is too slow, measure a smaller one in its place.

    Returns:
        the back end to use, and how long its frame takes, in seconds.
    """
    frame_s = backend.frame_s()
    if frame_s <= SLOWEST_FRAME_S or max(backend.size) <= LARGEST_SIDES[0]:
        return backend, frame_s
    backend.close()
    pygame.display.init()
    smaller = open_smaller()
    return smaller, smaller.frame_s()


def available_renderers() -> list[str]:
    """Return the GPU renderers to try, in order; an empty list on SDL's dummy driver, which has no GPU."""
    if pygame.display.get_driver() == "dummy":
        return []
    present = {driver.name for driver in video.get_drivers()}
    return [renderer for renderer in _RENDERERS if renderer in present]


def _free(textures: Iterable[_Texture], unused: deque[video.Texture]) -> None:
    """Free all textures: after the renderer, it would be too late."""
    for picture in textures:
        picture.texture = None
    unused.clear()


def _draw_faded(
    texture: video.Texture,
    alpha: int,
    box: pygame.Rect | pygame.FRect,
    degrees: float,
    origin: tuple[float, float] | None = None,
) -> None:
    """Draw a turned texture, opaque or not, with a strength of its own."""
    mode, texture.alpha = texture.blend_mode, alpha
    if alpha < 255:
        texture.blend_mode = pygame.BLENDMODE_BLEND
    texture.draw(dstrect=box, angle=degrees, origin=origin)  # type: ignore[arg-type]  # it takes parts of pixels
    texture.blend_mode = mode


def _opened(picture: Picture) -> video.Texture:
    if not isinstance(picture, _Texture) or picture.texture is None:
        raise TypeError("a picture of another back end, or of a closed one")
    return picture.texture
