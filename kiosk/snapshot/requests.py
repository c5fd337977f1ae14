"""The signed messages beside lists: entropy, withdraw, claim, close, and checkpoints (docs/protocol.md).

Invariant: pure. Bytes become a message here or not at all. The organiser's messages are known by the SHA-256 of their
payload, and each is bound to its event, so that it can be used for no other; the same message can be carried out only
once. What a message means is decided elsewhere.
"""

from collections.abc import Callable
from typing import Literal, TypeAlias

import msgspec

from kiosk.core import canonical
from kiosk.core.canonical import NotCanonical
from kiosk.core.errors import SnapshotMalformed
from kiosk.core.text_rules import problem_with, problem_with_ticket
from kiosk.draw.entropy import MAX_VALUE, MAX_WORDS
from kiosk.snapshot.model import (
    MAX_QUANTITY,
    MAX_REASON,
    MAX_RESERVES,
    MAX_TICKET,
    NO_PRIZE,
    is_digest,
    is_event_id,
    is_prize_id,
)

MAX_MESSAGE_BYTES = 64 << 10
"""A message at every limit has some 4 KiB; anything larger is not parsed."""
MAX_TEXT = MAX_WORDS + MAX_VALUE + len("lottery::")
_MOST = (1 << 53) - 1

ClaimState: TypeAlias = Literal["confirmed", "collected", "absent", "declined", "expired"]
"""What a claim makes of a place."""
FREEING: frozenset[ClaimState] = frozenset({"absent", "declined", "expired"})
"""The states that free the place."""


class _Message(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A payload: every field is always there, in this order."""


class EntropyMessage(_Message, frozen=True, kw_only=True):
    """One public entropy `text` for the list `snapshot` (S), under one anchor of one kiosk."""

    format: Literal["wheel-entropy/2"] = "wheel-entropy/2"
    event: str
    snapshot: str
    anchor: str
    kiosk: str
    text: str


class WithdrawMessage(_Message, frozen=True, kw_only=True):
    """`ticket` can win nothing from the next spin on, because of `reason`."""

    format: Literal["wheel-withdraw/2"] = "wheel-withdraw/2"
    event: str
    ticket: str
    reason: str


class ClaimMessage(_Message, frozen=True, kw_only=True):
    """What became of a place: its holder `ticket` takes it to `state`."""

    format: Literal["wheel-claim/2"] = "wheel-claim/2"
    event: str
    prize: str
    place: int
    ticket: str
    state: ClaimState


class CloseMessage(_Message, frozen=True, kw_only=True):
    """The event is over."""

    format: Literal["wheel-close/2"] = "wheel-close/2"
    event: str


class CheckpointMessage(_Message, frozen=True, kw_only=True):
    """The head of the ledger at record `seq`; signed by the kiosk, not by the organiser."""

    format: Literal["wheel-checkpoint/2"] = "wheel-checkpoint/2"
    kiosk: str
    seq: int
    head: str


Message: TypeAlias = EntropyMessage | WithdrawMessage | ClaimMessage | CloseMessage
"""What an organiser signs."""

_KINDS: dict[str, type[Message]] = {
    "wheel-entropy/2": EntropyMessage,
    "wheel-withdraw/2": WithdrawMessage,
    "wheel-claim/2": ClaimMessage,
    "wheel-close/2": CloseMessage,
}
MESSAGE_TYPES = tuple(_KINDS)
"""The payloadTypes of organisers' messages: each is its payload's `format`."""
CHECKPOINT_TYPE = "wheel-checkpoint/2"


def encode(message: Message | CheckpointMessage) -> bytes:
    """Return the payload's bytes: what is signed and hashed.

    Raises:
        NotCanonical: a text holds a control character or a lone surrogate.
    """
    return canonical.encode(message)


def decode(payload: bytes, *, payload_type: str) -> Message:
    """Parse an organiser's message.

    Args:
        payload: the signed bytes.
        payload_type: what the envelope says they are.

    Raises:
        SnapshotMalformed: not that message, not canonically encoded, or a rule is broken.
    """
    if payload_type not in _KINDS:
        raise SnapshotMalformed(f"There is no message of type {payload_type[:80]!a}.")
    try:
        message = canonical.decode(payload, kind=_KINDS[payload_type])
    except NotCanonical as error:
        raise SnapshotMalformed(f"The payload is not a {payload_type}: {error}.") from error
    problem = problem_with_message(message)
    if problem:
        raise SnapshotMalformed(f"The message breaks a rule: {problem}.")
    return message


def decode_checkpoint(payload: bytes) -> CheckpointMessage:
    """Parse a checkpoint.

    Raises:
        SnapshotMalformed: not a checkpoint, not canonically encoded, or a rule is broken.
    """
    try:
        message = canonical.decode(payload, kind=CheckpointMessage)
    except NotCanonical as error:
        raise SnapshotMalformed(f"The payload is not a {CHECKPOINT_TYPE}: {error}.") from error
    if not (is_digest(message.kiosk) and is_digest(message.head) and 1 <= message.seq <= _MOST):
        raise SnapshotMalformed("The checkpoint breaks a rule: an id, a head or a number is wrong.")
    return message


def problem_with_message(message: Message) -> str | None:
    """Return the first broken rule as a phrase, or None."""
    if not is_event_id(message.event):
        return "the event's id is not 16 lowercase hex digits"
    return _RULES[type(message)](message)


def _entropy(message: EntropyMessage) -> str | None:
    if not (is_digest(message.snapshot) and is_digest(message.anchor) and is_digest(message.kiosk)):
        return "the list, the anchor or the kiosk is not a SHA-256 in lowercase hex"
    return problem_with(message.text, what="the text", limit=MAX_TEXT)


def _withdraw(message: WithdrawMessage) -> str | None:
    wrong = problem_with_ticket(message.ticket, what="the ticket", limit=MAX_TICKET)
    return wrong or problem_with(message.reason, what="the reason", limit=MAX_REASON)


def _claim(message: ClaimMessage) -> str | None:
    if message.prize != NO_PRIZE and not is_prize_id(message.prize):
        return "the prize is not 1 to 40 of a-z, 0-9 and hyphen"
    most = MAX_QUANTITY + MAX_RESERVES if message.prize else _MOST
    if not 1 <= message.place <= most:
        return f"place {message.place} is outside 1..{most}"
    return problem_with_ticket(message.ticket, what="the ticket", limit=MAX_TICKET)


def _close(_: CloseMessage) -> str | None:
    return None


_RULES: dict[type[Message], Callable[..., str | None]] = {
    EntropyMessage: _entropy,
    WithdrawMessage: _withdraw,
    ClaimMessage: _claim,
    CloseMessage: _close,
}
