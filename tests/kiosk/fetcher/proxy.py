"""A small proxy on loopback that stands between a fetcher and its source, and spoils connections.

Invariant: it knows nothing of http. It passes bytes on, or treats a connection as its fault says; each request has
the fault that was set when it came. A silent fault holds its connection open until the proxy is healed.
"""

import contextlib
import enum
import random
import socket
import struct
import threading
from collections import Counter
from collections.abc import Iterator


class Fault(enum.Enum):
    """What happens to a request."""

    NONE = "none"
    RESET = "reset"
    SILENT = "never answered"
    HALF_SILENT = "half of the answer and then silence"
    HALF_CUT = "half of the answer and then the end"
    CORRUPT = "one bit of the answer is another one"
    SLOW = "a byte at a time"
    UNAVAILABLE = "503"


_UNAVAILABLE = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
_MOST_BYTES = 1 << 20


class Proxy:
    """The proxy.

    Attributes:
        port: where it listens.
        fault: of the requests to come.
        met: how many requests met which fault.
        open: how many connections it holds.
    """

    def __init__(self, target: int, chance: random.Random) -> None:
        self._target = target
        self._chance = chance
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = int(self._listener.getsockname()[1])
        self.fault = Fault.NONE
        self.met: Counter[Fault] = Counter()
        self.open = 0
        self._lock = threading.Lock()
        self._healed = threading.Event()
        self._thread = threading.Thread(target=self._accept, name="proxy")
        self._thread.start()

    @property
    def url(self) -> str:
        """Return the address of the source as the fetcher sees it."""
        return f"http://127.0.0.1:{self.port}/"

    def spoil(self, fault: Fault) -> None:
        """Let the requests to come have a fault."""
        self.fault = fault
        self._healed.clear()

    def heal(self) -> None:
        """Pass requests on from now on, and let the silent ones go."""
        self.fault = Fault.NONE
        self._healed.set()

    def close(self) -> None:
        """Stop listening."""
        self.heal()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            with self._lock:
                self.open += 1
            threading.Thread(target=self._handle, args=(client,), name="proxied", daemon=True).start()

    def _handle(self, client: socket.socket) -> None:
        try:
            with client, contextlib.suppress(OSError):
                self._pass_on(client)
        finally:
            with self._lock:
                self.open -= 1

    def _pass_on(self, client: socket.socket) -> None:
        with socket.create_connection(("127.0.0.1", self._target)) as server:
            while request := client.recv(_MOST_BYTES):
                fault = self.fault
                with self._lock:
                    self.met[fault] += 1
                if fault is Fault.RESET:
                    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    return
                if fault is Fault.SILENT:
                    self._healed.wait()
                    return
                if fault is Fault.UNAVAILABLE:
                    client.sendall(_UNAVAILABLE)
                    return
                server.sendall(request)
                if not self._answer(client, _answer_of(server), fault):
                    return

    def _answer(self, client: socket.socket, answer: bytes, fault: Fault) -> bool:
        """Pass an answer on; returns whether the connection may be used again."""
        half = answer[: self._chance.randrange(len(answer))] if answer else b""
        if fault is Fault.HALF_SILENT:
            client.sendall(half)
            self._healed.wait()
        elif fault is Fault.HALF_CUT:
            client.sendall(half)
        elif fault is Fault.CORRUPT:
            at = self._chance.randrange(max(1, answer.find(b"\r\n\r\n")), len(answer))
            client.sendall(answer[:at] + bytes([answer[at] ^ 1 << self._chance.randrange(8)]) + answer[at + 1 :])
        elif fault is Fault.SLOW:
            for at in range(len(answer)):
                client.sendall(answer[at : at + 1])
                if self._healed.wait(0.02):
                    return False
        else:
            client.sendall(answer)
        return fault is Fault.NONE


def _answer_of(server: socket.socket) -> bytes:
    """Read one http answer with a Content-Length, or without a body."""
    answer = b""
    while b"\r\n\r\n" not in answer:
        more = server.recv(_MOST_BYTES)
        if not more:
            return answer
        answer += more
    head, _, body = answer.partition(b"\r\n\r\n")
    lengths = [line.split(b":")[1] for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")]
    while lengths and len(body) < int(lengths[0]):
        more = server.recv(_MOST_BYTES)
        if not more:
            break
        body += more
    return head + b"\r\n\r\n" + body


@contextlib.contextmanager
def proxy(target: int, *, seed: int) -> Iterator[Proxy]:
    """Run a proxy in front of a port of this machine."""
    made = Proxy(target, random.Random(seed))  # noqa: S311 - repeats in every run
    try:
        yield made
    finally:
        made.close()
