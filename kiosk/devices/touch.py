"""The button on the screen: a finger or a click that holds it for half a second spins.

Invariant: a tap, a swipe, or a finger that came down beside the button or before the button was there never spins, and
one that stays down spins once. Only the first finger on the button counts; others neither help nor hinder it.
"""

from collections.abc import Callable, Hashable

import pygame

from kiosk.core.clock import NS_PER_MS, Clock
from kiosk.screen.options import Rotation

HOLD_MS = 500
_SLACK = 1.3
"""A finger rolls a little while it holds: it may leave the button by this factor of its size."""
_LEFT = 1
"""The mouse button that counts."""
_DOWN = frozenset((pygame.FINGERDOWN, pygame.MOUSEBUTTONDOWN))
_UP = frozenset((pygame.FINGERUP, pygame.MOUSEBUTTONUP))
_FINGERS = frozenset((pygame.FINGERDOWN, pygame.FINGERMOTION, pygame.FINGERUP))
_POINTERS = _DOWN | _UP | {pygame.FINGERMOTION, pygame.MOUSEMOTION}


class TouchButton:
    """Follows fingers and the mouse over the button that the view draws.

    Args:
        button: returns where the button is in the picture, in pixels; None while it is not shown.
        size: of the picture in pixels.
        rotate: degrees clockwise by which the window shows the picture.
        clock: measures how long it is held.
    """

    def __init__(
        self, button: Callable[[], pygame.Rect | None], size: tuple[int, int], *, rotate: Rotation, clock: Clock
    ) -> None:
        self._button = button
        self._size = size
        self._rotate = rotate
        self._clock = clock
        self._holder: Hashable | None = None
        self._since_ns = 0

    @property
    def held(self) -> float:
        """How far the button is held, 0..1; 0 while nobody does."""
        if self._holder is None:
            return 0.0
        return min(1.0, (self._clock.monotonic_ns() - self._since_ns) / (HOLD_MS * NS_PER_MS))

    def see(self, event: pygame.Event) -> None:
        """Follow one event; other events than those of fingers and the mouse are ignored."""
        if event.type not in _POINTERS or getattr(event, "touch", False):  # SDL makes a mouse of each finger, too
            return
        box = self._button()
        who = self._who(event)
        if event.type in _DOWN:
            if self._holder is None and who is not None and box is not None and box.collidepoint(self._at(event)):
                self._holder, self._since_ns = who, self._clock.monotonic_ns()
        elif who == self._holder and (event.type in _UP or box is None or not self._near(box, event)):
            self.let_go()

    def let_go(self) -> None:
        """Forget who holds it: the window was hidden."""
        self._holder = None

    def pressed(self) -> bool:
        """Return whether it has been held long enough, once for each hold. Ask after `see` has seen all events."""
        if self._holder is not None and self._button() is None:
            self.let_go()
        if self.held < 1:
            return False
        self.let_go()
        return True

    def _who(self, event: pygame.Event) -> Hashable | None:
        """Return which finger, or the mouse; None for a mouse button that does not count."""
        if event.type in _FINGERS:
            return (event.touch_id, event.finger_id)
        return "mouse" if event.type == pygame.MOUSEMOTION or event.button == _LEFT else None

    def _near(self, box: pygame.Rect, event: pygame.Event) -> bool:
        return box.scale_by(_SLACK).collidepoint(self._at(event))

    def _at(self, event: pygame.Event) -> tuple[float, float]:
        """Return where an event is in the picture, in pixels."""
        if event.type in _FINGERS:
            x, y = event.x, event.y
        else:
            window = getattr(event, "window", None)
            wide, high = window.size if window is not None else pygame.display.get_window_size()
            x, y = event.pos[0] / wide, event.pos[1] / high
        x, y = {0: (x, y), 90: (y, 1 - x), 180: (1 - x, 1 - y), 270: (1 - y, x)}[self._rotate]
        return x * self._size[0], y * self._size[1]
