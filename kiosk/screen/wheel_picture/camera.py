"""Where the camera is: how near it shows the rim, as a function of the plan and of time.

Invariant: pure. What it does follows from the plan and the list alone, so that it cannot tell a natural spin from a
predetermined one.
"""

import math

import msgspec

from kiosk.screen.effects.smooth import smooth
from kiosk.wheel.angle import TURN
from kiosk.wheel.easing import SHARP_FROM
from kiosk.wheel.segments import Segments
from kiosk.wheel.spin import TICKS_PER_SECOND, SpinPlan

RIM = 0.945
"""Radius at which the wedges end and the rim begins, as a part of the disc's radius."""
SHOWN_WEDGES = 11
"""Wedges that fill the height of the disc when the camera is nearest."""
IN_FROM_MS, IN_FOR_MS = 4000, 3100
"""How long before rest the camera begins to move in, and how long it takes."""
OUT_FROM_MS, OUT_FOR_MS = 1600, 2000
"""How long after rest the camera begins to draw back, and how long it takes."""
NAMES_IN_MS = 280
"""How long the nearest picture, with its names and its colours, takes to cover the one before it."""
_NEAREST = 600.0
_FAR_IS_SLOW = 1.3
_BLENDED = 1.6
"""A picture has taken the place of the one before it when the camera has moved in by this factor."""
_STEP = 3.2
"""Largest factor by which a picture is enlarged before the next nearer one takes its place."""


def nearest(segments: Segments, rest: int) -> float:
    """Return the zoom at rest: 1 shows the whole wheel."""
    if segments.count < SHARP_FROM:
        return 1.0
    lo, hi = segments.bounds(segments.at(rest))
    wedge = min(hi - lo, TURN // segments.count)
    return min(_NEAREST, max(1.0, 1 / (RIM * math.sin(math.pi * min(0.5, SHOWN_WEDGES * wedge / TURN)))))


def zoom_before_rest(last: float, rest_in_ms: float) -> float:
    """Return the zoom that long before rest; `last` is that at rest."""
    return float(last ** _eased((IN_FROM_MS - rest_in_ms) / IN_FOR_MS))


def seen(picture: float, zoom: float, last: float, rest_in_ms: float) -> float:
    """Return how much of a nearer picture is seen over the one before it, 0..1.

    Args:
        picture: zoom at which one pixel of it is one of the screen; the camera is there, or nearer.
        zoom: of the camera.
        last: zoom at rest, of the nearest picture.
        rest_in_ms: how long before rest it is; 0 from then on.
    """
    if picture < last:
        return smooth(math.log(max(1.0, zoom / picture)) / math.log(_BLENDED))
    return smooth((IN_FROM_MS - IN_FOR_MS - rest_in_ms) / NAMES_IN_MS)


def zoom_after_rest(last: float, rested_ms: float) -> float:
    """Return the zoom that long after rest; `last` is that at rest."""
    return float(last ** _eased(1 - (rested_ms - OUT_FROM_MS) / OUT_FOR_MS))


class Level(msgspec.Struct, frozen=True):
    """One nearer picture of the rim.

    Attributes:
        zoom: at which one pixel of it is one of the screen.
        ahead: units that the wheel has still to turn when it is first shown.
    """

    zoom: float
    ahead: int


def _eased(part: float) -> float:
    """Return a curve from 0 (far) to 1 (near), slow where the camera is far: sectors that rush by would flash."""
    part = min(1.0, max(0.0, part)) ** _FAR_IS_SLOW
    return part * part * (3 - 2 * part)


def levels(segments: Segments, plan: SpinPlan) -> list[Level]:
    """Return the pictures that the camera needs for a spin, from far to near; the first has the whole wheel."""
    last = nearest(segments, plan.rest)
    whole = Level(1.0, 0)
    if last <= 1:
        return [whole]
    steps = max(1, math.ceil(math.log(last) / math.log(_STEP) - 1e-9))
    end = plan.start + plan.distance
    found = [whole]
    for step in range(1, steps + 1):
        zoom = last if step == steps else last ** (step / steps)
        left = plan.ticks
        while left and zoom_before_rest(last, left * 1000 / TICKS_PER_SECOND) < zoom:
            left -= 1
        found.append(Level(zoom, end - plan.angle_at(max(0, plan.ticks - left - 1))))
    return found
