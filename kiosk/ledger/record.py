"""The records of the ledger, and the one way they are written as bytes (docs/protocol.md, "The ledger").

Invariant: pure. A line is canonical: ASCII keys, sorted, no spaces, integers below 2^53 and strings only, non-ASCII
characters as they are. So equal records are equal bytes, and a changed byte is a changed record. No names: tickets
only.
"""

from dataclasses import dataclass
from typing import Annotated, Any, Literal, TypeAlias

import msgspec

from kiosk.core.errors import LedgerBroken
from kiosk.draw.protocol import digest

GENESIS = "0" * 64
"""`prev` of the first record."""
_STAMP = ("seq", "at", "prev")
_Whole = Annotated[int, msgspec.Meta(gt=-(1 << 53), lt=1 << 53)]

Mode = Literal["natural", "fixed", "demo"]


class _Body(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    omit_defaults=True,
    tag_field="type",
    tag=str.lower,
):
    """What a record says, without its place in the chain."""


class Adopt(_Body, frozen=True):
    """The kiosk starts to show a generation, having committed to `anchor`. Generation 0 is the sample list."""

    generation: int
    snapshot: str
    entries: int
    weight: int
    anchor: str
    kiosk: str


class Entropy(_Body, frozen=True):
    """Public entropy P for the list `snapshot`, used from the next spin on."""

    snapshot: str
    entropy: str


class Open(_Body, frozen=True):
    """Spin `spin` is about to be decided: everything that decides it is now fixed."""

    generation: int
    spin: int
    mode: Mode
    pool: str
    entropy: str
    step: int | None = None


class Result(_Body, frozen=True):
    """Spin `spin` is decided: the reveal, the sample, the ticket, and where the wheel will rest."""

    spin: int
    mode: Mode
    reveal: str
    x: str
    k: int
    t: int
    ticket: str
    rest: int
    turns: int
    step: int | None = None
    reason: str | None = None
    fallback: str | None = None


class Shown(_Body, frozen=True):
    """The wheel has come to rest on the result of spin `spin`."""

    spin: int
    duration_ms: int
    frames: int


class Absent(_Body, frozen=True):
    """The winner of spin `spin` is not in the room; the redraw is the next spin. `request`: who asked, if not a key."""

    spin: int
    ticket: str
    request: str | None = None


class Withdraw(_Body, frozen=True):
    """`ticket` leaves the wheel from the next spin on. `request` is the nonce of the signed request for it."""

    ticket: str
    reason: str
    request: str | None = None


class Refused(_Body, frozen=True):
    """A published file was not adopted."""

    file: str
    reason: str


class Recovered(_Body, frozen=True):
    """A line that a power cut had torn was moved aside: its length in `bytes` and its SHA-256."""

    bytes: int
    digest: str


class Note(_Body, frozen=True):
    """Something that an auditor should know."""

    text: str


Body: TypeAlias = Adopt | Entropy | Open | Result | Shown | Absent | Withdraw | Refused | Recovered | Note


@dataclass(frozen=True, slots=True)
class Record:
    """A body at its place in the chain: `seq` from 1, `at` in UTC, `prev` = H(previous line)."""

    seq: int
    at: str
    prev: str
    body: Body

    def line(self) -> bytes:
        """Return the canonical line, without LF."""
        fields: dict[str, Any] = msgspec.to_builtins(self.body)
        fields |= {"seq": self.seq, "at": self.at, "prev": self.prev}
        return msgspec.json.encode(fields, order="sorted")


def parse(line: bytes) -> Record:
    """Read one line (without LF).

    Raises:
        LedgerBroken: it is no record, or not in canonical form.
    """
    try:
        fields = msgspec.json.decode(line, type=dict[str, str | _Whole])
        seq, at, prev = (fields.pop(key, None) for key in _STAMP)
        record = Record(
            seq=msgspec.convert(seq, int),
            at=msgspec.convert(at, str),
            prev=msgspec.convert(prev, str),
            body=msgspec.convert(fields, Body),
        )
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise LedgerBroken(f"not a ledger record: {error}") from error
    if record.line() != line:
        raise LedgerBroken("not in canonical form")
    return record


def hash_of(line: bytes) -> str:
    """Return what the next record's `prev` must be: H(line without LF)."""
    return digest(line)
