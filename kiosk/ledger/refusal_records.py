"""Records what was refused: each file once, and of a flood of files only the first.

Invariant: somebody who can write files cannot fill the ledger with them. What the organiser signed is always recorded.
"""

from kiosk.ledger.ledger import Ledger
from kiosk.ledger.record import Note, Refused

MOST_REFUSED = 100
"""Refused files recorded under one list."""


def record_refusal(ledger: Ledger, file: str, reason: str) -> bool:
    """Record that a file or request was refused; returns False if that is already recorded.

    Raises:
        HomeError: the record could not be written.
    """
    if (file, reason) in ledger.history.refused:
        return False
    ledger.append(Refused(file=file, reason=reason))
    return True


def record_refused_file(ledger: Ledger, file: str, reason: str) -> bool:
    """Record that a published file was refused, but only the first `MOST_REFUSED` under one list.

    Returns:
        Whether it was recorded now.

    Raises:
        HomeError: the record could not be written.
    """
    count = ledger.history.refused_since_adopt
    if count >= MOST_REFUSED or not record_refusal(ledger, file, reason):
        return False
    if count + 1 == MOST_REFUSED:
        ledger.append(Note(text="Further files that are refused under this list are not recorded."))
    return True
