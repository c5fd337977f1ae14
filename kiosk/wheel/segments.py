"""Which part of the turn belongs to which entry: the only formula for that.

Invariant: landing, drawing, the strip and the check after a spin all use this formula, so the picture cannot disagree
with the draw.

With cumulative weights c and total W, segment j covers [ceil(c_j * 2^32 / W), ceil(c_{j+1} * 2^32 / W)) units.
Its inverse is exact: angle a lies in the segment whose cumulative weights enclose t = floor(a * W / 2^32), because
a >= ceil(c * 2^32 / W) if and only if floor(a * W / 2^32) >= c. That t is the number that the draw protocol draws
(docs/protocol.md, "The spin", step 3), so `segment_of_weight` serves both.
"""

from bisect import bisect_right
from collections.abc import Iterable
from itertools import accumulate, pairwise

from kiosk.wheel.angle import TURN, normalize


class Segments:
    """The segments of one wheel, in order, from angle 0.

    Args:
        weights: one positive integer for each entry; their sum W must be within 1..2^32, so that no segment is empty.

    Raises:
        ValueError: no weights, a weight below 1, or W above 2^32.
    """

    __slots__ = ("_starts", "count", "total")

    def __init__(self, weights: Iterable[int]) -> None:
        cumulative = [0, *accumulate(weights)]
        if len(cumulative) == 1:
            raise ValueError("a wheel needs at least one segment")
        if any(right <= left for left, right in pairwise(cumulative)):
            raise ValueError("every weight must be at least 1")
        self.total = cumulative[-1]
        if self.total > TURN:
            raise ValueError(f"total weight {self.total} exceeds {TURN}: some segment would be empty")
        self._starts = cumulative
        self.count = len(cumulative) - 1

    def bounds(self, index: int) -> tuple[int, int]:
        """Return segment `index` as a half-open range [lo, hi) of units."""
        if not 0 <= index < self.count:
            raise IndexError(f"segment {index} of {self.count}")
        return self._ceil(self._starts[index]), self._ceil(self._starts[index + 1])

    def at(self, angle: int) -> int:
        """Return the index of the segment that contains `angle`: the one under the pointer at that wheel angle."""
        return self.segment_of_weight((normalize(angle) * self.total) >> 32)

    def segment_of_weight(self, t: int) -> int:
        """Return the first index whose cumulative weight is above `t`, for t within [0, W)."""
        return bisect_right(self._starts, t) - 1

    def _ceil(self, cumulative: int) -> int:
        return -(-cumulative * TURN // self.total)
