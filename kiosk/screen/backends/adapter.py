"""What the view needs of a screen, whichever back end draws it."""

from collections.abc import Sequence
from enum import Enum
from typing import Protocol

import pygame

from kiosk.screen.options import LARGEST_SIDES, Rotation
from kiosk.screen.themes.colours import Colour

WINDOW_TITLE = "wheel-kiosk"


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


def inner_size(window: tuple[int, int], rotate: Rotation) -> tuple[int, int]:
    """Return the size that is drawn for a window: turned as the display hangs, and at most `LARGEST_SIDES`.

    A 4K panel gets a picture that is scaled up: four times the pixels would cost four times the time, and nobody
    sees them from ten metres.
    """
    width, height = (window[1], window[0]) if rotate in {90, 270} else window
    scale = min(1.0, LARGEST_SIDES[0] / max(width, height), LARGEST_SIDES[1] / min(width, height))
    return (round(width * scale), round(height * scale))
