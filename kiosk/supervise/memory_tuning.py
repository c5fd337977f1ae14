"""How this process holds memory: large blocks go back to the system at once, but nothing is tidied between two frames.

Invariant: best effort; without glibc only the collector is held.

By itself, glibc's malloc learns from the first large block that is freed to keep such blocks on its heap: after
painting a wheel that is some 20 MB of nothing, for good. But a turning wheel needs the same few MB in each frame, and
a block that is new to the process costs a page fault for every 4 KB: 900 of them, a fifth of a frame. And Python's
collector of cycles, when it looks at everything, takes longer than a frame.
"""

import ctypes
import gc
import logging
import sys
from functools import cache

logger = logging.getLogger(__name__)

_M_TRIM_THRESHOLD = -1
"""mallopt(3): free bytes at the heap's end from which on they go back to the system."""
_M_MMAP_THRESHOLD = -3
"""mallopt(3): blocks from this size on are mapped one by one, and unmapped when freed."""
_LARGE_BLOCK = 256 << 10
_TRIM = 128 << 10
_LARGEST_FRAME_BLOCK = 8 << 20
"""A wheel of 1300 pixels, turned by 45 degrees, in 16 bits a pixel: 7 MB."""


def release_at_rest() -> None:
    """Let cycles be collected again; tell malloc to unmap large blocks when freed, and return what it kept so far."""
    gc.enable()
    libc = _libc()
    if libc is not None:
        libc.mallopt(_M_MMAP_THRESHOLD, _LARGE_BLOCK)
        libc.mallopt(_M_TRIM_THRESHOLD, _TRIM)
        libc.malloc_trim(0)


def hold_for_motion() -> None:
    """Collect no cycles; tell malloc to keep blocks of a frame's size for the next frame."""
    gc.disable()
    libc = _libc()
    if libc is not None:
        libc.mallopt(_M_MMAP_THRESHOLD, _LARGEST_FRAME_BLOCK)
        libc.mallopt(_M_TRIM_THRESHOLD, _LARGEST_FRAME_BLOCK)


@cache
def _libc() -> ctypes.CDLL | None:
    if not sys.platform.startswith("linux"):
        return None
    try:
        libc = ctypes.CDLL(None)
        libc.mallopt, libc.malloc_trim  # noqa: B018 - musl has neither
    except (OSError, AttributeError):
        logger.debug("no mallopt here: the memory of large pictures is kept")
        return None
    return libc
