"""The pool: the entries that can still win, in snapshot order.

Invariant: the wheel shows the pool and the draw samples the pool; both use the one `Segments` made here. No names: a
name never decides anything.
"""

from collections.abc import Container, Iterable
from functools import cached_property

from kiosk.draw.protocol import digest
from kiosk.wheel.segments import Segments


class Pool:
    """Tickets and weights that are on the wheel.

    Args:
        entries: (ticket, weight) in snapshot order.
        removed: tickets that are no longer on the wheel (already won, withdrawn).
    """

    def __init__(self, entries: Iterable[tuple[str, int]], *, removed: Container[str] = frozenset()) -> None:
        kept = [entry for entry in entries if entry[0] not in removed]
        self.tickets = tuple(ticket for ticket, _ in kept)
        self.weights = tuple(weight for _, weight in kept)

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

    def index_of(self, ticket: str) -> int | None:
        """Return the ticket's place on the wheel, or None if it is not there."""
        return self._places.get(ticket)

    @cached_property
    def _places(self) -> dict[str, int]:
        return {ticket: place for place, ticket in enumerate(self.tickets)}
