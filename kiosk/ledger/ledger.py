"""The ledger file: append only, each line chained to the one before, durable before anybody acts on it.

Invariant: nothing is ever changed or dropped. A last line that a power cut tore (no LF, or no JSON) is moved aside into
`ledger-torn-N.bin` and a `recovered` record says so; any other damage stops the kiosk from drawing, because a broken
chain proves that somebody or something changed the past.
"""

import logging
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from kiosk.core.clock import Clock, rfc3339
from kiosk.core.durable import AppendFile, write_atomic
from kiosk.core.errors import LedgerBroken, LedgerError
from kiosk.draw.protocol import digest
from kiosk.ledger.history import History
from kiosk.ledger.record import GENESIS, Body, Record, Recovered, hash_of, parse

logger = logging.getLogger(__name__)

MAX_LEDGER_BYTES = 256 << 20
"""At 1 KiB a spin this is 250 000 spins; a larger file is not ours."""


def read_records(data: bytes, *, name: str = "the ledger") -> Iterator[Record]:
    """Yield the records of a ledger's bytes, checking the chain.

    Args:
        data: the file's content.
        name: the file, for error messages.

    Raises:
        LedgerBroken: at the first line that does not parse or does not follow from the one before. Its message
            names the line.
    """
    seq, prev = 0, GENESIS
    for number, line in enumerate(data.removesuffix(b"\n").split(b"\n") if data else (), start=1):
        try:
            record = _follow(line, seq=seq, prev=prev)
        except LedgerBroken as error:
            raise LedgerBroken(
                f"{name}, line {number}: {error.message}.",
                remedy="Keep the file as evidence, and start with a fresh kiosk directory or a backup.",
            ) from error
        seq, prev = record.seq, hash_of(line)
        yield record


class Ledger:
    """The open ledger of a running kiosk.

    Attributes:
        history: what the records add up to, always current.
        seq: number of the last record, 0 if there is none.
        head: H(last line), or 64 zeros: whoever keeps a copy of it can prove later that the past was not changed.
    """

    def __init__(self, path: Path, *, clock: Clock) -> None:
        """Open `path`, check its chain, and move a torn last line aside.

        Raises:
            LedgerBroken: the chain does not hold.
            LedgerError: the file is larger than any ledger of ours.
            HomeError: the file cannot be read, created or written.
        """
        self._clock = clock
        self._file = AppendFile(path)
        self.history = History()
        self.seq = 0
        self.head = GENESIS
        try:
            self._load(path)
        except BaseException:
            self._file.close()
            raise

    def append(self, body: Body) -> Record:
        """Add a record; returns when it is durable.

        Raises:
            HomeError: it could not be written (disk full, read-only); the ledger is as it was before.
        """
        record = Record(seq=self.seq + 1, at=rfc3339(self._clock.utc_now()), prev=self.head, body=body)
        line = record.line()
        self._file.append(line + b"\n")
        self._take(record, line)
        return record

    def close(self) -> None:
        """Close the file; a second call does nothing."""
        self._file.close()

    def _take(self, record: Record, line: bytes) -> None:
        self.seq = record.seq
        self.head = hash_of(line)
        self.history.apply(record.body, at=record.at)

    def _load(self, path: Path) -> None:
        if self._file.size > MAX_LEDGER_BYTES:
            raise LedgerError(f"{path} has {self._file.size >> 20} MiB, more than any ledger.", remedy="Move it away.")
        data = path.read_bytes()
        whole, torn = _split_torn(data)
        noted: Counter[str] = Counter()
        for record in read_records(whole, name=str(path)):
            self._take(record, record.line())
            if isinstance(record.body, Recovered):
                noted[record.body.digest] += 1
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
    """Split off a last line that was never written whole: one without LF, or one that is no JSON object.

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


def _follow(line: bytes, *, seq: int, prev: str) -> Record:
    record = parse(line)
    if record.seq != seq + 1 or record.prev != prev:
        raise LedgerBroken("it does not follow from the line before")
    return record
