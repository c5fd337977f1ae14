"""The kiosk's signatures under the heads of its ledger, and the stand-alone program that checks them."""

import base64
import contextlib
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from kiosk.core.home import Home
from tests.support import private_key
from tests.verify.test_verify_histories import Room
from verify import verify_checkpoints

TOOL = Path(verify_checkpoints.__file__)


def report(home: Home) -> dict[str, Any]:
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        code = verify_checkpoints.main([str(home.root), "--json"])
    answer: dict[str, Any] = json.loads(out.getvalue())
    assert code == (0 if answer["ok"] else 1)
    assert answer["ok"] == (not answer["problems"])
    return answer


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """A kiosk with three spins behind it, each signed."""
    monkeypatch.setattr(os, "fsync", lambda _: None)
    room = Room(tmp_path / "home", 3)
    for _ in range(3):
        room.publish()  # a list of steps may stop after one spin
        room.spin()
    room.close()
    return room.home


def test_every_head_that_the_kiosk_signed_is_accepted(home: Home) -> None:
    answer = report(home)
    records = len(home.ledger.read_bytes().splitlines())

    assert answer["checkpoints"] >= 3
    assert (answer["records"], answer["last record signed"]) == (records, records)


def test_every_changed_byte_of_the_checkpoints_is_found(home: Home) -> None:
    data = home.checkpoints.read_bytes().splitlines(keepends=True)[0]
    for at in range(len(data) - 1):  # the last LF is another matter: without it the line counts as torn
        for byte in {data[at] ^ 1, ord(" "), ord("\n")} - {data[at]}:
            home.checkpoints.write_bytes(data[:at] + bytes([byte]) + data[at + 1 :])
            assert not report(home)["ok"], (at, data[at], byte)


@pytest.mark.parametrize(
    ("name", "value", "word"),
    [
        ("seq", 1, "signature"),
        ("head", "a" * 64, "signature"),
        ("kiosk", "k" * 64, "another kiosk"),
        ("sig", base64.b64encode(bytes(64)).decode(), "signature"),
        ("sig", "x", "no checkpoint"),
        ("seq", "1", "form"),
        ("seq", True, "form"),
        ("more", "1", "form"),
    ],
)
def test_every_changed_field_of_a_checkpoint_is_found(home: Home, name: str, value: object, word: str) -> None:
    first, *others = home.checkpoints.read_bytes().splitlines(keepends=True)
    changed = msgspec.json.encode(json.loads(first) | {name: value}, order="sorted") + b"\n"
    home.checkpoints.write_bytes(b"".join([changed, *others]))

    problems = report(home)["problems"]

    assert len(problems) == 1
    assert problems[0].startswith("checkpoint 1: ")
    assert word in problems[0]


@pytest.mark.parametrize("lines", range(1, 9))
def test_a_ledger_that_lost_its_end_does_not_hold_what_was_signed(home: Home, lines: int) -> None:
    home.ledger.write_bytes(b"".join(home.ledger.read_bytes().splitlines(keepends=True)[:-lines]))

    assert "the end was cut" in report(home)["problems"][-1]


def test_a_signed_record_that_was_changed_is_found(home: Home) -> None:
    home.ledger.write_bytes(home.ledger.read_bytes().replace(b'"frames":660', b'"frames":661', 1))

    (problem,) = report(home)["problems"]
    assert "of the ledger is not the one that was signed" in problem


def test_a_checkpoint_that_a_power_cut_tore_is_no_problem(home: Home) -> None:
    data = home.checkpoints.read_bytes()
    home.checkpoints.write_bytes(data[:-20])

    answer = report(home)

    assert answer["ok"]
    assert answer["last record signed"] < answer["records"]


def another_key(home: Home) -> None:
    pem = private_key(8).public.pem()
    home.kiosk_public_key.write_bytes(pem)


def test_the_key_of_another_kiosk_is_found_even_with_checkpoints_of_its_own(home: Home) -> None:
    another_key(home)
    assert len(report(home)["problems"]) >= 4  # each checkpoint, and that no adopt record names it

    home.checkpoints.write_bytes(b"")
    assert "no record of the ledger names the kiosk" in report(home)["problems"][0]


def no_key(home: Home) -> None:
    home.kiosk_public_key.write_bytes(b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n")


def no_text(home: Home) -> None:
    home.checkpoints.write_bytes(b"\xff\n")


def no_file(home: Home) -> None:
    home.checkpoints.unlink()


@pytest.mark.parametrize("spoil", [no_key, no_text, no_file], ids=lambda spoil: spoil.__name__)
def test_unusable_input_is_one_clear_line_and_status_two(
    home: Home, spoil: Callable[[Home], None], capsys: pytest.CaptureFixture[str]
) -> None:
    spoil(home)
    with pytest.raises(SystemExit) as stopped:
        verify_checkpoints.main([str(home.root)])

    error = capsys.readouterr().err
    assert stopped.value.code == 2
    assert error.startswith("verify_checkpoints: ")
    assert error.count("\n") == 1


@pytest.mark.parametrize("left", [b"", b'{"head":"'])
def test_a_ledger_without_any_signature_is_not_signed(
    home: Home, left: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    """An empty checkpoints.jsonl beside a ledger that anybody may have written was SIGNED."""
    home.checkpoints.write_bytes(left)

    assert "holds no signature" in report(home)["problems"][0]
    assert verify_checkpoints.main([str(home.root)]) == 1
    assert capsys.readouterr().out.splitlines()[-1] == "NOT SIGNED"


@pytest.mark.parametrize(
    "line", ["", "[]", "1", "null", '"x"', "{}", '{"head":"a","kiosk":"b","seq":-1,"sig":""}', "[" * 100_000, "\0" * 9]
)
def test_no_line_gives_a_traceback(home: Home, line: str) -> None:
    home.checkpoints.write_text(line + "\n")

    assert len(report(home)["problems"]) == 1


def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


def test_the_command_says_signed_and_without_cryptography_that_it_cannot_check(home: Home) -> None:
    good = run(str(TOOL), str(home.root))
    bare = run("-I", "-S", str(TOOL), str(home.root))

    assert (good.returncode, good.stderr) == (0, "")
    assert good.stdout.endswith("\nSIGNED\n")
    assert (bare.returncode, bare.stdout) == (2, "")
    assert "pip install cryptography" in bare.stderr
