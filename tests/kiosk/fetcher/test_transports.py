"""The ways to a source other than HTTP: a folder, and what is behind one of fsspec's file systems."""

import errno
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fsspec.implementations.local import LocalFileSystem
from fsspec.implementations.memory import MemoryFileSystem

from kiosk.core.clock import NS_PER_S, ManualClock
from kiosk.core.errors import InputError, UsageError
from kiosk.fetcher.index_file import HintedFile
from kiosk.fetcher.transport import file_system as file_system_module
from kiosk.fetcher.transport import folder as folder_module
from kiosk.fetcher.transport.base import NotThere, NotWritable, SourceError, TooLarge, Transport
from kiosk.fetcher.transport.file_system import FileSystem
from kiosk.fetcher.transport.folder import Folder
from kiosk.fetcher.transport.opening import open_transport

LIMIT = 100


def on_disk(root: Path, **more: Any) -> FileSystem:
    """Return a transport over fsspec's file system of this machine, which renames files as an SFTP server does."""
    options: dict[str, Any] = {"label": "host", "timeout_s": 5, "clock": ManualClock(), "whole_writes": False}
    return FileSystem(LocalFileSystem, str(root), **options | more)


@pytest.fixture(params=["folder", "file system"])
def transport(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Transport]:
    """Yield both transports over the folder `source`."""
    root = tmp_path / "source"
    root.mkdir()
    found: Transport = Folder(root) if request.param == "folder" else on_disk(root)
    yield found
    found.close()


def test_a_file_is_fetched_once_while_its_version_stands(transport: Transport, tmp_path: Path) -> None:
    (tmp_path / "source/a.json").write_bytes(b"one")
    first = transport.fetch("a.json", limit=LIMIT)

    assert first is not None
    assert first.data == b"one"
    assert transport.fetch("a.json", limit=LIMIT, known=first.version) is None
    (tmp_path / "source/a.json").write_bytes(b"another")
    second = transport.fetch("a.json", limit=LIMIT, known=first.version)
    assert second is not None
    assert second.data == b"another"


def test_a_file_that_is_not_there_is_named(transport: Transport) -> None:
    with pytest.raises(NotThere, match=r"a\.json"):
        transport.fetch("a.json", limit=LIMIT)


def test_a_file_that_is_too_large_is_not_read(transport: Transport, tmp_path: Path) -> None:
    (tmp_path / "source/a.json").write_bytes(b"x" * (LIMIT + 1))

    with pytest.raises(TooLarge, match=r"a\.json"):
        transport.fetch("a.json", limit=LIMIT)


def test_a_folder_in_the_place_of_a_file_is_not_read(transport: Transport, tmp_path: Path) -> None:
    (tmp_path / "source/a.json").mkdir()

    with pytest.raises(SourceError, match=r"a\.json"):
        transport.fetch("a.json", limit=LIMIT)


def test_a_source_is_listed_with_the_sizes_of_its_files(transport: Transport, tmp_path: Path) -> None:
    (tmp_path / "source/a.json").write_bytes(b"one")
    (tmp_path / "source/more").mkdir()

    assert set(transport.listing() or ()) == {HintedFile("a.json", 3), HintedFile("more/")}


def test_a_folder_of_a_source_that_is_not_there_holds_nothing(transport: Transport) -> None:
    assert transport.listing("kiosk") == ()


def test_a_source_that_is_not_there_is_no_empty_source(transport: Transport, tmp_path: Path) -> None:
    (tmp_path / "source").rmdir()

    with pytest.raises(SourceError):
        transport.listing()
    with pytest.raises(SourceError):
        transport.fetch("a.json", limit=LIMIT)


def test_a_source_with_too_many_files_is_refused(
    transport: Transport, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (folder_module, file_system_module):
        monkeypatch.setattr(module, "MOST_LISTED", 2)
    for name in "abc":
        (tmp_path / "source" / name).touch()

    with pytest.raises(TooLarge, match="more than 2 files"):
        transport.listing()


def test_a_file_is_written_whole_into_a_folder_that_is_made(transport: Transport, tmp_path: Path) -> None:
    transport.write("kiosk/ledger.jsonl", b"one")
    transport.write("kiosk/ledger.jsonl", b"another")

    assert (tmp_path / "source/kiosk/ledger.jsonl").read_bytes() == b"another"
    assert [path.name for path in (tmp_path / "source/kiosk").iterdir()] == ["ledger.jsonl"]


@pytest.mark.parametrize(
    ("number", "kind"), [(errno.EACCES, NotWritable), (errno.EROFS, NotWritable), (errno.EIO, SourceError)]
)
def test_a_folder_that_takes_no_file_says_whether_it_may(
    number: int, kind: type[SourceError], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", refuse)

    with pytest.raises(SourceError) as caught:
        Folder(tmp_path).write("a.json", b"one")
    assert type(caught.value) is kind


def test_a_folder_that_cannot_be_listed_says_why(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(SourceError, match="cannot be listed: Not a directory"):
        Folder(tmp_path / "file").listing()


class Odd(LocalFileSystem):  # type: ignore[misc]  # fsspec ships no types
    """A file system that fails in one way."""

    error: Exception | None = None

    def info(self, path: str, **more: Any) -> Any:
        if self.error is not None:
            raise self.error
        return super().info(path, **more)


@pytest.mark.parametrize(
    ("error", "kind", "says"),
    [
        (PermissionError("s3cret"), NotWritable, "host does not allow us to use a.json."),
        (ValueError("s3cret"), SourceError, "host could not be asked for a.json: ValueError."),
    ],
)
def test_an_error_of_a_file_system_is_told_without_its_words(
    error: Exception, kind: type[SourceError], says: str, tmp_path: Path
) -> None:
    system = Odd()
    system.error = error
    transport = on_disk(tmp_path)
    transport._opened = system

    with pytest.raises(kind) as caught:
        transport.fetch("a.json", limit=LIMIT)
    assert caught.value.message == says


def test_after_an_error_the_file_system_is_opened_again(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(b"one")
    system = Odd(skip_instance_cache=True)
    system.error = ValueError()
    transport = on_disk(tmp_path)
    transport._opened = system
    with pytest.raises(SourceError):
        transport.fetch("a.json", limit=LIMIT)

    found = transport.fetch("a.json", limit=LIMIT)
    assert found is not None
    assert found.data == b"one"


class Slow(ManualClock):
    """A clock that is a minute on whenever somebody looks."""

    def monotonic_ns(self) -> int:
        self.advance_ns(60 * NS_PER_S)
        return super().monotonic_ns()


def test_a_file_that_comes_too_slowly_is_given_up(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(b"one")

    with pytest.raises(SourceError, match=r"did not send a\.json within 5 s"):
        on_disk(tmp_path, clock=Slow()).fetch("a.json", limit=LIMIT)


def test_a_file_that_cannot_be_renamed_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError

    monkeypatch.setattr(LocalFileSystem, "mv", refuse)

    with pytest.raises(NotWritable):
        on_disk(tmp_path).write("kiosk/a.json", b"one")
    assert list((tmp_path / "kiosk").iterdir()) == []


def test_the_connection_of_a_file_system_is_closed(tmp_path: Path) -> None:
    class Client:
        closed = False

        def close(self) -> None:
            self.closed = True

    system, client = LocalFileSystem(skip_instance_cache=True), Client()
    system.client = client
    transport = on_disk(tmp_path)
    transport._opened = system
    transport.close()

    assert client.closed


@pytest.mark.parametrize("url", ["{}", "file://{}"])
def test_a_path_is_a_source(url: str, tmp_path: Path) -> None:
    (tmp_path / "a b.json").write_bytes(b"one")
    found = open_transport(url.format(tmp_path), timeout_s=1, clock=ManualClock()).fetch("a b.json", limit=LIMIT)

    assert found is not None
    assert found.data == b"one"


def test_a_file_in_memory_is_replaced_as_a_whole() -> None:
    transport = open_transport("memory://lists/one", timeout_s=1, clock=ManualClock())
    transport.write("a.json", b"one")

    assert MemoryFileSystem().cat_file("/lists/one/a.json") == b"one"
    MemoryFileSystem().rm("/lists", recursive=True)


@pytest.mark.parametrize(
    ("url", "library"),
    [
        ("https://host/folder/", "aiohttp"),
        ("sftp://host/folder", "paramiko"),
        ("s3://bucket/folder", "s3fs"),
        ("memory://lists", "fsspec.implementations.memory"),
    ],
)
def test_a_source_whose_library_is_missing_says_how_to_install_it(
    url: str, library: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in [name for name in sys.modules if name.startswith("kiosk.fetcher.transport.")]:
        if module.endswith((".http", ".sftp")):
            monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, library, None)  # as where it is not installed

    with pytest.raises(InputError) as caught:
        open_transport(url, timeout_s=1, clock=ManualClock())
    assert library in caught.value.message
    assert "pipx install --force '.[remote]'" in caught.value.remedy


@pytest.mark.parametrize("url", ["ftp://host/folder", "https:///folder", "sftp:///folder", "s3:///folder"])
def test_a_url_that_is_no_source_is_refused_with_those_that_are(url: str) -> None:
    with pytest.raises(UsageError) as caught:
        open_transport(url, timeout_s=1, clock=ManualClock())

    assert url in caught.value.message
    assert "sftp" in caught.value.remedy
