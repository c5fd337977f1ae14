"""Draws the turning wheel, its rim and the pointer.

Invariant: nothing is painted while the wheel turns. The wheel is one picture that a back end turns.
"""

import math
from typing import NamedTuple

import pygame

from kiosk.screen.backends.adapter import Backend, Picture, Sharpness
from kiosk.screen.layouts.layout import Layout
from kiosk.screen.panels.ground import bezel
from kiosk.screen.scene import Face, Scene
from kiosk.screen.themes.theme import Theme
from kiosk.screen.wheel_picture.flap import LARGEST_DEGREES, deflection
from kiosk.screen.wheel_picture.painting import peg_angles
from kiosk.screen.wheel_picture.pointer import pointers
from kiosk.wheel.angle import TURN, degrees

_COARSE_PX_A_SECOND = 600
"""Above this speed of the rim, viewers cannot tell half the resolution from the whole."""
_COARSE_FROM_PX = 600
"""A smaller wheel turns quickly enough at full resolution, and half of it would look blocky."""
_POINTER_STEPS = 16


class MountedWheel(NamedTuple):
    """The wheel on this screen.

    Attributes:
        face: kept so that no other face gets its id.
        picture: what the back end turns.
        pegs: wheel angles of the pegs, ascending, in units.
    """

    face: Face
    picture: Picture
    pegs: list[int]


class WheelStage:
    """Draws the part of the screen that changes when the wheel turns.

    Args:
        backend: the screen.
        layout: of the screen.
        theme: colours.
        ground: the background of the whole screen.
    """

    def __init__(self, backend: Backend, layout: Layout, theme: Theme, ground: pygame.Surface) -> None:
        self._backend = backend
        self._layout = layout
        self._ground_colour = theme.ground
        self._bezel = backend.picture(bezel(layout, ground), sparse=True)
        self._beside = backend.picture(ground.subsurface(self._beside_wheel()), opaque=True)
        steps = [LARGEST_DEGREES * step / (_POINTER_STEPS - 1) for step in range(_POINTER_STEPS)]
        self._pointers = [(backend.picture(image), at) for image, at in pointers(layout, theme, steps)]
        self._wheel: MountedWheel | None = None

    @property
    def face(self) -> Face | None:
        """The face whose wheel is mounted; None before the first one."""
        return self._wheel.face if self._wheel else None

    @property
    def pegs(self) -> list[int]:
        """Wheel angles of the pegs, ascending, in units; empty before the first wheel."""
        return self._wheel.pegs if self._wheel else []

    def mount(self, face: Face, image: pygame.Surface) -> None:
        """Replace the wheel by a painted one."""
        self._wheel = MountedWheel(face, self._backend.wheel(image, self._ground_colour), peg_angles(face.segments))

    def draw(self, scene: Scene) -> None:
        """Draw the wheel and the pointer; a face that is not mounted leaves the stage without a wheel."""
        layout, backend = self._layout, self._backend
        wheel = self._wheel if self._wheel and self._wheel.face is scene.face else None
        if backend.retains:
            backend.draw(self._beside, self._beside_wheel().topleft)
        if wheel:
            turned = degrees(scene.angle) + (90 if layout.portrait else 0)
            backend.draw_turned(wheel.picture, layout.wheel, turned, self._sharpness(scene))
            if backend.retains:  # a GPU's wheel is round by itself
                backend.draw(self._bezel, layout.wheel.topleft)
        pushed = deflection(wheel.pegs, scene.angle, scene.speed) if wheel else 0.0
        picture, at = self._pointers[round(pushed / LARGEST_DEGREES * (len(self._pointers) - 1))]
        backend.draw(picture, at)

    def _beside_wheel(self) -> pygame.Rect:
        """Return the part of the stage that the wheel's square does not cover."""
        stage, wheel = self._layout.stage, self._layout.wheel
        if self._layout.portrait:
            return pygame.Rect(stage.x, wheel.bottom, stage.w, stage.bottom - wheel.bottom)
        return pygame.Rect(wheel.right, stage.y, stage.right - wheel.right, stage.h)

    def _sharpness(self, scene: Scene) -> Sharpness:
        """Return how well the wheel must be drawn at its speed."""
        if not scene.speed:
            return Sharpness.STILL
        rim_px_a_second = scene.speed / TURN * math.pi * self._layout.wheel.w
        coarse = rim_px_a_second > _COARSE_PX_A_SECOND and self._layout.wheel.w >= _COARSE_FROM_PX
        return Sharpness.COARSE if coarse else Sharpness.MOVING
