"""The easing of a spin: distance travelled after a part of its time, in exact integers.

The first fifth of the time accelerates with power 3, the rest decelerates with power 3, with equal speed where they
meet. With u = elapsed / duration, the travelled part of the distance is

    25 u^3                    for u <= 1/5      (reaches 1/5 with slope 3)
    1 - 25/16 (1 - u)^3       for u >= 1/5      (leaves 1/5 with slope 3, ends at 1 with slope 0)

Invariant: monotonic, 0 at the start, the whole distance at the end; integer arithmetic, so every machine agrees.
"""


def travelled(distance: int, elapsed: int, duration: int) -> int:
    """Return how far of `distance` (units) is covered after `elapsed` of `duration` (the same unit of time).

    The result is 0 before the start and `distance` after the end.
    """
    if elapsed <= 0:
        return 0
    if elapsed >= duration:
        return distance
    if 5 * elapsed <= duration:
        return distance * 25 * elapsed**3 // duration**3
    left = duration - elapsed
    return distance - distance * 25 * left**3 // (16 * duration**3)
