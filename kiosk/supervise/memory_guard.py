"""Watches how much memory the kiosk uses, and acts when it is too much.

Invariant: it measures every `MEASURE_EVERY_S` and after each spin, in idle only: a measurement takes a millisecond or
two. Above the soft limit it drops the caches and logs that once. Above the hard limit it raises `MemoryHigh`, so that
the service manager restarts the kiosk; never during a spin, and never while a record waits for the disk.

The measure is PSS, the proportional set size: memory shared with other processes counts in part. Where the system
does not report it, nothing is watched.
"""

import gc
import logging
from collections.abc import Callable
from pathlib import Path

from kiosk.core.clock import NS_PER_S, Clock
from kiosk.core.errors import MemoryHigh
from kiosk.supervise.supervisor import Supervisor

logger = logging.getLogger(__name__)

MEASURE_EVERY_S = 30


class MemoryGuard(Supervisor):
    """Keeps the memory of this process within its limits.

    Args:
        clock: paces the measurements.
        soft_mb: above it, caches are dropped.
        hard_mb: above it, the kiosk leaves.
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
        self._due_ns = clock.monotonic_ns() + MEASURE_EVERY_S * NS_PER_S
        self._warned = False

    def on_rest(self) -> None:
        """See `Supervisor`: measure at the next occasion."""
        self._due_ns = 0

    def on_idle(self, *, recorded: bool) -> None:
        """See `Supervisor`: measure if it is due.

        Raises:
            MemoryHigh: it is above the hard limit after the caches were dropped.
        """
        if recorded:
            self._check()

    def _check(self) -> None:
        now = self._clock.monotonic_ns()
        if now < self._due_ns:
            return
        self._due_ns = now + MEASURE_EVERY_S * NS_PER_S
        before_mb = self._measure()
        if before_mb is None or before_mb <= self._soft_mb:
            self._warned = False
            return
        self._drop()
        gc.collect()
        after_mb = self._measure() or before_mb
        if not self._warned:
            logger.warning(
                "%.0f MB of memory are above the soft limit of %d MB: dropped the caches, which leaves %.0f MB",
                before_mb,
                self._soft_mb,
                after_mb,
            )
        self._warned = True
        if after_mb > self._hard_mb:
            raise MemoryHigh(
                f"The kiosk uses {after_mb:.0f} MB of memory, above its hard limit of {self._hard_mb} MB.",
                remedy="The service manager restarts it. If this recurs, raise memory_hard_mb in kiosk.toml.",
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
