"""A million fixed plans: does the wheel rest on the ticket that was named? Integers only, no screen."""

from kiosk.draw.protocol import landing
from kiosk.wheel.angle import normalize
from kiosk.wheel.segments import Segments
from kiosk.wheel.spin import SpinPlan

SIZES = (1, 2, 3, 59, 359, 360, 361, 2999, 3000)


def on_target(plans: int) -> int:
    """Make `plans` fixed plans over wheels of all `SIZES`, equal and weighted; returns how many rest right."""
    wheels = [Segments([1] * size) for size in SIZES]
    wheels += [Segments([1 + 7 * index % 13 for index in range(size)]) for size in SIZES]
    right = 0
    for number in range(plans):
        segments = wheels[number % len(wheels)]
        index = number // len(wheels) % segments.count
        lands = landing(reveal=number.to_bytes(32, "big"), snapshot="0" * 64, spin=1, segment=segments.bounds(index))
        plan = SpinPlan(
            start=number * 2654435761 % (1 << 32), rest=lands.rest, turns=lands.turns, segments=segments.count
        )
        right += segments.at(normalize(plan.angle_at(plan.ticks))) == index
    return right
