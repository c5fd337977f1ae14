"""Ends the sleep of idle as soon as there is something to look at: an event, or a thread that has something to say.

Invariant: a descriptor that can be read is a hint; `kiosk.devices.inputs` alone reads events. The loop looks by itself
a few times a second, so a hint that never comes delays an action and loses none.

SDL's own wait cannot be used: it polls every millisecond with most of its video drivers, and as soon as there is a
gamepad with all of them.
"""

import contextlib
import ctypes
import logging
import os
import select
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import pygame

logger = logging.getLogger(__name__)

_DESCRIPTORS = Path("/proc/self/fd")
_INPUT_DEVICES = ("/dev/input/", "/dev/hidraw")
"""SDL reads some gamepads as raw devices: their queue holds 64 reports, and they send up to a thousand a second."""
_QUIET_S, _LONGEST_QUIET_S = 0.01, 0.04
"""How long no hint counts after one. It doubles while they go on: a mouse sends hundreds a second, a gamepad that feels
how it is held as many for days, and a device that nobody reads hints for ever."""
_LOOK_AGAIN_S = 1.0
"""How old the list of devices may be: keyboards are plugged in."""
_X_LIBRARY, _WAYLAND_LIBRARY = "libX11.so.6", "libwayland-client.so.0"
_X_SOCKETS = "/.X11-unix/X"
_NO_EVENTS = frozenset(("dummy", "offscreen"))


class PlainWake:
    """A wake that only threads set. Unlike `threading.Event` it is cleared by waiting."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def set(self) -> None:
        """See `kiosk.core.clock.Waitable`."""
        self._event.set()

    def wait(self, timeout: float | None = None) -> bool:
        """See `kiosk.core.clock.Waitable`."""
        woken = self._event.wait(timeout)
        self._event.clear()
        return woken

    def close(self) -> None:
        """Do nothing."""


class HintedWake:
    """A wake that descriptors end, too.

    Args:
        hints: returns the descriptors that can be read when there is an event.
        pending: returns whether an event was read already and waits in a queue.
    """

    def __init__(self, hints: Callable[[], Iterable[int]], pending: Callable[[], bool]) -> None:
        self._hints = hints
        self._pending = pending
        self._reader, self._writer = os.pipe()
        for end in (self._reader, self._writer):
            os.set_blocking(end, False)
        self._known: tuple[int, ...] = ()
        self._known_until = 0.0
        self._quiet_s = _QUIET_S
        self._quiet_until = 0.0

    def set(self) -> None:
        """See `kiosk.core.clock.Waitable`."""
        with contextlib.suppress(OSError):  # full: it was set often enough; closed: the loop has ended
            os.write(self._writer, b"\0")

    def wait(self, timeout: float | None = None) -> bool:
        """Sleep for at most `timeout` seconds; returns whether there is anything to look at."""
        begun = time.monotonic()
        quiet = max(0.0, self._quiet_until - begun)
        if quiet and self._sleep((), quiet if timeout is None else min(quiet, timeout)):
            return True
        if self._pending():
            return self._hinted()
        if begun >= self._known_until:
            self._known = tuple(self._hints())
            self._known_until = begun + _LOOK_AGAIN_S
        return self._sleep(self._known, None if timeout is None else max(0.0, timeout - quiet))

    def close(self) -> None:
        """Close the pipe."""
        reader, writer, self._reader, self._writer = self._reader, self._writer, -1, -1
        for end in (reader, writer):
            os.close(end)

    def _sleep(self, hints: Iterable[int], timeout: float | None) -> bool:
        poll = select.poll()
        for descriptor in (self._reader, *hints):
            poll.register(descriptor, select.POLLIN)
        ready = dict(poll.poll(None if timeout is None else timeout * 1000))
        if ready.keys() - {self._reader}:
            self._hinted()
        if any(event != select.POLLIN for event in ready.values()):  # closed, or its device is gone
            self._known_until = 0.0
        if self._reader in ready:
            with contextlib.suppress(OSError):
                os.read(self._reader, 4096)
        return bool(ready)

    def _hinted(self) -> bool:
        """Let no hint count for a moment."""
        now = time.monotonic()
        goes_on = now < self._quiet_until + self._quiet_s
        self._quiet_s = min(_LONGEST_QUIET_S, 2 * self._quiet_s) if goes_on else _QUIET_S
        self._quiet_until = now + self._quiet_s
        return True


def open_wake(driver: str) -> HintedWake | PlainWake:
    """Return the wake for SDL's video driver; a `PlainWake` where nothing hints at events, so that idle has to poll."""
    if not sys.platform.startswith("linux"):
        return PlainWake()
    connection = {"x11": _x_connection, "wayland": _wayland_connection}.get(driver)
    if connection is not None:
        try:
            window_system = [connection()]
        except (OSError, AttributeError, ValueError) as error:  # pygame tells nothing of a window for a GPU
            logger.debug("pygame does not tell its connection to %s: %s", driver, error)
            window_system = connections(driver)
        if not window_system:
            return PlainWake()
    elif driver == "kmsdrm" or driver in _NO_EVENTS:
        window_system = []
    else:
        return PlainWake()
    return HintedWake(lambda: [*window_system, *input_devices()], lambda: pygame.event.peek(pump=True))


def input_devices(directory: Path = _DESCRIPTORS) -> list[int]:
    """Return the descriptors of keyboards, mice and gamepads that this process has open."""
    return _opened(directory, _INPUT_DEVICES)


def connections(driver: str) -> list[int]:
    """Return the descriptors of the connections to the X server or Wayland compositor on this machine.

    SDL may have some that it does not read: one that hints for ever makes idle look as often as if it polled.
    """
    end = "/" + os.environ.get("WAYLAND_DISPLAY", "wayland-0").rsplit("/", 1)[-1]
    found = []
    for descriptor in _opened(_DESCRIPTORS, ("socket:",)):
        with contextlib.suppress(OSError), socket.socket(fileno=os.dup(descriptor)) as connection:
            peer = connection.getpeername() if connection.family == socket.AF_UNIX else ""
            name = os.fsdecode(peer)
            if name.endswith(end) if driver == "wayland" else _X_SOCKETS in name:
                found.append(descriptor)
    return found


def _opened(directory: Path, beginnings: tuple[str, ...]) -> list[int]:
    found = []
    with contextlib.suppress(OSError):
        for name in os.listdir(directory):  # noqa: PTH208 - names only
            with contextlib.suppress(OSError):  # closed meanwhile
                if os.readlink(directory / name).startswith(beginnings):  # noqa: PTH115 - as above
                    found.append(int(name))
    return found


def _x_connection() -> int:
    xlib = _loaded(_X_LIBRARY)
    return int(xlib.XConnectionNumber(_display()))


def _wayland_connection() -> int:
    wayland = _loaded(_WAYLAND_LIBRARY)
    return int(wayland.wl_display_get_fd(_display()))


def _loaded(library: str) -> ctypes.CDLL:
    """Return a library that SDL has loaded.

    Raises:
        OSError: it has not.
    """
    return ctypes.CDLL(library, mode=os.RTLD_NOLOAD | os.RTLD_NOW)


def _display() -> ctypes.c_void_p:
    """Return the pointer to SDL's connection to the window system.

    Raises:
        AttributeError, ValueError: pygame does not tell it.
    """
    capsule = pygame.display.get_wm_info().get("display")
    unwrap = ctypes.pythonapi.PyCapsule_GetPointer
    unwrap.restype, unwrap.argtypes = ctypes.c_void_p, (ctypes.py_object, ctypes.c_char_p)
    return ctypes.c_void_p(unwrap(capsule, b"display"))
