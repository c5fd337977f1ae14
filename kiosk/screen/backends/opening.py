"""Opens the screen with the first back end that proves that it draws.

Invariant: a back end is trusted only after proof. It draws a small pattern and reads it back, because some renderers
raise nothing, present frames and draw nothing at all.
"""

import logging
import os
from collections.abc import Callable
from functools import partial

import pygame

from kiosk.core.errors import NoDisplay, ScreenError
from kiosk.screen.backends.adapter import Backend
from kiosk.screen.backends.gpu import SDL_ERRORS, SLOWEST_FRAME_S, GpuBackend, available_renderers, measured
from kiosk.screen.backends.software import SoftwareBackend
from kiosk.screen.options import LARGEST_SIDES, Choice, Rotation

logger = logging.getLogger(__name__)


_NO_DISPLAY = "Connect one, or set SDL_VIDEODRIVER (offscreen and dummy are displays like any other)."


def shows_nothing() -> bool:
    """Tell whether SDL found no display, and took a driver without one for which nobody asked."""
    return pygame.display.get_driver() in {"offscreen", "dummy"} and not os.environ.get("SDL_VIDEODRIVER")


def open_backend(
    choice: Choice,
    size: tuple[int, int] | None,
    *,
    vsync: bool,
    rotate: Rotation = 0,
    why_no_gpu: Callable[[], str] = lambda: "",
) -> Backend:
    """Open the screen with the first back end that proves that it draws.

    Args:
        choice: `auto` tries the GPU renderers and then software; the others force one.
        size: of the window in pixels; None for full screen.
        vsync: wait for the display's refresh when presenting.
        rotate: clockwise rotation of the picture in degrees, for a display that is mounted on its side.
        why_no_gpu: asked for `auto`, before there is a display here: returns why the GPU must not be tried, or "".

    Raises:
        NoDisplay: there is no display, or no window on it.
        ScreenError: no allowed back end draws.
    """
    refusal = why_no_gpu() if choice == "auto" else ""
    if refusal:
        logger.info("drawing with the CPU: %s", refusal)
        choice = "software"
    try:
        pygame.display.init()
    except pygame.error as error:
        raise NoDisplay(f"There is no display: {error}.", remedy=_NO_DISPLAY) from error
    if shows_nothing():
        pygame.display.quit()
        raise NoDisplay("There is no display.", remedy=_NO_DISPLAY)
    for renderer in [] if choice == "software" else available_renderers():
        opened = partial(GpuBackend, size, renderer=renderer, vsync=vsync, rotate=rotate)
        try:
            backend = opened()
        except ScreenError as error:
            logger.debug("%s", error)
            continue
        if proves_itself(backend):
            backend, frame_s = measured(backend, partial(opened, largest=LARGEST_SIDES))
            if choice == "gpu" or frame_s <= SLOWEST_FRAME_S:
                logger.info("drawing with %s, %.1f ms a frame", backend.driver, frame_s * 1000)
                return backend
            logger.info("%s needs %.0f ms a frame: drawing with the CPU", backend.driver, frame_s * 1000)
            backend.close()
            pygame.display.init()
            break
        logger.warning("%s presents frames and draws nothing: trying the next", backend.driver)
        backend.close()
        pygame.display.init()
    if choice == "gpu":
        raise ScreenError("No GPU renderer draws here.", remedy="Use --backend auto or --backend software.")
    software = SoftwareBackend(size, rotate=rotate)
    if not proves_itself(software):
        software.close()
        raise ScreenError("The screen shows nothing of what is drawn.", remedy="Check the display driver.")
    return software


def proves_itself(backend: Backend) -> bool:
    """Draw a small pattern, read it back, and return whether it is there."""
    dots = {(3, 3): (250, 30, 40), (40, 12): (20, 200, 60), (12, 40): (40, 60, 240)}
    dot = pygame.Surface((8, 8), pygame.SRCALPHA, 32)
    backend.fill(pygame.Rect((0, 0), backend.size), (0, 0, 0))
    try:
        for at, colour in dots.items():
            dot.fill(colour)
            backend.draw(backend.picture(dot), at)
        seen = backend.read_back()
    except SDL_ERRORS as error:
        logger.warning("%s cannot draw: %s", backend.driver, error)
        return False
    return all(
        max(abs(a - b) for a, b in zip(seen.get_at((x + 4, y + 4))[:3], colour, strict=True)) <= 8
        for (x, y), colour in dots.items()
    )
