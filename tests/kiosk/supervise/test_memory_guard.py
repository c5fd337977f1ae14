"""Memory: measured seldom, caches dropped above the soft limit, and a way out above the hard one, in idle only."""

import logging
import os
from pathlib import Path

import pytest

os.environ.setdefault("SDL_VIDEODRIVER", "dummy")
os.environ.setdefault("SDL_AUDIODRIVER", "dummy")

from kiosk.core.clock import NS_PER_S, ManualClock
from kiosk.core.errors import MemoryHigh
from kiosk.devices.inputs import Action
from kiosk.ledger.reader import read_records
from kiosk.ledger.record import Shown
from kiosk.supervise.memory_guard import MEASURE_EVERY_S, MemoryGuard, pss_mb
from tests.kiosk.scripted import scripted_kiosk, small_home


class Scales:
    """A process whose weight is told; caches weigh some of it."""

    def __init__(self, mb: float | None, caches_mb: float = 0) -> None:
        self.mb = mb
        self.caches_mb = caches_mb
        self.measured = 0
        self.dropped = 0

    def measure(self) -> float | None:
        self.measured += 1
        return None if self.mb is None else self.mb + self.caches_mb

    def drop(self) -> None:
        self.dropped += 1
        self.caches_mb = 0


def watching(scales: Scales) -> tuple[MemoryGuard, ManualClock]:
    clock = ManualClock()
    made = MemoryGuard(clock, soft_mb=200, hard_mb=400, drop=scales.drop, measure=scales.measure)
    return made, clock


def measures(scales: Scales, times: int = 1) -> None:
    guard, clock = watching(scales)
    for _ in range(times):
        clock.advance_ns(MEASURE_EVERY_S * NS_PER_S)
        guard.on_idle(recorded=True)


def test_it_measures_every_half_a_minute_however_often_it_is_asked() -> None:
    scales = Scales(70)
    guard, clock = watching(scales)
    for _ in range(30 * 301):
        clock.advance_ns(NS_PER_S // 30)
        guard.on_idle(recorded=True)

    assert scales.measured == 10


def test_after_a_spin_it_measures_at_once() -> None:
    scales = Scales(70)
    guard, _ = watching(scales)
    guard.on_rest()
    guard.on_idle(recorded=True)

    assert scales.measured == 1


@pytest.mark.slow
def test_it_waits_while_something_is_not_recorded_yet() -> None:
    """Leaving then would lose the end of a spin, and the next start would show it again."""
    scales = Scales(401)
    guard, clock = watching(scales)
    clock.advance_ns(MEASURE_EVERY_S * NS_PER_S)
    guard.on_idle(recorded=False)

    assert scales.measured == 0
    with pytest.raises(MemoryHigh):
        guard.on_idle(recorded=True)


def test_below_the_soft_limit_nothing_is_dropped() -> None:
    scales = Scales(200)
    measures(scales, 5)

    assert scales.dropped == 0


@pytest.mark.slow
def test_above_the_soft_limit_the_caches_are_dropped_and_that_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    scales = Scales(150, caches_mb=80)
    guard, clock = watching(scales)
    for _ in range(4):
        clock.advance_ns(MEASURE_EVERY_S * NS_PER_S)
        scales.mb = 250
        guard.on_idle(recorded=True)

    assert scales.dropped == 4
    (record,) = caplog.records
    assert record.levelno == logging.WARNING
    assert "330 MB of memory are above the soft limit of 200 MB" in record.getMessage()
    assert "leaves 250 MB" in record.getMessage()


@pytest.mark.slow
def test_it_is_said_again_when_it_was_well_in_between(caplog: pytest.LogCaptureFixture) -> None:
    scales = Scales(250)
    guard, clock = watching(scales)
    for mb in (250, 100, 250):
        clock.advance_ns(MEASURE_EVERY_S * NS_PER_S)
        scales.mb = mb
        guard.on_idle(recorded=True)

    assert len(caplog.records) == 2


@pytest.mark.slow
def test_what_dropping_the_caches_brings_below_the_hard_limit_is_no_reason_to_leave() -> None:
    measures(Scales(390, caches_mb=100))


@pytest.mark.slow
def test_above_the_hard_limit_it_asks_to_leave_with_a_code_of_its_own() -> None:
    with pytest.raises(MemoryHigh, match="401 MB of memory, above its hard limit of 400 MB") as caught:
        measures(Scales(401))

    assert caught.value.exit_code == 10


def test_where_the_system_does_not_tell_nothing_is_watched(tmp_path: Path) -> None:
    measures(Scales(None))
    assert pss_mb(tmp_path / "nothing") is None
    (tmp_path / "other").write_text("Rss: 1 kB\nPss: many\n")
    assert pss_mb(tmp_path / "other") is None


@pytest.mark.skipif(not Path("/proc/self/smaps_rollup").exists(), reason="only Linux tells")
def test_the_measure_is_this_process() -> None:
    before = pss_mb()
    ballast = bytearray(50 << 20)
    ballast[::4096] = b"x" * len(ballast[::4096])
    after = pss_mb()

    assert before is not None
    assert after is not None
    assert 45 <= after - before <= 60


@pytest.mark.slow
def test_a_kiosk_above_its_hard_limit_finishes_the_spin_and_leaves_in_idle(tmp_path: Path) -> None:
    home, heavy = small_home(tmp_path), [70.0]
    with scripted_kiosk(home, fps=5, drawing=False, memory_mb=lambda: heavy[0]) as kiosk:
        with pytest.raises(MemoryHigh):
            kiosk.run((1.0, Action.SPIN), (300.0, Action.LEAVE), deeds=[(5.0, lambda: heavy.append(heavy.pop() + 930))])
        idle, left_ns = kiosk.kiosk.stage.idle, kiosk.clock.monotonic_ns()

    assert idle
    assert 16 * NS_PER_S <= left_ns <= 17 * NS_PER_S  # 1 s, 11 s of spin, 4 s to read the result
    assert [r.body.spin for r in read_records(home.ledger.read_bytes()) if isinstance(r.body, Shown)] == [1]


@pytest.mark.slow
def test_dropping_the_caches_changes_nothing_that_is_seen(tmp_path: Path) -> None:
    with scripted_kiosk(small_home(tmp_path), fps=5) as kiosk:
        kiosk.run((1.0, Action.SPIN), (17.0, Action.LEAVE))
        scene = kiosk.screen.scenes[-1]
        before = kiosk.screen.capture(scene)
        kiosk.screen.drop_caches()
        kiosk.screen.draw(scene)
        after = kiosk.screen.capture(scene)

    assert before.get_buffer().raw == after.get_buffer().raw
