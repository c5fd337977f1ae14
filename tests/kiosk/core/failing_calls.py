"""Makes single system calls fail, and looks at the disk afterwards."""

import errno
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from kiosk.core.durable import (
    write_atomic,
)

ROOT = Path(__file__).resolve().parents[3]
OLD, NEW = b"old content\n", b"new content, and longer\n" * 50


class Killed(BaseException):
    """Stands for SIGKILL or a power cut: no code handles it."""


CALLS = ("open", "fchmod", "write", "fsync", "close", "replace")
"""Every call of the operating system that a durable write makes."""


@contextmanager
def failing_at(number: int, error: Callable[[], BaseException], monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Let the `number`-th of `CALLS` raise; yields the names of the calls made."""
    made: list[str] = []

    def spoil(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            made.append(name)
            if len(made) - 1 == number:
                raise error()
            return real(*arguments, **options)

        return call

    with monkeypatch.context() as patch:
        for name in CALLS:
            patch.setattr(os, name, spoil(name, getattr(os, name)))
        yield made


def no_space() -> OSError:
    return OSError(errno.ENOSPC, "No space left on device")


def calls_of_a_write(directory: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    with failing_at(-1, Killed, monkeypatch) as made:
        write_atomic(directory / "probe", NEW)
    return made


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def names_in(directory: Path) -> set[str]:
    return {path.name for path in directory.iterdir()}
