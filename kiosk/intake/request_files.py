"""Signed messages in the directory of published files, read as if an enemy had written them.

Invariant: as in `store`: nothing is trusted before `envelope.verify`, nothing is parsed before its size is known. What
a message means is decided elsewhere, in idle.
"""

import re
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from kiosk.core.errors import SnapshotMalformed
from kiosk.core.home import ENTROPY_NAME, REQUEST_NAME, entropy_name, request_name
from kiosk.core.keys import TrustedKeys
from kiosk.core.regular_files import read_regular
from kiosk.intake.snapshot_files import survey
from kiosk.intake.verdict_cache import Verdicts
from kiosk.snapshot.envelope import verify
from kiosk.snapshot.requests import (
    ENTROPY_TYPE,
    MAX_MESSAGE_BYTES,
    REQUEST_TYPE,
    EntropyMessage,
    Message,
    decode_entropy,
    decode_request,
)

MOST_READ = 1000
"""Messages read at one look, the newest first. A directory that holds more is being flooded, and the others wait."""
_MESSAGE_NAME = re.compile(f"{ENTROPY_NAME.pattern}|{REQUEST_NAME.pattern}")


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
    if ENTROPY_NAME.fullmatch(path.name):
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
        return entropy_name(message.generation)
    return request_name(message.nonce)


def delivered(
    directory: Path, *, keys: TrustedKeys, generation: int, verdicts: Verdicts[Delivered]
) -> tuple[Delivered, ...]:
    """Return the messages that lie in `directory`: entropy for the list on the wheel, requests, earlier entropy.

    Args:
        directory: of the published files.
        keys: the trusted ones.
        generation: of the list on the wheel. Entropy for later ones is not read; of that for earlier ones, which may
            have come too late, only what is a message counts: the rest was named while its list was on the wheel.
        verdicts: what is known of the files already; has the bad ones afterwards.

    Raises:
        HomeError: the directory cannot be listed.
    """
    verdicts.begin((generation, *sorted(keys)))
    current = entropy_name(generation)

    def order(name: str) -> int:
        return 1 if not ENTROPY_NAME.fullmatch(name) else (name < current) * 2 + (name > current) * 3

    newest_first = sorted(
        survey(directory, _MESSAGE_NAME), key=lambda stamp: (stamp.modified_ns, stamp.name), reverse=True
    )
    messages = [
        message
        for stamp in newest_first
        if order(stamp.name) < 3
        and (message := verdicts.ask(directory / stamp.name, stamp, partial(read_message, keys=keys))) is not None
    ]
    verdicts.refusals = [refusal for refusal in verdicts.refusals if order(refusal.path.name) < 2]
    messages.reverse()
    return tuple(sorted(messages, key=lambda one: order(one.name)))
