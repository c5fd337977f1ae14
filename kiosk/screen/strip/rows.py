"""The pointer strip: the names round the pointer, moving exactly with the wheel.

Invariant: the middle row is `Segments.at(angle)`, in every frame. Rows are placed by how far the pointer has come
through each segment, so the strip and the rim are one motion. Pure; drawing is the view's.
"""

from dataclasses import dataclass

from kiosk.wheel.segments import Segments

ROWS = 7
"""Names shown at rest; the view draws one more at each end while they slide in and out."""


@dataclass(frozen=True, slots=True)
class Row:
    """A name of the strip.

    Attributes:
        index: the entry.
        offset: rows above (negative) or below the pointer; within -0.5..0.5 for the entry under it.
    """

    index: int
    offset: float


def rows(segments: Segments, angle: int) -> list[Row]:
    """Return the rows of the strip at wheel angle `angle`, from top to bottom.

    The wheel turns clockwise, so entries come down at the pointer: the next ones wait above it. A wheel of fewer
    entries than rows repeats them, as the rim does.
    """
    middle = segments.at(angle)
    lo, hi = segments.bounds(middle)
    through = (angle % (1 << 32) - lo) / (hi - lo) - 0.5
    # Within its segment a name dwells at the pointer and hurries at the edges, as against a peg; still a function of
    # the angle alone, and continuous from one entry to the next.
    shift = 4 * through**3
    reach = ROWS // 2 + 1
    return [Row((middle - place) % segments.count, place + shift) for place in range(-reach, reach + 1)]


def sharpness(names_per_second: float) -> float:
    """Return how sharp names are drawn, 1 (crisp) to 0 (a streak), at that speed.

    A name that stays for a tenth of a second can be read; one that stays for a sixtieth is one frame of flicker.
    """
    crisp, gone = 10.0, 60.0
    return min(1.0, max(0.0, (gone - names_per_second) / (gone - crisp)))
