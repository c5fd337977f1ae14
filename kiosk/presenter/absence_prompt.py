"""The 'winner absent' key: which place, and are you sure.

Invariant: it takes two presses, so that an accidental press reports nobody, and a place to be named where the last spin
had several winners. `kiosk.session.organiser_requests` decides and records.
"""

import logging

from kiosk.core.clock import NS_PER_MS
from kiosk.core.errors import RefusedError
from kiosk.ledger.record import Claim
from kiosk.screen.themes.texts import Texts
from kiosk.session.draw_session import Session
from kiosk.session.organiser_requests import Clerk
from kiosk.session.standings import Absentees
from kiosk.snapshot.model import NO_PRIZE

logger = logging.getLogger(__name__)

CONFIRM_MS = 5000
"""How long the first press waits for the second one, where it is clear which place is meant."""
CHOOSE_MS = 20_000
"""How long the question waits for a place, from the last key."""
ANSWER_MS = 20_000
"""How long the board stands that says what became of the place."""
_LEFT_OUT = Absentees(NO_PRIZE, ())


class AbsencePrompt:
    """Asks, and reports the absence.

    Args:
        clerk: knows whom the key can report, and records the absence.
        session: has the names.
        texts: what the screen says.

    Attributes:
        notice: what the screen says about it; empty if nothing was pressed.
        place: the place that is chosen, or was reported; 0 before one is.
    """

    def __init__(self, clerk: Clerk, session: Session, texts: Texts) -> None:
        self._clerk = clerk
        self._session = session
        self._texts = texts
        self._asked_ns: int | None = None
        self._answered_ns: int | None = None
        self._absentees = _LEFT_OUT
        self._typed = ""
        self.notice = ""
        self.place = 0

    @property
    def prize(self) -> str:
        """The prize of the places that can be chosen; "" in a list without prizes."""
        return self._absentees.prize

    @property
    def last(self) -> tuple[int, ...]:
        """The places that the last spin drew."""
        return self._absentees.last

    @property
    def asking(self) -> bool:
        """Whether it waits for a place or for the second press."""
        return self._asked_ns is not None

    @property
    def showing(self) -> bool:
        """Whether the question, or what came of it, is to be seen on a board of its own."""
        return bool(self.prize) and (self.asking or self._answered_ns is not None)

    def press(self, now_ns: int) -> None:
        """Ask, or record that the chosen winner is absent.

        Raises:
            HomeError: the record could not be written.
        """
        asked = self.asking and not self._late(now_ns)
        self._answered_ns = None
        try:
            if not asked:
                self._begin(now_ns)
            elif self.place or not self.prize:
                self._asked_ns = None
                self._report(now_ns)
            else:
                self._asked_ns = now_ns
        except RefusedError as error:
            self._asked_ns = None
            self._refused(error)

    def step(self, by: int, now_ns: int) -> None:
        """Choose the next place, or the one before (`by` is 1 or -1)."""
        places = self._absentees.places
        if not places:
            return
        if self.place in places:
            self._choose(places[(places.index(self.place) + by) % len(places)], now_ns)
        else:
            self._choose(next(iter(self.last), places[0]), now_ns)
        self._typed = ""

    def digit(self, digit: int, now_ns: int) -> None:
        """Choose a place by its number, one digit after the other."""
        for typed in (f"{self._typed}{digit}", str(digit)):
            if any(str(place).startswith(typed) for place in self._absentees.places):
                self._typed = typed
                place = int(typed)
                self._choose(place if place in self._absentees.places else 0, now_ns)
                return

    def expire(self, now_ns: int) -> None:
        """Withdraw the question if nobody answered in time, and the board once it has been read."""
        if self.asking and self._late(now_ns):
            self.forget()
        if self._answered_ns is not None and now_ns - self._answered_ns > ANSWER_MS * NS_PER_MS:
            self._answered_ns = None

    def forget(self) -> None:
        """Withdraw the question: a spin or another list came in between."""
        self._asked_ns = self._answered_ns = None
        self._absentees, self._typed, self.notice, self.place = _LEFT_OUT, "", "", 0

    def _late(self, now_ns: int) -> bool:
        several = len(self._absentees.places) > 1 and bool(self.prize)
        return self._asked_ns is not None and now_ns - self._asked_ns > NS_PER_MS * (
            CHOOSE_MS if several else CONFIRM_MS
        )

    def _begin(self, now_ns: int) -> None:
        self.forget()
        absentees = self._clerk.absentees()
        if not absentees.prize or not absentees.places:
            claim = self._clerk.absence()  # says why not, if nobody can be reported
            self._asked_ns = now_ns
            self.notice = self._texts.absent_confirm.format(ticket=claim.ticket, spin=self._spin)
            return
        self._clerk.absence(absentees.sole or absentees.places[0])
        self._absentees = absentees
        self._choose(absentees.sole, now_ns)

    def _choose(self, place: int, now_ns: int) -> None:
        self._asked_ns, self.place = now_ns, place
        if not place:
            self.notice = self._texts.absent_which
            return
        try:
            ticket = self._clerk.absence(place).ticket
        except RefusedError as error:  # a request of the organiser's came in between
            self.forget()
            self._refused(error)
            return
        self.notice = self._texts.absent_place.format(place=place, name=self._name(ticket), ticket=ticket)

    def _refused(self, error: RefusedError) -> None:
        logger.info("nobody is marked as absent: %s", error)
        self.notice = self._texts.absent_nobody

    def _report(self, now_ns: int) -> None:
        claim = self._clerk.report_absent(self.place)
        logger.info("spin %d: ticket %s is absent from place %d", self._spin, claim.ticket, claim.place)
        self.notice = self._answer(claim)
        self._answered_ns = now_ns

    def _answer(self, claim: Claim) -> str:
        texts, listed = self._texts, self._session.listed
        prize = listed.snapshot.by_prize.get(claim.prize) if listed is not None else None
        if prize is None:
            return texts.absent.format(ticket=claim.ticket, spin=self._spin)
        if claim.reserve:
            ticket = self._session.history.events[claim.event].holders[claim.prize, claim.place].ticket
            return texts.absent_reserve.format(
                ticket=claim.ticket, name=self._name(ticket), reserve=ticket, place=claim.place
            )
        if claim.place > prize.quantity:
            return texts.absent_spent.format(ticket=claim.ticket, place=claim.place - prize.quantity)
        return texts.absent_open.format(ticket=claim.ticket, place=claim.place)

    def _name(self, ticket: str) -> str:
        listed = self._session.listed
        return listed.shown_name(ticket) if listed is not None else ticket

    @property
    def _spin(self) -> int:
        opened = self._session.history.last_open
        return opened.spin if opened is not None else 0
