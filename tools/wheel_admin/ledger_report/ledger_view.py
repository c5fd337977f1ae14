"""The kiosk's ledger, as far as the organiser's commands look at it.

Invariant: reading only, and lenient: a line that is not a record, or that cannot follow those before it, is counted and
passed over. `wheel-admin verify` judges the ledger. What records mean is decided by the kiosk's own reader.
"""

from collections.abc import Sequence
from typing import Literal

import msgspec

from kiosk.core.errors import HomeError, LedgerBroken
from kiosk.core.home import REQUEST_NAME, Home, request_name
from kiosk.core.regular_files import read_file
from kiosk.draw.modes import Mode
from kiosk.ledger.event import PlaceState
from kiosk.ledger.history import History
from kiosk.ledger.ledger import MAX_LEDGER_BYTES
from kiosk.ledger.reader import read_records, take
from kiosk.ledger.record import KEY, Adopt, Claim, Close, Entropy, Record, Refused, Result, Shown, Withdraw
from kiosk.snapshot.requests import FREEING


class Draw(msgspec.Struct, frozen=True):
    """One place that a spin gave away.

    Attributes:
        at: when it was decided, UTC.
        seq: number of the result's record.
        event: the event's id.
        generation: of the list that it was drawn from, and
        snapshot: its S.
        spin: the spin's number within the event.
        prize: id of the prize; empty without prizes.
        place: the place that was drawn.
        place_now: the place that the ticket holds now; a reserve moves into a winner's place that falls free.
        mode: what happened.
        ticket: who won it.
        reason: why the ticket was fixed.
        fallback: why a fixed spin became natural.
        shown: the wheel came to rest on it.
        state: what became of the place.
        entropy: the public entropy texts that went into it.
    """

    at: str
    seq: int
    event: str
    generation: int
    snapshot: str
    spin: int
    prize: str
    place: int
    place_now: int
    mode: Mode
    ticket: str
    reason: str = ""
    fallback: Literal["", "not in the pool"] = ""
    shown: bool = False
    state: PlaceState = "held"
    entropy: tuple[str, ...] = ()

    @property
    def freed(self) -> bool:
        """Whether the place was freed again."""
        return self.state in FREEING


class Withdrawal(msgspec.Struct, frozen=True):
    """A ticket that was taken off the wheel, at `at` (UTC), and why; `seq` is the record's number."""

    at: str
    seq: int
    event: str
    generation: int
    snapshot: str
    ticket: str
    reason: str


class LedgerView(msgspec.Struct, frozen=True):
    """What the ledger tells the organiser.

    Attributes:
        history: what its records add up to.
        draws: every place that a spin gave away, in order.
        withdrawals: in order.
        settled: names of the request files that it recorded or refused: nobody needs them any more.
        unreadable: lines that are not records, or cannot follow those before them.
    """

    history: History = msgspec.field(default_factory=History)
    draws: tuple[Draw, ...] = ()
    withdrawals: tuple[Withdrawal, ...] = ()
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
    whole = data[: data.rfind(b"\n") + 1]  # the kiosk may be writing the next line
    for record in read_records(whole, passed_over=reader.pass_over):
        reader.take(record)
    return reader.view()


def find_draw(draws: Sequence[Draw], *, spin: int | None, ticket: str = "") -> list[Draw]:
    """Return the places that a spin gave away (None: the last one in `draws`), to `ticket` if one is named."""
    wanted = draws[-1].spin if spin is None and draws else spin
    return [draw for draw in draws if draw.spin == wanted and ticket in {"", draw.ticket}]


class _Reader:
    def __init__(self) -> None:
        self._history = History()
        self._draws: list[Draw] = []
        self._by_spin: dict[tuple[str, int], list[int]] = {}
        self._holding: dict[tuple[str, str, int], int] = {}
        self._withdrawals: list[Withdrawal] = []
        self._settled: set[str] = set()
        self._unreadable = 0

    def pass_over(self, number: int, why: str) -> None:
        del number, why
        self._unreadable += 1

    def take(self, record: Record) -> None:
        unfinished = self._history.unfinished
        try:
            take(self._history, record, name="the ledger")
        except LedgerBroken:
            self._unreadable += 1
            return
        match record.body:
            case Result() as result if unfinished is not None:
                self._result(record, result, prize=unfinished.open.prize, places=unfinished.open.place_numbers)
            case Shown(spin=spin):
                for index in self._by_spin.get((self._current.event, spin), ()):
                    self._draws[index] = msgspec.structs.replace(self._draws[index], shown=True)
            case Claim() as claim:
                self._claim(claim)
            case Withdraw() as gone:
                self._withdraw(record, gone)
            case Entropy(request=request) | Close(request=request):
                self._settled.add(request_name(request))
            case Refused(file=file) if REQUEST_NAME.fullmatch(file):
                self._settled.add(file)

    @property
    def _current(self) -> Adopt:
        current = self._history.current
        if current is None:
            raise LookupError("a spin or a withdrawal was taken, so there was an adopt record before")
        return current

    def _result(self, record: Record, result: Result, *, prize: str, places: tuple[int, ...]) -> None:
        current = self._current
        for place, ticket in zip(places, result.winners, strict=False):  # places that got nobody stay open
            index = len(self._draws)
            self._by_spin.setdefault((current.event, result.spin), []).append(index)
            self._holding[current.event, prize, place] = index
            self._draws.append(
                Draw(
                    at=record.at,
                    seq=record.seq,
                    event=current.event,
                    generation=current.generation,
                    snapshot=current.snapshot,
                    spin=result.spin,
                    prize=prize,
                    place=place,
                    place_now=place,
                    mode=result.mode,
                    ticket=ticket,
                    reason=result.reason,
                    fallback=result.fallback,
                    entropy=tuple(self._history.texts),
                )
            )

    def _claim(self, claim: Claim) -> None:
        """Change what became of a place: of its holder's, and of the reserve's who moves in."""
        if claim.request != KEY:
            self._settled.add(request_name(claim.request))
        at = (claim.event, claim.prize, claim.place)
        index = self._holding[at]
        self._draws[index] = msgspec.structs.replace(self._draws[index], state=claim.state)
        if claim.state not in FREEING:
            return
        del self._holding[at]
        if claim.reserve:
            index = self._holding.pop((claim.event, claim.prize, claim.reserve))
            self._holding[at] = index
            self._draws[index] = msgspec.structs.replace(self._draws[index], place_now=claim.place, state="held")

    def _withdraw(self, record: Record, gone: Withdraw) -> None:
        self._settled.add(request_name(gone.request))
        generation, snapshot = self._current.generation, self._current.snapshot
        self._withdrawals.append(
            Withdrawal(record.at, record.seq, gone.event, generation, snapshot, gone.ticket, gone.reason)
        )

    def view(self) -> LedgerView:
        return LedgerView(
            history=self._history,
            draws=tuple(self._draws),
            withdrawals=tuple(self._withdrawals),
            settled=frozenset(self._settled),
            unreadable=self._unreadable,
        )
