"""Draws in polar coordinates: radii as parts of the wheel's radius, angles in units."""

import math

import pygame

from kiosk.screen.themes.colours import Colour
from kiosk.wheel.angle import TURN

_ARC_STEP = TURN // 240
"""An arc is drawn in chords of 1.5 degrees: at 1000 pixels across they differ from the arc by 0.04 pixel."""


class Brush:
    """Draws on a canvas.

    Args:
        canvas: what is drawn on.
        radius: of the wheel, in pixels.
        centre: of the wheel on the canvas; the canvas's middle if None.
        zero: wheel angle that points to 3 o'clock.
        arc_step: largest angle that one chord of an arc spans.
    """

    def __init__(
        self,
        canvas: pygame.Surface,
        radius: float,
        *,
        centre: tuple[float, float] | None = None,
        zero: int = 0,
        arc_step: int = _ARC_STEP,
    ) -> None:
        self.canvas = canvas
        self.radius = radius
        self._centre = centre or (radius, radius)
        self._zero = zero
        self._arc_step = arc_step

    def point(self, angle: int, radius: float) -> tuple[float, float]:
        """Return where on the canvas a point of the wheel is."""
        turn = -math.tau * (angle - self._zero) / TURN
        return (
            self._centre[0] + self.radius * radius * math.cos(turn),
            self._centre[1] + self.radius * radius * math.sin(turn),
        )

    def disc(
        self, radius: float, colour: Colour | tuple[int, int, int, int], at: tuple[float, float] | None = None
    ) -> None:
        """Draw a disc round the wheel's centre, or round `at`."""
        pygame.draw.circle(self.canvas, colour, at or self._centre, radius * self.radius)

    def ring(self, outer: float, width: int, colour: Colour | tuple[int, int, int, int]) -> None:
        """Draw a ring round the wheel's centre, so many pixels wide, inwards from `outer`."""
        pygame.draw.circle(self.canvas, colour, self._centre, outer * self.radius, width)

    def ring_piece(self, lo: int, hi: int, inner: float, outer: float, colour: Colour) -> None:
        """Draw a piece of a ring from angle `lo` to `hi`."""
        step = self._arc_step
        angles = [lo, *range(lo - lo % step + step, hi, step), hi]
        points = [self.point(angle, outer) for angle in angles]
        if inner:
            points += [self.point(angle, inner) for angle in reversed(angles)]
        elif hi - lo < TURN:
            points.append(self._centre)
        if len(points) > 2:
            pygame.draw.polygon(self.canvas, colour, points)

    def spoke(self, angle: int, inner: float, outer: float, colour: Colour, width: int) -> None:
        """Draw a line along a radius."""
        pygame.draw.line(self.canvas, colour, self.point(angle, inner), self.point(angle, outer), width)
