"""`wheel-admin absent` and `wheel-admin withdraw`: what happened in the room, told to the kiosk.

Invariant: nothing is ever erased. Both are requests that the kiosk records, or refuses and records that.
"""

import secrets
from typing import Annotated

import msgspec
import typer

from kiosk.core.clock import Clock, SystemClock, rfc3339
from kiosk.core.errors import RefusedError
from kiosk.core.home import Home
from kiosk.core.text_rules import clean
from kiosk.snapshot.requests import AbsentRequest, Request, WithdrawRequest
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
from wheel_admin.ledger_report.ledger_view import Draw, read_ledger
from wheel_admin.publishing.delivery import hand_over, list_on_wheel
from wheel_admin.publishing.publication import look

ABSENT_EPILOG = examples("wheel-admin absent", "wheel-admin absent --spin 3")
WITHDRAW_EPILOG = examples('wheel-admin withdraw E0042 --reason "asked to be left out"')


class Answer(msgspec.Struct, frozen=True):
    """What was handed over; `spin` is null for a withdrawal."""

    generation: int
    snapshot: str
    spin: int | None
    ticket: str
    reason: str
    file: str


def absent(
    *,
    spin: Annotated[
        int | None, typer.Option(min=1, show_default=False, help="Number of the spin. Default: the last one shown.")
    ] = None,
    home: HomeOption = DEFAULT_HOME,
    as_json: JsonOption = False,
) -> None:
    """Have it recorded that the winner of a spin is not there.

    The spin stays in the ledger; the redraw is the next spin. On the kiosk itself, key A pressed twice does the same
    for the last spin.
    """
    answer = request_absent(existing_home(home), spin, clock=SystemClock())
    if as_json:
        reply(answer)
        return
    say(f"handed over: the winner of spin {answer.spin}, ticket {answer.ticket}, is absent. Spin again to redraw.")


def withdraw(
    ticket: Annotated[str, typer.Argument(show_default=False, help="The ticket to take off the wheel.")],
    *,
    reason: Annotated[str, typer.Option(show_default=False, help="Why; everybody who checks the draw reads it.")],
    home: HomeOption = DEFAULT_HOME,
    as_json: JsonOption = False,
) -> None:
    """Take a ticket off the wheel from the next spin on, openly."""
    answer = request_withdraw(existing_home(home), ticket, reason, clock=SystemClock())
    if as_json:
        reply(answer)
        return
    say(f"handed over: ticket {answer.ticket} leaves the wheel of generation {answer.generation}: {answer.reason}")


def request_absent(home: Home, spin: int | None, *, clock: Clock) -> Answer:
    """Ask the kiosk to record that the winner of `spin` (None: of the last one shown) is absent.

    Raises:
        RefusedError: the kiosk does not show the newest list, or there is no such spin.
        TrustError, BusyError, HomeError: as with every publication.
    """
    with admin_lock(home, wait_ms=lock_wait_ms()):
        ledger = read_ledger(home)
        shelf = look(home, ledger)
        published = list_on_wheel(ledger, shelf)
        shown = [draw for draw in ledger.draws if draw.snapshot == published.s and draw.shown]
        draw = _draw_of(shown, spin)
        if draw.absent:
            raise RefusedError(f"The winner of spin {draw.spin} is recorded as absent already.")
        request = AbsentRequest(
            generation=published.generation,
            snapshot=published.s,
            nonce=secrets.token_hex(8),
            created_at=rfc3339(clock.utc_now()),
            spin=draw.spin,
        )
        path = hand_over(home, request, shelf)
    return _answer(request, draw.ticket, "", str(path))


def request_withdraw(home: Home, ticket: str, reason: str, *, clock: Clock) -> Answer:
    """Ask the kiosk to take `ticket` off the wheel.

    Raises:
        RefusedError: the kiosk does not show the newest list, or the ticket is not on its wheel.
        TrustError, BusyError, HomeError: as with every publication.
    """
    with admin_lock(home, wait_ms=lock_wait_ms()):
        ledger = read_ledger(home)
        shelf = look(home, ledger)
        published = list_on_wheel(ledger, shelf)
        if not any(entry.ticket == ticket for entry in published.snapshot.entries):
            raise RefusedError(f"Ticket {ticket} is not on the list of generation {published.generation}.")
        if any(one.ticket == ticket and one.snapshot == published.s for one in ledger.withdrawals):
            raise RefusedError(f"Ticket {ticket} is withdrawn already.")
        request = WithdrawRequest(
            generation=published.generation,
            snapshot=published.s,
            nonce=secrets.token_hex(8),
            created_at=rfc3339(clock.utc_now()),
            ticket=ticket,
            reason=clean(reason),
        )
        path = hand_over(home, request, shelf)
    return _answer(request, ticket, request.reason, str(path))


def _draw_of(shown: list[Draw], spin: int | None) -> Draw:
    found = next((draw for draw in reversed(shown) if spin in {None, draw.spin}), None)
    if found is None:
        raise RefusedError(f"Spin {spin} of this list was not shown." if spin else "No spin of this list was shown.")
    return found


def _answer(request: Request, ticket: str, reason: str, file: str) -> Answer:
    spin = request.spin if isinstance(request, AbsentRequest) else None
    return Answer(request.generation, request.snapshot, spin, ticket, reason, file)
