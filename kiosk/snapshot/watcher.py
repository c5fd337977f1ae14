"""How a published list reaches the loop: a thread that looks, loads, prepares, and leaves it in the mailbox.

Law: events are hints, the rescan is the truth. Whatever the operating system tells or fails to tell, the directory is
looked at again every `rescan_s` seconds; an observer that died or watches a directory that is no longer there is
replaced then. Nothing that a file does can end the thread.

Hand-over is by `Mailbox`: one slot, newest wins. The loop alone decides when to take (in idle).
"""

import contextlib
import logging
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer
from watchdog.observers.api import BaseObserver

logger = logging.getLogger(__name__)

RESCAN_S = 5.0
"""Greatest time, in seconds, between a file's arrival and its discovery when every event is lost."""
_STOP_TIMEOUT_S = 10.0
"""A thread that has not stopped after this long will not stop; that is an error worth knowing."""

T = TypeVar("T")


class Mailbox(Generic[T]):
    """One slot between two threads: a newer thing replaces an older one that nobody took."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._content: T | None = None

    def put(self, content: T) -> None:
        """Leave `content`, replacing what is there."""
        with self._lock:
            self._content = content

    def put_back(self, content: T) -> None:
        """Leave `content` again, unless something newer has come."""
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
        look: what to do; called once at the start, then after events and at every rescan. May raise: that is logged,
            and the next look comes all the same.
        rescan_s: seconds between two looks when no event comes.
    """

    def __init__(self, directory: Path, look: Callable[[], None], *, rescan_s: float = RESCAN_S) -> None:
        self._directory = directory
        self._look = look
        self._rescan_s = rescan_s
        self._wake = threading.Event()
        self.stopping = threading.Event()
        self._observer: BaseObserver | None = None
        self._watched: tuple[int, int] | None = None
        self._told = ""
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
        while not self.stopping.is_set():
            self._wake.clear()
            try:
                self._mend_observer()
                self._look()
            except Exception:
                logger.exception("looking at %s failed; next look in %g s", self._directory, self._rescan_s)
            self._wake.wait(self._rescan_s)
        self._drop_observer()

    def _mend_observer(self) -> None:
        """Make sure that an observer watches the directory that is there *now*, which may be another one."""
        try:
            status = self._directory.stat()
            present = (status.st_dev, status.st_ino)
        except OSError:
            present = None
        observer = self._observer
        healthy = observer is not None and observer.is_alive() and all(e.is_alive() for e in observer.emitters)
        if healthy and present == self._watched:
            return
        self._drop_observer()
        if present is None:
            self._tell("%s is not there; looking again every %g s", self._directory, self._rescan_s)
            return
        observer = Observer()
        try:
            observer.schedule(_Hint(self._wake), str(self._directory))
            observer.start()
        except (OSError, RuntimeError) as error:
            # Out of inotify watches, say. The rescan goes on without hints, and tries again next time.
            self._tell("no hints for %s (%s); looking every %g s", self._directory, error, self._rescan_s)
            return
        self._observer, self._watched, self._told = observer, present, ""

    def _tell(self, message: str, *details: object) -> None:
        """Log a condition once, not at every rescan while it lasts."""
        text = message % details
        if text != self._told:
            logger.warning("%s", text)
        self._told = text

    def _drop_observer(self) -> None:
        observer, self._observer, self._watched = self._observer, None, None
        if observer is not None:
            with contextlib.suppress(Exception):
                observer.stop()
                observer.join(_STOP_TIMEOUT_S)
