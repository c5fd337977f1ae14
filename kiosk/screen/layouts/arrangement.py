"""Chooses the layout for a screen."""

from kiosk.screen.layouts.landscape import landscape
from kiosk.screen.layouts.layout import Layout
from kiosk.screen.layouts.portrait import portrait


def arrange(size: tuple[int, int]) -> Layout:
    """Arrange the regions for a screen of `size` pixels."""
    return portrait(*size) if size[1] > size[0] else landscape(*size)
