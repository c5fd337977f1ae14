"""The ledger file: chained, durable, recovering from a torn end and from nothing else."""

import errno
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.core import durable
from kiosk.core.clock import NS_PER_S, ManualClock
from kiosk.core.errors import HomeError, LedgerBroken, LedgerError, RefusedError
from kiosk.draw.protocol import digest
from kiosk.ledger import ledger as ledger_module
from kiosk.ledger.ledger import Ledger
from kiosk.ledger.reader import fold, read_records
from kiosk.ledger.record import GENESIS, Adopt, Body, Note, Record, Recovered, Refused, Shown, hash_of
from kiosk.snapshot.model import Snapshot
from tests.support import KEY, listed, private_key, snapshot

LIST = listed(snapshot(people=3))
ADOPT = Adopt(
    event=LIST.snapshot.event.id,
    generation=1,
    snapshot=LIST.s,
    entries=3,
    weight=3,
    anchor="a" * 64,
    kiosk=private_key(7).public.keyid,
    signer=KEY.public.keyid,
)
THREE: tuple[Body, ...] = (ADOPT, Note(text="Zoë 🎉"), Refused(file="x.json", reason="660 things"))


def known(s: str) -> Snapshot | None:
    return LIST.snapshot if s == LIST.s else None


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.jsonl"


def open_ledger(path: Path) -> Ledger:
    return Ledger(path, clock=ManualClock(), lists=known)


def written(path: Path, *bodies: Body) -> bytes:
    """Append the bodies to the ledger and return the file's bytes."""
    ledger = open_ledger(path)
    for body in bodies:
        ledger.append(body)
    ledger.close()
    return path.read_bytes()


def bytes_of(*bodies: Body) -> bytes:
    """Return what a ledger of the bodies holds, without touching the disk."""
    data, prev = b"", GENESIS
    for seq, body in enumerate(bodies, start=1):
        line = Record(seq=seq, at="2026-01-01T00:00:00.000Z", prev=prev, body=body).line()
        data, prev = data + line + b"\n", hash_of(line)
    return data


def bodies_in(path: Path) -> list[Body]:
    return [record.body for record in read_records(path.read_bytes())]


def state(ledger: Ledger) -> dict[str, Any]:
    """Return what a history knows, without its events, which are objects."""
    return {name: value for name, value in vars(ledger.history).items() if name not in {"events", "event"}}


def torn_files(path: Path) -> list[bytes]:
    return [aside.read_bytes() for aside in sorted(path.parent.glob("ledger-torn-*.bin"))]


def without_waiting_for_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)


# ---- a ledger that nothing happened to ------------------------------------------------------------------------------


def test_records_are_numbered_stamped_and_chained(path: Path) -> None:
    clock = ManualClock()
    ledger = Ledger(path, clock=clock, lists=known)
    for body in THREE:
        ledger.append(body)
        clock.advance_ns(NS_PER_S)
    ledger.close()

    lines = path.read_bytes().splitlines()
    records = list(read_records(path.read_bytes()))
    assert [record.seq for record in records] == [1, 2, 3]
    assert [record.prev for record in records] == [GENESIS, digest(lines[0]), digest(lines[1])]
    assert [record.at[17:] for record in records] == ["00.000Z", "01.000Z", "02.000Z"]
    assert tuple(record.body for record in records) == THREE
    assert path.read_bytes() == b"".join(record.line() + b"\n" for record in records)


def test_seq_and_head_are_those_of_the_last_line(path: Path) -> None:
    ledger = open_ledger(path)
    assert (ledger.seq, ledger.head) == (0, GENESIS)
    ledger.append(ADOPT)

    assert (ledger.seq, ledger.head) == (1, digest(path.read_bytes().removesuffix(b"\n")))
    ledger.close()


def test_append_returns_the_record_that_it_wrote(path: Path) -> None:
    ledger = open_ledger(path)

    record = ledger.append(ADOPT)

    assert path.read_bytes() == record.line() + b"\n"
    ledger.close()


def test_a_reopened_ledger_goes_on_where_it_stopped(path: Path) -> None:
    first = open_ledger(path)
    for body in THREE:
        first.append(body)
    first.close()

    second = open_ledger(path)

    assert (second.seq, second.head) == (first.seq, first.head)
    assert state(second) == state(first)
    second.append(Note(text="on"))
    second.close()
    assert bodies_in(path) == [*THREE, Note(text="on")]


def test_reopening_writes_nothing(path: Path) -> None:
    before = written(path, *THREE)
    status = path.stat()

    open_ledger(path).close()

    assert path.read_bytes() == before
    assert path.stat().st_mtime_ns == status.st_mtime_ns
    assert torn_files(path) == []


def test_a_record_is_durable_before_append_returns(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[bytes] = []
    fsync = os.fsync

    def recording(descriptor: int) -> None:
        fsync(descriptor)
        synced.append(path.read_bytes())

    ledger = open_ledger(path)
    monkeypatch.setattr(os, "fsync", recording)
    for number, body in enumerate(THREE, start=1):
        record = ledger.append(body)
        assert len(synced) == number
        assert synced[-1].endswith(record.line() + b"\n")
        assert synced[-1] == path.read_bytes()
    ledger.close()


def test_the_history_knows_a_record_only_once_it_is_durable(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger = open_ledger(path)

    def fail(_: int) -> None:
        assert ledger.history.current is None
        raise OSError(errno.EIO, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", fail)
        with pytest.raises(HomeError):
            ledger.append(ADOPT)
    assert (ledger.seq, ledger.head, ledger.history.current) == (0, GENESIS, None)
    ledger.append(ADOPT)

    assert ledger.history.current == ADOPT
    ledger.close()


def test_a_ledger_larger_than_any_of_ours_is_not_read(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    size = len(written(path, *THREE))
    monkeypatch.setattr(ledger_module, "MAX_LEDGER_BYTES", size)
    open_ledger(path).close()
    monkeypatch.setattr(ledger_module, "MAX_LEDGER_BYTES", size - 1)

    with pytest.raises(LedgerError, match="Move it away"):
        open_ledger(path)


def test_a_ledger_that_cannot_be_opened_is_a_home_error(tmp_path: Path) -> None:
    with pytest.raises(HomeError):
        open_ledger(tmp_path / "nowhere" / "ledger.jsonl")
    with pytest.raises(HomeError):
        open_ledger(tmp_path)


def test_a_ledger_that_was_refused_is_closed_again(path: Path) -> None:
    path.write_bytes(b"not a ledger\n")
    before = set(os.listdir("/proc/self/fd"))  # noqa: PTH208 - descriptors, not files

    with pytest.raises(LedgerBroken):
        open_ledger(path)

    assert set(os.listdir("/proc/self/fd")) == before  # noqa: PTH208


# ---- a full disk ----------------------------------------------------------------------------------------------------


def test_a_disk_full_at_any_byte_leaves_the_ledger_unchanged_and_appendable(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_waiting_for_the_disk(monkeypatch)
    ledger = open_ledger(path)
    ledger.append(ADOPT)
    before, seq, head = path.read_bytes(), ledger.seq, ledger.head
    length = len(Record(seq=2, at="2026-01-01T00:00:00.000Z", prev=head, body=THREE[1]).line()) + 1
    write = os.write

    def filling_up_after(room: int) -> Callable[[int, Any], int]:
        left = [room]

        def call(descriptor: int, data: Any) -> int:
            if not left[0]:
                raise OSError(errno.ENOSPC, "No space left on device")
            done = write(descriptor, bytes(data)[: left[0]])
            left[0] -= done
            return done

        return call

    for room in range(length):
        with monkeypatch.context() as patch:
            patch.setattr(os, "write", filling_up_after(room))
            with pytest.raises(HomeError, match="Free some space"):
                ledger.append(THREE[1])
        assert path.read_bytes() == before
        assert (ledger.seq, ledger.head) == (seq, head)

    ledger.append(THREE[1])
    ledger.close()
    assert bodies_in(path) == [ADOPT, THREE[1]]


# ---- a torn last line -----------------------------------------------------------------------------------------------


def test_a_last_line_cut_at_any_byte_is_moved_aside_and_recorded_once(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_waiting_for_the_disk(monkeypatch)
    whole = bytes_of(*THREE)
    start_of_last = len(bytes_of(*THREE[:2]))
    for size in range(start_of_last + 1, len(whole)):
        torn = whole[start_of_last:size]
        path.write_bytes(whole[:size])

        for _ in ("the first start", "the second start"):
            ledger = open_ledger(path)
            assert ledger.seq == 3
            ledger.close()
            assert bodies_in(path) == [*THREE[:2], Recovered(bytes=len(torn), digest=digest(torn))]
            assert torn_files(path) == [torn]
            assert [aside.name for aside in path.parent.glob("ledger-torn-*.bin")] == [
                f"ledger-torn-000003-{digest(torn)[:8]}.bin"  # the number that it would have had
            ]

        for aside in path.parent.glob("ledger-torn-*.bin"):
            aside.unlink()


def test_a_last_line_cut_away_whole_leaves_nothing_to_recover(path: Path) -> None:
    path.write_bytes(bytes_of(*THREE[:2]))
    open_ledger(path).close()

    assert bodies_in(path) == list(THREE[:2])
    assert torn_files(path) == []


def test_a_torn_first_line_leaves_a_ledger_that_begins_with_its_recovery(path: Path) -> None:
    torn = bytes_of(ADOPT)[:50]
    path.write_bytes(torn)
    open_ledger(path).close()

    assert bodies_in(path) == [Recovered(bytes=50, digest=digest(torn))]
    assert torn_files(path) == [torn]


def zeros_after(data: bytes) -> bytes:
    return data + bytes(100)


def zeros_at_the_end(data: bytes) -> bytes:
    return data[:-100] + bytes(100)


def zeros_before_the_line_feed(data: bytes) -> bytes:
    return data[:-100] + bytes(99) + b"\n"


def a_zero_within(data: bytes) -> bytes:
    return data[:-100] + b"\0" + data[-99:]


@pytest.mark.parametrize("spoil", [zeros_after, zeros_at_the_end, zeros_before_the_line_feed, a_zero_within])
def test_blocks_that_never_reached_the_disk_and_read_as_zeros_are_a_torn_tail(
    path: Path, spoil: Callable[[bytes], bytes]
) -> None:
    spoilt = spoil(bytes_of(*THREE))
    path.write_bytes(spoilt)
    whole = 3 if spoil is zeros_after else 2
    torn = spoilt[len(bytes_of(*THREE[:whole])) :]

    open_ledger(path).close()
    open_ledger(path).close()

    assert bodies_in(path) == [*THREE[:whole], Recovered(bytes=len(torn), digest=digest(torn))]
    assert torn_files(path) == [torn]


class Killed(BaseException):
    """Stands for a power cut."""


@pytest.fixture
def cut_at_call(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], int]:
    """Return a function that lets the n-th of the disk's calls be a power cut; 0 lets none. It returns the count."""
    state = {"left": 0, "made": 0}

    def wrap(real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            state["made"] += 1
            if state["left"]:
                state["left"] -= 1
                if not state["left"]:
                    raise Killed
            return real(*arguments, **options)

        return call

    for name in ("write", "replace", "ftruncate", "fsync"):
        monkeypatch.setattr(os, name, wrap(getattr(os, name)))

    def set_to(number: int) -> int:
        made, state["made"], state["left"] = state["made"], 0, number
        return made

    return set_to


def test_power_cut_at_any_step_of_the_recovery_still_records_the_torn_line_once(
    path: Path, cut_at_call: Callable[[int], int]
) -> None:
    torn = bytes_of(*THREE)[len(bytes_of(*THREE[:2])) : -20]
    data = bytes_of(*THREE[:2]) + torn
    path.write_bytes(data)
    cut_at_call(0)
    open_ledger(path).close()
    calls = cut_at_call(0)
    assert calls >= 6

    for number in range(1, calls + 1):
        for aside in path.parent.glob("ledger-torn-*.bin"):
            aside.unlink()
        path.write_bytes(data)
        cut_at_call(number)
        with pytest.raises(Killed):
            open_ledger(path)
        cut_at_call(0)
        durable.sweep(path.parent)

        open_ledger(path).close()
        open_ledger(path).close()

        # A cut while the `recovered` record itself was written tears that one as well, and both are recorded.
        recovered = [body for body in bodies_in(path) if isinstance(body, Recovered)]
        assert recovered.count(Recovered(bytes=len(torn), digest=digest(torn))) == 1
        assert bodies_in(path)[:2] == list(THREE[:2])
        assert sorted(body.digest for body in recovered) == sorted(digest(aside) for aside in torn_files(path))


def test_two_different_torn_lines_are_two_records(path: Path) -> None:
    path.write_bytes(bytes_of(*THREE)[:-1])
    open_ledger(path).close()
    with path.open("ab") as file:
        file.write(b'{"at":')
    open_ledger(path).close()

    assert [type(body) for body in bodies_in(path)[2:]] == [Recovered, Recovered]
    assert len(torn_files(path)) == 2


def test_two_equal_torn_lines_are_two_records(path: Path) -> None:
    for _ in range(2):
        with path.open("ab") as file:
            file.write(bytes(512))
        open_ledger(path).close()

    assert [type(body) for body in bodies_in(path)] == [Recovered, Recovered]
    assert len(torn_files(path)) == 2


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


# ---- records that may not follow, and the lenient way in -------------------------------------------------------------


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


# ---- the file is still the one that was opened -----------------------------------------------------------------------


def deleted(path: Path) -> None:
    path.unlink()


def replaced(path: Path) -> None:
    data = path.read_bytes()
    path.unlink()
    path.write_bytes(data)


def truncated(path: Path) -> None:
    os.truncate(path, path.stat().st_size - 1)


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def written_to(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"{}\n")


def a_link_instead(path: Path) -> None:
    path.rename(path.with_name("elsewhere"))
    path.symlink_to("elsewhere")


@pytest.mark.parametrize("harm", [deleted, replaced, truncated, emptied, written_to, a_link_instead])
def test_what_somebody_did_to_the_file_is_noticed_before_the_next_record(
    path: Path, harm: Callable[[Path], None]
) -> None:
    """Seen in an attack: spins went on, nothing was noticed, and the records were lost."""
    ledger = open_ledger(path)
    ledger.append(ADOPT)
    ledger.check()
    harm(path)
    left = path.read_bytes() if path.exists() else None

    for _ in range(2):
        with pytest.raises(LedgerBroken, match="deleted, replaced or changed"):
            ledger.check()
        with pytest.raises(LedgerBroken, match="deleted, replaced or changed"):
            ledger.append(Note(text="lost"))

    assert (path.read_bytes() if path.exists() else None) == left
    assert ledger.seq == 1
    ledger.close()
