"""Which columns of a sheet hold the tickets, the names, the chances, the groups and the households.

Invariant: pure. What the organiser named wins; then headers and content must agree. Where two columns fit, or one that
a header names does not hold what it says, nobody guesses: `Unclear` carries the choices.
"""

from collections.abc import Callable, Sequence

from msgspec.structs import replace

from kiosk.core.errors import InputError
from kiosk.core.text_rules import clean
from wheel_admin.importing.columns.columns import Columns
from wheel_admin.importing.columns.content import shape_of
from wheel_admin.importing.columns.header_rows import HEADER_WITHIN, Header, header_at, headers_in
from wheel_admin.importing.columns.header_words import fold, says_people
from wheel_admin.importing.columns.judged import Found, Judged
from wheel_admin.importing.columns.name_columns import NameColumns
from wheel_admin.importing.columns.number_columns import NumberColumns
from wheel_admin.importing.columns.refusals import Refusals
from wheel_admin.importing.columns.shared_columns import find_shared, named_shared, other_wishes
from wheel_admin.importing.columns.title_words import says_event, says_list
from wheel_admin.importing.settings import Settings, Wish
from wheel_admin.importing.tables import Kind, Row, Sheet


def find_columns(sheet: Sheet, settings: Settings, *, file: str) -> Columns:
    """Return where header, tickets, names and chances are.

    Args:
        sheet: with at least one row.
        settings: what the organiser named.
        file: the file's name, for messages and commands.

    Raises:
        Unclear: two columns fit equally well, none holds what its header says, or there is no header and the content
            does not speak for itself.
    """
    where = f"{file}, sheet {sheet.name!r}" if sheet.name else file
    wish = settings.wish
    if wish.header_row is not None:
        return _below_header(Judged(header_at(sheet, wish.header_row), wish, where), settings, file)
    wanted = [one for one in (wish.ticket, wish.weight, *wish.names, *other_wishes(wish)) if one]
    for header in headers_in(sheet):
        judged = Judged(header, wish, where)
        if all(judged.places(one) for one in wanted):
            return _below_header(judged, settings, file)
    for place in _rows_with(sheet, wanted):
        judged = Judged(header_at(sheet, place), wish, where)
        if all(judged.places(one) for one in wanted):
            return _below_header(judged, settings, file)
    bare = Judged(Header((), (), (), sheet.rows), wish, where)
    return _WithoutHeader(
        bare, Refusals(file, settings, bare), lambda wish: _reads(sheet, replace(settings, wish=wish), file)
    ).columns()


def _reads(sheet: Sheet, settings: Settings, file: str) -> bool:
    """Tell whether a sheet can be read in this way, with somebody in it."""
    try:
        columns = find_columns(sheet, settings, file=file)
    except InputError:
        return False
    return any(row.number >= columns.first_data_row for row in sheet.rows)


def _rows_with(sheet: Sheet, wanted: list[str]) -> list[int]:
    """Return the numbers of the first rows that have one of these texts as a cell: headers in words of their own."""
    folded = {fold(one) for one in wanted if fold(one)}
    return [row.number for row in sheet.rows[:HEADER_WITHIN] if any(fold(cell.text) in folded for cell in row.cells)]


def _below_header(judged: Judged, settings: Settings, file: str) -> Columns:
    found = Found()
    NameColumns(judged, found).find()
    NumberColumns(judged, found).find()
    if found.doubts or not found.names:
        raise Refusals(file, settings, judged).unclear(found)
    find_shared(judged, found, settings, file)
    return Columns(
        header=judged.header.texts,
        header_rows=judged.header.rows,
        ticket=found.ticket,
        names=found.names,
        spare_names=found.spare,
        joiner=found.joiner,
        weight=found.weight,
        group=found.group,
        household=found.household,
        width=judged.header.cells,
    )


class _WithoutHeader:
    """A sheet in which no header is known: its content must speak for itself."""

    def __init__(self, judged: Judged, refusals: Refusals, works: Callable[[Wish], bool]) -> None:
        self._judged = judged
        self._works = works
        self._refusals = refusals
        self._rows = judged.header.body

    def columns(self) -> Columns:
        """Return the columns, or refuse."""
        wish = self._judged.wish
        wanted = (wish.ticket, *wish.names, wish.weight, *other_wishes(wish))
        if any(not self._judged.places(one) for one in wanted if one):
            raise self._refusals.without_header(self._rows[0], self._works)
        names, tickets = self._names(), self._tickets()
        filled = {place for place in range(self._judged.header.width) if self._judged.content(place).filled}
        named = bool(wish.names and (wish.ticket or wish.give_numbers))
        weight = self._judged.named(wish.weight, "--weight-column") if wish.weight else None
        group, household = named_shared(self._judged)
        others = filled - {*names, *tickets, weight, group, household}
        if not names or (len(names) > 1 and not wish.names) or len(tickets) > 1 or (others and not named):
            raise self._refusals.without_header(self._rows[0], self._works)
        first = self._rows[0]
        if wish.ticket and self._has_no_number(first, tickets[0]):
            texts = tuple(clean(cell.text) for cell in first.cells)
            row = (first.number,)
            return Columns(texts, row, tickets[0], tuple(names), weight=weight, group=group, household=household)
        if self._first_row_is_odd([*tickets, *names]):
            raise self._refusals.odd_first_row(self._rows[0], tickets, names)
        return Columns(
            header=(),
            header_rows=(),
            ticket=tickets[0] if tickets else None,
            names=tuple(names),
            weight=weight,
            group=group,
            household=household,
        )

    def _names(self) -> list[int]:
        wish = self._judged.wish
        if wish.names:
            return [self._judged.named(one, "--name-column") for one in wish.names]
        contents = {place: self._judged.content(place) for place in range(self._judged.header.width)}
        lettered = [place for place, content in contents.items() if content.lettered > 0]
        alone = len(lettered) == 1  # nothing else can be the names
        return [place for place, content in contents.items() if content.must_be_names(repeated=alone)]

    def _tickets(self) -> list[int]:
        wish = self._judged.wish
        if wish.ticket or wish.give_numbers:
            return [self._judged.named(wish.ticket, "--ticket-column")] if wish.ticket else []
        taken = self._judged.wished(*wish.names, wish.weight)
        return [place for place in range(self._judged.header.width) if place not in taken and self._are_numbers(place)]

    def _are_numbers(self, place: int) -> bool:
        content = self._judged.content(place)
        enough = content.filled >= 0.5 * len(self._rows)
        return enough and content.could_be_tickets() and content.unique >= 0.9 and content.digits >= 0.9

    def _has_no_number(self, first: Row, ticket: int) -> bool:
        """Tell whether all tickets but the first have digits, in a column that was named: then that is its header."""
        rest = [row.cell(ticket).text for row in self._rows[1:] if row.cell(ticket).text]
        own = first.cell(ticket).text
        return bool(rest and own) and "9" not in shape_of(own) and all("9" in shape_of(text) for text in rest)

    def _first_row_is_odd(self, used: list[int]) -> bool:
        """Tell whether the first row looks unlike all others in a column that is read, as a header does."""
        first, rest = self._rows[0], self._rows[1:]
        if not rest:
            return len(used) == 1
        titles = [first.cell(place).text.rstrip() for place in used if first.cell(place).text.strip()]
        if len(titles) == 1 and titles[0].endswith(":"):
            return False  # a title, and it will be rejected as one
        if rest[0].number > first.number + 1 and rest[-1].number - rest[0].number + 1 == len(rest) > 1:
            return True  # a title, and a blank line below it
        if len(used) == 1 and _is_title(first.cell(used[0]).text, [row.cell(used[0]).text for row in rest]):
            return True
        for place in used:
            own = shape_of(first.cell(place).text)
            shapes = [shape_of(row.cell(place).text) for row in rest if row.cell(place).text]
            numbered = sum("9" in shape for shape in shapes) >= 0.9 * len(shapes) and "9" not in own
            worded = sum(" " in shape for shape in shapes) >= 0.9 * len(shapes) and " " not in own and len(shapes) > 1
            if first.cell(place).kind is Kind.EMPTY or (shapes and (numbered or worded)):
                return True
        return False


def _is_title(first: str, others: Sequence[str]) -> bool:
    """Tell whether a list's first text may be its title: it says so or has digits, and most others do not."""
    return any(
        says(first) and sum(map(says, others)) < 0.5 * len(others)
        for says in (says_people, says_event, says_list, _has_digits)
    )


def _has_digits(text: str) -> bool:
    return any(map(str.isdigit, text))
