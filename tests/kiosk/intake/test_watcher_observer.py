"""The observer behind the watcher: what happens when it cannot start, misses an event or dies."""

import logging
import os
import threading
from pathlib import Path

import pytest

from kiosk.core.errors import HomeError
from kiosk.intake import watcher as watcher_module
from tests.kiosk.intake.looks import SOON_S, Looks, SilentObserver, rename_into, watching


def exhausted() -> object:
    raise OSError(24, "inotify instance limit reached")


def test_without_inotify_instances_the_rescan_still_looks(
    directory: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Making the observer raised before the look: with all instances taken nobody looked any more, for good."""
    monkeypatch.setattr(watcher_module, "Observer", exhausted)
    looks = Looks(directory)
    with watching(directory, looks, rescan_s=SOON_S) as watcher:
        assert looks.wait_for_number(3)
        rename_into(directory, "snapshot-000001.json")
        assert looks.wait_for(lambda: "snapshot-000001.json" in looks.seen)

        monkeypatch.undo()

        assert looks.wait_for(lambda: watcher._observer is not None)
    said = [record.getMessage() for record in caplog.records if "no hints" in record.getMessage()]
    assert len(said) == 1


@pytest.mark.skipif(not hasattr(os, "eventfd"), reason="inotify is Linux's")
def test_an_observer_that_cannot_be_started_leaves_no_thread_and_no_handle_behind(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each rescan without inotify watches left a thread and three handles behind: a day of it was a dead kiosk."""
    from watchdog.observers import inotify_c

    monkeypatch.setattr(inotify_c, "inotify_add_watch", lambda *_: -1)
    monkeypatch.setattr("ctypes.get_errno", lambda: 28)
    looks = Looks(directory)
    threads, handles = threading.active_count(), len(list(Path("/proc/self/fd").iterdir()))
    most: list[int] = []
    looks.during = lambda number: most.append(threading.active_count())

    with watching(directory, looks, rescan_s=SOON_S):
        assert looks.wait_for_number(20)

    assert max(most) <= threads + 1
    assert threading.active_count() == threads
    assert len(list(Path("/proc/self/fd").iterdir())) == handles


def test_an_observer_that_was_silent_about_a_change_is_replaced(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file system mounted again with the numbers of the one before, a clock that jumped, a thread of the observer
    that died: everything looks alive and nothing is heard. A change that no hint announced tells."""
    monkeypatch.setattr(watcher_module, "Observer", SilentObserver)
    looks = Looks(directory)
    with watching(directory, looks, rescan_s=SOON_S) as watcher:
        assert looks.wait_for_number(3)
        silent = watcher._observer
        assert isinstance(silent, SilentObserver)
        monkeypatch.undo()
        looks.wait_for_number(looks.count + 3)
        assert watcher._observer is silent, "nothing changed, nothing was missed"

        rename_into(directory, "snapshot-000001.json")

        assert looks.wait_for(lambda: watcher._observer is not silent)


def test_the_same_failure_is_logged_once_and_its_end_too(directory: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A full disk used to be a traceback every five seconds: 17 000 a day."""
    looks = Looks(directory)

    def fail(number: int) -> None:
        if number < 10:
            raise HomeError("The disk is full.", remedy="Free some space.")

    looks.during = fail
    with caplog.at_level(logging.INFO), watching(directory, looks, rescan_s=SOON_S):
        assert looks.wait_for_number(12)
    said = [record.getMessage() for record in caplog.records if "looking at" in record.getMessage()]
    assert said == [
        f"looking at {directory} failed: The disk is full. Free some space.",
        f"looking at {directory} works again",
    ]
    assert "Traceback" not in caplog.text


@pytest.mark.parametrize("part", ["the observer", "its emitter alone"])
def test_an_observer_that_died_is_replaced_at_the_next_look(directory: Path, part: str) -> None:
    looks = Looks(directory)
    with watching(directory, looks, rescan_s=SOON_S) as watcher:
        assert looks.wait_for_number(1)
        died = watcher._observer
        assert died is not None

        for dying in [died] if part == "the observer" else list(died.emitters):
            dying.stop()

        assert looks.wait_for(lambda: watcher._observer not in {None, died})
