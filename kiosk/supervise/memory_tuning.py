"""Tunes malloc and GC: no collection and no returned pages during a spin and its reveal; idle returns large blocks.

Invariant: best effort. Without glibc only the garbage collector is paused.

By default, glibc's malloc learns from the first large block that is freed to keep such blocks on its heap: after
painting a wheel, about 20 MB would stay for good. A turning wheel, on the other hand, needs the same few MB in each
frame, and new pages cost one page fault for every 4 KB: 900 of them, a fifth of a frame. A full collection by Python's
garbage collector takes longer than a frame.
"""

import ctypes
import gc
import logging
import sys
from functools import cache

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


def release_at_rest() -> None:
    """Enable the garbage collector; have malloc unmap large blocks when freed, and return what it kept so far."""
    gc.enable()
    libc = _libc()
    if libc is not None:
        libc.mallopt(_M_ARENA_MAX, 1)
        libc.mallopt(_M_MMAP_THRESHOLD, _LARGE_BLOCK)
        libc.mallopt(_M_TRIM_THRESHOLD, _TRIM)
        libc.malloc_trim(0)


def hold_for_motion() -> None:
    """Disable the garbage collector; have malloc keep blocks of a frame's size for the next frame."""
    gc.disable()
    libc = _libc()
    if libc is not None:
        libc.mallopt(_M_MMAP_THRESHOLD, _LARGEST_FRAME_BLOCK)
        libc.mallopt(_M_TRIM_THRESHOLD, _FRAME)


class MemoryTuning(Supervisor):
    """Switches between the two: from the start of a spin until the loop is idle again, after the camera drew back."""

    def __init__(self) -> None:
        self._held = False

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
