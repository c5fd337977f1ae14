"""A push button on a GPIO pin, and the LED that says that a press would spin the wheel.

Invariant: a wheel without this button is a whole wheel. No gpiozero, no GPIO chip, a pin that somebody else holds: one
log line, and the keyboard. gpiozero is imported only if a pin is configured. Edges come on gpiozero's thread and are
only put into a queue there; what they mean is decided in `poll`, on the loop's, by `Contact`.
"""

import logging
from collections import deque
from collections.abc import Callable
from typing import Any, Protocol

from kiosk.core.clock import NS_PER_MS, Clock
from kiosk.devices.inputs import Action

logger = logging.getLogger(__name__)


class Button(Protocol):
    """What the loop needs of a button."""

    def poll(self) -> list[Action]:
        """Return the presses since the last call."""
        ...

    def say_ready(self, *, ready: bool) -> None:
        """Light the LED, or put it out."""
        ...

    def close(self) -> None:
        """Give the pins back."""
        ...


class NoButton:
    """There is none."""

    def poll(self) -> list[Action]:
        """Return nothing."""
        return []

    def say_ready(self, *, ready: bool) -> None:
        """Light nothing."""

    def close(self) -> None:
        """Nothing to give back."""


class Contact:
    """A bouncing contact as presses: a level counts once it has not changed for the debounce time.

    Pure: it is told edges with their times, and asked at later times. One press is one press however long it lasts.

    Args:
        debounce_ns: how long the contact may bounce, in ns.
        hold_ns: how long it must be down before it is a press, in ns; counted from the last bounce.
    """

    def __init__(self, *, debounce_ns: int, hold_ns: int) -> None:
        self._debounce_ns = debounce_ns
        self._hold_ns = max(hold_ns, debounce_ns)
        self._edge_ns = 0
        self.down = False
        """The level that was told last, bouncing or not."""
        self._settled_down = False
        self._counted = False

    def edge(self, *, down: bool, at_ns: int) -> int:
        """Take an edge into account; returns the presses (0 or 1) that were complete before it."""
        pressed = self.presses(at_ns)
        if down != self.down:
            self.down, self._edge_ns = down, at_ns
        return pressed

    def presses(self, now_ns: int) -> int:
        """Return how many presses (0 or 1) became complete since the last call."""
        stable_ns = now_ns - self._edge_ns
        if stable_ns >= self._debounce_ns and self._settled_down != self.down:
            self._settled_down, self._counted = self.down, False
        if self._settled_down and self.down and not self._counted and stable_ns >= self._hold_ns:
            self._counted = True
            return 1
        return 0


class GpioButton:
    """A button between a pin and ground, with the pin's own pull-up.

    Args:
        pin: its BCM number.
        led_pin: of the LED; None if there is none.
        debounce_ms: see `Contact`.
        hold_ms: see `Contact`.
        clock: the loop's.
        factory: gpiozero's pins, mock pins in tests; None takes those of lgpio.

    Raises:
        Exception: whatever gpiozero and lgpio raise where there is no such pin; see `open_button`.
    """

    def __init__(
        self,
        *,
        pin: int,
        led_pin: int | None,
        debounce_ms: int,
        hold_ms: int,
        clock: Clock,
        factory: Any = None,
    ) -> None:
        import gpiozero  # noqa: PLC0415 - only where a button is configured

        self._clock = clock
        self._contact = Contact(debounce_ns=debounce_ms * NS_PER_MS, hold_ns=hold_ms * NS_PER_MS)
        self._edges: deque[tuple[bool, int]] = deque(maxlen=256)
        self._lit: bool | None = None
        factory = factory or _lgpio_pins()
        self._button = gpiozero.Button(pin, pull_up=True, pin_factory=factory)
        try:
            self._led = None if led_pin is None else gpiozero.LED(led_pin, pin_factory=factory)
        except BaseException:
            self._button.close()
            raise
        self._button.when_pressed = self._noting(down=True)
        self._button.when_released = self._noting(down=False)

    def _noting(self, *, down: bool) -> Callable[[], None]:
        return lambda: self._edges.append((down, self._clock.monotonic_ns()))

    def poll(self) -> list[Action]:
        """Return the presses since the last call."""
        count = 0
        while self._edges:
            down, at_ns = self._edges.popleft()
            count += self._contact.edge(down=down, at_ns=at_ns)
        now = self._clock.monotonic_ns()
        down = bool(self._button.is_pressed)
        if down != self._contact.down and not self._edges:  # an edge that nobody told: the level is the truth
            count += self._contact.edge(down=down, at_ns=now)
        return [Action.SPIN] * (count + self._contact.presses(now))

    def say_ready(self, *, ready: bool) -> None:
        """Light the LED, or put it out."""
        if self._led is not None and ready != self._lit:
            self._lit = ready
            self._led.value = ready

    def close(self) -> None:
        """Give the pins back."""
        if self._led is not None:
            self._led.close()
        self._button.close()


def open_button(
    *, pin: int | None, led_pin: int | None, debounce_ms: int, hold_ms: int, clock: Clock, factory: Any = None
) -> Button:
    """Return the button on `pin`, or none where there is no pin configured or none can be used."""
    if pin is None:
        return NoButton()
    try:
        button = GpioButton(
            pin=pin, led_pin=led_pin, debounce_ms=debounce_ms, hold_ms=hold_ms, clock=clock, factory=factory
        )
    except Exception as error:
        # Not only gpiozero's own errors: lgpio raises its own kind, and what is missing raises ImportError.
        logger.warning("no button on GPIO %d (%s: %s); the keyboard works", pin, type(error).__name__, error)
        return NoButton()
    logger.info("button on GPIO %d%s", pin, "" if led_pin is None else f", LED on GPIO {led_pin}")
    return button


def _lgpio_pins() -> Any:
    from gpiozero.pins.lgpio import LGPIOFactory  # noqa: PLC0415 - as above

    return LGPIOFactory()
