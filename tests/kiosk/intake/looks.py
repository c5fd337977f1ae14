"""A watcher for the tests, and a count of its looks.

Every wait here is for a condition and ends when it holds; the timeout is only for a test that fails.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from kiosk.intake.watcher import Watcher

NEVER_S = 3600.0
"""A rescan that does not come during a test."""


SOON_S = 0.01


TIMEOUT_S = 300.0


class Looks:
    """Counts looks and what each saw; may raise or wait when told to."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._changed = threading.Condition()
        self.count = 0
        self.seen: set[str] = set()
        self.during: Callable[[int], None] = lambda number: None
        self.wish_s: float | None = None

    def __call__(self) -> float | None:
        names = {path.name for path in self._directory.iterdir()} if self._directory.is_dir() else set()
        with self._changed:
            self.count += 1
            self.seen |= names
            number = self.count
            self._changed.notify_all()
        self.during(number)
        return self.wish_s

    def wait_for(self, condition: Callable[[], bool]) -> bool:
        """Wait until `condition` holds after some look."""
        with self._changed:
            return self._changed.wait_for(condition, TIMEOUT_S)

    def wait_for_number(self, number: int) -> bool:
        """Wait for that many looks."""
        return self.wait_for(lambda: self.count >= number)


@contextmanager
def watching(directory: Path, look: Callable[[], float | None], *, rescan_s: float) -> Iterator[Watcher]:
    watcher = Watcher(directory, look, rescan_s=rescan_s)
    watcher.start()
    try:
        yield watcher
    finally:
        watcher.stop()


class SilentObserver:
    """An observer that lives and reports nothing, as on a network share or with a full event queue."""

    emitters = frozenset[threading.Thread]()

    def schedule(self, *_: object, **__: object) -> None: ...

    def start(self) -> None: ...

    def stop(self) -> None: ...

    def join(self, timeout: float) -> None: ...

    def is_alive(self) -> bool:
        return True


def rename_into(directory: Path, name: str) -> None:
    """Let a file appear in one step, as publishing does."""
    beside = directory.parent / f"{name}.part"
    beside.write_bytes(b"x")
    beside.replace(directory / name)
