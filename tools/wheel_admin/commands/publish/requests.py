"""`wheel-admin absent` and `wheel-admin withdraw`: signed requests about what happened in the room.

Invariant: nothing is ever erased. The kiosk records both, or refuses them and records that.
"""

from typing import Annotated

import msgspec
import typer

from kiosk.core.errors import RefusedError
from kiosk.core.home import Home, request_name
from kiosk.core.text_rules import clean
from kiosk.draw.protocol import digest
from kiosk.intake.snapshot_files import Published
from kiosk.snapshot.requests import ClaimMessage, Message, WithdrawMessage, encode
from wheel_admin.cli.options import (
    DEFAULT_HOME,
    HomeOption,
    JsonOption,
    examples,
    existing_home,
    lock_wait_ms,
    reply,
    say,
)
from wheel_admin.draft import admin_lock
from wheel_admin.ledger_report.ledger_view import Draw, LedgerView, find_draw, read_ledger
from wheel_admin.participants import Entry
from wheel_admin.people_search import find_person
from wheel_admin.publishing.delivery import hand_over, list_on_wheel
from wheel_admin.publishing.known_keys import meet_kiosk
from wheel_admin.publishing.publication import look, published_names

ABSENT_EPILOG = examples("wheel-admin absent", "wheel-admin absent --spin 3", "wheel-admin absent --ticket E0042")
WITHDRAW_EPILOG = examples('wheel-admin withdraw E0042 --reason "asked to be left out"')


class Answer(msgspec.Struct, frozen=True):
    """What was handed over; `spin`, `prize` and `place` are null for a withdrawal."""

    event: str
    ticket: str
    reason: str
    file: str
    spin: int | None = None
    prize: str | None = None
    place: int | None = None


def absent(
    *,
    spin: Annotated[
        int | None, typer.Option(min=1, show_default=False, help="Number of the spin. Default: the last one shown.")
    ] = None,
    ticket: Annotated[str, typer.Option(show_default=False, help="Which winner, if the spin has several.")] = "",
    home: HomeOption = DEFAULT_HOME,
    as_json: JsonOption = False,
) -> None:
    """Report that the winner of a spin is not there.

    The spin stays in the ledger; the redraw is the next spin. On the kiosk itself, key A pressed twice does the same
    for the last spin.
    """
    answer = request_absent(existing_home(home), spin, clean(ticket))
    if as_json:
        reply(answer)
        return
    say(f"handed over: the winner of spin {answer.spin}, ticket {answer.ticket}, is absent. Spin again to redraw.")


def withdraw(
    ticket: Annotated[
        str, typer.Argument(show_default=False, help="The ticket to take off the wheel, or the person's whole name.")
    ],
    *,
    reason: Annotated[str, typer.Option(show_default=False, help="Why; everybody who checks the draw reads it.")],
    home: HomeOption = DEFAULT_HOME,
    as_json: JsonOption = False,
) -> None:
    """Take a ticket off the wheel from the next spin to the end of the event, openly."""
    answer = request_withdraw(existing_home(home), clean(ticket), clean(reason))
    if as_json:
        reply(answer)
        return
    say(f"handed over: ticket {answer.ticket} leaves the wheel: {answer.reason}")


def request_absent(home: Home, spin: int | None, ticket: str) -> Answer:
    """Ask the kiosk to record that a winner is absent.

    Args:
        home: where.
        spin: that they won; None for the last one shown.
        ticket: of the winner; may be empty if the spin has only one.

    Raises:
        RefusedError: the kiosk does not show the newest list, there is no such spin or winner, or nobody can be absent.
        TrustError, BusyError, HomeError: as with every publication.
    """
    with admin_lock(home, wait_ms=lock_wait_ms()):
        ledger = read_ledger(home)
        shelf = look(home, ledger)
        published = list_on_wheel(home, ledger, shelf)
        if not published.snapshot.rules.presence:
            raise RefusedError("The rules do not ask winners to be there, so nobody can be absent.")
        event = published.snapshot.event.id
        draw = _draw_of([draw for draw in ledger.draws if draw.event == event and draw.shown], spin, ticket)
        if draw.state == "absent":
            raise RefusedError(f"Ticket {draw.ticket} of spin {draw.spin} is recorded as absent already.")
        state = ledger.history.events[event]
        problem = state.claim_problem(draw.prize, draw.place_now, draw.ticket, "absent")
        if problem:
            raise RefusedError(f"That cannot be recorded: {problem}.")
        message = ClaimMessage(event=event, prize=draw.prize, place=draw.place_now, ticket=draw.ticket, state="absent")
        _refuse_settled(message, ledger)
        meet_kiosk(home)
        path = hand_over(home, message, shelf)
    return Answer(event, draw.ticket, "", str(path), draw.spin, draw.prize, draw.place_now)


def request_withdraw(home: Home, ticket: str, reason: str) -> Answer:
    """Ask the kiosk to take somebody off the wheel, by ticket or whole name.

    Raises:
        RefusedError: the kiosk does not show the newest list, or the ticket is not on it or withdrawn already.
        TrustError, BusyError, HomeError: as with every publication.
    """
    with admin_lock(home, wait_ms=lock_wait_ms()):
        ledger = read_ledger(home)
        shelf = look(home, ledger)
        published = list_on_wheel(home, ledger, shelf)
        event = published.snapshot.event.id
        ticket = _on_list(home, published, ticket)
        if ticket in ledger.history.events[event].withdrawn:
            raise RefusedError(f"Ticket {ticket} is withdrawn already.")
        message = WithdrawMessage(event=event, ticket=ticket, reason=reason)
        _refuse_settled(message, ledger)
        meet_kiosk(home)
        path = hand_over(home, message, shelf)
    return Answer(event, ticket, reason, str(path))


def _on_list(home: Home, published: Published, text: str) -> str:
    """Return the ticket that `text` is, or that the one person of that name has."""
    names = published_names(home, published) or {}
    people = [Entry(entry.ticket, names.get(entry.ticket, "")) for entry in published.snapshot.entries]
    return find_person(people, text, where=f"the list of generation {published.generation}").ticket


def _refuse_settled(message: Message, ledger: LedgerView) -> None:
    if request_name(digest(encode(message))) in ledger.settled:
        raise RefusedError("The kiosk has recorded or refused this very request already: wheel-admin draws shows it.")


def _draw_of(shown: list[Draw], spin: int | None, ticket: str) -> Draw:
    found = find_draw(shown, spin=spin, ticket=ticket)
    if not found:
        of_ticket = f" to ticket {ticket}" if ticket else ""
        raise RefusedError(
            f"Spin {spin} of this event was not shown{of_ticket}." if spin else f"No spin was shown{of_ticket} yet."
        )
    if len(found) > 1:
        tickets = ", ".join(draw.ticket for draw in found[:10]) + (", ..." if len(found) > 10 else "")
        raise RefusedError(
            f"Spin {found[0].spin} has {len(found)} winners: {tickets}.", remedy="Say which with --ticket TICKET."
        )
    return found[0]
