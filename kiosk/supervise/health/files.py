"""Writes health.json, and the same for Prometheus.

Invariant: a thread of its own writes the files every few seconds, atomically and independently of the loop; a loop
that hangs shows in `last_frame_age_ms`. The thread is not a heartbeat: heartbeats come from the loop alone
(`kiosk.supervise.watchdog`). What a machine does not report is null, and nothing here stops the kiosk.
"""

import logging
import threading
from collections.abc import Callable
from pathlib import Path

import msgspec

from kiosk.core.durable import PUBLIC, write_atomic
from kiosk.core.errors import HomeError
from kiosk.supervise.health.prometheus import prometheus
from kiosk.supervise.health.report import Health

logger = logging.getLogger(__name__)

EVERY_S = 5.0
"""Seconds between two files."""
_STOP_TIMEOUT_S = 10.0


class HealthFiles:
    """Writes the reports on a thread of its own.

    Args:
        report: returns one; None while there is nothing to report. Called on the thread.
        health: the JSON file; None writes none.
        metrics: the file for Prometheus; None writes none.
        every_s: seconds between two.
    """

    def __init__(
        self,
        report: Callable[[], Health | None],
        *,
        health: Path | None,
        metrics: Path | None,
        every_s: float = EVERY_S,
    ) -> None:
        self._report = report
        self._health = health
        self._metrics = metrics
        self._every_s = every_s
        self._logged = ""
        self.stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="health", daemon=True)

    def start(self) -> None:
        """Start the thread, if any file is wanted."""
        if self._health is not None or self._metrics is not None:
            self._thread.start()

    def stop(self) -> None:
        """Stop the thread and wait for it; the last files stay.

        Raises:
            RuntimeError: the thread does not stop.
        """
        self.stopping.set()
        if self._thread.ident is not None:
            self._thread.join(_STOP_TIMEOUT_S)
        if self._thread.is_alive():
            raise RuntimeError("the health thread does not stop")

    def write(self) -> None:
        """Write both files now. A disk that refuses is logged once until it accepts them again."""
        report = self._report()
        if report is None:
            return
        try:
            if self._health is not None:
                write_atomic(self._health, msgspec.json.encode(report) + b"\n", mode=PUBLIC)
            if self._metrics is not None:
                write_atomic(self._metrics, prometheus(report).encode(), mode=PUBLIC)
            self._logged = ""
        except HomeError as error:
            if self._logged != str(error):
                logger.warning("health cannot be written: %s", error)
            self._logged = str(error)

    def _run(self) -> None:
        while not self.stopping.wait(self._every_s):
            try:
                self.write()
            except Exception:
                logger.exception("health could not be reported; next try in %g s", self._every_s)
