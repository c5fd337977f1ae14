"""Signed messages in the directory of published files, read as if an enemy had written them.

Invariant: as for lists: nothing is trusted before `envelope.verify`, nothing is parsed before its size is known. What a
message means is decided elsewhere, in idle. A message is known by the SHA-256 of its payload, and its file is named by
the first 16 digits of that.
"""

from functools import partial
from pathlib import Path

import msgspec

from kiosk.core.durable import write_atomic
from kiosk.core.errors import SnapshotError, SnapshotMalformed
from kiosk.core.home import REQUEST_NAME, request_name
from kiosk.core.keys import TrustedKeys
from kiosk.core.regular_files import read_regular
from kiosk.intake.snapshot_files import survey
from kiosk.intake.verdict_cache import Verdicts
from kiosk.snapshot.envelope import verify
from kiosk.snapshot.requests import MAX_MESSAGE_BYTES, MESSAGE_TYPES, Message, decode

MOST_READ = 1000
"""Messages read at one look, the newest first. A directory that holds more is being flooded, and the others wait."""


class Delivered(msgspec.Struct, frozen=True):
    """A message whose signature holds; `digest` is its payload's SHA-256, `envelope` the file's bytes."""

    message: Message
    digest: str
    envelope: bytes

    @property
    def name(self) -> str:
        """The name of its file; a `refused` record calls it by that, which no other message can have."""
        return request_name(self.digest)


def read_message(path: Path, *, keys: TrustedKeys) -> Delivered:
    """Read one message and check all of it that does not depend on what the kiosk shows.

    Raises:
        SnapshotUnreadable: not a regular file, or it cannot be read.
        SnapshotTooLarge: larger than `MAX_MESSAGE_BYTES`.
        SnapshotMalformed: no envelope, no message, or its name claims something else.
        SnapshotUntrusted: no trusted signature.
    """
    return checked_message(path.name, read_regular(path, limit=MAX_MESSAGE_BYTES)[0], keys=keys)


def checked_message(name: str, data: bytes, *, keys: TrustedKeys) -> Delivered:
    """Return a message that is, or will be, the content of a file of that name, after the checks of `read_message`.

    Raises:
        SnapshotMalformed: no envelope, no message, or its name claims something else.
        SnapshotUntrusted: no trusted signature.
    """
    opened = verify(data, payload_types=MESSAGE_TYPES, keys=keys)
    message = decode(opened.payload, payload_type=opened.payload_type)
    if name != request_name(opened.s):
        raise SnapshotMalformed(f"The file is named {name} but holds the message of {request_name(opened.s)}.")
    return Delivered(message=message, digest=opened.s, envelope=data)


def delivered(directory: Path, *, keys: TrustedKeys, verdicts: Verdicts[Delivered]) -> tuple[Delivered, ...]:
    """Return the messages that lie in `directory`, in the order in which their files were written.

    Args:
        directory: of the published files.
        keys: the trusted ones.
        verdicts: what is known of the files already; has the bad ones afterwards.

    Raises:
        HomeError: the directory cannot be listed.
    """
    verdicts.begin(tuple(sorted(keys)))
    newest_first = sorted(
        survey(directory, REQUEST_NAME), key=lambda stamp: (stamp.modified_ns, stamp.name), reverse=True
    )
    messages = [
        message
        for stamp in newest_first
        if (message := verdicts.ask(directory / stamp.name, stamp, partial(read_message, keys=keys))) is not None
    ]
    messages.reverse()
    return tuple(messages)


def keep_message(message: Delivered, directory: Path) -> None:
    """Keep a message's bytes in `directory`: its record names it, and a verifier asks for it.

    Raises:
        HomeError: the copy could not be written.
    """
    path = directory / message.name
    try:
        if read_regular(path, limit=MAX_MESSAGE_BYTES)[0] == message.envelope:
            return
    except SnapshotError:
        pass
    write_atomic(path, message.envelope)
