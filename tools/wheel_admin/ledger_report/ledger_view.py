"""The kiosk's ledger, as far as the organiser's commands look at it.

Invariant: reading only, and patient: a line that cannot be understood is counted and passed over, because judging the
ledger is the verifier's work (`wheel-admin verify`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import msgspec

from kiosk.core.errors import HomeError
from kiosk.core.home import Home, entropy_name, request_name
from kiosk.core.regular_files import read_file
from kiosk.draw.entropy import Level, level_of
from kiosk.ledger.ledger import MAX_LEDGER_BYTES


class _Record(msgspec.Struct, frozen=True):
    """The fields that are needed here, of any type of record."""

    type: str
    seq: int = 0
    at: str = ""
    generation: int = 0
    snapshot: str = ""
    spin: int = 0
    mode: str = ""
    ticket: str = ""
    reason: str = ""
    fallback: str = ""
    entropy: str = ""
    file: str = ""
    request: str = ""


class Draw(msgspec.Struct, frozen=True):
    """One spin that has a result.

    Attributes:
        at: when it was decided, UTC.
        generation: of the list; 0 if the ledger does not say.
        snapshot: S of the list; empty if the ledger does not say.
        mode: `natural`, `fixed` or `demo`.
        reason: why the ticket was fixed.
        fallback: why a fixed spin became natural.
        shown: the wheel came to rest on it.
        absent: the winner was not in the room.
        entropy: P that went into it; `none` if there was none.
        entropy_counts: P came after the secrets were committed to.
        seq: number of the record in the ledger.
    """

    at: str
    generation: int
    snapshot: str
    spin: int
    mode: str
    ticket: str
    reason: str = ""
    fallback: str = ""
    shown: bool = False
    absent: bool = False
    entropy: str = "none"
    entropy_counts: bool = False
    seq: int = 0

    @property
    def level(self) -> Level | None:
        """How far its randomness convinces; None unless it is natural."""
        if self.mode != "natural":
            return None
        return level_of(self.entropy) if self.entropy_counts else "sealed"


class Withdrawal(msgspec.Struct, frozen=True):
    """A ticket that was taken off the wheel, at `at` (UTC), and why; `seq` is the record's number."""

    at: str
    generation: int
    snapshot: str
    ticket: str
    reason: str
    seq: int = 0


@dataclass(frozen=True, slots=True)
class LedgerView:
    """What the ledger tells the organiser.

    Attributes:
        draws: in order.
        highest_generation: ever adopted; 0 for none.
        current_generation: adopted last; 0 for none.
        current_s: S of that one, and
        adopted_at: when (UTC), and
        entropy: the P that counts for its next spin; empty if there is none.
        withdrawals: in order.
        refused: (file, reason) of what the kiosk refused, in order.
        settled: names of the entropy and request files that it recorded or refused: nobody needs them any more.
        unreadable: lines that could not be understood.
    """

    draws: tuple[Draw, ...] = ()
    highest_generation: int = 0
    current_generation: int = 0
    current_s: str = ""
    adopted_at: str = ""
    entropy: str = ""
    withdrawals: tuple[Withdrawal, ...] = ()
    refused: tuple[tuple[str, str], ...] = ()
    settled: frozenset[str] = frozenset()
    unreadable: int = 0


def read_ledger(home: Home) -> LedgerView:
    """Read the ledger; a missing one is an empty one.

    Raises:
        HomeError: it is there but cannot be read.
    """
    try:
        data = read_file(home.ledger, limit=MAX_LEDGER_BYTES)
    except FileNotFoundError:
        return LedgerView()
    except OSError as error:
        raise HomeError(f"Cannot read the ledger {home.ledger}: {error.strerror or error}.") from error
    reader = _Reader()
    for line in data.split(b"\n"):
        if line.strip():
            reader.take(line)
    return reader.view()


class _Reader:
    def __init__(self) -> None:
        self._decoder = msgspec.json.Decoder(_Record)
        self._draws: list[Draw] = []
        self._open: dict[int, int] = {}  # spin of the current adoption -> its place in draws
        self._highest = 0
        self._generation = 0
        self._s = ""
        self._adopted_at = ""
        self._entropy = ""
        self._opened_with = "none"
        self._withdrawals: list[Withdrawal] = []
        self._refused: list[tuple[str, str]] = []
        self._settled: set[str] = set()
        self._unreadable = 0

    def take(self, line: bytes) -> None:
        try:
            record = self._decoder.decode(line)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            self._unreadable += 1
            return
        self._takers.get(record.type, _Reader._pass_over)(self, record)

    def _adopt(self, record: _Record) -> None:
        if (self._generation, self._s) != (record.generation, record.snapshot):
            self._open.clear()
        self._highest = max(self._highest, record.generation)
        self._generation, self._s, self._adopted_at = record.generation, record.snapshot, record.at
        self._entropy = ""

    def _take_entropy(self, record: _Record) -> None:
        self._entropy = record.entropy
        self._settled.add(entropy_name(self._generation))

    def _take_open(self, record: _Record) -> None:
        self._opened_with = record.entropy

    def _result(self, record: _Record) -> None:
        self._open[record.spin] = len(self._draws)
        self._draws.append(
            Draw(
                at=record.at,
                generation=self._generation,
                snapshot=self._s,
                spin=record.spin,
                mode=record.mode,
                ticket=record.ticket,
                reason=record.reason,
                fallback=record.fallback,
                entropy=self._opened_with,
                entropy_counts=bool(self._entropy),
                seq=record.seq,
            )
        )

    def _shown(self, record: _Record) -> None:
        self._change(record.spin, shown=True)

    def _absent(self, record: _Record) -> None:
        self._settled.add(request_name(record.request))
        self._change(record.spin, absent=True)

    def _withdraw(self, record: _Record) -> None:
        self._settled.add(request_name(record.request))
        self._withdrawals.append(
            Withdrawal(record.at, self._generation, self._s, record.ticket, record.reason, record.seq)
        )

    def _refuse(self, record: _Record) -> None:
        self._refused.append((record.file, record.reason))
        if "#" in record.file:  # a message, and which one of that name
            self._settled.add(record.file.partition("#")[0])

    def _pass_over(self, record: _Record) -> None:
        del record

    _takers: "ClassVar[dict[str, Callable[[_Reader, _Record], None]]]" = {  # noqa: RUF012 - a constant table
        "adopt": _adopt,
        "entropy": _take_entropy,
        "open": _take_open,
        "result": _result,
        "shown": _shown,
        "absent": _absent,
        "withdraw": _withdraw,
        "refused": _refuse,
    }

    def _change(self, spin: int, *, shown: bool = False, absent: bool = False) -> None:
        at = self._open.get(spin)
        if at is not None:
            draw = self._draws[at]
            self._draws[at] = msgspec.structs.replace(draw, shown=draw.shown or shown, absent=draw.absent or absent)

    def view(self) -> LedgerView:
        return LedgerView(
            draws=tuple(self._draws),
            highest_generation=self._highest,
            current_generation=self._generation,
            current_s=self._s,
            adopted_at=self._adopted_at,
            entropy=self._entropy,
            withdrawals=tuple(self._withdrawals),
            refused=tuple(self._refused),
            settled=frozenset(self._settled),
            unreadable=self._unreadable,
        )
