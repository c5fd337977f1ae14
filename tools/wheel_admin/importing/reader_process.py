"""The reading process: takes files from its standard input, and gives back tables or what was wrong.

Invariant: it is the only process that unpacks and parses what a stranger wrote, and it gives up first what it does not
need: on POSIX memory, CPU time, writing files. It ends when its standard input does, on POSIX also in the middle of a
file. Started by `reader_start`.
"""

import contextlib
import gc
import importlib.util
import os
import sys
from typing import IO

from kiosk.core.errors import InputError
from wheel_admin.importing.reader_messages import OUT_OF_MEMORY, Failure, Job, Reply, receive, send
from wheel_admin.importing.readers import spreadsheet

MAX_DATA_BYTES = 72 << 20
"""What it may allocate: with the program itself it stays below 100 MiB of memory."""
MAX_ADDRESSES_BYTES = 1 << 30
"""Address space, for systems that do not count what is allocated."""
CHECK_S = 5
"""How long the second reader may take by the clock: it takes a hundredth of that for any list."""
_WATCHER_STACK_BYTES = 256 << 10
"""It counts as memory that the process allocates, and usually is 8 MiB."""
_GARBAGE_AFTER = 50_000
"""Objects that make it worth looking for garbage: a list of 3000 makes little, a hostile file may make much."""


def main() -> None:
    """Read jobs until there are no more."""
    jobs, replies = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr  # whatever a library prints is not a message
    _load_utilities()
    spreadsheet.prepare()
    _end_with_caller()
    _give_up()
    gc.freeze()
    gc.set_threshold(_GARBAGE_AFTER)
    while (job := receive(jobs, Job)) is not None:
        _limit_cpu(job.cpu_s)
        try:
            _do(job, jobs.read(job.size), replies)
        except MemoryError:
            os._exit(OUT_OF_MEMORY)


def _load_utilities() -> None:
    """Load openpyxl's utilities without the rest of it: 170 modules, which take a tenth of a second."""
    spec = importlib.util.find_spec("openpyxl")
    if spec is None:
        return
    sys.modules["openpyxl"] = importlib.util.module_from_spec(spec)
    try:
        import openpyxl.utils.cell  # noqa: PLC0415 - see above
        import openpyxl.utils.datetime  # noqa: F401, PLC0415
    except (ImportError, AttributeError):  # they need the rest in this version
        for name in [name for name in sys.modules if name.partition(".")[0] == "openpyxl"]:
            del sys.modules[name]


def _do(job: Job, data: bytes, replies: IO[bytes]) -> None:
    def progress(rows: int) -> None:
        send(replies, Reply(rows=rows))

    def checking() -> None:
        send(replies, Reply(checking=True))
        _limit_wall(CHECK_S)

    try:
        sheets = spreadsheet.read_tables(
            job.name,
            data,
            sheets=job.sheets,
            encoding=job.encoding,
            check=job.check,
            progress=progress,
            checking=checking,
        )
        for sheet in sheets:
            send(replies, Reply(sheet=sheet))
    except InputError as error:
        send(replies, Reply(failure=Failure(error.message, error.remedy)))
    else:
        send(replies, Reply(last=True))
    finally:
        _limit_wall(0)


def _end_with_caller() -> None:
    """End this process when nobody is left who would take its answers, whatever it is doing then."""
    if sys.platform == "win32":  # which cannot wait for that
        return
    import select  # noqa: PLC0415 - has no `poll` on Windows
    import threading  # noqa: PLC0415

    waiting = select.poll()
    waiting.register(sys.stdin.fileno(), 0)  # for nothing but the end, which is always told

    def watch() -> None:
        waiting.poll()
        os._exit(0)

    threading.stack_size(_WATCHER_STACK_BYTES)
    threading.Thread(target=watch, daemon=True).start()


def _give_up() -> None:
    if sys.platform == "win32":  # which has no such limits; `reading` watches the time
        return
    import resource  # noqa: PLC0415 - does not exist on Windows

    for what, most in (
        (resource.RLIMIT_DATA, MAX_DATA_BYTES),
        (resource.RLIMIT_AS, MAX_ADDRESSES_BYTES),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        with contextlib.suppress(ValueError, OSError):  # a system that knows the limit but does not keep it
            resource.setrlimit(what, (most, most))


def _limit_wall(seconds: int) -> None:
    """End this process by a signal after so many seconds, unless 0 is said before: without memory, calamine waits."""
    if sys.platform != "win32":
        import signal  # noqa: PLC0415 - has no alarm on Windows

        signal.alarm(seconds)


def _limit_cpu(seconds: int) -> None:
    """Let this process use that much CPU time from now on, and then be ended by a signal."""
    if sys.platform == "win32":
        return
    import resource  # noqa: PLC0415 - does not exist on Windows

    usage = resource.getrusage(resource.RUSAGE_SELF)
    end = int(usage.ru_utime + usage.ru_stime) + seconds
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CPU, (end, hard))
