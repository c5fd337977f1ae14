"""What is on stage: the wheel, the spin that runs, the result that stands. Written by the controller, read by others.

Invariant: only `kiosk.controller` and its `kiosk.staged_wheel` assign to a `Stage`. The presenter, the notices and the
loop read it, so that what is decided and what is shown cannot drift apart.
"""

from dataclasses import dataclass, field

from kiosk.core.clock import NS_PER_MS
from kiosk.draw_decision import Decision
from kiosk.intake.loader import Wheel
from kiosk.machine import Machine, State
from kiosk.screen.effects.reveal import CALM_MS
from kiosk.spin_motion import SpinMotion

SETTLE_MS = 4000
"""How long a result stands before the next press counts: time to read it, and to let go of the button."""
RESULT_HOLD_MS = 60_000
"""How long a result stays on screen in idle when nobody presses."""


@dataclass(frozen=True, slots=True)
class RunningSpin:
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
    frames_ms: list[float] = field(default_factory=list)


@dataclass(slots=True)
class Stage:
    """The state that a frame is made from.

    Attributes:
        machine: idle, spinning or settling.
        wheel: what is on the wheel; None before the first list.
        angle: wheel angle, in units.
        spin: the running spin, if any.
        result: the decision whose result stands on screen, if any.
        rest_since_ns: when the wheel came to rest, or the list came on screen.
        diagnosing: whether the diagnostics page was asked for.
        problem: what went wrong last, as a sentence; empty if nothing did.
    """

    machine: Machine = field(default_factory=Machine)
    wheel: Wheel | None = None
    angle: int = 0
    spin: RunningSpin | None = None
    result: Decision | None = None
    rest_since_ns: int = 0
    diagnosing: bool = False
    problem: str = ""

    @property
    def state(self) -> State:
        """What the kiosk is doing."""
        return self.machine.state

    @property
    def idle(self) -> bool:
        """Whether nothing moves and a press would count."""
        return self.machine.state is State.IDLE

    def celebrating(self, now_ns: int) -> bool:
        """Return whether something of the last result still moves."""
        return self.result is not None and self.rested_ms(now_ns) < CALM_MS

    def rested_ms(self, now_ns: int) -> int:
        """Return for how long the wheel has been at rest."""
        return (now_ns - self.rest_since_ns) // NS_PER_MS
