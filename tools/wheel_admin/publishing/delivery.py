"""How a message reaches the kiosk: signed, written beside the lists, read back and verified.

Invariant: as with a list: said to be handed over only after the file was read back and verified with the keys that the
kiosk trusts. The caller holds the lock. What the kiosk made of it stands in the ledger, not here.
"""

import contextlib
from pathlib import Path

from kiosk.core.durable import SHARED, write_atomic
from kiosk.core.errors import HomeError, RefusedError
from kiosk.core.home import Home, request_name
from kiosk.draw.protocol import digest
from kiosk.intake.request_files import read_message
from kiosk.intake.snapshot_files import Floor, Published, candidates, newest_good
from kiosk.snapshot.envelope import seal
from kiosk.snapshot.requests import Message, encode, problem_with_message
from wheel_admin.ledger_report.ledger_view import LedgerView
from wheel_admin.publishing.publication import Shelf
from wheel_admin.publishing.signing_key import trusted_signing_key


def list_on_wheel(home: Home, ledger: LedgerView, shelf: Shelf) -> Published:
    """Return the newest published list, once the kiosk shows it.

    A power cut can take a published file back that the kiosk has adopted and kept: then it is the kiosk's own copy.

    Raises:
        RefusedError: nothing is published, or the kiosk has not adopted it.
    """
    if shelf.newest is None or shelf.newest.generation < ledger.history.generation:
        with contextlib.suppress(HomeError):
            kept, _ = newest_good(candidates(home.adopted), keys=shelf.keys, floor=Floor())
            if kept is not None and kept.s == ledger.history.s:
                return kept
    if shelf.newest is None:
        raise RefusedError("Nothing is published yet.", remedy="wheel-admin publish")
    if ledger.history.s != shelf.newest.s:
        raise RefusedError(
            f"The kiosk does not show generation {shelf.newest.generation} ({shelf.newest.s[:8]}) yet.",
            remedy="Start the kiosk, or wait until its wheel stands still, and try again.",
        )
    return shelf.newest


def hand_over(home: Home, message: Message, shelf: Shelf) -> Path:
    """Sign the message, write its file, read it back and check it; returns the file.

    Args:
        home: where.
        message: what to say.
        shelf: what is published.

    Raises:
        RefusedError: the message breaks a rule.
        TrustError: no signing key, or the kiosk does not trust it.
        HomeError: it cannot be written.
    """
    problem = problem_with_message(message)
    if problem:
        raise RefusedError(f"That cannot be handed over: {problem}.")
    key = trusted_signing_key(home, shelf.keys)
    payload = encode(message)
    path = home.snapshots / request_name(digest(payload))
    write_atomic(path, seal(payload, payload_type=message.format, key=key), mode=SHARED)
    read_message(path, keys=shelf.keys)
    return path
