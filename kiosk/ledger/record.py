"""The records of the ledger, and the one way they are written as bytes (docs/protocol.md, "Records").

Invariant: pure. A line is canonical (`kiosk.core.canonical`): sorted keys, strings, whole numbers from 0 to 2^53 - 1,
and one array, `winners`. Every field is always present. So equal records are equal bytes, and a changed byte is a
changed record. No names: tickets only.
"""

import re
from typing import Annotated, Any, Literal, TypeAlias

import msgspec

from kiosk.core import canonical
from kiosk.core.errors import LedgerBroken
from kiosk.core.text_rules import is_time_in_form
from kiosk.draw.modes import Mode
from kiosk.draw.protocol import digest
from kiosk.snapshot.model import MAX_PER_PRESS, MAX_TICKET
from kiosk.snapshot.requests import ClaimState

GENESIS = "0" * 64
"""`prev` of the first record."""
EARLIER_FORMAT = "it is of wheel-draw/1, and this program reads wheel-draw/2 only"
KEY = ""
"""`request` of a claim that was made with a key at the kiosk."""

_MOST = (1 << 53) - 1
_AT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z", re.ASCII)

Whole = Annotated[int, msgspec.Meta(ge=0, le=_MOST)]
Positive = Annotated[int, msgspec.Meta(ge=1, le=_MOST)]
Hex64 = Annotated[str, msgspec.Meta(pattern=r"\A[0-9a-f]{64}\Z")]
EventId = Annotated[str, msgspec.Meta(pattern=r"\A[0-9a-f]{16}\Z")]
PrizeId = Annotated[str, msgspec.Meta(pattern=r"\A[a-z0-9-]{0,40}\Z")]
Places = Annotated[str, msgspec.Meta(pattern=r"\A[1-9][0-9]{0,15}(?:,[1-9][0-9]{0,15})*\Z")]
Entropies = Annotated[str, msgspec.Meta(pattern=r"\A(?:none|[0-9a-f]{64})\Z")]
Requested = Annotated[str, msgspec.Meta(pattern=r"\A(?:[0-9a-f]{64})?\Z")]
Turns = Annotated[int, msgspec.Meta(ge=5, le=7)]
Rest = Annotated[int, msgspec.Meta(ge=0, lt=1 << 32)]
Ticket = Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_TICKET)]
Tickets = Annotated[tuple[Ticket, ...], msgspec.Meta(min_length=1, max_length=MAX_PER_PRESS)]


class _Body(msgspec.Struct, frozen=True, tag_field="type", tag=str.lower):
    """What a record says, without its place in the chain."""


class Adopt(_Body, frozen=True, kw_only=True):
    """The kiosk starts to show a generation, having committed to `anchor`; `signer` is the organiser's key id."""

    event: EventId
    generation: Positive
    snapshot: Hex64
    entries: Positive
    weight: Positive
    anchor: Hex64
    kiosk: Hex64
    signer: Hex64


class Entropy(_Body, frozen=True, kw_only=True):
    """One public entropy text for the list `snapshot` under `anchor`."""

    snapshot: Hex64
    anchor: Hex64
    text: str
    request: Hex64


class Open(_Body, frozen=True, kw_only=True):
    """Spin `spin` is about to be decided: everything that decides it is now fixed.

    `mode` is the planned one; `entropy` is P; `weight` is the pool's.
    """

    event: EventId
    generation: Positive
    spin: Positive
    prize: PrizeId
    places: Places
    mode: Mode
    step: Whole
    pool: Hex64
    weight: Positive
    entropy: Entropies

    @property
    def place_numbers(self) -> tuple[int, ...]:
        """The places as numbers, ascending."""
        return tuple(map(int, self.places.split(",")))


class Result(_Body, frozen=True, kw_only=True):
    """Spin `spin` is decided: the reveal, the winners in the order of places, and where the wheel will rest.

    `mode` is what happened; `reason` is the step's if it is fixed; `fallback` says why a fixed spin became natural.
    """

    spin: Positive
    mode: Mode
    reveal: Hex64
    winners: Tickets
    rest: Rest
    turns: Turns
    reason: str
    fallback: Literal["", "not in the pool"]


class Shown(_Body, frozen=True, kw_only=True):
    """The wheel has come to rest on the result of spin `spin`."""

    spin: Positive
    duration_ms: Whole
    frames: Whole


class Void(_Body, frozen=True, kw_only=True):
    """Spin `spin` was opened and cannot be decided any more, for `reason`."""

    spin: Positive
    reason: str


class Claim(_Body, frozen=True, kw_only=True):
    """What became of a place.

    `reserve` is the reserve's place whose ticket moved in, or 0. `request` is "" for a key at the kiosk.
    """

    event: EventId
    prize: PrizeId
    place: Positive
    ticket: Ticket
    state: ClaimState
    reserve: Whole
    request: Requested


class Withdraw(_Body, frozen=True, kw_only=True):
    """`ticket` can win nothing from the next spin on."""

    event: EventId
    ticket: Ticket
    reason: str
    request: Hex64


class Close(_Body, frozen=True, kw_only=True):
    """The event is over."""

    event: EventId
    request: Hex64


class Restored(_Body, frozen=True, kw_only=True, rename={"from_": "from"}):
    """Another kiosk key, `to`, goes on with a ledger whose last key was `from`.

    `head` is that of the record before. docs/protocol.md also lists `seq`: that is the record's own, as a line has
    it once.
    """

    from_: Hex64
    to: Hex64
    head: Hex64


class Rehearsal(_Body, frozen=True, kw_only=True):
    """A rehearsal of an event began; what it shows is not recorded."""

    event: EventId


class Refused(_Body, frozen=True, kw_only=True):
    """A published file was not adopted, or a message not carried out."""

    file: str
    reason: str


class Recovered(_Body, frozen=True, kw_only=True):
    """A line that a power cut had torn was moved aside: its length in `bytes` and its SHA-256."""

    bytes: Whole
    digest: Hex64


class Note(_Body, frozen=True, kw_only=True):
    """Something that an auditor may want to know. No rule reads it."""

    text: str


Body: TypeAlias = (
    Adopt
    | Entropy
    | Open
    | Result
    | Shown
    | Void
    | Claim
    | Withdraw
    | Close
    | Restored
    | Rehearsal
    | Refused
    | Recovered
    | Note
)


class Record(msgspec.Struct, frozen=True):
    """A body at its place in the chain: `seq` from 1, `at` in UTC, `prev` = H(previous line)."""

    seq: int
    at: str
    prev: str
    body: Body

    def line(self) -> bytes:
        """Return the canonical line, without LF.

        Raises:
            NotCanonical: a text holds a control character or a lone surrogate.
        """
        fields: dict[str, Any] = msgspec.to_builtins(self.body)
        fields |= {"seq": self.seq, "at": self.at, "prev": self.prev}
        return canonical.encode(fields)


def parse(line: bytes) -> Record:
    """Read one line (without LF).

    Raises:
        LedgerBroken: it is not a record, or not in canonical form.
    """
    try:
        stamp, body = _STAMP_DECODER.decode(line), _BODY_DECODER.decode(line)
        record = Record(seq=stamp.seq, at=stamp.at, prev=stamp.prev, body=body)
        again = record.line()
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise LedgerBroken(f"not a ledger record: {_reason(error)}{_of_an_earlier_format(line)}") from error
    if again != line:  # a field more, one twice, a space, an escape: there is one way to write a record
        raise LedgerBroken(f"not a ledger record: it is not in the one form{_of_an_earlier_format(line)}")
    if not is_time_in_form(record.at, _AT):
        raise LedgerBroken("not a ledger record: `at` is not a time in UTC with milliseconds")
    return record


def hash_of(line: bytes) -> str:
    """Return what the next record's `prev` must be: H(line without LF)."""
    return digest(line)


class _Stamp(msgspec.Struct, frozen=True):
    """Where a record stands; the other fields are its body's."""

    seq: Positive
    at: str
    prev: Hex64


_STAMP_DECODER = msgspec.json.Decoder(_Stamp)
_BODY_DECODER: msgspec.json.Decoder[Body] = msgspec.json.Decoder(Body)


def _reason(error: Exception) -> str:
    return ascii(str(error))[1:-1][:160]


class _Earlier(msgspec.Struct, frozen=True):
    """The fields that tell a record of wheel-draw/1: it has no event, and one ticket or P where /2 has another."""

    type: Literal["adopt", "entropy", "open", "result", "absent", "withdraw"]
    prev: str
    event: str | None = None
    anchor: str | None = None
    winners: object = None


def _of_an_earlier_format(line: bytes) -> str:
    try:
        known = msgspec.json.decode(line, type=_Earlier)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return ""
    is_new = known.event is not None or known.winners is not None or (known.type == "entropy" and known.anchor)
    return "" if is_new else f"; {EARLIER_FORMAT}"
