"""What programs ask of the disk is recorded whole, or the recording fails."""

import io
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from kiosk.core.durable import AppendFile, make_directory, remove, write_atomic
from tests.torture.power_cuts.checks import taken
from tests.torture.power_cuts.disk import (
    ChangeMode,
    Create,
    Cut,
    Disk,
    MakeDirectory,
    Open,
    Operation,
    Remove,
    Rename,
    SyncDirectory,
    SyncFile,
    Write,
)
from tests.torture.power_cuts.recorder import Recorder, WrittenPastUs


def recorded(root: Path, work: Callable[[], object]) -> list[Operation]:
    recorder = Recorder(root)
    with recorder.recording():
        work()
    return recorder.operations


def kinds(operations: list[Operation]) -> list[type[Operation]]:
    return [type(operation) for operation in operations]


def test_an_atomic_write_is_recorded_call_by_call(tmp_path: Path) -> None:
    found = recorded(tmp_path, lambda: write_atomic(tmp_path / "file", b"data", mode=0o600))

    assert kinds(found) == [Create, ChangeMode, Write, SyncFile, Rename, SyncDirectory]
    assert found[0].path == found[4].source  # type: ignore[attr-defined]
    assert found[2].data == b"data"  # type: ignore[attr-defined]
    assert found[4].target == "file"  # type: ignore[attr-defined]


def test_a_growing_file_is_recorded_with_where_its_bytes_went(tmp_path: Path) -> None:
    def work() -> None:
        with AppendFile(tmp_path / "log") as file:
            file.append(b"one\n")
            file.append(b"two\n")
            file.truncate(4)
        AppendFile(tmp_path / "log").close()

    found = recorded(tmp_path, work)

    opened = [SyncFile, SyncDirectory]
    assert kinds(found) == [Create, *opened, Write, SyncFile, Write, SyncFile, Cut, SyncFile, Open, *opened]
    assert [(one.offset, one.appending) for one in found if isinstance(one, Write)] == [(0, True), (4, True)]


def test_directories_and_deletions_are_recorded(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    assert kinds(recorded(tmp_path, lambda: remove(tmp_path / "file"))) == [Remove, SyncDirectory]
    found = recorded(tmp_path, lambda: make_directory(tmp_path / "a" / "b"))
    assert [one.path for one in found if isinstance(one, MakeDirectory)] == ["a", "a/b"]


def test_a_short_write_is_recorded_as_short_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, data: write(descriptor, bytes(data)[:3]))

    found = recorded(tmp_path, lambda: write_atomic(tmp_path / "file", b"12345"))

    assert [(one.offset, one.data) for one in found if isinstance(one, Write)] == [(0, b"123"), (3, b"45")]


def test_what_lies_elsewhere_and_what_is_only_read_is_not_recorded(tmp_path: Path) -> None:
    inside, outside = tmp_path / "inside", tmp_path / "outside"
    inside.mkdir()
    outside.mkdir()
    (inside / "file").write_bytes(b"data")

    def work() -> None:
        write_atomic(outside / "file", b"data")
        (outside / "plain").write_bytes(b"data")
        assert (inside / "file").read_bytes() == b"data"
        os.close(os.open(inside / "file", os.O_RDONLY))

    assert recorded(inside, work) == []


@pytest.mark.parametrize(
    "work",
    [
        lambda path: path.write_bytes(b"data"),
        lambda path: path.write_text("data"),
        lambda path: path.open("a").close(),
        lambda path: open(path, "r+b").close(),  # noqa: PTH123
        lambda path: io.open(path, "x").close(),  # noqa: UP020
        lambda path: path.symlink_to("elsewhere"),
        lambda path: os.link(path.parent / "file", path),
        lambda path: os.truncate(path.parent / "file", 0),
        lambda path: (path.parent / "file").rename(path.parent.parent / "file"),
    ],
)
def test_what_writes_past_the_record_is_refused(tmp_path: Path, work: Callable[[Path], object]) -> None:
    root = tmp_path / "disk"
    root.mkdir()
    (root / "file").touch()

    with pytest.raises(WrittenPastUs):
        recorded(root, lambda: work(root / "new"))


def test_each_operation_says_which_line_of_durable_asked_and_for_whom(tmp_path: Path) -> None:
    def somebody() -> None:
        write_atomic(tmp_path / "file", b"data")

    sites = [one.site for one in recorded(tmp_path, somebody) if isinstance(one, SyncFile | SyncDirectory)]

    assert [site.split(":")[0] for site in sites] == ["write_atomic", "write_atomic"]
    assert "fsync_directory" in sites[1]
    assert sites[0] != sites[1]


def test_nothing_is_recorded_after_the_block(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path)
    with recorder.recording():
        pass
    (tmp_path / "file").write_bytes(b"data")

    assert recorder.operations == []


def test_a_number_that_a_file_object_gave_back_is_not_taken_for_its_file(tmp_path: Path) -> None:
    """Descriptors are closed by file objects too, and then name something else."""
    (tmp_path / "d").mkdir()

    def work() -> None:
        first = os.open(tmp_path / "file", os.O_RDWR | os.O_CREAT)
        os.fdopen(first, "rb").close()
        second = os.open(tmp_path / "d", os.O_RDONLY)
        assert second == first
        os.fsync(second)
        os.close(second)

    assert kinds(recorded(tmp_path, work)) == [Create, SyncDirectory]


def test_the_recorded_operations_lead_to_what_lies_on_the_disk(tmp_path: Path) -> None:
    def work() -> None:
        make_directory(tmp_path / "a" / "b")
        write_atomic(tmp_path / "a" / "file", b"old")
        write_atomic(tmp_path / "a" / "file", b"new", mode=0o600)
        with AppendFile(tmp_path / "a" / "b" / "log") as file:
            file.append(b"one\n")
        remove(tmp_path / "a" / "file")

    disk = Disk()
    for operation in recorded(tmp_path, work):
        disk.apply(operation)

    assert disk.seen() == taken(tmp_path)
