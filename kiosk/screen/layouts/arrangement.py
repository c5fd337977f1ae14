"""Chooses the layout for a screen."""

from typing import Any

from msgspec.structs import fields, replace
from pygame import Rect

from kiosk.screen.layouts.landscape import landscape
from kiosk.screen.layouts.layout import Layout
from kiosk.screen.layouts.portrait import portrait

_LEAST_LANDSCAPE = 1.3
"""Width by height: on a narrower screen the names beside the wheel would have less room than below it."""
_FOOTER = 0.09
"""Part of the height for the sponsors."""


def arrange(
    size: tuple[int, int], *, mirrored: bool = False, margin: int = 0, touch: bool = False, sponsors: bool = False
) -> Layout:
    """Arrange the regions for a screen of `size` pixels.

    Args:
        size: of the screen.
        mirrored: for a language that is read from right to left.
        margin: percent of each side that stays free of everything but the background.
        touch: whether the button stays in view below a result, so that it can be held.
        sponsors: whether there is room for a picture along the bottom.
    """
    inset = (size[0] * margin // 100, size[1] * margin // 100)
    inner = (size[0] - 2 * inset[0], size[1] - 2 * inset[1])
    foot = Rect(0, inner[1], inner[0], 0)
    if sponsors:
        foot.h = round(inner[1] * _FOOTER)
        foot.y = inner[1] - foot.h
    chosen = landscape if inner[0] >= inner[1] * _LEAST_LANDSCAPE else portrait
    layout = chosen(inner[0], foot.y, mirrored=mirrored)
    if touch:
        bottom = max(layout.strip.bottom, layout.foot.top - layout.px(12))
        card = Rect(layout.card.topleft, (layout.card.w, bottom - layout.card.y))
        layout = replace(layout, card=card)
    return _moved(replace(layout, footer=foot), inset, size) if margin or sponsors else layout


def _moved(layout: Layout, inset: tuple[int, int], size: tuple[int, int]) -> Layout:
    """Return the layout of a part of the screen as one of the whole."""
    boxes: dict[str, Any] = {
        field.name: box.move(inset) for field in fields(layout) if isinstance(box := getattr(layout, field.name), Rect)
    }
    pointer = (layout.pointer[0] + inset[0], layout.pointer[1] + inset[1])
    return replace(layout, size=size, inset=inset, pointer=pointer, **boxes)
