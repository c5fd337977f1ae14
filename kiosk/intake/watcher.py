"""How a published list reaches the loop: a thread that looks, loads, prepares, and leaves it in the mailbox.

Invariant: events are hints, the rescan is the truth. Whatever the operating system tells or fails to tell, the
directory is looked at again in time for `rescan_s`; an observer that died, that watches a directory that is no longer
there, or that was silent about a change is replaced then. Nothing that a file or an observer does can end the thread or
its looking, and no flood of events makes it look all the time.

Hand-over is by `Mailbox`: one slot, newest wins. The loop alone decides when to take (in idle).
"""

import contextlib
import logging
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Generic, TypeVar

from watchdog.events import (
    DirDeletedEvent,
    FileClosedEvent,
    FileCreatedEvent,
    FileDeletedEvent,
    FileModifiedEvent,
    FileMovedEvent,
    FileSystemEvent,
    FileSystemEventHandler,
)
from watchdog.observers import Observer
from watchdog.observers.api import BaseObserver

from kiosk.core.errors import WheelError

logger = logging.getLogger(__name__)

RESCAN_S = 5.0
"""Greatest time, in seconds, between a file's arrival and its hand-over when every event is lost."""
_RESCAN_SHARE = 0.5
"""The part of it after which the next look begins. The rest is for the look itself, which waits for a disk to take the
secret: on a busy one that was 1.5 s."""
_HINT_GRACE_S = 0.2
"""How long a hint may take: a change that was just seen may be announced in a moment."""
_REST_SHARE = 3
"""After a look comes a rest that many times as long: in a flood of events a look never takes more than a quarter."""
_STOP_TIMEOUT_S = 10.0
"""A thread that has not stopped after this long will not stop; that is an error worth knowing."""

T = TypeVar("T")


class Mailbox(Generic[T]):
    """One slot between two threads: a newer thing replaces an older one that nobody took.

    Args:
        wake: called when something is put.
    """

    def __init__(self, wake: Callable[[], object] = lambda: None) -> None:
        self._lock = threading.Lock()
        self._content: T | None = None
        self._wake = wake

    def put(self, content: T) -> None:
        """Leave `content`, replacing what is there."""
        with self._lock:
            self._content = content
        self._wake()

    def put_back(self, content: T) -> None:
        """Leave `content` again, unless something newer has come. Nothing arrived by that."""
        with self._lock:
            if self._content is None:
                self._content = content

    def take(self) -> T | None:
        """Take what is there; the slot is empty afterwards."""
        with self._lock:
            content, self._content = self._content, None
            return content

    @property
    def full(self) -> bool:
        """Whether there is something to take."""
        return self._content is not None


_EVENTS: list[type[FileSystemEvent]] = [
    FileMovedEvent,
    FileCreatedEvent,
    FileClosedEvent,
    FileModifiedEvent,
    FileDeletedEvent,
    DirDeletedEvent,
]
"""What to be told: what may change a file, and not that one was read, which each look does itself."""


class _Hint(FileSystemEventHandler):
    """Turns any event into one wake-up. Does nothing that could raise: that would end the observer for good."""

    def __init__(self, wake: threading.Event) -> None:
        self._wake = wake

    def on_any_event(self, event: FileSystemEvent) -> None:
        if event.event_type in {"moved", "created", "closed", "modified", "deleted"}:
            self._wake.set()


class Watcher:
    """Runs `look` whenever the directory may have changed, on a thread of its own.

    Args:
        directory: what to watch; it may be missing, and come and go.
        look: what to do; called once at the start, then after events and at every rescan. Returns after how many
            seconds it wants to be called again at the latest, or None. May raise: that is logged, and the next look
            comes all the same.
        rescan_s: greatest time, in seconds, from a change to the end of a look that sees it when no event comes.
    """

    def __init__(self, directory: Path, look: Callable[[], float | None], *, rescan_s: float = RESCAN_S) -> None:
        self._directory = directory
        self._look = look
        self._rescan_s = rescan_s
        self._wake = threading.Event()
        self.stopping = threading.Event()
        self._observer: BaseObserver | None = None
        self._watched: tuple[int, int] | None = None
        self._changed_ns = 0
        self._told: dict[str, str] = {}
        self._thread = threading.Thread(target=self._run, name="watcher", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    @property
    def alive(self) -> bool:
        """Whether the thread runs; the loop supervises it."""
        return self._thread.is_alive()

    def stop(self) -> None:
        """Stop the thread and wait for it.

        Raises:
            RuntimeError: it does not stop.
        """
        self.stopping.set()
        self._wake.set()
        if self._thread.ident is not None:
            self._thread.join(_STOP_TIMEOUT_S)
        if self._thread.is_alive():
            raise RuntimeError("the watcher's thread does not stop")

    def _run(self) -> None:
        hinted = True
        while not self.stopping.is_set():
            started = time.monotonic()
            self._wake.clear()
            self._attempt("watching", partial(self._mend_observer, hinted=hinted))
            wish = self._attempt("looking at", self._look)  # also when nobody gives hints
            took = time.monotonic() - started
            pause = max(0.0, min(self._rescan_s * _RESCAN_SHARE, self._rescan_s - 2 * took) - took)
            if wish is not None:
                pause = min(pause, wish)
            rest = min(pause, took * _REST_SHARE)
            self.stopping.wait(rest)
            hinted = self._wake.wait(pause - rest)
        self._attempt("watching", self._drop_observer)

    def _attempt(self, doing: str, part: Callable[[], float | None]) -> float | None:
        """Do `part`; what it raises is logged once, and not again at each rescan while it lasts."""
        try:
            result = part()
        except WheelError as error:
            self._tell(doing, "%s %s failed: %s", doing, self._directory, error)
        except Exception as error:
            if self._tell(doing, "%s %s failed: %r", doing, self._directory, error):
                logger.exception("internal error; the next look follows all the same")
        else:
            if self._told.pop(doing, None):
                logger.info("%s %s works again", doing, self._directory)
            return result
        return None

    def _mend_observer(self, *, hinted: bool) -> None:
        """Make sure that an observer watches the directory that is there *now*, which may be another one.

        Args:
            hinted: a hint came since the last look. If none did and something changed, the observer is deaf.
        """
        try:
            status = self._directory.stat()
            present = (status.st_dev, status.st_ino)
        except OSError as error:
            self._drop_observer()
            self._tell("hints", "%s is not there (%s)", self._directory, error.strerror)
            return
        missed = not hinted and status.st_mtime_ns != self._changed_ns and not self._wake.wait(_HINT_GRACE_S)
        self._changed_ns = status.st_mtime_ns
        observer = self._observer
        healthy = observer is not None and observer.is_alive() and all(e.is_alive() for e in observer.emitters)
        if healthy and present == self._watched and not missed:
            return
        if healthy and present == self._watched:
            logger.info("nothing told that %s changed: watching it again", self._directory)
        self._drop_observer()
        try:
            # Kept before it is set up: one that fails half-way has threads and handles to give back.
            self._observer = Observer()
            self._observer.schedule(_Hint(self._wake), str(self._directory), event_filter=_EVENTS)
            self._observer.start()
        except (OSError, RuntimeError) as error:
            # Out of inotify watches, say. The rescan goes on without hints, and tries again next time.
            self._drop_observer()
            self._tell("hints", "no hints for %s (%s): the rescan has to do", self._directory, error)
            return
        self._watched = present
        self._told.pop("hints", None)

    def _tell(self, about: str, message: str, *details: object) -> bool:
        """Log a condition once, not at every rescan while it lasts; returns whether it was new."""
        text = message % details
        if text == self._told.get(about):
            return False
        self._told[about] = text
        logger.warning("%s", text)
        return True

    def _drop_observer(self) -> None:
        observer, self._observer, self._watched = self._observer, None, None
        if observer is None:
            return
        with contextlib.suppress(Exception):
            observer.stop()
        with contextlib.suppress(Exception):
            observer.join(_STOP_TIMEOUT_S)
