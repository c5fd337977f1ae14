"""The main loop: time and frames. It paces, advances the running spin, draws, and skips frames that fail.

Invariant: a late frame is followed at once by the next one and never slows the spin (`kiosk.spin_motion`). It decides
nothing (`kiosk.controller`) and words nothing (`kiosk.presenter`). In idle an unchanged picture is not composed again,
but presented every `PRESENT_AGAIN_NS`, so that a screen that hangs is noticed.
"""

import logging
import time

import msgspec

from kiosk.auto_spins import AutoSpins
from kiosk.controller import Controller
from kiosk.core.clock import NS_PER_S
from kiosk.core.errors import ScreenError
from kiosk.devices.inputs import DIGITS, Action
from kiosk.devices.sound import Sounds
from kiosk.devices.window import Window
from kiosk.intake.loader import Wheel
from kiosk.machine import State
from kiosk.operator_keys import OperatorKeys
from kiosk.pace import Pace
from kiosk.presenter.scene_builder import SceneBuilder
from kiosk.screen.scene import Scene
from kiosk.screen.screenshots import Pictures
from kiosk.screen.view import View
from kiosk.screen.wheel_picture.flap import pegs_passed
from kiosk.spin_motion import SpinMotion
from kiosk.stage import RunningSpin, Stage
from kiosk.supervise.supervisor import Supervisors
from kiosk.wheel.angle import TURN

logger = logging.getLogger(__name__)

MAX_FAILED_FRAMES = 60
"""Frames in a row that may fail to be drawn; after that a restart is the better remedy."""
PRESENT_AGAIN_NS = 5 * NS_PER_S
"""How often idle presents an unchanged picture."""
_OF_PEOPLE = frozenset(
    (Action.SPIN, Action.ABSENT, Action.NEXT, Action.PREVIOUS, Action.WINNERS, Action.CURTAIN, Action.REHEARSE, *DIGITS)
)
"""What somebody asks for who sees the wheel."""


class Outputs(msgspec.Struct, frozen=True):
    """What the audience sees and hears.

    Attributes:
        view: draws scenes.
        pictures: draws through `view`, and keeps the pictures that `--screenshots` asks for.
        sounds: the ticks and the fanfare.
        window: knows whether anybody can see the view.
    """

    view: View
    pictures: Pictures
    sounds: Sounds
    window: Window


class Loop:
    """Runs one kiosk.

    Args:
        stage: what is on stage.
        controller: decides.
        builder: builds scenes.
        outputs: what the audience sees and hears.
        keys: what is pressed; carries out what is not the loop's.
        supervisors: told of frames and of idle.
        pace: has the clock, and sleeps between frames.
        auto: presses for `--spins`; None waits for people.
    """

    def __init__(
        self,
        stage: Stage,
        controller: Controller,
        builder: SceneBuilder,
        *,
        outputs: Outputs,
        keys: OperatorKeys,
        supervisors: Supervisors,
        pace: Pace,
        auto: AutoSpins | None = None,
    ) -> None:
        self._stage = stage
        self._controller = controller
        self._builder = builder
        self._view = outputs.view
        self._pictures = outputs.pictures
        self._sounds = outputs.sounds
        self._window = outputs.window
        self._keys = keys
        self._supervisors = supervisors
        self._pace = pace
        self._clock = pace.clock
        self._auto = auto
        self._scene = Scene()
        self._idle_key: tuple[object, ...] | None = None
        self._ready_for: Wheel | None = None
        self._presented_ns = 0
        self._failed_frames = 0
        self._stopping = False

    def run(self) -> None:
        """Show the first list and run until somebody leaves, `stop` is called, or the asked spins are made.

        It also ends when somebody asks for a rehearsal, or for its end: `Stage.rehearsal_asked` says so.

        Raises:
            WheelError: a spin that `--spins` asked for could not be made.
            HomeError: the first list could not be recorded, and there is no other that needs no record.
            MemoryHigh: the process uses too much memory.
            ScreenError: frame after frame could not be drawn, or the window cannot be seen.
        """
        try:
            self._controller.show_first()
            self._draw()
            self._controller.resume()
            self._pace.start()
            while not (self._stopping or self._stage.rehearsal_asked):
                self._step()
                self._pace.wait(moving=self._moving and not self._window.hidden)
        finally:
            self._controller.close()
        self._pictures.save()

    @property
    def _moving(self) -> bool:
        stage = self._stage
        return not stage.idle or stage.held > 0 or stage.celebrating(self._clock.monotonic_ns())

    def stop(self) -> None:
        """Leave after the current frame. May be called from a signal handler."""
        self._stopping = True
        self._pace.interrupt()

    # ---- one turn of the loop -----------------------------------------------------------------------------------

    def _step(self) -> None:
        started = time.perf_counter()
        for action in self._keys.poll():
            self._obey(action)
        if self._window.hidden:
            self._wait_hidden()
            return
        spin = self._stage.spin
        if spin is not None:
            self._advance(spin)
        elif self._stage.state is State.SETTLING:
            self._controller.settle()
        else:
            self._idle()
            if self._builder.idle_key() == self._idle_key:
                self._present_again()
                return  # nothing changed: nothing to compose, to compare or to draw
        if self._draw():
            self._controller.frame_presented((time.perf_counter() - started) * 1000)

    def _obey(self, action: Action) -> None:
        if self._window.hidden and action in _OF_PEOPLE:
            self._controller.press_unseen()
        elif action is Action.HIDE:
            self._window.hide()
        elif action is Action.APPEAR:
            self._appear()
        elif action is Action.REDRAW:
            self._view.drop_caches()  # the GPU may have forgotten what was drawn on its pictures
            self._redraw()
        elif action is Action.LOSE:
            raise ScreenError("The GPU was reset, and its pictures are lost.", remedy="Start the kiosk again.")
        elif action is Action.LEAVE:
            self._stopping = True
        else:
            self._keys.obey(action)

    def _redraw(self) -> None:
        self._view.redraw()
        self._idle_key = None

    def _appear(self) -> None:
        if self._window.appear():
            self._controller.appear()
        self._redraw()

    def _wait_hidden(self) -> None:
        """Draw nothing and move nothing: what happened now would be seen by nobody."""
        self._window.watch()
        if self._stage.idle:
            self._supervisors.on_idle(recorded=self._controller.recorded)

    def _advance(self, spin: RunningSpin) -> None:
        self._show_new_wheel()
        now, motion = self._clock.monotonic_ns(), spin.motion
        before_tick = motion.tick
        motion.advance(now)
        self._tick(motion, before_tick)
        self._controller.turned()
        if self._stage.spin is None:
            self._sounds.win()

    def _tick(self, motion: SpinMotion, before_tick: int) -> None:
        """Let it be heard how far the wheel has turned since `before_tick`."""
        wheel, pegs = self._stage.wheel, self._view.pegs
        if wheel is None:
            return
        segments, plan = wheel.face.segments, motion.plan
        self._sounds.turn(
            pegs_passed=pegs_passed(pegs, segments, plan.angle_at(before_tick), plan.angle_at(motion.tick)),
            pegs_a_second=motion.speed / TURN * max(len(pegs), segments.count),
            rest_in_ms=motion.rest_in_ms,
        )

    def _idle(self) -> None:
        self._get_ready()
        self._controller.idle()
        if self._stage.idle:
            self._supervisors.on_idle(recorded=self._controller.recorded)
        if self._auto is not None and self._auto.act():
            self._stopping = True

    def _get_ready(self) -> None:
        """Prepare what a spin needs. If that fails, the spin's own frames try again."""
        if self._ready_for is self._stage.wheel:
            return
        self._ready_for = self._stage.wheel
        try:
            self._view.get_ready()
        except Exception as error:
            self._skip_frame(error)

    # ---- frames -------------------------------------------------------------------------------------------------

    def _show_new_wheel(self) -> None:
        painted = self._controller.take_wheel()
        if painted is not None:
            self._view.show_wheel(painted.wheel.face, painted.image, painted.angle)

    def _draw(self) -> bool:
        """Draw and present what changed; returns whether anything did. A frame that fails is skipped.

        Raises:
            ScreenError: `MAX_FAILED_FRAMES` in a row failed.
        """
        self._show_new_wheel()
        spin = self._stage.spin
        try:
            self._scene = self._builder.scene(self._scene)
            drawn = self._pictures.draw(self._scene, tick=spin.motion.tick if spin is not None else 0)
        except Exception as error:
            self._skip_frame(error)
            return False
        self._failed_frames = 0
        self._idle_key = self._builder.idle_key() if self._stage.idle else None
        self._supervisors.on_frame(self._stage.state, self._scene.faults)
        if drawn:
            self._presented()
        return drawn

    def _skip_frame(self, error: Exception) -> None:
        self._failed_frames += 1
        self._controller.frame_failed(error)
        if self._failed_frames == 1:
            logger.error("a frame could not be drawn; it is skipped", exc_info=error)
        if self._failed_frames >= MAX_FAILED_FRAMES:
            raise ScreenError(f"{MAX_FAILED_FRAMES} frames in a row could not be drawn: {error!r}.") from error
        self._redraw()  # a frame that was half drawn must not stay

    def _present_again(self) -> None:
        """Present an unchanged picture now and then: a screen that hangs would not show otherwise."""
        if self._clock.monotonic_ns() - self._presented_ns < PRESENT_AGAIN_NS:
            return
        try:
            self._view.show_again(self._scene)
        except Exception as error:
            self._skip_frame(error)
            return
        self._presented()

    def _presented(self) -> None:
        self._presented_ns = self._clock.monotonic_ns()
        self._supervisors.on_presented(self._presented_ns)
