"""A source behind one of fsspec's file systems: sftp, s3, and memory for tests.

Invariant: the file system is opened when it is first needed and given up after every error, so that a connection that
hangs or broke is not used again. What fsspec or its back ends say in an error may hold anything, so only its kind is
repeated.
"""

import secrets
from collections.abc import Callable, Iterator
from typing import TypeVar

from fsspec.spec import AbstractFileSystem

from kiosk.core.clock import NS_PER_S, Clock
from kiosk.fetcher.index_file import HintedFile
from kiosk.fetcher.transport.base import (
    CHUNK_BYTES,
    MOST_LISTED,
    Fetched,
    NotThere,
    NotWritable,
    SourceError,
    TooLarge,
)

T = TypeVar("T")
Opener = Callable[[], AbstractFileSystem]
_VERSION_KEYS = ("ETag", "size", "mtime", "LastModified", "created")


class FileSystem:
    """A folder on a file system.

    Args:
        opener: connects; called again after an error.
        root: the folder's path there.
        label: the host, for messages.
        timeout_s: for each file.
        clock: for the time-out.
        whole_writes: writing a file replaces it at once; else a temporary one is renamed.
    """

    def __init__(
        self, opener: Opener, root: str, *, label: str, timeout_s: float, clock: Clock, whole_writes: bool
    ) -> None:
        self._opener = opener
        self._root = root.rstrip("/")
        self._label = label
        self._timeout_s = timeout_s
        self._clock = clock
        self._whole_writes = whole_writes
        self._opened: AbstractFileSystem | None = None

    def fetch(self, name: str, *, limit: int, known: str = "") -> Fetched | None:
        """See `Transport`."""
        return self._guarded(name, lambda system: self._fetch(system, name, limit, known))

    def listing(self, folder: str = "") -> tuple[HintedFile, ...] | None:
        """See `Transport`."""
        path = f"{self._root}/{folder}".rstrip("/")
        try:
            return self._guarded("its files", lambda system: tuple(_listed(system, path)))
        except NotThere:
            if folder:
                return ()
            raise

    def write(self, name: str, data: bytes) -> None:
        """See `Transport`."""
        self._guarded(name, lambda system: self._write(system, name, data))

    def close(self) -> None:
        """See `Transport`."""
        system, self._opened = self._opened, None
        client = getattr(system, "client", None)  # of sftp; the others hold no connection of their own
        if client is not None:
            client.close()

    def _guarded(self, name: str, use: Callable[[AbstractFileSystem], T]) -> T:
        try:
            if self._opened is None:
                self._opened = self._opener()
            return use(self._opened)
        except SourceError:
            raise
        except FileNotFoundError as error:
            raise NotThere(f"{self._label} has no {name}.") from error
        except PermissionError as error:
            raise NotWritable(f"{self._label} does not allow us to use {name}.") from error
        except Exception as error:  # each back end has errors of its own
            self.close()
            raise SourceError(f"{self._label} could not be asked for {name}: {type(error).__name__}.") from error

    def _fetch(self, system: AbstractFileSystem, name: str, limit: int, known: str) -> Fetched | None:
        path, until_ns = f"{self._root}/{name}", self._clock.monotonic_ns() + round(self._timeout_s * NS_PER_S)
        info = system.info(path)
        size, kind = info.get("size"), info.get("type")
        if kind != "file" or not isinstance(size, int):
            raise SourceError(f"On {self._label}, {name} is not a regular file.")
        version = " ".join(str(info[key]) for key in _VERSION_KEYS if info.get(key) is not None)
        if version == known:
            return None
        if size > limit:
            raise TooLarge(f"On {self._label}, {name} has {size} bytes, at most {limit} are read.")
        data = bytearray()
        with system.open(path, "rb", cache_type="none") as file:
            while len(data) < size:
                chunk = file.read(min(CHUNK_BYTES, size - len(data)))
                data += chunk
                if not chunk or len(data) > size:
                    raise SourceError(f"{self._label} sent {len(data)} of {size} bytes of {name}.")
                if self._clock.monotonic_ns() > until_ns:
                    self.close()
                    raise SourceError(f"{self._label} did not send {name} within {self._timeout_s:g} s.")
        return Fetched(bytes(data), version, strong="ETag" in info)

    def _write(self, system: AbstractFileSystem, name: str, data: bytes) -> None:
        path = f"{self._root}/{name}"
        if self._whole_writes:
            system.pipe_file(path, data)
            return
        folder, _, last = path.rpartition("/")
        system.makedirs(folder, exist_ok=True)
        temporary = f"{folder}/.{last}.{secrets.token_hex(4)}.tmp"
        try:
            with system.open(temporary, "wb") as file:
                file.write(data)
            system.mv(temporary, path)
        except BaseException:
            if system.exists(temporary):
                system.rm_file(temporary)
            raise


def _listed(system: AbstractFileSystem, path: str) -> Iterator[HintedFile]:
    for number, info in enumerate(system.ls(path, detail=True)):
        if number >= MOST_LISTED:
            raise TooLarge(f"The folder holds more than {MOST_LISTED} files.")
        name = str(info["name"]).rstrip("/").rpartition("/")[2]
        size = info.get("size")
        if info.get("type") == "directory":
            yield HintedFile(f"{name}/")
        elif info.get("type") == "file":
            yield HintedFile(name, size if isinstance(size, int) else -1)
