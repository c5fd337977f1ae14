"""The kiosk's state machine: every transition, as one table.

Invariant: pure. `Machine.handle` looks up the event for the current state and returns the effects to perform, in order.
A pair that the table does not list raises and changes nothing. A press while the wheel turns or settles is listed
without effects: presses do not queue, and a bouncing button spins once.
"""

from collections.abc import Mapping
from enum import Enum, auto

from kiosk.core.errors import IllegalTransition


class State(Enum):
    """What the kiosk is doing."""

    IDLE = "idle"
    SPINNING = "spinning"
    SETTLING = "settling"


class Event(Enum):
    """What can happen."""

    SPIN_REQUESTED = auto()
    """The button was pressed."""
    SPIN_RESUMED = auto()
    """The ledger has a spin that was decided but not shown."""
    SPIN_REFUSED = auto()
    """The spin could not be decided or recorded; the wheel did not move."""
    PLAN_DONE = auto()
    """The wheel came to rest."""
    SETTLED = auto()
    """The result has been on screen long enough to read."""
    ABSENCE_REPORTED = auto()
    """The 'winner absent' key was pressed."""
    LIST_READY = auto()
    """A published list is loaded and painted, and waits in the mailbox."""


class Effect(Enum):
    """What the kiosk must do after a transition."""

    DECIDE_AND_SPIN = auto()
    """Decide, persist, then animate. On failure: SPIN_REFUSED."""
    RESUME_SPIN = auto()
    """Animate the result that the ledger has."""
    SHOW_NOTICE = auto()
    """Show why the wheel does not turn."""
    RECORD_SHOWN = auto()
    """Append the `shown` record."""
    SHOW_RESULT = auto()
    """Show the winner."""
    REPORT_ABSENT = auto()
    """Ask for the confirming press, or record the last winner as absent."""
    ADOPT = auto()
    """Take the list out of the mailbox and show it."""


TRANSITIONS: Mapping[tuple[State, Event], tuple[State, tuple[Effect, ...]]] = {
    (State.IDLE, Event.SPIN_REQUESTED): (State.SPINNING, (Effect.DECIDE_AND_SPIN,)),
    (State.IDLE, Event.SPIN_RESUMED): (State.SPINNING, (Effect.RESUME_SPIN,)),
    (State.IDLE, Event.LIST_READY): (State.IDLE, (Effect.ADOPT,)),
    (State.IDLE, Event.ABSENCE_REPORTED): (State.IDLE, (Effect.REPORT_ABSENT,)),
    (State.SPINNING, Event.SPIN_REFUSED): (State.IDLE, (Effect.SHOW_NOTICE,)),
    (State.SPINNING, Event.PLAN_DONE): (State.SETTLING, (Effect.RECORD_SHOWN, Effect.SHOW_RESULT)),
    (State.SPINNING, Event.SPIN_REQUESTED): (State.SPINNING, ()),
    (State.SPINNING, Event.LIST_READY): (State.SPINNING, ()),
    (State.SPINNING, Event.ABSENCE_REPORTED): (State.SPINNING, ()),
    (State.SETTLING, Event.SETTLED): (State.IDLE, ()),
    (State.SETTLING, Event.SPIN_REQUESTED): (State.SETTLING, ()),
    (State.SETTLING, Event.LIST_READY): (State.SETTLING, ()),
    (State.SETTLING, Event.ABSENCE_REPORTED): (State.SETTLING, ()),
}


class Machine:
    """The current state; `handle` is the only way to change it."""

    def __init__(self) -> None:
        self.state = State.IDLE

    def handle(self, event: Event) -> tuple[Effect, ...]:
        """Apply the table; returns the effects to perform, in order.

        Raises:
            IllegalTransition: the table does not list `event` for the current state, which does not change.
        """
        try:
            self.state, effects = TRANSITIONS[self.state, event]
        except KeyError:
            raise IllegalTransition(f"{event.name} cannot happen while {self.state.name}.") from None
        return effects
