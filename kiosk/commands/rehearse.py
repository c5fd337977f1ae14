"""`wheel-kiosk rehearse`: the real list and its prizes, on a home of its own that is thrown away.

Invariant: nothing of a rehearsal reaches the real home but one `rehearsal` record, which is written first. Key, secrets
and ledger of the rehearsal are its own, so that nothing of it can be passed off as a draw, and it tells nothing about
the draws to come.
"""

import contextlib
import logging
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from pygame import Surface

from kiosk.config.command_line import RunOptions
from kiosk.core.clock import SystemClock
from kiosk.core.durable import make_directory, write_atomic
from kiosk.core.errors import RefusedError
from kiosk.core.home import Home, picture_name
from kiosk.core.key_files import load_trusted_keys
from kiosk.core.regular_files import read_file
from kiosk.intake.loader import Loader, Prepared
from kiosk.intake.prize_pictures import MOST_BYTES, PrizePictures
from kiosk.intake.snapshot_files import keep_copy
from kiosk.ledger.record import Rehearsal
from kiosk.open_session import Books, open_session
from kiosk.screen.scene import Face

logger = logging.getLogger(__name__)

_MOST_KEY_BYTES = 64 << 10


class _NoPainter:
    """Paints nothing: the list is only looked for here."""

    def learn(self, face: Face) -> None:
        """See `Painter`."""

    def paint_wheel(self, face: Face) -> Surface:
        """See `Painter`."""
        del face
        return Surface((1, 1))


@contextlib.contextmanager
def rehearsal_of(options: RunOptions, *, random_bytes: Callable[[int], bytes]) -> Iterator[RunOptions]:
    """Record that a rehearsal begins, and yield the options for it: those of `options`, on a home that is thrown away.

    Args:
        options: of the real home.
        random_bytes: where the secrets of the real home come from, if its newest list has yet to be adopted.

    Raises:
        RefusedError: there is no published list, or its event is closed.
        HomeError, BusyError, TrustError, LedgerError: the real home cannot be used.
    """
    real = Home(options.home)
    with tempfile.TemporaryDirectory(prefix="wheel-rehearsal-") as directory:
        home = Home(Path(directory))
        with open_session(real, clock=SystemClock(), random_bytes=random_bytes) as books:
            _copy(real, home, _adopted(real, books))
            _record(books)
        yield replace(options, home=home.root, rehearsal_of=real.root)


def _adopted(real: Home, books: Books) -> Prepared:
    """Return the list that the kiosk would start with, adopted as it would be at a start."""
    loader = Loader(real, books.session, _NoPainter(), clock=SystemClock())
    prepared = loader.first()
    if prepared.published is None:
        raise RefusedError("There is no published list to rehearse with.", remedy="Publish one: wheel-admin publish.")
    loader.keep(prepared)
    books.session.adopt(prepared.listed, prepared.chain)
    return prepared


def _record(books: Books) -> None:
    current = books.ledger.history.current
    if current is None:
        raise RuntimeError("no list was adopted")
    record = Rehearsal(event=current.event)
    problem = books.ledger.problem_with(record)
    if problem is not None:
        raise RefusedError(f"This cannot be rehearsed now: {problem}.")
    books.ledger.append(record)
    logger.info("a rehearsal begins: generation %d", current.generation)


def _copy(real: Home, home: Home, prepared: Prepared) -> None:
    """Copy what the rehearsal shows: the list, its names, its pictures, and the keys that vouch for it."""
    published = prepared.published
    if published is None:
        return
    for made in (home.snapshots, home.kiosk, home.trusted):
        make_directory(made)
    keep_copy(published, prepared.names, home.snapshots)
    keys = load_trusted_keys(real.trusted)
    for path in sorted(real.trusted.glob("*.pem")):
        with contextlib.suppress(OSError):  # what cannot be read was named when the keys were loaded
            write_atomic(home.trusted / path.name, read_file(path, limit=_MOST_KEY_BYTES))
    if published.signer not in keys:
        raise RefusedError(f"The list is signed by {published.signer[:8]}, which is not trusted any more.")
    pictures = PrizePictures(real.snapshots)
    for prize in published.snapshot.prizes:
        path_of_picture = pictures.find(prize.picture)
        if path_of_picture is not None:
            data = read_file(path_of_picture, limit=MOST_BYTES)
            write_atomic(home.snapshots / picture_name(prize.picture), data)
