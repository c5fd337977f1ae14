"""What an organiser hands to a running kiosk beside lists: public entropy, and requests.

Invariant: pure. Bytes become a message here or not at all. Each one is bound to the list it is about by S, so that it
can be used for no other, and a request carries a nonce, so that it can be carried out only once.
"""

import re
from datetime import datetime
from typing import Annotated, Literal, TypeAlias, TypeVar

import msgspec

from kiosk.core.errors import SnapshotMalformed
from kiosk.core.text_rules import problem_with, problem_with_ticket
from kiosk.draw.entropy import problem_with_entropy
from kiosk.snapshot.model import MAX_REASON, MAX_TICKET

ENTROPY_TYPE = "application/vnd.wheel-entropy+json"
REQUEST_TYPE = "application/vnd.wheel-request+json"
MAX_MESSAGE_BYTES = 64 << 10
"""A message at every limit has some 2 KiB; anything larger is not parsed."""

_Whole = Annotated[int, msgspec.Meta(ge=1, lt=1 << 53)]
_S = re.compile("[0-9a-f]{64}")
_NONCE = re.compile("[0-9a-f]{16}")


class EntropyMessage(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Public entropy P for the list `snapshot` (S) of `generation`; `created_at` is UTC, RFC 3339."""

    format: Literal["wheel-entropy/1"] = "wheel-entropy/1"
    generation: _Whole
    snapshot: str
    entropy: str
    created_at: str


class _Request(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag_field="request"):
    format: Literal["wheel-request/1"] = "wheel-request/1"
    generation: _Whole
    snapshot: str
    nonce: str
    created_at: str


class AbsentRequest(_Request, frozen=True, tag="absent"):
    """The winner of spin `spin` is not in the room."""

    spin: _Whole


class WithdrawRequest(_Request, frozen=True, tag="withdraw"):
    """`ticket` is to leave the wheel from the next spin on, because of `reason`."""

    ticket: str
    reason: str


Request: TypeAlias = AbsentRequest | WithdrawRequest
Message: TypeAlias = EntropyMessage | AbsentRequest | WithdrawRequest
M = TypeVar("M", EntropyMessage, Request)


def encode(message: Message) -> bytes:
    """Return the payload's bytes: what is signed and hashed."""
    return msgspec.json.encode(message)


def decode_entropy(payload: bytes) -> EntropyMessage:
    """Parse the payload of an entropy file.

    Raises:
        SnapshotMalformed: not JSON, not this format, or a rule is broken.
    """
    try:
        message = msgspec.json.decode(payload, type=EntropyMessage)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise SnapshotMalformed(f"The payload is not a wheel-entropy/1: {error}.") from error
    return _checked(message, payload)


def decode_request(payload: bytes) -> Request:
    """Parse the payload of a request.

    Raises:
        SnapshotMalformed: not JSON, not this format, or a rule is broken.
    """
    try:
        message: Request = msgspec.json.decode(payload, type=Request)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise SnapshotMalformed(f"The payload is not a wheel-request/1: {error}.") from error
    return _checked(message, payload)


def problem_with_message(message: Message) -> str | None:
    """Return the first broken rule as a phrase, or None."""
    if not _S.fullmatch(message.snapshot):
        return "the list is not named by its S"
    try:
        if datetime.fromisoformat(message.created_at).tzinfo is None:
            return "created_at has no zone"
    except ValueError:
        return "created_at is no time"
    if isinstance(message, EntropyMessage):
        return problem_with_entropy(message.entropy)
    if not _NONCE.fullmatch(message.nonce):
        return "the nonce is not 16 hex digits"
    if isinstance(message, AbsentRequest):
        return None
    wrong = problem_with_ticket(message.ticket, what="the ticket", limit=MAX_TICKET)
    return wrong or problem_with(message.reason, what="the reason", limit=MAX_REASON)


def _checked(message: M, payload: bytes) -> M:
    if encode(message) != payload:
        raise SnapshotMalformed("The payload is not in the one form that a message has.")
    found = problem_with_message(message)
    if found:
        raise SnapshotMalformed(f"The message breaks a rule: {found}.")
    return message
