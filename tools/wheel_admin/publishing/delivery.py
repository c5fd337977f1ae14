"""How a message reaches the kiosk: signed, written beside the lists, read back and verified.

Invariant: as with a list: said to be handed over only after the file was read back and verified with the keys that the
kiosk trusts. The caller holds the lock. What the kiosk made of it stands in the ledger, not here.
"""

from pathlib import Path

from kiosk.core.durable import SHARED, write_atomic
from kiosk.core.errors import RefusedError, TrustError
from kiosk.core.home import Home
from kiosk.intake.request_files import name_of, read_message
from kiosk.intake.snapshot_files import Published
from kiosk.snapshot.envelope import seal
from kiosk.snapshot.requests import (
    ENTROPY_TYPE,
    REQUEST_TYPE,
    EntropyMessage,
    Message,
    encode,
    problem_with_message,
)
from wheel_admin.ledger_report.ledger_view import LedgerView
from wheel_admin.publishing.publication import Shelf
from wheel_admin.publishing.signing_key import load_signing_key


def list_on_wheel(ledger: LedgerView, shelf: Shelf) -> Published:
    """Return the newest published list, once the kiosk shows it.

    Raises:
        RefusedError: nothing is published, or the kiosk has not adopted it.
    """
    if shelf.newest is None:
        raise RefusedError("Nothing is published yet.", remedy="wheel-admin publish")
    if ledger.current_s != shelf.newest.s:
        raise RefusedError(
            f"The kiosk does not show generation {shelf.newest.generation} ({shelf.newest.s[:8]}) yet.",
            remedy="Start the kiosk, or wait until its wheel stands still, and try again.",
        )
    return shelf.newest


def hand_over(home: Home, message: Message, shelf: Shelf, *, replace: bool = False) -> Path:
    """Sign the message, write its file, read it back and check it; returns the file.

    Args:
        home: where.
        message: what to say.
        shelf: what is published.
        replace: whether a file of that name may be there.

    Raises:
        RefusedError: the message breaks a rule, or there is a file already.
        TrustError: no signing key, or the kiosk does not trust it.
        HomeError: it cannot be written.
    """
    problem = problem_with_message(message)
    if problem:
        raise RefusedError(f"That cannot be handed over: {problem}.")
    key = load_signing_key(home)
    if key.public.keyid not in shelf.keys:
        raise TrustError(
            f"The kiosk of this home does not trust the signing key {key.public.keyid[:8]}.",
            remedy=f"Bring back the key that belongs to {home.trusted}, or put this one's public key there.",
        )
    kind = ENTROPY_TYPE if isinstance(message, EntropyMessage) else REQUEST_TYPE
    path = home.snapshots / name_of(message)
    try:
        write_atomic(path, seal(encode(message), payload_type=kind, key=key), mode=SHARED, replace=replace)
    except FileExistsError as error:
        raise RefusedError(f"{path} exists already.") from error
    read_message(path, keys=shelf.keys)
    return path
