"""Runs one thread for each source, and writes what is known of them.

Invariant: a source that hangs delays no other one. A thread that dies is an error that ends the process, so that its
supervisor starts it again; nothing that a kill can cut off is lost or half written.
"""

import logging
import threading
from collections.abc import Callable, Sequence

import msgspec

from kiosk.core.clock import NS_PER_S, Clock, rfc3339
from kiosk.core.durable import PUBLIC, write_atomic
from kiosk.core.errors import HomeError, WheelError
from kiosk.core.home import Home
from kiosk.core.source_status import SourcesStatus
from kiosk.fetcher.source import Source

logger = logging.getLogger(__name__)

_LOOK_NS = NS_PER_S // 2
"""How often the reports are looked at."""
_SIGN_OF_LIFE_NS = 30 * NS_PER_S
"""How old the status may become while nothing changes."""


class SourceThread:
    """Polls one source when it is due, on a thread of its own.

    Args:
        source: the source.
        clock: for its due time.
    """

    def __init__(self, source: Source, clock: Clock) -> None:
        self._source = source
        self._clock = clock
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="source", daemon=True)
        self._thread.start()

    @property
    def alive(self) -> bool:
        """Whether it still polls."""
        return self._thread.is_alive()

    def stop(self) -> None:
        """Ask it to stop; a request under way may finish."""
        self._stopping.set()

    def join(self, timeout_s: float) -> None:
        """Wait until it has stopped."""
        self._thread.join(timeout_s)

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._clock.sleep_ns(self._source.pacing.due_ns - self._clock.monotonic_ns(), self._stopping)
            if not self._stopping.is_set():
                try:
                    self._source.poll()
                except Exception:
                    logger.exception("internal error; please report it")
                    self._source.pacing.failed(self._clock.monotonic_ns())
        self._source.close()


class StatusWriter:
    """Writes what is known of the sources, when it changes and as a sign of life.

    Args:
        home: has the file.
        clock: for the sign of life and `at`.
    """

    def __init__(self, home: Home, clock: Clock) -> None:
        self._path = home.fetch_status
        self._clock = clock
        self._written: object = None
        self._written_ns = 0

    def write(self, sources: Sequence[Source]) -> None:
        """Write the status if it is due. A disk that refuses is logged, and tried again at the next call."""
        reports = tuple(source.report() for source in sources)
        # An answer every few seconds is not a change: it would wear out an SD card.
        said = tuple(msgspec.structs.replace(report, answered_at="") for report in reports)
        now_ns = self._clock.monotonic_ns()
        if said == self._written and now_ns - self._written_ns < _SIGN_OF_LIFE_NS:
            return
        status = SourcesStatus(at=rfc3339(self._clock.utc_now()), sources=reports)
        try:
            write_atomic(self._path, msgspec.json.encode(status) + b"\n", mode=PUBLIC)
        except HomeError as error:
            logger.warning("the status cannot be written: %s", error)
            return
        self._written, self._written_ns = said, now_ns


def serve(
    home: Home, sources: Sequence[Source], *, clock: Clock, stopping: threading.Event, go_on: Callable[[], bool]
) -> None:
    """Poll the sources until `stopping` is set or `go_on` returns False.

    Raises:
        WheelError: a thread died.
    """
    threads = [SourceThread(source, clock) for source in sources]
    status = StatusWriter(home, clock)
    try:
        while not stopping.is_set() and go_on():
            status.write(sources)
            if not all(thread.alive for thread in threads):
                raise WheelError("The thread of a source died.", remedy="Report this with the log.")
            clock.sleep_ns(_LOOK_NS, stopping)
    finally:
        for thread in threads:
            thread.stop()
        for thread in threads:
            thread.join(1.0)
