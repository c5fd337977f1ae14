"""What every way to a source can do, and how it fails.

Invariant: a transport fetches bytes and judges none. Every call ends: within the time-out of the source, or soon after.
A size is known before anything is read, and nothing larger than the caller's limit is. No message holds a credential.
"""

from typing import Protocol

import msgspec

from kiosk.core.errors import WheelError
from kiosk.fetcher.index_file import HintedFile

CHUNK_BYTES = 64 << 10
MOST_LISTED = 10_000
"""Files of a folder that are looked at. A folder that holds more is refused: it is not one that `publish` made."""


class SourceError(WheelError, OSError):
    """A source could not be asked, or its answer cannot be used. Asking again later may help."""


class NotThere(SourceError):
    """The source has no such file."""


class TooLarge(SourceError):
    """The file is larger than it may be, or the source does not say how large it is. It was not read."""


class NotWritable(SourceError):
    """The source takes no files from us."""


class Fetched(msgspec.Struct, frozen=True):
    """A file's bytes.

    Attributes:
        version: what the source says about this version of the file, to ask whether it changed; "" if nothing.
        strong: equal versions mean equal bytes. Else they do only once the version has stood for some seconds.
    """

    data: bytes
    version: str
    strong: bool


class Transport(Protocol):
    """A way to a source. For one thread."""

    def fetch(self, name: str, *, limit: int, known: str = "") -> Fetched | None:
        """Return a file, or None if its version is still `known`.

        Raises:
            NotThere: there is none.
            TooLarge: it has more than `limit` bytes.
            SourceError: anything else.
        """
        ...

    def listing(self, folder: str = "") -> tuple[HintedFile, ...] | None:
        """Return the files of the source, or of a folder in it; None if such a source cannot list.

        Raises:
            SourceError: it cannot be asked, or holds more than `MOST_LISTED` files.
        """
        ...

    def write(self, name: str, data: bytes) -> None:
        """Write a file, whole or not at all; folders in its name are made.

        Raises:
            NotWritable: the source takes none.
            SourceError: it may not have arrived.
        """
        ...

    def close(self) -> None:
        """Give connections back; the next call connects again."""
        ...
