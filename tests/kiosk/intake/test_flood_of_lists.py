"""A directory that somebody without a key floods with lists: what is read of it at one look is bounded."""

import json
import os
from base64 import b64encode
from pathlib import Path

import pytest

from kiosk.core.clock import ManualClock
from kiosk.core.errors import LeftWaiting, SnapshotUntrusted
from kiosk.core.home import Home, snapshot_name
from kiosk.core.regular_files import read_regular
from kiosk.intake import loader as loader_module
from kiosk.intake import snapshot_files
from kiosk.intake.loader import Loader
from kiosk.intake.snapshot_files import candidates, list_named, read, within_reason
from kiosk.session.draw_session import Session
from kiosk.snapshot import envelope as envelope_module
from kiosk.snapshot.model import MAX_ENVELOPE_BYTES
from tests.kiosk.intake.loading import Painter, arrived, settled
from tests.support import STRANGER, TRUSTED, envelope, publish, snapshot


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Return the files of lists that the loader reads, as it reads them."""
    found: list[Path] = []

    def counting(path: Path, **rest: object) -> object:
        found.append(path)
        return read(path, **rest)  # type: ignore[arg-type]

    monkeypatch.setattr(loader_module, "read", counting)
    return found


def flood(home: Home, count: int, size: int) -> None:
    for number in range(900_000, 900_000 + count):
        home.snapshot(number).touch()
        os.truncate(home.snapshot(number), size)


@pytest.mark.slow
def test_one_look_reads_64_mib_of_a_flood_and_later_looks_the_rest(
    home: Home, loader: Loader, clock: ManualClock, opened: list[Path]
) -> None:
    flood(home, 20, MAX_ENVELOPE_BYTES)

    loader.look()
    assert len(opened) == 8
    assert arrived(loader) is None

    for _ in range(3):
        settled(loader, clock)
    assert arrived(loader) == 1


def test_one_look_reads_so_many_files_of_a_flood_and_no_more(
    home: Home, session: Session, clock: ManualClock, opened: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loader_module, "MOST_LISTS", 7)
    flood(home, 20, 1)

    Loader(home, session, Painter(), clock=clock).look()

    assert len(opened) == 7


def test_the_start_finds_the_kiosks_own_copy_behind_a_flood(home: Home, loader: Loader, opened: list[Path]) -> None:
    publish(home.adopted, snapshot(1))
    flood(home, 20, MAX_ENVELOPE_BYTES)

    assert loader.first().listed.snapshot.generation == 1

    assert opened[-1] == home.adopted / snapshot_name(1)
    assert len(opened) == 9


def test_who_asks_to_leave_at_the_start_waits_for_one_file_at_most(
    home: Home, session: Session, clock: ManualClock, opened: list[Path]
) -> None:
    flood(home, 8, 1)
    loader = Loader(home, session, Painter(), clock=clock, leaving=lambda: len(opened) == 3)

    with pytest.raises(LeftWaiting):
        loader.first()

    assert len(opened) == 3


def test_a_good_list_under_a_thousand_names_is_read_under_none(tmp_path: Path, opened: list[Path]) -> None:
    path = publish(tmp_path, snapshot(1))
    for number in range(2, 20):
        (tmp_path / snapshot_name(number)).hardlink_to(path)

    found, refusals = snapshot_files.newest_good(candidates(tmp_path), keys=TRUSTED, floor=snapshot_files.Floor())

    assert found is None
    assert all("hard links" in one.error.message for one in refusals)
    assert len(refusals) == 19


def test_the_payload_of_a_list_by_a_stranger_is_not_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    data = envelope(snapshot(1), key=STRANGER)
    monkeypatch.setattr(envelope_module, "from_base64", lambda _: pytest.fail("it was decoded"))

    with pytest.raises(SnapshotUntrusted, match="whom this kiosk does not trust"):
        envelope_module.verify(data, payload_types=("wheel-snapshot/2",), keys=TRUSTED)


def test_the_payload_of_a_list_whose_signature_is_bad_is_not_parsed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = publish(tmp_path, snapshot(1))
    outer = json.loads(path.read_bytes())
    outer["signatures"][0]["sig"] = b64encode(bytes(64)).decode()
    path.write_bytes(json.dumps(outer, separators=(",", ":")).encode() + b"\n")
    monkeypatch.setattr(snapshot_files, "decode", lambda _: pytest.fail("it was parsed"))

    with pytest.raises(SnapshotUntrusted, match="the file was altered"):
        read(path, keys=TRUSTED)


def test_what_is_within_reason_ends_and_the_first_file_is_always_in_it(tmp_path: Path) -> None:
    for number in range(1, 20):
        (tmp_path / snapshot_name(number)).touch()
        os.truncate(tmp_path / snapshot_name(number), 1 << 40)

    assert [path.name for path in within_reason(candidates(tmp_path))] == [snapshot_name(n) for n in range(19, 11, -1)]


def test_a_list_is_looked_for_by_its_name_in_a_part_of_a_flood_alone(
    home: Home, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Somebody without a key must not be able to keep the start or a request waiting."""
    monkeypatch.setattr(snapshot_files, "MOST_LISTS", 30)
    path = publish(home.snapshots, snapshot(1))
    s = read(path, keys=TRUSTED).s
    flood(home, 1000, 1)
    reads: list[Path] = []

    def watching(path: Path, *, limit: int) -> tuple[bytes, int]:
        reads.append(path)
        return read_regular(path, limit=limit)

    monkeypatch.setattr(snapshot_files, "read_regular", watching)

    assert list_named(s, (home.snapshots,)) is None
    assert len(reads) == 30
    assert "holds more than is read at once" in caplog.text

    home.adopted.mkdir(parents=True, exist_ok=True)
    path.rename(home.adopted / path.name)
    assert list_named(s, (home.snapshots, home.adopted)) is not None
