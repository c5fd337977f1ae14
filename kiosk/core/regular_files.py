"""The one way to read a file that somebody else may have put there.

Invariant: only regular files are read, no more of them than their limit, and nothing here ever waits: FIFOs and devices
are not even opened. Links are refused, because a program with more rights than their maker would follow them; so are
files with several names (hard links): a thousand names of one file would be a thousand files to read. Only
`links=True`, for a file that the user named, takes both.
"""

import errno
import os
import stat
from pathlib import Path

from kiosk.core.errors import SnapshotTooLarge, SnapshotUnreadable


def read_file(path: Path, *, limit: int, links: bool = False) -> bytes:
    """Return a file's bytes.

    Args:
        path: of the file.
        limit: the most bytes that it may have.
        links: follow links and take hard links; for a path that the user named.

    Raises:
        OSError: it is missing or cannot be read, is not a regular file (or is a link, or has several names), or has
            more bytes than `limit`; its `strerror` says which.
    """
    return _read(path, limit=limit, links=links)[0]


def read_regular(path: Path, *, limit: int) -> tuple[bytes, int]:
    """Return a published file's bytes and its modification time in ns since 1970.

    Raises:
        SnapshotUnreadable: not a regular file, or it cannot be read.
        SnapshotTooLarge: it is larger than `limit` bytes.
    """
    try:
        return _read(path, limit=limit, links=False)
    except OSError as error:
        if error.errno == errno.EFBIG:
            raise SnapshotTooLarge(f"{path.name} cannot be read: {error.strerror}.") from error
        raise SnapshotUnreadable(f"{path.name} cannot be read: {error.strerror}.") from error


def _read(path: Path, *, limit: int, links: bool) -> tuple[bytes, int]:
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        _refuse_unless_regular(
            path, path.stat(follow_symlinks=links), links=links
        )  # before: opening a device may do something
        descriptor = os.open(path, flags if links else flags | getattr(os, "O_NOFOLLOW", 0))
    except ValueError as error:  # a NUL in the name
        raise OSError(errno.EINVAL, "that is not a file name", str(path)) from error
    try:
        status = os.fstat(descriptor)
        _refuse_unless_regular(path, status, links=links)  # it may have been replaced since
    except BaseException:
        os.close(descriptor)
        raise
    with os.fdopen(descriptor, "rb") as file:
        # Asked for `limit` bytes, Python would set them all aside, for every little file.
        data = b"" if status.st_size > limit else file.read(status.st_size + 1)
    if max(status.st_size, len(data)) > limit:
        raise OSError(errno.EFBIG, f"it is larger than {_size(limit)}", str(path))
    return data[: status.st_size], status.st_mtime_ns  # what a writer has added since may be half a line


def _refuse_unless_regular(path: Path, status: os.stat_result, *, links: bool) -> None:
    if stat.S_ISLNK(status.st_mode):
        raise OSError(errno.ELOOP, "it is a link", str(path))
    if not stat.S_ISREG(status.st_mode):
        raise OSError(errno.EINVAL, "it is not a regular file", str(path))
    if status.st_nlink > 1 and not links:
        raise OSError(errno.EMLINK, "it has several names (hard links): put a copy in its place", str(path))


def _size(limit: int) -> str:
    return f"{limit >> 20} MiB" if limit >> 20 else f"{limit >> 10} KiB"
