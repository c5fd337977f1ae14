"""The button on the screen: what a finger, a second finger and a click do to it, on every rotation."""

from collections.abc import Iterator
from typing import Any

import pygame
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.core.clock import NS_PER_MS, ManualClock
from kiosk.devices.inputs import Action, Inputs
from kiosk.devices.touch import HOLD_MS, TouchButton
from kiosk.screen.options import Rotation

SIZE = (800, 480)
BOX = pygame.Rect(600, 380, 60, 60)
INSIDE, BESIDE = (630, 410), (500, 410)


class Hand:
    """A kiosk's inputs, and what touches its screen.

    Attributes:
        shown: where the button is; None hides it.
    """

    def __init__(self, rotate: Rotation = 0) -> None:
        self.shown: pygame.Rect | None = BOX
        self.clock = ManualClock()
        self.touch = TouchButton(lambda: self.shown, SIZE, rotate=rotate, clock=self.clock)
        self.inputs = Inputs(windowed=False, touch=self.touch)

    def does(self, kind: int, at: tuple[float, float] = INSIDE, finger: int = 1) -> None:
        about: dict[str, Any] = {"touch_id": 1, "finger_id": finger, "x": at[0] / SIZE[0], "y": at[1] / SIZE[1]}
        if kind in {pygame.MOUSEBUTTONDOWN, pygame.MOUSEBUTTONUP}:
            about = {"button": finger, "pos": at, "touch": False}
        pygame.event.post(pygame.event.Event(kind, about))

    def after(self, ms: int) -> list[Action]:
        """Let that time pass in steps of a frame, and return what was asked for."""
        actions: list[Action] = self.inputs.poll()
        for _ in range(ms // 10):
            self.clock.sleep_ns(10 * NS_PER_MS)
            actions += self.inputs.poll()
        return actions


@pytest.fixture(scope="module", autouse=True)
def _display() -> Iterator[None]:
    pygame.display.init()
    pygame.display.set_mode(SIZE)
    yield
    pygame.quit()


@pytest.fixture
def hand() -> Hand:
    pygame.event.clear()
    return Hand()


def test_a_finger_that_holds_the_button_for_half_a_second_spins_once(hand: Hand) -> None:
    hand.does(pygame.FINGERDOWN)

    assert hand.after(HOLD_MS - 10) == []
    assert hand.after(10) == [Action.SPIN]
    assert hand.after(3000) == []


def test_the_ring_fills_while_a_finger_holds_and_is_empty_after_it(hand: Hand) -> None:
    assert hand.inputs.held == 0
    hand.does(pygame.FINGERDOWN)
    hand.after(HOLD_MS // 2)
    assert hand.inputs.held == pytest.approx(0.5, abs=0.03)
    hand.does(pygame.FINGERUP)
    hand.after(10)

    assert hand.inputs.held == 0


def test_a_finger_that_lets_go_early_does_nothing(hand: Hand) -> None:
    for _ in range(20):
        hand.does(pygame.FINGERDOWN)
        assert hand.after(HOLD_MS - 20) == []
        hand.does(pygame.FINGERUP)
        assert hand.after(50) == []


def test_a_click_that_is_held_counts_the_same_and_only_the_left_button(hand: Hand) -> None:
    hand.does(pygame.MOUSEBUTTONDOWN, finger=1)
    assert hand.after(HOLD_MS) == [Action.SPIN]
    hand.does(pygame.MOUSEBUTTONUP, finger=1)
    for button in (2, 3, 4):
        hand.does(pygame.MOUSEBUTTONDOWN, finger=button)
        assert hand.after(2 * HOLD_MS) == []


def test_a_finger_beside_the_button_or_one_that_slides_off_it_does_nothing(hand: Hand) -> None:
    hand.does(pygame.FINGERDOWN, BESIDE)
    hand.does(pygame.FINGERMOTION, INSIDE)
    assert hand.after(2 * HOLD_MS) == []
    hand.does(pygame.FINGERUP)
    hand.does(pygame.FINGERDOWN)
    assert hand.after(HOLD_MS // 2) == []
    hand.does(pygame.FINGERMOTION, BESIDE)

    assert hand.after(2 * HOLD_MS) == []


def test_a_finger_may_roll_a_little_while_it_holds(hand: Hand) -> None:
    hand.does(pygame.FINGERDOWN)
    hand.after(HOLD_MS // 2)
    hand.does(pygame.FINGERMOTION, (BOX.right + 5, 410))

    assert hand.after(HOLD_MS // 2) == [Action.SPIN]


def test_a_second_finger_neither_helps_nor_hinders_the_first(hand: Hand) -> None:
    hand.does(pygame.FINGERDOWN, finger=1)
    hand.after(HOLD_MS // 2)
    hand.does(pygame.FINGERDOWN, finger=2)
    hand.does(pygame.FINGERMOTION, BESIDE, finger=2)
    hand.does(pygame.FINGERUP, BESIDE, finger=2)
    assert hand.after(HOLD_MS // 2) == [Action.SPIN]

    hand.does(pygame.FINGERUP, finger=1)
    hand.does(pygame.FINGERDOWN, finger=3)
    hand.after(HOLD_MS // 2)
    hand.does(pygame.FINGERDOWN, finger=4)
    hand.does(pygame.FINGERUP, finger=3)
    assert hand.after(2 * HOLD_MS) == []


def test_a_finger_that_was_there_before_the_button_or_outlasts_it_does_nothing(hand: Hand) -> None:
    hand.shown = None
    hand.does(pygame.FINGERDOWN)
    hand.after(50)
    hand.shown = BOX
    assert hand.after(2 * HOLD_MS) == []

    hand.does(pygame.FINGERUP)
    hand.does(pygame.FINGERDOWN)
    hand.after(HOLD_MS // 2)
    hand.shown = None
    hand.after(50)
    hand.shown = BOX
    assert hand.after(2 * HOLD_MS) == []


def test_the_mouse_that_sdl_makes_of_a_finger_is_ignored(hand: Hand) -> None:
    pygame.event.post(pygame.event.Event(pygame.MOUSEBUTTONDOWN, {"button": 1, "pos": INSIDE, "touch": True}))

    assert hand.after(2 * HOLD_MS) == []


def test_a_hidden_window_lets_go(hand: Hand) -> None:
    hand.does(pygame.FINGERDOWN)
    hand.after(HOLD_MS // 2)
    pygame.event.post(pygame.event.Event(pygame.WINDOWHIDDEN))

    assert Action.SPIN not in hand.after(2 * HOLD_MS)


def test_without_a_button_on_the_screen_no_touch_does_anything() -> None:
    pygame.event.clear()
    hand = Hand()
    hand.inputs = Inputs(windowed=False)
    hand.does(pygame.FINGERDOWN)
    hand.does(pygame.MOUSEBUTTONDOWN)

    assert hand.after(2 * HOLD_MS) == []
    assert hand.inputs.held == 0


@pytest.mark.parametrize(
    ("rotate", "x", "y"),
    [
        (0, 630 / 800, 410 / 480),
        (90, 1 - 410 / 480, 630 / 800),
        (180, 1 - 630 / 800, 1 - 410 / 480),
        (270, 410 / 480, 1 - 630 / 800),
    ],
)
def test_a_finger_finds_the_button_on_a_turned_screen(rotate: Rotation, x: float, y: float) -> None:
    """A window at 90 degrees shows the left edge of the picture at its top."""
    pygame.event.clear()
    hand = Hand(rotate)
    about = {"touch_id": 1, "finger_id": 1, "x": x, "y": y}
    pygame.event.post(pygame.event.Event(pygame.FINGERDOWN, about))

    assert hand.after(HOLD_MS) == [Action.SPIN]


@given(st.lists(st.tuples(st.integers(1, 3), st.booleans(), st.integers(0, HOLD_MS // 10 - 1))))
def test_no_row_of_taps_and_swipes_spins(taps: list[tuple[int, bool, int]]) -> None:
    pygame.event.clear()
    hand = Hand()
    for finger, slides, frames in taps:
        hand.does(pygame.FINGERDOWN, INSIDE, finger)
        assert hand.after(frames * 10) == []
        if slides:
            hand.does(pygame.FINGERMOTION, BESIDE, finger)
        hand.does(pygame.FINGERUP, BESIDE if slides else INSIDE, finger)
        assert hand.after(0) == []
    assert hand.after(2 * HOLD_MS) == []
