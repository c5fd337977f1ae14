"""Opens the records of a kiosk's draws: ledger, key, checkpoints and secrets. No screen.

Invariant: the order below makes every state that a power cut or a kill can leave a valid start. What a killed kiosk
left is made durable or removed; then the ledger is read; then it is compared with the checkpoints; only then is
anything signed or deleted.
"""

import contextlib
from collections.abc import Callable, Iterator

from kiosk.core.clock import Clock
from kiosk.core.durable import make_directory, process_lock, sweep
from kiosk.core.home import Home
from kiosk.core.key_files import kiosk_key
from kiosk.draw_session import Session
from kiosk.ledger.checkpoints import Checkpoints
from kiosk.ledger.ledger import Ledger
from kiosk.ledger.secret_store import SecretStore


@contextlib.contextmanager
def open_session(home: Home, *, clock: Clock, random_bytes: Callable[[int], bytes]) -> Iterator[tuple[Ledger, Session]]:
    """Hold the kiosk's lock on `home`, and yield its ledger and the session on it.

    Args:
        home: directories of the kiosk that are missing are created.
        clock: for the records.
        random_bytes: where entropy comes from, `secrets.token_bytes` outside of tests.

    Raises:
        HomeError, BusyError, TrustError, LedgerError: the home cannot be used.
    """
    with contextlib.ExitStack() as stack:
        for directory in (home.root, home.kiosk, home.trusted, home.adopted):
            make_directory(directory)
        make_directory(home.secrets, mode=0o700)
        stack.enter_context(process_lock(home.kiosk_lock, holder="A kiosk"))
        for directory in (home.kiosk, home.adopted, home.secrets):
            sweep(directory)
        ledger = Ledger(home.ledger, clock=clock)
        stack.callback(ledger.close)
        key = kiosk_key(home.kiosk_key, public=home.kiosk_public_key)
        checkpoints = Checkpoints(home.checkpoints, key=key)
        stack.callback(checkpoints.close)
        checkpoints.check(home.ledger)
        session = Session(
            ledger=ledger,
            secrets=SecretStore(home.secrets, random_bytes=random_bytes),
            kiosk_id=key.public.keyid,
            checkpoints=checkpoints,
        )
        session.sign_head()
        session.forget_superseded_secrets()
        yield ledger, session
