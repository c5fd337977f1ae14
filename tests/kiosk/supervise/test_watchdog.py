"""Heartbeat, LED and health: they follow frames, nothing else, and not without the watcher. On simulated time."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from kiosk.core.clock import NS_PER_S
from kiosk.devices.inputs import Action
from kiosk.supervise.health.report import Health
from tests.kiosk.scripted import Scripted, scripted_kiosk, small_home

WATCHDOG_S = 30
"""WatchdogSec of systemd/wheel-kiosk.service."""


@contextmanager
def scripted(tmp_path: Path, *, people: int = 6) -> Iterator[Scripted]:
    with scripted_kiosk(small_home(tmp_path, people=people)) as kiosk:
        yield kiosk


@pytest.mark.slow
def test_it_is_ready_with_the_first_frame_and_beats_through_idle_and_spin(tmp_path: Path) -> None:
    with scripted(tmp_path) as kiosk:
        kiosk.run((65, Action.SPIN), (200, Action.LEAVE))

    manager = kiosk.manager
    assert manager.ready_at == [0.0]
    assert manager.beats[0] == 0.0
    assert manager.silence_s(200) <= 6.1 < WATCHDOG_S / 2
    assert manager.said == ["idle: generation 1, 0 spins", "idle: generation 1, 1 spins"]


@pytest.mark.slow
def test_a_frame_that_was_not_presented_is_no_beat(tmp_path: Path) -> None:
    """The loop turns and composes, but nothing reaches the screen."""
    with scripted(tmp_path) as kiosk:
        deeds = [(20.0, lambda: setattr(kiosk.screen, "dark", True))]
        kiosk.run((20, Action.SPIN), (31, Action.LEAVE), deeds=deeds)

    assert kiosk.beats[-1] <= 20


@pytest.mark.slow
def test_without_the_watcher_there_is_no_beat_and_the_manager_is_told_why(tmp_path: Path) -> None:
    with scripted(tmp_path) as kiosk:
        deeds = [(20.0, lambda: setattr(kiosk, "watcher_alive", False))]
        kiosk.run((40, Action.SPIN), (90, Action.LEAVE), deeds=deeds)

    assert kiosk.beats[-1] <= 20
    assert kiosk.manager.silence_s(90) > WATCHDOG_S
    assert kiosk.manager.said[-1] == "idle: generation 1, 1 spins; New lists do not arrive: restart the kiosk."


@pytest.mark.slow
def test_the_led_is_lit_exactly_while_a_press_would_spin(tmp_path: Path) -> None:
    with scripted(tmp_path, people=1) as kiosk:
        kiosk.run((5, Action.SPIN), (60, Action.LEAVE))

    lit = [at for at, state in kiosk.led.changes if state]
    assert lit
    assert all(at < 5 for at in lit)  # the one entry has won: nothing is left to spin for
    assert (5.0, False) in kiosk.led.changes


@pytest.mark.slow
def test_the_led_comes_back_after_the_result_has_stood(tmp_path: Path) -> None:
    with scripted(tmp_path) as kiosk:
        kiosk.run((5, Action.SPIN), (60, Action.LEAVE))

    (dark_s,) = {at for at, lit in kiosk.led.changes if not lit and at < 6}
    back_s = min(at for at, lit in kiosk.led.changes if lit and at > 6)
    assert dark_s == 5.0
    assert 20 <= back_s <= 20.5  # 11 s of spin and 4 s of result


@pytest.mark.slow
def test_a_kiosk_that_hangs_is_seen_in_the_age_of_its_last_frame(tmp_path: Path) -> None:
    reports: list[Health | None] = []
    with scripted(tmp_path) as kiosk:
        health = kiosk.kiosk.health
        assert health.report() is None

        def hangs() -> None:
            reports.append(health.report())
            kiosk.clock.advance_ns(100 * NS_PER_S)
            reports.append(health.report())

        kiosk.run((5, Action.SPIN), (131, Action.LEAVE), deeds=[(30, hangs)])

    before, after = reports
    assert before is not None
    assert after is not None
    assert (before.state, before.generation, before.spins, before.watcher_alive) == ("idle", 1, 1, True)
    assert before.last_spin_at.startswith("20")
    assert before.last_frame_age_ms <= 5100
    assert after.last_frame_age_ms >= 100_000
    assert after.uptime_s >= 130


@pytest.mark.slow
def test_the_supervisors_hear_of_changes_and_not_of_every_frame(tmp_path: Path) -> None:
    """Sixty times a second: what a frame costs must not depend on the list."""
    with scripted(tmp_path) as kiosk:
        kiosk.run((5, Action.SPIN), (15, Action.LEAVE))

    assert len(kiosk.led.changes) <= 4
