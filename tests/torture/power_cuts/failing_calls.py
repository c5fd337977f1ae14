"""System calls that fail as on a full disk: half a write, or a sync that is refused."""

import errno
import os
from collections.abc import Callable


def half_written(write: Callable[[int, bytes], int]) -> Callable[[int, bytes], int]:
    halves = iter([True])

    def call(descriptor: int, data: bytes) -> int:
        if next(halves, False):
            return write(descriptor, bytes(data)[: len(data) // 2])
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    return call


def never_synced(sync: Callable[[int], None]) -> Callable[[int], None]:
    failures = iter([True])

    def call(descriptor: int) -> None:
        if next(failures, False):
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        sync(descriptor)

    return call
