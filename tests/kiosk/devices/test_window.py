"""A hidden window is taken up again in full screen, and ends the process if nothing brings it back."""

import logging

import pytest

from kiosk.core.clock import NS_PER_S, ManualClock
from kiosk.core.errors import ScreenError
from kiosk.devices.window import HIDDEN_LIMIT_NS, TAKE_UP_NS, Window
from kiosk.devices.x_server import leave_when_lost

TENTH = NS_PER_S // 10


class Screen:
    def __init__(self, clock: ManualClock) -> None:
        self._clock = clock
        self.taken_up: list[float] = []

    def take_up(self) -> None:
        self.taken_up.append(self._clock.monotonic_ns() / NS_PER_S)


def watched(*, full_screen: bool, seconds: float) -> tuple[Window, list[float]]:
    """Hide a window and watch it for some seconds; returns it, and when it was taken up."""
    clock = ManualClock()
    screen = Screen(clock)
    window = Window(screen, clock, full_screen=full_screen)
    window.hide()
    while clock.monotonic_ns() < seconds * NS_PER_S:
        clock.sleep_ns(TENTH)
        window.watch()
    return window, screen.taken_up


def test_a_hidden_full_screen_window_is_taken_up_once_a_second() -> None:
    window, taken_up = watched(full_screen=True, seconds=3.5)

    assert taken_up == [1.0, 2.0, 3.0]
    assert window.hidden, "only the window system knows when it is visible"


def test_a_window_that_a_person_minimised_is_left_alone() -> None:
    assert watched(full_screen=False, seconds=2 * HIDDEN_LIMIT_NS / NS_PER_S)[1] == []


def test_a_window_that_nothing_brings_back_ends_with_the_code_of_a_screen() -> None:
    with pytest.raises(ScreenError, match="hidden for 20 s") as caught:
        watched(full_screen=True, seconds=(HIDDEN_LIMIT_NS + TAKE_UP_NS) / NS_PER_S)
    assert caught.value.exit_code == 9


def test_a_window_is_hidden_once_and_appears_once(caplog: pytest.LogCaptureFixture) -> None:
    window = Window(Screen(ManualClock()), ManualClock(), full_screen=True)
    with caplog.at_level(logging.WARNING):
        assert not window.appear()
        window.hide()
        window.hide()
        assert window.hidden
        assert window.appear()
        assert not window.appear()

    assert window.times_hidden == 1
    assert [record.message.split(":")[0] for record in caplog.records] == [
        "the window is hidden",
        "the window is visible again after 0 ms",
    ]


@pytest.mark.parametrize("driver", ["dummy", "kmsdrm", "windows", "cocoa"])
def test_only_an_x_server_needs_a_handler_for_its_loss(driver: str) -> None:
    assert not leave_when_lost(driver)
