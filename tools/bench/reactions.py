"""How long a key takes to move the wheel: `python -m bench.reactions HOME`, run by the benchmark as a child.

The real kiosk runs in a real X server, and gets keys from it at moments that it cannot foresee, each time in idle. Time
is measured from sending the key until the first frame in which the wheel has moved was presented. What follows that
frame is skipped: the clock jumps past the spin and its celebration.
"""

import ctypes
import os
import random
import secrets
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
import pygame
from msgspec.structs import replace

from kiosk.assembly import Platform
from kiosk.commands.run import kiosk_on
from kiosk.config.command_line import RunOptions
from kiosk.core.clock import NS_PER_MS, NS_PER_S, SystemClock
from kiosk.devices.inputs import Action, InputSource
from kiosk.machine import State
from kiosk.supervise.memory_tuning import release_at_rest

PRESSES = 20
_SEED = 4
_SETTLE_S = 2.0
_SPIN_NS, _CALM_NS = 12 * NS_PER_S, 12 * NS_PER_S
_FRAMES = 30
"""Of each spin that are shown before the clock jumps."""
_LOOK_S = 0.05
_RETURN = 0xFF0D
"""Keysym of the Return key."""


class Reactions(msgspec.Struct, frozen=True):
    """Of each press, in milliseconds: until the loop saw the key, and until the first frame that moves."""

    seen_ms: list[float]
    motion_ms: list[float]


class _JumpingClock(SystemClock):
    """Real time, with jumps."""

    def __init__(self) -> None:
        self.jumped_ns = 0

    def monotonic_ns(self) -> int:
        return super().monotonic_ns() + self.jumped_ns


class _Noted:
    """Inputs that note when a press is seen."""

    def __init__(self, inputs: InputSource) -> None:
        self._inputs = inputs
        self.seen_ns: list[int] = []

    def poll(self) -> list[Action]:
        actions = self._inputs.poll()
        if Action.SPIN in actions:
            self.seen_ns.append(time.monotonic_ns())
        return actions


class _Keyboard:
    """Presses a key in an X server, over a connection of its own."""

    def __init__(self) -> None:
        self._xlib, self._xtest = ctypes.CDLL("libX11.so.6"), ctypes.CDLL("libXtst.so.6")
        self._xlib.XOpenDisplay.restype = ctypes.c_void_p
        self._display = ctypes.c_void_p(self._xlib.XOpenDisplay(None))
        self._key = self._xlib.XKeysymToKeycode(self._display, ctypes.c_ulong(_RETURN))

    def focus(self, window: int) -> None:
        self._xlib.XSetInputFocus(self._display, ctypes.c_ulong(window), 1, ctypes.c_ulong(0))
        self._xlib.XSync(self._display, 0)

    def press(self) -> None:
        for down in (1, 0):
            self._xtest.XTestFakeKeyEvent(self._display, self._key, down, ctypes.c_ulong(0))
        self._xlib.XFlush(self._display)


def main() -> None:
    """Measure, and print JSON."""
    sys.stdout.buffer.write(msgspec.json.encode(measure(Path(sys.argv[1]))) + b"\n")


def measure(home: Path) -> Reactions:
    """Press `PRESSES` times."""
    release_at_rest()
    clock, noted, sent_ns = _JumpingClock(), list[_Noted](), list[int]()

    def fit(platform: Platform) -> Platform:
        noted.append(_Noted(platform.inputs))
        return replace(platform, clock=clock, inputs=noted[0])

    options = RunOptions(home=home, window=(1920, 1080))
    with kiosk_on(options, random_bytes=secrets.token_bytes, fit=fit) as kiosk:
        keyboard, window = _Keyboard(), pygame.display.get_wm_info()["window"]

        def until(reached: Callable[[], bool]) -> None:
            while not reached():
                time.sleep(_LOOK_S)

        def press() -> None:
            chance = random.Random(_SEED)  # noqa: S311 - repeats in every run
            time.sleep(_SETTLE_S)
            keyboard.focus(window)
            for _ in range(PRESSES):
                time.sleep(chance.uniform(0.3, 0.9))
                sent_ns.append(time.monotonic_ns())
                keyboard.press()
                until(lambda: kiosk.stage.spin is not None and len(kiosk.stage.spin.frames_ms) > _FRAMES)
                clock.jumped_ns += _SPIN_NS
                until(lambda: kiosk.stage.state is State.SETTLING)
                clock.jumped_ns += _CALM_NS
                until(lambda: kiosk.stage.idle)
            kiosk.loop.stop()

        threading.Thread(target=press, daemon=True).start()
        spins = kiosk.run().spins
    seen_ms = [(seen - sent) / NS_PER_MS for sent, seen in zip(sent_ns, noted[0].seen_ns, strict=True)]
    motion_ms = [seen + (spin.to_motion_ms or 0.0) for seen, spin in zip(seen_ms, spins, strict=True)]
    return Reactions(seen_ms, motion_ms)


if __name__ == "__main__":
    os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
    main()
