"""sd_notify(3): tells the service manager that the kiosk is ready, alive, waiting or leaving.

Invariant: nothing here raises. A message is one datagram of lines to the socket that NOTIFY_SOCKET names; without one,
or with a manager that does not listen, nothing is sent.
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
        """A frame was presented since the last call: restart the watchdog's timeout."""
        self._send("WATCHDOG=1")

    def stopping(self) -> None:
        """Leaving on purpose."""
        self._send("STOPPING=1")

    def starting_takes(self, seconds: int) -> None:
        """The start waits for something outside: allow `seconds` more."""
        self._send(f"EXTEND_TIMEOUT_USEC={seconds * 1_000_000}")

    def status(self, text: str) -> None:
        """Send a line about what is going on; repeated only when it changes."""
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
