"""`index.json`: what lies at a source, for sources that cannot list their files (a web server, a bucket).

Invariant: pure. The index is not signed and never trusted: a name in it is a hint where to look, a size and a digest
are hints that save requests. What is fetched is believed for its own signature or digest, or not at all. Names that
are not those of published files are passed over.
"""

import re
from collections.abc import Iterable
from typing import Literal

import msgspec

from kiosk.core.errors import SnapshotMalformed
from kiosk.core.home import NAMES_NAME, PICTURE_NAME, REQUEST_NAME, SNAPSHOT_NAME

INDEX_NAME = "index.json"
FORMAT: Literal["wheel-index/1"] = "wheel-index/1"
MAX_INDEX_BYTES = 1 << 20
"""An index that is larger is not read."""
MAX_FILES = 5000
"""Files that a source may hold; `publish` lists fewer."""

_PUBLISHED = (SNAPSHOT_NAME, NAMES_NAME, REQUEST_NAME, PICTURE_NAME)


class HintedFile(msgspec.Struct, frozen=True):
    """A file at a source: its `size` in bytes, or -1, and its `sha256`, or "", where the source says so."""

    name: str
    size: int = -1
    sha256: str = ""


class _Index(msgspec.Struct, frozen=True):
    format: Literal["wheel-index/1"]
    files: tuple[HintedFile, ...]


def is_published_name(name: str) -> bool:
    """Say whether a published file can have that name: it has no slash, no dots but one, and no other surprise."""
    return any(re.fullmatch(pattern, name) for pattern in _PUBLISHED)


def encode(files: Iterable[HintedFile]) -> bytes:
    """Return the index's bytes."""
    return msgspec.json.encode(_Index(FORMAT, tuple(sorted(files, key=lambda file: file.name)))) + b"\n"


def decode(data: bytes) -> tuple[HintedFile, ...]:
    """Return the files of an index whose names published files can have.

    Raises:
        SnapshotMalformed: it is not an index, or it lists too many files.
    """
    try:
        index = msgspec.json.decode(data, type=_Index)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise SnapshotMalformed(f"{INDEX_NAME} is not a {FORMAT}: {str(error)[:200]}.") from error
    if len(index.files) > MAX_FILES:
        raise SnapshotMalformed(f"{INDEX_NAME} lists {len(index.files)} files, more than {MAX_FILES}.")
    return tuple(file for file in index.files if is_published_name(file.name))
