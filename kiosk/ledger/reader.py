"""Reads a ledger's bytes: strictly, as the kiosk and the verifiers do, or leniently, as reports do.

Invariant: pure, and the one way in. Strict reading takes a line only in its canonical form, in its place in the chain,
and as a record that may follow those before it. Lenient reading passes over what it cannot use and says so: judging
the ledger is the verifier's work.
"""

from collections.abc import Callable, Iterable, Iterator

from kiosk.core.errors import LedgerBroken
from kiosk.ledger.history import History
from kiosk.ledger.record import EARLIER_FORMAT, GENESIS, Record, hash_of, parse

PassedOver = Callable[[int, str], None]
"""Told of each line that lenient reading passes over: its number, and why."""

_KEEP = "Keep the file as evidence, and start with a fresh kiosk directory or a bundle (wheel-admin restore)."
_START_FRESH = (
    "No such ledger was ever released: move the kiosk directory away and publish the list again with this version."
)


def read_records(data: bytes, *, name: str = "the ledger", passed_over: PassedOver | None = None) -> Iterator[Record]:
    """Yield the records of a ledger's bytes.

    Args:
        data: the file's content.
        name: the file, for error messages.
        passed_over: None checks form and chain strictly; else told of each line that is not a record.

    Raises:
        LedgerBroken: strictly, at the first line that does not parse or does not follow from the one before. Its
            message names the line.
    """
    seq, prev = 0, GENESIS
    for number, line in enumerate(data.removesuffix(b"\n").split(b"\n") if data else (), start=1):
        try:
            record = parse(line)
        except LedgerBroken as error:
            if passed_over is None:
                raise _broken(name, number, error.message) from error
            passed_over(number, error.message)
            continue
        if passed_over is None and (record.seq, record.prev) != (seq + 1, prev):
            raise _broken(name, number, "it does not follow from the line before")
        seq, prev = record.seq, hash_of(line)
        yield record


def fold(records: Iterable[Record], *, name: str = "the ledger", passed_over: PassedOver | None = None) -> History:
    """Return what records add up to.

    Args:
        records: in order.
        name: the file, for error messages.
        passed_over: None refuses a record that cannot follow those before it; else told of it, and it is left out.

    Raises:
        LedgerBroken: strictly, at the first record that cannot follow those before it.
    """
    history = History()
    for record in records:
        try:
            take(history, record, name=name)
        except LedgerBroken as error:
            if passed_over is None:
                raise
            passed_over(record.seq, error.message)
    return history


def take(history: History, record: Record, *, name: str) -> None:
    """Apply one record to `history`.

    Raises:
        LedgerBroken: it cannot follow those before it.
    """
    problem = history.problem_with(record.body, prev=record.prev)
    if problem is not None:
        raise _broken(name, record.seq, problem)
    history.apply(record)


def _broken(name: str, number: int, why: str) -> LedgerBroken:
    return LedgerBroken(f"{name}, line {number}: {why}.", remedy=_START_FRESH if EARLIER_FORMAT in why else _KEEP)
