"""Where the places of a board stand: a function of the screen and of their number alone.

Invariant: pure. No name changes it, so that nothing moves while a board fills.
"""

import msgspec
from pygame import Rect

from kiosk.screen.layouts.layout import Layout, across

_NARROW = 0.9
"""Width by height: a narrower screen has room for two columns only."""


class Grid(msgspec.Struct, frozen=True):
    """A board's boxes.

    Attributes:
        box: the whole board; the status line is below it.
        plate: for the word REHEARSAL; empty without it.
        head: heading and title.
        foot: a sentence.
        cells: in the order of the places, down the columns.
    """

    box: Rect
    plate: Rect
    head: Rect
    foot: Rect
    cells: tuple[Rect, ...]

    def moved(self, by: tuple[int, int]) -> "Grid":
        """Return the same grid elsewhere."""
        box, plate, head, foot, *cells = (
            one.move(by) for one in (self.box, self.plate, self.head, self.foot, *self.cells)
        )
        return Grid(box, plate, head, foot, tuple(cells))


def grid_of(layout: Layout, count: int, *, plate: bool = False) -> Grid:
    """Arrange a board of `count` places."""
    safe = layout.safe
    width, height = safe.w, layout.status.y - safe.y
    box = Rect(0, 0, width, height)
    margin = layout.px(36)
    band = Rect(0, 0, width, layout.px(90) if plate else 0)
    head = Rect(margin, band.bottom + layout.px(16), width - 2 * margin, layout.px(140))
    words = layout.px(136 if layout.portrait else 76)
    foot = Rect(margin, height - words - layout.px(8), width - 2 * margin, words)
    area = Rect(margin, head.bottom + layout.px(8), width - 2 * margin, foot.top - head.bottom - layout.px(16))
    columns = _columns(count, narrow=layout.size[0] < layout.size[1] * _NARROW)
    rows = max(1, -(-count // columns))
    gap = layout.px(8)
    pitch = min((area.h + gap) // rows, layout.px(280 if count == 1 else 160))
    top = area.y + (area.h - rows * pitch + gap) // 2
    wide = (area.w - (columns - 1) * 2 * gap) // columns
    cells = tuple(
        Rect(area.x + (number // rows) * (wide + 2 * gap), top + (number % rows) * pitch, wide, pitch - gap)
        for number in range(count)
    )
    if layout.mirrored:
        cells = tuple(across(cell, area) for cell in cells)
    return Grid(box, band, head, foot, cells).moved(safe.topleft)


def _columns(count: int, *, narrow: bool) -> int:
    if narrow:
        return 1 if count <= 15 else 2
    return 1 if count <= 4 else 2 if count <= 10 else 3
