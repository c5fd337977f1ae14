"""Chooses the layout for a screen."""

from dataclasses import fields, replace
from typing import Any

from pygame import Rect

from kiosk.screen.layouts.landscape import landscape
from kiosk.screen.layouts.layout import Layout
from kiosk.screen.layouts.portrait import portrait


def arrange(size: tuple[int, int], *, margin: int = 0, touch: bool = False) -> Layout:
    """Arrange the regions for a screen of `size` pixels.

    Args:
        size: of the screen.
        margin: percent of each side that stays free of everything but the background.
        touch: whether the button stays in view below a result, so that it can be held.
    """
    inset = (size[0] * margin // 100, size[1] * margin // 100)
    inner = (size[0] - 2 * inset[0], size[1] - 2 * inset[1])
    layout = portrait(*inner) if inner[1] > inner[0] else landscape(*inner)
    if touch:
        card = Rect(layout.card.topleft, (layout.card.w, layout.foot.top - layout.px(12) - layout.card.y))
        layout = replace(layout, card=card)
    return _moved(layout, inset, size) if margin else layout


def _moved(layout: Layout, inset: tuple[int, int], size: tuple[int, int]) -> Layout:
    """Return the layout of a part of the screen as one of the whole."""
    boxes: dict[str, Any] = {
        field.name: box.move(inset) for field in fields(layout) if isinstance(box := getattr(layout, field.name), Rect)
    }
    pointer = (layout.pointer[0] + inset[0], layout.pointer[1] + inset[1])
    return replace(layout, size=size, inset=inset, pointer=pointer, **boxes)
