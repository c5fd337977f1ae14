"""Finds flashes in films, as WCAG 2.3.1 defines them.

A general flash is a pair of opposing changes in relative luminance of a tenth or more of the largest, where the darker
image is below 0.80. No more than three are allowed in a second, unless they cover less than a quarter of every field of
10 degrees: of 341 by 256 pixels on a screen of 1024 by 768, a third of it each way.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pygame

from kiosk.screen.themes.colours import luminance

GRID = (24, 24)
"""Cells across and down: each is the mean of its pixels. A field is a third of them each way."""
FIELD = (8, 8)
QUARTER = FIELD[0] * FIELD[1] // 4
STEP = 0.1
DARK = 0.8
_LINEAR = [luminance((value, value, value)) for value in range(256)]


@dataclass
class _Cell:
    """What a cell did: its last turning point, its direction, and when it changed."""

    extreme: float
    rising: int = 0
    changes: tuple[int, ...] = ()


def luminances(picture: pygame.Surface) -> list[float]:
    """Return the relative luminance of each cell of a picture, row by row."""
    small = pygame.transform.smoothscale(picture.convert(32), GRID)
    data = pygame.image.tobytes(small, "RGB")
    return [
        0.2126 * _LINEAR[data[at]] + 0.7152 * _LINEAR[data[at + 1]] + 0.0722 * _LINEAR[data[at + 2]]
        for at in range(0, len(data), 3)
    ]


def most_flashes(frames: Iterable[Sequence[float]], *, fps: int) -> float:
    """Return the most flashes within a second that a quarter of any field shows, over a film of cells.

    Stricter than the definition: a quarter of the cells of a field counts as soon as each of them flashes within the
    same second, though some get lighter while others get darker, as when wedges pass.
    """
    cells: list[_Cell] = []
    most = 0.0
    for number, frame in enumerate(frames):
        if not cells:
            cells = [_Cell(value) for value in frame]
        for cell, value in zip(cells, frame, strict=True):
            _follow(cell, value, number)
            cell.changes = tuple(at for at in cell.changes if number - at < fps)
        for places in _FIELDS:
            counts = sorted((len(cells[place].changes) / 2 for place in places), reverse=True)
            most = max(most, counts[QUARTER - 1])
    return most


def _follow(cell: _Cell, value: float, number: int) -> None:
    change = value - cell.extreme
    if cell.rising * change > 0:
        cell.extreme = value  # on in the same direction
    elif abs(change) >= STEP and min(value, cell.extreme) < DARK:
        cell.rising = 1 if change > 0 else -1
        cell.extreme = value
        cell.changes = (*cell.changes, number)


_FIELDS = [
    [(top + y) * GRID[0] + left + x for y in range(FIELD[1]) for x in range(FIELD[0])]
    for left in range(0, GRID[0] - FIELD[0] + 1, 4)
    for top in range(0, GRID[1] - FIELD[1] + 1, 4)
]
