"""What a run measures: a spin that is not in time or drops frames is a warning, a counter and a fact in the report."""

import logging
import time

import pytest

from kiosk.core.home import Home
from kiosk.devices.inputs import Action
from kiosk.session.draw_decision import Decision
from kiosk.session.draw_session import Session
from kiosk.supervise.run_report import MOST_KINDS, Counters
from tests.kiosk.scripted import scripted_kiosk, small_home

NS_PER_S = 1_000_000_000


@pytest.fixture
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    return small_home(tmp_path_factory.mktemp("home"))


@pytest.mark.slow
def test_a_spin_in_time_is_no_warning(home: Home, caplog: pytest.LogCaptureFixture) -> None:
    with scripted_kiosk(home, fps=20) as kiosk, caplog.at_level(logging.WARNING):
        report = kiosk.run((1, Action.SPIN), (18, Action.LEAVE))

    (spin,) = report.spins
    assert (spin.on_time, spin.dropped_frames) == (True, 0)
    assert spin.to_motion_ms is not None
    assert 0 <= spin.to_motion_ms <= 100
    assert 19 <= spin.frames_per_second <= 20.1
    assert report.counters.spins_made == 1
    assert report.counters.spins_off_time == report.counters.frames_dropped == 0
    assert len(report.longest_frames_ms) == 1
    assert not [record for record in caplog.records if record.name.endswith("run_meter")]


@pytest.mark.slow
def test_a_loop_that_hangs_before_the_end_is_a_spin_off_time(home: Home, caplog: pytest.LogCaptureFixture) -> None:
    with scripted_kiosk(home, fps=20) as kiosk, caplog.at_level(logging.WARNING):
        hang = (11.5, lambda: kiosk.clock.sleep_ns(2 * NS_PER_S))
        report = kiosk.run((1, Action.SPIN), (25, Action.LEAVE), deeds=[hang])

    (spin,) = report.spins
    assert not spin.on_time
    assert 12_000 <= spin.duration_ms <= 13_000
    assert 30 <= spin.dropped_frames <= 41
    assert report.counters.spins_off_time == 1
    assert report.counters.frames_dropped == spin.dropped_frames
    assert [record.message for record in caplog.records if record.name.endswith("run_meter")] == [
        f"spin 1 took {spin.duration_ms} ms instead of 11000",
        f"spin 1 dropped {spin.dropped_frames} of {spin.duration_ms * 20 // 1000} frames",
    ]


@pytest.mark.slow
def test_a_loop_that_hangs_in_between_drops_frames_and_ends_in_time(home: Home) -> None:
    with scripted_kiosk(home, fps=20) as kiosk:
        hang = (5, lambda: kiosk.clock.sleep_ns(NS_PER_S))
        (spin,) = kiosk.run((1, Action.SPIN), (18, Action.LEAVE), deeds=[hang]).spins

    assert spin.on_time
    assert 15 <= spin.dropped_frames <= 21


@pytest.mark.slow
def test_recording_a_press_takes_from_the_cycle_and_not_from_the_turning_wheel(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded = Session.press

    def slowly(session: Session, *, start: int) -> Decision:
        time.sleep(0.5)
        return recorded(session, start=start)

    monkeypatch.setattr(Session, "press", slowly)
    with scripted_kiosk(home, fps=20) as kiosk:
        report = kiosk.run((1, Action.SPIN), (18, Action.LEAVE))

    (spin,), (cycle_ms,) = report.spins, report.longest_frames_ms
    assert spin.frame_ms.max < 500 <= cycle_ms
    assert 19 <= spin.frames_per_second <= 20.1


def test_failed_frames_and_presses_that_nobody_saw_are_counted(home: Home) -> None:
    with scripted_kiosk(home, fps=20) as kiosk:
        failing = iter((True, True, True))
        kiosk.screen.fails = lambda scene: next(failing, False)
        presses = [(4, Action.HIDE), (5, Action.SPIN), (6, Action.APPEAR), (8, Action.LEAVE)]
        counters = kiosk.run(*presses).counters
        health = kiosk.kiosk.health.report()

    assert counters.frames_failed == 3
    assert counters.errors == {"ValueError": 3}
    assert counters.presses_unseen == 1
    assert health is not None
    assert health.counters.times_hidden == 1


@pytest.mark.slow
def test_a_press_that_cannot_spin_is_a_failed_spin(home: Home) -> None:
    with scripted_kiosk(small_home(home.root / "one", people=1), fps=20) as kiosk:
        home = kiosk.home
        report = kiosk.run((1, Action.SPIN), (18, Action.SPIN), (30, Action.SPIN), (45, Action.LEAVE))

    assert report.counters.spins_made + report.counters.spins_failed == 3


def test_kinds_of_errors_are_bounded() -> None:
    counters = Counters()
    for number in range(MOST_KINDS + 10):
        counters.count_error(type(f"Error{number}", (Exception,), {})())

    assert len(counters.errors) == MOST_KINDS + 1
    assert counters.errors["other"] == 10
