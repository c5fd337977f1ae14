"""How this process holds memory: large blocks go back to the system at once.

Law: best effort; without glibc nothing changes.
"""

import ctypes
import logging
import sys

logger = logging.getLogger(__name__)

_M_MMAP_THRESHOLD = -3
"""mallopt(3): blocks from this size on are mapped one by one, and unmapped when freed."""
_LARGE_BLOCK = 256 << 10


def return_large_blocks() -> None:
    """Tell glibc's malloc to unmap large blocks when they are freed.

    By itself it learns from the first large block that is freed to keep such blocks on its heap: after painting a
    wheel that is some 20 MB of nothing, for good.
    """
    if not sys.platform.startswith("linux"):
        return
    try:
        ctypes.CDLL(None).mallopt(_M_MMAP_THRESHOLD, _LARGE_BLOCK)
    except (OSError, AttributeError):
        logger.debug("no mallopt here: the memory of large pictures is kept")
