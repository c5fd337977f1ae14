"""Where the camera is: how near it shows the rim, as a function of the plan and of time.

Invariant: pure. What it does follows from the plan and the list alone, so that it cannot tell a natural spin from a
predetermined one.
"""

import math

import msgspec

from kiosk.screen.effects.smooth import smooth
from kiosk.screen.wheel_picture.measures import MOST_WEDGES, RIM
from kiosk.wheel.angle import TURN
from kiosk.wheel.easing import SHARP_FROM
from kiosk.wheel.segments import Segments
from kiosk.wheel.spin import TICKS_PER_SECOND, SpinPlan

SHOWN_WEDGES = 11
"""Wedges that fill the height of the disc when the camera is nearest."""
IN_FROM_MS, IN_UNTIL_MS = 4000, 900
"""How long before rest the camera begins to move in, and is there."""
_IN_FROM_FEW_MS = 2400
"""When it begins where each entry has a wedge: before, they pass so fast that the wheel is smeared."""
OUT_FROM_MS, OUT_FOR_MS = 1700, 1900
"""How long after rest the camera begins to draw back, and how long it takes."""
NAMES_IN_MS = 280
"""How long the nearest picture, with its names and its colours, takes to cover the one before it, and to go again."""
_WINNER_SHOWN = 3
"""A wedge wider than others is the winner's: so many times as much is shown, for its edges and its name to be seen."""
_NEAREST, _LEAST = 600.0, 1.5
"""Zoom at rest; a camera that would move in by less stays where it is."""
_FAR_IS_SLOW = 1.3
_BLENDED = 1.6
"""A picture has taken the place of the one before it when the camera has moved in by this factor."""
_STEP = 3.2
"""Largest factor by which a picture is enlarged before the next nearer one takes its place."""
_LEAST_STEPS = 2
"""Of a list with names on its wheel: enlarged three times they look coarse."""


def nearest(segments: Segments, rest: int) -> float:
    """Return the zoom at rest: 1 shows the whole wheel."""
    if segments.count < SHARP_FROM:
        return 1.0
    lo, hi = segments.bounds(segments.at(rest))
    shown = max(SHOWN_WEDGES * min(hi - lo, TURN // segments.count), _WINNER_SHOWN * (hi - lo))
    zoom = 1 / (RIM * math.sin(math.pi * min(0.5, shown / TURN)))
    return min(_NEAREST, zoom) if zoom >= _LEAST else 1.0


def in_from_ms(segments: Segments) -> int:
    """Return how long before rest the camera begins to move in."""
    return _IN_FROM_FEW_MS if segments.count <= MOST_WEDGES else IN_FROM_MS


def zoom_before_rest(last: float, rest_in_ms: float, from_ms: int) -> float:
    """Return the zoom that long before rest; `last` is that at rest, `from_ms` when the camera begins."""
    return float(last ** _eased((from_ms - rest_in_ms) / (from_ms - IN_UNTIL_MS)))


def seen(picture: float, zoom: float) -> float:
    """Return how much of a nearer picture is seen over the one before it, 0..1; of the nearest, see `names_seen`.

    Args:
        picture: zoom at which one pixel of it is one of the screen; the camera is there, or nearer.
        zoom: of the camera.
    """
    return smooth(math.log(max(1.0, zoom / picture)) / math.log(_BLENDED))


def names_seen(*, rest_in_ms: float, rested_ms: float) -> float:
    """Return how much of the nearest picture is seen, 0..1: it comes once the camera is there, and goes while it is.

    Args:
        rest_in_ms: how long before rest it is; 0 from then on.
        rested_ms: how long after rest it is; 0 until then.
    """
    if rest_in_ms > 0:
        return smooth((IN_UNTIL_MS - rest_in_ms) / NAMES_IN_MS)
    return smooth((OUT_FROM_MS - rested_ms) / NAMES_IN_MS)


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
    least = _LEAST_STEPS if last > _LEAST_STEPS else 1
    steps = max(least, math.ceil(math.log(last) / math.log(_STEP) - 1e-9))
    from_ms = in_from_ms(segments)
    end = plan.start + plan.distance
    found = [whole]
    for step in range(1, steps + 1):
        zoom = last if step == steps else last ** (step / steps)
        left = plan.ticks
        while left and zoom_before_rest(last, left * 1000 / TICKS_PER_SECOND, from_ms) < zoom:
            left -= 1
        found.append(Level(zoom, end - plan.angle_at(max(0, plan.ticks - left - 1))))
    return found
