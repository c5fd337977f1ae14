"""A process forked from this one, to be killed."""

import os
import signal
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path

PATIENCE_S = 600.0
"""How long to wait for something that takes a second on an idle machine."""
POLL_S = 0.004


class Child:
    """A process forked from this one.

    Args:
        work: what it does; returns its exit code.
        log: where its output goes.
    """

    def __init__(self, work: Callable[[], int], log: Path) -> None:
        self.code: int | None = None
        self._started = time.monotonic()
        self.seconds = 0.0
        sys.stdout.flush()
        sys.stderr.flush()
        self.pid = os.fork()
        if self.pid == 0:
            _run(work, log)

    def poll(self) -> int | None:
        """Return its exit code, negative for a signal, or None while it runs."""
        if self.code is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.code = os.waitstatus_to_exitcode(status)
                self.seconds = time.monotonic() - self._started
        return self.code

    def wait(self, seconds: float = PATIENCE_S) -> int:
        """Wait for its end; returns its exit code.

        Raises:
            TimeoutError: it does not end; it is killed.
        """
        if not self.wait_until(lambda: False, seconds):
            self.kill()
            raise TimeoutError(f"process {self.pid} does not end")
        return self.code or 0

    def wait_until(self, condition: Callable[[], bool], seconds: float = PATIENCE_S, *, poll_s: float = POLL_S) -> bool:
        """Wait until `condition` holds or the process has ended; returns False if neither comes."""
        deadline = time.monotonic() + seconds
        while self.poll() is None and not condition():
            if time.monotonic() >= deadline:
                return False
            time.sleep(poll_s)
        return True

    def kill(self) -> bool:
        """Send SIGKILL; returns whether it met a living process."""
        if self.poll() is None:
            os.kill(self.pid, signal.SIGKILL)
            self.wait()
        return self.code == -signal.SIGKILL


def _run(work: Callable[[], int], log: Path) -> None:
    """Run `work` in the forked process, and end that process."""
    code = 1
    try:
        descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o640)
        os.dup2(descriptor, 1)
        os.dup2(descriptor, 2)
        code = work()
    except SystemExit as left:
        code = left.code if isinstance(left.code, int) else 1
    except BaseException:  # nothing of the parent's may run in here
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
