"""Records as lines: canonical, so that equal records are equal bytes and a changed byte is a changed record."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.core.errors import LedgerBroken
from kiosk.ledger.record import (
    GENESIS,
    Absent,
    Adopt,
    Body,
    Entropy,
    Note,
    Open,
    Record,
    Recovered,
    Refused,
    Result,
    Shown,
    Withdraw,
    hash_of,
    parse,
)

AT = "2026-01-01T00:00:00.000Z"
MOST = 2**53 - 1

texts = st.text(max_size=30)
whole = st.integers(0, MOST)
optional_text = st.none() | texts
optional_whole = st.none() | whole
modes = st.sampled_from(["natural", "fixed", "demo"])
bodies = st.one_of(
    st.builds(Adopt, generation=whole, snapshot=texts, entries=whole, weight=whole, anchor=texts, kiosk=texts),
    st.builds(Entropy, snapshot=texts, entropy=texts),
    st.builds(Open, generation=whole, spin=whole, mode=modes, pool=texts, entropy=texts, step=optional_whole),
    st.builds(
        Result,
        spin=whole,
        mode=modes,
        reveal=texts,
        x=texts,
        k=whole,
        t=whole,
        ticket=texts,
        rest=whole,
        turns=whole,
        step=optional_whole,
        reason=optional_text,
        fallback=optional_text,
    ),
    st.builds(Shown, spin=whole, duration_ms=whole, frames=whole),
    st.builds(Absent, spin=whole, ticket=texts),
    st.builds(Withdraw, ticket=texts, reason=texts),
    st.builds(Refused, file=texts, reason=texts),
    st.builds(Recovered, bytes=whole, digest=texts),
    st.builds(Note, text=texts),
)
records = st.builds(Record, seq=whole, at=texts, prev=texts, body=bodies)


def line_of(body: Body) -> bytes:
    return Record(seq=1, at=AT, prev=GENESIS, body=body).line()


def spelled(**fields: object) -> bytes:
    """Return a line as the canonical form spells it, of any fields at all."""
    stamped = {"seq": 1, "at": AT, "prev": GENESIS} | fields
    return json.dumps(stamped, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


@given(records)
def test_a_line_reads_back_as_the_record_that_wrote_it(record: Record) -> None:
    assert parse(record.line()) == record


@given(records)
def test_a_line_is_one_flat_json_object_with_sorted_ascii_keys_and_no_spaces(record: Record) -> None:
    line = record.line()
    fields = json.loads(line)

    assert b"\n" not in line
    assert list(fields) == sorted(fields)
    assert all(key.isascii() for key in fields)
    assert all(type(value) in {int, str} for value in fields.values())
    assert fields["type"] == type(record.body).__name__.lower()
    keys_and_commas = b",".join(
        b"%b:%b" % (json.dumps(key).encode(), as_written(value)) for key, value in fields.items()
    )
    assert line == b"{" + keys_and_commas + b"}"


def as_written(value: int | str) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


def test_a_line_reads_as_drawmd_says() -> None:
    assert line_of(Shown(spin=3, duration_ms=11_000, frames=660)) == (
        b'{"at":"2026-01-01T00:00:00.000Z","duration_ms":11000,"frames":660,"prev":"' + b"0" * 64 + b'",'
        b'"seq":1,"spin":3,"type":"shown"}'
    )


def test_non_ascii_characters_stand_as_they_are() -> None:
    assert "Zoë 🎉 שלום".encode() in line_of(Note(text="Zoë 🎉 שלום"))


def test_what_is_not_said_has_no_key() -> None:
    line = line_of(Open(generation=1, spin=1, mode="natural", pool="p", entropy="none"))

    assert b"step" not in line
    assert b"null" not in line


@given(records, records)
def test_equal_bytes_mean_equal_records(one: Record, other: Record) -> None:
    assert (one.line() == other.line()) == (one == other)


def test_the_hash_of_a_line_is_its_sha256_without_line_feed() -> None:
    assert hash_of(b"abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


GOOD = line_of(Shown(spin=3, duration_ms=11_000, frames=660))


@pytest.mark.parametrize(
    "line",
    [
        b" " + GOOD,
        GOOD + b" ",
        GOOD + b"\r",
        GOOD.replace(b":3", b": 3"),
        GOOD.replace(b'"spin":3', b'"spin":3.0'),
        GOOD.replace(b'"spin":3', b'"spin":3e0'),
        GOOD.replace(b'"spin":3', b'"spin":"3"'),
        GOOD.replace(b'"spin":3', b'"spin":true'),
        GOOD.replace(b'"spin":3', b'"spin":null'),
        GOOD.replace(b'"spin":3', b'"spin":03'),
        GOOD.replace(b'"spin":3', b'"spin":[3]'),
        GOOD.replace(b'"spin":3', b'"spin":3,"spin":3'),
        GOOD.replace(b"shown", b"\\u0073hown"),
        GOOD.replace(b"shown", b"Shown"),
        GOOD.replace(b"shown", b"drawn"),
        GOOD.replace(b'"seq":1,"spin":3', b'"spin":3,"seq":1'),
        GOOD.replace(b'"seq":1,', b""),
        GOOD.replace(b'"seq":1', b'"seq":"1"'),
        GOOD.replace(b'"type":"shown"', b'"type":"shown","zone":"UTC"'),
        spelled(type="open", generation=1, spin=1, mode="set", pool="p", entropy="none"),
        spelled(type="open", generation=1, spin=1, mode="natural", pool="p", entropy="none", step=None),
        spelled(type="note", text="a/b").replace(b"a/b", b"a\\/b"),
        spelled(type="note", text="ë").replace("ë".encode(), b"\\u00eb"),
        spelled(type="note", text="ë").replace("ë".encode(), b"\xeb"),
        spelled(type="note", text="x").replace(b'"x"', b'"\\ud800"'),
        spelled(type="note"),
        spelled(text="x"),
        b"",
        b"{}",
        b"[]",
        b"null",
        b"7",
        b"\0" * 100,
        b"[" * 100_000,
        GOOD[:-1],
    ],
    ids=lambda line: line[-70:].decode("latin-1"),
)
def test_a_line_that_is_not_in_canonical_form_is_broken(line: bytes) -> None:
    with pytest.raises(LedgerBroken):
        parse(line)


@pytest.mark.parametrize("number", [2**53, 2**63, 2**64, 10**30, -(2**53), -(10**30)])
def test_an_integer_that_other_json_readers_would_round_is_broken(number: int) -> None:
    with pytest.raises(LedgerBroken):
        parse(GOOD.replace(b":660", b":%d" % number))


def test_the_greatest_integer_is_allowed() -> None:
    assert parse(GOOD.replace(b":660", b":%d" % MOST)).body == Shown(spin=3, duration_ms=11_000, frames=MOST)


@given(st.binary(max_size=200))
def test_garbage_is_broken_and_nothing_else(line: bytes) -> None:
    with pytest.raises(LedgerBroken):
        parse(line)


@given(st.data())
def test_any_damage_is_broken_or_another_record(data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(GOOD)))
    damaged = GOOD[:at] + data.draw(st.binary(max_size=3)) + GOOD[at + data.draw(st.integers(0, 3)) :]
    try:
        record = parse(damaged)
    except LedgerBroken:
        return
    assert record.line() == damaged
    assert (record == parse(GOOD)) == (damaged == GOOD)


@given(st.dictionaries(st.text(max_size=6), st.integers() | st.text(max_size=6), max_size=5))
def test_any_flat_object_is_a_record_or_broken(fields: dict[str, int | str]) -> None:
    try:
        record = parse(spelled(**fields))
    except LedgerBroken:
        return
    assert record.line() == spelled(**fields)
