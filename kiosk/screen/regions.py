"""A region: the part of the screen that one drawer owns, with keys that tell when it must be drawn again."""

from collections.abc import Callable, Hashable
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
    """

    box: pygame.Rect
    backing_key: Hashable
    backing: Callable[[], pygame.Surface] | None
    moving_key: Hashable = None
    move: Callable[[], None] = lambda: None

    @property
    def key(self) -> Hashable:
        """Changes when the region shows something else."""
        return (self.backing_key, self.moving_key)
