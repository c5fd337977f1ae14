"""Messages on the disk: only what a trusted key signed, under its own name, is delivered."""

import os
from pathlib import Path

import msgspec
import pytest

from kiosk.core.clock import ManualClock
from kiosk.core.errors import HomeError
from kiosk.draw.protocol import digest
from kiosk.intake import request_files as inbox
from kiosk.intake.request_files import Delivered, name_of
from kiosk.intake.snapshot_files import Refusal
from kiosk.intake.verdict_cache import Verdicts
from kiosk.snapshot.envelope import seal
from kiosk.snapshot.requests import (
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


def delivered(
    directory: Path, *, generation: int = 7, most: int | None = None
) -> tuple[tuple[Delivered, ...], list[Refusal]]:
    """Look once; whatever is bad is refused at once."""
    verdicts: Verdicts[Delivered] = Verdicts(ManualClock(), settle_ns=0, most=most)
    return inbox.delivered(directory, keys=TRUSTED, generation=generation, verdicts=verdicts), verdicts.refusals


def test_entropy_for_the_shown_list_comes_first_and_for_later_lists_not_at_all(
    tmp_path: Path,
) -> None:
    late, soon = (msgspec.structs.replace(DICE, generation=generation) for generation in (5, 8))
    for message in (late, ABSENT, DICE, soon):
        put(tmp_path, message)
    (tmp_path / "entropy-000006.json").write_text("rubbish, and named so while its list was on the wheel")

    found, refusals = delivered(tmp_path)

    assert [one.message for one in found] == [DICE, ABSENT, late]
    assert refusals == []


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
            "the ticket contains a control character",
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

    found, refusals = delivered(tmp_path)

    assert found == ()
    assert [reason in str(refusal.error) for refusal in refusals] == [True]


def test_one_altered_byte_of_a_message_is_refused(tmp_path: Path) -> None:
    path = put(tmp_path, DICE)
    data = path.read_bytes()
    for at in range(len(data) - 2):  # the last one is the LF
        path.write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
        found, _ = delivered(tmp_path)
        assert [one.message for one in found] in ([], [DICE]), at


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


def test_a_message_is_labelled_with_its_file_and_the_start_of_its_payloads_digest(tmp_path: Path) -> None:
    put(tmp_path, ABSENT)

    ((found,), _) = delivered(tmp_path)

    assert found.id == digest(encode(ABSENT))[:8]
    assert found.label == f"request-{ABSENT.nonce}.json#{found.id}"


def test_requests_come_oldest_first(tmp_path: Path) -> None:
    """By the times of their files; those may be any, and are only compared."""
    for place, at_s in enumerate((4_070_908_800, 1_000_000_000, 2_000_000_000)):  # 2099, 2001, 2033
        request = AbsentRequest(generation=7, snapshot=S, nonce=f"{place:016x}", created_at=AT, spin=1)
        os.utime(put(tmp_path, request), (at_s, at_s))

    assert [one.name[-6] for one in delivered(tmp_path)[0]] == ["1", "2", "0"]


def test_a_flood_of_requests_from_the_year_2099_keeps_no_later_one_away(tmp_path: Path) -> None:
    """Only the 200 newest used to be read, and 64 of them compared: whoever left that many in the way had silence."""
    for number in range(300):
        junk = tmp_path / f"request-{number:016x}.json"
        junk.write_text("{}")
        os.utime(junk, (4_070_908_800, 4_070_908_800))
    verdicts: Verdicts[Delivered] = Verdicts(ManualClock(), settle_ns=0, most=100)

    def look() -> list[str]:
        found = inbox.delivered(tmp_path, keys=TRUSTED, generation=7, verdicts=verdicts)
        return [one.name for one in found]

    assert look() == []
    assert verdicts.waiting
    put(tmp_path, ABSENT, name=(name := "request-aaaaaaaaaaaaaaaa.json"))
    put(tmp_path, ABSENT.__class__(generation=7, snapshot=S, nonce="a" * 16, created_at=AT, spin=1))
    seen = [look() for _ in range(4)]

    assert seen[-1] == [name]
    assert not verdicts.waiting
