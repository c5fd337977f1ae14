"""When to ask a source again: intervals, back-off with full jitter, and a circuit breaker.

Invariant: pure; time and chance come in as arguments. The first failures are retried within one interval, because most
outages are short. Then the longest wait doubles, up to `LONGEST_S`, and each wait is drawn uniformly below it ("full
jitter"), so that kiosks that lost the same server do not come back to it together. No wait is longer than the source
has been away by then: a minute without a network costs at most another one.

While the breaker is open nothing is asked. When its wait is over it is half open: one small request goes out, and its
outcome closes the breaker or opens it for longer.
"""

from collections.abc import Callable
from typing import Literal, TypeAlias

from kiosk.core.clock import NS_PER_S

LONGEST_S = 300.0
"""The longest wait after failures."""
QUICK_TRIES = 3
"""Failures in a row that are retried within one interval each."""
TRIES_UNTIL_OPEN = 5
"""Failures in a row that open the breaker."""
_SHORTEST_SHARE = 0.8
"""An ordinary wait is between this share of the interval and all of it, so that polls of many kiosks drift apart."""

BreakerState: TypeAlias = Literal["closed", "open", "half-open"]


class Pacing:
    """The pace at which one source is asked.

    Args:
        every_s: the interval between two polls, in seconds.
        random: returns a number in [0, 1).
        now_ns: monotonic time of the start; the first poll is within one interval of it.

    Attributes:
        every_s: as above.
        due_ns: when to ask next.
        failures: in a row.
    """

    def __init__(self, *, every_s: float, random: Callable[[], float], now_ns: int) -> None:
        self.every_s = every_s
        self._random = random
        self.failures = 0
        self._failing_since_ns = 0
        self._away_s = 0.0
        self.due_ns = now_ns + round(random() * every_s * NS_PER_S)

    def ceiling_s(self) -> float:
        """Return the longest wait that may follow now, in seconds."""
        doublings = min(max(0, self.failures - QUICK_TRIES), 64)
        return max(self.every_s, min(LONGEST_S, self._away_s, self.every_s * 2.0**doublings))

    def state(self, now_ns: int) -> BreakerState:
        """Return the breaker's state."""
        if self.failures < TRIES_UNTIL_OPEN:
            return "closed"
        return "half-open" if now_ns >= self.due_ns else "open"

    def succeeded(self, now_ns: int, *, at_once: bool = False) -> None:
        """Take note that a poll succeeded; `at_once`: more is waiting there."""
        self.failures = 0
        self._away_s = 0.0
        share = 0.0 if at_once else _SHORTEST_SHARE + (1 - _SHORTEST_SHARE) * self._random()
        self.due_ns = now_ns + round(share * self.every_s * NS_PER_S)

    def failed(self, now_ns: int) -> None:
        """Take note that a poll failed."""
        if not self.failures:
            self._failing_since_ns = now_ns
        self.failures += 1
        self._away_s = (now_ns - self._failing_since_ns) / NS_PER_S
        self.due_ns = now_ns + round(self._random() * self.ceiling_s() * NS_PER_S)
