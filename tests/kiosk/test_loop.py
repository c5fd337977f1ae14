"""The loop's promises about frames: a failed one is skipped, too many end the process, only presented ones beat."""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from msgspec.structs import replace

os.environ.setdefault("SDL_VIDEODRIVER", "dummy")
os.environ.setdefault("SDL_AUDIODRIVER", "dummy")

from kiosk.core.clock import NS_PER_S
from kiosk.core.errors import ScreenError
from kiosk.core.home import Home
from kiosk.devices.inputs import Action
from kiosk.ledger.reader import read_records
from kiosk.ledger.record import Result, Shown
from kiosk.loop import MAX_FAILED_FRAMES, PRESENT_AGAIN_NS
from kiosk.screen.scene import Phase, Scene
from kiosk.session.draw_decision import Decision
from kiosk.session.draw_session import Session
from kiosk.supervise.heartbeat import BEAT_NS, HeartbeatFile
from tests.kiosk.scripted import Scripted, scripted_kiosk, small_home

FPS = 20


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return small_home(tmp_path)


@contextmanager
def scripted(home: Home) -> Iterator[Scripted]:
    with scripted_kiosk(home, fps=FPS) as kiosk:
        yield kiosk


@pytest.mark.slow
def test_frames_that_fail_are_skipped_and_the_spin_ends_in_time(home: Home, caplog: pytest.LogCaptureFixture) -> None:
    failed: list[Scene] = []

    def for_a_while(scene: Scene) -> bool:
        wrong = scene.phase is Phase.TURNING and len(failed) < MAX_FAILED_FRAMES - 1
        failed.extend([scene] * wrong)
        return wrong

    with scripted(home) as kiosk, caplog.at_level(logging.ERROR):
        kiosk.screen.fails = for_a_while
        report = kiosk.run((1, Action.SPIN), (18, Action.LEAVE))

    (spin,) = report.spins
    assert len(failed) == MAX_FAILED_FRAMES - 1
    assert 11_000 <= spin.duration_ms <= 11_000 + 1000 // FPS
    assert spin.frames <= 11 * FPS - len(failed) + 1
    assert spin.ticket == spin.under_pointer
    assert [record.message for record in caplog.records if record.name == "kiosk.loop"] == [
        "a frame could not be drawn; it is skipped"
    ]


@pytest.mark.slow
def test_a_row_of_failed_frames_ends_the_process_with_a_code_of_its_own(home: Home) -> None:
    with scripted(home) as kiosk:
        kiosk.screen.fails = lambda scene: scene.phase is Phase.TURNING
        with pytest.raises(ScreenError, match="60 frames in a row could not be drawn: ValueError") as caught:
            kiosk.run((1, Action.SPIN))

    assert caught.value.exit_code == 9
    assert max(kiosk.beats) <= 1.1

    with scripted(home) as kiosk:  # and the restarted process finishes that very spin
        (spin,) = kiosk.run((13, Action.LEAVE)).spins
    bodies = [record.body for record in read_records(home.ledger.read_bytes())]
    assert spin.resumed
    assert [body.spin for body in bodies if isinstance(body, Shown)] == [1]


@pytest.mark.slow
def test_a_wheel_that_cannot_be_made_ready_is_logged_once_and_turns_when_it_can(
    home: Home, caplog: pytest.LogCaptureFixture
) -> None:
    with scripted(home) as kiosk, caplog.at_level(logging.ERROR):
        kiosk.screen.ready_fails = lambda: kiosk.clock.monotonic_ns() < NS_PER_S
        report = kiosk.run((2, Action.SPIN), (19, Action.LEAVE))

    assert len(report.spins) == 1
    assert [record.message for record in caplog.records if record.name == "kiosk.loop"] == [
        "a frame could not be drawn; it is skipped"
    ]


def test_a_skipped_frame_is_followed_by_a_whole_one(home: Home) -> None:
    """A frame that was half drawn must not stay: on a screen that retains, only changes are drawn."""
    with scripted(home) as kiosk:

        def change_and_break_off() -> None:
            kiosk.watcher_alive = False  # a notice: the picture changes once, and then stands
            kiosk.screen.breaks_off = True

        kiosk.run((4, Action.LEAVE), deeds=[(2, change_and_break_off)])

    drawn = kiosk.screen.drawn
    assert drawn.count(None) == 1
    assert drawn[drawn.index(None) + 1] is True


@pytest.mark.slow
def test_the_heart_beats_in_idle_though_nothing_changes(home: Home) -> None:
    with scripted(home) as kiosk:
        kiosk.run((61, Action.LEAVE))

    assert kiosk.manager.silence_s(61) <= PRESENT_AGAIN_NS / NS_PER_S + 0.1
    assert kiosk.beats[-1] >= 55


def test_the_heart_stops_when_the_screen_no_longer_takes_frames(home: Home) -> None:
    with scripted(home) as kiosk:
        kiosk.screen.gone = True
        kiosk.screen.fails = lambda scene: kiosk.clock.monotonic_ns() > NS_PER_S
        with pytest.raises(ScreenError, match="could not be drawn"):
            kiosk.run((61, Action.LEAVE))

    assert max(kiosk.beats) <= 1


def test_the_heart_stops_when_new_lists_would_no_longer_arrive(home: Home) -> None:
    with scripted(home) as kiosk:
        kiosk.run((30, Action.LEAVE), deeds=[(10, lambda: setattr(kiosk, "watcher_alive", False))])

    assert max(kiosk.beats) <= 10


def test_the_heartbeat_file_says_how_often_it_beat_and_is_written_once_a_second(tmp_path: Path) -> None:
    path = tmp_path / "heartbeat"
    heart = HeartbeatFile(path)
    for tenth in range(31):
        heart.on_presented(tenth * BEAT_NS // 10)

    assert path.read_text() == "4 3000\n"


def test_a_heartbeat_that_cannot_be_written_stops_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    heart = HeartbeatFile(tmp_path / "missing" / "heartbeat")
    with caplog.at_level(logging.WARNING):
        for second in range(5):
            heart.on_presented(second * BEAT_NS)

    assert len(caplog.records) == 1


@pytest.mark.slow
def test_a_wheel_on_another_name_than_the_ledgers_is_never_recorded_as_shown(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever moved it: the name announced, the one under the pointer and the one in the ledger are the same."""
    press = Session.press

    def pressed(self: Session, *, start: int) -> Decision:
        decision = press(self, start=start)
        segments = decision.pool.segments
        lo, hi = segments.bounds((decision.index + 1) % len(decision.pool.tickets))
        return replace(decision, plan=replace(decision.plan, rest=(lo + hi) // 2))

    monkeypatch.setattr(Session, "press", pressed)
    with (
        scripted(home) as kiosk,
        pytest.raises(RuntimeError, match=r"the pointer is at E000[1-6], the ledger says E000[1-6]"),
    ):
        kiosk.run((1, Action.SPIN), (18, Action.LEAVE))

    bodies = [record.body for record in read_records(home.ledger.read_bytes())]
    assert isinstance(bodies[-1], Result)


# ---- nobody can see it ---------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_no_press_counts_and_no_heart_beats_while_the_window_is_hidden(
    home: Home, caplog: pytest.LogCaptureFixture
) -> None:
    presses = [(5, Action.HIDE), (6, Action.SPIN), (7, Action.ABSENT), (30, Action.APPEAR), (40, Action.LEAVE)]
    with scripted(home) as kiosk, caplog.at_level(logging.WARNING):
        report = kiosk.run(*presses)

    assert report.spins == []
    assert not [beat for beat in kiosk.beats if 5.1 < beat < 30]
    assert min(beat for beat in kiosk.beats if beat >= 30) <= 30.1
    assert sum("a press does not count" in record.message for record in caplog.records) == 2


@pytest.mark.slow
def test_a_spin_that_was_hidden_is_shown_again_whole_and_drawn_once(home: Home) -> None:
    with scripted(home) as kiosk:
        (spin,) = kiosk.run((1, Action.SPIN), (9, Action.HIDE), (60, Action.APPEAR), (80, Action.LEAVE)).spins
        angles = [scene.angle for scene in kiosk.screen.scenes if scene.phase is Phase.TURNING]

    bodies = [record.body for record in read_records(home.ledger.read_bytes())]
    assert spin.resumed
    assert 11_000 <= spin.duration_ms <= 11_000 + 1000 // FPS
    assert [body.spin for body in bodies if isinstance(body, Result)] == [1]
    assert [body.spin for body in bodies if isinstance(body, Shown)] == [1]
    assert len(angles) >= (8 + 11) * FPS - 2


@pytest.mark.slow
def test_a_result_that_was_hidden_stands_for_its_whole_time(home: Home) -> None:
    with scripted(home) as kiosk:
        kiosk.run((1, Action.SPIN), (13, Action.HIDE), (50, Action.APPEAR), (53, Action.SPIN), (56, Action.LEAVE))

    bodies = [record.body for record in read_records(home.ledger.read_bytes())]
    assert [body.spin for body in bodies if isinstance(body, Result)] == [1], "a press counted while it settled"


def test_a_gpu_that_was_reset_ends_the_process_with_the_code_of_a_screen(home: Home) -> None:
    with scripted(home) as kiosk, pytest.raises(ScreenError, match="GPU was reset"):
        kiosk.run((1, Action.LOSE))


def test_a_gpu_that_forgot_what_was_drawn_gets_new_pictures(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """What stands still is drawn on one picture, which is lost with the frame."""
    dropped: list[float] = []
    with scripted(home) as kiosk:
        monkeypatch.setattr(kiosk.screen, "drop_caches", lambda: dropped.append(kiosk.clock.monotonic_ns() / NS_PER_S))
        kiosk.run((2, Action.REDRAW), (4, Action.LEAVE))

    assert len(dropped) == 1


def test_nobody_presses_for_spins_in_the_step_that_does_the_work_of_idle(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between two spins memory is measured and given back, which took from the frame of the press."""
    step, measured, pressed = 0, [], []
    recorded = Session.press

    def next_step() -> None:
        nonlocal step
        step += 1

    def press(session: Session, *, start: int) -> Decision:
        pressed.append(step)
        return recorded(session, start=start)

    monkeypatch.setattr(Session, "press", press)
    with scripted_kiosk(home, spins=3, drawing=False, memory_mb=lambda: measured.append(step)) as kiosk:
        kiosk.every = next_step
        kiosk.run()

    assert len(pressed) == 3
    assert len([at for at in measured if at > pressed[0]]) >= 2
    assert not set(measured) & set(pressed)
