"""The clerk: takes what the organiser hands in while a list is on the wheel, and records it or says why not.

Invariant: works between spins only, so that nothing that decides a spin changes while one is open. Everything is
recorded: what is taken as `entropy`, `absent` or `withdraw`, what is not as `refused`. A message that was refused stays
refused.
"""

import logging
from datetime import UTC, datetime

from kiosk.core.errors import RefusedError
from kiosk.draw.entropy import arose_at
from kiosk.draw.protocol import NO_ENTROPY
from kiosk.draw_session import Session
from kiosk.intake.request_files import Delivered
from kiosk.ledger.history import Past
from kiosk.ledger.ledger import Ledger
from kiosk.ledger.record import Absent, Body, Entropy, Withdraw
from kiosk.snapshot.model import Listed
from kiosk.snapshot.requests import AbsentRequest, EntropyMessage, WithdrawRequest

logger = logging.getLogger(__name__)


class Clerk:
    """Records messages on the ledger of a session.

    Args:
        ledger: the session's.
        session: says what is on the wheel.
    """

    def __init__(self, *, ledger: Ledger, session: Session) -> None:
        self._ledger = ledger
        self._session = session

    def take(self, delivered: Delivered) -> str | None:
        """Carry out a message that was not dealt with before; returns why not, if it is refused only now.

        Raises:
            HomeError: the record could not be written; the message stays to be taken.
        """
        listed, history = self._session.listed, self._ledger.history
        message = delivered.message
        if listed is None or listed.demo or message.generation > listed.snapshot.generation:
            return None  # its list has not come yet
        if not isinstance(message, EntropyMessage):
            if message.nonce in history.carried_out or history.unfinished is not None:
                return None  # done, or to be done after the spin
        elif self._is_recorded(listed, message):
            return None
        if any(file == delivered.label for file, _ in history.refused):
            return None
        try:
            body = self._body(listed, delivered)
        except RefusedError as error:
            self._session.refuse(delivered.label, error.message)
            return error.message
        self._ledger.append(body)
        self._session.sign_head()
        logger.info("recorded %s", delivered.name)
        return None

    @property
    def spin_is_open(self) -> bool:
        """Whether a spin is open, so that requests have to wait."""
        return self._ledger.history.unfinished is not None

    def absent_spin(self) -> tuple[int, str]:
        """Return the spin whose winner can be reported absent by a key, and its ticket: the last one shown.

        Raises:
            RefusedError: there is none, or that is recorded already.
        """
        return self._absent(self._past.shown)

    def report_absent(self) -> None:
        """Record that the winner of the last spin is not there.

        Raises:
            RefusedError: there is none, or that is recorded already.
            HomeError: the record could not be written.
        """
        spin, ticket = self.absent_spin()
        self._ledger.append(Absent(spin=spin, ticket=ticket))
        self._session.sign_head()

    @property
    def _past(self) -> Past:
        listed = self._session.listed
        return self._ledger.history.past(listed.s if listed else "")

    def _body(self, listed: Listed, delivered: Delivered) -> Body:
        message = delivered.message
        if message.generation < listed.snapshot.generation:
            raise RefusedError(f"It came too late: generation {message.generation} is no longer on the wheel.")
        if message.snapshot != listed.s:
            raise RefusedError(f"It is for the list {message.snapshot[:8]}, and {listed.s[:8]} is on the wheel.")
        match message:
            case EntropyMessage():
                self._check_entropy(message)
                return Entropy(snapshot=listed.s, entropy=message.entropy)
            case AbsentRequest():
                spin, ticket = self._absent(message.spin)
                return Absent(spin=spin, ticket=ticket, request=message.nonce)
            case WithdrawRequest():
                if not any(entry.ticket == message.ticket for entry in listed.snapshot.entries):
                    raise RefusedError(f"Ticket {message.ticket} is not on the list.")
                if self._session.pool().index_of(message.ticket) is None:
                    raise RefusedError(f"Ticket {message.ticket} is not on the wheel any more.")
                return Withdraw(ticket=message.ticket, reason=message.reason, request=message.nonce)

    def _is_recorded(self, listed: Listed, message: EntropyMessage) -> bool:
        past = self._ledger.history.past(message.snapshot)
        # After a new anchor the same text may be given again; of an earlier list it only matters that it was taken.
        return past.entropy == message.entropy and (past.entropy_counts or message.snapshot != listed.s)

    def _check_entropy(self, message: EntropyMessage) -> None:
        past, unfinished = self._past, self._ledger.history.unfinished
        if unfinished is not None:
            raise RefusedError(f"It came too late: spin {unfinished.open.spin} is open.")
        if past.entropy != NO_ENTROPY and past.entropy_counts:
            raise RefusedError("This list has public entropy already, and it is given once.")
        adopted = datetime.fromisoformat(self._ledger.history.adopted_at)
        if datetime.fromisoformat(message.created_at) < adopted:
            raise RefusedError(
                f"It was made at {message.created_at}, before the secrets were committed to at "
                f"{self._ledger.history.adopted_at}."
            )
        arose = arose_at(message.entropy)
        if arose is not None and arose <= adopted.timestamp():
            when = datetime.fromtimestamp(arose, UTC).isoformat().replace("+00:00", "Z")
            raise RefusedError(
                f"That round arose at {when}, before the secrets were committed to at "
                f"{self._ledger.history.adopted_at}."
            )

    def _absent(self, spin: int) -> tuple[int, str]:
        past = self._past
        if not 1 <= spin <= past.shown:
            raise RefusedError(f"Spin {spin} of this list has not been shown." if spin else "There was no spin yet.")
        if spin in past.absent:
            raise RefusedError(f"The winner of spin {spin} is recorded as absent already.")
        return spin, past.winners[spin - 1]
