"""The process that reads files, from the side that asks: a file whose reading was begun early."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.core.errors import UsageError
from wheel_admin.importing import reader_client
from wheel_admin.importing.reader_client import Reader, load


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


@pytest.mark.parametrize("arguments", [[], ["--help"], ["-"], ["missing.xlsx"], ["--home", "."], ["a\0b.csv"]])
def test_nothing_is_begun_without_a_file(reader: Reader, people: Path, arguments: list[str]) -> None:
    reader.begin(arguments)

    assert reader._process is None
    assert names(reader, people) == ["Ana Ruiz"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_named_pipe_is_not_begun(reader: Reader, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    reader.begin([str(tmp_path / "pipe.csv")])

    assert reader._process is None


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
