"""Organisers' files: their bytes, and the process that reads them into tables.

Invariant: what a stranger wrote is parsed in another process, within limits of memory and time, so that no file can
harm this one. A file that ends the reading process is a file that cannot be used, and the next one gets a new process.
"""

import contextlib
import hashlib
import os
import signal
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self, TextIO

import msgspec

from kiosk.core.errors import InputError, UsageError
from kiosk.core.text_rules import clean, problem_with
from wheel_admin.importing.limits import LIST_ALONE, MAX_FILE_BYTES, MORE_RESOURCES
from wheel_admin.importing.reader_messages import OUT_OF_MEMORY, Failure, Job, Reply, receive, send
from wheel_admin.importing.reader_start import room_in, start_process
from wheel_admin.importing.readers.foreign import LOCK_FILE_PREFIX, lock_file_error
from wheel_admin.importing.tables import Sheet, encodable, shown
from wheel_admin.participants import MAX_SOURCE_NAME

CPU_S = 4
"""CPU time, in seconds, for reading one file: 3000 rows take half of one here."""
WALL_PER_CPU = 15 if os.name == "posix" else 4
"""How much longer than its CPU time a reading may take by the clock. A busy machine takes its time, and where the CPU
time itself is limited, this only ends what waits."""
VARIABLE = "WHEEL_READ_S"
PASTED = Path("-")
"""Stands for standard input."""
PASTED_NAME = "pasted text"
"""What messages and receipts call it."""
_JOB_BYTES = 4096
"""A job without its file takes less."""
_STDERR_BYTES = 4000
_LAST_BREATH_S = 5.0
"""A process that closed its output has nothing left to do."""
_NOT_ON_DISKS = ("/dev/", "/proc/", "/sys/")
"""Where reading a file may take something away, or have it made up: none of these is read on a guess."""
_NOT_LOADED = 127
"""Exit code of ld.so(8) when it cannot load the libraries of a program."""
_SHORTAGES = ("MemoryError", "OSError", "BlockingIOError", "RuntimeError: can't start new thread")
"""How the last words of a reading process begin to which the system gave too little to start."""

Progress = Callable[[int], None]
"""Told the number of rows read since the last call."""


class Loaded(msgspec.Struct, frozen=True):
    """A file's whole content: its name without directories, its bytes, their SHA-256 in lowercase hex."""

    name: str
    data: bytes
    sha256: str


def load(path: Path) -> Loaded:
    """Read the file's bytes, or for `-` those of standard input. Never waits for another pipe or a device.

    Raises:
        InputError: missing, a directory or a device, not readable, empty, or larger than `MAX_FILE_BYTES`.
    """
    return _pasted() if path == PASTED else _load_file(path)


def _pasted() -> Loaded:
    try:
        with _waiting(sys.stdin):
            data = sys.stdin.buffer.read(MAX_FILE_BYTES + 1)
    except OSError as error:  # a directory, for instance
        raise InputError(
            f"Standard input cannot be read: {error.strerror or error}.",
            remedy="Pipe the list into it, or name a file.",
        ) from error
    return _checked(PASTED_NAME, data)


@contextlib.contextmanager
def _waiting(stream: TextIO) -> Iterator[None]:
    """Let reads of a stream wait for its end: whoever shares it may have said otherwise, and half a list would come."""
    try:
        descriptor = stream.fileno()
        waits = os.get_blocking(descriptor)
    except (OSError, ValueError, AttributeError):  # no file, or a Python that cannot say it on this system
        descriptor, waits = -1, True
    if not waits:
        os.set_blocking(descriptor, True)
    try:
        yield
    finally:
        if not waits:
            os.set_blocking(descriptor, False)


def _load_file(path: Path) -> Loaded:
    name = _name_of(path)
    if name.startswith(LOCK_FILE_PREFIX):
        raise lock_file_error(name)
    try:
        _refuse_unless_regular(path, path.stat())  # before opening: to open a device may do something to it
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        with os.fdopen(descriptor, "rb") as file:
            _refuse_unless_regular(path, os.fstat(descriptor))
            data: bytes | None = file.read(MAX_FILE_BYTES + 1)
            if data is None:  # it is called regular, and has nothing to read yet: /proc/kmsg
                raise _not_regular(path)
    except InputError:
        raise
    except FileNotFoundError as error:
        raise InputError(f"There is no file {path}.", remedy="Check its name and directory.") from error
    except PermissionError as error:
        raise InputError(f"{path} cannot be opened.", remedy="Close it in Excel, or give yourself access.") from error
    except OSError as error:
        raise InputError(
            f"{path} cannot be read: {error.strerror or error}.", remedy="Name an .xlsx or .csv file."
        ) from error
    except ValueError as error:  # a NUL in the name
        raise InputError(f"{str(path)!r} is not the name of a file.", remedy="Check its name and directory.") from error
    return _checked(name, data)


def _checked(name: str, data: bytes) -> Loaded:
    if len(data) > MAX_FILE_BYTES:
        raise InputError(f"{name} has more than {MAX_FILE_BYTES // 1_000_000} MB.", remedy=LIST_ALONE)
    if not data:
        again = "Paste the list, press Enter, then Ctrl+D (on Windows Ctrl+Z and Enter)."
        raise InputError(
            f"{name} is empty (0 bytes).",
            remedy=again if name == PASTED_NAME else "Save the list again and import that file.",
        )
    return Loaded(name=name, data=data, sha256=hashlib.sha256(data).hexdigest())


def _name_of(path: Path) -> str:
    """Return the file's name as the list will keep it. Some systems spell names decomposed (e, then its accent)."""
    name = clean(path.name.encode("utf-8", "replace").decode())
    problem = problem_with(name, what="the file's name", limit=MAX_SOURCE_NAME)
    if problem or "\\" in name:
        raise InputError(
            f"{shown(name)!r} cannot be imported under that name: {problem or 'it holds a backslash'}.",
            remedy="Rename the file, and import it again.",
        )
    return name


def _refuse_unless_regular(path: Path, status: os.stat_result) -> None:
    if stat.S_ISDIR(status.st_mode):
        raise InputError(f"{path} is a directory, not a file.", remedy="Name the spreadsheet in it.")
    if not stat.S_ISREG(status.st_mode):
        raise _not_regular(path)


def _not_regular(path: Path) -> InputError:
    return InputError(f"{path} is not a regular file.", remedy="Name an .xlsx or .csv file.")


def _file_to_guess(arguments: Sequence[str]) -> Path | None:
    """Return the first file on a disk that a command line names; never standard input, whatever it is called."""
    for one in arguments:
        path = Path(one)
        if one.startswith("-") or path == PASTED or not path.is_file():
            continue
        status = path.stat()
        is_input = os.path.samestat(status, os.fstat(0))
        if status.st_size and not is_input and not os.path.realpath(path).startswith(_NOT_ON_DISKS):
            return path
    return None


def cpu_limit_s() -> int:
    """Return how many seconds of CPU time a file may take: `WHEEL_READ_S`, or 4.

    Raises:
        UsageError: the variable is not a whole number from 1 to 3600.
    """
    asked = os.environ.get(VARIABLE, "")
    if not asked:
        return CPU_S
    if not (asked.isascii() and asked.isdecimal() and 1 <= int(asked[:5]) <= 3600):
        raise UsageError(f"{VARIABLE} is {asked!r}, not a number of seconds from 1 to 3600.", remedy="Unset it.")
    return int(asked)


class _CheckFailed(Exception):
    """The process ended while the second reader was at work."""


def _no_reader(name: str, reason: str) -> InputError:
    """Return the error for a file that nobody can read, because the system gives too little for it."""
    return InputError(
        f"{name} cannot be read: the program that reads it cannot be started ({reason}).",
        remedy=MORE_RESOURCES,
    )


def _job(loaded: Loaded, sheets: Sequence[str] = (), encoding: str = "") -> Job:
    for option, text in (*(("--sheet", sheet) for sheet in sheets), ("--encoding", encoding)):
        told = encodable(text)
        if told != text:
            raise UsageError(
                f'{option} "{told}" is not valid UTF-8: no sheet and no encoding is called that.',
                remedy="Type the name again, or leave the option out.",
            )
    return Job(loaded.name, len(loaded.data), tuple(sheets), cpu_limit_s(), encoding)


def _send(process: "subprocess.Popen[bytes]", job: Job, loaded: Loaded) -> None:
    if process.stdin is None:
        raise RuntimeError("there is no reading process")
    with contextlib.suppress(BrokenPipeError):  # it is dead; the want of an answer says so
        send(process.stdin, job)
        process.stdin.write(loaded.data)
        process.stdin.flush()


class Reader:
    """Reads files into tables in another process; each time that a file has ended it, in a new one.

    Args:
        process: the first one, if it was started before.
    """

    def __init__(self, process: "subprocess.Popen[bytes] | None" = None) -> None:
        self._process = process
        self._overdue = False
        self._begun: tuple[Job, str] | None = None

    def begin(self, arguments: Sequence[str]) -> None:
        """Have the file that a command line names read, while this process loads what understands command lines.

        It is a guess: `read` takes the answer if it asks for the same bytes in the same way, and asks anew if not.

        Args:
            arguments: the command's own, not yet understood.
        """
        with contextlib.suppress(Exception):  # whatever is wrong, `read` meets it again, where it can be reported
            self._guess(arguments)

    def _guess(self, arguments: Sequence[str]) -> None:
        path = _file_to_guess(arguments)
        if path is None:
            return
        process = self._process = self._process or start_process()
        room = room_in(process.stdin.fileno()) if process.stdin is not None else 0
        if path.stat().st_size > room - _JOB_BYTES:  # this process would wait until the other one takes it
            return
        loaded = _load_file(path)
        if len(loaded.data) > room - _JOB_BYTES:  # it grew meanwhile
            return
        job = _job(loaded)
        try:
            _send(process, job, loaded)
        except BaseException:
            self._kill()  # it waits for the rest
            raise
        self._begun = (job, loaded.sha256)

    def read(
        self,
        loaded: Loaded,
        *,
        sheets: Sequence[str] = (),
        encoding: str = "",
        progress: Progress | None = None,
        meanwhile: Callable[[], None] = lambda: None,
    ) -> tuple[Sheet, ...]:
        """Return the sheets of a workbook, or the one of a CSV file, in order.

        Args:
            loaded: the file.
            sheets: names of the sheets to read, in any case; none means all that are visible. A CSV file has no names
                and is read whatever they are.
            encoding: of a text file; empty to find it.
            progress: told as rows are read.
            meanwhile: called when the other process has begun to read; what it does takes no time of the caller's.

        Raises:
            InputError: not a spreadsheet, encrypted, damaged, without the named sheets, or beyond a limit; or the other
                process cannot be started.
            UsageError: `WHEEL_READ_S`, or the name of a sheet or an encoding, is wrong.
        """
        job = _job(loaded, sheets, encoding)
        if self._begun is not None and self._begun != (job, loaded.sha256):
            self._kill()
        try:
            return self._answer(loaded, job, progress, meanwhile)
        except _CheckFailed:  # the second reader crashed, and the first one did not
            return self._answer(loaded, msgspec.structs.replace(job, check=False), None, lambda: None)

    def _answer(
        self, loaded: Loaded, job: Job, progress: Progress | None, meanwhile: Callable[[], None]
    ) -> tuple[Sheet, ...]:
        self._overdue = False
        timer = threading.Timer(job.cpu_s * WALL_PER_CPU, self._cut_short)
        timer.daemon = True
        try:
            self._process = self._process or start_process()
            timer.start()
        except (OSError, MemoryError, RuntimeError) as error:  # RuntimeError: no thread
            self._kill()
            raise _no_reader(loaded.name, getattr(error, "strerror", "") or str(error) or "no memory") from error
        try:
            answer = self._ask(loaded, job, progress, meanwhile)
        except BaseException:
            self._kill()
            raise
        finally:
            timer.cancel()
            timer.join()
        if isinstance(answer, Failure):  # the process itself is well
            raise InputError(answer.message, remedy=answer.remedy)
        return answer

    def close(self) -> None:
        """End the process; a second call does nothing."""
        self._kill()

    def _ask(
        self, loaded: Loaded, job: Job, progress: Progress | None, meanwhile: Callable[[], None]
    ) -> tuple[Sheet, ...] | Failure:
        process = self._process
        if process is None or process.stdout is None:
            raise RuntimeError("there is no reading process")
        if self._begun is None:
            _send(process, job, loaded)
        self._begun = None
        meanwhile()
        found: list[Sheet] = []
        checking = False
        while True:
            reply = receive(process.stdout, Reply)
            if reply is None:
                death = self._death_of(process, loaded.name, job.cpu_s)
                if checking and not found:
                    raise _CheckFailed from death
                raise death
            checking = checking or reply.checking
            if reply.failure is not None:
                return reply.failure
            if reply.sheet is not None:
                found.append(reply.sheet)
            if progress is not None and reply.rows:
                progress(reply.rows)
            if reply.last:
                return tuple(found)

    def _death_of(self, process: "subprocess.Popen[bytes]", name: str, cpu_s: int) -> Exception:
        """Return the error that says of what the process died."""
        try:
            code = process.wait(_LAST_BREATH_S)
        except subprocess.TimeoutExpired:
            process.kill()
            code = process.wait()
        said = process.stderr.read(_STDERR_BYTES) if process.stderr is not None else b""
        if self._overdue or code == -getattr(signal, "SIGXCPU", 0):
            return InputError(
                f"{name} takes more than {cpu_s} s to read, as no list of people does.",
                remedy=f"{LIST_ALONE} (If only this machine is slow: set {VARIABLE}={cpu_s * 10}.)",
            )
        if code == OUT_OF_MEMORY:
            return InputError(f"{name} takes more memory to read than any list of people.", remedy=LIST_ALONE)
        if code < 0:
            return InputError(f"{name} cannot be read: the program that reads it crashed.", remedy=LIST_ALONE)
        last = said.decode("utf-8", "replace").strip().rpartition("\n")[2]
        if code == _NOT_LOADED or last.startswith(_SHORTAGES) or "failed to map segment" in last:
            return _no_reader(name, last)
        return RuntimeError(f"the reading process ended with code {code}: {last}")

    def _cut_short(self) -> None:
        self._overdue = True
        if self._process is not None:
            self._process.kill()

    def _kill(self) -> None:
        process, self._process, self._begun = self._process, None, None
        if process is None:
            return
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout, process.stderr):
            with contextlib.suppress(OSError):  # what was not sent yet need not arrive
                if stream is not None:
                    stream.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()
