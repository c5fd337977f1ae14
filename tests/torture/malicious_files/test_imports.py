"""Hostile files and the real `wheel-admin import`: a helpful message, an unchanged draft, little memory and time."""

import gc
import io
import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.core.errors import InputError, UsageError
from tests.torture.malicious_files.imports import ROOT, outcomes
from tests.torture.malicious_files.workbooks import FILES, Hostile, workbook
from tests.wheel_admin.conftest import Desk
from wheel_admin.importing import reader_client as reading
from wheel_admin.importing import reader_process
from wheel_admin.importing.limits import MAX_FILE_BYTES
from wheel_admin.importing.reader_client import Loaded, Reader, load
from wheel_admin.importing.reader_messages import Job, Reply, receive, send
from wheel_admin.importing.reader_start import start_process
from wheel_admin.importing.readers.spreadsheet import read_tables

LINUX = sys.platform.startswith("linux")
posix_only = pytest.mark.skipif(os.name == "nt", reason="Windows has no such limits or files")
SLOW: set[str] = set()
"""What is ended for its CPU time is given one second here, not four; all else must not need that end."""


@pytest.mark.slow
@pytest.mark.skipif(not LINUX, reason="memory is limited and measured on Linux")
@pytest.mark.parametrize("file", [file for file in FILES if file.costly], ids=lambda file: file.name)
def test_a_hostile_file_costs_a_message_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: Hostile
) -> None:
    monkeypatch.setenv("WHEEL_READ_S", "1" if file.name in SLOW else "60")  # a busy machine is not a hostile file
    (outcome,) = outcomes(tmp_path, (file,))

    assert outcome.problem == ""


@pytest.mark.slow
@posix_only
@pytest.mark.parametrize("file", [file for file in FILES if not file.costly], ids=lambda file: file.name)
def test_a_damaged_or_strange_file_is_refused_by_name_with_advice_or_read(desk: Desk, file: Hostile) -> None:
    path = desk.text(file.name, file.make())
    before = desk.home.draft.read_bytes()
    if not file.expected:
        assert desk.do("import", path)["receipt"]["accepted"] == 1
        return
    error = desk.error("import", path, code=3)

    assert file.expected in error["message"]
    assert file.name in error["message"]
    assert error["remedy"]
    assert desk.home.draft.read_bytes() == before


AFTER_READING = {"cyclic.xlsx"}
BEFORE_READING = {"too-large.xlsx"}


@pytest.mark.slow
@pytest.mark.parametrize(
    "file",
    [file for file in FILES if file.expected and not file.costly and file.name not in AFTER_READING | BEFORE_READING],
    ids=lambda file: file.name,
)
def test_the_reader_itself_refuses_it_with_an_error_for_people(file: Hostile) -> None:
    with pytest.raises(InputError, match=re.escape(file.expected)):
        list(read_tables(file.name, file.make()))


def test_the_reading_process_answers_job_after_job_and_ends_with_its_input(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    jobs, replies = io.BytesIO(), io.BytesIO()
    for data in (workbook(), b"%PDF", b"Ticket,Name\nA1,Ana\n"):
        send(jobs, Job("list", len(data), (), 4))
        jobs.write(data)
    jobs.seek(0)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(jobs))
    out = io.TextIOWrapper(replies)
    monkeypatch.setattr(sys, "stdout", out)
    # They would change this process.
    for part in ("_end_with_caller", "_give_up", "_limit_cpu", "_limit_wall", "_load_utilities"):
        monkeypatch.setattr(reader_process, part, lambda *_: None)
    monkeypatch.setattr("gc.freeze", lambda: None)
    before = gc.get_threshold()

    reader_process.main()
    gc.set_threshold(*before)

    assert out.buffer is replies
    replies.seek(0)
    answers = [receive(replies, Reply) for _ in range(6)]
    assert [one.checking for one in answers if one] == [True, False, False, False, False, False]
    assert [(bool(one.sheet), bool(one.failure), one.last) for one in answers[1:] if one] == [
        (True, False, False),
        (False, False, True),
        (False, True, False),
        (True, False, False),
        (False, False, True),
    ]


@pytest.fixture
def own_reader() -> Iterator[Reader]:
    with Reader() as started:
        yield started


def loaded(data: bytes, name: str = "list.xlsx") -> Loaded:
    return Loaded(name=name, data=data, sha256="")


@pytest.mark.slow
def test_the_honest_workbook_that_the_hostile_ones_are_made_from_is_read(own_reader: Reader) -> None:
    (sheet,) = own_reader.read(loaded(workbook()))

    assert [[cell.text for cell in row.cells] for row in sheet.rows] == [["Ticket", "Name"], ["A1", "Ana Ruiz"]]


@pytest.mark.slow
def test_the_caller_does_something_once_while_a_file_is_read(own_reader: Reader) -> None:
    done: list[str] = []

    own_reader.read(loaded(workbook()), meanwhile=lambda: done.append("once"))

    assert done == ["once"]


@pytest.mark.slow
@posix_only
@pytest.mark.parametrize("library", ["numpy", "pandas", "lxml", "PIL"])
def test_what_else_is_installed_makes_no_difference(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, library: str
) -> None:
    """With numpy installed, openpyxl loaded it, and every list took more memory than there was."""
    (tmp_path / library).mkdir()
    (tmp_path / library / "__init__.py").write_text("import os; os._exit(7)")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path), prepend=os.pathsep)
    with Reader() as reader:
        (sheet,) = reader.read(Loaded(name="list.xlsx", data=workbook(), sha256=""))

    assert len(sheet.rows) == 2


@pytest.mark.slow
def test_after_a_file_that_ended_the_reader_the_next_one_is_read(
    own_reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    deep = next(file for file in FILES if file.name == "deep-strings.xlsx")
    with pytest.raises(InputError, match="takes more memory"):
        own_reader.read(loaded(deep.make()))
    assert len(own_reader.read(loaded(workbook()))) == 1


@pytest.mark.slow
@posix_only
def test_a_reader_that_crashes_is_a_file_that_cannot_be_read(own_reader: Reader) -> None:
    own_reader.read(loaded(workbook()))
    assert own_reader._process is not None
    own_reader._process.kill()

    with pytest.raises(InputError, match=r"list\.xlsx cannot be read: the program that reads it crashed"):
        own_reader.read(loaded(workbook()))


def test_a_reader_that_cannot_even_start_is_a_defect_of_ours_and_says_which(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wheel_admin.importing.reader_start._START", "raise ImportError('no openpyxl here')")

    with Reader() as broken, pytest.raises(RuntimeError, match="no openpyxl here"):
        broken.read(loaded(workbook()))


def test_a_reader_that_hangs_is_ended_by_the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wheel_admin.importing.reader_start._START", "import sys; sys.stdin.buffer.read()")
    monkeypatch.setattr(reading, "WALL_PER_CPU", 0.05)

    with Reader() as hanging, pytest.raises(InputError, match="takes more than 4 s"):
        hanging.read(loaded(workbook()))
    assert hanging._process is None


@pytest.mark.parametrize(
    "answer", [b"\xff\xff\xff\xff", b"\x00\x00\x00\x01\xc1", b"\x00\x00\x00\x02\x91\xc3"], ids=ascii
)
def test_an_answer_of_another_form_is_not_believed(monkeypatch: pytest.MonkeyPatch, answer: bytes) -> None:
    code = f"import sys; sys.stdout.buffer.write({answer!r})"
    monkeypatch.setattr("wheel_admin.importing.reader_start._START", code)

    with Reader() as lying, pytest.raises(ValueError, match=r"message|decode|Expected|malformed|invalid"):
        lying.read(loaded(workbook()))


@pytest.mark.slow
@posix_only
def test_the_reading_process_cannot_write_a_file_nor_take_memory_without_end(tmp_path: Path) -> None:
    code = (
        "import sys\nfrom wheel_admin.importing import reader_process\nreader_process._give_up()\n"
        "try:\n    x = bytearray(200 << 20)\nexcept MemoryError:\n    print('no memory')\n"
        f"try:\n    open({str(tmp_path / 'x')!r}, 'wb', 0).write(b'x')\nexcept OSError:\n    print('no file')\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.stdout.split("\n") == (["no memory", "no file", ""] if LINUX else ["no file", ""]), done.stderr
    assert not (tmp_path / "x").read_bytes()


@pytest.mark.slow
def test_a_module_in_the_directory_where_the_organiser_is_is_none_of_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder of downloads may hold an `openpyxl.py`."""
    for name in ("openpyxl.py", "zipfile.py", "msgspec.py"):
        (tmp_path / name).write_text(f"open({str(tmp_path / 'ran')!r}, 'w')")
    monkeypatch.chdir(tmp_path)

    with Reader() as started:
        assert len(started.read(loaded(workbook()))) == 1
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("asked", ["0", "-1", "4.5", "four", "3601", "９", "99999999999"])
def test_a_wrong_time_limit_is_a_wrong_setting(monkeypatch: pytest.MonkeyPatch, asked: str) -> None:
    monkeypatch.setenv("WHEEL_READ_S", asked)

    with Reader() as started, pytest.raises(UsageError, match="WHEEL_READ_S"):
        started.read(loaded(workbook()))


@posix_only
@pytest.mark.parametrize("kind", ["fifo", "socket", "zero", "loop", "dangling", "directory"])
def test_what_is_no_file_is_refused_at_once_and_never_waited_for(desk: Desk, kind: str) -> None:
    path = desk.files / "list.xlsx"
    with socket.socket(socket.AF_UNIX) as listening:
        match kind:
            case "fifo":
                os.mkfifo(path)
            case "socket":
                path = Path(os.path.relpath(path))  # the names of sockets are short
                listening.bind(str(path))
            case "zero":
                path = Path("/dev/zero")
            case "loop":
                path.symlink_to(path)
            case "dangling":
                path.symlink_to(desk.files / "gone.xlsx")
            case "directory":
                path.mkdir()
        error = desk.error("import", path, code=3)

    assert error["remedy"]
    assert not desk.draft.entries


@posix_only
def test_a_file_that_grew_after_it_was_looked_at_is_not_read_beyond_the_limit(tmp_path: Path) -> None:
    path = tmp_path / "sparse.xlsx"
    with path.open("wb") as file:
        file.truncate(1 << 40)

    with pytest.raises(InputError, match=f"more than {MAX_FILE_BYTES // 1_000_000} MB"):
        load(path)


def test_a_file_without_permission_is_refused_with_advice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    path = tmp_path / "list.xlsx"
    path.write_bytes(workbook())
    monkeypatch.setattr(os, "open", refuse)  # root may read everything

    with pytest.raises(InputError, match="cannot be opened"):
        load(path)


@pytest.mark.slow
def test_the_command_that_imports_never_loads_what_parses_files() -> None:
    code = (
        "import sys\nimport wheel_admin.cli.app\n"
        "names = ('openpyxl', 'xml.parsers.expat', 'wheel_admin.importing.readers.spreadsheet')\n"
        "print([name for name in names if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.stdout.strip() == "[]", done.stderr


@pytest.mark.slow
def test_when_the_command_dies_its_reading_process_ends() -> None:
    process = start_process()
    assert process.stdin is not None
    process.stdin.close()

    assert process.wait(60) == 0
    for stream in (process.stdout, process.stderr):
        assert stream is not None
        stream.close()
