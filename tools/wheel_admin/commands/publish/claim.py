"""`wheel-admin claim`: what became of a place, as a signed request.

Invariant: nothing is ever erased. The request names the holder, so it can never meet somebody else; the kiosk records
it between spins, or refuses it and records that.
"""

from typing import Annotated

import msgspec
import typer

from kiosk.core.errors import RefusedError
from kiosk.core.home import Home, request_name
from kiosk.core.text_rules import clean
from kiosk.draw.protocol import digest
from kiosk.intake.snapshot_files import KnownLists
from kiosk.ledger.event import EventState
from kiosk.snapshot.model import NO_PRIZE, Snapshot
from kiosk.snapshot.requests import FREEING, ClaimMessage, ClaimState, encode
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
from wheel_admin.draft import admin_lock, load_draft
from wheel_admin.ledger_report.ledger_view import LedgerView, read_ledger
from wheel_admin.prizes import find
from wheel_admin.publishing.delivery import hand_over
from wheel_admin.publishing.known_keys import meet_kiosk
from wheel_admin.publishing.publication import look

EPILOG = examples(
    "wheel-admin claim city-bike 1 confirmed",
    "wheel-admin claim mug 17 absent",
    'wheel-admin claim "Day off" 2 declined',
    "wheel-admin claim - 3 collected",
)
SIMPLE = "-"
"""Stands for the prize on a simple wheel, which has none."""


class Answer(msgspec.Struct, frozen=True):
    """What was handed over.

    Attributes:
        reserve: the reserve's place that moves up if nothing else happens before, or 0.
        open_again: the next press fills the place.
    """

    event: str
    prize: str
    place: int
    ticket: str
    state: ClaimState
    reserve: int
    open_again: bool
    file: str


def claim(
    prize: Annotated[str, typer.Argument(show_default=False, help="Id or title of the prize; - without prizes.")],
    place: Annotated[int, typer.Argument(min=1, show_default=False, help="Number of the place.")],
    state: Annotated[ClaimState, typer.Argument(show_default=False, help="What became of it.")],
    *,
    event: Annotated[
        str, typer.Option(show_default=False, help="Id of the event. Default: the draft's, or the one on the wheel.")
    ] = "",
    home: HomeOption = DEFAULT_HOME,
    as_json: JsonOption = False,
) -> None:
    """Say what became of a place: confirmed, then collected; or absent, declined or expired, which frees it.

    A winner's place that is freed goes to the first reserve, or is open again, and the next press fills it. The kiosk
    takes the request between spins.
    """
    answer = request_claim(existing_home(home), clean(event), clean(prize), place, state)
    if as_json:
        reply(answer)
        return
    where = f"place {answer.place} of {answer.prize}" if answer.prize else f"place {answer.place}"
    say(f"handed over: {where}, ticket {answer.ticket}, is {answer.state}.")
    if answer.reserve:
        say(f"The reserve in place {answer.reserve} moves up.")
    elif answer.open_again:
        say("The place is open again: the next press for this prize fills it.")


def request_claim(home: Home, event: str, prize: str, place: int, state: ClaimState) -> Answer:
    """Ask the kiosk to record what became of a place.

    Raises:
        RefusedError: there is no such event or prize, nobody holds the place, or the state cannot follow.
        TrustError, BusyError, HomeError: as with every publication.
    """
    with admin_lock(home, wait_ms=lock_wait_ms()):
        ledger = read_ledger(home)
        event_id = _event(home, ledger, event)
        happened = ledger.history.events[event_id]
        if happened.closed:
            raise RefusedError("This event is closed: its places stay as they are.")
        listed = KnownLists(home.adopted, home.snapshots)(happened.s)
        if listed is None:
            raise RefusedError(
                f"The list {happened.s[:8]} of this event cannot be found.", remedy="Bring it back from your backup."
            )
        prize_id = _prize(listed, prize)
        ticket = _holder(happened, prize_id, place)
        problem = happened.claim_problem(prize_id, place, ticket, state)
        if problem is None and state == "absent" and not listed.rules.presence:
            problem = "the rules do not ask winners to be there, so nobody can be absent"
        if problem:
            raise RefusedError(f"That cannot be recorded: {problem}.", remedy=_states(happened, prize_id, place))
        message = ClaimMessage(event=event_id, prize=prize_id, place=place, ticket=ticket, state=state)
        if request_name(digest(encode(message))) in ledger.settled:
            raise RefusedError(
                "The kiosk has recorded or refused this very request already.", remedy="wheel-admin draws shows it."
            )
        meet_kiosk(home)
        path = hand_over(home, message, look(home, ledger))
    reserve = happened.reserve_for(listed, prize_id, place, state)
    named = listed.by_prize.get(prize_id)
    open_again = state in FREEING and not reserve and named is not None and place <= named.quantity
    return Answer(event_id, prize_id, place, ticket, state, reserve, open_again, str(path))


def _event(home: Home, ledger: LedgerView, wanted: str) -> str:
    known = ledger.history.events
    current = ledger.history.current
    drafted = load_draft(home).event.id
    found = wanted or (drafted if drafted in known else current.event if current else "")
    if found not in known:
        raise RefusedError(
            f"The ledger has no event {found}." if found else "The kiosk has shown no list yet.",
            remedy=f"It has: {', '.join(known)}." if known else "Publish, and let the kiosk draw first.",
        )
    return found


def _prize(listed: Snapshot, wanted: str) -> str:
    if not listed.prizes:
        if wanted in {SIMPLE, NO_PRIZE}:
            return NO_PRIZE
        raise RefusedError("This event has no prizes.", remedy=f"Write {SIMPLE} for the prize.")
    found = find(listed.prizes, wanted)
    if len(found) != 1:
        ids = ", ".join(prize.id for prize in listed.prizes)
        raise RefusedError(f"There is no prize {wanted} on the list.", remedy=f"It has: {ids}.")
    return found[0].id


def _holder(happened: EventState, prize_id: str, place: int) -> str:
    held = happened.holders.get((prize_id, place))
    if held is None:
        places = sorted(number for prize, number in happened.holders if prize == prize_id)
        raise RefusedError(
            f"Nobody holds place {place}{f' of {prize_id}' if prize_id else ''}.",
            remedy=f"Held are: {', '.join(map(str, places)) or 'none'}. wheel-admin draws shows all.",
        )
    return held.ticket


def _states(happened: EventState, prize_id: str, place: int) -> str:
    held = happened.holders[prize_id, place]
    if held.state == "collected":
        return "A collected place stays as it is."
    return f"It is {held.state} now: confirmed comes before collected, and each is said once."
