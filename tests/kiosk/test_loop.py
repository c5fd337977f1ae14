"""The loop's promises about frames: a failed one is skipped, too many end the process, only presented ones beat."""

import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

os.environ.setdefault("SDL_VIDEODRIVER", "dummy")
os.environ.setdefault("SDL_AUDIODRIVER", "dummy")

from kiosk.commands.run import kiosk_on
from kiosk.config.command_line import RunOptions
from kiosk.core.clock import NS_PER_S, ManualClock
from kiosk.core.errors import ScreenError
from kiosk.core.home import Home
from kiosk.devices.inputs import Action
from kiosk.draw_session import Decision
from kiosk.ledger.ledger import read_records
from kiosk.ledger.record import Result, Shown
from kiosk.loop import FAILED_FRAMES, SHOWN_AGAIN_NS, Loop
from kiosk.screen.scene import Phase, Scene
from kiosk.supervise.heartbeat import BEAT_NS, HeartbeatFile
from tests.kiosk.scripted import Hand, small_home
from tests.support import counted_bytes

FPS = 20


class Pulse:
    """Notes each beat."""

    def __init__(self) -> None:
        self.beats_ns: list[int] = []

    def frame_presented(self, now_ns: int) -> None:
        self.beats_ns.append(now_ns)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return small_home(tmp_path)


@contextmanager
def scripted(home: Home, *presses: tuple[float, Action]) -> Iterator[tuple[Loop, Pulse]]:
    """Yield a kiosk on simulated time whose heartbeat is noted."""
    options = RunOptions(home=home.root, window=(800, 480), backend="software", clock="simulated", fps=FPS)
    with kiosk_on(options, random_bytes=counted_bytes()) as loop:
        clock = loop._clock
        assert isinstance(clock, ManualClock)
        loop._inputs = Hand(clock, list(presses))
        loop._heartbeat = pulse = Pulse()
        yield loop, pulse


def failing_when(loop: Loop, fails: Callable[[Scene], bool]) -> None:
    """Make the view raise for some scenes."""
    draw = loop._view.draw

    def broken(scene: Scene) -> bool:
        if fails(scene):
            raise ValueError("no such picture")
        return draw(scene)

    loop._view.draw = broken  # type: ignore[method-assign]


def test_frames_that_fail_are_skipped_and_the_spin_ends_in_time(home: Home, caplog: pytest.LogCaptureFixture) -> None:
    failed: list[Scene] = []

    def for_a_while(scene: Scene) -> bool:
        wrong = scene.phase is Phase.TURNING and len(failed) < FAILED_FRAMES - 1
        failed.extend([scene] * wrong)
        return wrong

    with scripted(home, (1, Action.SPIN), (18, Action.LEAVE)) as (loop, _), caplog.at_level(logging.ERROR):
        failing_when(loop, for_a_while)
        report = loop.run()

    (spin,) = report.spins
    assert len(failed) == FAILED_FRAMES - 1
    assert 11_000 <= spin.duration_ms <= 11_000 + 1000 // FPS
    assert spin.frames <= 11 * FPS - len(failed) + 1
    assert spin.ticket == spin.under_pointer
    assert [record.message for record in caplog.records] == ["a frame could not be drawn; it is skipped"]


def test_a_row_of_failed_frames_ends_the_process_with_a_code_of_its_own(home: Home) -> None:
    with scripted(home, (1, Action.SPIN)) as (loop, pulse):
        failing_when(loop, lambda scene: scene.phase is Phase.TURNING)
        with pytest.raises(ScreenError, match="60 frames in a row could not be drawn: ValueError") as caught:
            loop.run()
        last_good_ns = 1.1 * NS_PER_S

    assert caught.value.exit_code == 9
    assert max(pulse.beats_ns) <= last_good_ns

    with scripted(home, (13, Action.LEAVE)) as (loop, _):  # and the supervisor's restart finishes that very spin
        (spin,) = loop.run().spins
    bodies = [record.body for record in read_records(home.ledger.read_bytes())]
    assert spin.resumed
    assert [body.spin for body in bodies if isinstance(body, Shown)] == [1]


def test_a_wheel_that_cannot_be_made_ready_is_told_once_and_turns_when_it_can(
    home: Home, caplog: pytest.LogCaptureFixture
) -> None:
    with scripted(home, (2, Action.SPIN), (19, Action.LEAVE)) as (loop, _), caplog.at_level(logging.ERROR):
        get_ready = loop._view.get_ready

        def broken() -> None:
            if loop._clock.monotonic_ns() < NS_PER_S:
                raise ValueError("no font")
            get_ready()

        loop._view.get_ready = broken  # type: ignore[method-assign]
        report = loop.run()

    assert len(report.spins) == 1
    assert [record.message for record in caplog.records] == ["a frame could not be drawn; it is skipped"]


def test_a_skipped_frame_is_followed_by_a_whole_one(home: Home) -> None:
    """What was half drawn when it failed must not stay: on a screen that retains, only changes are drawn."""
    with scripted(home, (1, Action.LEAVE)) as (loop, _):
        loop.run()
        loop._skip_frame(ValueError("half drawn"))
        drawn = loop._view.draw(loop._scene)

    assert drawn


def test_the_heart_beats_in_idle_though_nothing_changes(home: Home) -> None:
    with scripted(home, (61, Action.LEAVE)) as (loop, pulse):
        loop.run()

    gaps = [later - earlier for earlier, later in zip(pulse.beats_ns, pulse.beats_ns[1:], strict=False)]
    assert max(gaps) <= SHOWN_AGAIN_NS + NS_PER_S // 10
    assert pulse.beats_ns[-1] >= 55 * NS_PER_S


def test_the_heart_stops_when_the_screen_no_longer_takes_frames(home: Home) -> None:
    with scripted(home, (61, Action.LEAVE)) as (loop, pulse):

        def refuse(scene: Scene) -> None:
            raise OSError("the display is gone")

        loop._view.show_again = refuse  # type: ignore[method-assign]
        failing_when(loop, lambda scene: loop._clock.monotonic_ns() > NS_PER_S)
        with pytest.raises(ScreenError, match="could not be drawn"):
            loop.run()

    assert max(pulse.beats_ns) <= NS_PER_S


def test_the_heart_stops_when_new_lists_would_no_longer_arrive(home: Home) -> None:
    with scripted(home, (30, Action.LEAVE)) as (loop, pulse):
        loop._watcher_alive = lambda: loop._clock.monotonic_ns() < 10 * NS_PER_S
        loop.run()

    assert max(pulse.beats_ns) <= 10 * NS_PER_S


def test_the_heartbeat_file_says_how_often_it_beat_and_is_written_once_a_second(tmp_path: Path) -> None:
    path = tmp_path / "heartbeat"
    heart = HeartbeatFile(path)
    for tenth in range(31):
        heart.frame_presented(tenth * BEAT_NS // 10)

    assert path.read_text() == "4 3000\n"


def test_a_heartbeat_that_cannot_be_written_stops_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    heart = HeartbeatFile(tmp_path / "missing" / "heartbeat")
    with caplog.at_level(logging.WARNING):
        for second in range(5):
            heart.frame_presented(second * BEAT_NS)

    assert len(caplog.records) == 1


def test_a_wheel_that_rests_on_another_name_is_never_recorded_as_shown(home: Home) -> None:
    """Whatever moved it: the name announced, the one under the pointer and the one in the ledger are the same."""
    with scripted(home, (1, Action.SPIN), (18, Action.LEAVE)) as (loop, _):
        press = loop._session.press

        def pressed(*, start: int) -> Decision:
            decision = press(start=start)
            segments = decision.pool.segments
            lo, hi = segments.bounds((decision.index + 1) % len(decision.pool.tickets))
            return replace(decision, plan=replace(decision.plan, rest=(lo + hi) // 2))

        loop._session.press = pressed  # type: ignore[method-assign]
        with pytest.raises(RuntimeError, match=r"the pointer is at E000[1-6], the ledger says E000[1-6]"):
            loop.run()

    bodies = [record.body for record in read_records(home.ledger.read_bytes())]
    assert isinstance(bodies[-1], Result)
