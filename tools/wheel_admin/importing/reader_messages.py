"""What `wheel-admin` and its reading process say to each other, as bytes on two pipes.

Invariant: each message is its length (4 bytes, big-endian) and MessagePack. The reading process has touched a
stranger's file, so the other side takes nothing longer than a limit and nothing of another form.

    asker   Job, then the file's bytes
    reader  Reply, Reply, ..., one with `last` or `failure`
"""

from typing import IO, TypeVar

import msgspec

from wheel_admin.importing.tables import Sheet

MAX_MESSAGE_BYTES = 64_000_000
"""A sheet at every limit of `limits` takes less."""
OUT_OF_MEMORY = 77
"""The reader's exit code for want of memory: it has none left to say so."""
_LENGTH_BYTES = 4

T = TypeVar("T")


class Job(msgspec.Struct, frozen=True, array_like=True):
    """A file to read.

    Attributes:
        name: for messages.
        size: in bytes.
        sheets: the sheets wanted; empty for all that are visible.
        cpu_s: how many seconds of CPU time it may take.
        encoding: of a text file; empty to find it.
        check: read workbooks with the second reader too, and mark cells that differ.
    """

    name: str
    size: int
    sheets: tuple[str, ...]
    cpu_s: int
    encoding: str = ""
    check: bool = True


class Failure(msgspec.Struct, frozen=True, array_like=True):
    """An `InputError` in transit."""

    message: str
    remedy: str


class Reply(msgspec.Struct, frozen=True, array_like=True):
    """One step of the reading: rows read since the last one, a sheet, what went wrong, or the end.

    With `checking`, the first reader is done and the second one begins; if it crashes, the first reading stands.
    """

    rows: int = 0
    sheet: Sheet | None = None
    failure: Failure | None = None
    last: bool = False
    checking: bool = False


def send(stream: IO[bytes], message: Job | Reply) -> None:
    """Write one message.

    Raises:
        OSError: the other side is gone.
    """
    body = msgspec.msgpack.encode(message)
    stream.write(len(body).to_bytes(_LENGTH_BYTES, "big"))
    stream.write(body)
    stream.flush()


def receive(stream: IO[bytes], kind: type[T]) -> T | None:
    """Read one message; None if the other side is gone, also within it.

    Raises:
        ValueError: it is too long or of another form.
    """
    length = int.from_bytes(stream.read(_LENGTH_BYTES), "big")
    if length > MAX_MESSAGE_BYTES:
        raise ValueError(f"a message of {length} bytes")
    body = stream.read(length)
    return msgspec.msgpack.decode(body, type=kind) if body and len(body) == length else None
