"""The pool: the entries that can win what a press gives away, in the list's order.

Invariant: the wheel shows the pool and the draw samples the pool; both use the one `Segments` made here. No names: a
name never decides anything. Who is in a pool is decided in `kiosk.ledger.event`.
"""

from collections.abc import Iterable, Iterator
from functools import cached_property

import msgspec

from kiosk.draw.protocol import Press, Sample, digest, sample
from kiosk.wheel.segments import Segments


class Drawn(msgspec.Struct, frozen=True):
    """One place's winner: their place `index` in the pool, and the number that chose it."""

    place: int
    index: int
    sample: Sample
    total: int


class Pool:
    """Tickets and weights that are on the wheel.

    Args:
        entries: (ticket, weight) in the list's order.
        households: ticket -> household, of those who are in one with somebody else; empty if the rules do not ask.
    """

    def __init__(self, entries: Iterable[tuple[str, int]], *, households: dict[str, int] | None = None) -> None:
        kept = list(entries)
        self.tickets = tuple(ticket for ticket, _ in kept)
        self.weights = tuple(weight for _, weight in kept)
        self._households = households or {}

    def __len__(self) -> int:
        return len(self.tickets)

    @cached_property
    def segments(self) -> Segments:
        """The segments of this pool's wheel. Raises ValueError for an empty pool."""
        return Segments(self.weights)

    @cached_property
    def digest(self) -> str:
        """H(pool bytes): `TICKET TAB WEIGHT LF` for each entry."""
        lines = zip(self.tickets, self.weights, strict=True)
        return digest("".join(f"{ticket}\t{weight}\n" for ticket, weight in lines).encode())

    @cached_property
    def weight(self) -> int:
        """W: the sum of the weights."""
        return sum(self.weights)

    def index_of(self, ticket: str) -> int | None:
        """Return the ticket's place on the wheel, or None if it is not there."""
        return self._places.get(ticket)

    def draw(self, press: Press, *, reveal: bytes, places: Iterable[int]) -> Iterator[Drawn]:
        """Draw a winner for each of `places`, ascending, from what is left (docs/protocol.md, wheel-draw/2, step 2).

        A winner leaves, with their household if the rules say so, before the next place. When nobody is left, the
        rest of the places get nobody.
        """
        left = _Remaining(self.weights)
        for place in places:
            if left.total == 0:
                return
            drawn = sample(press, reveal=reveal, place=place, total=left.total)
            index = left.entry_at(drawn.t)
            yield Drawn(place, index, drawn, left.total)
            for gone in self.leaving_with(index):
                left.remove(gone)

    def leaving_with(self, index: int) -> tuple[int, ...]:
        """Return who leaves the pool when the entry at `index` wins: it, and its household if the rules say so."""
        household = self._households.get(self.tickets[index], 0)
        return self._members[household] if household else (index,)

    @cached_property
    def _members(self) -> dict[int, tuple[int, ...]]:
        members: dict[int, list[int]] = {}
        for index, ticket in enumerate(self.tickets):
            if household := self._households.get(ticket, 0):
                members.setdefault(household, []).append(index)
        return {household: tuple(indices) for household, indices in members.items()}

    @cached_property
    def _places(self) -> dict[str, int]:
        return {ticket: place for place, ticket in enumerate(self.tickets)}


class _Remaining:
    """The weights that are left while one press draws several places.

    What has left weighs nothing. The sums of blocks make 200 places at 3000 entries take a few milliseconds.
    """

    _BLOCK = 64

    def __init__(self, weights: tuple[int, ...]) -> None:
        self._weights = list(weights)
        self._sums = [sum(weights[start : start + self._BLOCK]) for start in range(0, len(weights), self._BLOCK)]
        self.total = sum(weights)

    def entry_at(self, t: int) -> int:
        """Return the first entry whose cumulative weight is above `t`, for t within [0, total)."""
        block = 0
        while t >= self._sums[block]:
            t -= self._sums[block]
            block += 1
        index = block * self._BLOCK
        while t >= self._weights[index]:
            t -= self._weights[index]
            index += 1
        return index

    def remove(self, index: int) -> None:
        """Take an entry out; a second time changes nothing."""
        weight, self._weights[index] = self._weights[index], 0
        self._sums[index // self._BLOCK] -= weight
        self.total -= weight
