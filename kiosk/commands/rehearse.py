"""`wheel-kiosk rehearse`: the real list and its prizes, on a home of its own that is thrown away.

Invariant: nothing of a rehearsal reaches the real home but one `rehearsal` record, which is written first. Key, secrets
and ledger of the rehearsal are its own, so that nothing of it can be passed off as a draw, and it tells nothing about
the draws to come.
"""

import contextlib
import logging
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
from msgspec.structs import replace
from pygame import Surface

from kiosk.config.command_line import RunOptions
from kiosk.core.clock import SystemClock
from kiosk.core.durable import make_directory, write_atomic
from kiosk.core.errors import RefusedError
from kiosk.core.home import Home
from kiosk.core.key_files import trust
from kiosk.core.keys import PrivateKey
from kiosk.core.regular_files import read_file
from kiosk.intake.loader import Loader, Prepared
from kiosk.intake.prize_pictures import PrizePictures
from kiosk.intake.snapshot_files import keep_copy
from kiosk.ledger.record import Rehearsal
from kiosk.screen.scene import Face
from kiosk.screen.themes.picture_file import MOST_BYTES
from kiosk.session.open_session import Books, open_session
from kiosk.snapshot.envelope import seal
from kiosk.snapshot.model import FORMAT, encode

logger = logging.getLogger(__name__)

_KEY_BYTES = 32
"""An Ed25519 private key."""


class _NoPainter:
    """Paints nothing: the list is only looked for here."""

    def learn(self, face: Face) -> None:
        """See `Painter`."""

    def paint_wheel(self, face: Face, angle: int) -> Surface:
        """See `Painter`."""
        del face, angle
        return Surface((1, 1))


@contextlib.contextmanager
def rehearsal_of(options: RunOptions, *, random_bytes: Callable[[int], bytes]) -> Iterator[RunOptions]:
    """Record that a rehearsal begins, and yield the options for it: those of `options`, on a home that is thrown away.

    Args:
        options: of the real home.
        random_bytes: where secrets and the key that signs the rehearsal's list come from.

    Raises:
        RefusedError: there is no published list, or its event is closed.
        HomeError, BusyError, TrustError, LedgerError: the real home cannot be used.
    """
    real = Home(options.home)
    with tempfile.TemporaryDirectory(prefix="wheel-rehearsal-") as directory:
        home = Home(Path(directory))
        with open_session(real, clock=SystemClock(), random_bytes=random_bytes) as books:
            _copy(real, home, _adopted(real, books), random_bytes=random_bytes)
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


def _copy(real: Home, home: Home, prepared: Prepared, *, random_bytes: Callable[[int], bytes]) -> None:
    """Copy what the rehearsal shows: the list, its names and its pictures.

    The list is signed again, by a key that nobody keeps, and without its public entropy: that is for the draws alone.
    """
    published = prepared.published
    if published is None:
        return
    for made in (home.snapshots, home.kiosk, home.trusted):
        make_directory(made)
    key = PrivateKey(random_bytes(_KEY_BYTES))
    trust(home.trusted, key.public)
    payload = encode(msgspec.structs.replace(published.snapshot, entropy=()))
    envelope = seal(payload, payload_type=FORMAT, key=key)
    keep_copy(replace(published, envelope=envelope), prepared.names, home.snapshots)
    pictures = PrizePictures(real.snapshots)
    for prize in published.snapshot.prizes:
        picture = pictures.find(prize.picture)
        if picture is not None:
            write_atomic(home.snapshots / picture.name, read_file(picture, limit=MOST_BYTES))
