"""The regions of a screen, and the unit that scales them.

Invariant: every size is the same picture, scaled by one unit. Sizes are pixels.
"""

import msgspec
from pygame import Rect

from kiosk.wheel.angle import TURN

_DISC_SHARE = 0.955
"""The turning disc's part of the wheel; the rest is the frame that carries the bulbs."""


class Layout(msgspec.Struct, frozen=True):
    """The regions of the screen; none overlaps another.

    Attributes:
        size: of the screen.
        unit: one thousandth of the shorter side, for strokes and gaps.
        portrait: the pointer is below the wheel, not at its right.
        wheel: square round the wheel's fixed frame.
        disc: square that the turning wheel fills, in the middle of `wheel`.
        stage: what is redrawn when the wheel turns: the wheel, its rim and the pointer.
        pointer: where the pointer's tip touches the wheel.
        title, strip, foot, status: boxes for the list's title, the pointer strip, the prompt, the status line.
        button: at the left of the prompt: a picture of the button to press.
        proof: at the right of the title: what somebody may keep to check the draw.
        status_line: height of one line of the status; its box has two where the screen is upright.
        card: box of the result; it covers strip and foot.
        band: height of the strip's middle row.
        name_size: nominal size of the strip's middle name; its capitals are at least 4 % of the screen's height.
        row_size: nominal size of the other names of the strip.
        rows: names in the strip at rest.
        mirrored: lines of text begin at the right.
        footer: along the bottom, for a picture of the sponsors; empty without one.
        inset: width of the left and of the upper edge that only the background may fill: a television may cut it off.
    """

    size: tuple[int, int]
    unit: float
    portrait: bool
    wheel: Rect
    disc: Rect
    stage: Rect
    pointer: tuple[int, int]
    title: Rect
    proof: Rect
    strip: Rect
    foot: Rect
    button: Rect
    status: Rect
    status_line: int
    card: Rect
    band: int
    name_size: int
    row_size: int
    rows: int
    mirrored: bool = False
    footer: Rect = msgspec.field(default_factory=lambda: Rect(0, 0, 0, 0))
    inset: tuple[int, int] = (0, 0)

    @property
    def least(self) -> int:
        """Least nominal size of what the audience reads, in pixels: 2.5 % of the height."""
        return -(-self.size[1] // 40)

    @property
    def least_of_long(self) -> int:
        """Least nominal size on a board, and of a text that would be cut otherwise: 2.5 % of the shorter side."""
        return -(-min(self.size) // 40)

    @property
    def least_name(self) -> int:
        """Least nominal size of the name that it is about, in pixels: 4 % of the height."""
        return -(-self.size[1] // 25)

    def text(self, thousandths: float) -> int:
        """Return a nominal size of that many thousandths of the shorter side, but at least what can be read."""
        return max(self.px(thousandths), self.least)

    def start(self, width: int, room: int) -> int:
        """Return where a line of that width begins in the room: at the left, in the middle, or at the right."""
        return (room - width) // 2 if self.portrait else room - width if self.mirrored else 0

    @property
    def band_box(self) -> Rect:
        """Where the band of the strip is on the screen."""
        return Rect(self.strip.x, self.strip.y + (self.strip.h - self.band) // 2, self.strip.w, self.band)

    def name_left(self, width: int) -> int:
        """Return where a name of that width begins in the strip, in pixels of the screen."""
        return self.strip.x + ((self.strip.w - width) // 2 if self.portrait else self.px(40))

    def zero(self, angle: int) -> int:
        """Return which wheel angle is at 3 o'clock while `angle` is at the pointer, in units."""
        return angle + (TURN // 4 if self.portrait else 0)

    @property
    def framed(self) -> bool:
        """Whether some of the background stays in view whatever is shown."""
        return any(self.inset) or self.footer.h > 0

    @property
    def safe(self) -> Rect:
        """The part of the screen that is certainly seen."""
        return Rect((0, 0), self.size).inflate(-2 * self.inset[0], -2 * self.inset[1])

    def px(self, thousandths: float) -> int:
        """Return that many thousandths of the shorter side in pixels, at least 1."""
        return max(1, round(thousandths * self.unit))


def title_and_proof(row: Rect, gap: int, *, mirrored: bool, tall: float = 1.0) -> tuple[Rect, Rect]:
    """Divide the top row: the title where lines begin, the proof code, `tall` times as high, at the other end."""
    height = round(row.h * tall)
    width = min(round(height * 1.5), row.w * 3 // 10)
    title = Rect(row.x, row.y, row.w - width - gap, row.h)
    proof = Rect(row.right - width, row.y, width, height)
    return (across(title, row), across(proof, row)) if mirrored else (title, proof)


def foot_and_button(row: Rect, gap: int, *, mirrored: bool) -> tuple[Rect, Rect]:
    """Divide the bottom row: the picture of the button where lines begin, the prompt beside it."""
    side = min(row.h, row.w // 5)
    button = Rect(row.x, row.y + (row.h - side) // 2, side, side)
    foot = Rect(row.x + side + gap, row.y, row.w - side - gap, row.h)
    return (across(foot, row), across(button, row)) if mirrored else (foot, button)


def across(box: Rect, row: Rect) -> Rect:
    """Return the box at the mirrored place of the row."""
    return box.move(row.left + row.right - box.left - box.right, 0)


def disc_within(wheel: Rect) -> Rect:
    """Return the square of the turning disc inside the fixed frame; its side is odd, as that of `wheel`."""
    side = round(wheel.w * _DISC_SHARE) // 2 * 2 - 1
    return Rect(0, 0, side, side).move(wheel.centerx - side // 2, wheel.centery - side // 2)
