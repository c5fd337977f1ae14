"""A source that is a folder of this machine: a stick, a network drive.

Invariant: regular files only; links, FIFOs and devices are not opened. Writing goes through `kiosk.core.durable`.
"""

import errno
import os
from pathlib import Path, PurePosixPath

from kiosk.core.durable import make_directory, write_atomic
from kiosk.core.errors import HomeError
from kiosk.core.regular_files import read_file
from kiosk.fetcher.index_file import HintedFile
from kiosk.fetcher.transport.base import MOST_LISTED, Fetched, NotThere, NotWritable, SourceError, TooLarge


class Folder:
    """A folder.

    Args:
        root: its path.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    def fetch(self, name: str, *, limit: int, known: str = "") -> Fetched | None:
        """See `Transport`."""
        path = self._root / name
        try:
            status = path.lstat()
            version = f"{status.st_size} {status.st_mtime_ns} {status.st_ino}"
            if version == known:
                return None
            return Fetched(read_file(path, limit=limit), version, strong=False)
        except FileNotFoundError as error:
            if not self._root.is_dir():
                raise SourceError(
                    f"There is no folder {self._root}.", remedy="Create it, or plug in the drive that it is on."
                ) from error
            raise NotThere(f"{name} is not there.") from error
        except OSError as error:
            kind = TooLarge if error.errno == errno.EFBIG else SourceError
            raise kind(f"{name} cannot be read: {error.strerror}.") from error

    def listing(self, folder: str = "") -> tuple[HintedFile, ...] | None:
        """See `Transport`."""
        found: list[HintedFile] = []
        try:
            with os.scandir(self._root / folder) as entries:
                for entry in entries:
                    if len(found) >= MOST_LISTED:
                        raise TooLarge(f"The folder holds more than {MOST_LISTED} files.")
                    if entry.is_file(follow_symlinks=False):
                        found.append(HintedFile(entry.name, entry.stat(follow_symlinks=False).st_size))
                    elif entry.is_dir(follow_symlinks=False):
                        found.append(HintedFile(f"{entry.name}/"))
        except FileNotFoundError as error:
            if folder and self._root.is_dir():
                return ()
            raise SourceError(f"There is no folder {self._root / folder}.") from error
        except SourceError:
            raise
        except OSError as error:
            raise SourceError(f"{self._root / folder} cannot be listed: {error.strerror}.") from error
        return tuple(found)

    def write(self, name: str, data: bytes) -> None:
        """See `Transport`."""
        path = self._root / PurePosixPath(name)
        try:
            make_directory(path.parent)
            write_atomic(path, data)
        except HomeError as error:
            cause = error.__cause__
            refused = isinstance(cause, OSError) and cause.errno in {errno.EROFS, errno.EACCES, errno.EPERM}
            raise (NotWritable if refused else SourceError)(error.message) from error

    def close(self) -> None:
        """See `Transport`: nothing is held."""
