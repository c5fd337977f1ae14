"""Decides what happens: feeds events to the state machine and performs its effects.

Invariant: no drawing, no sleeping. The wheel moves only after `Session.press` has returned, so what it moves towards is
durable. Lists and organiser requests are taken in idle only, and never while a spin is open. While the disk refuses,
nothing is recorded but what a person asks for, and the end of a spin is recorded before anything else.
"""

import logging
import time
from collections.abc import Callable
from functools import partial

from kiosk.core.clock import NS_PER_MS, NS_PER_S, Clock
from kiosk.core.errors import LedgerError, RefusedError, WheelError
from kiosk.intake.arrivals import Arrivals
from kiosk.intake.loader import Painted, Prepared
from kiosk.intake.snapshot_files import check_floor
from kiosk.ledger.event import NoSpin
from kiosk.machine import Effect, Event, State
from kiosk.presenter.absence_prompt import AbsencePrompt
from kiosk.session.draw_decision import Decision
from kiosk.session.draw_session import Session
from kiosk.spin_motion import SpinMotion
from kiosk.stage import RunningSpin, Stage
from kiosk.staged_wheel import StagedWheel
from kiosk.supervise.disk import DiskGuard, PendingRecord
from kiosk.supervise.run_meter import RunMeter
from kiosk.supervise.run_report import RunReport
from kiosk.supervise.supervisor import Supervisor

logger = logging.getLogger(__name__)


class Controller:
    """One kiosk's decisions.

    Args:
        stage: what the controller changes and others show.
        session: the draw.
        arrivals: lists, requests and refused files.
        absence: the two-press 'winner absent' key.
        disk: what the disk refused.
        supervisor: told when the wheel starts and when it rests.
        clock: real, or manual for a simulated run.
        report: gets the measured figures of this run.

    Attributes:
        refusal: why the last press could not spin, if a rule or the ledger forbade it; None after one that did.
        unattended_spins: spins that were started by `press_unattended`.
    """

    def __init__(
        self,
        stage: Stage,
        *,
        session: Session,
        arrivals: Arrivals,
        absence: AbsencePrompt,
        disk: DiskGuard,
        supervisor: Supervisor,
        clock: Clock,
        report: RunReport,
    ) -> None:
        self._stage = stage
        self._session = session
        self._arrivals = arrivals
        self._loader = arrivals.loader
        self._absence = absence
        self._disk = disk
        self._supervisor = supervisor
        self._clock = clock
        self._wheel = StagedWheel(stage, session, self._loader)
        self._first: Prepared | None = None
        self._end = PendingRecord("the end of the spin cannot be recorded", disk, self._report_problem)
        self._check_due_ns, self._missing = 0, ""
        self._meter = RunMeter(report, clock)
        self._report = report
        self.refusal: WheelError | None = None
        self.unattended_spins = 0

    # ---- what others may ask for --------------------------------------------------------------------------------

    def load_first(self) -> None:
        """Prepare the list to start with, before the watcher's thread prepares others.

        Raises:
            HomeError: the trusted keys cannot be read, or no list can be prepared.
        """
        self._first = self._loader.first()

    def show_first(self) -> None:
        """Adopt that list; if the disk refuses its record, the one shown last until it does not.

        Raises:
            HomeError: the first list could not be recorded, and there is no other that needs no record.
        """
        first, self._first = self._first, None  # its picture is large: keep no reference
        if first is None:
            raise RuntimeError("no first list was loaded, or it was shown already")
        try:
            self._adopt(first)
        except OSError as error:
            kept = self._loader.kept()
            if kept is None:
                raise
            self._adopt(kept)
            self._disk.refused(error, "not adopted yet")
            self._loader.mailbox.put_back(first)

    def resume(self) -> None:
        """Show the spin that the ledger holds and nobody saw end, if there is one."""
        if self._session.unfinished_s is not None:
            self._handle(Event.SPIN_RESUMED)

    def press(self) -> None:
        """Somebody pressed the button."""
        if self._stage.idle:
            self._meter.press()
        self._handle(Event.SPIN_REQUESTED)

    def press_unattended(self) -> None:
        """Press without a person; `unattended_spins` counts it if the wheel turns."""
        self._meter.press()
        self._handle(Event.SPIN_REQUESTED)
        if self._stage.state is State.SPINNING:
            self.unattended_spins += 1

    def report_absent(self) -> None:
        """Somebody pressed the 'winner absent' key."""
        self._handle(Event.ABSENCE_REPORTED)

    def choose(self, prize: str) -> None:
        """The operator chose a prize, where the order is free: show who may win it."""
        self._session.chosen = prize
        if len(pool := self._session.pool()):
            self._wheel.match(pool)

    def turned(self) -> None:
        """The running spin has advanced: the wheel stands where its motion says, and may have come to rest."""
        motion = self._running_spin().motion
        self._meter.turn()
        self._stage.angle = motion.angle
        if motion.done:
            self._handle(Event.PLAN_DONE)

    def settle(self) -> None:
        """Let the next press count once the result has been read. A board of winners was shown when it is full."""
        now = self._clock.monotonic_ns()
        rested_ms = self._stage.rested_ms(now)
        self._wheel.start_repaint(rested_ms)
        if rested_ms >= self._stage.settle_ms:
            self._end.written()
            self._stage.turn_to(-1, now)
            self._handle(Event.SETTLED)
            self._meter.end_cycle()

    def idle(self) -> None:
        """Take what arrived, retry what the disk refused, and dismiss a result that has stood long enough."""
        now = self._clock.monotonic_ns()
        if not self._files_in_order(now):
            return
        if not self._disk.failing:
            self._take_arrivals()
        elif not self._disk.resting:
            self._catch_up()
        self._absence.expire(now)
        if self._stage.result is not None and self._stage.rested_ms(now) >= self._stage.hold_ms:
            self.dismiss_result()

    def appear(self) -> None:
        """The window was hidden and can be seen again: what nobody saw is shown from its start."""
        stage, now = self._stage, self._clock.monotonic_ns()
        if stage.spin is not None:
            logger.info("showing the spin again that was hidden")
            motion = SpinMotion(stage.spin.decision.plan, now)
            stage.spin = RunningSpin(stage.spin.decision, motion, resumed=True)
            self._meter.start(resumed=True)
        elif stage.result is not None:
            stage.rest_since_ns = now

    def take_wheel(self) -> Painted | None:
        """Return the wheel to show from now on; None if it is the same. For the loop, before it draws."""
        return self._wheel.take_new()

    def frame_presented(self, ms: float) -> None:
        """A frame of the current stage reached the screen; `ms` is the time spent on it."""
        self._meter.frame(ms, self._stage.spin)

    def frame_failed(self, error: Exception) -> None:
        """A frame could not be drawn."""
        self._report.counters.frames_failed += 1
        self._report.counters.count_error(error)

    def press_unseen(self) -> None:
        """Somebody pressed while the window was hidden."""
        self._report.counters.presses_unseen += 1
        logger.warning("a press does not count while the window is hidden")

    @property
    def recorded(self) -> bool:
        """Whether nothing waits for the disk."""
        return not self._disk.failing

    def close(self) -> None:
        """Stop the painting thread."""
        self._wheel.close()

    # ---- idle ---------------------------------------------------------------------------------------------------

    def _take_arrivals(self) -> None:
        """Record and take what came: refused files, requests, a newer list. An open spin comes first."""
        try:
            self._report.counters.lists_refused += self._arrivals.refused_files.record()
            self._take_requests()
        except OSError as error:
            self._disk.refused(error, "not recorded yet")
            return
        except LedgerError as error:
            self._report_problem(error, "not recorded")
            return
        if self._loader.mailbox.full and not self._arrivals.requests.blocked:
            self._handle(Event.LIST_READY)

    def _files_in_order(self, now_ns: int) -> bool:
        """Say whether the ledger's file is in place; nothing is recorded without it. Asked once a second."""
        if now_ns >= self._check_due_ns:
            self._check_due_ns = now_ns + NS_PER_S
            before, self._missing = self._missing, self._session.check_files()
            if self._missing or before:
                self._stage.problem = self._missing
            if self._missing and self._missing != before:
                logger.warning("nothing is drawn: %s", self._missing)
        return not self._session.ledger_gone

    def _take_requests(self) -> None:
        if self._arrivals.requests.take():
            self._wheel.plan_repaint()  # somebody may have been withdrawn
            self._wheel.start_repaint(self._stage.rested_ms(self._clock.monotonic_ns()))
            listed = self._session.listed
            over = listed is not None and self._session.is_closed(listed.snapshot.event.id)  # its names are erased
            if self._stage.result is None or over:
                self.dismiss_result()

    def _catch_up(self) -> None:
        """Retry what the disk refused. A spin that is open and undecided goes on: somebody pressed for it."""
        if not self._end.written() or not self._disk.works():
            return
        self._session.sign_head()
        if self._arrivals.requests.blocked:
            self.press_unattended()

    # ---- effects ------------------------------------------------------------------------------------------------

    def _handle(self, event: Event) -> None:
        machine = self._stage.machine
        before = machine.state
        for effect in machine.handle(event):
            self._effects[effect](self)
        if machine.state is not before:
            logger.info("%s: %s -> %s", event.name, before.value, machine.state.value)

    def _decide_and_spin(self) -> None:
        self.refusal = None
        if not self._end.written():
            self._handle(Event.SPIN_REFUSED)
            return
        try:
            decision = self._session.press(start=self._stage.angle)
        except (RefusedError, LedgerError) as error:
            self.refusal = error
            self._report_problem(error, "no spin")
            self._handle(Event.SPIN_REFUSED)
        except OSError as error:
            self._disk.refused(error, "no spin")
            self._handle(Event.SPIN_REFUSED)
        else:
            self._start(decision, resumed=False)

    def _resume_spin(self) -> None:
        logger.info("finishing the spin that was interrupted")
        try:
            decision = self._session.resume(start=self._stage.angle)
        except RefusedError as error:  # it is open and undecided, and its secret cannot be read now
            self._report_problem(error, "no spin")
            self._handle(Event.SPIN_REFUSED)
        except OSError as error:  # it is open and undecided, and cannot be decided yet
            self._disk.refused(error, "no spin")
            self._handle(Event.SPIN_REFUSED)
        else:
            self._start(decision, resumed=True)

    def _start(self, decision: Decision, *, resumed: bool) -> None:
        stage = self._stage
        stage.problem = ""
        stage.diagnosing_ns = None
        stage.look_away()
        self._disk.worked()
        self._absence.forget()
        self.dismiss_result()
        self._wheel.match(decision.pool)
        self._supervisor.on_motion()
        stage.spin = RunningSpin(decision, SpinMotion(decision.plan, self._clock.monotonic_ns()), resumed)
        self._meter.start(resumed=resumed)
        logger.info("spin %d (%s): ticket %s", decision.spin, decision.mode, decision.entry.ticket)

    def _record_shown(self) -> None:
        stage, spin, now = self._stage, self._running_spin(), self._clock.monotonic_ns()
        decision, wheel = spin.decision, stage.wheel
        duration_ms = (now - spin.motion.started_ns) // NS_PER_MS
        stage.rest_since_ns = now
        under = wheel.face.tickets[wheel.face.segments.at(stage.angle)] if wheel else ""
        if under != decision.entry.ticket:  # the one thing that must never be shown
            raise RuntimeError(f"the pointer is at {under}, the ledger says {decision.entry.ticket}")
        self._meter.shown(spin, under_pointer=under, duration_ms=duration_ms)
        self._end.put(partial(self._session.shown, decision, duration_ms=duration_ms, frames=len(spin.frames_ms)))
        if len(decision.winners) == 1:  # of several, the names are still to come: see `settle`
            self._end.written()

    def _show_result(self) -> None:
        self._stage.result = self._running_spin().decision
        self._stage.spin = None
        self._supervisor.on_rest()
        if self._session.why_no_spin() == NoSpin.PRIZE_DRAWN:
            self._session.chosen = None
        self._wheel.plan_repaint()

    def _report_absent(self) -> None:
        try:
            self._absence.press(self._clock.monotonic_ns())
            if self._absence.showing and not self._absence.asking:
                self.dismiss_result()  # the winners that it names are not those that hold the places now
        except OSError as error:
            self._disk.refused(error, "not recorded as absent")
        except LedgerError as error:
            self._report_problem(error, "not recorded as absent")

    def _show_notice(self) -> None:
        """The problem is a notice already; only count it."""
        self._report.counters.spins_failed += 1

    def _adopt_next(self) -> None:
        started = time.perf_counter()
        prepared = self._loader.mailbox.take()
        if prepared is None:
            return
        try:
            if prepared.published is not None:
                check_floor(prepared.published, self._session.floor)
            self._adopt(prepared)
        except (RefusedError, LedgerError) as error:
            self._report_problem(error, "not adopted")
        except OSError as error:  # disk full, say: the list waits, and is tried again
            self._disk.refused(error, "not adopted yet")
            self._loader.mailbox.put_back(prepared)
        else:
            self._meter.adopt(prepared, started)

    _effects: "dict[Effect, Callable[[Controller], None]]" = {  # noqa: RUF012 - a constant table
        Effect.DECIDE_AND_SPIN: _decide_and_spin,
        Effect.RESUME_SPIN: _resume_spin,
        Effect.SHOW_NOTICE: _show_notice,
        Effect.REPORT_ABSENT: _report_absent,
        Effect.RECORD_SHOWN: _record_shown,
        Effect.SHOW_RESULT: _show_result,
        Effect.ADOPT: _adopt_next,
    }

    def _running_spin(self) -> RunningSpin:
        if self._stage.spin is None:
            raise RuntimeError("no spin is being shown")
        return self._stage.spin

    def _report_problem(self, error: WheelError, message: str) -> None:
        """Show `error` as the problem, and log it after `message` unless it is shown already."""
        self._report.counters.count_error(error)
        if self._stage.problem != str(error):
            logger.warning("%s: %s", message, error)
        self._stage.problem = str(error)

    # ---- lists --------------------------------------------------------------------------------------------------

    def _adopt(self, prepared: Prepared) -> None:
        stage, report, listed = self._stage, self._report, prepared.listed
        self._loader.keep(prepared)
        self._session.adopt(listed, prepared.chain)
        self._arrivals.requests.forget_refusals()
        self._absence.forget()
        stage.result, stage.problem, stage.looked_at = None, "", ""
        self._wheel.adopt(prepared.painted)
        stage.rest_since_ns = self._clock.monotonic_ns()
        report.wheel_image_ms = round(prepared.painted.paint_ms, 1)
        report.generation, report.snapshot = listed.snapshot.generation, listed.s
        report.entries = len(listed.snapshot.entries)
        report.counters.lists_adopted += prepared.published is not None

    def dismiss_result(self) -> None:
        """Take the result off the screen, and show the wheel without the winners."""
        self._stage.result = None
        self._wheel.show_repainted()
