"""Where things stand on a screen of a given size: landscape, portrait, small panels.

Invariant: pure arithmetic on one unit, so that every size is the same picture. Sizes are pixels.
"""

from dataclasses import dataclass

from pygame import Rect


@dataclass(frozen=True, slots=True)
class Layout:
    """The regions of the screen; none overlaps another.

    Attributes:
        size: of the screen.
        unit: one thousandth of the shorter side, for strokes and gaps.
        portrait: the pointer is below the wheel, not at its right.
        wheel: square that the turning wheel fills.
        stage: what is redrawn when the wheel turns: the wheel, its rim and the pointer.
        pointer: where the pointer's tip touches the wheel.
        title, strip, foot, status: boxes for the list's title, the pointer strip, the prompt, the status line.
        proof: at the right of the title: what somebody may keep to check the draw.
        status_line: height of one line of the status; its box has two where the screen is upright.
        card: box of the result; it covers strip and foot.
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


def arrange(size: tuple[int, int]) -> Layout:
    """Arrange the regions for a screen of `size` pixels."""
    return _portrait(*size) if size[1] > size[0] else _landscape(*size)


def _landscape(width: int, height: int) -> Layout:
    unit = min(width, height) / 1000
    margin, line = round(28 * unit), max(24, round(46 * unit))
    status = line
    tip = round(34 * unit)
    diameter = (min(height - status - 2 * margin, round(width * 0.56) - 2 * margin - tip) - 1) // 2 * 2 + 1
    middle = (height - status) // 2
    wheel = Rect(margin, middle - diameter // 2, diameter, diameter)
    left = wheel.right + tip + round(22 * unit)
    column = Rect(left, margin, width - margin - left, height - status - 2 * margin)
    title, proof = _title_and_proof(Rect(column.x, column.y, column.w, round(column.h * 0.15)), round(24 * unit))
    foot = Rect(column.x, column.bottom - round(column.h * 0.15), column.w, round(column.h * 0.15))
    strip_height = round(column.h * 0.66)
    strip = Rect(column.x, middle - strip_height // 2, column.w, strip_height)
    return Layout(
        size=(width, height),
        unit=unit,
        portrait=False,
        wheel=wheel,
        stage=Rect(wheel.x, wheel.y, left - wheel.x, wheel.h),
        pointer=(wheel.right - round(20 * unit), middle),
        title=title,
        proof=proof,
        strip=strip,
        foot=foot,
        status=Rect(0, height - status, width, status),
        status_line=line,
        card=Rect(column.x, strip.y, column.w, column.bottom - strip.y),
        band=round(height * 0.132),
        name_size=round(height * 0.084),
        row_size=round(height * 0.052),
    )


def _title_and_proof(row: Rect, gap: int) -> tuple[Rect, Rect]:
    width = round(row.h * 1.5)
    proof = Rect(row.right - width, row.y, width, row.h)
    return Rect(row.x, row.y, row.w - width - gap, row.h), proof


def _portrait(width: int, height: int) -> Layout:
    unit = min(width, height) / 1000
    margin, line = round(28 * unit), max(24, round(46 * unit))
    status = line * 7 // 4
    tip = round(34 * unit)
    diameter = (min(width - 2 * margin, round(height * 0.49)) - 1) // 2 * 2 + 1
    top_row = Rect(margin, margin, width - 2 * margin, round(height * 0.075))
    title, proof = _title_and_proof(top_row, round(24 * unit))
    wheel = Rect((width - diameter) // 2, title.bottom + round(10 * unit), diameter, diameter)
    top = wheel.bottom + tip + round(22 * unit)
    rest = height - status - margin - top
    foot_height = round(rest * 0.19)
    strip = Rect(margin, top, width - 2 * margin, rest - foot_height - round(12 * unit))
    foot = Rect(margin, height - status - margin - foot_height, width - 2 * margin, foot_height)
    return Layout(
        size=(width, height),
        unit=unit,
        portrait=True,
        wheel=wheel,
        stage=Rect(wheel.x, wheel.y, wheel.w, top - wheel.y),
        pointer=(wheel.centerx, wheel.bottom - round(20 * unit)),
        title=title,
        proof=proof,
        strip=strip,
        foot=foot,
        status=Rect(0, height - status, width, status),
        status_line=line,
        card=Rect(margin, strip.y, width - 2 * margin, foot.bottom - strip.y),
        band=round(height * 0.096),
        name_size=round(height * 0.071),
        row_size=round(height * 0.027),
    )
