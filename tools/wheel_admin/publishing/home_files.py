"""Reads the files of a home for a command that may run as root.

Invariant: regular files only. Group members and the kiosk's account write into directories of the home, so a link or
a FIFO there must not lead root to another file, or make it wait. A link or FIFO is refused with its path, not skipped:
a bundle that silently lacks a file would be missed on the day that it is needed.
"""

import os
import stat
from collections.abc import Iterable
from pathlib import Path

from kiosk.core.errors import HomeError, RefusedError, SnapshotUnreadable
from kiosk.core.home import Home
from kiosk.core.regular_files import read_regular

_DEEPEST = 32
"""Directories within each other; a home has four, and Python's own stack ends below 1000."""
_REMEDY = "Remove it, or put a copy of the file in its place."


def check_plain(home: Home) -> None:
    """Make sure that a home holds regular files and directories only.

    Raises:
        RefusedError: it holds something else; the message names it.
    """
    for top in (home.admin, home.snapshots, home.kiosk):
        if top.is_symlink():
            raise RefusedError(f"{top} is a link. Nothing was changed.", remedy=_REMEDY)
        for directory, directories, files in os.walk(top):
            if len(Path(directory).relative_to(top).parts) > _DEEPEST:
                raise RefusedError(f"In {top} are more than {_DEEPEST} directories within each other.", remedy=_REMEDY)
            for name in (*directories, *files):
                path = Path(directory, name)
                try:
                    mode = path.lstat().st_mode
                except FileNotFoundError:  # the kiosk may be running
                    continue
                if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
                    what = "a link" if stat.S_ISLNK(mode) else "not a regular file"
                    raise RefusedError(f"{path} is {what}. Nothing was changed.", remedy=_REMEDY)


def read_plain(path: Path, *, limit: int) -> bytes:
    """Return the bytes of a regular file, without following a link and without waiting.

    Raises:
        FileNotFoundError: there is none.
        HomeError: this user may not read it.
        RefusedError: it is something else than a regular file, or too large.
    """
    try:
        return read_regular(path, limit=limit)[0]
    except SnapshotUnreadable as error:
        cause = error.__cause__
        if isinstance(cause, FileNotFoundError):
            raise cause from None
        if isinstance(cause, PermissionError):
            raise HomeError(f"Cannot read {path}: {cause.strerror}.", remedy="Run this with sudo.") from error
        raise RefusedError(f"In {path.parent}: {error.message} Nothing was changed.", remedy=_REMEDY) from error


def files_of(directory: Path) -> Iterable[Path]:
    """Return the visible entries of `directory` that are not directories, sorted; none if there is no directory.

    Raises:
        HomeError: this user may not look into it.
    """
    try:
        with os.scandir(directory) as entries:
            names = [
                entry.name
                for entry in entries
                if not entry.name.startswith(".") and not entry.is_dir(follow_symlinks=False)
            ]
    except FileNotFoundError:
        return ()
    except PermissionError as error:
        raise HomeError(f"Cannot read {directory}: {error.strerror}.", remedy="Run this with sudo.") from error
    return sorted(directory / name for name in names)
