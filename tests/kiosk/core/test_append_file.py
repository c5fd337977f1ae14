"""Files that only grow, one durable chunk at a time."""

import errno
import os
from pathlib import Path

import pytest

from kiosk.core.durable import (
    AppendFile,
)
from kiosk.core.errors import HomeError
from tests.kiosk.core.failing_calls import Killed, failing_at, no_space


def test_appended_chunks_follow_one_another_also_after_reopening(tmp_path: Path) -> None:
    with AppendFile(tmp_path / "log") as file:
        file.append(b"one\n")
        file.append(b"two\n")
    with AppendFile(tmp_path / "log") as file:
        assert file.size == 8
        file.append(b"three\n")

    assert (tmp_path / "log").read_bytes() == b"one\ntwo\nthree\n"


def test_append_returns_only_after_fsync(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with AppendFile(tmp_path / "log") as file, failing_at(-1, Killed, monkeypatch) as made:
        file.append(b"one\n")

        assert made == ["write", "fsync"]


@pytest.mark.parametrize("existing", [False, True], ids=["a new one", "one that a killed writer left"])
def test_what_an_append_file_holds_when_it_is_opened_is_durable_content_and_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, existing: bool
) -> None:
    """A kiosk killed between the write and the fsync of a record, and started again, signed a head that a power cut
    then took back: "the ledger does not hold record 7, which this kiosk has signed"."""
    if existing:
        (tmp_path / "log").write_bytes(b"one\n")
    with failing_at(-1, Killed, monkeypatch) as made:
        AppendFile(tmp_path / "log").close()

    # the file, then its directory
    assert made == ["open", "fsync", "open", "fsync", "close", "close"]


@pytest.mark.parametrize("written", range(5))
def test_a_full_disk_leaves_the_file_as_it_was_and_the_next_append_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, written: int
) -> None:
    write = os.write

    def fill_up(descriptor: int, data: bytes) -> int:
        if written and len(data) == 4:
            return write(descriptor, bytes(data)[:written])
        raise no_space()

    with AppendFile(tmp_path / "log") as file:
        file.append(b"one\n")
        with monkeypatch.context() as patch:
            patch.setattr(os, "write", fill_up)
            if written == 4:  # all of it was written, then the fsync fails
                patch.setattr(os, "fsync", lambda _: fill_up(-1, b""))
            with pytest.raises(HomeError, match="Free some space"):
                file.append(b"two\n")
        assert (tmp_path / "log").read_bytes() == b"one\n"
        assert file.size == 4

        file.append(b"six\n")

    assert (tmp_path / "log").read_bytes() == b"one\nsix\n"


def test_what_could_not_be_taken_back_is_taken_back_before_the_next_append(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, failures = os.write, iter([True])

    def fail(*_: object) -> int:
        raise OSError(errno.EIO, "Input/output error")

    def fail_halfway(descriptor: int, data: bytes) -> int:
        return write(descriptor, bytes(data)[:2]) if next(failures, False) else fail()

    with AppendFile(tmp_path / "log") as file:
        file.append(b"one\n")
        with monkeypatch.context() as patch:
            patch.setattr(os, "write", fail_halfway)
            patch.setattr(os, "ftruncate", fail)
            with pytest.raises(HomeError):
                file.append(b"two\n")

        file.append(b"six\n")

    assert (tmp_path / "log").read_bytes() == b"one\nsix\n"


def test_truncate_cuts_durably_and_appending_goes_on_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with AppendFile(tmp_path / "log") as file:
        file.append(b"one\ntw")
        with failing_at(-1, Killed, monkeypatch) as made:
            file.truncate(4)
        file.append(b"two\n")

    assert made == ["fsync"]
    assert (tmp_path / "log").read_bytes() == b"one\ntwo\n"


def test_closing_twice_is_fine_and_appending_afterwards_is_a_home_error(tmp_path: Path) -> None:
    file = AppendFile(tmp_path / "log")
    file.close()
    file.close()

    with pytest.raises(HomeError):
        file.append(b"one\n")
    with pytest.raises(HomeError):
        file.truncate(0)


def test_an_append_file_that_cannot_be_opened_is_a_home_error(tmp_path: Path) -> None:
    with pytest.raises(HomeError, match="Cannot open"):
        AppendFile(tmp_path / "nowhere" / "log")
    with pytest.raises(HomeError, match="Cannot open"):
        AppendFile(tmp_path)
