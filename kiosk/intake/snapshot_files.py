"""Published files on the disk, read as if an enemy had written them.

Invariant: nothing is trusted before `envelope.verify`, nothing is parsed before its size is known, and no file of the
directory can make a reader wait (FIFOs, devices and links are not opened). Publishing is the admin's.
"""

import contextlib
import logging
import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple, Self

import msgspec

from kiosk.core.durable import remove, write_atomic
from kiosk.core.errors import (
    HomeError,
    NamesMissing,
    ReplacedGeneration,
    SnapshotError,
    SnapshotMalformed,
    StaleGeneration,
)
from kiosk.core.home import SNAPSHOT_NAME, names_name
from kiosk.core.keys import TrustedKeys
from kiosk.core.regular_files import read_regular
from kiosk.snapshot.envelope import Opened, unsealed, verify
from kiosk.snapshot.model import FORMAT, MAX_ENVELOPE_BYTES, Names, Snapshot, decode
from kiosk.snapshot.names import MAX_NAMES_BYTES
from kiosk.snapshot.names import decode as decode_names

logger = logging.getLogger(__name__)

MOST_LISTS = 5000
"""Files of lists that one look reads; and"""
MOST_LIST_BYTES = 64 << 20
"""how many bytes of them. A directory that holds more bad ones than that is being flooded."""
MOST_NAMED_BYTES = 256 << 20
"""How many bytes of lists are read to find one by its name, which may be an old one."""


class Published(msgspec.Struct, frozen=True):
    """A snapshot that passed every check.

    Attributes:
        snapshot: the list.
        s: SHA-256 of the payload: the snapshot's name everywhere.
        signer: id of the key that signed it.
        envelope: the file's bytes, to be kept.
        path: where it was read.
        in_place_ns: the file's modification time in ns since 1970, for measuring only.
    """

    snapshot: Snapshot
    s: str
    signer: str
    envelope: bytes
    path: Path
    in_place_ns: int

    @property
    def generation(self) -> int:
        """The snapshot's generation."""
        return self.snapshot.generation


class Refusal(msgspec.Struct, frozen=True):
    """A file that was refused, and why."""

    path: Path
    error: SnapshotError

    @classmethod
    def of(cls, path: Path, error: SnapshotError) -> Self:
        """Return a refusal that can be kept: without the traceback, which would keep the file's content as well."""
        error.__cause__ = error.__context__ = None
        return cls(path, error.with_traceback(None))


class Stamp(NamedTuple):
    """What tells a file from another one of the same name: equal stamps mean, nearly always, equal content.

    Attributes:
        name: of the file.
        inode: its number.
        size: in bytes.
        modified_ns: as the file says, which may be any time.
        changed_ns: as the file system says.
    """

    name: str
    inode: int
    size: int
    modified_ns: int
    changed_ns: int


class Floor(msgspec.Struct, frozen=True):
    """What the kiosk has already adopted: the highest generation, and the S it had (empty before the first)."""

    generation: int = 0
    s: str = ""


def generation_of(path: Path) -> int | None:
    """Return the generation that a file name claims, or None if it is not a snapshot's name."""
    match = SNAPSHOT_NAME.fullmatch(path.name)
    return int(match.group(1)) if match else None


def candidates(directory: Path) -> Iterator[Path]:
    """Yield the snapshot files in `directory`, newest generation first; whatever else lies there is passed over."""
    try:
        with os.scandir(directory) as entries:
            names = [entry.name for entry in entries if SNAPSHOT_NAME.fullmatch(entry.name)]
    except OSError as error:
        logger.warning("cannot list %s: %s", directory, error.strerror)
        return
    for name in sorted(names, reverse=True):
        yield directory / name


def within_reason(paths: Iterable[Path], *, most_bytes: int = MOST_LIST_BYTES) -> Iterator[Path]:
    """Yield the first of `paths`: as many as one look reads."""
    size = 0
    for count, path in enumerate(paths):
        if count >= MOST_LISTS or size >= most_bytes:
            logger.warning("%s holds more than is read at once: %s and older ones were not", path.parent, path.name)
            return
        with contextlib.suppress(OSError):
            size += min(path.lstat().st_size, MAX_ENVELOPE_BYTES)
        yield path


def survey(directory: Path, pattern: re.Pattern[str] = SNAPSHOT_NAME) -> list[Stamp]:
    """Return a stamp of each file in `directory` whose name is of that form, in no order.

    Raises:
        HomeError: the directory cannot be listed.
    """
    try:
        with os.scandir(directory) as entries:
            return [stamp for entry in entries if pattern.fullmatch(entry.name) and (stamp := _stamp(entry))]
    except OSError as error:
        raise HomeError(f"No lists can arrive: {directory} cannot be read: {error.strerror}.") from error


def fingerprint(paths: Iterable[Path]) -> tuple[Stamp, ...]:
    """Return the stamps of `paths`; what is not there has none."""
    found = []
    for path in paths:
        try:
            status = path.lstat()
        except OSError:
            continue
        found.append(Stamp(path.name, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns))
    return tuple(found)


def _stamp(entry: "os.DirEntry[str]") -> Stamp | None:
    try:
        status = entry.stat(follow_symlinks=False)
    except OSError:  # it has just gone
        return None
    return Stamp(entry.name, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)


def read(path: Path, *, keys: TrustedKeys) -> Published:
    """Read one file and check everything about it that does not depend on other files.

    Raises:
        SnapshotUnreadable: not a regular file, or it cannot be read.
        SnapshotTooLarge: larger than `MAX_ENVELOPE_BYTES`.
        SnapshotMalformed: not an envelope, not a snapshot, or its name claims another generation.
        SnapshotUntrusted: no trusted signature.
    """
    data, in_place_ns = read_regular(path, limit=MAX_ENVELOPE_BYTES)
    return checked(path, data, keys=keys, in_place_ns=in_place_ns)


def checked(path: Path, data: bytes, *, keys: TrustedKeys, in_place_ns: int = 0) -> Published:
    """Return a list that is, or will be, the content of `path`, after the checks that `read` makes.

    Raises:
        SnapshotMalformed: not an envelope, not a snapshot, or its name claims another generation.
        SnapshotUntrusted: no trusted signature.
    """
    return _published(path, data, verify(data, payload_types=(FORMAT,), keys=keys), in_place_ns)


def _published(path: Path, data: bytes, opened: Opened, in_place_ns: int) -> Published:
    snapshot = decode(opened.payload)
    if snapshot.generation != generation_of(path) or snapshot.generation < 1:
        raise SnapshotMalformed(f"The file is named {path.name} but holds generation {snapshot.generation}.")
    return Published(
        snapshot=snapshot, s=opened.s, signer=opened.keyid, envelope=data, path=path, in_place_ns=in_place_ns
    )


def list_named(s: str, directories: Iterable[Path]) -> Published | None:
    """Return the list whose name is `s`, or None if it lies in none of `directories`.

    A list that the ledger names is known by its digest, so nobody has to vouch for it again: it is found although the
    key that signed it is no longer trusted. Of a flooded directory a part is read.
    """
    for directory in directories:
        for path in within_reason(candidates(directory), most_bytes=MOST_NAMED_BYTES):
            try:
                data, in_place_ns = read_regular(path, limit=MAX_ENVELOPE_BYTES)
                opened = unsealed(data, payload_types=(FORMAT,))
                if opened.s == s:
                    return _published(path, data, opened, in_place_ns)
            except SnapshotError:
                continue
    return None


class KnownLists:
    """The one way from a list's name S to the list: those on the wheel, and those that lie in the directories.

    Args:
        directories: where to look, the kiosk's own copies first.
    """

    _KEPT = 4

    def __init__(self, *directories: Path) -> None:
        self._directories = directories
        self._known: dict[str, Snapshot] = {}

    def add(self, s: str, snapshot: Snapshot) -> None:
        """Remember a list that is about to go on the wheel."""
        while len(self._known) >= self._KEPT:
            self._known.pop(next(iter(self._known)))
        self._known[s] = snapshot

    def __call__(self, s: str) -> Snapshot | None:
        """Return the list whose name is `s`, or None if it is nowhere."""
        known = self._known.get(s)
        if known is None and (published := list_named(s, self._directories)) is not None:
            known = published.snapshot
            self.add(s, known)
        return known


def read_names(snapshot: Snapshot, directories: Iterable[Path]) -> tuple[Names, bytes]:
    """Return the names of a list and the bytes of their file, from the first of `directories` that has it.

    Raises:
        NamesMissing: none of them has it, or what they have is another file.
    """
    name, problem = names_name(snapshot.names), ""
    for directory in directories:
        path = directory / name
        try:
            data, _ = read_regular(path, limit=MAX_NAMES_BYTES)
            return decode_names(data, snapshot=snapshot), data
        except SnapshotError as error:
            problem = problem or ("" if not path.exists() else f" {error.message}")
    raise NamesMissing(
        f"Its names file {name} is not here.{problem}", remedy="Publish the list again, or copy that file as well."
    )


def newest_good(paths: Iterable[Path], *, keys: TrustedKeys, floor: Floor) -> tuple[Published | None, list[Refusal]]:
    """Return the first of `paths` (newest first) that may be shown, and the newer ones that may not.

    Only the file that would be shown decides: what is older than the first good one is not read. Nor is what is older
    than the floor, once a newer file was refused: the newer one is what is wrong.
    """
    refusals: list[Refusal] = []
    for path in paths:
        if refusals and below(path, floor):
            break
        try:
            published = read(path, keys=keys)
            check_floor(published, floor)
        except SnapshotError as error:
            refusals.append(Refusal.of(path, error))
            continue
        return published, refusals
    return None, refusals


def below(path: Path, floor: Floor) -> bool:
    """Say whether the file's name claims a generation below the floor."""
    return (generation_of(path) or 0) < floor.generation


def check_floor(published: Published, floor: Floor) -> None:
    """Refuse what would take the kiosk back.

    Raises:
        StaleGeneration: below the highest generation ever adopted.
        ReplacedGeneration: that very generation, with other content.
    """
    if published.generation < floor.generation:
        raise StaleGeneration(
            f"Generation {published.generation} is older than {floor.generation}, which was already on the wheel.",
            remedy=f"To go back, publish it again: wheel-admin republish {published.generation}.",
        )
    if published.generation == floor.generation and published.s != floor.s:
        raise ReplacedGeneration(
            f"Generation {published.generation} was already adopted with another content ({floor.s[:8]}).",
            remedy="Publish again: a new list gets a new generation.",
        )


def keep_copy(published: Published, names: bytes, directory: Path) -> None:
    """Keep a list's bytes and those of its names file (if there are any) in `directory`, unless they are there.

    Raises:
        HomeError: a copy could not be written.
    """
    if names:
        _keep(directory / names_name(published.snapshot.names), names, limit=MAX_NAMES_BYTES)
    _keep(directory / published.path.name, published.envelope, limit=MAX_ENVELOPE_BYTES)


def erase_names(event: str, directory: Path) -> int:
    """Delete the names files of every list of an event that lies in `directory`; returns how many there were.

    Raises:
        HomeError: a file could not be deleted.
    """
    erased = 0
    for path in candidates(directory):
        try:
            data, _ = read_regular(path, limit=MAX_ENVELOPE_BYTES)
            snapshot = decode(unsealed(data, payload_types=(FORMAT,)).payload)
        except SnapshotError:
            continue
        names = directory / names_name(snapshot.names)
        if snapshot.event.id == event and names.is_file():
            remove(names)
            erased += 1
    return erased


def _keep(path: Path, data: bytes, *, limit: int) -> None:
    try:
        if read_regular(path, limit=limit)[0] == data:
            return
    except SnapshotError:
        pass
    write_atomic(path, data)
