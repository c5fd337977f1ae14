"""How a list arrives: hints, the rescan that is the truth, and a thread that nothing ends but `stop`.

Every wait here is for a condition and ends as soon as it holds; the timeout is only for a test that fails.
"""

import logging
import os
import shutil
import threading
from pathlib import Path

import pytest
from watchdog.events import FileSystemEvent

from kiosk.intake import watcher as watcher_module
from kiosk.intake.watcher import Watcher
from tests.kiosk.intake.looks import NEVER_S, SOON_S, TIMEOUT_S, Looks, SilentObserver, rename_into, watching


def test_it_looks_at_once_at_the_start(directory: Path) -> None:
    looks = Looks(directory)

    with watching(directory, looks, rescan_s=NEVER_S):
        assert looks.wait_for_number(1)


def test_it_looks_when_a_file_is_renamed_into_place(directory: Path) -> None:
    looks = Looks(directory)
    with watching(directory, looks, rescan_s=NEVER_S):
        assert looks.wait_for_number(1)

        rename_into(directory, "snapshot-000001.json")

        assert looks.wait_for(lambda: "snapshot-000001.json" in looks.seen)


def test_it_looks_when_a_file_is_deleted(directory: Path) -> None:
    (directory / "snapshot-000001.json").touch()
    looks = Looks(directory)
    with watching(directory, looks, rescan_s=NEVER_S):
        assert looks.wait_for_number(1)

        (directory / "snapshot-000001.json").unlink()

        assert looks.wait_for_number(2)


@pytest.mark.parametrize(
    ("kind", "wakes"),
    [
        ("moved", True),  # how `write_atomic` lets a file appear
        ("created", True),
        ("closed", True),
        ("modified", True),
        ("deleted", True),
        ("opened", False),  # reading the files, as each look does, is not a reason to look again
        ("closed_no_write", False),
    ],
)
def test_what_may_have_changed_a_file_wakes_the_thread_and_reading_does_not(kind: str, wakes: bool) -> None:
    wake = threading.Event()
    event = FileSystemEvent("snapshots/snapshot-000001.json")
    event.event_type = kind

    watcher_module._Hint(wake).on_any_event(event)

    assert wake.is_set() == wakes


def test_one_hint_is_one_look(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The hint is used up when the look begins; one that stayed would make the thread look for ever."""
    monkeypatch.setattr(watcher_module, "Observer", SilentObserver)
    looks, still_hinted = Looks(directory), list[bool]()
    watcher = Watcher(directory, looks, rescan_s=NEVER_S)
    looks.during = lambda number: still_hinted.append(watcher._wake.is_set())
    watcher.start()
    assert looks.wait_for_number(1)

    watcher._wake.set()
    assert looks.wait_for_number(2)
    watcher.stop()

    assert still_hinted == [False, False]


def test_a_file_that_arrives_during_a_look_is_seen_by_the_next_one(directory: Path) -> None:
    looks = Looks(directory)
    arrived = threading.Event()
    looks.during = lambda number: None if number > 1 else (arrived.wait(TIMEOUT_S), None)[1]
    with watching(directory, looks, rescan_s=NEVER_S):
        assert looks.wait_for_number(1)

        rename_into(directory, "snapshot-000001.json")
        arrived.set()

        assert looks.wait_for(lambda: "snapshot-000001.json" in looks.seen)


def test_the_rescan_finds_what_no_event_told(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watcher_module, "Observer", SilentObserver)
    looks = Looks(directory)
    with watching(directory, looks, rescan_s=SOON_S):
        assert looks.wait_for_number(1)

        rename_into(directory, "snapshot-000001.json")

        assert looks.wait_for(lambda: "snapshot-000001.json" in looks.seen)


def test_without_events_and_before_the_rescan_nothing_is_looked_at(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The counterpart that shows what the two tests above rest on: a watcher without events finds nothing by itself."""
    monkeypatch.setattr(watcher_module, "Observer", SilentObserver)
    looks = Looks(directory)
    with watching(directory, looks, rescan_s=NEVER_S) as watcher:
        assert looks.wait_for_number(1)

        rename_into(directory, "snapshot-000001.json")
        watcher.stop()

        assert looks.count == 1


def test_no_inotify_watches_left_means_looking_at_every_rescan(
    directory: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    class NoneLeft(SilentObserver):
        def start(self) -> None:
            raise OSError(28, "inotify watch limit reached")

    monkeypatch.setattr(watcher_module, "Observer", NoneLeft)
    looks = Looks(directory)

    with watching(directory, looks, rescan_s=SOON_S):
        assert looks.wait_for_number(5)

    said = [record.getMessage() for record in caplog.records if "no hints" in record.getMessage()]
    assert len(said) == 1


def test_a_look_that_raises_is_logged_and_does_not_end_the_thread(
    directory: Path, caplog: pytest.LogCaptureFixture
) -> None:
    looks = Looks(directory)

    def fail(number: int) -> None:
        raise ValueError(f"look {number} went wrong")

    looks.during = fail
    with watching(directory, looks, rescan_s=SOON_S) as watcher:
        assert looks.wait_for_number(4)
        assert watcher.alive

    assert "look 1 went wrong" in caplog.text


def test_after_a_look_that_raised_events_still_arrive(directory: Path) -> None:
    looks = Looks(directory)

    def fail(number: int) -> None:
        raise RuntimeError("went wrong")

    looks.during = fail
    with watching(directory, looks, rescan_s=NEVER_S):
        assert looks.wait_for_number(1)

        rename_into(directory, "snapshot-000001.json")

        assert looks.wait_for(lambda: "snapshot-000001.json" in looks.seen)


def test_a_directory_that_is_missing_at_the_start_is_watched_once_it_comes(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    directory = tmp_path / "snapshots"
    looks = Looks(directory)
    with caplog.at_level(logging.WARNING), watching(directory, looks, rescan_s=SOON_S) as watcher:
        assert looks.wait_for_number(5)
        assert watcher._observer is None

        directory.mkdir()
        rename_into(directory, "snapshot-000001.json")

        assert looks.wait_for(lambda: "snapshot-000001.json" in looks.seen and watcher._observer is not None)

    said = [record.getMessage() for record in caplog.records if "is not there" in record.getMessage()]
    assert len(said) == 1


@pytest.mark.parametrize("how", ["removed", "renamed away"])
def test_a_directory_that_is_replaced_by_another_is_watched_again(
    directory: Path, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Observers keep watching the old inode, look alive, and say nothing; the rescan must notice."""
    heard: set[str] = set()
    something_heard = threading.Condition()

    class Listening(watcher_module._Hint):
        def on_any_event(self, event: FileSystemEvent) -> None:
            super().on_any_event(event)
            with something_heard:
                heard.add(os.fsdecode(event.dest_path or event.src_path))
                something_heard.notify_all()

    monkeypatch.setattr(watcher_module, "_Hint", Listening)
    looks = Looks(directory)
    with watching(directory, looks, rescan_s=SOON_S) as watcher:
        assert looks.wait_for_number(1)
        (directory.parent / "next").mkdir()
        if how == "removed":
            shutil.rmtree(directory)
        else:
            directory.rename(directory.parent / "old")
        (directory.parent / "next").rename(directory)
        status = directory.stat()
        assert looks.wait_for(lambda: watcher._watched == (status.st_dev, status.st_ino))

        rename_into(directory, "snapshot-000007.json")

        with something_heard:
            assert something_heard.wait_for(lambda: str(directory / "snapshot-000007.json") in heard, TIMEOUT_S)


def test_a_look_may_wish_to_come_again_before_the_rescan(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watcher_module, "Observer", SilentObserver)
    looks = Looks(directory)
    looks.wish_s = 0.001
    with watching(directory, looks, rescan_s=NEVER_S):
        assert looks.wait_for_number(5)


def test_however_many_hints_come_most_of_the_time_is_not_spent_looking(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each of 40 000 new files used to be a look at all of them, one after the other, on the core that draws."""
    now_s, rested = [0.0], list[float]()
    monkeypatch.setattr(watcher_module, "Observer", SilentObserver)
    monkeypatch.setattr("time.monotonic", lambda: now_s[0])
    looks = Looks(directory)
    watcher = Watcher(directory, looks, rescan_s=5.0)

    def look_for_a_second(number: int) -> None:
        now_s[0] += 1.0
        watcher._wake.set()  # one more file has come meanwhile
        if number == 5:
            watcher.stopping.set()

    looks.during = look_for_a_second
    monkeypatch.setattr(watcher.stopping, "wait", rested.append)
    watcher._run()

    # It would rest three times as long as it looked, but for the next look, which begins half a rescan after this one.
    assert rested == [1.5] * 5


def test_stop_ends_every_thread_that_it_started(directory: Path) -> None:
    before = set(threading.enumerate())
    looks = Looks(directory)
    with watching(directory, looks, rescan_s=NEVER_S) as watcher:
        assert looks.wait_for_number(1)
        assert watcher.alive
        assert set(threading.enumerate()) > before

    assert not watcher.alive
    assert set(threading.enumerate()) <= before


def test_stop_may_come_twice_and_before_the_start(directory: Path) -> None:
    watcher = Watcher(directory, lambda: None)
    watcher.stop()
    watcher.start()
    watcher.stop()
    watcher.stop()

    assert not watcher.alive


def test_a_thread_that_does_not_stop_is_an_error(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watcher_module, "_STOP_TIMEOUT_S", 0.01)
    looks, free = Looks(directory), threading.Event()
    looks.during = lambda number: (free.wait(TIMEOUT_S), None)[1]
    watcher = Watcher(directory, looks)
    watcher.start()
    assert looks.wait_for_number(1)

    with pytest.raises(RuntimeError, match="does not stop"):
        watcher.stop()

    free.set()
    monkeypatch.setattr(watcher_module, "_STOP_TIMEOUT_S", TIMEOUT_S)
    watcher.stop()


# ---- the mailbox ----------------------------------------------------------------------------------------------------


def test_a_condition_that_lasts_is_told_once_and_a_new_one_again(caplog: pytest.LogCaptureFixture) -> None:
    watcher = Watcher(Path("nowhere"), lambda: None)

    assert watcher._tell("hints", "%s is gone", "a")
    assert not watcher._tell("hints", "%s is gone", "a")
    assert watcher._tell("hints", "%s is gone", "b")
    assert watcher._tell("looks", "%s is gone", "b")
    assert [record.message for record in caplog.records] == ["a is gone", "b is gone", "b is gone"]
