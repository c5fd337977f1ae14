"""Translates keys, gamepads, USB buttons and touches into actions.

A letter or a digit counts if it is engraved on the key, and otherwise if the key is where a US keyboard has it:
Cyrillic and Arabic keyboards have no A, and AZERTY has digits only with Shift.

Invariant: unknown input is ignored. In full screen only Ctrl+Shift+Q leaves; in a window, Esc and the window's close
button do too.
"""

import logging
from collections.abc import Iterable
from enum import Enum
from typing import Protocol

import pygame

from kiosk.devices.touch import TouchButton

logger = logging.getLogger(__name__)

_VISIBLE = frozenset((pygame.WINDOWEXPOSED, pygame.WINDOWRESTORED, pygame.WINDOWSHOWN, pygame.VIDEOEXPOSE))
"""The window can be seen: it was hidden or covered, or is new."""
_HIDDEN = frozenset((pygame.WINDOWHIDDEN, pygame.WINDOWMINIMIZED))
_CHANGED = frozenset((pygame.WINDOWDISPLAYCHANGED, pygame.RENDER_TARGETS_RESET))
"""The window moved to another display (one that is plugged in again counts), or the GPU forgot what was drawn."""


class Action(Enum):
    """What a person or the window system asks for."""

    SPIN = "spin"
    ABSENT = "absent"
    DIAGNOSE = "diagnose"
    LEAVE = "leave"
    REDRAW = "redraw"
    APPEAR = "appear"
    """The window can be seen; it may have been visible before."""
    HIDE = "hide"
    """The window was hidden or minimised."""
    LOSE = "lose"
    """The GPU was reset: every picture on it is gone."""
    NEXT = "next"
    PREVIOUS = "previous"
    WINNERS = "winners"
    CURTAIN = "curtain"
    REHEARSE = "rehearse"
    """Begin a rehearsal, or end it."""
    DIGIT_0 = "0"
    DIGIT_1 = "1"
    DIGIT_2 = "2"
    DIGIT_3 = "3"
    DIGIT_4 = "4"
    DIGIT_5 = "5"
    DIGIT_6 = "6"
    DIGIT_7 = "7"
    DIGIT_8 = "8"
    DIGIT_9 = "9"


DIGITS = tuple(Action(str(digit)) for digit in range(10))

_KEYS = {
    **dict.fromkeys((pygame.K_SPACE, pygame.K_RETURN, pygame.K_KP_ENTER, pygame.K_PAGEDOWN), Action.SPIN),
    **dict.fromkeys((pygame.K_RIGHT, pygame.K_DOWN, pygame.K_PAGEUP), Action.NEXT),
    **dict.fromkeys((pygame.K_LEFT, pygame.K_UP), Action.PREVIOUS),
}
"""Whatever is held besides. A presenter's clicker sends Page Down for forwards and Page Up for back: with the one it
spins, and with the other it looks at one prize after the other."""
_LETTERS = {
    pygame.K_a: Action.ABSENT,
    pygame.K_w: Action.WINNERS,
    pygame.K_r: Action.REHEARSE,
    **dict.fromkeys((pygame.K_b, pygame.K_PERIOD, pygame.K_KP_PERIOD), Action.CURTAIN),
    **{key: digit for digit, key in zip(DIGITS, range(pygame.K_0, pygame.K_9 + 1), strict=True)},
    pygame.K_KP0: Action.DIGIT_0,
    **{key: digit for digit, key in zip(DIGITS[1:], range(pygame.K_KP1, pygame.K_KP9 + 1), strict=True)},
}
"""By what is engraved on the key. Only by themselves: with Ctrl, Alt or Meta they may be somebody's shortcut."""
_LETTER_PLACES = {
    pygame.KSCAN_A: Action.ABSENT,
    pygame.KSCAN_W: Action.WINNERS,
    pygame.KSCAN_B: Action.CURTAIN,
    pygame.KSCAN_R: Action.REHEARSE,
    pygame.KSCAN_0: Action.DIGIT_0,
    **{key: digit for digit, key in zip(DIGITS[1:], range(pygame.KSCAN_1, pygame.KSCAN_9 + 1), strict=True)},
}
"""By the place of the key, where what is engraved on it is none of the above."""

_CHORDS = {pygame.K_q: Action.LEAVE, pygame.K_d: Action.DIAGNOSE}
_CHORD_PLACES = {pygame.KSCAN_Q: Action.LEAVE, pygame.KSCAN_D: Action.DIAGNOSE}
"""With Ctrl and Shift, so that nobody presses them by leaning on the keyboard."""


_OF_THE_WINDOW = {
    **dict.fromkeys(_VISIBLE, Action.APPEAR),
    **dict.fromkeys(_HIDDEN, Action.HIDE),
    **dict.fromkeys(_CHANGED, Action.REDRAW),
    pygame.RENDER_DEVICE_RESET: Action.LOSE,
}


class InputSource(Protocol):
    """A source of actions."""

    def poll(self) -> list[Action]:
        """Return the actions since the last call."""
        ...


class CombinedInputs:
    """Several sources as one, in order."""

    def __init__(self, sources: Iterable[InputSource]) -> None:
        self._sources = tuple(sources)

    def poll(self) -> list[Action]:
        """Return the actions of all sources since the last call."""
        return [action for source in self._sources for action in source.poll()]


class Inputs:
    """Reads the event queue of pygame.

    Args:
        windowed: whether the kiosk runs in a window that the user may close.
        touch: the button on the screen; None if there is none.
    """

    def __init__(self, *, windowed: bool, touch: TouchButton | None = None) -> None:
        self._windowed = windowed
        self._touch = touch
        self._joysticks: dict[int, pygame.joystick.JoystickType] = {}

    def open_devices(self) -> None:
        """Open gamepads and USB buttons; pygame reports those that are plugged in later."""
        try:
            pygame.joystick.init()
        except pygame.error as error:
            logger.warning("no gamepads or USB buttons: %s", error)

    def poll(self) -> list[Action]:
        """Return the actions since the last call."""
        actions = [action for event in pygame.event.get() if (action := self._action(event)) is not None]
        if self._touch is not None and self._touch.pressed():
            actions.append(Action.SPIN)
        return actions

    @property
    def held(self) -> float:
        """How far the button on the screen is held, 0..1."""
        return self._touch.held if self._touch is not None else 0.0

    def _action(self, event: pygame.Event) -> Action | None:
        if self._touch is not None:
            self._touch.see(event)
            if event.type in _HIDDEN:
                self._touch.let_go()
        if event.type == pygame.KEYDOWN:
            return self._key(event)
        if event.type == pygame.JOYBUTTONDOWN:
            return Action.SPIN
        if event.type in {pygame.QUIT, pygame.WINDOWCLOSE}:
            return Action.LEAVE if self._windowed else None
        if event.type in _OF_THE_WINDOW:
            return _OF_THE_WINDOW[event.type]
        if event.type == pygame.JOYDEVICEADDED:
            self._plug(event.device_index)
        elif event.type == pygame.JOYDEVICEREMOVED:
            self._joysticks.pop(event.instance_id, None)
        return None

    def _key(self, event: pygame.Event) -> Action | None:
        if event.key in _KEYS:
            return _KEYS[event.key]
        if event.key == pygame.K_ESCAPE:
            return Action.LEAVE if self._windowed else None
        if not event.mod & (pygame.KMOD_CTRL | pygame.KMOD_ALT | pygame.KMOD_META):
            return _LETTERS.get(event.key) or _LETTER_PLACES.get(event.scancode)
        if event.mod & pygame.KMOD_CTRL and event.mod & pygame.KMOD_SHIFT:
            return _CHORDS.get(event.key) or _CHORD_PLACES.get(event.scancode)
        return None

    def _plug(self, device_index: int) -> None:
        try:
            joystick = pygame.joystick.Joystick(device_index)
        except pygame.error as error:
            logger.warning("a button or gamepad could not be opened: %s", error)
            return
        self._joysticks[joystick.get_instance_id()] = joystick
        logger.info("button or gamepad: %s", joystick.get_name())
