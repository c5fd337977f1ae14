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

import pygame

from kiosk.screen.layouts.layout import Layout
from kiosk.screen.scene import Face
from kiosk.screen.themes.theme import Theme
from kiosk.screen.typography.typesetter import Typesetter
from kiosk.screen.wheel_picture.camera import levels
from kiosk.screen.wheel_picture.near_view import LitWedge, NearPicture, NearScene, cut_out, paint_near
from kiosk.wheel.spin import SpinPlan

logger = logging.getLogger(__name__)

_SWITCH_S = 0.0005
"""How long the loop's thread may have to wait for the interpreter: each drawing call gives it up and takes it again."""
_PAUSE_S = 0.002
"""After each piece of work, so that the loop's thread gets its turn."""


class NearPainter:
    """Paints near views.

    Args:
        layout: of the screen.
        theme: colours.
        fonts: for the names; the thread takes a sibling.
        compact: makes a surface as small as the back end can draw it; may run on any thread.
    """

    def __init__(
        self, layout: Layout, theme: Theme, fonts: Typesetter, compact: Callable[[pygame.Surface], pygame.Surface]
    ) -> None:
        self._layout = layout
        self._theme = theme
        self._fonts = fonts
        self._compact = compact
        self._done: deque[NearPicture | LitWedge] = deque()
        self._stopping = threading.Event()
        self._hurry = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self, face: Face, plan: SpinPlan) -> None:
        """Paint what a spin needs; what an earlier one needed is given up."""
        self.stop()
        self._stopping, self._hurry, self._done = threading.Event(), threading.Event(), deque()
        work = (face, plan, self._done, self._stopping, self._hurry)
        self._thread = threading.Thread(target=self._paint, args=work, name="near painter", daemon=True)
        self._thread.start()

    def take(self) -> NearPicture | LitWedge | None:
        """Return the next one that is painted, from far to near and then the lit wedge; None if there is none yet."""
        return self._done.popleft() if self._done else None

    def finish(self) -> None:
        """Wait until all is painted."""
        self._hurry.set()
        if self._thread is not None:
            self._thread.join()

    def stop(self) -> None:
        """Give up what is being painted."""
        self._stopping.set()
        self.finish()
        self._thread = None
        self._done.clear()

    def _paint(
        self,
        face: Face,
        plan: SpinPlan,
        done: "deque[NearPicture | LitWedge]",
        stopping: threading.Event,
        hurry: threading.Event,
    ) -> None:
        def pause() -> None:
            if stopping.is_set():
                raise _StoppedError
            if not hurry.is_set():
                time.sleep(_PAUSE_S)

        interval = sys.getswitchinterval()
        sys.setswitchinterval(_SWITCH_S)
        try:
            fonts = self._fonts.sibling()
            scene = NearScene(face.segments, face.names, plan.rest, self._layout, self._theme)
            needed = levels(face.segments, plan)
            for level in needed:
                near = paint_near(scene, level, fonts, pause)
                wedge = cut_out(scene, near) if level is needed[-1] else None
                done.append(NearPicture(near.zoom, self._compact(near.surface), near.origin))
                if wedge is not None:
                    done.append(wedge)
        except _StoppedError:
            pass
        except Exception:
            logger.exception("the near view could not be painted; the whole wheel is shown")
        finally:
            sys.setswitchinterval(interval)


class _StoppedError(Exception):
    """The spin is over, or another one has begun."""
