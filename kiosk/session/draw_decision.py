"""A decided spin as the screen needs it: who won what, and how the wheel gets there.

Invariant: pure; it decides nothing that the records do not say. Only spins of the sample list are decided here: they
are not draws, and no record is written of them.
"""

from collections.abc import Callable
from typing import Literal

import msgspec

from kiosk.core.errors import RefusedError
from kiosk.draw.entropy import Level, level_of
from kiosk.draw.modes import NATURAL_STEP, Mode, Turn
from kiosk.draw.pool import Pool
from kiosk.draw.protocol import NO_ENTROPY, SECRET_BYTES, Press, landing
from kiosk.ledger.decide import choose
from kiosk.ledger.history import History
from kiosk.ledger.record import Open, Result
from kiosk.snapshot.model import NO_PRIZE, Listed
from kiosk.wheel.spin import SpinPlan


class Winner(msgspec.Struct, frozen=True):
    """Who won a place: their ticket, and the name that the screen shows for it."""

    ticket: str
    name: str


class Decision(msgspec.Struct, frozen=True):
    """A spin that is decided and durable.

    Attributes:
        generation: of the list it was drawn from.
        spin: its number i, from 1, within its event.
        mode: natural, fixed or demo.
        prize: id of what was won; "" in a list without prizes.
        places: the places that were won, in the order of `winners`.
        index: the first winner's place in `pool`.
        pool: what was on the wheel.
        winners: all of them; the wheel lands on the first.
        plan: how the wheel moves there.
        reason: why the ticket was predetermined (mode fixed), or "".
        fallback: why a fixed spin became natural, or "".
        level: who can vouch for the public entropy in it.
    """

    generation: int
    spin: int
    mode: Mode | Literal["demo"]
    prize: str
    places: tuple[int, ...]
    index: int
    pool: Pool
    winners: tuple[Winner, ...]
    plan: SpinPlan
    reason: str = ""
    fallback: str = ""
    level: Level = "sealed"

    @property
    def entry(self) -> Winner:
        """The first winner: the one under the pointer."""
        return self.winners[0]


def decision_from(listed: Listed, opened: Open, result: Result, *, pool: Pool, start: int) -> Decision:
    """Return the decision that the records `opened` and `result` hold.

    Args:
        listed: the list that the spin was drawn from.
        opened: its `open` record.
        result: its `result` record.
        pool: what was on the wheel.
        start: wheel angle from which it is shown, in units.

    Raises:
        RefusedError: the pool is not the one that the records name.
    """
    index = pool.index_of(result.winners[0])
    if index is None or pool.digest != opened.pool:
        raise RefusedError(f"Spin {result.spin} cannot be shown: its pool is not the one that was drawn from.")
    return Decision(
        generation=opened.generation,
        spin=result.spin,
        mode=result.mode,
        prize=opened.prize,
        places=opened.place_numbers[: len(result.winners)],
        index=index,
        pool=pool,
        winners=tuple(Winner(ticket, listed.shown_name(ticket)) for ticket in result.winners),
        plan=SpinPlan(start=start, rest=result.rest, turns=result.turns, segments=len(pool)),
        reason=result.reason,
        fallback=result.fallback,
        level=level_of(listed.snapshot.entropy),
    )


def shown_winners(listed: Listed, history: History) -> tuple[tuple[Winner, bool], ...]:
    """Return who won a place of the event, the last one first, and whether each was absent.

    A spin that was not shown yet is left out.
    """
    event = history.event
    if event is None:
        return ()
    hidden = history.unfinished.open.spin if history.unfinished else 0
    return tuple(
        (Winner(award.ticket, listed.shown_name(award.ticket)), (award.prize, award.ticket) in event.absent)
        for award in reversed(event.awards)
        if award.spin != hidden
    )


class SampleDraws:
    """Spins of the sample list: chance decides, and nothing is recorded.

    Args:
        random_bytes: where chance comes from.

    Attributes:
        spins: how many there were.
        winner: of the last one.
        rest: wheel angle after it, in units.
    """

    def __init__(self, random_bytes: Callable[[int], bytes]) -> None:
        self._random_bytes = random_bytes
        self.spins = 0
        self.winner: Winner | None = None
        self.rest: int | None = None

    def press(self, listed: Listed, pool: Pool, *, start: int) -> Decision:
        """Spin once more."""
        self.spins += 1
        reveal = self._random_bytes(SECRET_BYTES)
        press = Press(listed.s, self.spins, NO_PRIZE, pool.digest, NO_ENTROPY)
        (index,) = choose(Turn(NATURAL_STEP), pool, press, reveal=reveal, places=(self.spins,)).indices
        lands = landing(reveal=reveal, snapshot=listed.s, spin=self.spins, segment=pool.segments.bounds(index))
        ticket = pool.tickets[index]
        self.winner, self.rest = Winner(ticket, listed.shown_name(ticket)), lands.rest
        return Decision(
            generation=listed.snapshot.generation,
            spin=self.spins,
            mode="demo",
            prize=NO_PRIZE,
            places=(self.spins,),
            index=index,
            pool=pool,
            winners=(self.winner,),
            plan=SpinPlan(start=start, rest=lands.rest, turns=lands.turns, segments=len(pool)),
        )
