"""The start of the reading process.

Invariant: imports next to nothing, so that the process is on its way within milliseconds of the command's own start.
What the process may cost is limited by itself (`reader_process`) and watched by its caller (`reader_client`).
"""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator

_ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))  # noqa: PTH100, PTH120 - pathlib takes 6 ms
_PIPE_BYTES = 1 << 20
_UNWANTED = ("numpy", "pandas", "lxml", "PIL", "typing_extensions")
"""What openpyxl and msgspec load where they are installed, for things that nobody wants here: numpy takes all the
memory that the process may have, and typing_extensions a hundredth of a second."""
_START = (
    f"import sys; sys.modules.update(dict.fromkeys({_UNWANTED}))\n"
    "from kiosk.core.standard_streams import occupy; occupy()\n"
    "from wheel_admin.importing.reader_process import main; main()"
)


def start_process() -> "subprocess.Popen[bytes]":
    """Start a reading process; it loads what it needs while the caller goes on."""
    path = os.pathsep.join(filter(None, [_ROOT, os.environ.get("PYTHONPATH", "")]))
    # -P: a module in the directory that the organiser happens to be in is none of ours.
    with _deaf_to_interrupts():
        process = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-P", "-c", _START],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": path, "OPENPYXL_LXML": "False", "OPENPYXL_DEFUSEDXML": "False"},
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            _widen(pipe.fileno())
    return process


def _widen(pipe: int) -> None:
    """Make room for a whole file, or a whole answer, where the system can: then neither side waits for the other."""
    if sys.platform == "linux":
        import fcntl  # noqa: PLC0415 - does not exist on Windows

        with contextlib.suppress(OSError):  # the user has many pipes already
            fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)


def room_in(pipe: int) -> int:
    """Return how many bytes can lie in a pipe until they are taken; 0 if the system does not say."""
    if sys.platform != "linux":
        return 0
    import fcntl  # noqa: PLC0415 - does not exist on Windows

    return fcntl.fcntl(pipe, fcntl.F_GETPIPE_SZ)


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
