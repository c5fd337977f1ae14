"""The regions of a screen, and the unit that scales them.

Invariant: every size is the same picture, scaled by one unit. Sizes are pixels.
"""

from dataclasses import dataclass

from pygame import Rect


@dataclass(frozen=True, slots=True)
class Layout:
    """The regions of the screen; none overlaps another.

    Attributes:
        size: of the screen.
        unit: one thousandth of the shorter side, for strokes and gaps.
        portrait: the pointer is below the wheel instead of at its right.
        wheel: square that the turning wheel fills.
        stage: what is redrawn when the wheel turns: the wheel and the pointer.
        pointer: the pointer's tip, on the wheel.
        title, strip, foot, status: boxes for the list's title, the pointer strip, the prompt, the status line.
        proof: the code at the right of the title.
        status_line: height of one line of the status; in portrait its box has two lines.
        card: box of the result; it covers strip and prompt.
        band: height of the strip's middle row.
        name_size: nominal size of the strip's middle name; its capitals are at least 4 % of the screen's height.
        row_size: nominal size of the other names of the strip.
    """

    size: tuple[int, int]
    unit: float
    portrait: bool
    wheel: Rect
    stage: Rect
    pointer: tuple[int, int]
    title: Rect
    proof: Rect
    strip: Rect
    foot: Rect
    status: Rect
    status_line: int
    card: Rect
    band: int
    name_size: int
    row_size: int

    def px(self, thousandths: float) -> int:
        """Return that many thousandths of the shorter side in pixels, at least 1."""
        return max(1, round(thousandths * self.unit))


def title_and_proof(row: Rect, gap: int) -> tuple[Rect, Rect]:
    """Divide the top row: the title on the left, the proof code on the right."""
    width = round(row.h * 1.5)
    proof = Rect(row.right - width, row.y, width, row.h)
    return Rect(row.x, row.y, row.w - width - gap, row.h), proof
