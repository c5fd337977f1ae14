"""A full disk and a torn last line: the ledger recovers, and says so."""

import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kiosk.core import durable
from kiosk.core.errors import HomeError
from kiosk.draw.protocol import digest
from kiosk.ledger.record import Record, Recovered
from tests.kiosk.ledger.ledgers import (
    ADOPT,
    THREE,
    bodies_in,
    bytes_of,
    open_ledger,
    torn_files,
    without_waiting_for_the_disk,
)

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


@pytest.mark.slow
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
