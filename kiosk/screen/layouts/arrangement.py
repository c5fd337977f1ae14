"""Chooses the layout for a screen."""

from kiosk.screen.layouts.landscape import landscape
from kiosk.screen.layouts.layout import Layout
from kiosk.screen.layouts.portrait import portrait

_LEAST_LANDSCAPE = 1.3
"""Width by height: on a narrower screen the names beside the wheel would have less room than below it."""


def arrange(size: tuple[int, int], *, mirrored: bool = False) -> Layout:
    """Arrange the regions for a screen of `size` pixels; `mirrored` for a language that is read from right to left."""
    chosen = landscape if size[0] >= size[1] * _LEAST_LANDSCAPE else portrait
    return chosen(*size, mirrored=mirrored)
