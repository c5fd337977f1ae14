"""The loader: what it takes from the published files, and when."""

import os
from pathlib import Path

import pytest

from kiosk.core.clock import NS_PER_S, ManualClock
from kiosk.core.errors import HomeError, SnapshotError
from kiosk.core.home import Home
from kiosk.intake import loader as loader_module
from kiosk.intake.loader import Loader
from kiosk.intake.snapshot_files import read, survey
from kiosk.intake.verdict_cache import SETTLE_NS
from kiosk.intake.watcher import Mailbox
from kiosk.session.draw_session import Session
from tests.kiosk.intake.loading import Painter, arrived, refused, settled
from tests.support import STRANGER, envelope, publish, snapshot

# ---- the first look -------------------------------------------------------------------------------------------------


def test_the_list_that_is_shown_first_does_not_come_a_second_time(loader: Loader) -> None:
    assert loader.first().listed.snapshot.generation == 1

    loader.look()  # the loop has not adopted it yet: the watcher's thread may be that quick

    assert not loader.mailbox.full


def test_a_list_that_could_not_be_prepared_is_prepared_at_the_next_look(
    loader: Loader, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as full_disk:
        full_disk.setattr(session, "commit", lambda: (_ for _ in ()).throw(HomeError("the disk is full")))
        with pytest.raises(HomeError):
            loader.look()
        assert loader.problem == "the disk is full"

    loader.look()

    assert arrived(loader) == 1
    assert loader.problem == ""


def test_a_picture_that_fails_leaves_no_secret_behind(
    home: Home, loader: Loader, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The secret used to be made first: a picture that failed at every rescan left 17 000 files a day."""
    with monkeypatch.context() as broken:
        broken.setattr(Painter, "paint_wheel", lambda *_: (_ for _ in ()).throw(MemoryError("no room")))
        for _ in range(3):
            with pytest.raises(MemoryError):
                loader.look()
        assert loader.problem == "no room"

    loader.look()

    assert arrived(loader) == 1
    assert len(list(home.secrets.iterdir())) == 1


def test_an_unchanged_directory_is_not_read_again(
    loader: Loader, clock: ManualClock, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    home.snapshot(2).write_bytes(b"half a file")
    settled(loader, clock)
    monkeypatch.setattr(loader_module, "read", lambda *_, **__: pytest.fail("it was read"))

    for _ in range(3):
        clock.advance_ns(NS_PER_S)
        assert loader.look() is None


def test_a_changed_file_of_the_same_name_is_read_again(home: Home, loader: Loader, clock: ManualClock) -> None:
    home.snapshot(1).write_bytes(b"half a file")
    settled(loader, clock)
    assert len(loader.refusals) == 1

    home.snapshot(1).write_bytes(envelope(snapshot(1)))
    loader.look()

    assert not loader.refusals
    assert arrived(loader) == 1


# ---- files that are not there yet -----------------------------------------------------------------------------------


def test_a_copy_that_grows_for_30_seconds_is_not_refused_and_taken_when_complete(
    home: Home, loader: Loader, clock: ManualClock
) -> None:
    """Each look used to refuse what was there of it, and the ledger kept that."""
    whole = envelope(snapshot(2))
    loader.look()
    assert arrived(loader) == 1
    with home.snapshot(2).open("wb") as copy:
        for second in range(30):
            copy.write(whole[len(whole) * second // 30 : len(whole) * (second + 1) // 30])
            copy.flush()
            os.utime(home.snapshot(2), ns=(second, second))  # no two alike, however quick this test is
            wish = loader.look()
            assert refused(loader) == []
            if second < 29:
                assert wish is not None
                clock.advance_ns(NS_PER_S - 1)

    assert arrived(loader) == 2


def test_a_copy_that_stopped_half_way_is_refused_after_a_second(home: Home, loader: Loader, clock: ManualClock) -> None:
    home.snapshot(2).write_bytes(envelope(snapshot(2))[:-50])

    assert loader.look() == 1.0
    clock.advance_ns(SETTLE_NS - 1)
    loader.look()
    assert refused(loader) == []

    clock.advance_ns(1)
    assert loader.look() is None
    assert refused(loader) == ["snapshot-000002.json"]


def test_a_file_that_became_good_within_one_step_of_the_file_systems_time_is_found(
    home: Home, loader: Loader, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A copy into a file of its final size changes neither size nor, within 4 ms, any time: stamps cannot tell."""
    whole = envelope(snapshot(2))
    home.snapshot(2).write_bytes(b"\0" * len(whole))
    stamps = survey(home.snapshots)
    monkeypatch.setattr(loader_module, "survey", lambda _, *names: [] if names else stamps)
    loader.look()
    arrived(loader)
    home.snapshot(2).write_bytes(whole)

    loader.look()

    assert arrived(loader) == 2


@pytest.mark.parametrize("year", [1970, 2099])
def test_a_file_from_another_century_is_taken_like_any_other(home: Home, loader: Loader, year: int) -> None:
    loader.look()
    assert arrived(loader) == 1
    path = publish(home.snapshots, snapshot(2))
    at_s = {1970: 0, 2099: 4_070_908_800}[year]
    os.utime(path, (at_s, at_s))
    os.utime(home.snapshots, (at_s, at_s))

    loader.look()

    assert arrived(loader) == 2


# ---- floods and gaps ------------------------------------------------------------------------------------------------


def test_a_good_list_behind_many_bad_ones_is_found(home: Home, loader: Loader, clock: ManualClock) -> None:
    """A look compared the 64 newest names alone: behind as many bad files no list ever arrived any more."""
    for number in range(900_000, 900_100):
        home.snapshot(number).write_bytes(b"rubbish")
    settled(loader, clock)
    assert arrived(loader) == 1
    publish(home.snapshots, snapshot(2))

    loader.look()

    assert arrived(loader) == 2


@pytest.mark.slow
def test_a_burst_of_40_000_files_hides_no_list_and_is_read_once(home: Home, loader: Loader, clock: ManualClock) -> None:
    descriptor = os.open(home.snapshots, os.O_RDONLY)
    for number in range(40_000):
        name = f"snapshot-{900_000 + number}.json" if number % 10 == 0 else f"IMG_{number}.jpg"
        os.close(os.open(name, os.O_CREAT | os.O_WRONLY, dir_fd=descriptor))
    os.close(descriptor)
    publish(home.snapshots, snapshot(2))

    settled(loader, clock)

    assert arrived(loader) == 2
    assert len(loader.refusals) == 64
    opened: list[Path] = []

    def counting(path: Path, **rest: object) -> object:
        opened.append(path)
        return read(path, **rest)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loader_module, "read", counting)
        publish(home.snapshots, snapshot(3))
        loader.look()
    assert arrived(loader) == 3
    assert opened == [home.snapshot(3)]


def test_what_was_refused_does_not_keep_the_files_content(home: Home, loader: Loader, clock: ManualClock) -> None:
    """An error keeps its frames, and these the file: 40 000 bad files were up to 300 GB of memory."""
    home.snapshot(2).write_bytes(b" " * (9 << 20))
    home.snapshot(3).write_bytes(envelope(snapshot(3), key=STRANGER))

    settled(loader, clock)

    assert len(loader.refusals) == 2
    for refusal in loader.refusals:
        error: SnapshotError = refusal.error
        assert error.__traceback__ is None
        assert error.__cause__ is None
        assert error.__context__ is None


def test_a_directory_that_is_gone_is_a_problem_until_it_is_back(home: Home, loader: Loader) -> None:
    away = home.root / "away"
    home.snapshots.rename(away)
    for _ in range(2):
        with pytest.raises(HomeError):
            loader.look()
    assert "snapshots cannot be read" in loader.problem

    away.rename(home.snapshots)
    loader.look()

    assert loader.problem == ""
    assert arrived(loader) == 1


def test_the_same_refusals_are_the_same_tuple(home: Home, loader: Loader, clock: ManualClock) -> None:
    """The loop compares by identity, 25 times a second."""
    home.snapshot(2).write_bytes(b"rubbish")
    settled(loader, clock)
    before = loader.refusals
    (home.snapshots / "something").touch()

    loader.look()

    assert loader.refusals is before


@pytest.mark.parametrize("name", ["snapshot-000002.json", "request-" + "0" * 16 + ".json"])
def test_a_refused_file_wakes_the_loop_once(home: Home, session: Session, clock: ManualClock, name: str) -> None:
    """Idle may sleep: nothing would be said of the file until it looks by itself."""
    woken: list[str] = []
    loader = Loader(home, session, Painter(), clock=clock, wake=lambda: woken.append("woken"))
    settled(loader, clock)
    woken.clear()
    (home.snapshots / name).write_bytes(b"rubbish")
    settled(loader, clock)
    assert woken == ["woken"]

    loader.look()
    assert woken == ["woken"]


def test_what_is_put_back_yields_to_what_is_newer() -> None:
    mailbox: Mailbox[str] = Mailbox()
    mailbox.put_back("older")
    assert mailbox.take() == "older"
    mailbox.put("newer")
    mailbox.put_back("older")
    assert mailbox.take() == "newer"
