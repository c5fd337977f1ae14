"""The kiosk's own signatures under heads of its ledger, so that not even the end of the ledger can be cut unnoticed.

Invariant: a head is signed only after its record is durable, so a signed head that the ledger does not hold proves that
the ledger lost records. A line of this file that a power cut tore is cut off: its head is signed again.

A line is a signed envelope (`kiosk.snapshot.envelope`) of a `wheel-checkpoint/2`. Lines that are not, or that another
key signed, are passed over: anybody who can write here could add them.
"""

import logging
from pathlib import Path

from kiosk.core.durable import AppendFile
from kiosk.core.errors import HomeError, LedgerBroken, SnapshotError
from kiosk.core.keys import PrivateKey, TrustedKeys
from kiosk.ledger.record import hash_of
from kiosk.snapshot.envelope import seal, verify
from kiosk.snapshot.requests import CHECKPOINT_TYPE, CheckpointMessage, decode_checkpoint, encode

logger = logging.getLogger(__name__)


def sealed(checkpoint: CheckpointMessage, *, key: PrivateKey) -> bytes:
    """Return the line of a checkpoint, with its LF."""
    return seal(encode(checkpoint), payload_type=CHECKPOINT_TYPE, key=key)


def opened(line: bytes, *, keys: TrustedKeys) -> CheckpointMessage:
    """Return the checkpoint of a line (with its LF), if one of `keys` signed it and it names that key.

    Raises:
        SnapshotError: it is not such a line.
    """
    envelope = verify(line, payload_types=(CHECKPOINT_TYPE,), keys=keys)
    checkpoint = decode_checkpoint(envelope.payload)
    if checkpoint.kiosk != envelope.keyid:
        raise SnapshotError("The checkpoint names another kiosk than the one that signed it.")
    return checkpoint


class Checkpoints:
    """The open file of checkpoints.

    Attributes:
        last: the last checkpoint of this key, None before the first.
    """

    def __init__(self, path: Path, *, key: PrivateKey) -> None:
        """Open `path`, creating it if need be.

        Raises:
            HomeError: it cannot be read, created or written.
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
        checkpoint = CheckpointMessage(kiosk=self._kiosk, seq=seq, head=head)
        self._file.append(sealed(checkpoint, key=self._key))
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
                remedy="Keep both files as evidence, and start with a fresh kiosk directory or a bundle"
                " (wheel-admin restore).",
            )

    def close(self) -> None:
        """Close the file; a second call does nothing."""
        self._file.close()

    def _load(self) -> CheckpointMessage | None:
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
        keys, passed_over, last = {self._kiosk: self._key.public}, 0, None
        for line in reversed(whole.splitlines(keepends=True)):
            try:
                last = opened(line, keys=keys)
                break
            except SnapshotError:
                passed_over += 1
        if passed_over:
            logger.warning("passed over %d lines of %s: they are not this kiosk's", passed_over, self._path)
        return last
