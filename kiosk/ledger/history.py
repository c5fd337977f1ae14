"""What the records so far add up to.

Invariant: pure; a fold over records, in order. Whatever the kiosk must remember across a restart is read from here, so
the ledger is the only memory: spins made, winners, withdrawn tickets, the anchor, what is unfinished.
"""

from collections import defaultdict
from dataclasses import dataclass, field

from kiosk.draw.protocol import NO_ENTROPY
from kiosk.ledger.record import Absent, Adopt, Body, Entropy, Open, Refused, Result, Shown, Withdraw
from kiosk.snapshot.model import DEMO_GENERATION


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A spin that was opened and not yet shown; `result` is None if it was not yet decided."""

    open: Open
    result: Result | None = None


@dataclass(slots=True)
class Past:
    """What happened under one generation.

    Attributes:
        spins: how many are decided; spin i was won by `winners[i - 1]`.
        entropy: P; and
        entropy_counts: it came after the anchor, so that the anchor cannot have been chosen to suit it.
        shown: how many were shown.
        absent: spins whose winner was not there.
    """

    spins: int = 0
    winners: list[str] = field(default_factory=list)
    withdrawn: set[str] = field(default_factory=set)
    entropy: str = NO_ENTROPY
    entropy_counts: bool = False
    shown: int = 0
    absent: set[int] = field(default_factory=set)


class History:
    """The state that follows from the records.

    Attributes:
        generation: highest generation ever adopted (0 before the first), and
        s: the S it had.
        current: the last `adopt` record: what the kiosk shows, or showed when it stopped; and
        adopted_at: when that was (UTC, RFC 3339).
        unfinished: the spin that a restart has to finish, if any.
        last_result: the last result of the current list, if any.
        refused: (file, reason) pairs already recorded, so that a rescan does not record them again; and
        refused_since_adopt: how many of them since the last `adopt` record.
        carried_out: nonces of the requests that are recorded.
    """

    def __init__(self) -> None:
        self.generation = 0
        self.s = ""
        self.current: Adopt | None = None
        self.adopted_at = ""
        self.carried_out: set[str] = set()
        self.unfinished: Unfinished | None = None
        self.last_result: Result | None = None
        self.refused: set[tuple[str, str]] = set()
        self.refused_since_adopt = 0
        self._pasts: defaultdict[str, Past] = defaultdict(Past)

    def past(self, s: str) -> Past:
        """Return what happened so far under the list with that S."""
        return self._pasts[s]

    def apply(self, body: Body, *, at: str = "") -> None:
        """Take the next record, made at `at`, into account."""
        match body:
            case Adopt():
                self._adopt(body)
                self.adopted_at = at
            case Entropy():
                past = self._pasts[body.snapshot]
                past.entropy, past.entropy_counts = body.entropy, True
            case Withdraw() if self.current:
                self._pasts[self.current.snapshot].withdrawn.add(body.ticket)
                self.carried_out.add(body.request or "")
            case Absent() if self.current:
                self._pasts[self.current.snapshot].absent.add(body.spin)
                self.carried_out.add(body.request or "")
            case Open():
                self.unfinished = Unfinished(body)
            case Result() if self.current and self.unfinished:
                past = self._pasts[self.current.snapshot]
                past.spins = body.spin
                past.winners.append(body.ticket)
                self.unfinished = Unfinished(self.unfinished.open, body)
                self.last_result = body
            case Shown():
                self.unfinished = None
                if self.current:
                    self._pasts[self.current.snapshot].shown = body.spin
            case Refused():
                self.refused.add((body.file, body.reason))
                self.refused_since_adopt += 1
            case _:
                pass

    def _adopt(self, body: Adopt) -> None:
        if body.generation == DEMO_GENERATION:
            self._pasts[body.snapshot] = Past()  # sample spins are no draws: each showing starts anew
        if self.current is None or self.current.snapshot != body.snapshot:
            self.last_result = None
        self._pasts[body.snapshot].entropy_counts = False
        self.current = body
        self.unfinished = None
        self.refused_since_adopt = 0
        if body.generation >= self.generation and body.generation != DEMO_GENERATION:
            self.generation, self.s = body.generation, body.snapshot
