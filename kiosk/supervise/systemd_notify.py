"""What the service manager is told: ready, still drawing, what is on screen.

Invariant: sd_notify(3) by hand: one datagram of lines to the socket that NOTIFY_SOCKET names, nothing if it names none.
A manager that does not listen is no reason to stop, so nothing here raises.
"""

import contextlib
import logging
import socket
from collections.abc import Mapping

logger = logging.getLogger(__name__)


class Notifier:
    """Speaks to the service manager.

    Args:
        environment: holds NOTIFY_SOCKET if somebody listens: a path, or @ and an abstract name.
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        address = environment.get("NOTIFY_SOCKET", "")
        self._address = "\0" + address[1:] if address.startswith("@") else address
        self._socket: socket.socket | None = None
        self._status = ""
        if address[:1] in {"/", "@"} and hasattr(socket, "AF_UNIX"):
            self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
            self._socket.settimeout(0)  # a manager that does not read must not stop the wheel

    def ready(self) -> None:
        """The first frame is on the screen."""
        self._send("READY=1")

    def alive(self) -> None:
        """A frame was presented since the last call: start the watchdog's time anew."""
        self._send("WATCHDOG=1")

    def stopping(self) -> None:
        """Leaving on purpose."""
        self._send("STOPPING=1")

    def starting_takes(self, seconds: int) -> None:
        """The start waits for something outside: allow it so many more seconds."""
        self._send(f"EXTEND_TIMEOUT_USEC={seconds * 1_000_000}")

    def status(self, text: str) -> None:
        """Say what is going on, in a line; said again only when it changes."""
        line = " ".join(text.split())
        if line != self._status:
            self._status = line
            self._send(f"STATUS={line}")

    def close(self) -> None:
        """Close the socket; a second call does nothing."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _send(self, message: str) -> None:
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.sendto(message.encode(), self._address)
