"""`wheel-admin`, and `python -m wheel_admin`: one command line in one process, and for `import` a second process.

Invariant: light, so that the process that reads files is on its way before this one loads its command: on two cores
both load at the same time, and the file is being read when the command is understood. That process ends with this
one, whatever ends it; on Windows when it has read what it was given. Ctrl-C ends this process without a traceback, also
while it loads its command.
"""

from kiosk.core import clock_range, standard_streams

standard_streams.occupy()  # before everything else is imported: see there
clock_range.require_readable_clock()

import gc
import signal
import sys
from collections.abc import Callable
from types import FrameType
from typing import NoReturn


def main() -> NoReturn:
    """Run the command line of this process."""
    _on_interrupt(signal.SIG_DFL)
    try:
        code = _with_reader() if _reads_files(sys.argv[1:]) else _run()
    except Exception as error:  # `run` answers for everything but this: it, or what it needs, cannot be loaded
        if "--debug" in sys.argv:
            raise
        code = _not_loaded(error)
    gc.freeze()  # or Python looks for garbage among all that is alive as it ends: 40 ms for a list of 3000
    sys.exit(code)


def _reads_files(arguments: list[str]) -> bool:
    return arguments[:1] in (["import"], ["start"]) and not {"-h", "--help"} & set(arguments)


def _run() -> int:
    from wheel_admin.cli.app import run  # noqa: PLC0415 - after the start

    _speak_every_script()
    _on_interrupt(signal.default_int_handler)
    try:
        return run(sys.argv[1:])
    finally:
        _on_interrupt(signal.SIG_DFL)


def _with_reader() -> int:
    from wheel_admin.importing.reader_start import start_process  # noqa: PLC0415 - few need it

    try:
        process = start_process()
    except (OSError, MemoryError):
        process = None  # to read the file will start one, and can say why it does not
    from wheel_admin.importing.reader_client import Reader  # noqa: PLC0415 - after the start

    with Reader(process) as reader:
        reader.begin(sys.argv[2:])
        from wheel_admin.cli.app import run  # noqa: PLC0415 - while the file is read

        _speak_every_script()
        _on_interrupt(signal.default_int_handler)
        try:
            return run(sys.argv[1:], reader=reader)
        finally:
            _on_interrupt(signal.SIG_DFL)


def _not_loaded(error: Exception) -> int:
    """Say, with next to nothing loaded, that the command line cannot be loaded; returns the exit code."""
    told = f"{type(error).__name__}: {error}".strip(": ").encode("ascii", "replace").decode()
    message = f"wheel-admin cannot be loaded ({told})."
    remedy = (
        "Close other programs or raise this system's limits (ulimit -a shows them), and run the command again."
        " If that does not help, install wheel-admin again."
    )
    if "--json" in sys.argv:
        message = "".join("/" if c == "\\" else "'" if c == '"' else c if c.isprintable() else " " for c in message)
        sys.stdout.write(f'{{"error": {{"message": "{message}", "remedy": "{remedy}", "problems": []}}}}\n')
    else:
        sys.stderr.write(f"Error: {message}\nWhat to do: {remedy}\n")
    short = isinstance(error, OSError) or "failed to map" in told
    return 10 if isinstance(error, MemoryError) else 7 if short else 1  # as `errors` has them


def _on_interrupt(handler: "Callable[[int, FrameType | None], object] | signal.Handlers") -> None:
    """Say what Ctrl-C does from now on; where it is ignored, as behind `nohup`, it stays so."""
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, handler)


def _speak_every_script() -> None:
    # Names come in every script; a pipe on Windows has an encoding for a few of them only.
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            try:
                reconfigure(encoding=None if stream.isatty() else "utf-8", errors="backslashreplace")
            except (ValueError, OSError):
                continue


if __name__ == "__main__":
    main()
