"""The loop: fixed timestep, frames, and the machine's effects.

Law: simulated time advances in ticks of 1/120 s; a late frame skips ticks and never slows the spin. The wheel moves
only after `Session.press` has returned, so what it moves towards is durable. Lists are adopted in IDLE only.
"""

import logging
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial

from kiosk.config.command_line import RunOptions
from kiosk.core.clock import NS_PER_MS, NS_PER_S, Clock, SystemClock
from kiosk.core.errors import HomeError, LedgerError, RefusedError, ScreenError, SnapshotError
from kiosk.core.home import Home
from kiosk.devices.inputs import Action, InputSource
from kiosk.devices.sound import Sounds
from kiosk.draw_decision import Decision
from kiosk.draw_session import Session
from kiosk.intake.loader import Loader, Painted, Prepared, Wheel
from kiosk.intake.request_queue import Inbox
from kiosk.intake.snapshot_files import check_floor, keep_copy
from kiosk.machine import Effect, Event, Machine, State
from kiosk.organiser_requests import Clerk
from kiosk.presenter.absence_prompt import AbsenceKey
from kiosk.presenter.diagnostics_page import page
from kiosk.presenter.notices import Notices
from kiosk.presenter.scene_builder import Composer
from kiosk.presenter.wording import provenance
from kiosk.screen.backend import Backend
from kiosk.screen.flap import pegs_passed
from kiosk.screen.scene import Outcome, Scene
from kiosk.screen.screenshots import Pictures
from kiosk.screen.theme import Texts
from kiosk.screen.view import View
from kiosk.supervise.disk import Disk
from kiosk.supervise.heartbeat import Heartbeat
from kiosk.supervise.memory_limits import Footprint
from kiosk.supervise.memory_tuning import hold_for_motion, release_at_rest
from kiosk.supervise.run_report import AdoptionReport, Report, SpinReport, frame_times, process_age_ms
from kiosk.supervise.status_file import SIGN_OF_LIFE_NS, StatusFile
from kiosk.supervise.watchdog import Vitals
from kiosk.wheel.angle import normalize
from kiosk.wheel.spin import TICKS_PER_SECOND, between

logger = logging.getLogger(__name__)

SETTLE_MS = 4000
"""How long the result stands before the next press counts: time to read it, and to let go of the button."""
RESULT_HOLD_MS = 60_000
"""How long the result stays on screen in idle when nobody presses."""
AUTO_PRESS_MS = 500
"""How long `--spins` looks at the idle screen before it presses."""
AUTO_PATIENCE_MS = 120_000
"""How long `--spins` waits for a disk that refuses a record; people may wait for ever."""
_IDLE_POLL_NS = 40 * NS_PER_MS
"""Idle looks for presses 25 times a second: quick to a hand, and under 1 % of a core. A list wakes it."""
FAILED_FRAMES = 60
"""Frames in a row that may fail to be drawn; then a restart is the better remedy, and the supervisor's."""
SHOWN_AGAIN_NS = 5 * NS_PER_S
"""How often idle presents the picture that stands, so that a screen that hangs is noticed by its heartbeat."""


@dataclass(slots=True)
class _Spin:
    """The spin that is being shown."""

    decision: Decision
    started_ns: int
    resumed: bool
    tick: int = 0
    frames: int = 0
    frames_ms: list[float] | None = None

    def alpha(self, now_ns: int) -> float:
        """Return how far `now` is into the next tick, 0..1."""
        exact = (now_ns - self.started_ns) * TICKS_PER_SECOND / NS_PER_S
        return min(1.0, max(0.0, exact - self.tick))


class Loop:
    """One kiosk, running.

    Args:
        first: what to show first; the loop lets go of it once it is on screen.
        session: the draw.
        clerk: takes what the organiser hands in, and reports of absence.
        loader: brings lists; its `look` runs on the watcher's thread.
        view: draws.
        backend: for the report only.
        inputs: brings presses.
        clock: real, or manual for a simulated run.
        home: for the status file and the kept copies.
        options: of the command line.
        texts: what the screen says.
        caption: whether a result says if it was drawn or set beforehand.
        sounds: what the audience hears.
        heartbeat: told of each presented frame while the watcher lives.
        footprint: watches the memory.
        vitals: told what the kiosk does, for its LED and for those who watch it.
        problem: what is wrong with the set-up, for the status line; empty if nothing is.
        watcher_alive: whether new lists would still arrive.
    """

    def __init__(
        self,
        *,
        first: Prepared,
        session: Session,
        clerk: Clerk,
        loader: Loader,
        view: View,
        backend: Backend,
        inputs: InputSource,
        clock: Clock,
        home: Home,
        options: RunOptions,
        texts: Texts,
        caption: bool,
        sounds: Sounds,
        heartbeat: Heartbeat,
        footprint: Footprint,
        vitals: Vitals,
        problem: str,
        watcher_alive: Callable[[], bool],
    ) -> None:
        self._first: Prepared | None = first
        self._session = session
        self._loader = loader
        self._clerk = clerk
        self._inbox = Inbox(clerk, lambda: loader.messages)
        self._view = view
        self._inputs = inputs
        self._clock = clock
        self._home = home
        self._options = options
        self._texts = texts
        self._caption = caption
        self._sounds = sounds
        self._heartbeat = heartbeat
        self._footprint = footprint
        # The disk is a real one, however fast the wheel's time goes.
        self._disk = Disk(home.kiosk, SystemClock() if options.clock == "simulated" else clock)
        self._vitals = vitals
        self._watcher_alive = watcher_alive
        self._notices = Notices(
            session,
            standing=problem,
            look=lambda: loader.refusals,
            troubles=lambda: (self._disk.notice, loader.problem),
            watcher_alive=watcher_alive,
        )
        self._absence = AbsenceKey(clerk, texts)
        self._composer = Composer(session, texts)
        self._pictures = Pictures(view, options.screenshots)
        self._machine = Machine()
        self._status = StatusFile(home.status, clock)
        self._painter = ThreadPoolExecutor(max_workers=1, thread_name_prefix="painter")
        self._next_wheel: Future[Painted] | None = None
        self._wheel: Wheel | None = None
        self._ready_for: Wheel | None = None
        self._spin: _Spin | None = None
        self._outcome: Outcome | None = None
        self._angle = 0
        self._rest_since_ns = 0
        self._adopting_since = 0.0
        self._unrecorded: Callable[[], None] | None = None
        self._adopted_at: Prepared | None = None
        self._scene = Scene()
        self._drawn_key: tuple[object, ...] | None = None
        self._presses_left = options.spins
        self._failed_frames = 0
        self._shown_ns = 0
        self._diagnosing = False
        self._stopping = False
        self.report = Report(backend=backend.name, driver=backend.driver)

    def run(self) -> Report:
        """Show the first list and run until somebody leaves, `stop` is called, or the asked spins are done.

        Raises:
            WheelError: a spin that `--spins` asked for could not be made.
            HomeError: the first list could not be recorded, and there is no other that needs no record.
            MemoryHigh: the process takes too much memory.
            ScreenError: frame after frame could not be drawn.
        """
        try:
            self._adopt_first(self._take_first())
            self._adopted_at = None  # it lay there before we started: nothing to measure
            self._draw()
            self.report.start_ms = round(process_age_ms(), 1)
            if self._session.unfinished_s is not None:
                self._handle(Event.SPIN_RESUMED)
            next_frame_ns = self._clock.monotonic_ns()
            while not self._stopping:
                self._step()
                next_frame_ns = self._pace(next_frame_ns)
        finally:
            self._painter.shutdown(cancel_futures=True)
        self._pictures.save()
        return self.report

    def _take_first(self) -> Prepared:
        first, self._first = self._first, None
        if first is None:
            raise RuntimeError("a loop runs once")
        return first

    def _adopt_first(self, first: Prepared) -> None:
        """Show the first list; if the disk refuses its record, the one that was shown last, until it does not."""
        try:
            self._adopt(first)
        except OSError as error:
            kept = self._loader.kept()
            if kept is None:
                raise
            self._adopt(kept)
            self._disk.refused(error, "not adopted yet")
            self._loader.mailbox.put_back(first)

    def stop(self) -> None:
        """Leave after the current frame. May be called from a signal handler."""
        self._stopping = True

    @property
    def state(self) -> State:
        """What the kiosk is doing."""
        return self._machine.state

    # ---- one turn of the loop -------------------------------------------------------------------------------------

    def _step(self) -> None:
        started = time.perf_counter()
        for action in self._inputs.poll():
            self._obey(action)
        if self._machine.state is State.SPINNING:
            self._advance()
        elif self._machine.state is State.SETTLING:
            if self._rested_ms() >= SETTLE_MS:
                self._handle(Event.SETTLED)
        else:
            self._idle()
            if self._idle_key() == self._drawn_key:
                self._show_again()
                return  # nothing changed: nothing to compose, to compare or to draw
        drawn = self._draw()
        if drawn and self._spin is not None:
            self._spin.frames += 1
            if self._spin.frames_ms is not None:
                self._spin.frames_ms.append((time.perf_counter() - started) * 1000)

    def _obey(self, action: Action) -> None:
        if action is Action.SPIN:
            self._handle(Event.SPIN_REQUESTED)
        elif action is Action.ABSENT:
            self._handle(Event.ABSENCE_REPORTED)
        elif action is Action.REDRAW:
            self._view.redraw()
            self._drawn_key = None
        elif action is Action.DIAGNOSE:
            self._diagnosing = not self._diagnosing
        else:
            self._stopping = True

    def _pace(self, next_frame_ns: int) -> int:
        """Sleep until the next frame is due, in idle until a list arrives; returns when that frame was due."""
        now = self._clock.monotonic_ns()
        moving = self._machine.state is not State.IDLE
        period = NS_PER_S // self._options.fps if moving else _IDLE_POLL_NS
        due = next_frame_ns + period
        if due <= now:  # late: the next frame at once, and no catching up
            return now
        arrived = self._loader.mailbox.arrived
        self._clock.sleep_ns(due - now, None if moving else arrived)
        if moving or not arrived.is_set():
            return due
        arrived.clear()
        return self._clock.monotonic_ns()

    def _advance(self) -> None:
        spin = self._spin
        if spin is None:
            return
        now = self._clock.monotonic_ns()
        plan = spin.decision.plan
        before_tick = spin.tick
        spin.tick = min(plan.ticks, (now - spin.started_ns) * TICKS_PER_SECOND // NS_PER_S)
        passed = pegs_passed(self._view.pegs, plan.angle_at(before_tick), plan.angle_at(spin.tick))
        rest_in_ms = (plan.ticks - spin.tick) * 1000 // TICKS_PER_SECOND
        self._sounds.turn(pegs_passed=passed, rest_in_ms=rest_in_ms, now_ns=now)
        if plan.done_at(spin.tick):
            self._angle = plan.rest
            self._handle(Event.PLAN_DONE)
        else:
            before = plan.angle_at(spin.tick)
            self._angle = between(before, plan.angle_at(spin.tick + 1), spin.alpha(now))

    def _idle(self) -> None:
        self._get_ready()
        if not self._disk.failing:
            self._take_in()
        elif not self._disk.resting:
            self._catch_up()
        self._absence.wait(self._clock.monotonic_ns())
        if self._outcome is not None and self._rested_ms() >= RESULT_HOLD_MS:
            self._dismiss_result()
        if self._machine.state is State.IDLE and not self._disk.failing:
            self._footprint.check()
        if self._presses_left is not None and self._rested_ms() >= AUTO_PRESS_MS:
            self._go_on_by_itself()

    def _get_ready(self) -> None:
        """Have made what a spin needs. If that fails, the spin's own frames try it again."""
        if self._ready_for is self._wheel:
            return
        self._ready_for = self._wheel
        try:
            self._view.get_ready()
        except Exception as error:
            self._skip_frame(error)

    def _take_in(self) -> None:
        """Record and take what came: refusals, messages, a newer list. Not while a spin is open: it comes first."""
        try:
            self._notices.take_refusals()
            self._take_messages()
        except OSError as error:
            self._disk.refused(error, "not recorded yet")
            return
        if self._loader.mailbox.full and not self._clerk.spin_is_open:
            self._handle(Event.LIST_READY)

    def _catch_up(self) -> None:
        """Try what the disk refused again. A spin that was opened and not decided goes on: somebody pressed for it."""
        if not self._record_end() or not self._disk.works():
            return
        self._session.sign_head()
        if self._clerk.spin_is_open:
            self._press()

    def _press(self) -> None:
        """Press the button; one of the asked presses is made when the wheel turns."""
        self._handle(Event.SPIN_REQUESTED)
        if self._presses_left and self._machine.state is State.SPINNING:
            self._presses_left -= 1

    def _go_on_by_itself(self) -> None:
        if self._disk.failing:
            if self._disk.failing_ms > AUTO_PATIENCE_MS:
                raise HomeError(self._disk.notice)
        elif self._presses_left == 0:
            self._stopping = True
        elif self._machine.state is State.IDLE and not self._loader.mailbox.full:
            self._press()

    def _idle_key(self) -> tuple[object, ...]:
        """Return what the idle picture and the status depend on. Cheap: it is asked 25 times a second."""
        return (
            self._session.seq,
            id(self._wheel),
            id(self._outcome),
            self._notices.key,
            self._absence.notice,
            self._inbox.notices,
            self._diagnosing and self._clock.monotonic_ns() // NS_PER_S,
            self._clock.monotonic_ns() // SIGN_OF_LIFE_NS,
        )

    def _rested_ms(self) -> int:
        return (self._clock.monotonic_ns() - self._rest_since_ns) // NS_PER_MS

    # ---- effects ---------------------------------------------------------------------------------------------------

    def _handle(self, event: Event) -> None:
        before = self._machine.state
        for effect in self._machine.handle(event):
            self._effects[effect](self)
        if self._machine.state is not before:
            logger.info("%s: %s -> %s", event.name, before.value, self._machine.state.value)

    def _decide_and_spin(self) -> None:
        if not self._record_end():
            self._handle(Event.SPIN_REFUSED)
            return
        try:
            decision = self._session.press(start=self._angle)
        except (RefusedError, LedgerError) as error:
            self._notices.report(error, "no spin")
            self._handle(Event.SPIN_REFUSED)
            if self._presses_left is not None:
                raise
            return
        except OSError as error:
            self._disk.refused(error, "no spin")
            self._handle(Event.SPIN_REFUSED)
            return
        self._start(decision, resumed=False)

    def _resume_spin(self) -> None:
        logger.info("finishing the spin that was interrupted")
        try:
            decision = self._session.resume(start=self._angle)
        except RefusedError as error:  # it was opened and not decided, and its secret cannot be read
            self._notices.report(error, "no spin")
            self._handle(Event.SPIN_REFUSED)
            return
        except OSError as error:  # it was opened and not decided, and cannot be yet
            self._disk.refused(error, "no spin")
            self._handle(Event.SPIN_REFUSED)
            return
        self._start(decision, resumed=True)

    def _start(self, decision: Decision, *, resumed: bool) -> None:
        self._notices.problem = ""
        self._disk.worked()
        self._diagnosing = False
        self._absence.forget()
        self._dismiss_result()
        if self._wheel is None or self._wheel.pool.digest != decision.pool.digest:
            self._show_wheel(self._loader.repaint(decision.pool))
        hold_for_motion()
        self._spin = _Spin(decision, self._clock.monotonic_ns(), resumed, frames_ms=[])
        logger.info("spin %d (%s): ticket %s", decision.spin, decision.mode, decision.entry.ticket)

    def _record_shown(self) -> None:
        spin = self._spin
        if spin is None:
            raise RuntimeError("no spin is being shown")
        duration_ms = (self._clock.monotonic_ns() - spin.started_ns) // NS_PER_MS
        self._rest_since_ns = self._clock.monotonic_ns()
        wheel = self._wheel
        under = wheel.face.tickets[wheel.face.segments.at(self._angle)] if wheel else ""
        decision = spin.decision
        if under != decision.entry.ticket:  # the one thing that must never be shown
            raise RuntimeError(f"the pointer is at {under}, the ledger says {decision.entry.ticket}")
        self.report.add(
            SpinReport(
                spin=decision.spin,
                mode=decision.mode,
                ticket=decision.entry.ticket,
                under_pointer=under,
                duration_ms=duration_ms,
                frames=spin.frames,
                frame_ms=frame_times(spin.frames_ms or []),
                resumed=spin.resumed,
            )
        )
        self._unrecorded = partial(self._session.shown, decision, duration_ms=duration_ms, frames=spin.frames)
        self._record_end()

    def _record_end(self) -> bool:
        """Record that the last spin was shown, unless it is; returns False while the disk refuses.

        Until then no new spin starts and no list is adopted. After a restart the spin would be shown again.
        """
        if self._unrecorded is None:
            return True
        try:
            self._unrecorded()
        except OSError as error:
            self._disk.refused(error, "the end of the spin cannot be recorded")
            return False
        self._unrecorded = None
        return True

    def _show_result(self) -> None:
        if self._spin is None:
            raise RuntimeError("no spin is being shown")
        decision = self._spin.decision
        self._outcome = Outcome(
            name=decision.entry.name,
            ticket=self._texts.ticket.format(ticket=decision.entry.ticket),
            provenance=provenance(self._texts, decision, caption=self._caption),
        )
        self._spin = None
        release_at_rest()
        self._sounds.win()
        self._repaint_if_changed()
        self._footprint.look_soon()

    def _report_absent(self) -> None:
        try:
            self._absence.press(self._clock.monotonic_ns())
        except OSError as error:
            self._disk.refused(error, "not recorded as absent")

    def _show_notice(self) -> None:
        """The problem is a notice already."""

    def _adopt_next(self) -> None:
        self._adopting_since = time.perf_counter()
        prepared = self._loader.mailbox.take()
        if prepared is None:
            return
        try:
            if prepared.published is not None:
                check_floor(prepared.published, self._session.floor)
            self._adopt(prepared)
        except SnapshotError as error:
            self._notices.report(error, "not adopted")
        except OSError as error:  # disk full, say: the list waits, and is tried again
            self._disk.refused(error, "not adopted yet")
            self._loader.mailbox.put_back(prepared)

    _effects: "dict[Effect, Callable[[Loop], None]]" = {  # noqa: RUF012 - a constant table
        Effect.DECIDE_AND_SPIN: _decide_and_spin,
        Effect.RESUME_SPIN: _resume_spin,
        Effect.SHOW_NOTICE: _show_notice,
        Effect.REPORT_ABSENT: _report_absent,
        Effect.RECORD_SHOWN: _record_shown,
        Effect.SHOW_RESULT: _show_result,
        Effect.ADOPT: _adopt_next,
    }

    # ---- lists -----------------------------------------------------------------------------------------------------

    def _adopt(self, prepared: Prepared) -> None:
        if prepared.published is not None:
            keep_copy(prepared.published, prepared.names, self._home.adopted)
        self._session.adopt(prepared.listed, prepared.chain)
        self._inbox.forget_notices()
        self._outcome = None
        self._notices.problem = ""
        self._absence.forget()
        self._next_wheel = None
        self._show_wheel(prepared.painted)
        self._angle = self._resting_angle(prepared.painted.wheel)
        self._rest_since_ns = self._clock.monotonic_ns()
        self.report.wheel_image_ms = round(prepared.painted.paint_ms, 1)
        self.report.generation = prepared.listed.snapshot.generation
        self.report.snapshot = prepared.listed.s
        self.report.entries = len(prepared.listed.snapshot.entries)
        self._adopted_at = prepared

    def _resting_angle(self, wheel: Wheel) -> int:
        """Return where the wheel stands: where its last spin left it, or with its first entry under the pointer."""
        lo, hi = wheel.face.segments.bounds(0)
        rest = self._session.rest
        return (lo + hi) // 2 if rest is None else rest

    def _take_messages(self) -> None:
        if self._inbox.take():
            self._repaint_if_changed()  # somebody may have been withdrawn
            if self._outcome is None:
                self._dismiss_result()

    def _repaint_if_changed(self) -> None:
        pool, wheel = self._session.pool(), self._wheel
        changed = wheel is not None and (pool.digest != wheel.pool.digest or wheel.listed is not self._session.listed)
        if len(pool) and changed:
            self._next_wheel = self._painter.submit(self._loader.repaint, pool)

    def _dismiss_result(self) -> None:
        self._outcome = None
        if self._next_wheel is not None:
            self._show_wheel(self._next_wheel.result())
            self._next_wheel = None

    def _show_wheel(self, painted: Painted) -> None:
        self._wheel = painted.wheel
        self._view.show_wheel(painted.wheel.face, painted.image)

    # ---- the picture -----------------------------------------------------------------------------------------------

    def _draw(self) -> bool:
        """Draw and present what changed; returns whether anything did. A frame that fails is skipped.

        Raises:
            ScreenError: `FAILED_FRAMES` in a row failed.
        """
        try:
            self._scene = self._compose()
            drawn = self._pictures.draw(self._scene, tick=self._spin.tick if self._spin else 0)
        except Exception as error:
            self._skip_frame(error)
            return False
        self._failed_frames = 0
        self._vitals.note(self._machine.state, self._session, self._scene.notices)
        if drawn:
            self._beat()
        if self._machine.state is State.IDLE:
            self._drawn_key = self._idle_key()
            last = self.report.spins[-1].frame_ms if self.report.spins else None
            self._status.refresh(self._machine.state, self._session, self._scene.notices, last)
            if self._status.refusal is not None and not self._disk.failing:
                self._disk.refused(self._status.refusal, "the status cannot be written")
        else:
            self._drawn_key = None
        if self._adopted_at is not None:
            self._measure_adoption(self._adopted_at)
            self._adopted_at = None
        return drawn

    def _skip_frame(self, error: Exception) -> None:
        self._failed_frames += 1
        if self._failed_frames == 1:
            logger.error("a frame could not be drawn; it is skipped", exc_info=error)
        if self._failed_frames >= FAILED_FRAMES:
            raise ScreenError(f"{FAILED_FRAMES} frames in a row could not be drawn: {error!r}.") from error
        self._view.redraw()  # whatever was half drawn is drawn over
        self._drawn_key = None

    def _show_again(self) -> None:
        """Present the picture that stands, now and then: what does not change would not show that the screen hangs."""
        if self._clock.monotonic_ns() - self._shown_ns < SHOWN_AGAIN_NS:
            return
        try:
            self._view.show_again(self._scene)
        except Exception as error:
            self._skip_frame(error)
            return
        self._beat()

    def _beat(self) -> None:
        self._shown_ns = self._clock.monotonic_ns()
        if self._watcher_alive():
            self._heartbeat.frame_presented(self._shown_ns)

    def _measure_adoption(self, prepared: Prepared) -> None:
        if prepared.published is not None:
            ms = (time.time_ns() - prepared.published.in_place_ns) / NS_PER_MS
            busy_ms = (time.perf_counter() - self._adopting_since) * 1000
            adoption = AdoptionReport(prepared.listed.snapshot.generation, round(ms, 1), round(busy_ms, 1))
            self.report.add(adoption)

    def _compose(self) -> Scene:
        wheel, spin, before = self._wheel, self._spin, self._scene
        if wheel is None:
            return before
        face, angle = wheel.face, normalize(self._angle)
        notices = self._notices.lines(first=self._absence.notice, last=self._inbox.notices)
        if spin is not None:
            plan = spin.decision.plan
            speed = (plan.angle_at(spin.tick + 1) - plan.angle_at(spin.tick)) * TICKS_PER_SECOND
            return self._composer.turning(before, face, angle=angle, speed=float(speed), notices=notices)
        if self._outcome is not None:
            rested_ms = min(self._rested_ms(), SETTLE_MS)
            scene = self._composer.result(
                before, face, angle=angle, notices=notices, outcome=self._outcome, rested_ms=rested_ms
            )
        else:
            scene = self._composer.inviting(before, face, angle=angle, notices=notices)
        health = self._vitals.report() if self._diagnosing and self._machine.state is State.IDLE else None
        if health is None:
            return scene
        return replace(scene, page=page(health, self.report, self._session, home=str(self._home.root)))
