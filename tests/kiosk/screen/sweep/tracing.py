"""Follows every text from the typesetter to the screen: what it says, how large, in which colour, and where it ends up.

`traced_view` returns a view whose surfaces carry notes of the texts on them. A note moves along when a surface is
blitted, copied, scaled or made a picture, so a check can ask the screen what stands where.
"""

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Self

import msgspec
import pygame
import pygame.freetype
from msgspec.structs import replace

from kiosk.screen.backends import adapter
from kiosk.screen.backends.adapter import Picture
from kiosk.screen.backends.software import SoftwareBackend
from kiosk.screen.options import LARGEST_SIDES
from kiosk.screen.themes.colours import Colour
from kiosk.screen.themes.theme import Theme
from kiosk.screen.typography.typesetter import ELLIPSIS, Typesetter
from kiosk.screen.view import View

_Surface, _smoothscale = pygame.Surface, pygame.transform.smoothscale


class Ink(msgspec.Struct, frozen=True):
    """A line of text on a surface.

    Attributes:
        text: what it says.
        size: nominal, in pixels.
        colour: of the letters.
        box: round the ink.
        alpha: how strong it is drawn.
        lost: part of it is outside of what it was drawn on.
    """

    text: str
    size: float
    colour: Colour
    box: pygame.Rect
    alpha: int = 255
    lost: bool = False

    @property
    def shortened(self) -> bool:
        return ELLIPSIS in self.text


class Traced(pygame.Surface):
    """A surface that knows the texts on it."""

    inks: tuple[Ink, ...] = ()

    def blit(self, source: pygame.Surface, dest: Any = (0, 0), area: Any = None, special_flags: int = 0) -> pygame.Rect:
        box: pygame.Rect = super().blit(source, dest, area, special_flags)
        at = dest.topleft if isinstance(dest, pygame.Rect) else (round(dest[0]), round(dest[1]))
        self.inks += tuple(_moved(ink, at, self.get_rect()) for ink in inks_of(source))
        return box

    def fill(self, color: Any, rect: Any = None, special_flags: int = 0) -> pygame.Rect:
        box: pygame.Rect = super().fill(color, rect, special_flags)
        self.inks = tuple(ink for ink in self.inks if special_flags or not box.contains(ink.box))
        return box

    def copy(self) -> Self:
        return self._with(super().copy(), self.inks)

    def subsurface(self, *box: Any) -> Self:
        found = super().subsurface(*box)
        left, top = found.get_offset()
        return self._with(found, tuple(_moved(ink, (-left, -top), found.get_rect()) for ink in self.inks))

    def _with(self, surface: pygame.Surface, inks: tuple[Ink, ...]) -> Self:
        assert isinstance(surface, type(self))
        surface.inks = inks
        return surface


def inks_of(surface: object) -> tuple[Ink, ...]:
    """Return the texts on a surface."""
    return surface.inks if isinstance(surface, Traced) else ()


def _moved(ink: Ink, by: tuple[int, int], within: pygame.Rect) -> Ink:
    box = ink.box.move(by)
    return replace(ink, box=box, lost=ink.lost or not within.contains(box))


def _scaled(surface: pygame.Surface, size: Sequence[float], *rest: Any) -> pygame.Surface:
    """Scale a surface as pygame does, and its texts with it."""
    plain = _smoothscale(surface, size, *rest)
    result = Traced(plain.get_size(), plain.get_flags(), plain)
    _Surface.blit(result, plain, (0, 0), None, pygame.BLEND_RGBA_MAX if plain.get_flags() & pygame.SRCALPHA else 0)
    across = size[0] / surface.get_width()
    down = size[1] / surface.get_height()
    result.inks = tuple(
        replace(
            ink,
            size=ink.size * down,
            box=pygame.Rect(ink.box.x * across, ink.box.y * down, ink.box.w * across, ink.box.h * down),
        )
        for ink in inks_of(surface)
    )
    return result


class TracedTypesetter(Typesetter):
    """Notes what it renders; with `blank`, it renders the same in no colour at all."""

    blank = False

    def render(self, text: str, size: int, colour: Colour) -> pygame.Surface:
        surface = super().render(text, size, colour)
        assert isinstance(surface, Traced)
        box = surface.get_bounding_rect()
        if self.blank:
            surface = Traced(surface.get_size(), pygame.SRCALPHA)
        surface.inks = (Ink(text, size, colour, box),) if box.w and text.strip() else ()
        return surface


class TracedBackend(SoftwareBackend):
    """A software back end that knows which texts are on the screen."""

    def __init__(self, size: tuple[int, int]) -> None:
        super().__init__(size, rotate=0)
        self.inks: list[Ink] = []
        self._of_pictures: dict[int, tuple[Picture, tuple[Ink, ...], bool]] = {}
        self._clip: pygame.Rect | None = None

    def picture(
        self,
        surface: pygame.Surface,
        *,
        opaque: bool = False,
        sparse: bool = False,
        parts: Sequence[pygame.Rect] | None = None,
    ) -> Picture:
        found = super().picture(surface, opaque=opaque, sparse=sparse, parts=parts)
        self._of_pictures[id(found)] = (found, inks_of(surface), opaque)
        return found

    def draw(self, picture: Picture, at: tuple[int, int], *, area: pygame.Rect | None = None, alpha: int = 255) -> None:
        super().draw(picture, at, area=area, alpha=alpha)
        _, inks, opaque = self._of_pictures.get(id(picture), (None, (), False))
        if opaque and area is None:
            self._cover(pygame.Rect(at, picture.size))
        screen = self._clip or pygame.Rect((0, 0), self.size)
        for ink in inks:
            placed = replace(_moved(ink, at, screen), alpha=alpha)
            if placed.box.colliderect(screen) and alpha:
                self.inks.append(placed)

    def fill(self, box: pygame.Rect, colour: Colour) -> None:
        super().fill(box, colour)
        self._cover(box)

    def clip(self, box: pygame.Rect | None) -> None:
        super().clip(box)
        self._clip = box

    def _cover(self, box: pygame.Rect) -> None:
        self.inks = [ink for ink in self.inks if not box.contains(ink.box)]


class TracedView:
    """A view, and what it needs to be asked what is on it."""

    def __init__(self, size: tuple[int, int], theme: Theme, fonts: dict[str, Path] | None) -> None:
        self.backend = TracedBackend(size)
        self.fonts = TracedTypesetter(fonts)
        self.view = View(self.backend, theme, self.fonts)
        self.theme = theme

    def draw(self, scene: Any) -> tuple[list[Ink], pygame.Surface]:
        """Draw a scene whole; returns the texts on the screen and the picture."""
        self.view.redraw()
        self.backend.inks = []
        picture = self.view.capture(scene)
        return list(self.backend.inks), picture

    def ground(self, scene: Any) -> pygame.Surface:
        """Return what is under the texts of a scene."""
        self.view.drop_caches()
        self.fonts.blank = True
        picture = self.draw(scene)[1]
        self.fonts.blank = False
        self.view.drop_caches()
        return picture


@contextlib.contextmanager
def traced_view(size: tuple[int, int], theme: Theme, *, fonts: dict[str, Path] | None = None) -> Iterator[TracedView]:
    """Yield a view on a window of `size`, drawn as large as that; pygame's surfaces are traced meanwhile."""
    pygame.display.init()
    pygame.font.init()
    pygame.freetype.init()
    largest = LARGEST_SIDES
    pygame.Surface, pygame.transform.smoothscale = Traced, _scaled  # type: ignore[misc, assignment]
    vars(adapter)["LARGEST_SIDES"] = (max(*size, *largest),) * 2
    traced = None
    try:
        traced = TracedView(size, theme, fonts)
        yield traced
    finally:
        pygame.Surface, pygame.transform.smoothscale = _Surface, _smoothscale  # type: ignore[misc]
        vars(adapter)["LARGEST_SIDES"] = largest
        if traced is not None:
            traced.view.close()
            traced.backend.close()
