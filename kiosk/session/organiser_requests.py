"""Applies signed organiser requests between spins: public entropy, claims, withdrawals, the end of an event.

Invariant: works between spins only, so that nothing that decides a spin changes while one is open. Everything is
recorded: what is carried out under its own type, what is not as `refused`. A request's file is kept before its record
is written, because a verifier asks for it. Files arrive in any order: what a later record could still permit waits, and
only what nothing can permit any more is refused. A request that was refused stays refused.
"""

import logging
from datetime import datetime
from pathlib import Path

from kiosk.core.errors import RefusedError
from kiosk.draw.entropy import arose_at
from kiosk.intake.request_files import Delivered, keep_message
from kiosk.intake.snapshot_files import KnownLists, erase_names
from kiosk.ledger.ledger import Ledger
from kiosk.ledger.record import KEY, Body, Claim, Close, Entropy, Withdraw
from kiosk.session.draw_session import Session
from kiosk.session.standings import Absentees, absentees
from kiosk.snapshot.requests import (
    ClaimMessage,
    ClaimState,
    CloseMessage,
    EntropyMessage,
    Message,
    WithdrawMessage,
)

logger = logging.getLogger(__name__)

_NO_SPIN = "There was no spin yet."


class Clerk:
    """Records requests on the ledger of a session.

    Args:
        ledger: the session's.
        session: says what is on the wheel.
        lists: finds lists by name; the ledger's own.
        kept: the directory of the kiosk's own copies.

    Attributes:
        early: a request waits for a drand round that is still to come; who takes requests sets it to False before.
    """

    def __init__(self, *, ledger: Ledger, session: Session, lists: KnownLists, kept: Path) -> None:
        self._ledger = ledger
        self._session = session
        self._lists = lists
        self._kept = kept
        self.early = False

    def take(self, delivered: Delivered) -> str | None:
        """Carry out a request that was not dealt with before; returns why not, if it is refused only now.

        Raises:
            HomeError: the record could not be written; the request stays to be taken.
        """
        if self._settled(delivered) or self.spin_is_open or self._awaited(delivered):
            return None
        try:
            body = self._body(delivered)
            problem = self._ledger.problem_with(body)
        except RefusedError as error:
            problem = error.message
        else:
            if problem is None:
                keep_message(delivered, self._kept)
                self._ledger.append(body)
                logger.info("carried out %s", delivered.name)
                self._erase_names_of_closed()
                return None
        if self._may_come(delivered.message):
            return None
        self._session.refuse(delivered.name, problem)
        return problem

    def waits_for(self, delivered: Delivered) -> str:
        """Return what a request waits for that was taken and neither carried out nor refused; "" for any other."""
        if self._settled(delivered):
            return ""
        if self.spin_is_open:
            return "the end of the spin"
        awaited = self._awaited(delivered)
        if not awaited and self._may_come(delivered.message):
            awaited = "an earlier request" if isinstance(delivered.message, ClaimMessage) else "a list with its ticket"
        return awaited or "the next look"

    @property
    def seq(self) -> int:
        """Number of the ledger's last record."""
        return self._ledger.seq

    @property
    def spin_is_open(self) -> bool:
        """Whether a spin is open, so that requests have to wait."""
        return self._ledger.history.unfinished is not None

    def absentees(self) -> Absentees:
        """Return whom the 'winner absent' key can report.

        Raises:
            RefusedError: there was no spin yet.
        """
        listed, history = self._session.listed, self._ledger.history
        if listed is None or listed.demo or history.last_result is None:
            raise RefusedError(_NO_SPIN)
        return absentees(listed, history)

    def absence(self, place: int = 0) -> Claim:
        """Return what the 'winner absent' key would record.

        Args:
            place: of the prize of the last spin; 0 for the only place that this spin drew.

        Raises:
            RefusedError: there was no spin yet, it drew several places, or nobody holds that place.
        """
        listed, history = self._session.listed, self._ledger.history
        opened, result = history.last_open, history.last_result
        if listed is None or listed.demo or opened is None or result is None:
            raise RefusedError(_NO_SPIN)
        if not place and len(result.winners) > 1:
            raise RefusedError(f"Spin {opened.spin} has {len(result.winners)} winners: say which place.")
        place = place or opened.place_numbers[0]
        held = history.events[opened.event].holders.get((opened.prize, place))
        ticket = held.ticket if held else result.winners[0]
        claim = self._claim(opened.event, opened.prize, place, ticket, "absent", request=KEY)
        problem = self._ledger.problem_with(claim)
        if problem is not None:
            raise RefusedError(f"Spin {opened.spin} cannot be reported absent: {problem}.")
        return claim

    def report_absent(self, place: int = 0) -> Claim:
        """Record that the winner of a place is not there; returns the record. See `absence`.

        Raises:
            RefusedError: as `absence`.
            HomeError: the record could not be written.
        """
        claim = self.absence(place)
        self._ledger.append(claim)
        return claim

    def tidy(self) -> None:
        """Finish what a power cut may have interrupted: erase the names of events that are closed. For the start.

        Raises:
            HomeError: a file could not be deleted.
        """
        self._erase_names_of_closed()

    def _settled(self, delivered: Delivered) -> bool:
        history = self._ledger.history
        return delivered.digest in history.carried_out or any(file == delivered.name for file, _ in history.refused)

    def _awaited(self, delivered: Delivered) -> str:
        """Return what has to come before a request can be judged here; "" if nothing."""
        message, history = delivered.message, self._ledger.history
        event = history.events.get(message.event)
        if event is None:
            return "its event"
        if isinstance(message, ClaimMessage) and self._lists(event.s) is None:
            return "the last list of its event"
        if not isinstance(message, EntropyMessage):
            return ""
        if message.kiosk != history.kiosk:
            return "another kiosk"
        listed = self._lists(history.s)
        current = history.current
        if (
            listed is None
            or current is None
            or (message.snapshot, message.anchor) != (current.snapshot, current.anchor)
        ):
            return ""
        later = listed.entropy[len(history.texts) + 1 :]
        arose = arose_at(message.text)
        early = arose is not None and arose > datetime.fromisoformat(self._ledger.now).timestamp()
        self.early = self.early or early
        if early:
            return "its drand round"
        return "the text before it" if any(message.text.startswith(f"{item}:") for item in later) else ""

    def _may_come(self, message: Message) -> bool:
        """Say whether a later record could permit a request of a known event that nothing permits now."""
        history = self._ledger.history
        event = history.events[message.event]
        listed = self._lists(event.s)
        match message:
            case ClaimMessage():
                return listed is not None and event.claim_may_come(
                    listed, message.prize, message.place, message.ticket, message.state
                )
            case WithdrawMessage():
                possible = event is history.event and not event.closed and message.ticket not in event.withdrawn
                return possible and (listed is None or message.ticket not in listed.by_ticket)
            case _:
                return False

    def _body(self, delivered: Delivered) -> Body:
        message, request = delivered.message, delivered.digest
        match message:
            case EntropyMessage():
                current = self._ledger.history.current
                if current is None or message.event != current.event:
                    raise RefusedError("it came too late: its event is not on the wheel any more")
                return Entropy(snapshot=message.snapshot, anchor=message.anchor, text=message.text, request=request)
            case WithdrawMessage():
                return Withdraw(event=message.event, ticket=message.ticket, reason=message.reason, request=request)
            case ClaimMessage():
                return self._claim(
                    message.event, message.prize, message.place, message.ticket, message.state, request=request
                )
            case CloseMessage():
                return Close(event=message.event, request=request)

    def _claim(self, event_id: str, prize: str, place: int, ticket: str, state: ClaimState, *, request: str) -> Claim:
        event = self._ledger.history.events[event_id]
        listed = self._lists(event.s)
        if listed is None:
            raise RefusedError("the last list of its event is not here")
        reserve = event.reserve_for(listed, prize, place, state)
        return Claim(
            event=event_id, prize=prize, place=place, ticket=ticket, state=state, reserve=reserve, request=request
        )

    def _erase_names_of_closed(self) -> None:
        for event_id, event in self._ledger.history.events.items():
            if event.closed and erase_names(event_id, self._kept):
                logger.info("erased the names of event %s", event_id)
        listed, current = self._session.listed, self._ledger.history.event
        if listed is not None and not listed.demo and listed.names and current is not None and current.closed:
            self._session.erase_names()
