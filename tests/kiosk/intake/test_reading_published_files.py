"""A published file is read without following a link, without waiting, and within its limit."""

import os
from pathlib import Path

import pytest

from kiosk.core.errors import (
    SnapshotError,
)
from kiosk.core.regular_files import read_regular
from kiosk.snapshot.model import MAX_ENVELOPE_BYTES
from tests.no_waiting import within_seconds


def told(path: Path, limit: int = 1024) -> str:
    """Return what `read_regular` says about a path that it refuses."""
    with pytest.raises(SnapshotError) as caught:
        read_regular(path, limit=limit)
    return caught.value.message


def test_each_refusal_to_read_names_the_file_and_the_reason(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("/dev/zero")
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "large").write_bytes(b"x" * 1025)

    assert told(tmp_path / "nothing") == "nothing cannot be read: No such file or directory."
    assert told(tmp_path / "link") == "link cannot be read: it is a link."
    assert told(tmp_path / "folder") == "folder cannot be read: it is not a regular file."
    assert told(tmp_path / "pipe") == "pipe cannot be read: it is not a regular file."
    assert told(tmp_path / "large") == "large cannot be read: it is larger than 1 KiB."


@pytest.mark.parametrize(
    ("limit", "size"), [(3 << 20, "3 MiB"), (1 << 20, "1 MiB"), ((1 << 20) - 1, "1023 KiB"), (64 << 10, "64 KiB")]
)
def test_a_file_that_is_too_large_is_told_the_limit_in_a_unit_that_reads_well(
    tmp_path: Path, limit: int, size: str
) -> None:
    path = tmp_path / "large"
    path.touch()
    os.truncate(path, limit + 1)

    assert told(path, limit) == f"large cannot be read: it is larger than {size}."


def test_a_device_is_not_even_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kiosk.core.regular_files.os.open", lambda *_: pytest.fail("to open it may do something to it"))

    assert told(Path("/dev/null")) == "null cannot be read: it is not a regular file."


def test_what_became_a_pipe_after_the_look_is_refused_and_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, pipe = tmp_path / "file", tmp_path / "pipe"
    path.write_bytes(b"x")
    os.mkfifo(pipe)
    opened: list[int] = []
    real = os.open

    def replaced(_: Path, flags: int) -> int:
        opened.append(real(pipe, flags))
        return opened[-1]

    monkeypatch.setattr("kiosk.core.regular_files.os.open", replaced)
    error = within_seconds(lambda: read_regular(path, limit=MAX_ENVELOPE_BYTES))

    assert str(error) == "file cannot be read: it is not a regular file."
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(opened[0])


def test_a_file_that_grows_while_it_is_read_is_not_read_beyond_what_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"x" * 10)
    real = os.fstat

    def early(descriptor: int) -> os.stat_result:
        status = real(descriptor)
        with path.open("ab") as file:
            file.write(b"y" * 1000)
        return status

    monkeypatch.setattr("kiosk.core.regular_files.os.fstat", early)

    assert read_regular(path, limit=10_000)[0] == b"x" * 10
    assert "larger than" in told(path, limit=1010)


def test_an_error_of_the_disk_in_the_middle_of_a_file_is_unreadable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Broken:
        def __enter__(self) -> "Broken":
            return self

        def __exit__(self, *_: object) -> None:
            pass

        def read(self, _: int) -> bytes:
            raise OSError(5, "Input/output error")

    (tmp_path / "file").write_bytes(b"x")
    monkeypatch.setattr("kiosk.core.regular_files.os.fdopen", lambda *_: Broken())

    assert told(tmp_path / "file") == "file cannot be read: Input/output error."
