"""Ends the process with the exit code of a screen when the X server is lost.

Invariant: Xlib ends a process whose server or window is gone by exit(1), from within any call of SDL; no Python code
runs after that. The handlers here run first and leave with code 9, so that the reason is logged and the supervisor
sees a lost screen, not an internal error. A spin that was running is in the ledger: the next start finishes it.
"""

import ctypes
import logging
import os
import sys

from kiosk.core.errors import ScreenError

logger = logging.getLogger(__name__)

_LIBRARY = "libX11.so.6"
_IoHandler = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p)
_Handler = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)


def _leave(reason: str) -> int:
    logger.error("%s: leaving with exit code %d", reason, ScreenError.exit_code)
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(ScreenError.exit_code)


_KEPT = (
    _IoHandler(lambda _: _leave("the connection to the X server is lost")),
    _Handler(lambda *_: _leave("the X server refused a request, perhaps because the window is gone")),
)
"""Xlib keeps pointers to them as long as the process lives. SDL replaces the second while it expects an error."""


def leave_when_lost(driver: str) -> bool:
    """Install the handlers if `driver`, SDL's video driver, is x11; returns whether they are installed."""
    if driver != "x11" or not hasattr(os, "RTLD_NOLOAD"):
        return False
    try:
        xlib = ctypes.CDLL(_LIBRARY, mode=os.RTLD_NOLOAD | os.RTLD_NOW)  # the one that SDL has loaded
    except OSError as error:
        logger.debug("no handler for a lost X server: %s", error)
        return False
    xlib.XSetIOErrorHandler(_KEPT[0])
    xlib.XSetErrorHandler(_KEPT[1])
    return True
