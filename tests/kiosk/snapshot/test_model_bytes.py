"""A list has one form as bytes: what is read is what was written, and nothing else is read."""

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kiosk.core.errors import SnapshotMalformed
from kiosk.draw.modes import fixed_step, mixed
from kiosk.snapshot.model import (
    MAX_ENTRIES,
    MAX_ENVELOPE_BYTES,
    MAX_GROUP,
    MAX_GROUPS,
    MAX_HOUSEHOLD,
    MAX_PER_PRESS,
    MAX_PRIZES,
    MAX_QUANTITY,
    MAX_REASON,
    MAX_RESERVES,
    MAX_STEPS,
    MAX_TICKET,
    MAX_TITLE,
    MAX_WEIGHT,
    Entry,
    Listed,
    Prize,
    Snapshot,
    decode,
    encode,
    problems,
    shortened,
)
from tests.kiosk.snapshot.lists import GOOD, as_json
from tests.support import envelope, listed, rules, snapshot


def largest() -> Snapshot:
    """Return a list with every text at its limit, in characters of four bytes."""
    people = tuple(
        Entry("🎟" * (MAX_TICKET - 4) + f"{number:04d}", MAX_WEIGHT, "🎉" * MAX_GROUP, MAX_HOUSEHOLD)
        for number in range(MAX_ENTRIES)
    )
    groups = tuple("🎉" * (MAX_GROUP - 2) + f"{number:02d}" for number in range(MAX_GROUPS))
    prizes = tuple(
        Prize(
            "x" * 36 + f"{number:04d}",
            "🎁" * MAX_TITLE,
            MAX_QUANTITY,
            MAX_RESERVES,
            MAX_PER_PRESS,
            groups,
            "0" * 64 + ".webp",
            "🎁" * MAX_TITLE,
        )
        for number in range(MAX_PRIZES)
    )
    spins = mixed(*(fixed_step(entry.ticket, "🎁" * MAX_REASON) for entry in people[:MAX_STEPS]), then="stop")
    return snapshot(people=people, title="🎉" * MAX_TITLE, prizes=prizes, spins=spins)


@pytest.mark.slow
def test_the_largest_list_fits_into_the_largest_envelope() -> None:
    content = largest()
    assert problems(content) == []

    assert len(envelope(content)) <= MAX_ENVELOPE_BYTES


def test_names_are_shown_as_the_rules_say() -> None:
    def shown(rule: str, names: dict[str, str]) -> str:
        content = snapshot(people=2, event_rules=rules(names=rule))
        return Listed(content, listed(content).s, names).shown_name("E0001")

    names = {"E0001": "Ada King Lovelace"}
    assert [shown(rule, names) for rule in ("full", "short", "ticket")] == ["Ada King Lovelace", "Ada L.", "E0001"]
    assert [shown(rule, {}) for rule in ("full", "short", "ticket")] == ["E0001"] * 3


@pytest.mark.parametrize(("name", "short"), [("Plato", "Plato"), ("Ada Lovelace", "Ada L."), ("李 小龙", "李 小.")])
def test_a_short_name_is_the_first_word_and_the_last_initial(name: str, short: str) -> None:
    assert shortened(name) == short


@pytest.mark.parametrize(
    "payload",
    [
        as_json(extra=1),
        as_json(entries=[{"ticket": "a", "weight": 1, "group": "", "household": 0, "name": "b"}]),
        as_json(event={"id": "0" * 16, "title": "t", "place": "here"}),
        as_json(source={"files": [], "accepted": 1, "rejected": 0, "by": "me"}),
        as_json(source={"files": [{"sha256": "b", "rows": 1, "name": "people.xlsx"}], "accepted": 1, "rejected": 0}),
    ],
    ids=["list", "entry", "event", "source", "file"],
)
def test_a_field_that_is_not_known_is_refused_wherever_it_stands(payload: bytes) -> None:
    with pytest.raises(SnapshotMalformed, match="unknown field"):
        decode(payload)


@pytest.mark.parametrize("field", sorted(json.loads(GOOD)))
def test_a_field_that_is_missing_is_refused(field: str) -> None:
    fields = json.loads(GOOD)
    del fields[field]

    with pytest.raises(SnapshotMalformed, match=f"{field}|one form"):
        decode(json.dumps(fields, separators=(",", ":")).encode())


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
        as_json(format="wheel-snapshot/1"),
        as_json(generation=1.0),
        as_json(generation="1"),
        as_json(generation=True),
        as_json(generation=10**30),
        GOOD.replace(b'"generation":1', b'"generation":' + b"9" * 6000),
        as_json(entries=[{"ticket": 1, "weight": 1, "group": "", "household": 0}]),
        as_json(entries=[{"ticket": "a", "weight": 0.5, "group": "", "household": 0}]),
        as_json(entries=[{"ticket": "a", "weight": None, "group": "", "household": 0}]),
        as_json(entries=[{"ticket": "a", "weight": 1, "group": None, "household": 0}]),
        as_json(spins={"mode": "demo", "ticket": "", "reason": "", "steps": [], "then": ""}),
        as_json(spins={"mode": "natural"}),
        as_json(previous=None),
        as_json(names="\ud800"),
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


@pytest.mark.parametrize(
    ("said", "instead"),
    [
        (b'{"format":"wheel-snapshot/2",', b"{"),
        (b',"weight":1', b""),
        (b'"generation":1', b'"generation":2,"generation":1'),
        (b'"generation":1', b'"generation": 1'),
        (b'"title":"Summer', b'"title":"\\u0053ummer'),
        (b'"source":{"files":[],"accepted":0,"rejected":0}', b'"source":{}'),
        (b'"prizes":[],', b""),
        (b'"household_once":false', b'"household_once":0'),
        (b'"generation":1,"previous":""', b'"previous":"","generation":1'),
    ],
    ids=["no format", "no weight", "one key twice", "a space", "an escape", "no source", "no prizes", "0", "order"],
)
def test_a_list_has_one_form_as_bytes_and_no_other_is_taken(said: bytes, instead: bytes) -> None:
    """Found by fuzzing: a list without `format` or `weight` was adopted, and the verifier did not know it."""
    payload = encode(snapshot())
    assert said in payload

    with pytest.raises(SnapshotMalformed):
        decode(payload.replace(said, instead))
    assert decode(payload) == snapshot()


def test_the_fields_stand_in_the_order_of_the_specification() -> None:
    written = json.loads(GOOD)

    assert list(written) == [
        *("format", "generation", "previous", "created_at", "event", "entries", "names", "prizes", "rules"),
        *("entropy", "spins", "source"),
    ]
    assert list(written["entries"][0]) == ["ticket", "weight", "group", "household"]
    assert list(written["prizes"][0]) == [
        *("id", "title", "quantity", "reserves", "per_press", "groups", "picture", "sponsor"),
    ]
    assert list(written["rules"]) == [
        *("win_once", "household_once", "presence", "predetermined", "order", "names"),
    ]
    assert list(written["spins"]) == ["mode", "ticket", "reason", "steps", "then"]
    assert list(written["spins"]["steps"][0]) == ["mode", "ticket", "reason"]
    assert list(written["source"]) == ["files", "accepted", "rejected"]
