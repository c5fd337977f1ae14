"""Damage to the ledger, and records that may not follow: nothing is drawn on it."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.core.errors import LedgerBroken, RefusedError
from kiosk.ledger.reader import fold, read_records
from kiosk.ledger.record import Note, Record, Shown, hash_of
from tests.kiosk.ledger.ledgers import ADOPT, THREE, bytes_of, open_ledger, torn_files

# ---- damage ---------------------------------------------------------------------------------------------------------


def assert_broken_and_untouched(path: Path, data: bytes, match: str) -> None:
    path.write_bytes(data)
    with pytest.raises(LedgerBroken, match=match) as caught:
        open_ledger(path)

    assert caught.value.exit_code == 8
    assert "evidence" in caught.value.remedy
    assert path.read_bytes() == data
    assert torn_files(path) == []


def test_a_whole_last_line_that_does_not_follow_is_broken_not_torn(path: Path) -> None:
    alien = Record(seq=3, at="2026-01-01T00:00:00.000Z", prev="f" * 64, body=THREE[2]).line() + b"\n"

    assert_broken_and_untouched(path, bytes_of(*THREE[:2]) + alien, r"ledger\.jsonl, line 3: it does not follow")


def test_a_whole_last_line_with_the_wrong_number_is_broken(path: Path) -> None:
    head = hash_of(bytes_of(*THREE[:2]).splitlines()[-1])
    alien = Record(seq=4, at="2026-01-01T00:00:00.000Z", prev=head, body=THREE[2]).line() + b"\n"

    assert_broken_and_untouched(path, bytes_of(*THREE[:2]) + alien, "line 3: it does not follow")


@pytest.mark.parametrize("line", [b"{}", b"", b"garbage", b'{"at":"2026"}', b"\xff\xfe"], ids=repr)
def test_a_whole_last_line_that_is_no_record_is_broken_not_torn(path: Path, line: bytes) -> None:
    assert_broken_and_untouched(path, bytes_of(*THREE) + line + b"\n", "line 4: not a ledger record")


def test_a_torn_tail_does_not_hide_damage_before_it(path: Path) -> None:
    data = bytes_of(*THREE)
    assert_broken_and_untouched(path, data.replace(b"Zo", b"Jo") + b'{"at":', "line 3: it does not follow")


def test_a_missing_a_doubled_and_a_moved_line_are_broken(path: Path) -> None:
    one, two, three = (line + b"\n" for line in bytes_of(*THREE).splitlines())

    assert_broken_and_untouched(path, two + three, "line 1: it does not follow")
    assert_broken_and_untouched(path, one + three, "line 2: it does not follow")
    assert_broken_and_untouched(path, one + one + two, "line 2: it does not follow")
    assert_broken_and_untouched(path, one + three + two, "line 2: it does not follow")
    assert_broken_and_untouched(path, one + b"\n" + two, "line 2: not a ledger record")
    assert_broken_and_untouched(path, b"\n", "line 1: not a ledger record")


def test_every_single_byte_changed_before_the_last_record_is_broken() -> None:
    data = bytes_of(*THREE)
    end = len(bytes_of(*THREE[:2]))
    for at in range(end):
        for byte in {data[at] ^ 1, data[at] ^ 0x20, data[at] ^ 0x80, *b'\n\0 0a"}'} - {data[at]}:
            with pytest.raises(LedgerBroken):
                list(read_records(data[:at] + bytes([byte]) + data[at + 1 :]))


def test_every_single_byte_removed_before_the_last_record_is_broken() -> None:
    data = bytes_of(*THREE)
    for at in range(len(bytes_of(*THREE[:2]))):
        with pytest.raises(LedgerBroken):
            list(read_records(data[:at] + data[at + 1 :]))


@given(st.data())
def test_any_damage_before_the_last_record_is_broken(data: st.DataObject) -> None:
    whole, end = bytes_of(*THREE), len(bytes_of(*THREE[:2]))
    at = data.draw(st.integers(0, end - 1))
    upto = data.draw(st.integers(at, end))
    damaged = whole[:at] + data.draw(st.binary(max_size=10)) + whole[upto:]

    if damaged != whole:
        with pytest.raises(LedgerBroken):
            list(read_records(damaged))


def test_a_change_to_the_last_record_shows_in_the_head_that_somebody_kept() -> None:
    """The chain cannot see it; checkpoints and the head on the screen exist for that."""
    data = bytes_of(*THREE)
    changed = data.replace(b"660", b"661")

    (*_, last), (*_, other) = list(read_records(data)), list(read_records(changed))

    assert hash_of(last.line()) != hash_of(other.line())


def test_reading_stops_at_the_first_broken_line() -> None:
    data = bytes_of(*THREE)
    reader: Iterator[Record] = read_records(data.replace(b'"entries":3', b'"entries":4').replace(b"Zo", b"Jo"))

    assert next(reader).body != ADOPT
    with pytest.raises(LedgerBroken, match="the ledger, line 2"):
        next(reader)


def test_an_empty_file_has_no_records() -> None:
    assert list(read_records(b"")) == []


# ---- records that may not follow, and the lenient way in ------------------------------------------------------------


def test_a_record_that_the_rules_do_not_permit_is_not_appended(path: Path) -> None:
    ledger = open_ledger(path)
    before = path.read_bytes()

    with pytest.raises(RefusedError, match="that spin is not open"):
        ledger.append(Shown(spin=1, duration_ms=1, frames=1))
    with pytest.raises(RefusedError, match="the list is not here"):
        ledger.append(msgspec.structs.replace(ADOPT, snapshot="b" * 64))
    with pytest.raises(RefusedError, match="it does not say what its list says"):
        ledger.append(msgspec.structs.replace(ADOPT, weight=4))

    assert path.read_bytes() == before
    ledger.close()


def test_a_ledger_with_a_record_that_cannot_follow_is_broken(path: Path) -> None:
    data = bytes_of(ADOPT, Shown(spin=1, duration_ms=1, frames=1))

    assert_broken_and_untouched(path, data, r"ledger\.jsonl, line 2: that spin is not open")


def test_a_ledger_of_the_earlier_format_is_refused_with_what_to_do(path: Path) -> None:
    line = (
        b'{"anchor":"%s","at":"2026-01-01T00:00:00.000Z","entries":3,"generation":1,"kiosk":"%s","prev":"%s",'
        b'"seq":1,"snapshot":"%s","type":"adopt","weight":3}' % (b"a" * 64, b"b" * 64, b"0" * 64, b"c" * 64)
    )
    path.write_bytes(line + b"\n")

    with pytest.raises(LedgerBroken, match="wheel-draw/1") as caught:
        open_ledger(path)
    assert "move the kiosk directory away" in caught.value.remedy
    assert path.read_bytes() == line + b"\n"


def test_a_lenient_reader_passes_over_what_it_cannot_use() -> None:
    passed_over: list[int] = []
    data = bytes_of(ADOPT, Shown(spin=1, duration_ms=1, frames=1)) + b"garbage\n" + bytes_of(Note(text="on"))

    records = list(read_records(data, passed_over=lambda number, _: passed_over.append(number)))
    history = fold(records, passed_over=lambda number, _: passed_over.append(number))

    assert [record.body for record in records] == [ADOPT, Shown(spin=1, duration_ms=1, frames=1), Note(text="on")]
    assert history.current == ADOPT
    assert passed_over == [3, 2]
