"""Which names the pointer strip shows, and where.

Invariant: in every frame the middle row is `Segments.at(angle)`. A row's place follows from how far the pointer is
through its segment, so the strip and the rim move together. Pure; `name_strip` draws.
"""

import msgspec

from kiosk.wheel.segments import Segments

ROWS = 7
"""Names shown at rest at most; the view draws one more at each end while they slide in and out."""
FASTEST_READABLE = 10.0
"""Names a second: one that stays for a tenth of a second can be read."""


class Row(msgspec.Struct, frozen=True):
    """A name of the strip.

    Attributes:
        index: the entry.
        offset: rows above (negative) or below the pointer; within -0.5..0.5 for the entry under it.
    """

    index: int
    offset: float


def rows(segments: Segments, angle: int, shown: int = ROWS) -> list[Row]:
    """Return the rows of the strip at wheel angle `angle`, from top to bottom.

    The wheel turns clockwise, so entries come down at the pointer: the next ones wait above it. A wheel of fewer
    entries than rows repeats them, as the rim does.
    """
    middle = segments.at(angle)
    lo, hi = segments.bounds(middle)
    through = (angle % (1 << 32) - lo) / (hi - lo) - 0.5
    # Within its segment a name is slow at the pointer and fast at the edges, like a wheel at a peg. The shift is a
    # function of the angle alone, and continuous from one entry to the next.
    shift = 4 * through**3
    reach = shown // 2 + 1
    return [Row((middle - place) % segments.count, place + shift) for place in range(-reach, reach + 1)]


def held(names_per_second: float) -> bool:
    """Say whether names pass too fast to be read: then some of them stand for a moment instead."""
    return names_per_second > FASTEST_READABLE


def centred(found: list[Row], part: float) -> list[Row]:
    """Return the rows moved: with a part of 1 the middle one stands in the middle of the band, with 0 where it was."""
    shift = found[len(found) // 2].offset * part
    return [Row(row.index, row.offset - shift) for row in found]
