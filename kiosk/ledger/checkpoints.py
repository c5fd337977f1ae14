"""The kiosk's own signatures under heads of its ledger, so that not even the end of the ledger can be cut unnoticed.

Invariant: a head is signed only after its record is durable, so a signed head that the ledger does not hold proves that
the ledger lost records. A line of this file that a power cut tore is cut off: its head is signed again.

A line is canonical like the ledger's: `{"head":H,"kiosk":K,"seq":N,"sig":BASE64}`; K is the key's id, and the
signature (Ed25519, RFC 8032) covers "wheel-checkpoint/1" LF K LF N LF H LF.
"""

import base64
import logging
from pathlib import Path
from typing import Annotated

import msgspec

from kiosk.core.durable import AppendFile
from kiosk.core.errors import HomeError, LedgerBroken
from kiosk.core.keys import PrivateKey
from kiosk.ledger.record import hash_of

logger = logging.getLogger(__name__)


class Checkpoint(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A signed head: H of the record number `seq`."""

    head: str
    kiosk: str
    seq: Annotated[int, msgspec.Meta(ge=1)]
    sig: str


def message(kiosk: str, seq: int, head: str) -> bytes:
    """Return the bytes that are signed."""
    return f"wheel-checkpoint/1\n{kiosk}\n{seq}\n{head}\n".encode()


class Checkpoints:
    """The open file of checkpoints.

    Attributes:
        last: the last checkpoint, None before the first.
    """

    def __init__(self, path: Path, *, key: PrivateKey) -> None:
        """Open `path`, creating it if need be.

        Raises:
            HomeError: it cannot be read, created or written.
            LedgerBroken: its last line is no checkpoint.
        """
        self._path = path
        self._key = key
        self._kiosk = key.public.keyid
        self._file = AppendFile(path)
        try:
            self.last = self._load()
        except BaseException:
            self._file.close()
            raise

    def sign(self, seq: int, head: str) -> None:
        """Sign the head of record `seq`, unless it is signed already; returns when that is durable.

        Raises:
            HomeError: it could not be written.
        """
        if self.last is not None and (self.last.seq, self.last.head) == (seq, head):
            return
        signature = base64.b64encode(self._key.sign(message(self._kiosk, seq, head))).decode("ascii")
        checkpoint = Checkpoint(head=head, kiosk=self._kiosk, seq=seq, sig=signature)
        self._file.append(msgspec.json.encode(checkpoint) + b"\n")
        self.last = checkpoint

    def check(self, ledger: Path) -> None:
        """Make sure that the ledger still holds the record that was signed last.

        Raises:
            LedgerBroken: it does not: its end was cut off, or it is another ledger.
            HomeError: it cannot be read.
        """
        if self.last is None:
            return
        try:
            lines = ledger.read_bytes().split(b"\n")
        except OSError as error:
            raise HomeError(f"Cannot read {ledger}: {error.strerror}.") from error
        if self.last.seq >= len(lines) or hash_of(lines[self.last.seq - 1]) != self.last.head:
            raise LedgerBroken(
                f"{ledger} does not hold record {self.last.seq}, which this kiosk has signed in {self._path.name}.",
                remedy="Keep both files as evidence, and start with a fresh kiosk directory or a backup.",
            )

    def close(self) -> None:
        """Close the file; a second call does nothing."""
        self._file.close()

    def _load(self) -> Checkpoint | None:
        try:
            data = self._path.read_bytes()
        except OSError as error:
            raise HomeError(f"Cannot read {self._path}: {error.strerror}.") from error
        whole = data[: data.rfind(b"\n") + 1]
        if b"\0" in whole:  # blocks that never reached the disk read back as zeros
            whole = whole[: whole.rfind(b"\n", 0, whole.index(b"\0")) + 1]
        if whole != data:
            logger.warning("cut %d torn bytes off %s", len(data) - len(whole), self._path)
            self._file.truncate(len(whole))
        lines = whole.splitlines()
        if not lines:
            return None
        try:
            return msgspec.json.decode(lines[-1], type=Checkpoint)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise LedgerBroken(
                f"{self._path}: the last line is no checkpoint: {error}.", remedy="Keep the file as evidence."
            ) from error
