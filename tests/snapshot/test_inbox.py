"""Messages on the disk: only what a trusted key signed, under its own name, is delivered."""

import os
from pathlib import Path

import msgspec
import pytest

from kiosk.snapshot.envelope import seal
from kiosk.snapshot.inbox import MOST_REQUESTS, delivered, name_of
from kiosk.snapshot.message import (
    ENTROPY_TYPE,
    REQUEST_TYPE,
    AbsentRequest,
    EntropyMessage,
    Message,
    WithdrawRequest,
    encode,
)
from tests.support import KEY, STRANGER, TRUSTED

S = "a" * 64
AT = "2026-05-04T09:30:00.000Z"
DICE = EntropyMessage(generation=7, snapshot=S, entropy="dice:3.1.6", created_at=AT)
ABSENT = AbsentRequest(generation=7, snapshot=S, nonce="0" * 16, created_at=AT, spin=1)


def put(directory: Path, message: Message, *, name: str = "", key: object = KEY, kind: str = "") -> Path:
    path = directory / (name or name_of(message))
    kind = kind or (ENTROPY_TYPE if isinstance(message, EntropyMessage) else REQUEST_TYPE)
    path.write_bytes(seal(encode(message), payload_type=kind, key=key))  # type: ignore[arg-type]
    return path


def test_entropy_for_the_list_on_the_wheel_comes_first_that_for_earlier_ones_last_that_for_later_ones_not(
    tmp_path: Path,
) -> None:
    late, soon = (msgspec.structs.replace(DICE, generation=generation) for generation in (5, 8))
    for message in (late, ABSENT, DICE, soon):
        put(tmp_path, message)
    (tmp_path / "entropy-000006.json").write_text("rubbish, and named so while its list was on the wheel")

    found, refusals = delivered(tmp_path, keys=TRUSTED, generation=7)

    assert [one.message for one in found] == [DICE, ABSENT, late]
    assert refusals == ()


@pytest.mark.parametrize(
    ("message", "change", "reason"),
    [
        (DICE, {"key": STRANGER}, "does not trust"),
        (ABSENT, {"key": STRANGER}, "does not trust"),
        (DICE, {"kind": REQUEST_TYPE}, "The envelope holds"),
        (ABSENT, {"name": "request-ffffffffffffffff.json"}, "but holds request-0000000000000000.json"),
        (EntropyMessage(generation=6, snapshot=S, entropy="dice:1", created_at=AT), {"name": name_of(DICE)}, "holds"),
        (EntropyMessage(generation=7, snapshot=S, entropy="coin:heads", created_at=AT), {}, "breaks a rule"),
        (EntropyMessage(generation=7, snapshot="short", entropy="dice:1", created_at=AT), {}, "not named by its S"),
        (EntropyMessage(generation=7, snapshot=S, entropy="dice:1", created_at="today"), {}, "is no time"),
        (EntropyMessage(generation=7, snapshot=S, entropy="dice:1", created_at="2026-05-04T09:30:00"), {}, "no zone"),
        (
            WithdrawRequest(generation=7, snapshot=S, nonce="0" * 16, created_at=AT, ticket="E\t1", reason="r"),
            {},
            "the ticket holds a control character",
        ),
        (
            WithdrawRequest(generation=7, snapshot=S, nonce="0" * 16, created_at=AT, ticket="E1", reason=""),
            {},
            "the reason is missing",
        ),
    ],
)
def test_what_is_not_signed_named_or_formed_as_it_must_be_is_refused(
    tmp_path: Path, message: Message, change: dict[str, object], reason: str
) -> None:
    put(tmp_path, message, **change)  # type: ignore[arg-type]

    found, refusals = delivered(tmp_path, keys=TRUSTED, generation=7)

    assert found == ()
    assert [reason in str(refusal.error) for refusal in refusals] == [True]


def test_one_altered_byte_of_a_message_is_refused(tmp_path: Path) -> None:
    path = put(tmp_path, DICE)
    data = path.read_bytes()
    for at in range(len(data) - 2):  # the last one is the LF
        path.write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
        found, _ = delivered(tmp_path, keys=TRUSTED, generation=7)
        assert [one.message for one in found] in ([], [DICE]), at


@pytest.mark.skipif(os.name == "nt", reason="no FIFOs there")
def test_a_pipe_a_link_a_directory_and_a_huge_file_are_refused_without_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "request-0000000000000001.json")
    (tmp_path / "request-0000000000000002.json").symlink_to("/dev/zero")
    (tmp_path / "request-0000000000000003.json").mkdir()
    (tmp_path / "request-0000000000000004.json").write_bytes(b" " * (65 << 10))

    found, refusals = delivered(tmp_path, keys=TRUSTED, generation=7)

    assert found == ()
    assert len(refusals) == 4
    assert "64 KiB" in str(refusals[-1].error) + str(refusals[0].error) + str(refusals[2].error) + str(
        refusals[1].error
    )


def test_a_flood_is_read_in_part_and_a_missing_directory_is_empty(tmp_path: Path) -> None:
    for number in range(MOST_REQUESTS + 5):
        (tmp_path / f"request-{number:016x}.json").write_text("{}")

    assert len(delivered(tmp_path, keys=TRUSTED, generation=7)[1]) == MOST_REQUESTS
    assert delivered(tmp_path / "missing", keys=TRUSTED, generation=7) == ((), ())
