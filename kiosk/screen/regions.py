"""A region: the part of the screen that one drawer owns, with keys that tell when it must be drawn again."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import NamedTuple

import pygame


class Region(NamedTuple):
    """A part of the screen: a still backing, and what moves on it.

    Attributes:
        box: its place.
        backing_key: changes when the backing shows something else.
        backing: paints the backing on a clear surface of the box's size; None if the whole region moves.
        moving_key: changes when the moving part shows something else.
        move: draws the moving part.
        covered: what of the screen the moving part was drawn on last; None if it may be anything in the box.
        ready: says whether the backing can be painted at once; asked when it must be, and what it waits for has begun.
    """

    box: pygame.Rect
    backing_key: Hashable
    backing: Callable[[], pygame.Surface] | None
    moving_key: Hashable = None
    move: Callable[[], None] = lambda: None
    covered: Sequence[pygame.Rect] | None = None
    ready: Callable[[], bool] = lambda: True

    @property
    def key(self) -> Hashable:
        """Changes when the region shows something else."""
        return (self.backing_key, self.moving_key)


def bare_parts(box: pygame.Rect, covers: Iterable[pygame.Rect]) -> list[pygame.Rect]:
    """Return the parts of `box` that none of `covers` covers; no two of them overlap."""
    parts = [box]
    for cover in covers:
        parts = [piece for part in parts for piece in _around(part, part.clip(cover))]
    return parts


def outermost(boxes: list[pygame.Rect]) -> list[pygame.Rect]:
    """Return the boxes without those that lie in another one; of equal ones, the first."""
    found = list({tuple(box): box for box in reversed(boxes)}.values())[::-1]
    return [box for box in found if not any(other is not box and other.contains(box) for other in found)]


def _around(part: pygame.Rect, hole: pygame.Rect) -> list[pygame.Rect]:
    if not hole.w or not hole.h:
        return [part]
    pieces = (
        pygame.Rect(part.x, part.y, part.w, hole.y - part.y),
        pygame.Rect(part.x, hole.bottom, part.w, part.bottom - hole.bottom),
        pygame.Rect(part.x, hole.y, hole.x - part.x, hole.h),
        pygame.Rect(hole.right, hole.y, part.right - hole.right, hole.h),
    )
    return [piece for piece in pieces if piece.w and piece.h]
