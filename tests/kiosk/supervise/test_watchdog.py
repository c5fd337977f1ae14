"""The heartbeat: it comes from frames, from nothing else, and not without the watcher. On simulated time."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from kiosk.commands.run import kiosk_on
from kiosk.config.command_line import RunOptions
from kiosk.core.clock import NS_PER_S, ManualClock
from kiosk.core.home import Home
from kiosk.core.key_files import trust
from kiosk.devices.inputs import Action
from kiosk.loop import Loop
from kiosk.supervise.health_files import Health
from tests.support import KEY, counted_bytes, publish, snapshot

WATCHDOG_S = 30
"""WatchdogSec of systemd/wheel-kiosk.service."""


class Manager:
    """A service manager that notes when it hears what."""

    def __init__(self, clock: ManualClock) -> None:
        self._clock = clock
        self.beats: list[float] = []
        self.ready_at: list[float] = []
        self.said: list[str] = []

    def ready(self) -> None:
        self.ready_at.append(self._clock.monotonic_ns() / NS_PER_S)

    def alive(self) -> None:
        self.beats.append(self._clock.monotonic_ns() / NS_PER_S)

    def status(self, text: str) -> None:
        if text not in self.said[-1:]:
            self.said.append(text)

    def stopping(self) -> None: ...

    def close(self) -> None: ...

    def silence_s(self, end: float) -> float:
        """Return the longest time without a beat, until `end`."""
        return max(later - earlier for earlier, later in zip(self.beats, [*self.beats[1:], end], strict=True))


class Led:
    """A button that nobody presses, with an LED."""

    def __init__(self, clock: ManualClock) -> None:
        self._clock = clock
        self.changes: list[tuple[float, bool]] = []

    def poll(self) -> list[Action]:
        return []

    def say_ready(self, *, ready: bool) -> None:
        self.changes.append((round(self._clock.monotonic_ns() / NS_PER_S, 1), ready))

    def close(self) -> None: ...


class Hand:
    """Presses at given seconds, and does things at others."""

    def __init__(self, clock: ManualClock, deeds: list[tuple[float, Action | Callable[[], None]]]) -> None:
        self._clock, self._deeds = clock, deeds

    def poll(self) -> list[Action]:
        due = [deed for at, deed in self._deeds if at * NS_PER_S <= self._clock.monotonic_ns()]
        self._deeds = self._deeds[len(due) :]
        found = []
        for deed in due:
            if isinstance(deed, Action):
                found.append(deed)
            else:
                deed()
        return found


@contextmanager
def kiosk(tmp_path: Path, *, people: int = 6) -> Iterator[tuple[Loop, Manager, Led, ManualClock]]:
    home = Home(tmp_path)
    for directory in (home.snapshots, home.trusted):
        directory.mkdir(parents=True)
    trust(home.trusted, KEY.public)
    publish(home.snapshots, snapshot(people=people))
    options = RunOptions(home=home.root, window=(800, 480), backend="software", clock="simulated", fps=10)
    with kiosk_on(options, random_bytes=counted_bytes()) as loop:
        clock: Any = loop._clock
        manager, led = Manager(clock), Led(clock)
        vitals: Any = loop._vitals
        vitals._notifier, vitals._button = manager, led
        yield loop, manager, led, clock


def run(loop: Loop, clock: ManualClock, *deeds: tuple[float, Action | Callable[[], None]]) -> None:
    loop._inputs = Hand(clock, list(deeds))
    loop.run()


def test_it_is_ready_with_the_first_frame_and_beats_through_idle_and_spin(tmp_path: Path) -> None:
    with kiosk(tmp_path) as (loop, manager, _, clock):
        run(loop, clock, (65, Action.SPIN), (200, Action.LEAVE))

    assert manager.ready_at == [0.0]
    assert manager.beats[0] == 0.0
    assert manager.silence_s(200) <= 6.1 < WATCHDOG_S / 2
    assert manager.said == ["idle: generation 1, 0 spins", "idle: generation 1, 1 spins"]


def test_a_frame_that_was_not_presented_is_no_beat(tmp_path: Path) -> None:
    """The loop turns and composes, but nothing reaches the screen."""
    with kiosk(tmp_path) as (loop, manager, _, clock):

        def goes_dark() -> None:
            loop._view.draw = lambda scene: False  # type: ignore[method-assign]

        run(loop, clock, (20, goes_dark), (20, Action.SPIN), (31, Action.LEAVE))

    assert manager.beats[-1] <= 20


def test_without_the_watcher_there_is_no_beat_and_the_manager_is_told_why(tmp_path: Path) -> None:
    with kiosk(tmp_path) as (loop, manager, _, clock):

        def watcher_dies() -> None:
            loop._watcher_alive = loop._notices._watcher_alive = lambda: False

        run(loop, clock, (20, watcher_dies), (40, Action.SPIN), (90, Action.LEAVE))

    assert manager.beats[-1] <= 20
    assert manager.silence_s(90) > WATCHDOG_S
    assert manager.said[-1] == "idle: generation 1, 1 spins; New lists do not arrive: restart the kiosk."


def test_the_led_is_lit_exactly_while_a_press_would_spin(tmp_path: Path) -> None:
    with kiosk(tmp_path, people=1) as (loop, _, led, clock):
        run(loop, clock, (5, Action.SPIN), (60, Action.LEAVE))

    lit = [at for at, state in led.changes if state]
    assert all(at < 5 for at in lit)  # the one entry has won: nothing is left to spin for
    assert (5.0, False) in led.changes


def test_the_led_comes_back_after_the_result_has_stood(tmp_path: Path) -> None:
    with kiosk(tmp_path) as (loop, _, led, clock):
        run(loop, clock, (5, Action.SPIN), (60, Action.LEAVE))

    (dark_s,) = {at for at, lit in led.changes if not lit and at < 6}
    back_s = min(at for at, lit in led.changes if lit and at > 6)
    assert dark_s == 5.0
    assert 20 <= back_s <= 20.5  # 11 s of spin and 4 s of result


def test_a_kiosk_that_hangs_is_seen_in_the_age_of_its_last_frame(tmp_path: Path) -> None:
    reports: list[Health | None] = []
    with kiosk(tmp_path) as (loop, _, _, clock):
        assert loop._vitals.report() is None

        def hangs() -> None:
            reports.append(loop._vitals.report())
            clock.advance_ns(100 * NS_PER_S)
            reports.append(loop._vitals.report())

        run(loop, clock, (5, Action.SPIN), (30, hangs), (131, Action.LEAVE))

    before, after = reports
    assert before is not None
    assert after is not None
    assert (before.state, before.generation, before.spins, before.watcher_alive) == ("idle", 1, 1, True)
    assert before.last_spin_at.startswith("20")
    assert before.last_frame_age_ms <= 5100
    assert after.last_frame_age_ms >= 100_000
    assert after.uptime_s >= 130


def test_the_session_is_asked_when_something_changed_and_not_once_a_frame(tmp_path: Path) -> None:
    """Sixty times a second: what a frame costs must not depend on the list."""
    with kiosk(tmp_path) as (loop, _, led, clock):
        run(loop, clock, (5, Action.SPIN), (15, Action.LEAVE))

    assert len(led.changes) <= 4
