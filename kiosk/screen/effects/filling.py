"""When which winner of a press for several places appears, and on which page.

Invariant: pure, a function of their number and of time. The pages, and so the layout, are fixed before the first name
appears; a page is full before the next one begins.
"""

BOARD_FROM_MS = 4800
"""How long after rest the board comes: the first winner has been celebrated until then."""
LEAST_MS, MOST_MS = 60, 400
"""Time from one name to the next."""
_ALL_MS = 12_000
"""The audience waits no longer than this for all names, unless each of them then came faster than `LEAST_MS`."""
_READ_MS = 2500
"""How long the full board stands before the next press counts."""
PAGE_MS = 8000
"""How long a page stands before the next one."""
PAGE = 30
"""Places on a page at most: more could not be read from ten metres."""


def interval_ms(count: int) -> int:
    """Return the time from one of `count` names to the next."""
    return max(LEAST_MS, min(MOST_MS, _ALL_MS // max(1, count)))


def filled(count: int, rested_ms: int) -> int:
    """Return how many of `count` names are there `rested_ms` after the wheel came to rest; 0 before the board."""
    if rested_ms < BOARD_FROM_MS:
        return 0
    return min(count, 1 + (rested_ms - BOARD_FROM_MS) // interval_ms(count))


def full_ms(count: int) -> int:
    """Return how long after rest the last of `count` names appears."""
    return BOARD_FROM_MS + (count - 1) * interval_ms(count)


def settled_ms(count: int) -> int:
    """Return how long after rest the board of `count` names has been read."""
    return full_ms(count) + _READ_MS


def pages(count: int) -> tuple[range, ...]:
    """Return which of `count` places are on which page: pages equally full, as far as that is possible."""
    number = max(1, -(-count // PAGE))
    size = -(-count // number)
    return tuple(range(first, min(count, first + size)) for first in range(0, max(1, count), max(1, size)))
