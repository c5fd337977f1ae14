"""Sends the kiosk's status, ledger and checkpoints to a source that can be written.

Invariant: the kiosk's files are only read. At the source nothing that was sent is ever shortened or replaced by
something that does not begin with it: if this ledger is not the continuation of the one that lies there, the one there
stays as evidence, this one is put beside it, and the status says so. The status is read first, then checkpoints, then
the ledger; they are sent in the opposite order. So neither a signed head nor the status at the source speaks of a
record that is not there.
"""

import contextlib
import logging
from pathlib import Path

from kiosk.core.clock import NS_PER_S, Clock
from kiosk.core.home import Home
from kiosk.core.key_files import public_kiosk_key
from kiosk.core.regular_files import read_file
from kiosk.draw.protocol import digest
from kiosk.fetcher.results_layout import (
    KEY_NAME,
    MAX_SEGMENT_BYTES,
    STATUS_NAME,
    Kind,
    fork_name,
    kiosk_folder,
    segment_name,
    segments,
)
from kiosk.fetcher.transport.base import NotThere, NotWritable, SourceError, Transport
from kiosk.intake.snapshot_files import fingerprint
from kiosk.ledger.ledger import MAX_LEDGER_BYTES

logger = logging.getLogger(__name__)

_STATUS_NS = 30 * NS_PER_S
"""How often the status is sent while only its age changes."""
_READ_ONLY_NS = 600 * NS_PER_S
"""How long a source that takes nothing is left alone."""
_MOST_STATUS_BYTES = 1 << 20


class Results:
    """Sends what a kiosk recorded to one source.

    Args:
        home: of the kiosk.
        transport: the way to the source.
        clock: for waits.
    """

    def __init__(self, home: Home, transport: Transport, clock: Clock) -> None:
        self._home = home
        self._transport = transport
        self._clock = clock
        self._sent: dict[str, bytes] = {}
        self._stamps: object = None
        self._status_ns = -_STATUS_NS
        self._not_before_ns = 0
        self._forked = ""

    def send(self) -> str:
        """Send what is new; returns what became of it as a sentence, "" where there is nothing to send."""
        now_ns = self._clock.monotonic_ns()
        key = public_kiosk_key(self._home.kiosk_public_key)
        if key is None:
            return ""
        if now_ns < self._not_before_ns:
            return "The source takes no results."
        folder = kiosk_folder(key.keyid)
        try:
            self._send(folder, now_ns)
        except NotWritable:
            self._not_before_ns = now_ns + _READ_ONLY_NS
            return "The source takes no results."
        except SourceError as error:
            logger.info("results were not sent: %s", error.message)
            return f"Results wait: {error.message}"
        return self._forked or "Results are sent."

    def _send(self, folder: str, now_ns: int) -> None:
        status = _read(self._home.status, _MOST_STATUS_BYTES)
        stamps = fingerprint([self._home.checkpoints, self._home.ledger, self._home.kiosk_public_key])
        if stamps != self._stamps:
            checkpoints = _read(self._home.checkpoints, MAX_LEDGER_BYTES)
            ledger = _read(self._home.ledger, MAX_LEDGER_BYTES)
            for path in sorted(self._home.kiosk.glob("*.pem")):  # the earlier ones too: they signed earlier heads
                if KEY_NAME.fullmatch(path.name):
                    self._put(f"{folder}/{path.name}", _read(path, _MOST_STATUS_BYTES))
            self._send_segments(folder, "ledger", ledger)
            self._send_segments(folder, "checkpoints", checkpoints)
        if stamps != self._stamps or now_ns - self._status_ns >= _STATUS_NS:
            if status:
                self._put(f"{folder}/{STATUS_NAME}", status)
            self._stamps, self._status_ns = stamps, now_ns

    def _send_segments(self, folder: str, kind: Kind, data: bytes) -> None:
        for number, segment in enumerate(segments(data), start=1):
            name = f"{folder}/{segment_name(kind, number)}"
            before = self._sent.get(name)
            if before == _mark(segment):
                continue
            there = self._there(name)
            if segment.startswith(there):
                if segment != there:
                    self._transport.write(name, segment)
                self._sent[name] = _mark(segment)
            elif kind == "ledger":
                self._tell_fork(folder, number, segment)
                return

    def _tell_fork(self, folder: str, number: int, segment: bytes) -> None:
        """Put a segment beside the one that it contradicts."""
        if not self._forked:
            self._forked = "THE LEDGER AT THE SOURCE IS NOT THIS ONE: records were lost, or two kiosks share this key."
            logger.error("%s See docs/lists-from-elsewhere.md", self._forked)
            self._transport.write(f"{folder}/{fork_name(number, digest(segment))}", segment)

    def _there(self, name: str) -> bytes:
        try:
            fetched = self._transport.fetch(name, limit=MAX_SEGMENT_BYTES)
        except NotThere:
            return b""
        return fetched.data if fetched else b""

    def _put(self, name: str, data: bytes) -> None:
        if self._sent.get(name) != _mark(data):
            self._transport.write(name, data)
            self._sent[name] = _mark(data)


def _mark(data: bytes) -> bytes:
    return digest(data).encode()


def _read(path: Path, limit: int) -> bytes:
    with contextlib.suppress(OSError):
        return read_file(path, limit=limit)
    return b""
