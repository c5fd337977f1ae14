"""Puts what was fetched and verified into the directory of published files.

Invariant: only a `Parcel` is ever written, and a parcel is made of verified bytes only. Names and pictures are in place
before the list that needs them. A good file is never replaced and nothing is deleted; a damaged one is replaced by the
good one that bears its name. Every write is whole (`kiosk.core.durable`), under the lock of all writers.
"""

from collections.abc import Callable
from pathlib import Path

import msgspec

from kiosk.core.durable import SHARED, make_directory, write_atomic
from kiosk.core.errors import ReplacedGeneration, SnapshotError
from kiosk.core.home import Home, names_name, picture_name
from kiosk.core.keys import TrustedKeys
from kiosk.core.permissions import mode_of
from kiosk.core.publication_lock import publication_lock
from kiosk.core.regular_files import read_regular
from kiosk.draw.protocol import digest
from kiosk.intake.request_files import Delivered
from kiosk.intake.snapshot_files import Floor, Published, candidates, newest_good, read, within_reason
from kiosk.snapshot.model import MAX_ENVELOPE_BYTES
from kiosk.snapshot.names import MAX_NAMES_BYTES
from kiosk.snapshot.requests import MAX_MESSAGE_BYTES

MAX_PICTURE_BYTES = 8 << 20
"""Of a prize's picture. A photograph at the size of the largest screen has a quarter of it."""


class Parcel(msgspec.Struct, frozen=True):
    """Verified files of one publication, in the order in which they are placed.

    Attributes:
        files: (name, bytes, limit of such a file).
        published: the list; None for requests only.
    """

    files: tuple[tuple[str, bytes, int], ...]
    published: Published | None = None


def parcel_of(published: Published, names: bytes, pictures: dict[str, bytes]) -> Parcel:
    """Return the parcel of a list that was verified, with the files that it names by digest.

    Args:
        published: the list.
        names: its names file.
        pictures: by what the prizes call them; a missing one is left out, and the kiosk says so.

    Raises:
        ValueError: a file is not the one that the list names. The caller checked that already.
    """
    if digest(names) != published.snapshot.names:
        raise ValueError("not the names file that the list names")
    if any(digest(data) != picture.partition(".")[0] for picture, data in pictures.items()):
        raise ValueError("not the picture that the list names")
    files = [(names_name(published.snapshot.names), names, MAX_NAMES_BYTES)]
    files += [(picture_name(picture), data, MAX_PICTURE_BYTES) for picture, data in pictures.items()]
    files.append((published.path.name, published.envelope, MAX_ENVELOPE_BYTES))
    return Parcel(tuple(files), published)


def parcel_of_requests(requests: tuple[Delivered, ...]) -> Parcel:
    """Return the parcel of requests that were verified."""
    return Parcel(tuple((one.name, one.envelope, MAX_MESSAGE_BYTES) for one in requests))


def prepare(home: Home) -> None:
    """Create the directories that the fetcher writes in, unless they are there.

    Raises:
        HomeError: one cannot be created.
    """
    for directory in (home.admin, home.snapshots):
        if not directory.is_dir():
            make_directory(directory, mode=mode_of(home, directory))
    if not home.fetch.is_dir():
        make_directory(home.fetch, mode=0o755)


def newest_at_home(home: Home, keys: TrustedKeys) -> int:
    """Return the generation of the newest good list in the directory of published files; 0 if there is none."""
    published, _ = newest_good(within_reason(candidates(home.snapshots)), keys=keys, floor=Floor())
    return published.generation if published else 0


def place(home: Home, parcel: Parcel, *, keys: TrustedKeys, placed: Callable[[str], None]) -> None:
    """Write the files of a parcel that are not there already.

    Args:
        home: where.
        parcel: what.
        keys: the trusted ones; they say whether a list that is there is good.
        placed: told of each file that was written.

    Raises:
        ReplacedGeneration: another good list has that generation here.
        BusyError: another writer holds the lock.
        HomeError: a file cannot be written; what was written before it stays, and is good.
    """
    with publication_lock(home, holder="wheel-fetch", swept=(home.snapshots,)):
        if parcel.published is not None:
            _refuse_replacing(home, parcel.published, keys)
        for name, data, limit in parcel.files:
            path = home.snapshots / name
            if not _holds(path, data, limit):
                write_atomic(path, data, mode=SHARED)
                placed(name)


def _refuse_replacing(home: Home, published: Published, keys: TrustedKeys) -> None:
    path = home.snapshots / published.path.name
    try:
        there = read(path, keys=keys)
    except SnapshotError:
        return
    if there.s != published.s:
        raise ReplacedGeneration(
            f"Another list of generation {published.generation} is here already ({there.s[:8]}).",
            remedy="Publish again: a new list gets a new generation.",
        )


def _holds(path: Path, data: bytes, limit: int) -> bool:
    try:
        return read_regular(path, limit=limit)[0] == data
    except SnapshotError:
        return False
