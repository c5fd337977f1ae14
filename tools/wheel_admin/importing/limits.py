"""How much of an organiser's file is read, at most.

Invariant: every limit is far above any list of 3000 people and far below what would hurt the machine, and crossing one
refuses the whole file with a message that says what to do in Excel.
"""

from kiosk.core.errors import InputError

MAX_FILE_BYTES = 20_000_000
"""A list of 3000 people takes about 200 kB."""
MAX_TEXT_BYTES = 10_000_000
"""A CSV file is text, and text in memory may take four times its bytes."""
MAX_ROWS = 20_000
"""Rows with something in them that one sheet may have. A list has at most 3000 entries, so more is not a list."""
MAX_COLUMNS = 1024
"""Columns A to AMJ are read. What stands further right is not a list of people, and costs memory in every row."""
MAX_SHEET_ROWS = 1_048_576
"""Excel's own limit; a row number above it is a damaged or hostile file."""
MAX_SHEETS = 256
"""Sheets that one workbook may have."""
MAX_SHEET_NAME = 255
"""Excel's own limit is 31."""
MAX_CELLS = 250_000
"""Cells with something in them that one file may have: each costs memory here and in the process that asked."""
MAX_CELL_CHARACTERS = 32_767
"""Excel's own limit for one cell."""
MAX_CHARACTERS = 8_000_000
"""Characters in all cells of one file: 32 in each of `MAX_CELLS`."""

LIST_ALONE = (
    "In Excel, select the list alone, copy it, paste it into a new workbook (Paste Special, Values), save that as "
    ".xlsx and import it."
)
"""What helps against everything in a workbook that is not the list."""
MORE_RESOURCES = "Close other programs or raise this system's limits (ulimit -a shows them), and run the command again."
"""What helps where the system gives a process too little."""


class Budget:
    """Counts what was read of one file, over all its sheets.

    Args:
        name: the file's, for messages.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._cells = 0
        self._characters = 0

    def take(self, texts: list[str], *, where: str) -> None:
        """Count one row's cells with content.

        Args:
            texts: what they say.
            where: the row, for messages: `row 7`.

        Raises:
            InputError: one of them is longer than Excel allows, or they are too many together.
        """
        self._cells += len(texts)
        longest = max(map(len, texts), default=0)
        self._characters += sum(map(len, texts))
        if longest > MAX_CELL_CHARACTERS:
            raise InputError(
                f"{self._name}, {where}: a cell has {longest} characters, Excel allows {MAX_CELL_CHARACTERS}.",
                remedy=LIST_ALONE,
            )
        if self._cells > MAX_CELLS:
            raise InputError(f"{self._name} has more than {MAX_CELLS} cells with content.", remedy=LIST_ALONE)
        if self._characters > MAX_CHARACTERS:
            raise InputError(f"{self._name} has more than {MAX_CHARACTERS} characters of text.", remedy=LIST_ALONE)
