"""Refusals that lead on: this file's columns, three samples of each, and the complete commands that would do it.

Invariant: pure. Every command is computed from the file at hand.
"""

from collections.abc import Callable, Sequence

from msgspec.structs import replace

from kiosk.core.errors import InputError
from wheel_admin.importing.columns.columns import named
from wheel_admin.importing.columns.content import has_letters
from wheel_admin.importing.columns.header_rows import HEADER_WITHIN
from wheel_admin.importing.columns.header_words import Role
from wheel_admin.importing.columns.judged import Found, Judged
from wheel_admin.importing.settings import Choice, Settings, Unclear, Wish, commands_in_words
from wheel_admin.importing.tables import Row, letter, shown

_LISTED = 40
_MOST_CHOICES = 12


class Refusals:
    """Makes the refusals of one sheet.

    Args:
        file: its file's name.
        settings: how it was to be read.
        judged: its columns.
    """

    def __init__(self, file: str, settings: Settings, judged: Judged) -> None:
        self._file = file
        self._settings = settings
        self._judged = judged

    def unclear(self, found: Found) -> Unclear:
        """Return the refusal for columns that more than one reading fits, or none."""
        rows = self._judged.header.rows
        row = f", header in row {rows[0]}" if rows else ""
        doubts = list(dict.fromkeys(found.doubts)) or ["no column says that it holds the names"]
        told = "; ".join(doubt[:1].upper() + doubt[1:] for doubt in doubts)
        message = f"{self._judged.where}{row}: it is not clear which columns to read. {told}."
        return self._asked(message, self._readings(found))

    def without_header(self, first: Row, works: Callable[[Wish], bool]) -> InputError:
        """Return the refusal for a sheet without a header that is known and without content that is clear.

        Args:
            first: the first row.
            works: tells whether a wish reads the sheet.
        """
        rows = self._judged.header.body
        listed = [cell.text for cell in first.cells if has_letters(cell.text)]
        if len(rows) == 1 and len(listed) > 1:
            return InputError(
                f"{self._judged.where} has one row only, with {len(listed)} cells: {_cells(first)}.",
                remedy="If these are the names, put each on a line of its own, and import the file again.",
            )
        judged, width = self._judged, self._judged.header.width
        names = [place for place in range(width) if judged.content(place).could_be_names()]
        tickets = [place for place in range(width) if place not in names and judged.content(place).could_be_tickets()]
        readings: list[tuple[str, Wish]] = []
        for place in names[:3]:
            said = f"tickets from {letter(tickets[0])}" if tickets else "numbers are given"
            wish = self.spelt(tickets, [place], header_row=0)
            both = [
                (f"header in row {first.number}; names from {letter(place)}; {said}", _below(wish, first)),
                (f"no header; names from {letter(place)}; {said}", wish),
            ]
            readings += [one for one in (both if self._reads_like_header(first) else both[::-1]) if works(one[1])]
        return self._asked(
            f"{judged.where}: no header for tickets and names was found in the first {HEADER_WITHIN} rows, and the "
            f"content alone is not clear. The first row with content is row {first.number}: {_cells(first)}.",
            readings,
        )

    def _reads_like_header(self, first: Row) -> bool:
        """Tell whether the first row has words where the others have numbers or dates, as a header does."""
        rest = self._judged.header.body[1:]
        for place, cell in enumerate(first.cells):
            below = [row.cell(place).text for row in rest if row.cell(place).text]
            digits = sum(any(map(str.isdigit, text)) for text in below)
            if below and cell.text and digits >= 0.9 * len(below) and not any(map(str.isdigit, cell.text)):
                return True
        return False

    def odd_first_row(self, first: Row, tickets: list[int], names: Sequence[int]) -> Unclear:
        """Return the refusal for a first row that may be a header in words that are not known."""
        wish = self.spelt(tickets, names, header_row=0)
        return self._asked(
            f"{self._judged.where}: it is not clear whether row {first.number} is a header or a participant: "
            f"{_cells(first)}.",
            [
                (f"row {first.number} is a header or a title", _below(wish, first)),
                (f"row {first.number} is a participant", wish),
            ],
        )

    def spelt(self, tickets: list[int], names: Sequence[int], *, header_row: int) -> Wish:
        """Return the wish that names columns by their letters."""
        return replace(
            self._settings.wish,
            ticket=letter(tickets[0]) if tickets else "",
            names=tuple(map(letter, names)),
            header_row=header_row,
            give_numbers=not tickets,
        )

    def _readings(self, found: Found) -> list[tuple[str, Wish]]:
        """Return the ways to read the sheet that its columns allow, the likeliest first."""
        tickets: list[int | None] = [*found.ticket_options] or [found.ticket]
        if len(found.ticket_options) > 1:
            tickets.append(None)
        weights: list[int | None] = [*found.weight_options, None] if found.weight_options else [found.weight]
        readings = [
            self._reading(names, ticket, weight, asked=bool(found.weight_options))
            for names in self._name_options(found)[:4]
            for ticket in tickets[:4]
            if ticket not in names
            for weight in weights[:3]
        ]
        return readings[:_MOST_CHOICES]

    def _name_options(self, found: Found) -> list[tuple[int, ...]]:
        if self._judged.wish.names:
            return [found.names]
        if found.name_options or found.names:
            return found.name_options or [found.names]
        places = range(self._judged.header.width)
        lettered = [place for place in places if self._judged.content(place).could_be_names()]
        no_names = {Role.QUANTITY, Role.OTHER, Role.TICKET, Role.ID, Role.IDENTITY}
        usable = [place for place in lettered if self._judged.role(place) not in no_names]
        filled = [place for place in places if self._judged.content(place).filled]
        return [(place,) for place in usable or lettered or filled[-1:]]

    def _reading(
        self, names: tuple[int, ...], ticket: int | None, weight: int | None, *, asked: bool
    ) -> tuple[str, Wish]:
        texts, titled = self._judged.header.texts, self._judged.titled
        wish = Wish(
            ticket="" if ticket is None else named(ticket, texts),
            names=tuple(named(place, texts) for place in names),
            weight="" if weight is None else named(weight, texts),
            header_row=self._judged.wish.header_row,
            give_numbers=ticket is None,
            one_chance_each=asked and weight is None,
        )
        label = [
            f"names from {titled(names)}",
            "numbers are given" if ticket is None else f"tickets from {titled((ticket,))}",
        ]
        if asked or weight is not None:
            label.append("one chance each" if weight is None else f"chances from {titled((weight,))}")
        return "; ".join(label), wish

    def _asked(self, message: str, readings: list[tuple[str, Wish]]) -> Unclear:
        choices = [Choice(label, replace(self._settings, wish=wish)) for label, wish in readings]
        if choices:
            remedy = f"Say how to read it, for example:\n{commands_in_words(self._file, choices)}"
        else:
            remedy = "Check that this is the right file and sheet, or put a header over the columns: Ticket, Name."
        return Unclear(f"{message}\n{self._columns()}", remedy=remedy, choices=choices)

    def _columns(self) -> str:
        """Return the file's columns with three samples each, one a line."""
        texts = self._judged.header.texts
        lines: list[str] = []
        for place in range(self._judged.header.width):
            content = self._judged.content(place)
            title = f" {shown(texts[place])!r}" if place < len(texts) and texts[place] else ""
            if content.filled or title:
                lines.append(f"  {letter(place)}{title}: {content.in_words()}")
        more = [f"  ... and {len(lines) - _LISTED} more columns"] if len(lines) > _LISTED else []
        return "\n".join([*lines[:_LISTED], *more])


def _below(wish: Wish, first: Row) -> Wish:
    return replace(wish, header_row=first.number)


def _cells(row: Row) -> str:
    listed = [f"{letter(place)} {shown(cell.text)!r}" for place, cell in enumerate(row.cells) if cell.text]
    return ", ".join(listed[:8]) + (", ..." if len(listed) > 8 else "")
