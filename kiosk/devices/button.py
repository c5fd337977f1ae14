"""A push button on a GPIO pin, and an LED that is lit while a press would spin the wheel.

Invariant: the button is optional. Without gpiozero, without a GPIO chip, or with a pin in use, the kiosk logs one line
and the keyboard still works. gpiozero is imported only if a pin is configured. Its thread only queues edges; `poll`
interprets them on the loop's thread with `Contact`.
"""

import logging
from collections import deque
from collections.abc import Callable
from typing import Any, Protocol

from kiosk.core.clock import NS_PER_MS, Clock
from kiosk.devices.inputs import Action

logger = logging.getLogger(__name__)


class Button(Protocol):
    """A button with an LED.

    Attributes:
        settling: whether it moved a moment ago, so that a press may count soon: poll it again as soon as possible.
    """

    @property
    def settling(self) -> bool:
        """See the class."""
        ...

    def poll(self) -> list[Action]:
        """Return the presses since the last call."""
        ...

    def say_ready(self, *, ready: bool) -> None:
        """Turn the LED on or off."""
        ...

    def close(self) -> None:
        """Release the pins."""
        ...


class NoButton:
    """No button is configured, or none can be used."""

    settling = False

    def poll(self) -> list[Action]:
        """Return no presses."""
        return []

    def say_ready(self, *, ready: bool) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Do nothing."""


class Contact:
    """Debounces a contact: a level counts once it has been stable for the debounce time.

    Pure: it gets edges with their times and is queried at later times. A press counts once, however long it lasts.

    Args:
        debounce_ns: how long the contact may bounce, in ns.
        hold_ns: how long the contact must be down to count as a press, in ns, from the last bounce.
    """

    def __init__(self, *, debounce_ns: int, hold_ns: int) -> None:
        self._debounce_ns = debounce_ns
        self._hold_ns = max(hold_ns, debounce_ns)
        self._edge_ns = 0
        self.down = False
        """The level of the last edge, bouncing or not."""
        self._settled_down = False
        self._counted = False

    def edge(self, *, down: bool, at_ns: int) -> int:
        """Process an edge; returns how many presses (0 or 1) were completed before it."""
        pressed = self.presses(at_ns)
        if down != self.down:
            self.down, self._edge_ns = down, at_ns
        return pressed

    def presses(self, now_ns: int) -> int:
        """Return how many presses (0 or 1) were completed since the last call."""
        stable_ns = now_ns - self._edge_ns
        if stable_ns >= self._debounce_ns and self._settled_down != self.down:
            self._settled_down, self._counted = self.down, False
        if self._settled_down and self.down and not self._counted and stable_ns >= self._hold_ns:
            self._counted = True
            return 1
        return 0

    @property
    def settling(self) -> bool:
        """Whether the last edge may still count: its level has not been stable for long enough."""
        return self._settled_down != self.down or (self.down and not self._counted)


class GpioButton:
    """A button between a pin and ground, with the pin's internal pull-up.

    Args:
        pin: BCM number.
        led_pin: BCM number of the LED; None for no LED.
        debounce_ms: see `Contact`.
        hold_ms: see `Contact`.
        clock: of the loop.
        wake: called on gpiozero's thread at each edge.
        factory: gpiozero's pin factory; None uses lgpio. Tests pass mock pins.

    Raises:
        Exception: any error of gpiozero or lgpio if the pin cannot be used; see `open_button`.
    """

    def __init__(
        self,
        *,
        pin: int,
        led_pin: int | None,
        debounce_ms: int,
        hold_ms: int,
        clock: Clock,
        wake: Callable[[], None] = lambda: None,
        factory: Any = None,
    ) -> None:
        import gpiozero  # noqa: PLC0415 - only where a button is configured

        self._clock = clock
        self._wake = wake
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
        self._button.when_pressed = self._recorder(down=True)
        self._button.when_released = self._recorder(down=False)

    def _recorder(self, *, down: bool) -> Callable[[], None]:
        def record() -> None:
            self._edges.append((down, self._clock.monotonic_ns()))
            self._wake()

        return record

    @property
    def settling(self) -> bool:
        """See `Button`."""
        return self._contact.settling

    def poll(self) -> list[Action]:
        """Return the presses since the last call."""
        count = 0
        while self._edges:
            down, at_ns = self._edges.popleft()
            count += self._contact.edge(down=down, at_ns=at_ns)
        now = self._clock.monotonic_ns()
        down = bool(self._button.is_pressed)
        if down != self._contact.down and not self._edges:  # a missed edge: the level decides
            count += self._contact.edge(down=down, at_ns=now)
        return [Action.SPIN] * (count + self._contact.presses(now))

    def say_ready(self, *, ready: bool) -> None:
        """Turn the LED on or off."""
        if self._led is not None and ready != self._lit:
            self._lit = ready
            self._led.value = ready

    def close(self) -> None:
        """Release the pins."""
        if self._led is not None:
            self._led.close()
        self._button.close()


def open_button(
    *,
    pin: int | None,
    led_pin: int | None,
    debounce_ms: int,
    hold_ms: int,
    clock: Clock,
    wake: Callable[[], None] = lambda: None,
    factory: Any = None,
) -> Button:
    """Return the button on `pin`, or a `NoButton` if no pin is configured or the pin cannot be used."""
    if pin is None:
        return NoButton()
    try:
        button = GpioButton(
            pin=pin,
            led_pin=led_pin,
            debounce_ms=debounce_ms,
            hold_ms=hold_ms,
            clock=clock,
            wake=wake,
            factory=factory,
        )
    except Exception as error:
        # Any kind: lgpio raises errors of its own, and a missing package raises ImportError.
        logger.warning("no button on GPIO %d (%s: %s); the keyboard works", pin, type(error).__name__, error)
        return NoButton()
    logger.info("button on GPIO %d%s", pin, "" if led_pin is None else f", LED on GPIO {led_pin}")
    return button


def _lgpio_pins() -> Any:
    from gpiozero.pins.lgpio import LGPIOFactory  # noqa: PLC0415 - as above

    return LGPIOFactory()
