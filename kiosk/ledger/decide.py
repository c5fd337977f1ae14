"""Decides a spin that is open: winners, mode, and where the wheel rests (docs/protocol.md, wheel-draw/2, steps 2 to 4).

Invariant: pure. Everything that decides was fixed by the `open` record, the list and the secret before this is called.
"""

from typing import Literal

import msgspec

from kiosk.draw.modes import NOT_IN_THE_POOL, Mode, Turn
from kiosk.draw.pool import Pool
from kiosk.draw.protocol import Press, landing
from kiosk.ledger.record import Open, Result


class Winners(msgspec.Struct, frozen=True):
    """Who wins: places in the pool in the order of the places drawn, and how that came about."""

    indices: tuple[int, ...]
    mode: Mode
    reason: str = ""
    fallback: Literal["", "not in the pool"] = ""


def result_of(opened: Open, *, snapshot: str, turn: Turn, pool: Pool, reveal: bytes) -> Result:
    """Return the result of the spin `opened`.

    Args:
        opened: its record.
        snapshot: S of its list.
        turn: what it was planned to be.
        pool: what it was opened with.
        reveal: r_j.
    """
    press = Press(snapshot, opened.spin, opened.prize, opened.pool, opened.entropy)
    winners = choose(turn, pool, press, reveal=reveal, places=opened.place_numbers)
    segment = pool.segments.bounds(winners.indices[0])
    lands = landing(reveal=reveal, snapshot=snapshot, spin=opened.spin, segment=segment)
    return Result(
        spin=opened.spin,
        mode=winners.mode,
        reveal=reveal.hex(),
        winners=tuple(pool.tickets[index] for index in winners.indices),
        rest=lands.rest,
        turns=lands.turns,
        reason=winners.reason,
        fallback=winners.fallback,
    )


def choose(turn: Turn, pool: Pool, press: Press, *, reveal: bytes, places: tuple[int, ...]) -> Winners:
    """Return who wins: the fixed ticket if it is in the pool, else those who are drawn."""
    fallback: Literal["", "not in the pool"] = ""
    if turn.fixed:
        index = pool.index_of(turn.step.ticket)
        if index is not None:
            return Winners((index,), "fixed", reason=turn.step.reason)
        fallback = NOT_IN_THE_POOL
    drawn = pool.draw(press, reveal=reveal, places=places)
    return Winners(tuple(one.index for one in drawn), "natural", fallback=fallback)
