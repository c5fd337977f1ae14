"""The messages beside lists: each rule, told in words that name it."""

from typing import Any

import msgspec
import pytest

from kiosk.core.errors import SnapshotMalformed
from kiosk.snapshot.model import MAX_REASON, MAX_TICKET
from kiosk.snapshot.requests import (
    AbsentRequest,
    EntropyMessage,
    Message,
    WithdrawRequest,
    decode_entropy,
    decode_request,
    encode,
    problem_with_message,
)

S = "a" * 64
AT = "2026-05-04T09:30:00.000Z"
DICE = EntropyMessage(generation=7, snapshot=S, entropy="dice:3.1.6", created_at=AT)
ABSENT = AbsentRequest(generation=7, snapshot=S, nonce="0" * 16, created_at=AT, spin=1)
WITHDRAW = WithdrawRequest(generation=7, snapshot=S, nonce="f" * 16, created_at=AT, ticket="E1", reason="asked")


@pytest.mark.parametrize("message", [DICE, ABSENT, WITHDRAW])
def test_a_message_is_read_back_as_it_was(message: Message) -> None:
    decoded = decode_entropy(encode(message)) if message is DICE else decode_request(encode(message))

    assert decoded == message
    assert problem_with_message(message) is None


@pytest.mark.parametrize("message", [DICE, ABSENT, WITHDRAW])
@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"snapshot": "A" * 64}, "the list is not named by its S"),
        ({"snapshot": S + "0"}, "the list is not named by its S"),
        ({"created_at": "2026-05-04T09:30:00"}, "created_at has no zone"),
        ({"created_at": "yesterday"}, "created_at is no time"),
    ],
)
def test_what_all_messages_must_have(message: Message, changes: dict[str, Any], problem: str) -> None:
    assert problem_with_message(msgspec.structs.replace(message, **changes)) == problem


@pytest.mark.parametrize("message", [ABSENT, WITHDRAW])
@pytest.mark.parametrize("nonce", ["", "0" * 15, "0" * 17, "G" * 16, "A" * 16])
def test_a_request_has_a_nonce_of_16_hex_digits(message: Message, nonce: str) -> None:
    assert problem_with_message(msgspec.structs.replace(message, nonce=nonce)) == "the nonce is not 16 hex digits"


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"ticket": ""}, "the ticket is missing"),
        ({"ticket": "A\u200b"}, "the ticket contains an invisible character (U+200B)"),
        (
            {"ticket": "x" * (MAX_TICKET + 1)},
            "the ticket has 41 characters, at most 40 are allowed",
        ),
        ({"reason": ""}, "the reason is missing"),
        ({"reason": "a\nb"}, "the reason contains a control character (U+000A)"),
        (
            {"reason": "x" * (MAX_REASON + 1)},
            "the reason has 301 characters, at most 300 are allowed",
        ),
    ],
)
def test_a_withdrawal_names_a_ticket_and_a_reason_that_can_be_shown(changes: dict[str, Any], problem: str) -> None:
    assert problem_with_message(msgspec.structs.replace(WITHDRAW, **changes)) == problem


def test_a_reason_of_the_greatest_length_is_allowed() -> None:
    assert problem_with_message(msgspec.structs.replace(WITHDRAW, reason="x" * MAX_REASON)) is None


def test_a_payload_that_is_none_says_what_it_should_be() -> None:
    with pytest.raises(SnapshotMalformed, match=r"^The payload is not a wheel-entropy/1: .*malformed"):
        decode_entropy(b"rubbish")
    with pytest.raises(SnapshotMalformed, match=r"^The payload is not a wheel-request/1: .*malformed"):
        decode_request(b"rubbish")


def test_a_broken_rule_is_named() -> None:
    with pytest.raises(SnapshotMalformed) as caught:
        decode_request(encode(msgspec.structs.replace(ABSENT, nonce="no")))
    assert str(caught.value.message) == "The message breaks a rule: the nonce is not 16 hex digits."


@pytest.mark.parametrize("payload", [encode(DICE) + b"\n", encode(DICE).replace(b",", b", "), b" " + encode(DICE)])
def test_a_payload_in_another_form_is_refused(payload: bytes) -> None:
    with pytest.raises(SnapshotMalformed) as caught:
        decode_entropy(payload)
    assert caught.value.message == "The payload is not in the one form that a message has."
