"""The signed messages beside lists: their bytes, and each rule in words that name it."""

from typing import Any

import msgspec
import pytest

from kiosk.core.errors import SnapshotMalformed
from kiosk.snapshot.model import MAX_REASON, MAX_TICKET
from kiosk.snapshot.requests import (
    MAX_TEXT,
    CheckpointMessage,
    ClaimMessage,
    CloseMessage,
    EntropyMessage,
    Message,
    WithdrawMessage,
    decode,
    decode_checkpoint,
    encode,
    problem_with_message,
)

EVENT = "0123456789abcdef"
DICE = EntropyMessage(event=EVENT, snapshot="a" * 64, anchor="b" * 64, kiosk="c" * 64, text="dice:3.1.6")
WITHDRAW = WithdrawMessage(event=EVENT, ticket="E1", reason="asked")
CLAIM = ClaimMessage(event=EVENT, prize="mugs", place=2, ticket="E1", state="absent")
CLOSE = CloseMessage(event=EVENT)
ALL: list[Message] = [DICE, WITHDRAW, CLAIM, CLOSE]


@pytest.mark.parametrize("message", ALL)
def test_a_message_is_read_back_as_it_was(message: Message) -> None:
    assert decode(encode(message), payload_type=message.format) == message
    assert problem_with_message(message) is None


def test_the_bytes_are_those_of_the_specification() -> None:
    assert [encode(message) for message in ALL] == [
        b'{"format":"wheel-entropy/2","event":"0123456789abcdef","snapshot":"%s","anchor":"%s","kiosk":"%s",'
        b'"text":"dice:3.1.6"}' % (b"a" * 64, b"b" * 64, b"c" * 64),
        b'{"format":"wheel-withdraw/2","event":"0123456789abcdef","ticket":"E1","reason":"asked"}',
        b'{"format":"wheel-claim/2","event":"0123456789abcdef","prize":"mugs","place":2,"ticket":"E1","state":"absent"}',
        b'{"format":"wheel-close/2","event":"0123456789abcdef"}',
    ]
    checkpoint = CheckpointMessage(kiosk="a" * 64, seq=7, head="b" * 64)
    assert encode(checkpoint) == b'{"format":"wheel-checkpoint/2","kiosk":"%s","seq":7,"head":"%s"}' % (
        b"a" * 64,
        b"b" * 64,
    )
    assert decode_checkpoint(encode(checkpoint)) == checkpoint


@pytest.mark.parametrize("message", ALL)
def test_the_envelopes_type_is_the_payloads_format(message: Message) -> None:
    for other in ("wheel-snapshot/2", "wheel-checkpoint/2", *(one.format for one in ALL if one is not message)):
        with pytest.raises(SnapshotMalformed):
            decode(encode(message), payload_type=other)


@pytest.mark.parametrize("message", ALL)
@pytest.mark.parametrize("event", ["", "0123456789ABCDEF", "0" * 15, "0" * 17])
def test_every_message_names_its_event(message: Message, event: str) -> None:
    changed = msgspec.structs.replace(message, event=event)

    assert problem_with_message(changed) == "the event's id is not 16 lowercase hex digits"
    with pytest.raises(SnapshotMalformed, match="The message breaks a rule: the event's id"):
        decode(encode(changed), payload_type=changed.format)


@pytest.mark.parametrize(
    ("message", "changes", "problem"),
    [
        (DICE, {"snapshot": "A" * 64}, "the list, the anchor or the kiosk is not a SHA-256 in lowercase hex"),
        (DICE, {"anchor": ""}, "the list, the anchor or the kiosk is not a SHA-256 in lowercase hex"),
        (DICE, {"kiosk": "c" * 63}, "the list, the anchor or the kiosk is not a SHA-256 in lowercase hex"),
        (DICE, {"text": ""}, "the text is missing"),
        (DICE, {"text": "x" * (MAX_TEXT + 1)}, "the text has 310 characters, at most 309 are allowed"),
        (WITHDRAW, {"ticket": ""}, "the ticket is missing"),
        (WITHDRAW, {"ticket": "A\u200b"}, "the ticket contains an invisible character (U+200B)"),
        (WITHDRAW, {"ticket": "x" * (MAX_TICKET + 1)}, "the ticket has 41 characters, at most 40 are allowed"),
        (WITHDRAW, {"reason": ""}, "the reason is missing"),
        (WITHDRAW, {"reason": "a\nb"}, "the reason contains a control character (U+000A)"),
        (WITHDRAW, {"reason": "x" * (MAX_REASON + 1)}, "the reason has 301 characters, at most 300 are allowed"),
        (CLAIM, {"prize": "Mugs"}, "the prize is not 1 to 40 of a-z, 0-9 and hyphen"),
        (CLAIM, {"place": 0}, "place 0 is outside 1..3200"),
        (CLAIM, {"place": 3201}, "place 3201 is outside 1..3200"),
        (CLAIM, {"ticket": ""}, "the ticket is missing"),
    ],
)
def test_a_broken_rule_is_named(message: Message, changes: dict[str, Any], problem: str) -> None:
    assert problem_with_message(msgspec.structs.replace(message, **changes)) == problem


def test_what_is_at_a_limit_is_allowed() -> None:
    for message in (
        msgspec.structs.replace(WITHDRAW, reason="x" * MAX_REASON),
        msgspec.structs.replace(CLAIM, place=3200),
        msgspec.structs.replace(CLAIM, prize="", place=100_000),
        msgspec.structs.replace(DICE, text="x" * MAX_TEXT),
    ):
        assert problem_with_message(message) is None


@pytest.mark.parametrize("state", ["held", "", "drawn", "Absent"])
def test_a_claim_takes_a_place_to_no_other_state(state: str) -> None:
    payload = encode(CLAIM).replace(b'"absent"', f'"{state}"'.encode())

    with pytest.raises(SnapshotMalformed):
        decode(payload, payload_type=CLAIM.format)


@pytest.mark.parametrize("message", ALL)
def test_a_payload_in_another_form_is_refused(message: Message) -> None:
    good = encode(message)
    for payload in (
        good + b"\n",
        good.replace(b",", b", "),
        b" " + good,
        good[:-1] + b',"nonce":""}',
        good.replace(b"{", b'{"event":"0123456789abcdef",', 1),
        b"rubbish",
    ):
        with pytest.raises(SnapshotMalformed, match=f"^The payload is not a {message.format}"):
            decode(payload, payload_type=message.format)


@pytest.mark.parametrize(
    "changes", [{"kiosk": "x"}, {"head": "A" * 64}, {"seq": 0}, {"seq": -1}, {"seq": 1 << 53}], ids=str
)
def test_a_checkpoint_names_a_key_a_record_and_a_head(changes: dict[str, Any]) -> None:
    good = CheckpointMessage(kiosk="a" * 64, seq=1, head="b" * 64)

    with pytest.raises(SnapshotMalformed):
        decode_checkpoint(encode(msgspec.structs.replace(good, **changes)))
