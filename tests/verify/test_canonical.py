"""The verifier reads what is canonical and nothing else: JSON, base64, PEM, Ed25519, codes, files."""

import itertools
import json
import os
import re
from base64 import b64encode
from pathlib import Path
from typing import Any

import nacl.exceptions
import nacl.signing
import pytest

from tests.verify import curve
from tests.verify.history import KIOSK, ORGANISER, STRANGER, History, canonical, entries, fixed, prize, rules, spins
from tests.verify.judge import judge, judge_home
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
    "a payload that is no object": message(b"[]"),
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
} | {"text that is not NFC": withdrawing("a\u0308")}


@pytest.mark.parametrize("name", REFUSED_ENVELOPES)
def test_an_envelope_that_is_not_canonical_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        verify_draw.read_envelope(REFUSED_ENVELOPES[name])


def test_an_envelope_in_its_one_form_is_accepted() -> None:
    envelope = verify_draw.read_envelope(GOOD)
    assert envelope.is_signed_with(ORGANISER.public)
    assert not envelope.is_signed_with(STRANGER.public)
    assert verify_draw.read_envelope(withdrawing('"\\ \u00e4\u202e\U0001f600')).body["reason"].startswith('"')


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


# --- Lists ---


def listed(**changed: Any) -> dict[str, Any]:
    story = History()
    story.publish(**changed)
    return story.list


def entry(**changed: Any) -> list[dict[str, Any]]:
    return [entries(1)[0] | changed]


FIXED = {"rules": rules(predetermined=True)}
REFUSED_LISTS: dict[str, dict[str, Any]] = {
    "generation 0": {"generation": 0},
    "a generation that is true": {"generation": True},
    "generation 1 with a list before": {"previous": "ab" * 32},
    "generation 2 without a list before": {"generation": 2, "previous": ""},
    "no date": {"created_at": "2026-13-01T00:00:00Z"},
    "a date without its zone": {"created_at": "2026-05-01T10:00:00"},
    "an event of 15 digits": {"event": {"id": "0" * 15, "title": ""}},
    "no entries": {"entries": []},
    "3001 entries": {"entries": entries(3001)},
    "a ticket twice": {"entries": entries(1) * 2},
    "an empty ticket": {"entries": entry(ticket="")},
    "a ticket with a tab": {"entries": entry(ticket="a\tb")},
    "weight 0": {"entries": entry(weight=0)},
    "a weight below 0": {"entries": entry(weight=-1)},
    "a weight that is true": {"entries": entry(weight=True)},
    "a weight that is a string": {"entries": entry(weight="1")},
    "a weight above 1 000 000": {"entries": entry(weight=1_000_001)},
    "a household below 0": {"entries": entry(household=-1)},
    "a name": {"entries": entry(name="Ada")},
    "no hash of names": {"names": ""},
    "a prize twice": {"prizes": [prize("one"), prize("one")]},
    "201 prizes": {"prizes": [prize(f"p{n}") for n in range(201)]},
    "a prize's id in capitals": {"prizes": [prize("One")]},
    "a prize's id of 41 characters": {"prizes": [prize("a" * 41)]},
    "a prize of no id": {"prizes": [prize("")]},
    "quantity 0": {"prizes": [prize("one", 0)]},
    "quantity 3001": {"prizes": [prize("one", 3001)]},
    "201 reserves": {"prizes": [prize("one", 1, 201)]},
    "per_press 0": {"prizes": [prize("one", 1, 0, 0)]},
    "per_press 201": {"prizes": [prize("one", 1, 0, 201)]},
    "a picture without its kind": {"prizes": [prize("one") | {"picture": "ab" * 32}]},
    "a picture of 16 digits": {"prizes": [prize("one") | {"picture": "ab" * 8 + ".png"}]},
    "another win_once": {"rules": rules(win_once="twice")},
    "a rule that is 1": {"rules": rules(presence=1)},
    "another order": {"rules": rules(order="random")},
    "another names": {"rules": rules(names="none")},
    "a rule more": {"rules": rules(x=True)},
    "an unknown entropy": {"entropy": ["weather"]},
    "an entropy with a value": {"entropy": ["dice:1"]},
    "a lottery without words": {"entropy": ["lottery:"]},
    "two lotteries": {"entropy": ["lottery:a", "lottery:b"]},
    "dice twice": {"entropy": ["dice", "dice"]},
    "a drand round 0": {"entropy": ["drand:quicknet:0"]},
    "another drand": {"entropy": ["drand:default:1"]},
    "an unknown mode": {"spins": spins("random")},
    "fixed against the promise": {"spins": spins("fixed", "E0001", "why")},
    "a fixed step against the promise": {"spins": spins("mixed", steps=[fixed("E0001")], then="stop")},
    "fixed without a ticket": FIXED | {"spins": spins("fixed", "", "why")},
    "natural with a ticket": {"spins": spins("natural", "E0001")},
    "natural with a reason": {"spins": spins("natural", "", "why")},
    "natural with steps": {"spins": spins("natural", steps=[fixed("E0001")], then="stop")},
    "mixed without steps": {"spins": spins("mixed", then="stop")},
    "mixed without then": {"spins": spins("mixed", steps=[spins()])},
    "a source with a name": {
        "source": {"files": [{"sha256": "ab" * 32, "rows": 1, "name": "x"}], "accepted": 1, "rejected": 0}
    },
}


@pytest.mark.parametrize("name", REFUSED_LISTS)
def test_a_list_against_its_format_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        verify_draw.read_envelope(ORGANISER.sign(listed(**REFUSED_LISTS[name])))


def test_a_list_in_its_format_is_accepted() -> None:
    told = listed(
        entries=entries(3000),
        prizes=[prize("one", 3000, 200, 200, ("x", "")) | {"picture": "ab" * 32 + ".webp"}],
        entropy=["dice", "audience", "lottery:6 of 49: Saturday", "drand:quicknet:7"],
        spins=spins("mixed", steps=[fixed("E0001")], then="repeat"),
        **FIXED,
    )
    assert verify_draw.read_envelope(ORGANISER.sign(told)).body == told


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


# --- Keys ---

PEM = ORGANISER.pem
REFUSED_KEYS = {
    "two keys": PEM * 2,
    "base64 wrapped at 40": PEM[:67] + b"\n" + PEM[67:],
    "a line before": b"Organiser\n" + PEM,
    "a line after": PEM + b"\n",
    "no LF at the end": PEM[:-1],
    "CR LF": PEM.replace(b"\n", b"\r\n"),
    "a space": PEM.replace(b"MCow", b" MCow"),
    "spare bits set": re.sub(rb"(.)=\n", lambda m: bytes([m[1][0] + 1]) + b"=\n", PEM),
    "another algorithm": PEM.replace(b"MCowBQYDK2Vw", b"MCowBQYDK2Vu"),
    "a private key": PEM.replace(b"PUBLIC", b"PRIVATE"),
    "nothing": b"",
}


def pem_of(raw: bytes) -> bytes:
    der = bytes.fromhex("302a300506032b6570032100") + raw
    return b"-----BEGIN PUBLIC KEY-----\n" + b64encode(der) + b"\n-----END PUBLIC KEY-----\n"


@pytest.mark.parametrize("name", REFUSED_KEYS)
def test_a_key_in_any_other_text_is_refused(name: str) -> None:
    assert REFUSED_KEYS[name] != PEM
    with pytest.raises(ValueError, match="canonical PEM"):
        verify_draw.read_public_key(REFUSED_KEYS[name])


def test_a_key_in_its_one_text_is_accepted() -> None:
    assert verify_draw.read_public_key(PEM) == ORGANISER.public == verify_draw.read_public_key(pem_of(ORGANISER.public))


@pytest.mark.parametrize("raw", curve.small_encodings(), ids=bytes.hex)
def test_a_key_of_small_order_is_refused(raw: bytes) -> None:
    with pytest.raises(ValueError, match="canonical PEM"):
        verify_draw.read_public_key(pem_of(raw))


def test_the_small_points_are_those_of_the_curve() -> None:
    assert {point[1] for point in curve.torsion()} == verify_draw.SMALL_ORDER


def libsodium_holds(key: bytes, text: bytes, sig: bytes) -> bool:
    try:
        nacl.signing.VerifyKey(key).verify(text, sig)
    except (nacl.exceptions.BadSignatureError, ValueError, TypeError):
        return False
    return True


def odd_signatures() -> list[tuple[bytes, bytes, bytes]]:
    text = b"an odd signature"
    small = curve.torsion()
    made = []
    for a, b, nonce in itertools.product(range(8), range(8), (0, 77, 78, 79)):
        key, sig = curve.forge(12345, nonce, text, key_twist=small[a], nonce_twist=small[b])
        made.append((key, text, sig))
        key, sig = curve.forge(0, nonce, text, key_twist=small[a], nonce_twist=small[b])
        made.append((key, text, sig))
    key, sig = curve.forge(12345, 77, text, key_twist=small[0], nonce_twist=small[0])
    order = int.from_bytes(sig[32:], "little")
    for s in (order + curve.L, 0, curve.L, 2**256 - 1, order | 1 << 255):
        made += [(key, text, sig[:32] + (s % 2**256).to_bytes(32, "little"))]
    for one, other in itertools.product(curve.small_encodings(), repeat=2):
        made.append((one, text, other + bytes(32)))
        made.append((key, text, other + sig[32:]))
    made += [
        (key, text, sig[:63]),
        (key, text, sig + b"\0"),
        (key, text, b""),
        (key, text + b".", sig),
        (b"\xff" * 32, text, sig),
    ]
    return made


def test_libsodium_and_the_verifier_agree_on_every_odd_signature() -> None:
    made = odd_signatures()
    told = [verify_draw.signature_holds(*one) for one in made]
    assert told == [libsodium_holds(*one) for one in made]
    assert any(told)
    assert len(made) > 900


def test_a_published_signature_holds() -> None:
    key = bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")  # RFC 8032, 7.1, test 1
    sig = "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
    sig += "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
    assert verify_draw.signature_holds(key, b"", bytes.fromhex(sig))
    assert not verify_draw.signature_holds(key, b"x", bytes.fromhex(sig))


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
    assert judged["notices"] == ["3 files were ignored: not canonical, not signed files or unreadable"]


def test_a_ledger_that_is_a_link_is_not_followed(tmp_path: Path) -> None:
    home = History().begin().write(tmp_path / "home")
    ledger = home / "kiosk" / "ledger.jsonl"
    ledger.rename(tmp_path / "elsewhere")
    ledger.symlink_to(tmp_path / "elsewhere")
    assert judge_home(home).status == 2
