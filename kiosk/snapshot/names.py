"""The names file `wheel-names/1`: who the tickets of a list are.

Invariant: pure. It has no signature of its own: the signed list names it by SHA-256. Nothing that is proven needs it,
so deleting it erases the names and leaves the proof. Its salt keeps the digest from telling whether a guess at all the
names is right.
"""

import re
from collections.abc import Iterable
from typing import Literal

import msgspec

from kiosk.core import canonical
from kiosk.core.canonical import NotCanonical
from kiosk.core.errors import SnapshotMalformed
from kiosk.core.text_rules import problem_with
from kiosk.draw.protocol import digest
from kiosk.snapshot.model import MAX_ENTRIES, Names, Snapshot

FORMAT: Literal["wheel-names/1"] = "wheel-names/1"
MAX_NAME = 120
MAX_NAMES_BYTES = 4 << 20
"""3000 names at their limit stay below this; anything larger is not parsed."""
SALT_BYTES = 32

_SALT = re.compile("[0-9a-f]{64}")


class NamesFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The content: `names` are (ticket, name) in the entries' order, `salt` is 64 random hex digits."""

    format: Literal["wheel-names/1"]
    salt: str
    names: tuple[tuple[str, str], ...]


def encode(names: Iterable[tuple[str, str]], *, salt: bytes) -> bytes:
    """Return the file's bytes.

    Args:
        names: (ticket, name) in the entries' order.
        salt: `SALT_BYTES` from the operating system.

    Raises:
        NotCanonical: a name holds a control character or a lone surrogate.
    """
    return canonical.encode(NamesFile(FORMAT, salt.hex(), tuple(names)))


def decode(data: bytes, *, snapshot: Snapshot) -> Names:
    """Read the names file of a list.

    Raises:
        SnapshotMalformed: it is not the file that the list names, or it breaks a rule.
    """
    if digest(data) != snapshot.names:
        raise SnapshotMalformed("It is not the names file that the list names: its SHA-256 is another one.")
    try:
        content = canonical.decode(data, kind=NamesFile)
    except NotCanonical as error:
        raise SnapshotMalformed(f"It is not a {FORMAT}: {error}.") from error
    problem = problem_with_names(content.names)
    if problem is None and not _SALT.fullmatch(content.salt):
        problem = "the salt is not 64 lowercase hex digits"
    if problem is None and [ticket for ticket, _ in content.names] != [entry.ticket for entry in snapshot.entries]:
        problem = "its tickets are not those of the entries, in their order"
    if problem:
        raise SnapshotMalformed(f"The names file breaks a rule: {problem}.")
    return dict(content.names)


def problem_with_names(names: Iterable[tuple[str, str]]) -> str | None:
    """Return the first name that cannot be published, as a phrase, or None."""
    for number, (ticket, name) in enumerate(names, start=1):
        if number > MAX_ENTRIES:
            return f"it has more than {MAX_ENTRIES} names"
        if problem := problem_with(name, what=f"({ticket[:40]})", limit=MAX_NAME):
            return f"name {number} {problem}"
    return None
