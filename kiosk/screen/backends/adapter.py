"""What the view needs of a screen, whichever back end draws it."""

from collections.abc import Sequence
from enum import Enum
from typing import NamedTuple, Protocol

import pygame

from kiosk.screen.backends.x11_window import bring_back_on_x11
from kiosk.screen.options import LARGEST_SIDES, Rotation
from kiosk.screen.themes.colours import Colour

WINDOW_TITLE = "wheel-kiosk"


class Sharpness(Enum):
    """How sharply a wheel is drawn."""

    COARSE = "coarse"
    """Half the resolution: the wheel is too fast to see more."""
    MOVING = "moving"
    """Full resolution, not smoothed."""
    SLOW = "slow"
    """The same, for a wheel that turns by a pixel or two a frame."""
    STILL = "still"
    """Full resolution, smoothed: the wheel is at rest and drawn once."""


class Picture(Protocol):
    """A picture that a back end made and can draw."""

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        ...


class Sheet(Protocol):
    """Holds small pictures of like size that are drawn one after another, which is faster than with any pictures."""

    def put(self, surface: pygame.Surface) -> Picture:
        """Make a picture of `surface`; its place is used again when nobody has it any more."""
        ...


class Part(NamedTuple):
    """A part of a picture, and where it is drawn.

    Attributes:
        box: its place on the screen.
        area: what of the picture, of the same size.
    """

    box: pygame.Rect
    area: pygame.Rect


class Near(NamedTuple):
    """How a picture of a wheel is brought to the screen.

    Attributes:
        origin: where the wheel's centre is in the picture, from its top left corner, in its pixels.
        centre: where it is on the screen.
        degrees: by how much the picture is turned round it, clockwise.
        scale: pixels of the screen for each of the picture.
        margin: how far beside the box a back end may draw, in pixels, because something is drawn there afterwards.
    """

    origin: tuple[float, float]
    centre: tuple[float, float]
    degrees: float
    scale: float
    margin: int = 0


class Backend(Protocol):
    """A screen.

    Attributes:
        name: `gpu` or `software`.
        driver: SDL's video driver, and the renderer where there is one.
        size: of the picture in pixels.
        retains: True if the last frame stays, so that only changes must be drawn.
    """

    name: str
    driver: str
    size: tuple[int, int]
    near_bits: int
    retains: bool

    def picture(
        self,
        surface: pygame.Surface,
        *,
        opaque: bool = False,
        sparse: bool = False,
        parts: Sequence[pygame.Rect] | None = None,
    ) -> Picture:
        """Make a picture of `surface`.

        `opaque` ignores its alpha channel, which is faster to draw. `sparse` is faster for a picture that is mostly
        transparent, and slow where it is drawn with less alpha than 255; for such a picture, `parts` name all of it
        that is not clear.
        """
        ...

    def sheet(self, size: tuple[int, int], count: int) -> Sheet:
        """Make a sheet for about `count` pictures of at most `size`; a larger one costs what any picture costs."""
        ...

    def amend(self, picture: Picture, surface: pygame.Surface, at: tuple[int, int]) -> None:
        """Replace a part of an opaque picture, with its top left corner at `at`, by `surface`."""
        ...

    def wheel(self, surface: pygame.Surface, small: pygame.Surface, ground: Colour) -> Picture:
        """Make a picture that `draw_turned` can turn; transparent pixels show `ground`.

        `small` is the same, opaque and with 32 bits a pixel, at the size for `Sharpness.COARSE`; it is not changed.
        """
        ...

    def blurred(self, surface: pygame.Surface) -> Picture:
        """Make a picture of an opaque, smeared wheel that `draw_turned` can turn; it may be smaller than its box."""
        ...

    def draw(self, picture: Picture, at: tuple[int, int], *, area: pygame.Rect | None = None, alpha: int = 255) -> None:
        """Draw `picture`, or its part `area`, with its top left corner at `at`."""
        ...

    def draw_parts(self, picture: Picture, parts: Sequence[Part]) -> None:
        """Draw parts of one picture, which is faster than one by one."""
        ...

    def draw_turned(
        self, picture: Picture, box: pygame.Rect, degrees: float, sharp: Sharpness, *, alpha: int = 255
    ) -> None:
        """Draw a wheel into `box`, turned clockwise; a coarse one may reach 2 pixels beyond it.

        `alpha` is for a coarse one only.
        """
        ...

    def near(self, surface: pygame.Surface) -> Picture:
        """Make a picture that `draw_near` can draw, of an opaque surface of `near_bits` a pixel."""
        ...

    def draw_near(self, picture: Picture, box: pygame.Rect, near: Near, *, alpha: int = 255) -> None:
        """Fill `box` with a part of a wheel, turned and enlarged. A wheel of `wheel` will do as well.

        Up to `near.margin` pixels beside the box may be overwritten.
        """
        ...

    def draw_scaled(self, picture: Picture, box: pygame.Rect, *, alpha: int = 255) -> None:
        """Draw a picture, stretched to `box`."""
        ...

    def dim(self, box: pygame.Rect, part: float) -> None:
        """Darken what was drawn in `box`: 0 leaves it, 1 makes it black."""
        ...

    def lay(self, sprites: Sequence[tuple[Picture, tuple[int, int], int]]) -> None:
        """Draw sprites, each with its corner and its alpha, over all the rest, to be lifted again by `lift`."""
        ...

    def lift(self) -> bool:
        """Take away what `lay` drew last, if it is still there; returns whether there was anything."""
        ...

    def fill(self, box: pygame.Rect, colour: Colour) -> None:
        """Fill `box`."""
        ...

    def clip(self, box: pygame.Rect | None) -> None:
        """Restrict drawing to `box`; None removes the restriction."""
        ...

    def free_dropped(self) -> None:
        """Free the memory of pictures that nobody has any more. `picture` and `present` do it too."""
        ...

    def present(self, changed: Sequence[pygame.Rect]) -> None:
        """Show the frame; `changed` are the regions that differ from the frame before."""
        ...

    def read_back(self) -> pygame.Surface:
        """Return a copy of the frame."""
        ...

    def take_up(self) -> None:
        """Show, restore and raise the window, which was hidden or minimised."""
        ...

    def close(self) -> None:
        """Close the screen."""
        ...


def bring_back(window: pygame.Window) -> None:
    """Show, restore and raise `window`."""
    if pygame.display.get_driver() == "x11":
        bring_back_on_x11(window.handle)
        return
    window.show()
    window.restore()
    window.focus()


def inner_size(window: tuple[int, int], rotate: Rotation, largest: tuple[int, int] = LARGEST_SIDES) -> tuple[int, int]:
    """Return the size of the picture for a window: rotated with the display, and with sides of at most `largest`.

    A CPU shows a smaller picture scaled up on a 4K display: drawing four times the pixels takes four times as long.
    """
    width, height = (window[1], window[0]) if rotate in {90, 270} else window
    scale = min(1.0, largest[0] / max(width, height), largest[1] / min(width, height))
    return (round(width * scale), round(height * scale))
