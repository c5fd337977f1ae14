"""How wide the columns of a table become on a terminal that is too narrow for it.

Invariant: pure. Names keep a readable width on any terminal of 60 columns and more. What that needs is taken from the
other columns, down to the width of their headers, then from their headers, notes, and only then from everything.
"""

from collections.abc import Sequence
from enum import StrEnum

import msgspec

READABLE = 16
"""Columns that a name needs at least, if it has as many."""
_NOTE = 10
_NARROWEST = 4


class Role(StrEnum):
    """What a column is for."""

    NAME = "name"
    NOTE = "note"
    OTHER = "other"


class Column(msgspec.Struct, frozen=True):
    """A column: its role, how wide its header is, and how wide the widest of its cells."""

    role: Role
    header: int
    cells: int

    @property
    def natural(self) -> int:
        """How wide it is when nothing is shortened."""
        return max(self.header, self.cells)


def widths(columns: Sequence[Column], *, room: int) -> list[int]:
    """Return the width of each column.

    Args:
        columns: of the table.
        room: for all of them together.
    """
    least = {Role.NAME: READABLE, Role.NOTE: _NOTE, Role.OTHER: room}
    found = [min(column.natural, least[column.role]) for column in columns]
    header = [max(column.header, _NARROWEST) for column in columns]
    cells = [min(column.header, column.cells) for column in columns]
    none = [min(column.cells, _NARROWEST) for column in columns]
    steps = (
        *((Role.OTHER, header), (Role.OTHER, cells), (Role.NOTE, cells), (Role.OTHER, none)),
        *((Role.NOTE, none), (Role.NAME, none)),
    )
    for role, floors in steps:
        _shrink(found, [index for index, column in enumerate(columns) if column.role is role], floors, room)
    _grow(found, columns, room)
    return found


def _shrink(found: list[int], which: Sequence[int], floors: Sequence[int], room: int) -> None:
    while sum(found) > room:
        wide = [index for index in which if found[index] > floors[index]]
        if not wide:
            return
        found[max(wide, key=lambda index: found[index])] -= 1


def _grow(found: list[int], columns: Sequence[Column], room: int) -> None:
    while sum(found) < room:
        short = [index for index, column in enumerate(columns) if found[index] < column.natural]
        flexible = [index for index in short if columns[index].role is not Role.OTHER] or short
        if not flexible:
            return
        found[min(flexible, key=lambda index: found[index])] += 1
