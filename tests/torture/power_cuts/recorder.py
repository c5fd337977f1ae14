"""Records what programs of this process ask of the file system below one directory.

Invariant: it changes nothing; every call reaches the disk as it was made. What could write past the record (`open` for
writing, `Path.write_bytes`, links) is refused, so that a recording is complete or fails: every durable write goes
through `kiosk.core.durable`, and that asks the operating system through `os`.
"""

import builtins
import io
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path
from typing import Any
from unittest.mock import patch

from tests.torture.power_cuts.disk import (
    ChangeMode,
    Create,
    Cut,
    MakeDirectory,
    Open,
    Operation,
    Promise,
    Remove,
    Rename,
    SyncDirectory,
    SyncFile,
    Write,
)

_PROJECT = Path(__file__).resolve().parents[3]
_DURABLE = str(_PROJECT / "kiosk" / "core" / "durable.py")
_OURS = tuple(str(_PROJECT / part) for part in ("kiosk", "tools"))
_HARNESS = str(Path(__file__).parent)
_WRITING = os.O_WRONLY | os.O_RDWR
_handles = count(1)


class WrittenPastUs(AssertionError):
    """Something below the recorded directory was written in a way that is not recorded."""


class Recorder:
    """The operations below `root`, in order.

    Attributes:
        operations: what was recorded so far.
    """

    def __init__(self, root: Path) -> None:
        self._root = str(root)
        self.operations: list[Operation] = []
        self._handles: dict[int, tuple[int, bool]] = {}
        self._directories: dict[int, str] = {}

    def promise(self, what: str, *below: str) -> None:
        """Note that somebody was told that what lies below `below` is there to stay."""
        self.operations.append(Promise(below, what))

    @contextmanager
    def recording(self) -> Iterator["Recorder"]:
        """Record until the end of the block."""
        with ExitStack() as stack:
            for name in dir(self):
                if name.startswith("_os_"):
                    call = name.removeprefix("_os_")
                    stack.enter_context(patch.object(os, call, self._recorded(getattr(self, name), getattr(os, call))))
            for call in ("link", "symlink", "truncate", "pwrite", "writev", "mkfifo", "renames"):
                stack.enter_context(patch.object(os, call, self._refused(call, getattr(os, call))))
            plain = self._refused_for_writing(io.open)
            for module in (io, builtins):
                stack.enter_context(patch.object(module, "open", plain))
            yield self

    # ---- what is recorded -------------------------------------------------------------------------------------------

    def _os_open(self, real: Callable[..., Any], path: Any, flags: int, mode: int = 0o777, **options: Any) -> int:
        inside = self._inside(path)
        existed = inside is not None and os.path.lexists(path)
        descriptor: int = real(path, flags, mode, **options)
        # Closed by somebody else than os.close (a file object), the number may be known as another file's.
        self._handles.pop(descriptor, None)
        self._directories.pop(descriptor, None)
        if inside is None:
            return descriptor
        if os.path.isdir(path):  # noqa: PTH112 - pathlib would come back here
            self._directories[descriptor] = inside
            return descriptor
        if existed and not flags & _WRITING:
            return descriptor
        handle = next(_handles)
        self._handles[descriptor] = (handle, bool(flags & os.O_APPEND))
        if not existed:
            self._add(Create(inside, handle, os.fstat(descriptor).st_mode & 0o7777, site=_site()))
            return descriptor
        self._add(Open(inside, handle, site=_site()))
        if flags & os.O_TRUNC:
            self._add(Cut(handle, 0, site=_site()))
        return descriptor

    def _os_close(self, real: Callable[..., Any], descriptor: int) -> None:
        self._handles.pop(descriptor, None)
        self._directories.pop(descriptor, None)
        real(descriptor)

    def _os_write(self, real: Callable[..., Any], descriptor: int, data: Any) -> int:
        before = os.fstat(descriptor).st_size if descriptor in self._handles else 0
        written: int = real(descriptor, data)
        if descriptor in self._handles:
            handle, appending = self._handles[descriptor]
            offset = before if appending else os.lseek(descriptor, 0, os.SEEK_CUR) - written
            self._add(Write(handle, offset, bytes(data[:written]), appending, site=_site()))
        return written

    def _os_fsync(self, real: Callable[..., Any], descriptor: int) -> None:
        real(descriptor)
        if descriptor in self._handles:
            self._add(SyncFile(self._handles[descriptor][0], site=_site()))
        elif descriptor in self._directories:
            self._add(SyncDirectory(self._directories[descriptor], site=_site()))

    def _os_ftruncate(self, real: Callable[..., Any], descriptor: int, size: int) -> None:
        real(descriptor, size)
        if descriptor in self._handles:
            self._add(Cut(self._handles[descriptor][0], size, site=_site()))

    def _os_fchmod(self, real: Callable[..., Any], descriptor: int, mode: int) -> None:
        real(descriptor, mode)
        if descriptor in self._handles:
            self._add(ChangeMode(self._handles[descriptor][0], mode, site=_site()))

    def _os_replace(self, real: Callable[..., Any], source: Any, target: Any, **options: Any) -> None:
        inside, to = self._inside(source), self._inside(target)
        real(source, target, **options)
        if (inside is None) != (to is None):
            raise WrittenPastUs(f"{source} was renamed to {target}")
        if inside is not None and to is not None:
            self._add(Rename(inside, to, site=_site()))

    _os_rename = _os_replace

    def _os_unlink(self, real: Callable[..., Any], path: Any, **options: Any) -> None:
        real(path, **options)
        inside = self._inside(path)
        if inside is not None:
            self._add(Remove(inside, site=_site()))

    _os_remove = _os_unlink
    _os_rmdir = _os_unlink

    def _os_mkdir(self, real: Callable[..., Any], path: Any, *arguments: Any, **options: Any) -> None:
        real(path, *arguments, **options)
        inside = self._inside(path)
        if inside is not None:
            self._add(MakeDirectory(inside, site=_site()))

    # ---- how --------------------------------------------------------------------------------------------------------

    def _add(self, operation: Operation) -> None:
        self.operations.append(operation)

    def _inside(self, path: Any) -> str | None:
        """Return `path` relative to the root, or None if it lies elsewhere."""
        if not isinstance(path, str | bytes | os.PathLike):
            return None
        whole = os.path.abspath(os.fsdecode(path))  # noqa: PTH100 - resolve() would follow links
        if whole == self._root:
            return ""
        return whole[len(self._root) + 1 :] if whole.startswith(f"{self._root}{os.sep}") else None

    @staticmethod
    def _recorded(record: Callable[..., Any], real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            return record(real, *arguments, **options)

        return call

    def _refused(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            for named in arguments:
                known = named in self._handles if isinstance(named, int) else self._inside(named) is not None
                if known:
                    raise WrittenPastUs(f"os.{name} of {named} is not among what a recording knows")
            return real(*arguments, **options)

        return call

    def _refused_for_writing(self, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(file: Any, mode: str = "r", *arguments: Any, **options: Any) -> Any:
            if set(mode) & set("wax+") and self._inside(file) is not None:
                raise WrittenPastUs(
                    f"{file} is opened with mode {mode!r}: durable writes go through kiosk.core.durable"
                )
            return real(file, mode, *arguments, **options)

        return call


def _site() -> str:
    """Return who asked: the caller of `kiosk.core.durable`, then the lines in there, outermost first."""
    lines: list[str] = []
    frame = sys._getframe(2)
    while frame is not None:
        code = frame.f_code
        file = code.co_filename
        if file == _DURABLE:
            lines.append(f"{code.co_qualname}:{frame.f_lineno}")
        elif file.startswith(_OURS) and not file.startswith(_HARNESS):
            lines.append(code.co_qualname)
            break
        following = frame.f_back
        if following is None:
            break
        frame = following
    return " > ".join(reversed(lines))
