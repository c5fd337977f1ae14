"""The names file: that it is the one the list names, and who the tickets are."""

import msgspec
import pytest

from kiosk.core.errors import SnapshotMalformed
from kiosk.draw.protocol import digest
from kiosk.snapshot.model import Snapshot
from kiosk.snapshot.names import MAX_NAME, MAX_NAMES_BYTES, decode, encode
from tests.support import entries, named, names_of, snapshot

LIST = snapshot(people=3)


def naming(data: bytes) -> Snapshot:
    """Return a list that names exactly these bytes."""
    return msgspec.structs.replace(LIST, names=digest(data))


def test_the_names_are_read_by_ticket() -> None:
    assert decode(names_of(LIST), snapshot=LIST) == named(LIST.entries)


def test_the_bytes_are_those_of_the_specification() -> None:
    assert encode([("E1", 'A "B" \\ é')], salt=bytes(32)) == (
        b'{"format":"wheel-names/1","salt":"' + b"0" * 64 + '","names":[["E1","A \\"B\\" \\\\ é"]]}'.encode()
    )


def test_another_file_is_not_the_lists() -> None:
    other = encode(named(LIST.entries).items(), salt=b"\1" * 32)

    with pytest.raises(SnapshotMalformed, match="another one"):
        decode(other, snapshot=LIST)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"{}", "not a wheel-names/1"),
        (names_of(LIST) + b"\n", "not a wheel-names/1"),
        (names_of(LIST).replace(b",", b", ", 1), "not a wheel-names/1"),
        (names_of(LIST).replace(b"names/1", b"names/2"), "not a wheel-names/1"),
        (names_of(LIST).replace(b"0" * 64, b"0" * 63), "the salt is not"),
        (encode([("E0001", "A"), ("E0002", "B")], salt=bytes(32)), "not those of the entries"),
        (encode([("E0002", "A"), ("E0001", "B"), ("E0003", "C")], salt=bytes(32)), "not those of the entries"),
        (encode([("E0001", ""), ("E0002", "B"), ("E0003", "C")], salt=bytes(32)), r"name 1 \(E0001\) is missing"),
        (encode([("E0001", "x" * 121), ("E0002", "B"), ("E0003", "C")], salt=bytes(32)), "has 121 characters"),
        (encode([("E0001", "a\u202e"), ("E0002", "B"), ("E0003", "C")], salt=bytes(32)), "direction override"),
    ],
)
def test_a_file_that_breaks_a_rule_is_refused(data: bytes, why: str) -> None:
    with pytest.raises(SnapshotMalformed, match=why):
        decode(data, snapshot=naming(data))


def test_the_largest_names_file_is_below_the_limit() -> None:
    people = entries(3000)
    data = encode([("🎟" * 40, "🎉" * MAX_NAME) for _ in people], salt=bytes(32))

    assert len(data) <= MAX_NAMES_BYTES
