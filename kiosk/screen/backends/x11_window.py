"""Brings a window on an X server back, whatever hid it, over a connection of its own.

Invariant: nothing here waits for the window manager. SDL's own functions wait for the event that says that the window
is mapped, and a window manager that shows the desktop never sends it: seen with openbox, where the kiosk hung.
"""

import ctypes
import logging

logger = logging.getLogger(__name__)

_LIBRARY = "libX11.so.6"
_CLIENT_MESSAGE = 33
_SUBSTRUCTURE_NOTIFY, _SUBSTRUCTURE_REDIRECT = 1 << 19, 1 << 20
_FORMAT_BITS = 32
_ALL_DESKTOPS = 0xFFFFFFFF
_FROM_A_PAGER = 2
"""Source of a request in EWMH: a person asked for it. A window manager may ignore what a program asks for itself."""


class _ClientMessage(ctypes.Structure):
    """XClientMessageEvent of Xlib, padded to the size of XEvent."""

    _fields_ = (
        ("type", ctypes.c_int),
        ("serial", ctypes.c_ulong),
        ("send_event", ctypes.c_int),
        ("display", ctypes.c_void_p),
        ("window", ctypes.c_ulong),
        ("message_type", ctypes.c_ulong),
        ("format", ctypes.c_int),
        ("data", ctypes.c_long * 5),
        ("padding", ctypes.c_long * 24),
    )


def bring_back_on_x11(window: int) -> bool:
    """Show `window` on every desktop, in front, mapped, and not behind 'show desktop'; returns whether it could ask."""
    try:
        xlib = ctypes.CDLL(_LIBRARY)
    except OSError as error:
        logger.debug("no Xlib: %s", error)
        return False
    xlib.XOpenDisplay.restype = ctypes.c_void_p
    xlib.XDefaultRootWindow.restype = xlib.XInternAtom.restype = ctypes.c_ulong
    address = xlib.XOpenDisplay(None)
    if not address:
        return False
    display = ctypes.c_void_p(address)
    root = xlib.XDefaultRootWindow(display)

    def ask(name: bytes, about: int, *data: int) -> None:
        message = _ClientMessage(type=_CLIENT_MESSAGE, send_event=1, window=about, format=_FORMAT_BITS)
        message.message_type = xlib.XInternAtom(display, name, 0)
        for place, value in enumerate(data):
            message.data[place] = value
        mask = _SUBSTRUCTURE_NOTIFY | _SUBSTRUCTURE_REDIRECT
        xlib.XSendEvent(display, ctypes.c_ulong(root), 0, ctypes.c_long(mask), ctypes.byref(message))

    ask(b"_NET_SHOWING_DESKTOP", root, 0)
    ask(b"_NET_WM_DESKTOP", window, _ALL_DESKTOPS, _FROM_A_PAGER)
    ask(b"_NET_ACTIVE_WINDOW", window, _FROM_A_PAGER)
    xlib.XMapRaised(display, ctypes.c_ulong(window))
    xlib.XCloseDisplay(display)  # sends what is queued
    return True
