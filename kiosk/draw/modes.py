"""Spin modes: which spins are drawn, and which the organiser set beforehand.

Invariant: the spin's number alone says which step of a sequence it is, so the position in a mixed list survives any
restart with the ledger. A fixed ticket that is not on the wheel falls back to natural, and says so.
"""

from typing import Literal

import msgspec


class Natural(msgspec.Struct, frozen=True, tag="natural", tag_field="mode", forbid_unknown_fields=True):
    """The draw protocol picks."""


class Fixed(msgspec.Struct, frozen=True, tag="fixed", tag_field="mode", forbid_unknown_fields=True):
    """The organiser named the ticket beforehand, with a reason that the ledger and the screen repeat."""

    ticket: str
    reason: str


Step = Natural | Fixed


class Mixed(msgspec.Struct, frozen=True, tag="mixed", tag_field="mode", forbid_unknown_fields=True):
    """A sequence of steps; `then` says what follows the last one."""

    steps: tuple[Step, ...]
    then: Literal["natural", "repeat", "stop"]


Spins = Natural | Fixed | Mixed


class Turn(msgspec.Struct, frozen=True):
    """What spin i is to be: its `step`, and its 1-based `position` in a mixed list (None outside one)."""

    step: Step
    position: int | None = None


def turn_for(spins: Spins, spin: int) -> Turn | None:
    """Return what spin `spin` (from 1) of a generation is to be; None when the list of steps says stop."""
    if not isinstance(spins, Mixed):
        return Turn(spins)
    if spin <= len(spins.steps):
        return Turn(spins.steps[spin - 1], spin)
    if spins.then == "natural":
        return Turn(Natural())
    if spins.then == "repeat":
        position = (spin - 1) % len(spins.steps) + 1
        return Turn(spins.steps[position - 1], position)
    return None


def fixed_steps(spins: Spins) -> tuple[Fixed, ...]:
    """Return every fixed step, in order."""
    steps = spins.steps if isinstance(spins, Mixed) else (spins,)
    return tuple(step for step in steps if isinstance(step, Fixed))
