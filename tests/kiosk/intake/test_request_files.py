"""Messages on the disk: only what a trusted key signed, under its own name, is delivered."""

import os
from pathlib import Path
from typing import Any

import msgspec
import pytest

from kiosk.core.clock import ManualClock
from kiosk.core.errors import HomeError
from kiosk.core.home import request_name
from kiosk.core.keys import PrivateKey
from kiosk.draw.protocol import digest
from kiosk.intake import request_files as inbox
from kiosk.intake.request_files import Delivered, keep_message
from kiosk.intake.snapshot_files import Refusal
from kiosk.intake.verdict_cache import Verdicts
from kiosk.snapshot.envelope import seal
from kiosk.snapshot.requests import (
    ClaimMessage,
    CloseMessage,
    EntropyMessage,
    Message,
    WithdrawMessage,
    encode,
)
from tests.support import EVENT, KEY, STRANGER, TRUSTED

H = "a" * 64
DICE = EntropyMessage(event=EVENT, snapshot=H, anchor=H, kiosk=H, text="dice:3.1.6")
CLAIM = ClaimMessage(event=EVENT, prize="", place=1, ticket="E1", state="absent")
WITHDRAW = WithdrawMessage(event=EVENT, ticket="E1", reason="asked")
CLOSE = CloseMessage(event=EVENT)


def name_of(message: Message) -> str:
    return request_name(digest(encode(message)))


def put(directory: Path, message: Message, *, name: str = "", key: PrivateKey = KEY, kind: str = "") -> Path:
    path = directory / (name or name_of(message))
    path.write_bytes(seal(encode(message), payload_type=kind or message.format, key=key))
    return path


def delivered(directory: Path, *, most: int | None = None) -> tuple[tuple[Delivered, ...], list[Refusal]]:
    """Look once; whatever is bad is refused at once."""
    verdicts: Verdicts[Delivered] = Verdicts(ManualClock(), settle_ns=0, most=most)
    return inbox.delivered(directory, keys=TRUSTED, verdicts=verdicts), verdicts.refusals


@pytest.mark.parametrize("message", [DICE, CLAIM, WITHDRAW, CLOSE])
def test_a_message_that_a_trusted_key_signed_is_delivered(tmp_path: Path, message: Message) -> None:
    path = put(tmp_path, message)

    ((found,), refusals) = delivered(tmp_path)

    assert (found.message, found.name, found.digest) == (message, path.name, digest(encode(message)))
    assert found.envelope == path.read_bytes()
    assert refusals == []


@pytest.mark.parametrize(
    ("message", "change", "reason"),
    [
        (DICE, {"key": STRANGER}, "does not trust"),
        (CLAIM, {"key": STRANGER}, "does not trust"),
        (DICE, {"kind": CLAIM.format}, "The payload is not a wheel-claim/2"),
        (DICE, {"kind": "wheel-snapshot/2"}, "The envelope holds"),
        (CLAIM, {"name": "request-ffffffffffffffff.json"}, "but holds the message of request-"),
        (msgspec.structs.replace(DICE, snapshot="short"), {}, "is not a SHA-256"),
        (msgspec.structs.replace(WITHDRAW, ticket="E\u200b1"), {}, "the ticket contains an invisible character"),
        (msgspec.structs.replace(WITHDRAW, reason=""), {}, "the reason is missing"),
        (msgspec.structs.replace(CLOSE, event=""), {}, "the event's id"),
    ],
)
def test_what_is_not_signed_named_or_formed_as_it_must_be_is_refused(
    tmp_path: Path, message: Message, change: dict[str, Any], reason: str
) -> None:
    put(tmp_path, message, **change)

    found, refusals = delivered(tmp_path)

    assert found == ()
    assert [reason in str(refusal.error) for refusal in refusals] == [True]


@pytest.mark.slow
def test_any_altered_byte_of_a_message_is_refused(tmp_path: Path) -> None:
    path = put(tmp_path, DICE)
    data = path.read_bytes()
    for at in range(len(data)):
        path.write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
        found, refusals = delivered(tmp_path)
        assert (found, len(refusals)) == ((), 1), at


def test_a_message_is_kept_byte_for_byte(tmp_path: Path) -> None:
    put(tmp_path, CLAIM)
    ((found,), _) = delivered(tmp_path)
    kept = tmp_path / "kept"
    kept.mkdir()

    for content in (None, b"damaged"):
        if content is not None:
            (kept / found.name).write_bytes(content)
        keep_message(found, kept)
        assert (kept / found.name).read_bytes() == found.envelope
    status = (kept / found.name).stat()
    keep_message(found, kept)
    assert (kept / found.name).stat().st_ino == status.st_ino


@pytest.mark.skipif(os.name == "nt", reason="no FIFOs there")
def test_a_pipe_a_link_a_directory_and_a_huge_file_are_refused_without_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "request-0000000000000001.json")
    (tmp_path / "request-0000000000000002.json").symlink_to("/dev/zero")
    (tmp_path / "request-0000000000000003.json").mkdir()
    (tmp_path / "request-0000000000000004.json").write_bytes(b" " * (65 << 10))

    found, refusals = delivered(tmp_path)

    assert found == ()
    assert len(refusals) == 4
    assert "64 KiB" in str(refusals[-1].error) + str(refusals[0].error) + str(refusals[2].error) + str(
        refusals[1].error
    )


def test_a_missing_directory_is_an_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(HomeError, match="missing"):
        delivered(tmp_path / "missing")


def test_requests_come_oldest_first(tmp_path: Path) -> None:
    """By the times of their files; those may be any, and are only compared."""
    messages = [msgspec.structs.replace(WITHDRAW, ticket=f"E{number}") for number in range(3)]
    for message, at_s in zip(messages, (4_070_908_800, 1_000_000_000, 2_000_000_000), strict=True):  # 2099, 2001, 2033
        os.utime(put(tmp_path, message), (at_s, at_s))

    assert [one.message for one in delivered(tmp_path)[0]] == [messages[1], messages[2], messages[0]]


def test_a_flood_of_requests_from_the_year_2099_keeps_no_later_one_away(tmp_path: Path) -> None:
    """Only the 200 newest used to be read, and 64 of them compared: somebody who left that many there had silence."""
    for number in range(300):
        junk = tmp_path / f"request-{number:016x}.json"
        junk.write_text("{}")
        os.utime(junk, (4_070_908_800, 4_070_908_800))
    verdicts: Verdicts[Delivered] = Verdicts(ManualClock(), settle_ns=0, most=100)

    def look() -> list[Message]:
        return [one.message for one in inbox.delivered(tmp_path, keys=TRUSTED, verdicts=verdicts)]

    assert look() == []
    assert verdicts.waiting
    put(tmp_path, CLAIM)
    seen = [look() for _ in range(4)]

    assert seen[-1] == [CLAIM]
    assert not verdicts.waiting
