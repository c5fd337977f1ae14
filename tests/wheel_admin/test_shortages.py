"""A system that gives too little memory, too few processes or too few open files: said in a sentence, also as JSON."""

import errno
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from kiosk.core.errors import InputError
from tests.e2e.processes import environment
from tests.wheel_admin.conftest import Desk, posix_only
from wheel_admin.importing import reader_client, reader_start
from wheel_admin.importing.reader_client import Reader, load

_LOADING = """
import sys
class Failing:
    def find_spec(self, name, *_):
        if name == "wheel_admin.cli.app":
            raise {error}
sys.meta_path.insert(0, Failing())
sys.argv = ["wheel-admin", *{arguments!r}]
from wheel_admin.__main__ import main
main()
"""


@pytest.fixture
def people(tmp_path: Path) -> Path:
    path = tmp_path / "people.csv"
    path.write_text("Ticket,Name\n0001,Ana Ruiz\n")
    return path


def failing(error: BaseException) -> Callable[..., None]:
    def fail(*_: object) -> None:
        raise error

    return fail


@pytest.mark.slow
@posix_only
@pytest.mark.parametrize("files", [10, 7])
def test_an_import_with_too_few_open_files_is_refused_in_a_sentence(files: int, desk: Desk, people: Path) -> None:
    import resource  # does not exist on Windows

    done = subprocess.run(
        [sys.executable, "-m", "wheel_admin", "import", str(people), "--json", "--home", str(desk.home.root)],
        env=environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (files, files)),
    )

    assert (done.returncode, done.stderr) == (3, "")
    error = json.loads(done.stdout)["error"]
    assert error["message"].startswith(
        "people.csv cannot be read: the program that reads it cannot be started (Too many"
    )
    assert "ulimit" in error["remedy"]


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN)), os.strerror(errno.EAGAIN)),
        (MemoryError(), "no memory"),
    ],
)
def test_a_reading_process_that_cannot_start_is_an_input_error(
    error: Exception, reason: str, people: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader_client, "start_process", failing(error))

    with Reader() as reader, pytest.raises(InputError, match=rf"cannot be started \({reason}\)"):
        reader.read(load(people))


def test_a_timer_that_cannot_start_is_an_input_error(people: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("threading.Timer.start", failing(RuntimeError("can't start new thread")))

    with Reader() as reader, pytest.raises(InputError, match="cannot be started"):
        reader.read(load(people))


@pytest.mark.parametrize(
    "words",
    [
        "raise MemoryError",
        "raise OSError(24, 'Too many open files')",
        "raise SystemExit(127)",
        "raise ImportError('x.so: failed to map segment')",
    ],
)
def test_a_reading_process_that_cannot_load_is_an_input_error(
    words: str, people: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader_start, "_START", words)

    with Reader() as reader, pytest.raises(InputError, match="cannot be started"):
        reader.read(load(people))


def test_a_defect_of_the_reading_process_is_not_called_a_shortage(
    people: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader_start, "_START", "raise ModuleNotFoundError('No module named x')")

    with Reader() as reader, pytest.raises(RuntimeError, match="ended with code 1: ModuleNotFoundError"):
        reader.read(load(people))


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (MemoryError(), 10),
        (OSError(errno.EMFILE, "Too many open files"), 7),
        (ImportError("x.so: failed to map segment from shared object"), 7),
        (RuntimeError("can't start new thread"), 7),
    ],
)
def test_a_command_that_gets_too_little_names_the_limits(
    error: Exception, code: int, desk: Desk, people: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader_client, "_load_file", failing(error))

    told = desk.error("import", people, code=code)

    assert "too little" in told["message"]
    assert "ulimit" in told["remedy"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("error", "code"), [("MemoryError", 10), ("OSError(24, 'Too many \"open\" files')", 7), ("ImportError('x')", 1)]
)
@pytest.mark.parametrize("arguments", [["show"], ["show", "--json"], ["import", "people.csv", "--json"]])
def test_a_command_line_that_cannot_be_loaded_says_so(error: str, code: int, arguments: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _LOADING.format(error=error, arguments=arguments)],
        env=environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    told = json.loads(done.stdout)["error"]["message"] if "--json" in arguments else done.stderr
    assert "wheel-admin cannot be loaded" in told
