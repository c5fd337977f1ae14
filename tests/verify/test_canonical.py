"""The verifier reads what is canonical and nothing else: JSON, base64, PEM, Ed25519, codes, files."""

import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from tests.verify.history import KIOSK, ORGANISER, STRANGER, History, canonical
from tests.verify.judge import judge, judge_home, run
from verify import verify_draw

# --- JSON: what no reader of ours accepts, and what every one does ---

REFUSED_JSON = {
    "nothing": b"",
    "a space before": b' {"a":1}',
    "a space after": b'{"a":1} ',
    "a space inside": b'{"a": 1}',
    "a tab": b'{"a":\t1}',
    "a line break": b'{"a":1}\n',
    "a byte order mark": b'\xef\xbb\xbf{"a":1}',
    "a field twice": b'{"a":1,"a":1}',
    "a field twice, once escaped": b'{"a":1,"\\u0061":1}',
    "a comma too many": b'{"a":1,}',
    "an escaped slash": b'{"a":"\\/"}',
    "an escaped letter": b'{"a":"\\u0041"}',
    "an escaped umlaut": b'{"a":"\\u00e4"}',
    "an escaped LF in short": b'{"a":"\\u000a"}',
    "capital hex digits": b'{"a":"\\u001F"}',
    "a lone surrogate": b'{"a":"\\ud800"}',
    "a pair of surrogates": b'{"a":"\\ud83d\\ude00"}',
    "a raw NUL": b'{"a":"\0"}',
    "a raw LF": b'{"a":"\n"}',
    "bytes that are not UTF-8": b'{"a":"\xff"}',
    "an overlong UTF-8 sequence": b'{"a":"\xc0\xaf"}',
    "a surrogate in UTF-8": b'{"a":"\xed\xa0\x80"}',
    "UTF-16": '{"a":1}'.encode("utf-16"),
    "a fraction": b'{"a":1.0}',
    "an exponent": b'{"a":1e3}',
    "a plus": b'{"a":+1}',
    "a minus zero": b'{"a":-0}',
    "a zero before": b'{"a":01}',
    "hexadecimal": b'{"a":0x1}',
    "5000 nines": b'{"a":' + b"9" * 5000 + b"}",
    "a number of 17 digits": b'{"a":10000000000000000}',
    "NaN": b'{"a":NaN}',
    "Infinity": b'{"a":Infinity}',
    "minus Infinity": b'{"a":-Infinity}',
    "single quotes": b"{'a':1}",
    "a comment": b'{"a":1/**/}',
    "two values": b'{"a":1}{"a":1}',
    "a value cut off": b'{"a":"',
    "nesting without end": b"[" * 100000,
    "deep nesting": b"[" * 100000 + b"]" * 100000,
    "a NUL after": b'{"a":1}\0',
}
ACCEPTED_JSON = [b"{}", b"[]", b'"\\"\\\\"', b'{"b":1,"a":[true,false]}', '{"ä":"\U0001f600"}'.encode(), b'"/"', b"0"]


@pytest.mark.parametrize("name", REFUSED_JSON)
def test_json_that_could_be_written_otherwise_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        verify_draw.read_canonical(REFUSED_JSON[name])


@pytest.mark.parametrize("data", ACCEPTED_JSON)
def test_json_in_its_one_form_is_accepted(data: bytes) -> None:
    assert canonical(verify_draw.read_canonical(data)) == data


def test_fields_of_records_are_sorted_and_those_of_messages_in_order() -> None:
    with pytest.raises(ValueError, match="not canonically"):
        verify_draw.read_canonical(b'{"b":1,"a":1}', sort_keys=True)
    assert verify_draw.read_canonical(b'{"b":1,"a":1}') == {"b": 1, "a": 1}


# --- Envelopes ---

GOOD = ORGANISER.sign({"format": "wheel-close/2", "event": "00112233445566ff"})


def outer(**changed: Any) -> bytes:
    return canonical(json.loads(GOOD) | changed) + b"\n"


def signature(**changed: Any) -> dict[str, Any]:
    (one,) = json.loads(GOOD)["signatures"]
    return {**one, **changed}


def message(payload: bytes, kind: str = "wheel-close/2") -> bytes:
    return ORGANISER.envelope(payload, kind)


REFUSED_ENVELOPES = {
    "no LF": GOOD[:-1],
    "another byte instead of the LF": GOOD[:-1] + b" ",
    "two LF": GOOD + b"\n",
    "CR LF": GOOD[:-1] + b"\r\n",
    "junk put in by somebody without a key": GOOD.replace(b"{", b'{"x":"\xff",', 1),
    "nines put in by somebody without a key": GOOD.replace(b"{", b'{"x":' + b"9" * 5000 + b",", 1),
    "a field more": outer(x=1),
    "fields in another order": canonical(dict(reversed(json.loads(GOOD).items()))) + b"\n",
    "no signature": outer(signatures=[]),
    "two signatures": outer(signatures=[signature(), signature()]),
    "keyid before sig": outer(signatures=[dict(reversed(signature().items()))]),
    "a field more in the signature": outer(signatures=[signature(x=1)]),
    "a keyid in capitals": outer(signatures=[signature(keyid=ORGANISER.id.upper())]),
    "base64 without padding": outer(signatures=[signature(sig=signature()["sig"].rstrip("="))]),
    "base64 with a line break": outer(payload="\n".join(re.findall(".{1,40}", json.loads(GOOD)["payload"]))),
    "base64 with a space": outer(payload=" " + json.loads(GOOD)["payload"]),
    "base64 with spare bits set": outer(signatures=[signature(sig=signature()["sig"][:-3] + "B==")]),
    "base64 for URLs": outer(payload="-_" + json.loads(GOOD)["payload"]),
    "another payloadType": outer(payloadType="wheel-withdraw/2"),
    "a payloadType of no ours": outer(payloadType="application/json"),
    "a payloadType that is a list": outer(payloadType=[]),
    "a payload that is a number": outer(payload=1),
    "a payload that is not an object": message(b"[]"),
    "a payload with a space": message(b'{"format":"wheel-close/2", "event":"00112233445566ff"}'),
    "a payload with an LF": message(b'{"format":"wheel-close/2","event":"00112233445566ff"}\n'),
    "a payload with a field twice": message(b'{"format":"wheel-close/2","event":"0011","event":"00112233445566ff"}'),
    "a payload with a field more": message(b'{"format":"wheel-close/2","event":"00112233445566ff","x":1}'),
    "a payload with a field less": message(b'{"format":"wheel-close/2"}'),
    "a payload in another order": message(b'{"event":"00112233445566ff","format":"wheel-close/2"}'),
    "a payload with a NUL": message(b'{"format":"wheel-close/2","event":"00112233445566ff\\u0000"}'),
    "a payload of another format": message(b'{"format":"wheel-close/1","event":"00112233445566ff"}'),
    "an event in capitals": message(b'{"format":"wheel-close/2","event":"00112233445566FF"}'),
    "a true where a string belongs": message(b'{"format":"wheel-close/2","event":true}'),
}


def withdrawing(reason: str) -> bytes:
    told = {"format": "wheel-withdraw/2", "event": "00112233445566ff", "ticket": "E0001", "reason": reason}
    return ORGANISER.sign(told)


REFUSED_ENVELOPES |= {
    f"the control character U+{code:04X}": withdrawing(chr(code)) for code in (0, 9, 10, 13, 31, 127, 128, 133, 159)
} | {
    "text that is not NFC": withdrawing("a\u0308"),
    "a place that no prize has": ORGANISER.sign(
        {
            "format": "wheel-claim/2",
            "event": "00112233445566ff",
            "prize": "mugs",
            "place": 3201,
            "ticket": "E0001",
            "state": "absent",
        }
    ),
    "no reason": withdrawing(""),
    "a reason of 301 characters": withdrawing("x" * 301),
    "a direction override": withdrawing("a\u202eb"),
    "a noncharacter": withdrawing("a\uffffb"),
    "two spaces": withdrawing("a  b"),
    "white space at the end": withdrawing("a\u3000"),
}


@pytest.mark.parametrize("name", REFUSED_ENVELOPES)
def test_an_envelope_that_is_not_canonical_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        verify_draw.read_envelope(REFUSED_ENVELOPES[name])


def test_an_envelope_in_its_one_form_is_accepted() -> None:
    envelope = verify_draw.read_envelope(GOOD)
    assert envelope.is_signed_with(ORGANISER.public)
    assert not envelope.is_signed_with(STRANGER.public)
    assert verify_draw.read_envelope(withdrawing('"\\ \u00e4\u200d\U0001f600')).body["reason"].startswith('"')


@pytest.mark.parametrize("name", [name for name in REFUSED_ENVELOPES if "put in" in name])
def test_junk_in_a_list_by_somebody_without_a_key_is_no_list(name: str, tmp_path: Path) -> None:
    story = History().begin()
    (file,) = (file for file in story.files if file.startswith("snapshots/"))
    junk = REFUSED_ENVELOPES[name][1 : REFUSED_ENVELOPES[name].index(b'"payloadType"')]
    bad = story.files[file].replace(b"{", b"{" + junk, 1)
    assert judge(story, tmp_path / "both").word == "SIGNED"
    (tmp_path / "both" / "snapshots" / "x.json").write_bytes(bad)
    assert judge_home(tmp_path / "both").word == "SIGNED"
    story.files[file] = bad
    assert judge(story, tmp_path / "alone").status == 2


# --- Records ---


def test_the_last_line_of_a_ledger_ends_with_an_lf(tmp_path: Path) -> None:
    story = History().begin()
    home = story.write(tmp_path)
    (home / "kiosk" / "ledger.jsonl").write_bytes(story.ledger()[:-1])
    assert judge_home(home).word == "BROKEN"


REFUSED_RECORDS: dict[str, dict[str, Any]] = {
    "a field more": {"x": 1},
    "an unknown type": {"type": "absent"},
    "a type that is a list": {"type": []},
    "a type that is an object": {"type": {}},
    "a seq of its own": {"seq": 7},
    "another prev": {"prev": "ab" * 32},
    "a time of no second": {"at": "2026-05-01T12:00:00Z"},
    "the 31st of April": {"at": "2026-04-31T12:00:00.000Z"},
    "a control character": {"text": "\x1b[2J"},
    "a NUL": {"text": "\0"},
    "a C1 control character": {"text": "\x9b"},
    "a number as text": {"text": 1},
}


@pytest.mark.parametrize("name", REFUSED_RECORDS)
def test_a_record_in_any_other_form_breaks_the_ledger(name: str, tmp_path: Path) -> None:
    story = History().begin()
    story.record("note", text="fine")
    story.lines.pop()
    changed: dict[str, Any] = {"text": "fine"} | REFUSED_RECORDS[name]
    story.record(changed.pop("type", "note"), **changed)
    assert judge(story, tmp_path).word == "BROKEN"


@pytest.mark.parametrize("name", REFUSED_JSON)
def test_json_that_is_not_canonical_is_no_record(name: str, tmp_path: Path) -> None:
    story = History().begin()
    story.lines.append(REFUSED_JSON[name])
    assert judge(story, tmp_path).word == "BROKEN"


def test_an_empty_ledger_is_unusable(tmp_path: Path) -> None:
    assert judge(History(), tmp_path).status == 2


def test_a_missing_ledger_is_unusable(tmp_path: Path) -> None:
    assert judge_home(tmp_path).status == 2


def test_a_ledger_of_the_format_before_is_broken(tmp_path: Path) -> None:
    story = History()
    story.publish()
    told: dict[str, Any] = {
        "generation": 1,
        "snapshot": story.s,
        "entries": 20,
        "weight": 39,
        "anchor": "ab" * 32,
        "kiosk": KIOSK.id,
    }
    story.record("adopt", **told)
    assert judge(story, tmp_path).word == "BROKEN"


# --- Files ---


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
@pytest.mark.parametrize("folder", ["snapshots", "kiosk/requests", "kiosk/trusted"])
def test_pipes_and_links_among_the_files_are_passed_over(folder: str, tmp_path: Path) -> None:
    story = History().begin()
    home = story.write(tmp_path / "home")
    (home / folder).mkdir(exist_ok=True)
    os.mkfifo(home / folder / "pipe.json")
    os.mkfifo(home / folder / "pipe.pem")
    (home / folder / "link.json").symlink_to("/dev/zero")
    (home / folder / "loop").symlink_to(home)
    judged = judge_home(home)
    assert judged.word == "SIGNED"
    (notice,) = judged["notices"]
    assert notice.startswith("3 files or folders were ignored")
    assert all(name in notice for name in ("pipe.json", "pipe.pem", "link.json"))


def test_a_ledger_that_is_a_link_is_not_followed(tmp_path: Path) -> None:
    home = History().begin().write(tmp_path / "home")
    ledger = home / "kiosk" / "ledger.jsonl"
    ledger.rename(tmp_path / "elsewhere")
    ledger.symlink_to(tmp_path / "elsewhere")
    assert judge_home(home).status == 2


# --- Files that are too large, and files in the ledger's place ---


def ledger_as_directory(kiosk: Path) -> None:
    (kiosk / "ledger.jsonl").mkdir(parents=True)


def ledger_as_link(kiosk: Path) -> None:
    kiosk.mkdir()
    (kiosk / "ledger.jsonl").symlink_to(kiosk.parent / "ledger.jsonl")


def ledger_as_pipe(kiosk: Path) -> None:
    kiosk.mkdir()
    os.mkfifo(kiosk / "ledger.jsonl")


def linked_folder(kiosk: Path) -> None:
    elsewhere = kiosk.parent.parent / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "ledger.jsonl").write_bytes(b"x")
    kiosk.symlink_to(elsewhere)


@pytest.mark.parametrize("plant", [ledger_as_directory, ledger_as_link, ledger_as_pipe, linked_folder])
def test_nothing_but_a_file_takes_a_flat_ledgers_place(plant: Callable[[Path], None], tmp_path: Path) -> None:
    home = History().begin().write(tmp_path / "home")
    for path in (home / "kiosk").iterdir():
        path.rename(home / path.name)
    (home / "kiosk").rmdir()
    assert judge_home(home).word == "SIGNED"
    plant(home / "kiosk")
    assert judge_home(home).word == "SIGNED"


def refusing_more_than(limit: int, read: Callable[[bytes], Any]) -> Callable[[bytes], Any]:
    return lambda data: read(data) if len(data) <= max(limit, 4096) else pytest.fail("it was read")


@pytest.mark.parametrize(("name", "limit"), [("bomb.json", 8 << 20), ("bomb.pem", 1 << 10)])
def test_a_file_above_its_limit_is_passed_over_unread(
    name: str, limit: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = History().begin().write(tmp_path / "home")
    bomb = home / "snapshots" / name
    bomb.touch()
    os.truncate(bomb, 1 << 40)
    monkeypatch.setattr(verify_draw, "read_public_key", refusing_more_than(limit, verify_draw.read_public_key))
    monkeypatch.setattr(verify_draw, "read_envelope", refusing_more_than(limit, verify_draw.read_envelope))
    judged = judge_home(home)
    assert judged.word == "SIGNED"
    assert judged["notices"][0].endswith(f"{name}': larger than {limit} bytes")
    with pytest.raises(OSError, match=f"larger than {limit} bytes"):
        verify_draw.read_file(bomb, verify_draw.largest(bomb))


def test_a_message_above_its_limit_is_passed_over() -> None:
    files, reason = verify_draw.Files(), "r" * 300
    body = canonical({"format": "wheel-withdraw/2", "event": "0" * 16, "ticket": "E0001", "reason": reason})
    data = ORGANISER.envelope(body, "wheel-withdraw/2")
    files.add("withdraw.json", data)
    assert len(files.signed) == 1
    with mock.patch.object(verify_draw, "LARGEST_MESSAGE", len(data) - 1):
        files.add("larger.json", data)
    assert list(files.refused) == ["larger.json"]


@pytest.mark.parametrize("error", [MemoryError(), RecursionError("too deep\nhere"), KeyError("x"), OSError("disk")])
def test_what_goes_wrong_in_the_verifier_is_never_called_broken(
    error: Exception, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise error

    home = History().begin().write(tmp_path / "home")
    monkeypatch.setattr(verify_draw, "verify", fail)
    status, out, err = run(str(home))
    assert (status, out, err.count("\n")) == (2, "", 1)
