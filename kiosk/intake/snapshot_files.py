"""Published files on the disk, read as if an enemy had written them.

Invariant: nothing is trusted before `envelope.verify`, nothing is parsed before its size is known, and no file of the
directory can make a reader wait (FIFOs, devices and links are not opened). Publishing is the admin's.
"""

import logging
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Self

from kiosk.core.durable import write_atomic
from kiosk.core.errors import (
    HomeError,
    ReplacedGeneration,
    SnapshotError,
    SnapshotMalformed,
    StaleGeneration,
)
from kiosk.core.home import SNAPSHOT_NAME
from kiosk.core.keys import TrustedKeys
from kiosk.core.regular_files import read_regular
from kiosk.snapshot.envelope import verify
from kiosk.snapshot.model import MAX_ENVELOPE_BYTES, PAYLOAD_TYPE, Snapshot, decode

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Published:
    """A snapshot that passed every check.

    Attributes:
        snapshot: the list.
        s: SHA-256 of the payload: the snapshot's name everywhere.
        envelope: the file's bytes, to be kept.
        path: where it was read.
        in_place_ns: the file's modification time in ns since 1970, for measuring only.
    """

    snapshot: Snapshot
    s: str
    envelope: bytes
    path: Path
    in_place_ns: int

    @property
    def generation(self) -> int:
        """The snapshot's generation."""
        return self.snapshot.generation


@dataclass(frozen=True, slots=True)
class Refusal:
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


@dataclass(frozen=True, slots=True)
class Floor:
    """What the kiosk has already adopted: the highest generation, and the S it had (empty before the first)."""

    generation: int = 0
    s: str = ""


def generation_of(path: Path) -> int | None:
    """Return the generation that a file name claims, or None if it is no snapshot's name."""
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
    opened = verify(data, payload_type=PAYLOAD_TYPE, keys=keys)
    snapshot = decode(opened.payload)
    if snapshot.generation != generation_of(path) or snapshot.generation < 1:
        raise SnapshotMalformed(f"The file is named {path.name} but holds generation {snapshot.generation}.")
    return Published(snapshot=snapshot, s=opened.s, envelope=data, path=path, in_place_ns=in_place_ns)


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


def named(s: str, paths: Iterable[Path], *, keys: TrustedKeys) -> Published | None:
    """Return the good list whose snapshot digest is `s`, from the first of `paths` that holds it."""
    for path in paths:
        published, _ = newest_good([path], keys=keys, floor=Floor())
        if published is not None and published.s == s:
            return published
    return None


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
            remedy=f"To go back, publish it anew: wheel-admin republish {published.generation}.",
        )
    if published.generation == floor.generation and published.s != floor.s:
        raise ReplacedGeneration(
            f"Generation {published.generation} was already adopted with another content ({floor.s[:8]}).",
            remedy="Publish again: a new list gets a new generation.",
        )


def keep_copy(published: Published, directory: Path) -> None:
    """Keep the file's bytes in `directory`, unless they are there already.

    Raises:
        HomeError: the copy could not be written.
    """
    path = directory / published.path.name
    try:
        if read_regular(path, limit=MAX_ENVELOPE_BYTES)[0] == published.envelope:
            return
    except SnapshotError:
        pass
    write_atomic(path, published.envelope)
