"""How much memory the kiosk takes, and what is done when it is too much.

Invariant: measured seldom, in idle only: a measurement takes a millisecond or two. Above the soft limit the caches are
dropped, and that is logged once. Above the hard limit the kiosk asks to leave, so that its supervisor starts it anew;
when it leaves is the loop's, and never during a spin.

The measure is PSS, the proportional set size: what is shared with other processes counts in part. Where the system
does not tell, nothing is watched.
"""

import gc
import logging
from collections.abc import Callable
from pathlib import Path

from kiosk.core.clock import NS_PER_S, Clock
from kiosk.core.errors import MemoryHigh

logger = logging.getLogger(__name__)

LOOK_EVERY_S = 30


class Footprint:
    """Watches the memory of this process.

    Args:
        clock: for how often.
        soft_mb: drop the caches above.
        hard_mb: ask to leave above.
        drop: drops what can be made again.
        measure: returns the PSS in MB, or None.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        soft_mb: int,
        hard_mb: int,
        drop: Callable[[], None],
        measure: Callable[[], float | None],
    ) -> None:
        self._clock = clock
        self._soft_mb = soft_mb
        self._hard_mb = hard_mb
        self._drop = drop
        self._measure = measure
        self._due_ns = clock.monotonic_ns() + LOOK_EVERY_S * NS_PER_S
        self._told = False

    def look_soon(self) -> None:
        """Look at the next occasion: a spin is over."""
        self._due_ns = 0

    def check(self) -> None:
        """Measure, if it is time to, and drop the caches above the soft limit. For idle.

        Raises:
            MemoryHigh: it is above the hard limit nevertheless.
        """
        now = self._clock.monotonic_ns()
        if now < self._due_ns:
            return
        self._due_ns = now + LOOK_EVERY_S * NS_PER_S
        before_mb = self._measure()
        if before_mb is None or before_mb <= self._soft_mb:
            self._told = False
            return
        self._drop()
        gc.collect()
        after_mb = self._measure() or before_mb
        if not self._told:
            logger.warning(
                "%.0f MB of memory are above the soft limit of %d MB: dropped the caches, which leaves %.0f MB",
                before_mb,
                self._soft_mb,
                after_mb,
            )
        self._told = True
        if after_mb > self._hard_mb:
            raise MemoryHigh(
                f"The kiosk takes {after_mb:.0f} MB of memory, above its hard limit of {self._hard_mb} MB.",
                remedy="Its supervisor starts it anew. If that recurs, raise memory_hard_mb in kiosk.toml.",
            )


def pss_mb(rollup: Path = Path("/proc/self/smaps_rollup")) -> float | None:
    """Return this process's proportional set size in MB, or None where the system does not tell."""
    try:
        for line in rollup.read_text().splitlines():
            if line.startswith("Pss:"):
                return round(int(line.split()[1]) / 1000, 1)
    except (OSError, ValueError, IndexError):
        pass
    return None
