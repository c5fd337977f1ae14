"""When the loop looks: frames while something moves, and the steps of the picture in idle."""

import pytest

from kiosk.core.clock import NS_PER_MS, NS_PER_S, ManualClock
from kiosk.devices.wake import PlainWake
from kiosk.pace import IDLE_NS, Pace
from kiosk.screen.panels.button_picture import STEP_MS


class Hurry:
    """Whether idle is to look soon."""

    now = False


@pytest.fixture
def clock() -> ManualClock:
    clock = ManualClock()
    clock.advance_ns(12_345_678)
    return clock


@pytest.fixture
def hurry() -> Hurry:
    return Hurry()


@pytest.fixture
def pace(clock: ManualClock, hurry: Hurry) -> Pace:
    return Pace(clock, fps=50, wake=PlainWake(), hurried=lambda: hurry.now)


def test_idle_sleeps_as_long_as_its_picture_stays_the_same() -> None:
    assert IDLE_NS == STEP_MS * NS_PER_MS


def test_idle_looks_when_the_next_step_of_its_picture_is_due(pace: Pace, clock: ManualClock) -> None:
    for step in range(1, 4):
        pace.wait(moving=False)
        assert clock.monotonic_ns() == step * STEP_MS * NS_PER_MS


def test_frames_keep_their_time_and_a_late_one_is_followed_at_once(pace: Pace, clock: ManualClock) -> None:
    pace.start()
    started = clock.monotonic_ns()
    for work_ms in (3, 19):
        clock.advance_ns(work_ms * NS_PER_MS)
        pace.wait(moving=True)
    assert clock.monotonic_ns() - started == 2 * NS_PER_S // 50

    clock.advance_ns(50 * NS_PER_MS)
    late = clock.monotonic_ns()
    pace.wait(moving=True)
    assert clock.monotonic_ns() == late


def test_a_button_that_settles_is_looked_at_again_within_a_frame(pace: Pace, clock: ManualClock, hurry: Hurry) -> None:
    pace.wait(moving=False)
    before, hurry.now = clock.monotonic_ns(), True
    pace.wait(moving=False)

    assert clock.monotonic_ns() - before == NS_PER_S // 50 < IDLE_NS
