"""The kiosk of an organiser's desk, without its screen, in the test's own process."""

import contextlib
from collections.abc import Callable, Iterator

from kiosk.core.clock import SystemClock
from kiosk.core.key_files import load_trusted_keys
from kiosk.intake.request_files import Delivered, delivered
from kiosk.intake.snapshot_files import Floor, candidates, keep_copy, newest_good, read_names
from kiosk.intake.verdict_cache import Verdicts
from kiosk.session.open_session import Books, open_session
from kiosk.snapshot.model import Listed
from tests.support import counted_bytes
from tests.wheel_admin.conftest import Desk


class Room:
    """What stands in the room: the kiosk of `desk`, open."""

    def __init__(self, desk: Desk, books: Books) -> None:
        self.desk = desk
        self.books = books
        self.session = books.session

    def adopt(self) -> None:
        """Put the newest list on the wheel, as the loader does."""
        home = self.desk.home
        keys = load_trusted_keys(home.trusted)
        found, _ = newest_good(candidates(home.snapshots), keys=keys, floor=Floor())
        assert found is not None
        names, data = read_names(found.snapshot, (home.snapshots,))
        keep_copy(found, data, home.adopted)
        self.session.adopt(Listed(found.snapshot, found.s, names, found.signer))

    def spin(self) -> str:
        """Press, let the wheel come to rest, and return the first winner's ticket."""
        decision = self.session.press(start=0)
        self.session.shown(decision, duration_ms=11_000, frames=1)
        return decision.winners[0].ticket

    def look(self) -> list[str | None]:
        """Take what was handed over; returns why each request was refused, or None."""
        verdicts: Verdicts[Delivered] = Verdicts(SystemClock(), settle_ns=0)
        keys = load_trusted_keys(self.desk.home.trusted)
        found = delivered(self.desk.home.snapshots, keys=keys, verdicts=verdicts)
        assert not verdicts.refusals
        return [self.books.clerk.take(one) for one in found]


@contextlib.contextmanager
def room_of(desk: Desk, *, random_bytes: Callable[[int], bytes] | None = None) -> Iterator[Room]:
    """Open the kiosk of a desk's home; for a second list in a second room, its secrets have to be others."""
    with open_session(desk.home, clock=SystemClock(), random_bytes=random_bytes or counted_bytes()) as books:
        yield Room(desk, books)
