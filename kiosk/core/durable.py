"""Every durable write of the project: `write_atomic` for whole files, `AppendFile` for the ledger.

Invariant: a reader finds the complete old content or the complete new content, even after a crash.

Limits: a power cut can lose a write whose call has not returned. It can also leave a temporary file
(`.NAME.RANDOM.tmp`), which no reader opens and `sweep` removes. A kill can leave a write that readers see and that is
not durable yet, so a process that takes over a directory calls `sweep` before it relies on the content. File systems
that ignore fsync are not supported. `python -m tests.torture.power_cuts` enumerates all these states.

Method: temporary file in the same directory, write, fsync, rename over the target, fsync the directory, as POSIX
rename(2) and fsync(2) define. Windows cannot fsync a directory; there the rename has to do.
"""

import contextlib
import errno
import os
import secrets
import sys
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from kiosk.core.errors import BusyError, HomeError

_TMP_SUFFIX = ".tmp"
PRIVATE = 0o600
"""Mode of files that only their owner may read: keys and secrets."""
SHARED = 0o640
"""Mode of files that the owner's group may read: lists and records."""
PUBLIC = 0o644
"""Mode of files that every user of the machine may read."""


def write_atomic(path: Path, data: bytes, *, mode: int = SHARED, replace: bool = True) -> None:
    """Write all of `data` to `path`, durably and atomically.

    Args:
        path: target; its directory must exist.
        data: the complete new content.
        mode: permission bits of the new file, exactly (the umask does not apply).
        replace: False refuses to replace an existing file. The check is not atomic: hold the directory's lock.

    Raises:
        FileExistsError: `replace` is False and `path` exists.
        HomeError: the directory is missing, read-only or full. The old content is untouched, unless only the last
            step failed: then the new content is in place, and a power cut could still restore the old one.
    """
    if not replace and path.exists():
        raise FileExistsError(errno.EEXIST, "already exists", str(path))
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}{_TMP_SUFFIX}")
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), mode)
        try:
            _give_to_owner_of(path.parent, descriptor)
            if hasattr(os, "fchmod"):
                os.fchmod(descriptor, mode)
            _write_all(descriptor, data)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        temporary.replace(path)
        fsync_directory(path.parent)
    except (OSError, KeyboardInterrupt) as error:
        with contextlib.suppress(OSError):
            temporary.unlink()
        if isinstance(error, OSError):
            raise _home_error("write", path, error) from error
        raise


def fsync_directory(directory: Path) -> None:
    """Make the names in `directory` durable. Does nothing on Windows, which has no such call."""
    if sys.platform == "win32":
        return
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_directory(path: Path, *, mode: int = 0o750) -> None:
    """Create `path` and its missing parents, durably; an existing directory keeps its mode.

    The name of an existing directory is synced too: its creator may have been killed before it did so.

    Raises:
        HomeError: it cannot be created.
    """
    above = [path, *path.parents]
    deepest = next((place for place, directory in enumerate(above) if directory.is_dir()), len(above) - 1)
    try:
        for directory in reversed(above[: deepest + 1]):
            existed = directory.is_dir()
            directory.mkdir(mode=mode if directory == path else 0o777, exist_ok=True)
            if not existed:
                _give_directory_to_owner_of(directory.parent, directory)
            try:
                fsync_directory(directory.parent)
            except OSError:
                if not existed:  # an existing one may be a mount point on something that cannot be synced
                    raise
    except OSError as error:
        raise _home_error("create", path, error) from error


def remove(path: Path) -> None:
    """Delete the file, durably; a missing one is fine.

    Raises:
        HomeError: it cannot be deleted.
    """
    try:
        path.unlink(missing_ok=True)
        fsync_directory(path.parent)
    except OSError as error:
        raise _home_error("delete", path, error) from error


def check_room(directory: Path, size: int) -> None:
    """Check that `size` bytes fit into `directory`, by writing and deleting them.

    Raises:
        HomeError: they do not fit, or the directory cannot be written.
    """
    path = directory / f".room.{secrets.token_hex(4)}{_TMP_SUFFIX}"
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), PRIVATE)
        try:
            _write_all(descriptor, bytes(size))
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
            path.unlink()
    except OSError as error:
        raise _home_error("write", directory / "a file", error) from error


def sweep(directory: Path) -> list[Path]:
    """Take over `directory` from a writer that was killed; returns the temporary files that were deleted.

    Also syncs the directory, so that the writer's last rename or deletion is durable. A missing directory is fine.
    Call it only while you hold the lock that the directory's writers hold.

    Raises:
        HomeError: the directory cannot be synced.
    """
    swept = []
    for path in directory.glob(f".*{_TMP_SUFFIX}"):
        with contextlib.suppress(OSError):
            path.unlink()
            swept.append(path)
    try:
        if directory.is_dir():
            fsync_directory(directory)
    except OSError as error:
        raise _home_error("sync", directory, error) from error
    return swept


class AppendFile:
    """An append-only file: each chunk is durable when `append` returns.

    A failed append (disk full) removes what it wrote, so that the next one starts at a clean end.
    """

    def __init__(self, path: Path, *, mode: int = SHARED) -> None:
        """Open `path` for appending; a missing file is created durably.

        Existing content and its name are synced too: a killed writer may not have synced them.

        Raises:
            HomeError: the file cannot be opened or created.
        """
        self.path = path
        self._torn = False
        try:
            flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0)
            existed = path.exists()
            self._descriptor = os.open(path, flags, mode)
            if not existed:
                _give_to_owner_of(path.parent, self._descriptor)
            self.size = os.fstat(self._descriptor).st_size
            os.fsync(self._descriptor)
            fsync_directory(path.parent)
        except OSError as error:
            raise _home_error("open", path, error) from error

    def append(self, data: bytes) -> None:
        """Append `data` and wait until it is durable.

        Raises:
            HomeError: the write failed; the file is unchanged.
        """
        try:
            if self._torn:
                os.ftruncate(self._descriptor, self.size)
                self._torn = False
            _write_all(self._descriptor, data)
            os.fsync(self._descriptor)
        except OSError as error:
            self._torn = True  # until it is removed, now or before the next append
            with contextlib.suppress(OSError):
                os.ftruncate(self._descriptor, self.size)
                os.fsync(self._descriptor)
                self._torn = False
            raise _home_error("append to", self.path, error) from error
        self.size += len(data)

    def in_place(self) -> bool:
        """Say whether the path still names this very file, as long as it was left: nobody deleted or changed it."""
        try:
            there, here = self.path.lstat(), os.fstat(self._descriptor)
        except OSError:
            return False
        same = (there.st_dev, there.st_ino) == (here.st_dev, here.st_ino)
        return same and (self._torn or here.st_size == self.size)

    def truncate(self, size: int) -> None:
        """Truncate the file to `size` bytes, durably; for a torn tail that was copied aside first.

        Raises:
            HomeError: the truncation failed.
        """
        try:
            os.ftruncate(self._descriptor, size)
            os.fsync(self._descriptor)
        except OSError as error:
            raise _home_error("truncate", self.path, error) from error
        self.size = size

    def close(self) -> None:
        """Close the file; a second call does nothing."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


class FrozenFile:
    """A file on a read-only disk, in the place of an `AppendFile`: it can be read, and takes nothing."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.size = path.stat().st_size if path.exists() else 0

    def append(self, data: bytes) -> None:
        """Refuse `data`.

        Raises:
            HomeError: always.
        """
        del data
        raise _home_error("append to", self.path, OSError(errno.EROFS, os.strerror(errno.EROFS)))

    def in_place(self) -> bool:
        """Say that nothing is amiss: nothing is written, so nothing can be lost."""
        return True

    def truncate(self, size: int) -> None:
        """Refuse; see `append`."""
        self.append(bytes(size))

    def close(self) -> None:
        """There is nothing to close."""


def on_read_only_disk(path: Path) -> bool:
    """Say whether `path`, or what is there of the directories above it, lies on a disk that is mounted read-only."""
    if sys.platform == "win32":
        return False
    there = next(place for place in (path, *path.absolute().parents) if place.exists())
    return bool(os.statvfs(there).f_flag & os.ST_RDONLY)


@contextlib.contextmanager
def process_lock(path: Path, *, holder: str, mode: int = PRIVATE) -> Iterator[None]:
    """Hold `path` as a lock that the operating system releases when this process ends, however it ends.

    Args:
        path: the lock file; it stays, empty.
        holder: what holds the lock, for the error message.
        mode: permission bits of a new lock file, exactly; write permission allows to hold the lock.

    Raises:
        BusyError: another process holds it.
        HomeError: the lock file cannot be opened.
    """
    try:
        descriptor = _open_lock(path, mode)
    except OSError as error:
        raise _home_error("open", path, error) from error
    try:
        try:
            _lock(descriptor)
        except OSError as error:
            raise BusyError(f"{holder} is already running on {path.parent}.", remedy="Stop it first.") from error
        yield
    finally:
        os.close(descriptor)


def _open_lock(path: Path, mode: int) -> int:
    flags = os.O_RDWR | getattr(os, "O_NOFOLLOW", 0)
    try:
        return os.open(path, flags)
    except FileNotFoundError:
        pass
    try:
        descriptor = os.open(path, flags | os.O_CREAT | os.O_EXCL, mode)
    except FileExistsError:  # made by another process at this moment
        return os.open(path, flags)
    _give_to_owner_of(path.parent, descriptor)
    if hasattr(os, "fchmod"):
        os.fchmod(descriptor, mode)
    return descriptor


def _lock(descriptor: int) -> None:
    if sys.platform == "win32":
        import msvcrt  # noqa: PLC0415 - exists on Windows only

        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
    else:
        import fcntl  # noqa: PLC0415 - does not exist on Windows

        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _give_to_owner_of(directory: Path, descriptor: int) -> None:
    """Give a new file to the owner of its directory, where root made it: root in a user's home locks nobody out.

    A file system without owners keeps its own idea of them.
    """
    if sys.platform == "win32" or os.geteuid() != 0:
        return
    wanted, found = directory.stat(), os.fstat(descriptor)
    if (wanted.st_uid, wanted.st_gid) != (found.st_uid, found.st_gid):
        with contextlib.suppress(OSError):
            os.fchown(descriptor, wanted.st_uid, wanted.st_gid)


def _give_directory_to_owner_of(above: Path, directory: Path) -> None:
    if sys.platform == "win32" or os.geteuid() != 0:
        return
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        _give_to_owner_of(above, descriptor)
    finally:
        os.close(descriptor)


def _write_all(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def _home_error(verb: str, path: Path, error: OSError) -> HomeError:
    remedies = {
        errno.ENOSPC: "Free some space on that disk.",
        errno.EDQUOT: "Free some space on that disk.",
        errno.EROFS: "The disk is mounted read-only: check it and mount it writable.",
        errno.EACCES: f"Give this user write permission on {path.parent}.",
        errno.EPERM: f"Give this user write permission on {path.parent}.",
        errno.ENOENT: f"Create {path.parent} first.",
    }
    reason = os.strerror(error.errno) if error.errno else str(error)
    return HomeError(f"Cannot {verb} {path}: {reason}.", remedy=remedies.get(error.errno or 0, ""))
