"""The ledger file: chained and durable, and the file that was opened."""

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from kiosk.core.clock import NS_PER_S, ManualClock
from kiosk.core.errors import HomeError, LedgerBroken, LedgerError
from kiosk.draw.protocol import digest
from kiosk.ledger import ledger as ledger_module
from kiosk.ledger.ledger import Ledger
from kiosk.ledger.reader import read_records
from kiosk.ledger.record import GENESIS, Note
from tests.kiosk.ledger.ledgers import (
    ADOPT,
    THREE,
    bodies_in,
    known,
    open_ledger,
    state,
    torn_files,
    written,
)

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


# ---- the file is still the one that was opened ----------------------------------------------------------------------


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
