"""The account of an import: what became of every row of every file."""

from collections.abc import Iterable

import msgspec

from kiosk.core.errors import RefusedError
from wheel_admin.participants import SourceFile

LISTED_PROBLEMS = 400


class Rejection(msgspec.Struct, frozen=True):
    """A row that was not accepted.

    Attributes:
        file: its name without directories.
        sheet: the sheet's name; empty in a CSV file.
        row: as Excel shows it, from 1.
        column: Excel's letter of the first cell at fault.
        value: that cell's text, made safe to show.
        reason: everything that is wrong with the row.
    """

    file: str
    sheet: str
    row: int
    column: str
    value: str
    reason: str

    def __str__(self) -> str:
        found = f" ({self.value})" if self.value else ""
        column = f", column {self.column}" if self.column else ""
        return f"{place(self.file, self.sheet)}, row {self.row}{column}: {self.reason}{found}"


class SheetRows(msgspec.Struct, frozen=True, kw_only=True):
    """What became of every row of a sheet, as ranges of row numbers: [[2, 40], [42, 42]].

    Together the ranges hold each number from 1 to the sheet's last row once.

    Attributes:
        file, sheet: where.
        accepted: rows that became entries.
        rejected: rows with a reason in the receipt.
        header: rows of the header.
        blank: rows with nothing in them.
        hidden: rows that are hidden and were skipped because `--hidden-rows skip` says so.
        furniture: titles, forms and notes above the header.
    """

    file: str
    sheet: str
    accepted: tuple[tuple[int, int], ...] = ()
    rejected: tuple[tuple[int, int], ...] = ()
    header: tuple[tuple[int, int], ...] = ()
    blank: tuple[tuple[int, int], ...] = ()
    hidden: tuple[tuple[int, int], ...] = ()
    furniture: tuple[tuple[int, int], ...] = ()


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """What became of every row: `read` is `accepted` plus the number of `rejected`, always.

    Attributes:
        read: rows below a header that hold something and were not skipped as hidden.
        accepted: rows that became entries: one each, or one for each ticket with `--split-tickets`.
        rejected: the others, with their reasons.
        files: what was read.
        notes: how it was read.
        warnings: what the organiser should look at before publishing.
        sheets: every row of every sheet by its number.
    """

    read: int
    accepted: int
    rejected: tuple[Rejection, ...]
    files: tuple[SourceFile, ...]
    notes: tuple[str, ...]
    warnings: tuple[str, ...] = ()
    sheets: tuple[SheetRows, ...] = ()


def place(file: str, sheet: str) -> str:
    """Return how messages name a sheet."""
    return f"{file}, sheet {sheet!r}" if sheet else file


def ranges(numbers: Iterable[int]) -> tuple[tuple[int, int], ...]:
    """Return sorted numbers as ranges: 1, 2, 3, 7 is ((1, 3), (7, 7))."""
    found: list[tuple[int, int]] = []
    for number in sorted(numbers):
        if found and found[-1][1] == number - 1:
            found[-1] = (found[-1][0], number)
        else:
            found.append((number, number))
    return tuple(found)


def gaps(numbers: Iterable[int], last: int) -> tuple[tuple[int, int], ...]:
    """Return what is missing among the numbers from 1 to `last` as ranges; the last row of a sheet may be a million."""
    found: list[tuple[int, int]] = []
    before = 0
    for number in (*sorted(numbers), last + 1):
        if number > before + 1:
            found.append((before + 1, number - 1))
        before = number
    return tuple(found)


def in_words(numbers: Iterable[int], *, most: int = 12) -> str:
    """Return row numbers for a message: `2, 4-9 and 12`."""
    texts = [str(first) if first == last else f"{first}-{last}" for first, last in ranges(numbers)]
    more = f" and {len(texts) - most} more" if len(texts) > most else ""
    return ", ".join(texts[:most]) + more


def refuse_if_rejected(receipt: Receipt) -> None:
    """Refuse an import in which any row was rejected.

    Raises:
        RefusedError: with a problem a rejected row.
    """
    if receipt.rejected:
        raise RefusedError(
            f"{len(receipt.rejected)} of {receipt.read} rows were rejected, and --strict allows none. "
            "Nothing was imported.",
            problems=tuple(map(str, receipt.rejected)),
            remedy="Fix these rows, or import without --strict.",
        )


def refuse_if_nothing_accepted(receipt: Receipt) -> None:
    """Refuse an import that would leave no entries.

    Raises:
        RefusedError: with a problem a rejected row.
    """
    if not receipt.accepted:
        raise RefusedError(
            f"None of the {receipt.read} rows could be accepted. Nothing was imported.",
            problems=tuple(map(str, receipt.rejected)),
            remedy="Check that the right columns were read: --ticket-column and --name-column.",
        )
