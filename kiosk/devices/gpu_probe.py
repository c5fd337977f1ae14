"""`python -m kiosk.devices.gpu_probe WxH DEGREES`: proves the GPU in a process of its own; see `kiosk.devices.gpu`.

Invariant: it prints one JSON `ProbeResult` and ends. Its memory and its driver end with it.
"""

import contextlib
import ctypes
import sys
from functools import partial
from typing import cast

import msgspec
import pygame

from kiosk.core.errors import NoDisplay, ScreenError
from kiosk.devices.gpu import ProbeResult, is_software
from kiosk.screen.backends.gpu import SLOWEST_FRAME_S, GpuBackend, available_renderers, measured
from kiosk.screen.backends.opening import proves_itself, shows_nothing
from kiosk.screen.options import LARGEST_SIDES, Rotation

_GL_RENDERER = 0x1F01
_LIBRARIES = {"opengles2": "libGLESv2.so.2", "opengl": "libGL.so.1"}


def examine(size: tuple[int, int] | None, rotate: Rotation) -> ProbeResult:
    """Try the renderers in order, as `open_backend` does, and return what the first that draws is like."""
    with contextlib.suppress(pygame.error):
        pygame.display.init()
    if not pygame.display.get_init() or shows_nothing():
        return ProbeResult("there is no display to probe it on", lasting=False)
    for renderer in available_renderers():
        opened = partial(GpuBackend, size, renderer=renderer, vsync=False, rotate=rotate)
        try:
            backend = opened()
        except NoDisplay:
            return ProbeResult("there is no window to probe it in", lasting=False)
        except ScreenError:
            continue
        name = _name_of(renderer)
        if is_software(name):
            backend.close()
            return ProbeResult(f"{name} draws with the CPU", name)
        if proves_itself(backend):
            backend, frame_s = measured(backend, partial(opened, largest=LARGEST_SIDES))
            driver = backend.driver
            backend.close()  # its textures must go before SDL does
            slow = f"{driver} needs {frame_s * 1000:.0f} ms a frame" if frame_s > SLOWEST_FRAME_S else ""
            return ProbeResult(slow, name or driver, round(frame_s * 1000, 2))
        backend.close()
        pygame.display.init()
    return ProbeResult("no GPU renderer draws here")


def _name_of(renderer: str) -> str:
    """Return how the driver of the current GL context names itself; empty where that is unknown."""
    if renderer not in _LIBRARIES or not sys.platform.startswith("linux"):
        return ""
    try:
        get_string = ctypes.CDLL(_LIBRARIES[renderer]).glGetString
    except (OSError, AttributeError):
        return ""
    get_string.restype = ctypes.c_char_p
    name = cast("bytes | None", get_string(_GL_RENDERER))
    return name.decode("ascii", "replace") if name else ""


def main() -> None:
    """Examine, and print the result."""
    window, rotate = sys.argv[1:]
    width, _, height = window.partition("x")
    size = None if window == "full" else (int(width), int(height))
    result = examine(size, cast("Rotation", int(rotate)))
    sys.stdout.buffer.write(msgspec.json.encode(result) + b"\n")


if __name__ == "__main__":
    main()
