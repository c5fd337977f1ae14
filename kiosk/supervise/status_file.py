"""`status.json`: what the kiosk says it shows, for `wheel-admin status`.

Invariant: written when something changed, and every 10 s as a sign of life; in idle only, so that no frame waits for a
disk.
"""

from pathlib import Path

import msgspec

from kiosk.core.clock import NS_PER_S, Clock, rfc3339
from kiosk.core.durable import SHARED, write_atomic
from kiosk.core.errors import HomeError
from kiosk.draw_session import Session
from kiosk.machine import State
from kiosk.supervise.run_report import FrameTimes

SIGN_OF_LIFE_NS = 10 * NS_PER_S
"""How old the status may become while nothing changes."""
WAITING = "waiting"
"""The state of a kiosk that shows nothing yet; it says in its notices what it waits for."""


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """What the kiosk shows, as of `at` (UTC); of a list nothing is said while it waits for a display.

    `frame_ms` is of the last spin.
    """

    state: str
    generation: int = 0
    snapshot: str = ""
    title: str = ""
    entries: int = 0
    left: int = 0
    spin: int = 0
    seq: int
    head: str
    notices: tuple[str, ...]
    frame_ms: FrameTimes | None = None
    at: str = ""


class StatusFile:
    """Writes the status when it is due.

    Args:
        path: of the file.
        clock: for the sign of life and `at`.

    Attributes:
        refusal: why the status could not be written when it was due last; None if it could.
    """

    def __init__(self, path: Path, clock: Clock) -> None:
        self._path = path
        self._clock = clock
        self._written: Status | None = None
        self._written_ns = 0
        self.refusal: HomeError | None = None

    def refresh(
        self, state: State, session: Session, notices: tuple[str, ...], frame_ms: FrameTimes | None = None
    ) -> None:
        """Write the status if it changed or is old. What the disk says to that is in `refusal`: the kiosk goes on."""
        listed = session.listed
        if listed is None:
            return
        self._write(
            Status(
                state=state.value,
                generation=listed.snapshot.generation,
                snapshot=listed.s,
                title=listed.snapshot.title,
                entries=len(listed.snapshot.entries),
                left=session.left,
                spin=session.spins_made,
                seq=session.seq,
                head=session.head,
                notices=notices,
                frame_ms=frame_ms,
            )
        )

    def wait_for(self, what: str, session: Session) -> None:
        """Write that the kiosk shows nothing yet, and why; as often as `refresh` does."""
        self._write(Status(state=WAITING, seq=session.seq, head=session.head, notices=(what,)))

    def _write(self, status: Status) -> None:
        now = self._clock.monotonic_ns()
        if status == self._written and now // SIGN_OF_LIFE_NS == self._written_ns // SIGN_OF_LIFE_NS:
            self.refusal = None
            return
        stamped = msgspec.structs.replace(status, at=rfc3339(self._clock.utc_now()))
        try:
            write_atomic(self._path, msgspec.json.encode(stamped) + b"\n", mode=SHARED)
            self._written, self._written_ns, self.refusal = status, now, None
        except HomeError as error:
            self.refusal = error
