"""A disk that is full from the n-th write on, or for one write only, until somebody makes room.

It stands in for `os` in `kiosk.core.durable`, through which every durable write goes: creating a file, writing,
fsync and
renaming count as one operation each, and each may be the one that finds the disk full. A write that fails has written
half of its bytes, as real ones do. Deleting and cutting always work, and so does an fsync that finds nothing new;
any other is counted, and not done: nobody cuts the power here.
"""

import errno
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from kiosk.core import durable


class FullDisk:
    """Counts operations and fails some.

    Attributes:
        count: operations so far.
        fails: whether the operation of that number finds the disk full.
        failed: which ones did, by what they were.
    """

    def __init__(self) -> None:
        self.count = 0
        self.fails: Callable[[int], bool] = lambda number: False
        self.failed: list[str] = []
        self.unsynced: set[object] = set()

    def full_from(self, number: int) -> None:
        self.fails = lambda count: count >= number

    def full_once(self, number: int) -> None:
        self.fails = lambda count: count == number

    def make_room(self) -> None:
        self.fails = lambda number: False

    def step(self, what: str) -> None:
        self.count += 1
        if self.fails(self.count):
            self.failed.append(what)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


class _Os:
    """What `kiosk.core.durable` sees as `os`."""

    def __init__(self, disk: FullDisk) -> None:
        self._disk = disk

    def __getattr__(self, name: str) -> object:
        return getattr(os, name)

    def open(self, path: Path, flags: int, mode: int = 0o777) -> int:
        if flags & os.O_CREAT and not Path(path).exists():
            self._disk.step(f"create {Path(path).name}")
            self._disk.unsynced.add("names")
        return os.open(path, flags, mode)

    def write(self, descriptor: int, data: memoryview) -> int:
        try:
            self._disk.step("write")
        except OSError:
            os.write(descriptor, data[: len(data) // 2])
            raise
        finally:
            self._disk.unsynced.add(descriptor)
        return os.write(descriptor, data)

    def ftruncate(self, descriptor: int, size: int) -> None:
        os.ftruncate(descriptor, size)
        self._disk.unsynced.discard(descriptor)

    def fsync(self, descriptor: int) -> None:
        what = "names" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else descriptor
        if what in self._disk.unsynced:
            self._disk.step("fsync")
            self._disk.unsynced.discard(what)


@contextmanager
def full_disk() -> Iterator[FullDisk]:
    """Have every durable write of this process go through a disk that can be full."""
    disk = FullDisk()
    replace, mkdir, unlink = Path.replace, Path.mkdir, Path.unlink

    def replacing(path: Path, target: Path) -> Path:
        disk.step(f"rename to {Path(target).name}")
        disk.unsynced.add("names")
        return replace(path, target)

    def deleting(path: Path, missing_ok: bool = False) -> None:
        unlink(path, missing_ok)
        disk.unsynced.add("names")

    def making(path: Path, mode: int = 0o777, parents: bool = False, exist_ok: bool = False) -> None:
        if not path.exists():
            disk.step(f"mkdir {path.name}")
            disk.unsynced.add("names")
        mkdir(path, mode, parents, exist_ok)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(durable, "os", _Os(disk))
        patch.setattr(Path, "replace", replacing)
        patch.setattr(Path, "mkdir", making)
        patch.setattr(Path, "unlink", deleting)
        yield disk
