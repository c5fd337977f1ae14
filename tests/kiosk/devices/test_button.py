"""The push button: bounces count once, a hold takes its time, and without GPIO the keyboard still works."""

import logging
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gpiozero
import pytest
from gpiozero.pins.mock import MockFactory
from hypothesis import given
from hypothesis import strategies as st

from kiosk.core.clock import NS_PER_MS, ManualClock
from kiosk.devices.button import Button, Contact, GpioButton, NoButton, open_button
from kiosk.devices.inputs import Action

PIN, LED = 17, 27
EDGES = st.lists(st.tuples(st.booleans(), st.integers(1, 200)), max_size=30)
"""Levels, each with the milliseconds since the one before."""


@pytest.fixture
def pins() -> Iterator[Any]:
    factory = MockFactory()
    factory.opened = []
    yield factory
    for button in factory.opened:  # each has a thread
        button.close()
    factory.close()


class Finger:
    """A button under a finger, on a clock that only moves when told to."""

    def __init__(self, pins: Any, *, debounce_ms: int = 50, hold_ms: int = 0, led_pin: int | None = None) -> None:
        self.clock = ManualClock()
        self.pin = pins.pin(PIN)
        self.button: Button = GpioButton(
            pin=PIN, led_pin=led_pin, debounce_ms=debounce_ms, hold_ms=hold_ms, clock=self.clock, factory=pins
        )
        pins.opened.append(self.button)

    def moves(self, *levels_and_ms: tuple[str, int]) -> int:
        """Put the button "down" or "up" for so many ms each, polling as the idle loop does; returns the presses."""
        presses = 0
        for level, ms in levels_and_ms:
            self.pin.drive_low() if level == "down" else self.pin.drive_high()
            for _ in range(ms):
                self.clock.advance_ns(NS_PER_MS)
                if self.clock.monotonic_ns() // NS_PER_MS % 33 == 0:
                    presses += self.button.poll().count(Action.SPIN)
        return presses


def test_a_press_spins_once_however_long_it_lasts(pins: Any) -> None:
    assert Finger(pins).moves(("down", 5000), ("up", 500)) == 1


def test_a_press_between_two_polls_is_not_lost(pins: Any) -> None:
    """A tap of 60 ms is over before a poll has seen it stand for the debounce time."""
    assert Finger(pins).moves(("up", 40), ("down", 55), ("up", 200)) == 1


def test_a_bouncing_press_and_a_bouncing_release_are_one_press(pins: Any) -> None:
    bouncing = [("down", 3), ("up", 2), ("down", 7), ("up", 1), ("down", 300), ("up", 4), ("down", 6), ("up", 300)]
    assert Finger(pins).moves(*bouncing) == 1


def test_a_spike_on_a_long_wire_is_no_press(pins: Any) -> None:
    assert Finger(pins).moves(*([("down", 20), ("up", 400)] * 5)) == 0


def test_two_presses_are_two(pins: Any) -> None:
    assert Finger(pins).moves(("down", 100), ("up", 100), ("down", 100), ("up", 100)) == 2


def test_held_to_confirm_spins_after_the_hold_and_not_before(pins: Any) -> None:
    finger = Finger(pins, hold_ms=1000)

    assert finger.moves(("down", 950), ("up", 500)) == 0
    assert finger.moves(("down", 980)) == 0
    assert finger.moves(("down", 60)) == 1
    assert finger.moves(("down", 3000), ("up", 100)) == 0


def test_an_edge_that_nobody_told_is_seen_by_the_next_poll(pins: Any) -> None:
    finger = Finger(pins)
    finger.button._button.when_pressed = None  # type: ignore[attr-defined]
    assert finger.moves(("down", 200)) == 1


def test_an_edge_wakes_the_loop_which_looks_again_until_the_press_counts(pins: Any) -> None:
    woken: list[str] = []
    clock, pin = ManualClock(), pins.pin(PIN)
    button = GpioButton(
        pin=PIN,
        led_pin=None,
        debounce_ms=50,
        hold_ms=200,
        clock=clock,
        wake=lambda: woken.append("woken"),
        factory=pins,
    )
    assert not button.settling
    pin.drive_low()
    assert woken == ["woken"]

    looks: list[bool] = []
    while Action.SPIN not in button.poll():
        looks.append(button.settling)
        clock.advance_ns(10 * NS_PER_MS)
    assert looks == [True] * 20
    assert not button.settling  # however long it is held

    pin.drive_high()
    button.poll()
    assert button.settling
    clock.advance_ns(50 * NS_PER_MS)
    assert button.poll() == []
    assert not button.settling
    button.close()


def test_the_led_is_lit_while_the_kiosk_says_ready(pins: Any) -> None:
    finger = Finger(pins, led_pin=LED)
    assert pins.pin(LED).state == 0
    finger.button.say_ready(ready=True)
    assert pins.pin(LED).state == 1
    finger.button.say_ready(ready=False)
    assert pins.pin(LED).state == 0


def test_closing_gives_the_pins_back(pins: Any) -> None:
    finger = Finger(pins, led_pin=LED)
    finger.button.close()
    Finger(pins, led_pin=LED)


def test_without_a_gpio_chip_it_is_one_log_line_and_no_button(caplog: pytest.LogCaptureFixture) -> None:
    """This machine has no GPIO, or none that tests may use; lgpio raises the error."""
    with caplog.at_level(logging.INFO):
        button = open_button(pin=PIN, led_pin=LED, debounce_ms=50, hold_ms=0, clock=ManualClock(), factory=NoChip())

    assert isinstance(button, NoButton)
    assert button.poll() == []
    assert [record.getMessage() for record in caplog.records] == [
        "no button on GPIO 17 (BadPinFactory: no chip here); the keyboard works"
    ]


class NoChip:
    """Pins of a machine without any."""

    def reserve_pins(self, *about: object) -> None:
        raise gpiozero.BadPinFactory("no chip here")


def test_a_pin_that_is_taken_twice_is_a_log_line(pins: Any, caplog: pytest.LogCaptureFixture) -> None:
    button = open_button(pin=PIN, led_pin=PIN, debounce_ms=50, hold_ms=0, clock=ManualClock(), factory=pins)

    assert isinstance(button, NoButton)
    assert "GPIOPinInUse" in caplog.text
    Finger(pins)  # the button's own pin was given back


def test_gpiozero_is_imported_only_if_a_pin_is_configured() -> None:
    code = (
        "import sys; sys.modules['gpiozero'] = None\n"
        "from kiosk.core.clock import ManualClock; from kiosk.devices.button import open_button\n"
        "print([type(open_button(pin=pin, led_pin=None, debounce_ms=0, hold_ms=0, clock=ManualClock())).__name__"
        " for pin in (None, 17)])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=Path(__file__).parents[3]
    )

    assert done.stdout.strip() == "['NoButton', 'NoButton']"
    assert done.stderr.count("no button on GPIO 17") == 1


@given(EDGES, st.integers(0, 100), st.integers(0, 300))
def test_presses_are_at_least_the_debounce_time_apart_and_need_a_release(
    edges: list[tuple[bool, int]], debounce_ms: int, hold_ms: int
) -> None:
    """Against a model that looks at every millisecond: a press is a run of downs, long enough, after a run of ups."""
    contact = Contact(debounce_ns=debounce_ms * NS_PER_MS, hold_ns=hold_ms * NS_PER_MS)
    found, now, levels = 0, 0, []
    for down, ms in edges:
        levels += [contact.down] * ms
        now += ms
        found += contact.edge(down=down, at_ns=now * NS_PER_MS)
    levels += [contact.down] * 500
    found += contact.presses((now + 500) * NS_PER_MS)

    assert found == modelled(levels, debounce_ms, hold_ms)


def modelled(levels: list[bool], debounce_ms: int, hold_ms: int) -> int:
    runs: list[list[Any]] = []
    for level in levels:
        if runs and runs[-1][0] == level:
            runs[-1][1] += 1
        else:
            runs.append([level, 1])
    presses, armed = 0, True
    for down, ms in runs:
        if not down:
            armed = armed or ms >= debounce_ms
        elif armed and ms >= max(debounce_ms, hold_ms):
            presses, armed = presses + 1, False
    return presses
