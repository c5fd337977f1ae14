"""What was found out about each file, so that a file is read again only when it may have changed.

Invariant: a good file is good at once; a bad one is called bad only after it has stood still for `SETTLE_NS`, because
it may be a copy that is still growing. Until then it is read at every look: a file system whose times are coarse can
hide a change within one of their steps. Time is monotonic and the kiosk's own; what times the files claim is only
compared.
"""

from collections.abc import Callable, Hashable
from pathlib import Path
from typing import Generic, TypeVar

import msgspec

from kiosk.core.clock import NS_PER_S, Clock
from kiosk.core.errors import SnapshotError
from kiosk.intake.snapshot_files import Refusal, Stamp
from kiosk.snapshot.model import MAX_ENVELOPE_BYTES

SETTLE_NS = NS_PER_S
"""How long a bad file must have stood still before it is refused."""

T = TypeVar("T")


class _Verdict(Generic[T], msgspec.Struct):
    since_ns: int
    good: T | None
    refusal: Refusal | None
    firm: bool


class Verdicts(Generic[T]):
    """Verdicts about the files of one kind, look by look.

    Args:
        clock: monotonic time.
        settle_ns: see `SETTLE_NS`.
        most: files that are read at one look; None for all. The others are read at the next ones. And
        most_bytes: of them.

    Attributes:
        refusals: the bad files of this look, in the order of asking.
        waiting: some file has to be read again soon.
    """

    def __init__(
        self, clock: Clock, *, settle_ns: int = SETTLE_NS, most: int | None = None, most_bytes: int | None = None
    ) -> None:
        self._clock = clock
        self._settle_ns = settle_ns
        self._most = most
        self._most_bytes = most_bytes
        self._read = self._read_bytes = 0
        self._context: Hashable = None
        self._before: dict[Stamp, _Verdict[T]] = {}
        self._now: dict[Stamp, _Verdict[T]] = {}
        self.refusals: list[Refusal] = []
        self.waiting = False

    def begin(self, context: Hashable) -> None:
        """Begin a look. What was found out under another `context` (keys, say) counts for nothing."""
        self._before = self._now if context == self._context else {}
        self._now = {}
        self._context = context
        self._read = self._read_bytes = 0
        self.refusals = []
        self.waiting = False

    def ask(self, path: Path, stamp: Stamp, read: Callable[[Path], T]) -> T | None:
        """Return what the file holds; None if it is bad, or may be.

        Args:
            path: of the file.
            stamp: of what lies there, taken before.
            read: reads and judges it.
        """
        known = self._before.get(stamp)
        if known is None or not known.firm:
            if self._full:
                self.waiting = True
                return None
            self._read += 1
            self._read_bytes += min(stamp.size, MAX_ENVELOPE_BYTES)
            known = self._judged(path, known, read)
        self._now[stamp] = known
        if known.refusal is not None and known.firm:
            self.refusals.append(known.refusal)
        self.waiting = self.waiting or not known.firm
        return known.good

    @property
    def _full(self) -> bool:
        """Whether this look has read as much as one look reads."""
        many = self._most is not None and self._read >= self._most
        return many or (self._most_bytes is not None and self._read_bytes >= self._most_bytes)

    def _judged(self, path: Path, before: _Verdict[T] | None, read: Callable[[Path], T]) -> _Verdict[T]:
        now = self._clock.monotonic_ns()
        since = before.since_ns if before else now
        try:
            return _Verdict(since, read(path), None, firm=True)
        except SnapshotError as error:
            return _Verdict(since, None, Refusal.of(path, error), firm=now - since >= self._settle_ns)
