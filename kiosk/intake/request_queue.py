"""Passes organiser requests from the watcher's thread to the ledger: in idle, and each only once.

Invariant: nothing is decided here; `kiosk.session.organiser_requests` does that. What was refused stays on screen until
the next list arrives.
"""

import logging
from collections import Counter
from collections.abc import Callable

import msgspec

from kiosk.intake.request_files import Delivered
from kiosk.session.organiser_requests import Clerk

logger = logging.getLogger(__name__)

_REFUSED_AT_ONCE = 8
"""Requests refused at one look: a flood of them must not become a flood of records."""
_REFUSALS_KEPT = 3


class RequestRefusal(msgspec.Struct, frozen=True):
    """A request that was refused: its file's name, and why."""

    file: str
    reason: str


class RequestQueue:
    """Hands requests over.

    Args:
        clerk: carries them out and records them.
        look: returns what was found last; the same tuple as long as nothing changed.

    Attributes:
        refusals: the newest requests that were refused under the current list.
        waiting: how many requests wait and for what, as `2 for another kiosk`.
    """

    def __init__(self, clerk: Clerk, look: Callable[[], tuple[Delivered, ...]]) -> None:
        self._clerk = clerk
        self._look = look
        self._taken: tuple[Delivered, ...] | None = None
        self._taken_at = 0
        """The ledger's last record then: another one may permit what waited."""
        self.refusals: tuple[RequestRefusal, ...] = ()
        self.waiting: tuple[str, ...] = ()

    @property
    def blocked(self) -> bool:
        """Whether a spin is open, so that requests and lists have to wait."""
        return self._clerk.spin_is_open

    def take(self) -> bool:
        """Carry out what was delivered; returns whether there was anything. For idle only.

        Raises:
            HomeError: a record could not be written; the rest stays in the queue.
        """
        found = self._look()
        known = found is self._taken
        if known and self._clerk.seq == self._taken_at:
            return False
        self._clerk.early = False
        refused, before, first = 0, -1, self._clerk.seq
        while before != self._clerk.seq:  # what was just recorded may be what another request waited for
            before = self._clerk.seq
            for delivered in found:
                problem = self._clerk.take(delivered) if refused < _REFUSED_AT_ONCE else None
                if problem:
                    refused += 1
                    logger.warning("refused %s: %s", delivered.name, problem)
                    self.refusals = (RequestRefusal(delivered.name, problem), *self.refusals)[:_REFUSALS_KEPT]
        awaited = Counter(filter(None, map(self._clerk.waits_for, found)))
        self.waiting = tuple(f"{count} for {what}" for what, count in sorted(awaited.items()))
        if self.blocked:  # its end could not be recorded yet: requests wait for that
            return False
        if self._clerk.early:  # the clock alone decides when it can be taken
            return self._clerk.seq != first
        self._taken, self._taken_at = found, self._clerk.seq
        return self._clerk.seq != first if known else bool(found)

    def forget_refusals(self) -> None:
        """Forget what was refused under the previous list."""
        self.refusals = ()
