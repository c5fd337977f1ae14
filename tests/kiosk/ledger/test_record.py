"""Records as lines: canonical, so that equal records are equal bytes and a changed byte is a changed record."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.core.canonical import NotCanonical
from kiosk.core.errors import LedgerBroken
from kiosk.ledger.record import (
    GENESIS,
    Adopt,
    Body,
    Claim,
    Close,
    Entropy,
    Note,
    Open,
    Record,
    Recovered,
    Refused,
    Rehearsal,
    Restored,
    Result,
    Shown,
    Void,
    Withdraw,
    hash_of,
    parse,
)

AT = "2026-01-01T00:00:00.000Z"
MOST = 2**53 - 1
H, E, T = "a" * 64, "0123456789abcdef", "E0001"

texts = st.text(st.characters(exclude_categories=("Cc", "Cs")), max_size=30)
tickets = st.text(st.characters(exclude_categories=("Cc", "Cs")), min_size=1, max_size=40)
digests = st.binary(min_size=32, max_size=32).map(bytes.hex)
events = st.binary(min_size=8, max_size=8).map(bytes.hex)
prizes = st.text("abcxyz0189-", max_size=40)
whole = st.integers(0, MOST)
positive = st.integers(1, MOST)
modes = st.sampled_from(["natural", "fixed"])
places = st.lists(st.integers(1, 9999), min_size=1, max_size=200).map(lambda many: ",".join(map(str, many)))
states = st.sampled_from(["confirmed", "collected", "absent", "declined", "expired"])
fallbacks = st.sampled_from(["", "not in the pool"])
bodies = st.one_of(
    st.builds(
        Adopt,
        event=events,
        generation=positive,
        snapshot=digests,
        entries=positive,
        weight=positive,
        anchor=digests,
        kiosk=digests,
        signer=digests,
    ),
    st.builds(Entropy, snapshot=digests, anchor=digests, text=texts, request=digests),
    st.builds(
        Open,
        event=events,
        generation=positive,
        spin=positive,
        prize=prizes,
        places=places,
        mode=modes,
        step=whole,
        pool=digests,
        weight=positive,
        entropy=st.one_of(st.just("none"), digests),
    ),
    st.builds(
        Result,
        spin=positive,
        mode=modes,
        reveal=digests,
        winners=st.lists(tickets, min_size=1, max_size=9).map(tuple),
        rest=st.integers(0, 2**32 - 1),
        turns=st.integers(5, 7),
        reason=texts,
        fallback=fallbacks,
    ),
    st.builds(Shown, spin=positive, duration_ms=whole, frames=whole),
    st.builds(Void, spin=positive, reason=texts),
    st.builds(
        Claim,
        event=events,
        prize=prizes,
        place=positive,
        ticket=tickets,
        state=states,
        reserve=whole,
        request=st.one_of(st.just(""), digests),
    ),
    st.builds(Withdraw, event=events, ticket=tickets, reason=texts, request=digests),
    st.builds(Close, event=events, request=digests),
    st.builds(Restored, from_=digests, to=digests, head=digests),
    st.builds(Rehearsal, event=events),
    st.builds(Refused, file=texts, reason=texts),
    st.builds(Recovered, bytes=whole, digest=digests),
    st.builds(Note, text=texts),
)
records = st.builds(Record, seq=positive, at=st.just(AT), prev=digests, body=bodies)

EVERY: dict[str, Mapping[str, Any]] = {
    "adopt": {"event": E, "generation": 1, "snapshot": H, "entries": 3, "weight": 3, "anchor": H,
              "kiosk": H, "signer": H},
    "entropy": {"snapshot": H, "anchor": H, "text": "dice:3", "request": H},
    "open": {"event": E, "generation": 1, "spin": 1, "prize": "mugs", "places": "1,2", "mode": "natural", "step": 0,
             "pool": H, "weight": 3, "entropy": "none"},
    "result": {"spin": 1, "mode": "natural", "reveal": H, "winners": [T], "rest": 0, "turns": 5, "reason": "",
               "fallback": ""},
    "shown": {"spin": 1, "duration_ms": 0, "frames": 0},
    "void": {"spin": 1, "reason": "its secret is lost"},
    "claim": {"event": E, "prize": "", "place": 1, "ticket": T, "state": "absent", "reserve": 0, "request": ""},
    "withdraw": {"event": E, "ticket": T, "reason": "asked", "request": H},
    "close": {"event": E, "request": H},
    "restored": {"from": H, "to": "b" * 64, "head": H},
    "rehearsal": {"event": E},
    "refused": {"file": "x", "reason": "y"},
    "recovered": {"bytes": 1, "digest": H},
    "note": {"text": ""},
}  # fmt: skip
"""One good record of each type, as docs/protocol.md lists their fields."""


def line_of(body: Body) -> bytes:
    return Record(seq=1, at=AT, prev=GENESIS, body=body).line()


def spelled(**fields: object) -> bytes:
    """Return a line as the canonical form spells it, of any fields at all."""
    stamped = {"seq": 1, "at": AT, "prev": GENESIS} | fields
    return json.dumps(stamped, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode(
        "utf-8", "surrogatepass"
    )


@given(records)
def test_a_line_reads_back_as_the_record_that_wrote_it(record: Record) -> None:
    assert parse(record.line()) == record


@given(records)
def test_a_line_is_one_flat_object_with_sorted_keys_and_no_spaces(record: Record) -> None:
    line = record.line()
    fields = json.loads(line)

    assert b"\n" not in line
    assert list(fields) == sorted(fields)
    assert all(key.isascii() for key in fields)
    assert fields["type"] == type(record.body).__name__.lower()
    assert line == json.dumps(fields, separators=(",", ":"), ensure_ascii=False).encode()


@given(records, records)
def test_equal_bytes_mean_equal_records(one: Record, other: Record) -> None:
    assert (one.line() == other.line()) == (one == other)


@pytest.mark.parametrize("kind", EVERY)
def test_each_type_has_the_fields_of_the_specification_and_all_of_them(kind: str) -> None:
    fields = EVERY[kind]
    line = spelled(type=kind, **fields)

    assert parse(line).line() == line
    for field in fields:
        with pytest.raises(LedgerBroken):
            parse(spelled(type=kind, **{name: value for name, value in fields.items() if name != field}))
    with pytest.raises(LedgerBroken, match="not in the one form"):
        parse(spelled(type=kind, more=1, **fields))


WRONG: dict[str, list[object]] = {
    "event": ["", E.upper(), E[:-1], E + "\n", 1],
    "generation": [0, -1, MOST + 1, "1", 1.0, True, None],
    "snapshot": ["", H[:-1], H.upper(), H + "0"],
    "prize": ["Mugs", "x" * 41, "a b", "é"],
    "places": ["", "0", "1,", ",1", "01", "1, 2", "1,2,", "-1", "1\n", 1],
    "mode": ["demo", "", "Natural"],
    "weight": [0, -1],
    "entropy": ["", "dice:3", "None", H[:-1]],
    "winners": [[], T, [T, 1], [""], ["x" * 41], [T] * 201, None, {}],
    "rest": [-1, 2**32, "0"],
    "turns": [4, 8],
    "fallback": ["ticket E0001 is not on the wheel"],
    "state": ["held", "", "open"],
    "reserve": [-1, "0"],
    "request": ["0" * 16, H.upper()],
    "ticket": ["", "x" * 41, 1],
    "step": [-1, None],
}


@pytest.mark.parametrize(
    ("kind", "field"), [(kind, field) for kind, fields in EVERY.items() for field in fields if field in WRONG]
)
def test_a_field_of_another_kind_is_refused(kind: str, field: str) -> None:
    for wrong in WRONG[field]:
        if (kind, field, wrong) != ("claim", "request", ""):
            with pytest.raises(LedgerBroken):
                parse(spelled(**{"type": kind, **EVERY[kind], field: wrong}))


@pytest.mark.parametrize(
    "stamp",
    [
        *({"seq": wrong} for wrong in (0, -1, MOST + 1, "1", None)),
        *({"prev": wrong} for wrong in ("", "0" * 63, "G" * 64, 0)),
        *({"at": wrong} for wrong in ("", AT[:-1], "2026-01-01T00:00:00Z", "2026-02-30T00:00:00.000Z", "today", 1)),
        *({"at": wrong} for wrong in ("2026-01-01T00:00:00.000+00:00", AT + "\n", "２026-01-01T00:00:00.000Z")),
    ],
    ids=str,
)
def test_a_stamp_of_another_kind_is_refused(stamp: dict[str, object]) -> None:
    with pytest.raises(LedgerBroken):
        parse(spelled(**{"type": "note", "text": "", **stamp}))


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b"\xff",
        b"[" * 100_000,
        spelled(type="note", text="") + b" ",
        b" " + spelled(type="note", text=""),
        spelled(type="note", text="").replace(b":", b": ", 1),
        spelled(type="note", text="a").replace(b'"a"', b'"\\u0061"'),
        spelled(type="note", text="a\x7f"),
        spelled(type="note", text="a\nb"),
        spelled(type="note", text="\ud800"),
        spelled(type="note", text="").replace(b'"seq":1', b'"seq":1,"seq":1'),
        spelled(type="note", text="").replace(b'{"at"', b'{"text":"b","at"'),
        spelled(type="demo", text=""),
        spelled(text=""),
    ],
    ids=lambda line: repr(line[-40:]),
)
def test_what_is_not_a_record_in_its_one_form_is_refused(line: bytes) -> None:
    with pytest.raises(LedgerBroken):
        parse(line)


@given(records, st.data())
def test_any_damage_is_refused_or_is_another_record(record: Record, data: st.DataObject) -> None:
    line = record.line()
    at, cut = data.draw(st.integers(0, len(line))), data.draw(st.integers(0, 4))
    damaged = line[:at] + data.draw(st.binary(max_size=4)) + line[at + cut :]
    try:
        other = parse(damaged)
    except LedgerBroken:
        return
    assert (other == record) == (damaged == line)
    assert other.line() == damaged


def test_a_line_reads_as_the_specification_says() -> None:
    assert line_of(Shown(spin=3, duration_ms=11_000, frames=660)) == (
        b'{"at":"2026-01-01T00:00:00.000Z","duration_ms":11000,"frames":660,"prev":"' + b"0" * 64 + b'",'
        b'"seq":1,"spin":3,"type":"shown"}'
    )
    assert "Zoë 🎉 שלום".encode() in line_of(Note(text="Zoë 🎉 שלום"))
    with pytest.raises(NotCanonical):
        line_of(Note(text="a\nb"))


def test_the_head_is_the_digest_of_the_line() -> None:
    assert hash_of(b"") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@pytest.mark.parametrize(
    ("fields", "earlier"),
    [
        ({"type": "adopt", "generation": 1, "snapshot": H, "entries": 3, "weight": 3, "anchor": H, "kiosk": H}, True),
        ({"type": "entropy", "snapshot": H, "entropy": "dice:3"}, True),
        ({"type": "open", "generation": 1, "spin": 1, "mode": "natural", "pool": H, "entropy": "none"}, True),
        ({"type": "absent", "spin": 1, "ticket": T}, True),
        ({"type": "withdraw", "ticket": T, "reason": "asked"}, True),
        ({"type": "withdraw", "event": E, "ticket": T, "reason": "asked"}, False),
        ({"type": "shown", "spin": 0}, False),
    ],
)
def test_a_record_of_the_earlier_format_is_called_that(fields: dict[str, object], earlier: bool) -> None:
    with pytest.raises(LedgerBroken) as caught:
        parse(spelled(**fields))
    assert ("wheel-draw/1" in caught.value.message) == earlier
