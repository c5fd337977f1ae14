"""What is on stage: the wheel, the spin that runs, the result that stands. Written by the controller, read by others.

Invariant: only `kiosk.controller`, its `kiosk.staged_wheel` and `kiosk.operator_keys` assign to a `Stage`. The
presenter, the notices and the loop read it, so that what is decided and what is shown cannot drift apart.
"""

from enum import Enum

import msgspec

from kiosk.core.clock import NS_PER_MS
from kiosk.intake.loader import Wheel
from kiosk.machine import Machine, State
from kiosk.screen.effects import filling
from kiosk.screen.effects.reveal import CALM_MS
from kiosk.session.draw_decision import Decision
from kiosk.spin_motion import SpinMotion


class Overlay(Enum):
    """What the operator put in front of the wheel."""

    NONE = "none"
    WINNERS = "winners"
    CURTAIN = "curtain"


SETTLE_MS = 4000
"""How long a result stands before the next press counts: time to read it, and to let go of the button."""
RESULT_HOLD_MS = 60_000
"""How long a result stays on screen in idle when nobody presses."""


class RunningSpin(msgspec.Struct, frozen=True):
    """The spin that is being shown.

    Attributes:
        decision: what it shows.
        motion: where the wheel is.
        resumed: it was decided before a restart and is only shown now.
        frames_ms: time spent on each of its presented frames.
    """

    decision: Decision
    motion: SpinMotion
    resumed: bool
    frames_ms: list[float] = msgspec.field(default_factory=list)


class Stage(msgspec.Struct):
    """The state that a frame is made from.

    Attributes:
        machine: idle, spinning or settling.
        wheel: what is on the wheel; None before the first list.
        angle: wheel angle, in units.
        spin: the running spin, if any.
        result: the decision whose result stands on screen, if any.
        rest_since_ns: when the wheel came to rest, or the list came on screen.
        diagnosing_ns: when the diagnostics page was asked for; None while it is not.
        problem: what went wrong last, as a sentence; empty if nothing did.
        overlay: what the operator put in front of the wheel.
        page: the page of winners that was turned to, and
        page_since_ns: since when; time turns them from there (`page_at`).
        looked_at: id of the prize that the operator looks at; "" for the one that the next press is for.
        looked_since_ns: since when.
        held: how far the button on the screen is held, 0..1.
        rehearsing: whether nothing counts here.
        rehearsal_asked: the operator asked to begin a rehearsal, or to end this one: the loop leaves.
    """

    machine: Machine = msgspec.field(default_factory=Machine)
    wheel: Wheel | None = None
    angle: int = 0
    spin: RunningSpin | None = None
    result: Decision | None = None
    rest_since_ns: int = 0
    diagnosing_ns: int | None = None
    problem: str = ""
    overlay: Overlay = Overlay.NONE
    page: int = 0
    page_since_ns: int = 0
    looked_at: str = ""
    looked_since_ns: int = 0
    held: float = 0.0
    rehearsing: bool = False
    rehearsal_asked: bool = False

    @property
    def state(self) -> State:
        """What the kiosk is doing."""
        return self.machine.state

    @property
    def idle(self) -> bool:
        """Whether nothing moves and a press would count."""
        return self.machine.state is State.IDLE

    @property
    def settle_ms(self) -> int:
        """How long after rest the next press counts: when the result has been read, and its board is full."""
        count = len(self.result.winners) if self.result is not None else 1
        return SETTLE_MS if count == 1 else filling.settled_ms(count)

    @property
    def hold_ms(self) -> int:
        """How long after rest the result stays on screen when nobody presses: each page of it comes twice."""
        count = len(self.result.winners) if self.result is not None else 1
        if count == 1:
            return RESULT_HOLD_MS
        return filling.full_ms(count) + max(RESULT_HOLD_MS, 2 * len(filling.pages(count)) * filling.PAGE_MS)

    def look_away(self) -> None:
        """Take away what the operator put in front of the wheel, and show the prize of the next press."""
        self.overlay, self.looked_at = Overlay.NONE, ""

    def turn_to(self, page: int, now_ns: int) -> None:
        """Turn to a page of winners; a number beyond the last page begins again with the first."""
        self.page, self.page_since_ns = page, now_ns

    def page_at(self, now_ns: int) -> int:
        """Return the page of winners that time has turned to."""
        return self.page + max(0, now_ns - self.page_since_ns) // (filling.PAGE_MS * NS_PER_MS)

    def celebrating(self, now_ns: int) -> bool:
        """Return whether something of the last result still moves."""
        return self.result is not None and self.rested_ms(now_ns) < CALM_MS

    def rested_ms(self, now_ns: int) -> int:
        """Return for how long the wheel has been at rest."""
        return (now_ns - self.rest_since_ns) // NS_PER_MS
