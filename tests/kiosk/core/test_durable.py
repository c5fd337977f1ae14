"""Whole files and directories: old or new content, complete, whatever happens in between."""

import contextlib
import errno
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kiosk.core import durable
from kiosk.core.durable import (
    PRIVATE,
    PUBLIC,
    SHARED,
    fsync_directory,
    make_directory,
    remove,
    sweep,
    write_atomic,
)
from kiosk.core.errors import HomeError
from tests.kiosk.core.failing_calls import (
    NEW,
    OLD,
    Killed,
    calls_of_a_write,
    failing_at,
    mode_of,
    names_in,
    no_space,
)


@pytest.fixture
def no_umask() -> Iterator[Callable[[int], int]]:
    before = os.umask(0o022)
    try:
        yield os.umask
    finally:
        os.umask(before)


def test_a_file_is_written_whole_and_nothing_else_is_left(tmp_path: Path) -> None:
    write_atomic(tmp_path / "file", OLD)
    write_atomic(tmp_path / "file", NEW)

    assert (tmp_path / "file").read_bytes() == NEW
    assert names_in(tmp_path) == {"file"}


def test_data_is_durable_before_the_rename_and_the_name_before_the_return(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = calls_of_a_write(tmp_path, monkeypatch)

    # temporary file ... then the directory
    assert made == ["open", "fchmod", "write", "fsync", "close", "replace", "open", "fsync", "close"]


def test_a_short_write_is_continued(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, data: write(descriptor, bytes(data)[:7]))

    write_atomic(tmp_path / "file", NEW)

    assert (tmp_path / "file").read_bytes() == NEW


@pytest.mark.parametrize("existing", [True, False], ids=["over an old file", "a first file"])
@pytest.mark.parametrize("call", range(9))
def test_killed_at_any_call_the_file_is_old_or_new_and_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: int, existing: bool
) -> None:
    path = tmp_path / "file"
    if existing:
        path.write_bytes(OLD)

    with pytest.raises(Killed), failing_at(call, Killed, monkeypatch):
        write_atomic(path, NEW)

    found = path.read_bytes() if path.exists() else None
    assert found in {OLD if existing else None, NEW}
    sweep(tmp_path)
    assert names_in(tmp_path) <= {"file"}
    write_atomic(path, NEW)  # and the next write just works
    assert path.read_bytes() == NEW


@pytest.mark.parametrize("existing", [True, False], ids=["over an old file", "a first file"])
@pytest.mark.parametrize("call", range(9))
def test_an_error_at_any_call_is_a_home_error_that_leaves_no_temporary_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: int, existing: bool
) -> None:
    path = tmp_path / "file"
    if existing:
        path.write_bytes(OLD)

    with (
        pytest.raises(HomeError, match=r"Cannot write .*file: No space left on device\. Free some space"),
        failing_at(call, no_space, monkeypatch) as made,
    ):
        write_atomic(path, NEW)

    renamed = made.index("replace") < call if "replace" in made else False
    assert (path.read_bytes() if path.exists() else None) == (NEW if renamed else OLD if existing else None)
    assert names_in(tmp_path) <= {"file"}


@pytest.mark.parametrize("call", range(9))
def test_ctrl_c_at_any_call_leaves_no_temporary_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: int
) -> None:
    path = tmp_path / "file"
    path.write_bytes(OLD)

    with pytest.raises(KeyboardInterrupt), failing_at(call, KeyboardInterrupt, monkeypatch):
        write_atomic(path, NEW)

    assert path.read_bytes() in {OLD, NEW}
    assert names_in(tmp_path) == {"file"}


def test_a_missing_directory_is_a_home_error_that_says_what_to_create(tmp_path: Path) -> None:
    with pytest.raises(HomeError, match=r"Create .*nowhere") as caught:
        write_atomic(tmp_path / "nowhere" / "file", NEW)

    assert caught.value.exit_code == 7


@pytest.mark.parametrize("mode", [PRIVATE, SHARED, PUBLIC, 0o666, 0o400])
@pytest.mark.parametrize("umask", [0, 0o022, 0o077, 0o777])
def test_the_mode_is_exact_whatever_the_umask(
    tmp_path: Path, mode: int, umask: int, no_umask: Callable[[int], int]
) -> None:
    no_umask(umask)

    write_atomic(tmp_path / "file", NEW, mode=mode)

    assert mode_of(tmp_path / "file") == mode


def test_the_new_mode_replaces_the_old_one(tmp_path: Path) -> None:
    write_atomic(tmp_path / "file", OLD, mode=PUBLIC)
    write_atomic(tmp_path / "file", NEW, mode=PRIVATE)

    assert mode_of(tmp_path / "file") == PRIVATE


def test_a_private_file_is_never_readable_by_others_not_even_while_it_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, no_umask: Callable[[int], int]
) -> None:
    no_umask(0)
    with pytest.raises(Killed), failing_at(1, Killed, monkeypatch):  # killed before fchmod
        write_atomic(tmp_path / "file", NEW, mode=PRIVATE)

    assert [mode_of(path) for path in tmp_path.iterdir()] == [PRIVATE]


def test_replace_false_refuses_a_file_that_exists_and_leaves_it(tmp_path: Path) -> None:
    write_atomic(tmp_path / "file", OLD, replace=False)

    with pytest.raises(FileExistsError):
        write_atomic(tmp_path / "file", NEW, replace=False)

    assert (tmp_path / "file").read_bytes() == OLD
    assert names_in(tmp_path) == {"file"}


def test_sweep_deletes_what_a_killed_writer_left_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = {"file", "notes.tmp", ".hidden", ".lock"}
    for name in kept:
        (tmp_path / name).touch()
    with pytest.raises(Killed), failing_at(3, Killed, monkeypatch):
        write_atomic(tmp_path / "file", NEW)
    (left,) = names_in(tmp_path) - kept

    assert sweep(tmp_path) == [tmp_path / left]
    assert names_in(tmp_path) == kept
    assert sweep(tmp_path) == []


def test_sweep_makes_durable_what_a_killed_writer_had_only_renamed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`publish`, killed after the rename and run again, said that nothing had changed; a power cut took the list."""
    with pytest.raises(Killed), failing_at(6, Killed, monkeypatch):  # renamed, the directory not yet opened
        write_atomic(tmp_path / "file", NEW)
    with failing_at(-1, Killed, monkeypatch) as made:
        sweep(tmp_path)

    assert (tmp_path / "file").read_bytes() == NEW
    assert made == ["open", "fsync", "close"]


def test_a_directory_that_cannot_be_synced_is_a_home_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(HomeError, match="Cannot sync"), failing_at(1, no_space, monkeypatch):
        sweep(tmp_path)


def test_sweep_of_a_missing_directory_finds_nothing(tmp_path: Path) -> None:
    assert sweep(tmp_path / "nowhere") == []


def test_remove_deletes_durably_and_does_not_mind_a_missing_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file"
    path.touch()
    with failing_at(-1, Killed, monkeypatch) as made:
        remove(path)
    remove(path)

    assert not path.exists()
    assert made == ["open", "fsync", "close"]


def test_remove_of_what_cannot_be_deleted_is_a_home_error(tmp_path: Path) -> None:
    with pytest.raises(HomeError, match="Cannot delete"):
        remove(tmp_path)


def test_make_directory_makes_parents_and_accepts_what_is_there(tmp_path: Path) -> None:
    make_directory(tmp_path / "a" / "b", mode=0o700)
    make_directory(tmp_path / "a" / "b", mode=0o755)

    assert mode_of(tmp_path / "a" / "b") == 0o700


def synced_directories(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Let `fsync_directory` only note what it was asked for."""
    synced: list[Path] = []
    monkeypatch.setattr(durable, "fsync_directory", synced.append)
    return synced


def test_the_names_of_new_directories_are_durable_from_the_first_that_was_there_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After `wheel-admin init` said that the home was made, a power cut could take all of it back."""
    synced = synced_directories(monkeypatch)

    make_directory(tmp_path / "a" / "b")

    assert synced == [tmp_path.parent, tmp_path, tmp_path / "a"]


def test_the_name_of_a_directory_that_a_killed_program_made_is_made_durable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a").mkdir()
    synced = synced_directories(monkeypatch)

    make_directory(tmp_path / "a")

    assert synced == [tmp_path]


@pytest.mark.parametrize("existing", [True, False])
def test_a_parent_that_cannot_be_synced_matters_only_for_a_new_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, existing: bool
) -> None:
    def refuse(_: Path) -> None:
        raise OSError(errno.EINVAL, "Invalid argument")  # a mount point on a read-only squashfs says so

    if existing:
        (tmp_path / "a").mkdir()
    monkeypatch.setattr(durable, "fsync_directory", refuse)

    with contextlib.nullcontext() if existing else pytest.raises(HomeError, match="Cannot create"):
        make_directory(tmp_path / "a")


def test_make_directory_over_a_file_is_a_home_error(tmp_path: Path) -> None:
    (tmp_path / "a").touch()

    with pytest.raises(HomeError, match="Cannot create"):
        make_directory(tmp_path / "a" / "b")


def test_windows_has_no_directory_fsync(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "win32")

    fsync_directory(tmp_path / "nowhere")


@pytest.mark.parametrize("number", [errno.EROFS, errno.EACCES, errno.EPERM, errno.ENOSPC, errno.EDQUOT])
def test_the_usual_causes_come_with_a_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    with (
        pytest.raises(HomeError) as caught,
        failing_at(0, lambda: OSError(number, os.strerror(number)), monkeypatch),
    ):
        write_atomic(tmp_path / "file", NEW)

    assert os.strerror(number) in caught.value.message
    assert caught.value.remedy


def test_every_call_that_a_write_makes_is_watched_by_these_tests(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`range(9)` above is this number; a tenth call would go untested."""
    assert len(calls_of_a_write(tmp_path, monkeypatch)) == 9
