"""Waits for a display: a Pi may boot before the TV is switched on.

Invariant: the wait is unlimited if the machine has display connectors (/sys/class/drm). If it has none, the wait ends
after `_DRIVER_S` seconds, because the kernel loads display drivers late in the boot; opening the screen then reports
the problem.
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
    """Return the display connectors by name, such as `card1-HDMI-A-1`, and whether a display is connected."""
    found = {}
    for path in sorted(directory.glob("card*-*/status")):
        try:
            found[path.parent.name] = path.read_text().strip() == "connected"
        except OSError:
            continue
    return found


def openable(directory: Path = CARDS) -> bool:
    """Return whether a display device is accessible: udev sets its group a moment after it appears."""
    return any(os.access(card, os.R_OK | os.W_OK) for card in directory.glob("card*"))


def wait_for_display(
    clock: Clock,
    tell: Callable[[str, int], None],
    *,
    leaving: Callable[[], bool] = lambda: False,
    directory: Path = CONNECTORS,
    cards: Path = CARDS,
) -> None:
    """Return once a display is connected, or if there is no display driver after `_DRIVER_S` seconds.

    Args:
        clock: to sleep on.
        tell: called while waiting, with a message and with the seconds that may pass until the next call.
        leaving: returns True when the process must stop, which ends the wait too.
        directory: of the connectors.
        cards: directory of the display devices.
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
