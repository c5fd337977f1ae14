"""Reads untrusted files: regular files only, no links, bounded size, never blocking."""

import errno
import os
import stat
from pathlib import Path

from kiosk.core.errors import SnapshotTooLarge, SnapshotUnreadable


def read_regular(path: Path, *, limit: int) -> tuple[bytes, int]:
    """Return a file's bytes and its modification time in ns since 1970. Never blocks, never follows a link.

    Raises:
        SnapshotUnreadable: not a regular file, or it cannot be read.
        SnapshotTooLarge: it is larger than `limit` bytes.
    """
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        kind = path.lstat().st_mode
        # Opening a device can have side effects. (O_NOFOLLOW reports a link as one.)
        descriptor = os.open(path, flags) if stat.S_ISREG(kind) or stat.S_ISLNK(kind) else -1
    except OSError as error:
        reason = "it is a link" if error.errno == errno.ELOOP else (error.strerror or str(error))
        raise SnapshotUnreadable(f"{path.name} cannot be read: {reason}.") from error
    if descriptor < 0:
        raise SnapshotUnreadable(f"{path.name} is not a regular file.")
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):  # replaced since lstat. Before fdopen, which does not close a directory
        os.close(descriptor)
        raise SnapshotUnreadable(f"{path.name} is not a regular file.")
    with os.fdopen(descriptor, "rb") as file:
        try:
            # read(limit) would allocate `limit` bytes for every small file.
            data = b"" if status.st_size > limit else file.read(status.st_size + 1)
        except OSError as error:
            raise SnapshotUnreadable(f"{path.name} cannot be read: {error.strerror}.") from error
    if max(status.st_size, len(data)) > limit:
        size = f"{limit >> 20} MiB" if limit >> 20 else f"{limit >> 10} KiB"
        raise SnapshotTooLarge(f"{path.name} is larger than {size}, the limit for such a file.")
    return data, status.st_mtime_ns
