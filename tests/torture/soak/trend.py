"""Whether something grows: the slope of a figure over spins, and how sure it is.

Invariant: pure. A kiosk that was killed starts again, so each life has its own level; only the slope is common to all.
"""

import math
from collections.abc import Sequence
from itertools import pairwise

import msgspec


class Trend(msgspec.Struct, frozen=True):
    """A slope per 1000 spins, with the half width of its 95 % interval.

    Attributes:
        slope: per 1000 spins.
        margin: half of the interval's width; infinite with too few samples.
        samples: how many there were.
    """

    slope: float
    margin: float
    samples: int

    @property
    def grows(self) -> bool:
        """Whether the slope is above zero beyond noise."""
        return self.slope - self.margin > 0


def trend(lives: Sequence[Sequence[tuple[float, float]]]) -> Trend:
    """Fit one slope through several lives of (spins, figure), each with a level of its own (within estimator).

    Neighbouring samples resemble each other, which makes a naive interval too narrow: it is widened by the first
    autocorrelation of the residuals, sqrt((1 + r) / (1 - r)).
    """
    centred = [
        [(x - sum(x for x, _ in life) / len(life), y - sum(y for _, y in life) / len(life)) for x, y in life]
        for life in lives
        if len(life) >= 3
    ]
    points = [point for life in centred for point in life]
    spread = sum(x * x for x, _ in points)
    free = len(points) - len(centred) - 1
    if free < 3 or spread == 0:
        return Trend(0.0, math.inf, len(points))
    slope = sum(x * y for x, y in points) / spread
    residuals = [[y - slope * x for x, y in life] for life in centred]
    square = sum(r * r for life in residuals for r in life)
    if square == 0:
        return Trend(slope * 1000, 0.0, len(points))
    lagged = sum(a * b for life in residuals for a, b in pairwise(life))
    r = min(0.99, max(0.0, lagged / square))
    margin = 1.96 * math.sqrt(square / free / spread) * math.sqrt((1 + r) / (1 - r))
    return Trend(slope * 1000, margin * 1000, len(points))
