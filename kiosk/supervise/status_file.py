"""`status.json`: what the kiosk shows, for `wheel-admin status`.

Invariant: written when something changed, and every 10 s as a sign of life; in idle only, so that no frame waits for
the disk.
"""

from collections.abc import Callable
from pathlib import Path

import msgspec

from kiosk.core.clock import NS_PER_S, Clock, rfc3339
from kiosk.core.durable import SHARED, write_atomic
from kiosk.core.errors import HomeError
from kiosk.machine import State
from kiosk.session.draw_session import Session
from kiosk.supervise.disk import DiskGuard
from kiosk.supervise.run_report import FrameTimes, RunReport
from kiosk.supervise.supervisor import Supervisor

SIGN_OF_LIFE_NS = 10 * NS_PER_S
"""How old the status may become while nothing changes."""
WAITING = "waiting"
"""The state of a kiosk that shows nothing yet; its notice says what it waits for."""


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """What the kiosk shows, as of `at` (UTC). While it waits for a display, the fields of the list stay empty.

    `frame_ms` is of the last spin; `waiting` says how many organiser requests wait, and for what.
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
    waiting: tuple[str, ...] = ()
    frame_ms: FrameTimes | None = None
    at: str = ""


class StatusFile:
    """Writes the status when it is due.

    Args:
        path: of the file.
        clock: for the sign of life and `at`.

    Attributes:
        refusal: why the status could not be written the last time; None if it was.
    """

    def __init__(self, path: Path, clock: Clock) -> None:
        self._path = path
        self._clock = clock
        self._written: Status | None = None
        self._written_ns = 0
        self.refusal: HomeError | None = None

    def refresh(
        self,
        state: State,
        session: Session,
        notices: tuple[str, ...],
        frame_ms: FrameTimes | None = None,
        *,
        waiting: tuple[str, ...] = (),
    ) -> None:
        """Write the status if it changed or is old. If the disk refuses, `refusal` says why; the kiosk goes on."""
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
                waiting=waiting,
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


class StatusWriter(Supervisor):
    """Keeps the status file up to date in idle.

    Args:
        file: the status file.
        clock: for the sign of life.
        session: what is on the wheel.
        report: has the frame times of the last spin.
        disk: told when the status cannot be written.
        waiting: returns how many organiser requests wait, and for what.
    """

    def __init__(
        self,
        file: StatusFile,
        clock: Clock,
        *,
        session: Session,
        report: RunReport,
        disk: DiskGuard,
        waiting: Callable[[], tuple[str, ...]],
    ) -> None:
        self._file = file
        self._clock = clock
        self._session = session
        self._report = report
        self._disk = disk
        self._waiting = waiting
        self._state: State | None = None
        self._notices: tuple[str, ...] = ()
        self._refreshed = 0

    def on_change(self, state: State, notices: tuple[str, ...]) -> None:
        """See `Supervisor`."""
        self._state, self._notices = state, notices
        if state is State.IDLE:
            self._refresh(state)

    def on_idle(self, *, recorded: bool) -> None:
        """See `Supervisor`: refresh the sign of life."""
        del recorded
        if self._state is State.IDLE and self._clock.monotonic_ns() // SIGN_OF_LIFE_NS != self._refreshed:
            self._refresh(self._state)

    def _refresh(self, state: State) -> None:
        self._refreshed = self._clock.monotonic_ns() // SIGN_OF_LIFE_NS
        last = self._report.spins[-1].frame_ms if self._report.spins else None
        self._file.refresh(state, self._session, self._notices, last, waiting=self._waiting())
        if self._file.refusal is not None and not self._disk.failing:
            self._disk.refused(self._file.refusal, "the status cannot be written")
