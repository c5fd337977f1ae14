"""What all readers of workbooks share: the choice of sheets, and rows put together within the limits."""

from collections.abc import Callable, Iterable, Sequence

from kiosk.core.errors import InputError
from wheel_admin.importing.limits import LIST_ALONE, MAX_COLUMNS, MAX_ROWS, MAX_SHEET_NAME, MAX_SHEETS, Budget
from wheel_admin.importing.readers.zip_gate import damaged
from wheel_admin.importing.tables import EMPTY, Cell, Row, Sheet, letter

MAX_MERGED = 2000
"""Merged ranges and tables of one sheet that are looked at: a printed list has some dozens."""
_LISTED_SHEETS = 12
_LOOK_AND_SAVE = (
    "Open it in Excel or LibreOffice, look whether everybody is there, save it as .xlsx, and import that file."
)
_PROGRESS_ROWS = 256

Progress = Callable[[int], None]
"""Told the number of rows read since the last call."""


def refuse_sheets(file: str, titles: Sequence[str]) -> None:
    """Refuse a workbook with more sheets, or with longer names of sheets, than spreadsheet programs allow.

    Raises:
        InputError: it has.
    """
    if len(titles) > MAX_SHEETS:
        raise InputError(f"{file} has more than {MAX_SHEETS} sheets.", remedy=LIST_ALONE)
    if any(len(title) > MAX_SHEET_NAME for title in titles):
        raise damaged(file)


class SheetNames:
    """The sheets of one workbook by name.

    Args:
        file: the workbook's name, for messages.
        sheets: (name, hidden) of each, in order.
    """

    def __init__(self, file: str, sheets: Sequence[tuple[str, bool]]) -> None:
        self._file = file
        self._sheets = sheets

    def chosen(self, wanted: Sequence[str]) -> list[int]:
        """Return the places of the sheets to look at: those named, or all.

        Raises:
            InputError: none of the named sheets is there.
        """
        if not wanted:
            return list(range(len(self._sheets)))
        folded = {name.strip().casefold() for name in wanted}
        places = [place for place, (name, _) in enumerate(self._sheets) if name.strip().casefold() in folded]
        if not places:
            more = f" and {len(self._sheets) - _LISTED_SHEETS} more" if len(self._sheets) > _LISTED_SHEETS else ""
            raise InputError(
                f"{self._file} has no sheet {', '.join(map(repr, wanted))}.",
                remedy=f"It has: {', '.join(repr(name) for name, _ in self._sheets[:_LISTED_SHEETS])}{more}.",
            )
        return places


class SheetBuilder:
    """Puts the rows of one sheet after another together, and counts what they cost over the whole file.

    Args:
        file: the workbook's name, for messages.
        progress: told as rows are read.
    """

    def __init__(self, file: str, progress: Progress) -> None:
        self.file = file
        self._progress = progress
        self._budget = Budget(file)
        self._title = ""
        self._rows: dict[int, Row] = {}
        self._beyond: list[int] = []
        self._count = 0

    def begin(self, title: str) -> None:
        """Begin a sheet."""
        self._title, self._rows, self._beyond = title, {}, []

    def row(self, number: int, cells: Sequence[tuple[int, Cell]], *, hidden: bool = False) -> None:
        """Take one row: its number from 1, and those of its cells that hold something, with their columns from 0.

        Those beyond the last column that is read may be left out if there are others.

        Raises:
            InputError: a limit is crossed, or the sheet has a row or a cell twice: one of the two would be lost.
        """
        self._count += 1
        if self._count % _PROGRESS_ROWS == 0:
            self._progress(_PROGRESS_ROWS)
        filled = {column: cell for column, cell in cells if column < MAX_COLUMNS}
        if not filled:
            if cells:
                self._beyond.append(number)
                self._refuse_too_many(len(self._beyond))
            return
        if len(filled) < len(cells):
            self._refuse_repeated_cell(number, [column for column, _ in cells if column < MAX_COLUMNS])
        if number in self._rows:
            raise self._repeated(f"row {number}")
        row = [EMPTY] * (max(filled) + 1)
        for column, cell in filled.items():
            row[column] = cell
        self._rows[number] = Row(number, tuple(row), hidden)
        self._budget.take([cell.text for cell in filled.values()], where=f"sheet {self._title!r}, row {number}")
        self._refuse_too_many(len(self._rows))

    def _refuse_too_many(self, count: int) -> None:
        if count > MAX_ROWS:
            raise InputError(
                f"{self.file}, sheet {self._title!r} has more than {MAX_ROWS} rows with content.", remedy=LIST_ALONE
            )

    def _refuse_repeated_cell(self, number: int, columns: list[int]) -> None:
        seen: set[int] = set()
        for column in columns:
            if column in seen:
                raise self._repeated(f"cell {letter(column)}{number}")
            seen.add(column)

    def _repeated(self, what: str) -> InputError:
        return InputError(
            f"{self.file} is damaged or was not written by a spreadsheet program: sheet {self._title!r} has {what} "
            "twice. Nothing was imported.",
            remedy=_LOOK_AND_SAVE,
        )

    def end(self, *, merged: Iterable[tuple[int, int, int]] = (), totals: Iterable[int] = ()) -> Sheet:
        """Return the sheet."""
        numbers = sorted(self._rows)
        rows = tuple(self._rows[number] for number in numbers)
        return Sheet(
            name=self._title,
            rows=rows,
            last_row=numbers[-1] if numbers else 0,
            merged=tuple(merged),
            totals=tuple(sorted(set(totals))),
            beyond=tuple(sorted(set(self._beyond) - self._rows.keys())),
        )
