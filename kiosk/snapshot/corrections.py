"""What a new list of an event may change: "a correction may not rewrite what happened" (docs/protocol.md).

Invariant: pure; the one place that decides it, for the kiosk that adopts and for the organiser's tool that publishes.
"""

from collections.abc import Iterator, Set

import msgspec

from kiosk.snapshot.model import NO_PRIZE, Prize, Snapshot


class Happened(msgspec.Struct, frozen=True):
    """What happened in an event so far.

    Attributes:
        last: the event's last adopted list.
        spins: how many spins were opened.
        placed: tickets that ever got a place.
        drawn: ids of the prizes with a drawn place ("" in an event without prizes).
    """

    last: Snapshot
    spins: int
    placed: Set[str]
    drawn: Set[str]


def problems(new: Snapshot, happened: Happened) -> list[str]:
    """Return what `new` would rewrite, as phrases for people; empty means that it may follow.

    Args:
        new: a list of the same event.
        happened: what must stay true.
    """
    return list(_problems(new, happened))


def _problems(new: Snapshot, happened: Happened) -> Iterator[str]:
    last = happened.last
    for ticket in sorted(happened.placed - new.by_ticket.keys()):
        yield f"ticket {ticket} got a place and is not on the new list"
    for prize_id in sorted(happened.drawn):
        yield from _prize(prize_id, new, last)
    if happened.spins and new.rules != last.rules:
        yield "the rules changed, and they are fixed from the event's first spin"
    elif new.rules.predetermined and not last.rules.predetermined:
        yield "the event promised that no spin is predetermined, and the new list takes that back"


def _prize(prize_id: str, new: Snapshot, last: Snapshot) -> Iterator[str]:
    if prize_id == NO_PRIZE:
        if new.prizes:
            yield "places were drawn without prizes, and the new list has prizes"
        return
    before, after = last.by_prize.get(prize_id), new.by_prize.get(prize_id)
    if after is None:
        yield f"prize {prize_id} has a drawn place and is not on the new list"
    elif before is not None and fixed_parts(before) != fixed_parts(after):
        yield f"prize {prize_id} has a drawn place: its quantity, reserves, per_press and groups are fixed"


def fixed_parts(prize: Prize) -> tuple[object, ...]:
    """Return what no correction may change once a place of the prize was drawn."""
    return (prize.quantity, prize.reserves, prize.per_press, prize.groups)
