"""Waiting for a display: a Pi that boots before somebody switches the TV on.

Invariant: for as long as it takes where there are connectors to look at (/sys/class/drm), and for some seconds where
there are none: early in the boot the kernel has not loaded their driver yet. If there are none then, opening the screen
says what is wrong.
"""

import logging
import os
from collections.abc import Callable
from pathlib import Path

from kiosk.core.clock import NS_PER_S, Clock

logger = logging.getLogger(__name__)

CONNECTORS = Path("/sys/class/drm")
CARDS = Path("/dev/dri")
_LOOK_AGAIN_S = 1
_MORE_TIME_S = 30
_DRIVER_S = 30


def connectors(directory: Path = CONNECTORS) -> dict[str, bool]:
    """Return the names of the display connectors, such as `card1-HDMI-A-1`, and whether something is connected."""
    found = {}
    for path in sorted(directory.glob("card*-*/status")):
        try:
            found[path.parent.name] = path.read_text().strip() == "connected"
        except OSError:
            continue
    return found


def openable(directory: Path = CARDS) -> bool:
    """Say whether a display's driver is there and lets us in: its group is set a moment after it appears."""
    return any(os.access(card, os.R_OK | os.W_OK) for card in directory.glob("card*"))


def wait_for_display(
    clock: Clock,
    tell: Callable[[str, int], None],
    *,
    leaving: Callable[[], bool] = lambda: False,
    directory: Path = CONNECTORS,
    cards: Path = CARDS,
) -> None:
    """Return once a display is connected, or when there is still no driver for one after `_DRIVER_S` seconds.

    Args:
        clock: to sleep on.
        tell: called while waiting, with what for and with the seconds that it may take until the next call.
        leaving: whether somebody asked to leave, which ends the waiting too.
        directory: where the connectors are, and
        cards: the drivers.
    """
    for _ in range(_DRIVER_S // _LOOK_AGAIN_S):
        if leaving() or (connectors(directory) and openable(cards)):
            break
        clock.sleep_ns(_LOOK_AGAIN_S * NS_PER_S)
    waited = False
    while not leaving() and (found := connectors(directory)) and not any(found.values()):
        text = f"waiting for a display at {', '.join(found)}"
        if not waited:
            logger.warning("%s", text)
        waited = True
        tell(text, _MORE_TIME_S)
        clock.sleep_ns(_LOOK_AGAIN_S * NS_PER_S)
    if waited and not leaving():
        logger.info("a display is connected")
