"""Spin modes: which spins are drawn, and which the organiser predetermined.

Invariant: the spin's number within its event alone says which step of a sequence it is, so the position in a mixed
list survives any restart with the ledger. A fixed ticket that is not in the pool falls back to natural, and says so.
"""

from typing import Literal

import msgspec

Mode = Literal["natural", "fixed"]
NOT_IN_THE_POOL: Literal["not in the pool"] = "not in the pool"
"""`fallback` of a fixed spin that became natural."""


class Step(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One spin: drawn, or fixed to `ticket` with a `reason` that the ledger and the screen repeat."""

    mode: Mode
    ticket: str
    reason: str


class Spins(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All spins of a list. `steps` and `then` are of mode mixed only, `ticket` and `reason` of mode fixed only."""

    mode: Literal["natural", "fixed", "mixed"]
    ticket: str
    reason: str
    steps: tuple[Step, ...]
    then: Literal["", "natural", "repeat", "stop"]


NATURAL_STEP = Step("natural", "", "")
NATURAL = Spins("natural", "", "", (), "")


def fixed_step(ticket: str, reason: str) -> Step:
    """Return a step that is fixed to `ticket`."""
    return Step("fixed", ticket, reason)


def fixed(ticket: str, reason: str) -> Spins:
    """Return spins that are all fixed to `ticket`."""
    return Spins("fixed", ticket, reason, (), "")


def mixed(*steps: Step, then: Literal["natural", "repeat", "stop"]) -> Spins:
    """Return a sequence of steps; `then` says what follows the last one."""
    return Spins("mixed", "", "", steps, then)


class Turn(msgspec.Struct, frozen=True):
    """What spin i is planned to be: its `step`, and its 1-based `position` in the steps (0 outside them)."""

    step: Step
    position: int = 0

    @property
    def fixed(self) -> bool:
        """Whether it is planned fixed. Such a press fills one place, even if it falls back."""
        return self.step.mode == "fixed"


def turn_for(spins: Spins, spin: int) -> Turn | None:
    """Return what spin `spin` (from 1) of an event is planned to be; None after the last step of a list that stops."""
    if spins.mode == "natural":
        return Turn(NATURAL_STEP)
    if spins.mode == "fixed":
        return Turn(fixed_step(spins.ticket, spins.reason))
    if spin <= len(spins.steps):
        return Turn(spins.steps[spin - 1], spin)
    if spins.then == "natural":
        return Turn(NATURAL_STEP)
    if spins.then == "repeat":
        position = (spin - 1) % len(spins.steps) + 1
        return Turn(spins.steps[position - 1], position)
    return None


def fixed_steps(spins: Spins) -> tuple[Step, ...]:
    """Return every fixed step, in order."""
    if spins.mode == "fixed":
        return (fixed_step(spins.ticket, spins.reason),)
    return tuple(step for step in spins.steps if step.mode == "fixed")
