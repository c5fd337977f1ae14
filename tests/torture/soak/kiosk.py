"""The kiosk under test: a real process that the soak starts, observes, disturbs and stops."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

from kiosk.core.home import Home
from tests.torture.soak.metrics import RotatedFile

_FOR_EVER = 1_000_000_000
_PATIENCE_S = 300.0
"""How long the kiosk may take to stop."""


class Kiosk:
    """One kiosk at a time on `home`; `life` counts them.

    Args:
        home: with a published list.
        clock: real or simulated.
        log: takes what it says, line by line. Not a file of its own: a fault that keeps its files from growing would
            silence it.
        heartbeat: file for its heartbeat.
        debug: whether it logs more.
    """

    def __init__(self, home: Home, *, clock: str, log: RotatedFile, heartbeat: Path, debug: bool) -> None:
        self._home = home
        self._clock = clock
        self._log = log
        self._debug = debug
        self.heartbeat = heartbeat
        self._reader: threading.Thread | None = None
        self.process: subprocess.Popen[bytes] | None = None
        self.life = 0

    def start(self) -> None:
        """Start it with automatic spins and no end."""
        self.life += 1
        self.heartbeat.unlink(missing_ok=True)
        command = [sys.executable, "-m", "kiosk", "run", "--home", str(self._home.root), "--window", "800x480"]
        command += ["--backend", "software", "--silent", "--spins", str(_FOR_EVER), "--heartbeat", str(self.heartbeat)]
        command += ["--clock", self._clock, *(["--fps", "2"] if self._clock == "simulated" else [])]
        command += ["--verbose"] if self._debug else []
        environment = {**os.environ, "SDL_VIDEODRIVER": "dummy", "SDL_AUDIODRIVER": "dummy"}
        self.process = process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment
        )
        self._reader = threading.Thread(target=self._keep, args=(process,), name="kiosk's log")
        self._reader.start()

    def _keep(self, process: "subprocess.Popen[bytes]") -> None:
        if process.stdout is not None:
            with process.stdout:
                for line in process.stdout:
                    self._log.append(line.rstrip(b"\n"))

    @property
    def pid(self) -> int:
        """Its process id; 0 if there is none."""
        return self.process.pid if self.process and self.process.poll() is None else 0

    def heartbeat_s(self) -> float | None:
        """Return how old its last beat is, in seconds; None before the first."""
        try:
            return max(0.0, time.time() - self.heartbeat.stat().st_mtime)
        except OSError:
            return None

    def signal(self, number: int) -> None:
        """Send it a signal, if it runs."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                self.process.send_signal(number)

    def kill(self) -> None:
        """End it as a power cut does."""
        self.signal(signal.SIGKILL)
        self.wait()

    def stop(self) -> int:
        """Ask it to stop; returns its exit code."""
        self.signal(signal.SIGTERM)
        return self.wait()

    def wait(self) -> int:
        """Wait until it has ended; one that does not in time is killed."""
        if self.process is None:
            return 0
        try:
            self.process.wait(_PATIENCE_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
        code = self.process.wait()
        if self._reader is not None:
            self._reader.join()
        return code
