"""The start of the reading process.

Invariant: imports next to nothing, so that the process is on its way within milliseconds of the command's own start.
What the process may cost is limited by itself (`reader`) and watched by its caller (`reading`).
"""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator

_ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))  # noqa: PTH100, PTH120 - pathlib takes 6 ms
_START = (
    "from kiosk.core.standard_streams import occupy; occupy()\n"
    "from wheel_admin.importing.reader_process import main; main()"
)


def start_process() -> "subprocess.Popen[bytes]":
    """Start a reading process; it loads what it needs while the caller goes on."""
    path = os.pathsep.join(filter(None, [_ROOT, os.environ.get("PYTHONPATH", "")]))
    # -P: a module in the directory that the organiser happens to be in is none of ours.
    with _deaf_to_interrupts():
        return subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-P", "-c", _START],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": path, "OPENPYXL_LXML": "False", "OPENPYXL_DEFUSEDXML": "False"},
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )


@contextlib.contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """Block Ctrl-C for the process that starts: it goes to all of a terminal's processes, and the caller ends this one.

    Otherwise a file would seem to have crashed its reader.
    """
    if not hasattr(signal, "pthread_sigmask"):  # Windows: a process without a console gets none
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
