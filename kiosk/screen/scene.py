"""What the view is told: plain values, so that it needs to know no list, no ledger and no file.

Invariant: frozen, comparable, cheap. Two equal scenes look the same, so an equal scene is not drawn again.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum

from kiosk.wheel.segments import Segments


class Phase(Enum):
    """What the picture is about."""

    INVITING = "inviting"
    TURNING = "turning"
    RESULT = "result"


@dataclass(frozen=True, eq=False, slots=True)
class Face:
    """What is on the wheel; compared by identity.

    Attributes:
        segments: where the entries are.
        names: in the same order.
        tickets: in the same order.
    """

    segments: Segments
    names: Sequence[str]
    tickets: Sequence[str]


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of a spin: the winner's name and ticket, and where it comes from."""

    name: str
    ticket: str
    provenance: str


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything that one frame shows.

    Attributes:
        phase: inviting, turning, or showing a result.
        face: what is on the wheel; None before the first list.
        angle: wheel angle, in units within [0, TURN).
        speed: units per second, for the sharpness of what moves.
        title: of the list.
        banner: a warning that stands in the title's place, or "".
        proof: what somebody may keep to check the draw later: a word or two, then hex digits; or "".
        status: the parts of the status line, from left to right.
        notices: what somebody should know, most important first.
        prompt: what to do now.
        last: who won last, or "".
        outcome: the result, while it is shown.
        celebration_ms: time since the wheel came to rest on it.
        page: lines of text, what and its value, that stand in place of all the rest; empty for the wheel.
    """

    phase: Phase = Phase.INVITING
    face: Face | None = None
    angle: int = 0
    speed: float = 0.0
    title: str = ""
    banner: str = ""
    proof: str = ""
    status: tuple[str, ...] = ()
    notices: tuple[str, ...] = field(default=())
    prompt: str = ""
    last: str = ""
    outcome: Outcome | None = None
    celebration_ms: int = 1 << 30
    page: tuple[tuple[str, str], ...] = ()
