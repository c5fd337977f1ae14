"""Where tickets, names, chances, groups and households are in a sheet, and how a command names a column."""

from collections.abc import Sequence

import msgspec

from wheel_admin.importing.columns.header_words import fold
from wheel_admin.importing.settings import UNQUOTABLE
from wheel_admin.importing.tables import Cell, Kind, Row, letter


class Columns(msgspec.Struct, frozen=True):
    """Where things are.

    Attributes:
        header: text of each column's header; empty for a list without one.
        header_rows: numbers of the rows that the header takes; empty if there is none.
        ticket: column of the tickets, or None if numbers are given.
        names: columns of the parts of a name, in the order in which they are joined.
        spare_names: columns that are joined where all of `names` are empty.
        joiner: what stands between the parts.
        weight: column of the numbers of chances, or None for one each.
        group: column of the groups, or None.
        household: column whose equal values are a household, or None.
        width: how many cells the header has in a text file; 0 where that says nothing.
    """

    header: tuple[str, ...]
    header_rows: tuple[int, ...]
    ticket: int | None
    names: tuple[int, ...]
    spare_names: tuple[int, ...] = ()
    joiner: str = " "
    weight: int | None = None
    group: int | None = None
    household: int | None = None
    width: int = 0

    @property
    def used(self) -> tuple[int, ...]:
        """All columns that are read."""
        single = (self.ticket, self.weight, self.group, self.household)
        found = tuple(column for column in single if column is not None)
        return (*found, *self.names, *self.spare_names)

    @property
    def first_data_row(self) -> int:
        """Number of the first row below the header."""
        return max(self.header_rows, default=0) + 1

    def name_cells(self, row: Row) -> list[tuple[int, Cell]]:
        """Return the cells of a row that make up the name, with their columns."""
        filled = [(column, row.cell(column)) for column in self.names if row.cell(column).text]
        if not filled and self.spare_names:
            filled = [(column, row.cell(column)) for column in self.spare_names if row.cell(column).text]
        return filled or [
            (column, row.cell(column)) for column in self.names if row.cell(column).kind is not Kind.EMPTY
        ]


def named(column: int, header: Sequence[str]) -> str:
    """Return how a command names a column: its header where that is clear, or else its letter."""
    text = header[column].strip() if column < len(header) else ""
    twins = sum(fold(other) == fold(text) for other in header)
    if not text or twins > 1 or UNQUOTABLE.search(text) or len(text) > 50 or not fold(text):
        return letter(column)
    return " ".join(text.split())
