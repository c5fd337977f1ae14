"""What each key and button does, in a window and in full screen; everything else is ignored."""

import logging
from collections.abc import Iterator
from typing import Any

import pygame
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.devices.inputs import Action, Inputs

WINDOWED = pytest.mark.parametrize("windowed", [True, False], ids=["window", "full screen"])
CTRL_SHIFT = pygame.KMOD_LCTRL | pygame.KMOD_RSHIFT


@pytest.fixture(scope="module", autouse=True)
def _display() -> Iterator[None]:
    pygame.display.init()
    pygame.display.set_mode((800, 480))
    yield
    pygame.quit()


@pytest.fixture(autouse=True)
def _empty_queue() -> None:
    pygame.event.clear()


def after(*events: tuple[int, dict[str, Any]], windowed: bool = True, inputs: Inputs | None = None) -> list[Action]:
    """Post events and return what they mean."""
    for kind, about in events:
        pygame.event.post(pygame.event.Event(kind, about))
    return (inputs or Inputs(windowed=windowed)).poll()


def key(code: int, mod: int = 0) -> tuple[int, dict[str, Any]]:
    return (pygame.KEYDOWN, {"key": code, "mod": mod, "unicode": "", "scancode": 0})


@WINDOWED
def test_space_and_enter_spin_whatever_is_locked(windowed: bool) -> None:
    for code in (pygame.K_SPACE, pygame.K_RETURN, pygame.K_KP_ENTER):
        for mod in (0, pygame.KMOD_NUM, pygame.KMOD_CAPS, pygame.KMOD_LSHIFT):
            assert after(key(code, mod), windowed=windowed) == [Action.SPIN], (code, mod)


@WINDOWED
def test_any_button_of_any_device_spins(windowed: bool) -> None:
    found = after(*((pygame.JOYBUTTONDOWN, {"button": n, "instance_id": n}) for n in (0, 3, 11)), windowed=windowed)

    assert found == [Action.SPIN] * 3


def test_escape_leaves_a_window_and_not_the_full_screen() -> None:
    assert after(key(pygame.K_ESCAPE), windowed=True) == [Action.LEAVE]
    assert after(key(pygame.K_ESCAPE), windowed=False) == []


@WINDOWED
def test_ctrl_shift_q_leaves_and_less_than_that_does_not(windowed: bool) -> None:
    assert after(key(pygame.K_q, CTRL_SHIFT), windowed=windowed) == [Action.LEAVE]
    for mod in (0, pygame.KMOD_LCTRL, pygame.KMOD_LSHIFT, pygame.KMOD_ALT):
        assert after(key(pygame.K_q, mod), windowed=windowed) == []


@WINDOWED
def test_ctrl_shift_d_asks_for_the_diagnostics_and_less_than_that_does_not(windowed: bool) -> None:
    assert after(key(pygame.K_d, CTRL_SHIFT), windowed=windowed) == [Action.DIAGNOSE]
    for mod in (0, pygame.KMOD_LCTRL, pygame.KMOD_LSHIFT):
        assert after(key(pygame.K_d, mod), windowed=windowed) == []


@pytest.mark.parametrize("kind", [pygame.QUIT, pygame.WINDOWCLOSE])
def test_closing_leaves_a_window_and_not_the_full_screen(kind: int) -> None:
    assert after((kind, {}), windowed=True) == [Action.LEAVE]
    assert after((kind, {}), windowed=False) == []


@WINDOWED
@pytest.mark.parametrize(
    "kind",
    [
        pygame.WINDOWEXPOSED,
        pygame.WINDOWRESTORED,
        pygame.WINDOWSHOWN,
        pygame.VIDEOEXPOSE,
    ],
)
def test_a_window_that_was_covered_or_hidden_appears(kind: int, windowed: bool) -> None:
    assert after((kind, {}), windowed=windowed) == [Action.APPEAR]


@WINDOWED
@pytest.mark.parametrize(
    ("kind", "action"),
    [
        (pygame.WINDOWHIDDEN, Action.HIDE),
        (pygame.WINDOWMINIMIZED, Action.HIDE),
        (pygame.WINDOWDISPLAYCHANGED, Action.REDRAW),  # the display was unplugged, and another one or the same came
        (pygame.RENDER_TARGETS_RESET, Action.REDRAW),
        (pygame.RENDER_DEVICE_RESET, Action.LOSE),
    ],
)
def test_what_happens_to_the_window_is_told(kind: int, action: Action, windowed: bool) -> None:
    assert after((kind, {}), windowed=windowed) == [action]


@WINDOWED
def test_what_is_let_go_moved_or_clicked_does_nothing(windowed: bool) -> None:
    found = after(
        (pygame.KEYUP, {"key": pygame.K_SPACE, "mod": 0}),
        (pygame.JOYBUTTONUP, {"button": 0, "instance_id": 0}),
        (pygame.JOYAXISMOTION, {"axis": 0, "value": 1.0, "instance_id": 0}),
        (pygame.MOUSEBUTTONDOWN, {"button": 1, "pos": (5, 5)}),
        (pygame.MOUSEMOTION, {"pos": (5, 5), "rel": (1, 1), "buttons": (0, 0, 0)}),
        (pygame.DROPFILE, {"file": "/etc/passwd"}),
        (pygame.TEXTINPUT, {"text": " "}),
        windowed=windowed,
    )

    assert found == []


@given(st.integers(0, 1 << 20), st.integers(0, 0xFFFF))
def test_no_other_key_does_anything_in_full_screen(code: int, mod: int) -> None:
    spins = {pygame.K_SPACE, pygame.K_RETURN, pygame.K_KP_ENTER}
    chords = {pygame.K_q: [Action.LEAVE], pygame.K_d: [Action.DIAGNOSE]}
    chord = mod & pygame.KMOD_CTRL and mod & pygame.KMOD_SHIFT
    expected = [Action.SPIN] if code in spins else chords.get(code, []) if chord else []

    assert after(key(code, mod), windowed=False) == expected


def test_everything_that_happened_comes_at_once_and_in_order() -> None:
    found = after(key(pygame.K_SPACE), (pygame.WINDOWEXPOSED, {}), key(pygame.K_a), key(pygame.K_ESCAPE))

    assert found == [Action.SPIN, Action.APPEAR, Action.ABSENT, Action.LEAVE]


@pytest.mark.parametrize("modifier", [pygame.KMOD_CTRL, pygame.KMOD_ALT, pygame.KMOD_META])
def test_a_chord_with_the_letter_a_reports_nobody_absent(modifier: int) -> None:
    assert after((pygame.KEYDOWN, {"key": pygame.K_a, "mod": modifier})) == []


# ---- devices that come and go --------------------------------------------------------------------------------------


class Pad:
    """A gamepad that is plugged in."""

    def __init__(self, index: int) -> None:
        if index > 5:
            raise pygame.error("Invalid joystick device number")
        self._index = index

    def get_instance_id(self) -> int:
        return 100 + self._index

    def get_name(self) -> str:
        return f"Big Red Button {self._index}"


@pytest.fixture
def inputs(monkeypatch: pytest.MonkeyPatch) -> Inputs:
    monkeypatch.setattr(pygame.joystick, "Joystick", Pad)
    return Inputs(windowed=False)


def added(index: int) -> tuple[int, dict[str, Any]]:
    return (pygame.JOYDEVICEADDED, {"device_index": index})


def removed(instance: int) -> tuple[int, dict[str, Any]]:
    return (pygame.JOYDEVICEREMOVED, {"instance_id": instance})


def test_a_device_that_is_plugged_in_is_opened_and_kept(inputs: Inputs, caplog: pytest.LogCaptureFixture) -> None:
    """pygame closes a joystick that nobody holds, and then its buttons are silent."""
    with caplog.at_level(logging.INFO):
        assert after(added(0), added(2), inputs=inputs) == []

    assert sorted(inputs._joysticks) == [100, 102]
    assert "Big Red Button 2" in caplog.text


def test_a_device_that_is_pulled_out_is_let_go_and_can_come_back(inputs: Inputs) -> None:
    after(added(0), added(1), removed(100), inputs=inputs)
    assert sorted(inputs._joysticks) == [101]
    after(removed(100), removed(7), added(0), inputs=inputs)
    assert sorted(inputs._joysticks) == [100, 101]


def test_a_device_that_cannot_be_opened_is_a_log_line(inputs: Inputs, caplog: pytest.LogCaptureFixture) -> None:
    assert after(added(9), key(pygame.K_SPACE), inputs=inputs) == [Action.SPIN]
    assert "could not be opened" in caplog.text


def test_a_machine_without_joysticks_is_a_log_line(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse() -> None:
        raise pygame.error("no joystick subsystem")

    monkeypatch.setattr(pygame.joystick, "init", refuse)
    inputs = Inputs(windowed=False)
    inputs.open_devices()

    assert "no gamepads or USB buttons" in caplog.text
    assert after(key(pygame.K_SPACE), inputs=inputs) == [Action.SPIN]
