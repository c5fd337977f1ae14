"""The payload: what may be published, and that nothing else becomes a Snapshot."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kiosk.core.errors import SnapshotMalformed
from kiosk.draw.modes import Fixed, Mixed, Natural, Spins
from kiosk.snapshot.model import (
    MAX_ENTRIES,
    MAX_ENVELOPE_BYTES,
    MAX_GENERATION,
    MAX_NAME,
    MAX_REASON,
    MAX_STEPS,
    MAX_TICKET,
    MAX_TITLE,
    MAX_WEIGHT,
    Entry,
    Snapshot,
    Source,
    SourceFile,
    decode,
    encode,
    problems,
)
from kiosk.snapshot.sample import SAMPLE
from tests.support import entries, envelope, snapshot

GOOD = encode(snapshot(people=3, spins=Mixed((Fixed("E0001", "rehearsal"), Natural()), "stop")))


def altered(**changes: object) -> Snapshot:
    return msgspec.structs.replace(snapshot(), **changes)


def with_entry(**changes: object) -> Snapshot:
    first, *others = entries(3)
    return snapshot(people=(msgspec.structs.replace(first, **changes), *others))


def as_json(**changes: object) -> bytes:
    fields: dict[str, Any] = json.loads(GOOD)
    return json.dumps(fields | changes).encode()


@pytest.mark.parametrize(
    "content",
    [
        snapshot(),
        snapshot(people=1),
        snapshot(MAX_GENERATION, people=MAX_ENTRIES),
        snapshot(spins=Fixed("E0003", "notary's draw")),
        snapshot(spins=Mixed((Natural(), Fixed("E0003", "rehearsal")), "repeat"), remove_winners=False),
        snapshot(people=entries(2, weights=[MAX_WEIGHT, 1]), title="عيد سعيد 🎉"),
        altered(source=Source((SourceFile("people.xlsx", "0" * 64, 3),), 2, 1), previous="a" * 64),
        SAMPLE,
    ],
    ids=["ten", "one", "3000", "fixed", "mixed", "weights", "source", "sample"],
)
def test_decode_gives_back_what_was_encoded(content: Snapshot) -> None:
    assert decode(encode(content)) == content


@pytest.mark.parametrize(
    "content",
    [
        altered(generation=MAX_GENERATION),
        altered(title="t" * MAX_TITLE),
        with_entry(ticket="t" * MAX_TICKET),
        with_entry(name="n" * MAX_NAME),
        with_entry(weight=MAX_WEIGHT),
        snapshot(people=MAX_ENTRIES),
        snapshot(spins=Mixed((Natural(),) * MAX_STEPS, "stop")),
        snapshot(spins=Fixed("E0001", "r" * MAX_REASON)),
    ],
    ids=["generation", "title", "ticket", "name", "weight", "entries", "steps", "reason"],
)
def test_a_list_at_a_limit_is_allowed(content: Snapshot) -> None:
    assert problems(content) == []


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (altered(generation=MAX_GENERATION + 1), "generation 1000000 is outside 0..999999"),
        (altered(generation=-1), "generation -1 is outside 0..999999"),
        (altered(title="t" * (MAX_TITLE + 1)), "the title has 121 characters, at most 120 are allowed"),
        (altered(title=""), "the title is missing"),
        (altered(entries=()), "the list has no entries"),
        (snapshot(people=MAX_ENTRIES + 1), "the list has 3001 entries, at most 3000 are allowed"),
        (with_entry(ticket="t" * (MAX_TICKET + 1)), "entry 1: the ticket has 41 characters, at most 40 are allowed"),
        (with_entry(ticket="a\tb"), "entry 1: the ticket contains a control character (U+0009)"),
        (with_entry(ticket="a\nb"), "entry 1: the ticket contains a control character (U+000A)"),
        (with_entry(name=""), "entry 1 (E0001): the name is missing"),
        (with_entry(name="n" * 121), "entry 1 (E0001): the name has 121 characters, at most 120 are allowed"),
        (with_entry(weight=0), "entry 1 (E0001): weight 0 is outside 1..1000000"),
        (with_entry(weight=-5), "entry 1 (E0001): weight -5 is outside 1..1000000"),
        (with_entry(weight=MAX_WEIGHT + 1), "entry 1 (E0001): weight 1000001 is outside 1..1000000"),
        (with_entry(ticket="E0003"), "entry 3: ticket E0003 is already entry 1"),
        (snapshot(spins=Mixed((), "stop")), "the mixed list has 0 steps, 1 to 1000 are allowed"),
        (snapshot(spins=Mixed((Natural(),) * 1001, "stop")), "the mixed list has 1001 steps, 1 to 1000 are allowed"),
        (snapshot(spins=Fixed("E9999", "why")), "the fixed ticket E9999 is not on the list"),
        (
            snapshot(spins=Mixed((Natural(), Fixed("E9999", "why")), "stop")),
            "the fixed ticket E9999 is not on the list",
        ),
        (snapshot(spins=Fixed("E0001", "")), "the reason for fixing ticket E0001 is missing"),
        (
            snapshot(spins=Fixed("E0001", "r" * 301)),
            "the reason for fixing ticket E0001 has 301 characters, at most 300 are allowed",
        ),
        (
            snapshot(spins=Mixed((Fixed("E0001", "a"), Natural(), Fixed("E0001", "b")), "stop")),
            "ticket E0001 is fixed 2 times, but winners leave the wheel",
        ),
    ],
    ids=lambda value: value[:60] if isinstance(value, str) else "",
)
def test_a_broken_rule_is_named(content: Snapshot, problem: str) -> None:
    assert problems(content) == [problem]
    with pytest.raises(SnapshotMalformed) as caught:
        decode(encode(content))
    assert caught.value.problems == (problem,)


def test_fixing_a_ticket_twice_is_allowed_while_winners_stay() -> None:
    twice = Mixed((Fixed("E0001", "a"), Fixed("E0001", "b")), "repeat")

    assert problems(snapshot(spins=twice, remove_winners=False)) == []


def test_every_broken_rule_is_reported_at_once() -> None:
    content = Snapshot(
        generation=-1,
        previous=None,
        created_at="2026-05-04T09:30:00Z",
        title="",
        entries=(Entry("A", "x" * 121, 0), Entry("A", "y\u202e"), Entry("", "z")),
        spins=Mixed((Fixed("B", ""), Fixed("B", "again")), "stop"),
        remove_winners=True,
        source=Source(),
    )

    with pytest.raises(SnapshotMalformed) as caught:
        decode(encode(content))

    assert len(caught.value.problems) == 11
    assert caught.value.problems == tuple(problems(content))


def largest(spins: Spins | None = None) -> Snapshot:
    """Return a list with every text at its limit, in characters of four bytes."""
    people = tuple(
        Entry(ticket="🎟" * (MAX_TICKET - 4) + f"{number:04d}", name="🎉" * MAX_NAME, weight=MAX_WEIGHT)
        for number in range(MAX_ENTRIES)
    )
    return snapshot(people=people, title="🎉" * MAX_TITLE, spins=spins)


def test_the_largest_natural_list_fits_into_the_largest_envelope() -> None:
    content = largest()
    assert problems(content) == []

    assert len(envelope(content)) <= MAX_ENVELOPE_BYTES


def test_the_largest_mixed_list_fits_into_the_largest_envelope() -> None:
    tickets = [entry.ticket for entry in largest().entries[:MAX_STEPS]]
    content = largest(Mixed(tuple(Fixed(ticket, "🎁" * MAX_REASON) for ticket in tickets), "stop"))
    assert problems(content) == []

    assert len(envelope(content)) <= MAX_ENVELOPE_BYTES


@pytest.mark.parametrize(
    "payload",
    [
        as_json(extra=1),
        as_json(entries=[{"ticket": "a", "name": "b", "weight": 1, "vip": True}]),
        as_json(spins={"mode": "natural", "ticket": "E0001"}),
        as_json(spins={"mode": "fixed", "ticket": "E0001", "reason": "r", "who": "me"}),
        as_json(spins={"mode": "mixed", "steps": [{"mode": "natural", "n": 2}], "then": "stop"}),
        as_json(source={"files": [], "accepted": 1, "rejected": 0, "by": "me"}),
        as_json(source={"files": [{"name": "a", "sha256": "b", "rows": 1, "path": "/"}]}),
    ],
    ids=["list", "entry", "natural", "fixed", "step", "source", "file"],
)
def test_a_field_that_is_not_known_is_refused_wherever_it_stands(payload: bytes) -> None:
    with pytest.raises(SnapshotMalformed, match="unknown field"):
        decode(payload)


@pytest.mark.parametrize("field", ["generation", "previous", "created_at", "title", "entries", "spins", "source"])
def test_a_field_that_is_missing_is_refused(field: str) -> None:
    fields = json.loads(GOOD)
    del fields[field]

    with pytest.raises(SnapshotMalformed, match=field):
        decode(json.dumps(fields).encode())


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"format":' * 50_000,
        GOOD[:-1],
        GOOD + b"x",
        GOOD + GOOD,
        b"\xef\xbb\xbf" + GOOD,
        as_json(format="wheel-snapshot/2"),
        as_json(generation=1.0),
        as_json(generation="1"),
        as_json(generation=True),
        as_json(generation=10**30),
        GOOD.replace(b'"generation":1', b'"generation":' + b"9" * 6000),
        as_json(entries=[{"ticket": 1, "name": "b"}]),
        as_json(entries=[{"ticket": "a", "name": "b", "weight": 0.5}]),
        as_json(entries=[{"ticket": "a", "name": "b", "weight": None}]),
        as_json(spins={"mode": "demo"}),
        as_json(spins={"mode": "mixed", "steps": [{"mode": "mixed", "steps": [], "then": "stop"}], "then": "stop"}),
        as_json(spins={"mode": "mixed", "steps": [{"mode": "natural"}], "then": "again"}),
        as_json(remove_winners=1),
        as_json(title="\ud800"),
        GOOD.replace(b"Summer fair", b"Summer \xc3 fair"),
    ],
    ids=lambda payload: payload[:20].decode("latin-1") + f"... {len(payload)}",
)
def test_what_is_not_exactly_a_snapshot_is_malformed(payload: bytes) -> None:
    with pytest.raises(SnapshotMalformed):
        decode(payload)


@given(st.binary(max_size=300))
def test_garbage_is_malformed_and_nothing_else(payload: bytes) -> None:
    with pytest.raises(SnapshotMalformed):
        decode(payload)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(st.sampled_from(sorted(json.loads(GOOD))), json_values)
@example("generation", -0.0)
def test_any_value_in_any_field_is_a_snapshot_or_malformed(field: str, value: object) -> None:
    try:
        content = decode(as_json(**{field: value}))
    except SnapshotMalformed:
        return
    assert problems(content) == []


@given(st.data())
def test_any_damage_to_the_bytes_is_a_snapshot_or_malformed(data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(GOOD)))
    cut = data.draw(st.integers(0, 4))
    payload = GOOD[:at] + data.draw(st.binary(max_size=4)) + GOOD[at + cut :]
    try:
        content = decode(payload)
    except SnapshotMalformed:
        return
    assert problems(content) == []


@pytest.mark.parametrize("spins", [Natural(), Fixed("E0001", "why"), Mixed((Natural(),), "natural")], ids=str)
def test_the_mode_is_spelled_as_the_design_says(spins: Spins) -> None:
    written = json.loads(encode(snapshot(spins=spins)))

    assert written["spins"]["mode"] == type(spins).__name__.lower()
    assert written["format"] == "wheel-snapshot/1"
    assert set(written["entries"][0]) == {"ticket", "name", "weight"}


@pytest.mark.parametrize("created_at", ["yesterday", "", "2026-05-04\nspoofed: line"])
def test_a_time_of_creation_that_is_no_time_is_refused(created_at: str) -> None:
    with pytest.raises(SnapshotMalformed):
        decode(encode(altered(created_at=created_at)))


@pytest.mark.parametrize("previous", ["", "latest", "G" * 64, "a" * 63])
def test_a_previous_that_is_no_digest_is_refused(previous: str) -> None:
    with pytest.raises(SnapshotMalformed):
        decode(encode(altered(previous=previous)))


@pytest.mark.parametrize("name", ["/etc/passwd", "a\nb", "x" * 100_000, "\u202egpj.exe"], ids=lambda name: name[:12])
def test_a_source_file_name_that_breaks_the_text_rules_is_refused(name: str) -> None:
    with pytest.raises(SnapshotMalformed):
        decode(encode(altered(source=Source((SourceFile(name, "0" * 64, 1),), 1, 0))))


@pytest.mark.parametrize(
    ("said", "instead"),
    [
        (b'{"format":"wheel-snapshot/1",', b"{"),
        (b',"weight":1', b""),
        (b'"generation":1', b'"generation":2,"generation":1'),
        (b'"generation":1', b'"generation": 1'),
        (b'"title":"Summer', b'"title":"\\u0053ummer'),
        (b'"source":{"files":[],"accepted":0,"rejected":0}', b'"source":{}'),
    ],
    ids=["no format", "no weight", "one key twice", "a space", "an escape", "no source"],
)
def test_a_list_has_one_form_as_bytes_and_no_other_is_taken(said: bytes, instead: bytes) -> None:
    """Found by fuzzing: a list without `format` or `weight` was adopted, and the verifier did not know it."""
    payload = encode(snapshot())
    assert said in payload

    with pytest.raises(SnapshotMalformed, match="one form"):
        decode(payload.replace(said, instead))
    assert decode(payload) == snapshot()
