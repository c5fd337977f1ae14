"""Reading what somebody else may have put there: no links, no waiting, no more than the limit."""

import os
from pathlib import Path

import pytest

from kiosk.core.regular_files import read_file


def refused(path: Path, *, links: bool = False, limit: int = 1024) -> str:
    """Return why `path` is not read."""
    with pytest.raises(OSError) as caught:  # noqa: PT011 - its text is what the caller looks at
        read_file(path, limit=limit, links=links)
    return str(caught.value.strerror)


@pytest.mark.parametrize("links", [False, True])
def test_what_is_no_file_is_refused_at_once(tmp_path: Path, links: bool) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "large").write_bytes(b"x" * 1025)

    assert refused(tmp_path / "pipe", links=links) == "it is not a regular file"
    assert refused(tmp_path, links=links) == "it is not a regular file"
    assert refused(Path("/dev/zero"), links=links) == "it is not a regular file"
    assert refused(tmp_path / "large", links=links) == "it is larger than 1 KiB"
    assert refused(tmp_path / "a\0b", links=links) == "that is not a file name"
    assert refused(tmp_path / "nothing", links=links) == "No such file or directory"


def test_a_link_is_followed_only_for_who_named_it(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"content")
    (tmp_path / "link").symlink_to("file")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link to a pipe").symlink_to("pipe")
    (tmp_path / "loop").symlink_to("loop")

    assert refused(tmp_path / "link") == "it is a link"
    assert read_file(tmp_path / "link", limit=1024, links=True) == b"content"
    assert refused(tmp_path / "link to a pipe", links=True) == "it is not a regular file"
    assert "symbolic links" in refused(tmp_path / "loop", links=True)


def test_a_file_that_became_a_link_since_the_look_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"x")
    real = os.open

    def replaced(name: Path, flags: int) -> int:
        path.unlink()
        path.symlink_to("/etc/hostname")
        return real(name, flags)

    monkeypatch.setattr("kiosk.core.regular_files.os.open", replaced)

    assert "symbolic links" in refused(path)


def test_a_file_as_large_as_the_limit_is_read_whole(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x" * 1024)

    assert read_file(tmp_path / "file", limit=1024) == b"x" * 1024


def test_a_file_of_several_names_is_taken_only_for_who_named_it(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"content")
    (tmp_path / "again").hardlink_to(tmp_path / "file")

    assert "hard links" in refused(tmp_path / "file")
    assert "hard links" in refused(tmp_path / "again")
    assert read_file(tmp_path / "again", limit=1024, links=True) == b"content"
    (tmp_path / "again").unlink()
    assert read_file(tmp_path / "file", limit=1024) == b"content"
