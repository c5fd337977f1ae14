"""What each key and button does, in a window and in full screen; everything else is ignored."""

import logging
from collections.abc import Iterator
from typing import Any

import pygame
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from kiosk.devices.inputs import DIGITS, Action, Inputs

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


def key(code: int, mod: int = 0, place: int = 0) -> tuple[int, dict[str, Any]]:
    return (pygame.KEYDOWN, {"key": code, "mod": mod, "unicode": "", "scancode": place})


@WINDOWED
def test_space_enter_and_page_down_spin_whatever_is_locked(windowed: bool) -> None:
    for code in (pygame.K_SPACE, pygame.K_RETURN, pygame.K_KP_ENTER, pygame.K_PAGEDOWN):
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


MEANINGS = {
    pygame.K_RIGHT: Action.NEXT,
    pygame.K_DOWN: Action.NEXT,
    pygame.K_PAGEUP: Action.NEXT,
    pygame.K_LEFT: Action.PREVIOUS,
    pygame.K_UP: Action.PREVIOUS,
    pygame.K_w: Action.WINNERS,
    pygame.K_r: Action.REHEARSE,
    pygame.K_b: Action.CURTAIN,
    pygame.K_PERIOD: Action.CURTAIN,
    pygame.K_KP_PERIOD: Action.CURTAIN,
    **dict(zip(range(pygame.K_0, pygame.K_9 + 1), DIGITS, strict=True)),
    **dict(zip((pygame.K_KP0, *range(pygame.K_KP1, pygame.K_KP9 + 1)), DIGITS, strict=True)),
}


@WINDOWED
@pytest.mark.parametrize("code", MEANINGS)
def test_keys_look_at_prizes_and_winners_and_name_places(code: int, windowed: bool) -> None:
    for mod in (0, pygame.KMOD_NUM, pygame.KMOD_CAPS):
        assert after(key(code, mod), windowed=windowed) == [MEANINGS[code]]


@given(st.integers(0, 1 << 20), st.integers(0, 0xFFFF))
def test_no_other_key_does_anything_in_full_screen(code: int, mod: int) -> None:
    assume(code not in {*MEANINGS, pygame.K_a, pygame.K_SPACE, pygame.K_RETURN, pygame.K_KP_ENTER, pygame.K_PAGEDOWN})
    chords = {pygame.K_q: [Action.LEAVE], pygame.K_d: [Action.DIAGNOSE]}
    chord = mod & pygame.KMOD_CTRL and mod & pygame.KMOD_SHIFT

    assert after(key(code, mod), windowed=False) == (chords.get(code, []) if chord else [])


@pytest.mark.parametrize(
    ("engraved", "place", "action"),
    [
        pytest.param(ord("ф"), pygame.KSCAN_A, Action.ABSENT, id="Cyrillic, for A"),
        pytest.param(ord("ش"), pygame.KSCAN_A, Action.ABSENT, id="Arabic, for A"),
        pytest.param(ord("ц"), pygame.KSCAN_W, Action.WINNERS, id="Cyrillic, for W"),
        pytest.param(ord("и"), pygame.KSCAN_B, Action.CURTAIN, id="Cyrillic, for B"),
        pytest.param(ord("к"), pygame.KSCAN_R, Action.REHEARSE, id="Cyrillic, for R"),
        pytest.param(pygame.K_AMPERSAND, pygame.KSCAN_1, Action.DIGIT_1, id="AZERTY, for 1"),
        pytest.param(ord("à"), pygame.KSCAN_0, Action.DIGIT_0, id="AZERTY, for 0"),
        pytest.param(pygame.K_a, pygame.KSCAN_Q, Action.ABSENT, id="AZERTY's own A"),
    ],
)
def test_a_key_counts_by_its_place_where_its_letter_is_another(engraved: int, place: int, action: Action) -> None:
    assert after(key(engraved, place=place), windowed=False) == [action]
    assert after(key(engraved, pygame.KMOD_LALT, place), windowed=False) == []


def test_the_chords_work_on_keyboards_without_latin_letters() -> None:
    for place, action in ((pygame.KSCAN_Q, Action.LEAVE), (pygame.KSCAN_D, Action.DIAGNOSE)):
        assert after(key(ord("й"), CTRL_SHIFT, place), windowed=False) == [action]
        assert after(key(ord("й"), pygame.KMOD_LCTRL, place), windowed=False) == []


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
