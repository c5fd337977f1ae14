"""Translates keys, gamepads and USB buttons into actions.

Invariant: unknown input is ignored. In full screen only Ctrl+Shift+Q leaves; in a window, Esc and the window's close
button do too.
"""

import logging
from collections.abc import Iterable
from enum import Enum
from typing import Protocol

import pygame

logger = logging.getLogger(__name__)

_SPIN_KEYS = frozenset((pygame.K_SPACE, pygame.K_RETURN, pygame.K_KP_ENTER))
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


_CHORDS = {pygame.K_q: Action.LEAVE, pygame.K_d: Action.DIAGNOSE}
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
    """

    def __init__(self, *, windowed: bool) -> None:
        self._windowed = windowed
        self._joysticks: dict[int, pygame.joystick.JoystickType] = {}

    def open_devices(self) -> None:
        """Open gamepads and USB buttons; pygame reports those that are plugged in later."""
        try:
            pygame.joystick.init()
        except pygame.error as error:
            logger.warning("no gamepads or USB buttons: %s", error)

    def poll(self) -> list[Action]:
        """Return the actions since the last call."""
        return [action for event in pygame.event.get() if (action := self._action(event)) is not None]

    def _action(self, event: pygame.Event) -> Action | None:
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
        if event.key in _SPIN_KEYS:
            return Action.SPIN
        if event.key == pygame.K_a and not event.mod & (pygame.KMOD_CTRL | pygame.KMOD_ALT | pygame.KMOD_META):
            return Action.ABSENT
        if event.key == pygame.K_ESCAPE and self._windowed:
            return Action.LEAVE
        chord = event.mod & pygame.KMOD_CTRL and event.mod & pygame.KMOD_SHIFT
        return _CHORDS.get(event.key) if chord else None

    def _plug(self, device_index: int) -> None:
        try:
            joystick = pygame.joystick.Joystick(device_index)
        except pygame.error as error:
            logger.warning("a button or gamepad could not be opened: %s", error)
            return
        self._joysticks[joystick.get_instance_id()] = joystick
        logger.info("button or gamepad: %s", joystick.get_name())
