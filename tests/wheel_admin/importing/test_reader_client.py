"""The process that reads files, from the side that asks: a file whose reading was begun early."""

import io
import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import pytest

from kiosk.core.errors import InputError, UsageError
from tests.wheel_admin.conftest import posix_only
from wheel_admin.importing import reader_client
from wheel_admin.importing.reader_client import PASTED, Reader, load
from wheel_admin.importing.reader_messages import Job


@pytest.fixture
def reader() -> Iterator[Reader]:
    with Reader() as reader:
        yield reader


@pytest.fixture
def people(tmp_path: Path) -> Path:
    path = tmp_path / "people.csv"
    path.write_text("Ticket,Name\n0001,Ana Ruiz\n")
    return path


def names(reader: Reader, path: Path, *, encoding: str = "") -> list[str]:
    (sheet,) = reader.read(load(path), encoding=encoding)
    return [row.cell(1).text for row in sheet.rows[1:]]


def refuse_to_send(*_: object) -> None:
    raise AssertionError("sent again")


def test_a_file_that_was_begun_is_not_sent_again(reader: Reader, people: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reader.begin(["--replace", str(people), "--dry-run"])
    monkeypatch.setattr(reader_client, "_send", refuse_to_send)

    assert names(reader, people) == ["Ana Ruiz"]


def test_a_second_file_is_read_after_the_one_that_was_begun(reader: Reader, people: Path, tmp_path: Path) -> None:
    other = tmp_path / "others.csv"
    other.write_text("Ticket,Name\n0002,Bo Ek\n")
    reader.begin([str(people), str(other)])

    assert [names(reader, path) for path in (people, other, people)] == [["Ana Ruiz"], ["Bo Ek"], ["Ana Ruiz"]]


def test_a_file_that_changed_since_it_was_begun_is_read_anew(reader: Reader, people: Path) -> None:
    reader.begin([str(people)])
    people.write_text("Ticket,Name\n0001,Eva Roth\n")

    assert names(reader, people) == ["Eva Roth"]


def test_a_file_wanted_in_another_way_than_begun_is_read_anew(reader: Reader, people: Path) -> None:
    people.write_bytes("Ticket,Name\n0001,Иван\n".encode("cp1251"))
    reader.begin([str(people)])

    assert names(reader, people, encoding="cp1251") == ["Иван"]


def test_another_file_than_the_one_begun_is_read(reader: Reader, people: Path, tmp_path: Path) -> None:
    rejects = tmp_path / "rejects.csv"
    rejects.write_text("an older file that the command will write\n")
    reader.begin(["--rejects", str(rejects), str(people)])

    assert names(reader, people) == ["Ana Ruiz"]


@pytest.mark.parametrize("arguments", [[], ["--help"], ["-"], ["./-"], ["missing.xlsx"], ["--home", "."], ["a\0b.csv"]])
def test_nothing_is_begun_without_a_file(
    reader: Reader, people: Path, arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "-").write_text("not what - stands for\n")
    monkeypatch.chdir(tmp_path)
    reader.begin(arguments)

    assert reader._process is None
    assert names(reader, people) == ["Ana Ruiz"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_named_pipe_is_not_begun(reader: Reader, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    reader.begin([str(tmp_path / "pipe.csv")])

    assert reader._process is None


@pytest.mark.skipif(sys.platform != "linux", reason="names a file of Linux")
@pytest.mark.parametrize("name", ["/proc/self/status", "/proc/sys/kernel/ostype", "/sys/kernel/mm/lru_gen/enabled"])
def test_a_file_that_the_system_makes_up_is_not_begun(reader: Reader, name: str) -> None:
    reader.begin([name])

    assert reader._process is None


@posix_only
@pytest.mark.parametrize("name", ["people.csv", "/dev/stdin", "/dev/fd/0"])
def test_a_file_that_is_standard_input_too_is_not_begun(reader: Reader, people: Path, name: str) -> None:
    before = os.dup(0)
    with people.open("rb") as file:
        os.dup2(file.fileno(), 0)
    try:
        reader.begin([str(people.parent / name)])
        place = os.lseek(0, 0, os.SEEK_CUR)
    finally:
        os.dup2(before, 0)
        os.close(before)

    assert (reader._process, place) == (None, 0)


@pytest.mark.parametrize("error", [MemoryError(), TypeError("None has no length"), OSError(24, "Too many open files")])
@pytest.mark.parametrize("step", ["_file_to_guess", "start_process", "_load_file", "_send"])
def test_whatever_goes_wrong_with_a_guess_only_drops_the_guess(
    reader: Reader, people: Path, monkeypatch: pytest.MonkeyPatch, step: str, error: Exception
) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(reader_client, step, fail)
    reader.begin([str(people)])
    monkeypatch.undo()

    assert names(reader, people) == ["Ana Ruiz"]


def test_a_file_that_was_sent_in_part_when_memory_ran_out_is_read_anew(
    reader: Reader, people: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def send_half(stream: IO[bytes], _job: Job) -> None:
        stream.write(b"\0\0")
        raise MemoryError

    monkeypatch.setattr(reader_client, "send", send_half)
    reader.begin([str(people)])
    monkeypatch.undo()

    assert names(reader, people) == ["Ana Ruiz"]


def test_a_regular_file_with_nothing_to_read_yet_is_refused(people: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Silent(io.FileIO):
        def read(self, _size: int | None = -1, /) -> Any:
            return None  # as a file does that does not wait

    monkeypatch.setattr(os, "fdopen", Silent)

    with pytest.raises(InputError, match=r"people\.csv is not a regular file"):
        load(people)


@posix_only
def test_pasted_text_is_read_to_its_end_where_reads_of_it_do_not_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    reads, writes = os.pipe()
    os.set_blocking(reads, False)
    os.write(writes, b"Ticket,Name\n0001,Ana Ruiz\n")

    def finish() -> None:
        os.write(writes, b"0002,Bo Ek\n")
        os.close(writes)

    later = threading.Timer(0.05, finish)
    with os.fdopen(reads, encoding="utf-8") as stdin:
        monkeypatch.setattr("sys.stdin", stdin)
        later.start()

        assert load(PASTED).data.endswith(b"0002,Bo Ek\n")
        assert not os.get_blocking(reads)
    later.join()


def test_a_file_that_would_not_fit_into_the_pipe_is_not_begun(
    reader: Reader, people: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader_client, "room_in", lambda _: 4100)
    monkeypatch.setattr(reader_client, "_send", refuse_to_send)
    reader.begin([str(people)])
    monkeypatch.undo()

    assert names(reader, people) == ["Ana Ruiz"]


def test_a_wrong_limit_of_time_is_left_to_the_reading_to_refuse(
    reader: Reader, people: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WHEEL_READ_S", "soon")
    reader.begin([str(people)])

    with pytest.raises(UsageError, match="WHEEL_READ_S"):
        reader.read(load(people))
