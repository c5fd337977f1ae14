"""Paints the near views of a spin on a thread of its own, while the wheel turns.

Invariant: what is painted belongs to the plan that was asked for last; older work is given up and never handed over.
A thread that fails leaves the whole wheel on screen, which is always right, and says so in the log.
"""

import logging
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import msgspec
import pygame

from kiosk.screen.layouts.layout import Layout
from kiosk.screen.scene import Face
from kiosk.screen.themes.theme import Theme
from kiosk.screen.typography.typesetter import Typesetter
from kiosk.screen.wheel_picture.camera import levels
from kiosk.screen.wheel_picture.lit_wedge import LitWedge, cut_out
from kiosk.screen.wheel_picture.motion_blur import blurs, even, make_as_light, mean_colour, smear
from kiosk.screen.wheel_picture.near_view import NearPicture, NearScene, paint_near
from kiosk.screen.wheel_picture.rings import hide_line, paint_rings, parts_of
from kiosk.wheel.spin import SpinPlan

logger = logging.getLogger(__name__)

_SWITCH_S = 0.0005
"""How long the loop's thread may have to wait for the interpreter: each drawing call gives it up and takes it again."""
_HEAD_START_S = 0.1
"""At the start of a spin, so that the wheel begins to move without waiting for this thread."""
_SOFT_SCALE, _LEAST_SOFT_PX = 3, 240
"""By so much a soft wheel is enlarged at most, and how large it is painted at least."""
_PAUSE_S, _LONG_PAUSE_S = 0.002, 0.006
"""After each piece of work, so that the loop's thread gets its turn; the second for near views, which have seconds."""


class Smeared(NamedTuple):
    """The wheel smeared, the next more than the one before; it is shown under the rings."""

    surface: pygame.Surface


class Rings(NamedTuple):
    """What is seen sharply of a smeared wheel, in some parts of a picture; they come before the first."""

    surface: pygame.Surface
    parts: list[pygame.Rect]


Painted = Smeared | Rings | NearPicture | LitWedge


class NearPainter:
    """Paints near views.

    Args:
        layout: of the screen.
        theme: colours.
        fonts: for the names; the thread takes a sibling.
        bits: of the pictures, for each pixel.
    """

    def __init__(self, layout: Layout, theme: Theme, fonts: Typesetter, bits: int) -> None:
        self._layout = layout
        self._theme = theme
        self._fonts = fonts
        self._bits = bits
        self._work: _Work | None = None
        self._thread: threading.Thread | None = None

    def start(self, face: Face, plan: SpinPlan, wheel: pygame.Surface, zero: int) -> None:
        """Paint what a spin needs; what an earlier one needed is given up.

        Args:
            face: what is on the wheel.
            plan: of the spin.
            wheel: the whole wheel, opaque, at any size: it is smeared for when it is fast.
            zero: wheel angle that points to 3 o'clock in that picture.
        """
        self.stop()
        self._work = _Work(face, plan, wheel, zero)
        self._thread = threading.Thread(target=self._paint, args=(self._work,), name="near painter", daemon=True)
        self._thread.start()

    def take(self) -> Painted | None:
        """Return the next that is painted, None if none is yet: smeared and rings, far to near, the lit wedge."""
        return self._work.done.popleft() if self._work is not None and self._work.done else None

    def finish(self) -> None:
        """Wait until all is painted."""
        if self._work is not None:
            self._work.hurry.set()
        if self._thread is not None:
            self._thread.join()

    def stop(self) -> None:
        """Give up what is being painted."""
        if self._work is not None:
            self._work.stopping.set()
        self.finish()
        self._work = self._thread = None

    def _paint(self, work: "_Work") -> None:
        def pause(for_s: float = _LONG_PAUSE_S) -> None:
            if work.stopping.is_set():
                raise _StoppedError
            if not work.hurry.is_set():
                time.sleep(for_s)

        work.hurry.wait(_HEAD_START_S)  # set when the work is given up, too
        interval = sys.getswitchinterval()
        sys.setswitchinterval(_SWITCH_S)
        try:
            pause()  # the first frame of the spin comes before
            self._smear(work, partial(pause, _PAUSE_S))
            fonts = self._fonts.sibling()
            scene = NearScene(work.face.segments, work.face.names, work.plan.rest, self._layout, self._theme)
            needed = levels(work.face.segments, work.plan)
            for level in needed:
                near = paint_near(scene, level, fonts, self._bits, pause)
                wedge = cut_out(scene, near) if level is needed[-1] else None
                work.done.append(near)
                if wedge is not None:
                    work.done.append(wedge)
        except _StoppedError:
            pass
        except Exception as error:
            if not _has_quit(error):
                logger.exception("the near view could not be painted; the whole wheel is shown")
        finally:
            sys.setswitchinterval(interval)

    def _smear(self, work: "_Work", pause: Callable[[], None]) -> None:
        """Smear the wheel for when it is fast."""
        segments, diameter = work.face.segments, self._layout.disc.w
        colour = mean_colour(work.wheel)
        rings = paint_rings(segments, diameter, self._theme, pause)
        work.done.append(Rings(rings, parts_of(rings, pause)))
        wheel = work.wheel.copy()
        hide_line(wheel, segments, self._theme, zero=work.zero)
        for blur in blurs(segments):
            if blur.soft and wheel.get_width() == work.wheel.get_width():
                side = even(min(wheel.get_width(), max(diameter / _SOFT_SCALE, min(diameter, _LEAST_SOFT_PX))))
                wheel = pygame.transform.smoothscale(wheel, (side, side))
            smeared = smear(wheel, blur.degrees, pause)
            make_as_light(smeared, colour)
            work.done.append(Smeared(smeared))


def _has_quit(error: Exception) -> bool:
    """Say whether pygame has quit under a view that was not closed: nobody sees what it paints any more."""
    return isinstance(error, pygame.error) and (not pygame.font.get_init() or "quit since" in str(error))


class _Work(msgspec.Struct, eq=False):
    """What one spin needs, and what of it is painted."""

    face: Face
    plan: SpinPlan
    wheel: pygame.Surface
    zero: int
    done: "deque[Painted]" = msgspec.field(default_factory=deque)
    stopping: threading.Event = msgspec.field(default_factory=threading.Event)
    hurry: threading.Event = msgspec.field(default_factory=threading.Event)


class _StoppedError(Exception):
    """The spin is over, or another one has begun."""
