"""The description of one frame, in plain values: the view needs no list, no ledger and no file.

Invariant: frozen, comparable and cheap. Equal scenes look the same, so the view does not draw an equal scene again.
"""

from collections.abc import Sequence
from enum import Enum
from pathlib import Path

import msgspec

from kiosk.wheel.segments import Segments
from kiosk.wheel.spin import SpinPlan


class Phase(Enum):
    """What the frame is about."""

    INVITING = "inviting"
    TURNING = "turning"
    RESULT = "result"


class Face(msgspec.Struct, frozen=True, eq=False):
    """The entries on the wheel; compared by identity.

    Attributes:
        segments: the angles of the entries.
        names: in the order of the segments.
        tickets: in the order of the segments.
    """

    segments: Segments
    names: Sequence[str]
    tickets: Sequence[str]


class Outcome(msgspec.Struct, frozen=True):
    """The result of a spin.

    Attributes:
        name, ticket: of the winner; the ticket is "" if it stands for the name.
        provenance: where the result comes from.
        absent: the winner is not in the hall: marked, not celebrated.
        heading: what stands over the name; "" for the theme's word for a winner.
    """

    name: str
    ticket: str
    provenance: str
    absent: bool = False
    heading: str = ""


MOST_WINNERS = 24
"""Past winners in a scene: more than any screen has room for."""


class Winner(msgspec.Struct, frozen=True):
    """A past winner: name, ticket, and whether nobody came forward."""

    name: str
    ticket: str
    absent: bool = False


class PrizeCard(msgspec.Struct, frozen=True):
    """The prize that the idle screen shows.

    Attributes:
        heading: which of the prizes it is.
        title: what it is called.
        lines: who gives it, which place is next, who may win it; "" is left out.
        note: what to know about a prize that the next press is not for, or "".
        picture: its picture, or None.
    """

    heading: str
    title: str
    lines: tuple[str, ...]
    note: str = ""
    picture: Path | None = None


class Cell(msgspec.Struct, frozen=True):
    """A place on a board.

    Attributes:
        label: its number.
        name, ticket: of the winner; the ticket is "" if it stands for the name.
        note: what became of the place, or "".
        quiet: nobody holds it now.
        marked: the operator is asked about it.
    """

    label: str
    name: str
    ticket: str = ""
    note: str = ""
    quiet: bool = False
    marked: bool = False


class Board(msgspec.Struct, frozen=True):
    """A page of winners that covers the wheel.

    Attributes:
        heading, title: what they won.
        cells: the places of this page; the layout depends on their number alone.
        shown: how many of them are there already; 0 shows no board yet, but it will be this one.
        page: which page it is, in words, or "".
        foot: a sentence below them, or "".
        fresh: the last one that is there has just come.
    """

    heading: str
    title: str
    cells: tuple[Cell, ...]
    shown: int
    page: str = ""
    foot: str = ""
    fresh: bool = False


class Scene(msgspec.Struct, frozen=True):
    """Everything on one frame.

    Attributes:
        phase: inviting, turning, or showing a result.
        face: the entries on the wheel; None before the first list.
        angle: wheel angle, in units within [0, TURN).
        speed: units per second; a faster wheel is drawn less sharply.
        title: of the list.
        banner: a warning below the title, or "".
        proof: what a viewer may keep to check the draw later: one or two words and 64 hex digits; or "".
        proof_short: its digest as people copy it by hand; or "".
        proof_label: what it is, in a word or two; or "".
        status: the parts of the status line, most important first: people, and small what auditors need.
        notices: what the operator should know, most important first.
        faults: the messages behind the notices, for the status file and the health report; never drawn.
        prompt: what the operator can do now; with a result, what a button on the screen says below it.
        ready: a press would spin.
        last: the last winner, or the code of what is wrong, or "".
        outcome: the result, while it is shown.
        celebration_ms: time since the wheel came to rest on it.
        plan: of the spin that is shown, from its press until its result is dismissed; None before.
        rest_in_ms: time until the wheel rests, while it turns.
        moment_ms: time that lets the idle screen live; equal while nothing is to move.
        winners: past ones of this list, the last one first, at most `MOST_WINNERS`.
        more_winners: how many that leaves out.
        ended: nobody is left to win: the screen says thanks.
        page: lines of text, what and its value, that stand in place of all the rest; empty for the wheel.
        prize: what the next press is for, or what the operator looks at; None without prizes.
        board: winners in place of the wheel, or None.
        curtain: title and logo alone, in place of all the rest.
        held: how far the button on the screen is held, 0..1.
        rehearsal: what says that nothing here counts; "" if it does.
    """

    phase: Phase = Phase.INVITING
    face: Face | None = None
    angle: int = 0
    speed: float = 0.0
    title: str = ""
    banner: str = ""
    proof: str = ""
    proof_short: str = ""
    proof_label: str = ""
    status: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()
    prompt: str = ""
    ready: bool = True
    last: str = ""
    outcome: Outcome | None = None
    celebration_ms: int = 1 << 30
    plan: SpinPlan | None = None
    rest_in_ms: int = 1 << 30
    moment_ms: int = 0
    winners: tuple[Winner, ...] = ()
    more_winners: int = 0
    ended: bool = False
    page: tuple[tuple[str, str], ...] = ()
    prize: PrizeCard | None = None
    board: Board | None = None
    curtain: bool = False
    held: float = 0.0
    rehearsal: str = ""
