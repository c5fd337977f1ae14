"""Who holds which place of which prize now, and which places may be reported absent: what the stage tells of an event.

Invariant: pure, and it only reads: the rules are those of `kiosk.ledger.event`. A spin that was not shown yet is left
out, so that no page of winners is ahead of the wheel.
"""

import msgspec

from kiosk.ledger.event import IN_PLAY, OVER
from kiosk.ledger.history import History
from kiosk.ledger.permitted import next_press
from kiosk.snapshot.model import NO_PRIZE, Listed, Prize


class PlaceNow(msgspec.Struct, frozen=True):
    """A place that was drawn.

    Attributes:
        place: its number.
        ticket: of its holder; of the one who freed it if it is open again.
        name: what the screen calls them.
        open: the holder freed it and nobody moved in.
        moved_up: the holder was a reserve before.
        reserve: it is a reserve's place.
    """

    place: int
    ticket: str
    name: str
    open: bool = False
    moved_up: bool = False
    reserve: bool = False


class Absentees(msgspec.Struct, frozen=True):
    """Whom the 'winner absent' key can report.

    Attributes:
        prize: of the last spin.
        places: held ones of that prize.
        last: those of them that the last spin drew.
        sole: the only place that the last spin drew, if it is held; else 0, and somebody has to say which.
    """

    prize: str
    places: tuple[int, ...]
    last: tuple[int, ...] = ()
    sole: int = 0


def places_now(listed: Listed, history: History, prize: Prize) -> tuple[PlaceNow, ...]:
    """Return the drawn places of a prize, ascending; reserves' places only as long as somebody holds them."""
    event = history.events.get(listed.snapshot.event.id)
    if event is None:
        return ()
    hidden = _hidden(history, prize.id)
    drawn = {award.place: award.ticket for award in event.awards if award.prize == prize.id and award.spin != hidden}
    found = []
    for place, ticket in sorted(drawn.items()):
        held = event.holders.get((prize.id, place))
        if held is not None and held.spin == hidden:  # it is being drawn again
            held = None
        reserve = place > prize.quantity
        if held is None and reserve:
            continue
        holder = held.ticket if held else ticket
        moved_up = held is not None and holder != ticket
        found.append(PlaceNow(place, holder, listed.shown_name(holder), held is None, moved_up, reserve))
    return tuple(found)


def absentees(listed: Listed, history: History) -> Absentees:
    """Return whom the key can report: holders of places of the prize that the last spin was for."""
    opened, result, event = history.last_open, history.last_result, history.event
    if listed.demo or opened is None or result is None or event is None:
        return Absentees(NO_PRIZE, ())
    held = tuple(
        sorted(place for (prize, place), one in event.holders.items() if prize == opened.prize and one.state in IN_PLAY)
    )
    drawn = opened.place_numbers[: len(result.winners)]
    last = tuple(place for place in drawn if place in held)
    return Absentees(opened.prize, held, last, last[0] if last and len(drawn) == 1 else 0)


def is_over(listed: Listed, history: History) -> bool:
    """Say whether nothing more can be won, whatever the operator chooses."""
    return not listed.demo and next_press(history, listed.snapshot) in OVER


def _hidden(history: History, prize_id: str) -> int:
    """Return the spin of that prize that was not shown yet, or 0."""
    unfinished = history.unfinished
    return unfinished.open.spin if unfinished is not None and unfinished.open.prize == prize_id else 0
