"""Tunes malloc and GC: pages are kept at the start, and in a spin and its reveal; idle returns large blocks.

Invariant: best effort. Without glibc only the garbage collector is paused.

By default, glibc's malloc learns from the first large block that is freed to keep such blocks on its heap: after
painting a wheel, about 20 MB would stay for good. A turning wheel, on the other hand, needs the same few MB in each
frame, and new pages cost one page fault for every 4 KB: 900 of them, a fifth of a frame. So does starting: it paints
one large picture after the other, with 27 000 page faults at 1080p. A full collection by Python's garbage collector
takes longer than a frame, so there is none during a spin.
"""

import ctypes
import gc
import logging
import sys
import time
from collections.abc import Callable
from functools import cache

from kiosk.machine import State
from kiosk.supervise.supervisor import Supervisor

logger = logging.getLogger(__name__)

_M_TRIM_THRESHOLD = -1
"""mallopt(3): free bytes at the heap's end from which on they go back to the system."""
_M_MMAP_THRESHOLD = -3
"""mallopt(3): blocks from this size on are mapped one by one, and unmapped when freed."""
_M_ARENA_MAX = -8
"""mallopt(3): how many heaps there may be. One of the painter's thread alone would add 10 MB at the end of a spin."""
_LARGE_BLOCK = 256 << 10
_TRIM = 128 << 10
_LARGEST_FRAME_BLOCK = 8 << 20
"""A wheel of 1300 pixels, turned by 45 degrees, in 16 bits a pixel: 7 MB."""
_FRAME = 32 << 20
"""All that a frame needs at once, with room: two near views, turned, enlarged and blended, are 9 MB at 1080p."""

_LARGEST_START_BLOCK = 32 << 20
"""The largest that glibc takes. The frame of a wheel of 1000 pixels is painted on 16 MB."""
_START = 256 << 20
_QUIET_S = 1.0


def hold_for_start() -> None:
    """Have malloc keep blocks of every size for the next picture."""
    _tune(mapped_from=_LARGEST_START_BLOCK, kept=_START)


def release_at_rest() -> None:
    """Enable the garbage collector; have malloc unmap large blocks when freed, and return what it kept so far."""
    gc.enable()
    _tune(mapped_from=_LARGE_BLOCK, kept=_TRIM)
    _trim()


def hold_for_motion() -> None:
    """Disable the garbage collector; have malloc keep blocks of a frame's size for the next frame."""
    gc.disable()
    _tune(mapped_from=_LARGEST_FRAME_BLOCK, kept=_FRAME)


def _trim() -> None:
    libc = _libc()
    if libc is not None:
        libc.malloc_trim(0)


def _tune(*, mapped_from: int, kept: int) -> None:
    libc = _libc()
    if libc is not None:
        libc.mallopt(_M_ARENA_MAX, 1)
        libc.mallopt(_M_MMAP_THRESHOLD, mapped_from)
        libc.mallopt(_M_TRIM_THRESHOLD, kept)


class MemoryTuning(Supervisor):
    """Holds memory from the start of a spin until the loop is idle again, after the camera drew back.

    What was held for the start is given back as soon as the loop is idle. Free pages between pictures, into which
    malloc puts the next ones, are given back once nothing has changed for a moment.

    Args:
        now: the time, in seconds.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._held = True
        self._changed: float | None = None

    def on_motion(self) -> None:
        """See `Supervisor`."""
        self._held = True
        hold_for_motion()

    def on_idle(self, *, recorded: bool) -> None:
        """See `Supervisor`."""
        del recorded
        if self._held:
            self._held = False
            release_at_rest()
            self._changed = self._now()
        elif self._changed is not None and self._now() >= self._changed + _QUIET_S:
            self._changed = None
            _trim()

    def on_change(self, state: State, notices: tuple[str, ...]) -> None:
        """See `Supervisor`."""
        del state, notices
        self._changed = self._now()


@cache
def _libc() -> ctypes.CDLL | None:
    if not sys.platform.startswith("linux"):
        return None
    try:
        libc = ctypes.CDLL(None)
        libc.mallopt, libc.malloc_trim  # noqa: B018 - musl has neither
    except (OSError, AttributeError):
        logger.debug("no mallopt here: freed pictures stay on the heap")
        return None
    return libc
