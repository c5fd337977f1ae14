"""Opens the records of a kiosk's draws: ledger, key, checkpoints and secrets. No screen.

Invariant: the order below makes every state that a power cut or a kill can leave a valid start. What a killed kiosk
left is made durable or removed; then the ledger is read; then it is compared with the checkpoints; only then is
anything recorded, signed or deleted.
"""

import contextlib
import logging
from collections.abc import Callable, Iterator

import msgspec

from kiosk.core.clock import Clock
from kiosk.core.durable import make_directory, on_read_only_disk, process_lock, sweep
from kiosk.core.home import Home
from kiosk.core.key_files import kiosk_key
from kiosk.intake.snapshot_files import KnownLists
from kiosk.ledger.checkpoints import Checkpoints
from kiosk.ledger.ledger import READ_ONLY, Ledger
from kiosk.ledger.record import Restored
from kiosk.ledger.secret_store import SecretStore
from kiosk.session.draw_session import Session
from kiosk.session.organiser_requests import Clerk

logger = logging.getLogger(__name__)


class Books(msgspec.Struct, frozen=True):
    """What a kiosk keeps about its draws, open.

    Attributes:
        ledger: what happened.
        session: the draw on it.
        clerk: carries out requests on it.
        lists: finds the lists that it names.
    """

    ledger: Ledger
    session: Session
    clerk: Clerk
    lists: KnownLists


@contextlib.contextmanager
def open_session(home: Home, *, clock: Clock, random_bytes: Callable[[int], bytes]) -> Iterator[Books]:
    """Hold the kiosk's lock on `home`, and yield its ledger and what works on it.

    Args:
        home: directories of the kiosk that are missing are created.
        clock: for the records.
        random_bytes: where entropy comes from, `secrets.token_bytes` outside of tests.

    On a read-only disk the books can be looked at: nothing is locked, created, signed or recorded, and the session says
    so as its trouble.

    Raises:
        HomeError, BusyError, TrustError, LedgerError: the home cannot be used.
    """
    if on_read_only_disk(home.kiosk):
        yield _frozen(home, clock=clock, random_bytes=random_bytes)
        return
    with contextlib.ExitStack() as stack:
        for directory in (home.root, home.kiosk, home.trusted, home.adopted):
            make_directory(directory)
        for directory in (home.secrets, home.secrets_again):
            make_directory(directory, mode=0o700)
        stack.enter_context(process_lock(home.kiosk_lock, holder="A kiosk"))
        for directory in (home.kiosk, home.adopted, home.secrets, home.secrets_again):
            sweep(directory)
        lists = KnownLists(home.adopted, home.snapshots)
        ledger = Ledger(home.ledger, clock=clock, lists=lists)
        stack.callback(ledger.close)
        key = kiosk_key(home.kiosk_key, public=home.kiosk_public_key)
        checkpoints = Checkpoints(home.checkpoints, key=key)
        stack.callback(checkpoints.close)
        checkpoints.check(home.ledger)
        ledger.checkpoints = checkpoints
        named, own = ledger.history.kiosk, key.public.keyid
        if named and named != own:
            ledger.append(Restored(from_=named, to=own, head=ledger.head))
        ledger.sign_head()
        session = Session(
            ledger=ledger,
            secrets=SecretStore(home.secrets, home.secrets_again, random_bytes=random_bytes),
            kiosk_id=own,
            lists=lists,
        )
        session.forget_superseded_secrets()
        clerk = Clerk(ledger=ledger, session=session, lists=lists, kept=home.adopted)
        clerk.tidy()
        yield Books(ledger, session, clerk, lists)


def _frozen(home: Home, *, clock: Clock, random_bytes: Callable[[int], bytes]) -> Books:
    """Return books that can only be looked at."""
    logger.warning("%s", READ_ONLY)
    lists = KnownLists(home.adopted, home.snapshots)
    ledger = Ledger(home.ledger, clock=clock, lists=lists, frozen=True)
    secrets = SecretStore(home.secrets, home.secrets_again, random_bytes=random_bytes)
    session = Session(ledger=ledger, secrets=secrets, kiosk_id=ledger.history.kiosk, lists=lists)
    return Books(ledger, session, Clerk(ledger=ledger, session=session, lists=lists, kept=home.adopted), lists)
