"""Signed messages in the directory of published files, read as if an enemy had written them.

Law: as in `store`: nothing is trusted before `envelope.verify`, nothing is parsed before its size is known. What a
message means is decided elsewhere, in idle.
"""

import logging
import os
import re
from dataclasses import dataclass
from pathlib import Path

from kiosk.errors import SnapshotError, SnapshotMalformed
from kiosk.snapshot.envelope import TrustedKeys, verify
from kiosk.snapshot.message import (
    ENTROPY_TYPE,
    MAX_MESSAGE_BYTES,
    REQUEST_TYPE,
    EntropyMessage,
    Message,
    decode_entropy,
    decode_request,
)
from kiosk.snapshot.store import Refusal, read_regular

logger = logging.getLogger(__name__)

MOST_REQUESTS = 200
"""Requests read at one look. A directory that holds more is being flooded, and the others wait."""
_ENTROPY_NAME = re.compile(r"entropy-([0-9]{6})\.json")
_REQUEST_NAME = re.compile(r"request-([0-9a-f]{16})\.json")


@dataclass(frozen=True, slots=True)
class Delivered:
    """A message whose signature holds; `name` is its file's, `id` the start of its payload's SHA-256."""

    message: Message
    name: str
    id: str

    @property
    def label(self) -> str:
        """What a `refused` record calls it: this very message, not one that replaces its file."""
        return f"{self.name}#{self.id}"


def read_message(path: Path, *, keys: TrustedKeys) -> Delivered:
    """Read one message and check all of it that does not depend on what the kiosk shows.

    Raises:
        SnapshotUnreadable: not a regular file, or it cannot be read.
        SnapshotTooLarge: larger than `MAX_MESSAGE_BYTES`.
        SnapshotMalformed: no envelope, no message, or its name claims something else.
        SnapshotUntrusted: no trusted signature.
    """
    data, _ = read_regular(path, limit=MAX_MESSAGE_BYTES)
    message: Message
    if _ENTROPY_NAME.fullmatch(path.name):
        opened = verify(data, payload_type=ENTROPY_TYPE, keys=keys)
        message = decode_entropy(opened.payload)
    else:
        opened = verify(data, payload_type=REQUEST_TYPE, keys=keys)
        message = decode_request(opened.payload)
    if path.name != name_of(message):
        raise SnapshotMalformed(f"The file is named {path.name} but holds {name_of(message)}.")
    return Delivered(message=message, name=path.name, id=opened.s[:8])


def name_of(message: Message) -> str:
    """Return the name that the message's file must have."""
    if isinstance(message, EntropyMessage):
        return f"entropy-{message.generation:06d}.json"
    return f"request-{message.nonce}.json"


def delivered(
    directory: Path, *, keys: TrustedKeys, generation: int
) -> tuple[tuple[Delivered, ...], tuple[Refusal, ...]]:
    """Return the messages that lie in `directory`, entropy for the list on the wheel first; and files that are none.

    Args:
        directory: of the published files.
        keys: the trusted ones.
        generation: of the list on the wheel. Entropy for later ones is not read; of that for earlier ones, which may
            have come too late, only what is a message is returned: the rest was named while its list was on the wheel.
    """
    messages: list[Delivered] = []
    refusals: list[Refusal] = []
    found = _names(directory)
    current = f"entropy-{generation:06d}.json"
    entropy = [name for name in found if name == current]
    earlier = [name for name in found if _ENTROPY_NAME.fullmatch(name) and name < current]
    requests = [name for name in found if _REQUEST_NAME.fullmatch(name)]
    for name in entropy + requests[-MOST_REQUESTS:] + earlier[-MOST_REQUESTS:]:
        try:
            messages.append(read_message(directory / name, keys=keys))
        except SnapshotError as error:
            if name not in earlier:
                refusals.append(Refusal(directory / name, error))
    return tuple(messages), tuple(refusals)


def messages_in(directory: Path) -> list[Path]:
    """Return every file in `directory` that has a message's name, newest first."""
    return [directory / name for name in reversed(_names(directory))]


def _names(directory: Path) -> list[str]:
    """Return the names of messages, oldest first."""
    try:
        with os.scandir(directory) as entries:
            found = [(entry.stat(follow_symlinks=False).st_mtime_ns, entry.name) for entry in entries if _ours(entry)]
    except OSError as error:
        logger.warning("cannot list %s: %s", directory, error.strerror)
        return []
    return [name for _, name in sorted(found)]


def _ours(entry: "os.DirEntry[str]") -> bool:
    return bool(_ENTROPY_NAME.fullmatch(entry.name) or _REQUEST_NAME.fullmatch(entry.name))
