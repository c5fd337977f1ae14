"""The ledger file: append only, each line chained to the one before, durable before anybody acts on it.

Invariant: nothing is ever changed or dropped, and nothing is appended that the rules do not permit. A last line that a
power cut tore is moved aside into `ledger-torn-N.bin` and a `recovered` record says so; any other damage stops the
kiosk from drawing, because a broken chain proves that somebody or something changed the past. So does a file that was
deleted, replaced, cut or written to by somebody else while the kiosk runs.

The head is signed after every record, except while a spin is open (docs/protocol.md, "Trust").
"""

import logging
from collections import Counter
from pathlib import Path

from kiosk.core.clock import Clock, rfc3339
from kiosk.core.durable import AppendFile, FrozenFile, on_read_only_disk, write_atomic
from kiosk.core.errors import HomeError, LedgerBroken, LedgerError, RefusedError
from kiosk.draw.protocol import digest
from kiosk.ledger.checkpoints import Checkpoints
from kiosk.ledger.history import History
from kiosk.ledger.permitted import Lists, problem_with
from kiosk.ledger.reader import read_records, take
from kiosk.ledger.record import GENESIS, Body, Record, Recovered, hash_of

logger = logging.getLogger(__name__)

MAX_LEDGER_BYTES = 256 << 20
"""At 1 KiB a spin this is 250 000 spins; a larger file is not ours."""
READ_ONLY = "The disk is mounted read-only, so nothing is drawn: check it and mount it writable."
WRITABLE_AGAIN = "The disk is writable again: restart the kiosk."


class Ledger:
    """The open ledger of a running kiosk.

    Attributes:
        history: what the records add up to, always current.
        seq: number of the last record, 0 if there is none.
        head: H(last line), or 64 zeros: a copy of it proves later that the past was not changed.
        checkpoints: where the head is signed; None until the ledger was held against them.
    """

    def __init__(self, path: Path, *, clock: Clock, lists: Lists, frozen: bool = False) -> None:
        """Open `path`, check its chain and every record, and move a torn last line aside.

        Args:
            path: of the file.
            clock: for the records.
            lists: finds the lists that records name, so that a new record can be judged.
            frozen: the disk is read-only: look only, and leave a torn last line where it is.

        Raises:
            LedgerBroken: the chain does not hold, or a record cannot follow those before it.
            LedgerError: the file is larger than any ledger of ours.
            HomeError: the file cannot be read, created or written.
        """
        self._clock = clock
        self._lists = lists
        self._file: AppendFile | FrozenFile = FrozenFile(path) if frozen else AppendFile(path)
        self.history = History()
        self.seq = 0
        self.head = GENESIS
        self.checkpoints: Checkpoints | None = None
        try:
            self._load(path)
        except BaseException:
            self._file.close()
            raise

    @property
    def frozen(self) -> str:
        """Why nothing can be recorded until a restart; "" if the ledger was opened for writing."""
        if not isinstance(self._file, FrozenFile):
            return ""
        return READ_ONLY if on_read_only_disk(self._file.path) else WRITABLE_AGAIN

    def append(self, body: Body) -> Record:
        """Add a record and sign the head; returns when the record is durable.

        Raises:
            RefusedError: the rules do not permit it now, and why.
            LedgerBroken: the file is not the one that was opened any more.
            HomeError: it could not be written (disk full, read-only); the ledger is as it was before.
        """
        self.check()
        at = self.now
        problem = problem_with(self.history, body, prev=self.head, at=at, lists=self._lists)
        if problem is not None:
            raise RefusedError(f"It cannot be recorded: {problem}.")
        record = Record(seq=self.seq + 1, at=at, prev=self.head, body=body)
        line = record.line()
        self._file.append(line + b"\n")
        self._take(record, line)
        self.sign_head()
        return record

    def problem_with(self, body: Body) -> str | None:
        """Say why `body` cannot be the next record, or None if it can."""
        return problem_with(self.history, body, prev=self.head, at=self.now, lists=self._lists)

    @property
    def now(self) -> str:
        """What the next record's `at` would be."""
        return rfc3339(self._clock.utc_now())

    def check(self) -> None:
        """Make sure that the file is still the one that was opened. Cheap: it reads nothing.

        Raises:
            LedgerBroken: it was deleted, replaced, cut or written to by somebody else.
        """
        if not self._file.in_place():
            raise LedgerBroken(
                f"{self._file.path} was deleted, replaced or changed while the kiosk runs: nothing is drawn.",
                remedy="Put it back as it was, or keep it as evidence, and restart the kiosk.",
            )

    def sign_head(self) -> None:
        """Sign the head, so that its end cannot be cut unnoticed; not while a spin is open.

        A disk that refuses is only logged: the next record, or the next start, signs all the same.
        """
        if self.checkpoints is None or not self.seq or self.history.unfinished is not None:
            return
        try:
            self.checkpoints.sign(self.seq, self.head)
        except HomeError as error:
            logger.warning("the head could not be signed: %s", error)

    def close(self) -> None:
        """Close the file; a second call does nothing."""
        self._file.close()

    def _take(self, record: Record, line: bytes) -> None:
        self.history.apply(record)
        self.seq = record.seq
        self.head = hash_of(line)

    def _load(self, path: Path) -> None:
        if self._file.size > MAX_LEDGER_BYTES:
            raise LedgerError(f"{path} has {self._file.size >> 20} MiB, more than any ledger.", remedy="Move it away.")
        data = path.read_bytes() if path.exists() else b""
        whole, torn = _split_torn(data)
        noted: Counter[str] = Counter()
        for record in read_records(whole, name=str(path)):
            take(self.history, record, name=str(path))
            self.seq = record.seq
            if isinstance(record.body, Recovered):
                noted[record.body.digest] += 1
        if self.seq:
            self.head = hash_of(whole[whole.rfind(b"\n", 0, -1) + 1 : -1])
        if isinstance(self._file, FrozenFile):
            return
        if torn:
            self._move_aside(path, torn, size=len(whole))
        for aside in sorted(path.parent.glob(f"{path.stem}-torn-*.bin")):
            moved = aside.read_bytes()
            noted[digest(moved)] -= 1
            if noted[digest(moved)] < 0:
                logger.warning("recorded a torn last line of %d bytes, kept in %s", len(moved), aside)
                self.append(Recovered(bytes=len(moved), digest=digest(moved)))

    def _move_aside(self, path: Path, torn: bytes, *, size: int) -> None:
        # The copy is durable before the cut, and the record is made from the copy: a second power cut at any point
        # here leaves something from which the next start ends in the same state.
        write_atomic(path.with_name(f"{path.stem}-torn-{self.seq + 1:06d}-{digest(torn)[:8]}.bin"), torn)
        self._file.truncate(size)


def _split_torn(data: bytes) -> tuple[bytes, bytes]:
    """Split off a last line that was never written whole: one without LF, or one with blocks of zeros.

    A whole last line that merely does not fit the chain is not torn: it is damage, and is left for the reader to
    report.
    """
    end = data.rfind(b"\n") + 1
    if end < len(data):
        return data[:end], data[end:]
    start = data.rfind(b"\n", 0, end - 1) + 1
    last = data[start:end]
    # Blocks that never reached the disk read back as zeros.
    return (data[:start], last) if b"\0" in last else (data, b"")
