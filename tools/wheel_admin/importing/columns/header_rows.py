"""Where the header of a sheet is, and what it says about each column.

Invariant: pure. A header may stand far down, take two rows, be merged over several columns, or be missing; rows above
it are furniture.
"""

from collections.abc import Iterator

import msgspec

from wheel_admin.importing.columns.content import has_letters, is_email, shape_of
from wheel_admin.importing.columns.header_words import NAMES, NUMBERED, PARTS, Meaning, Role, fold, meaning_of
from wheel_admin.importing.tables import Cell, Kind, Row, Sheet

HEADER_WITHIN = 200
"""A header is looked for in so many of the first rows that hold something."""
_LONGEST_HEADER = 200


class Header(msgspec.Struct, frozen=True):
    """A header, and the rows below it.

    Attributes:
        rows: numbers of the rows that it takes; empty if there is none.
        texts: the header of each column; empty texts where there is none.
        meanings: what each says.
        body: the rows below.
        cells: how many cells it has in a text file, empty ones included; 0 elsewhere.
    """

    rows: tuple[int, ...]
    texts: tuple[str, ...]
    meanings: tuple[Meaning, ...]
    body: tuple[Row, ...]
    cells: int = 0

    def column(self, place: int) -> list[Cell]:
        """Return the cells below the header in one column."""
        return [row.cell(place) for row in self.body]

    @property
    def width(self) -> int:
        """How many columns there are, with the header's own."""
        return max(len(self.texts), max((len(row.cells) for row in self.body), default=0))


def header_at(sheet: Sheet, number: int) -> Header:
    """Return the header in that row; 0 means that the list has none."""
    if number == 0:
        return Header((), (), (), sheet.rows)
    for place, row in enumerate(sheet.rows):
        if row.number == number:
            return _below(sheet, place, _two_rows(sheet, place))
        if row.number > number:
            return Header((number,), (), (), sheet.rows[place:])
    return Header((number,), (), (), ())


def headers_in(sheet: Sheet) -> Iterator[Header]:
    """Yield what could be the header, the likeliest first."""
    found: list[tuple[float, int, bool]] = []
    seen: set[tuple[str, ...]] = set()
    candidates = [
        place
        for place, row in enumerate(sheet.rows[:HEADER_WITHIN])
        if _weight(row) > 0 and not _is_among_people(sheet, place) and not _is_followed_alike(sheet, place)
    ]
    used: set[int] = set()
    for index, place in enumerate(candidates):
        key = _key(sheet.rows[place])
        if place in used or key in seen:
            continue
        seen.add(key)
        two = _two_rows(sheet, place)
        used |= {place + 1} if two else set()
        others = (other for other in candidates[index + 1 :] if other not in used and _key(sheet.rows[other]) != key)
        between = next(others, len(sheet.rows)) - place - (2 if two else 1)
        found.append((_score(sheet, place, between, two=two), -place, two))
    for _, place, two in sorted(found, reverse=True):
        yield _below(sheet, -place, two)


def _score(sheet: Sheet, place: int, between: int, *, two: bool) -> float:
    """Return how likely a header is: by its words, and by the rows up to the next candidate."""
    if between <= 0:
        return 0
    weight = _weight(sheet.rows[place]) + (_weight(sheet.rows[place + 1]) if two else 0)
    return weight + min(between, 3) + (4 if _is_complete(sheet.rows[place]) else 0)


def _is_followed_alike(sheet: Sheet, place: int) -> bool:
    """Tell whether a row is a person, whatever words are in the name, as the next one shows.

    It has digits in the same places, or its number looks like the next one's: `#1001` and `#1002`.
    """
    if place + 1 >= len(sheet.rows):
        return False
    row, following = sheet.rows[place : place + 2]
    shapes, below = ([shape_of(cell.text) for cell in one.cells] for one in (row, following))
    if shapes == below and any("9" in shape for shape in shapes):
        return True
    return any(
        "9" in shape and shape == other and meaning_of(cell.text).role in NUMBERED
        for cell, shape, other in zip(row.cells, shapes, below, strict=False)
    )


def _is_among_people(sheet: Sheet, place: int) -> bool:
    """Tell whether a row with one known word stands in the middle of a list: a guest called `Guest`, not a header."""
    row = sheet.rows[place]
    known = [column for column, cell in enumerate(row.cells) if meaning_of(cell.text).role is not Role.UNKNOWN]
    if place == 0 or len(known) != 1:
        return False
    above = sum(bool(other.cell(known[0]).text) for other in sheet.rows[:place])
    return not meaning_of(row.cell(known[0]).text).says_name or above >= 0.5 * (len(sheet.rows) - place)


def _is_complete(row: Row) -> bool:
    roles = {meaning_of(cell.text).role for cell in row.cells}
    return bool(roles & NUMBERED) and bool(roles & (NAMES | set(PARTS)))


def _key(row: Row) -> tuple[str, ...]:
    return tuple(fold(cell.text) for cell in row.cells)


def _weight(row: Row) -> float:
    """Return how much speaks for the row being a header: known words for it, data against it."""
    filled = [cell for cell in row.cells if cell.kind is not Kind.EMPTY]
    if not filled:
        return 0
    if any(_is_data(cell) for cell in filled):
        return 0
    meanings = [meaning_of(cell.text) for cell in filled]
    known = [meaning for meaning in meanings if meaning.role is not Role.UNKNOWN]
    if not any(meaning.role in NAMES | NUMBERED | set(PARTS) | {Role.NICK} for meaning in known):
        return 0
    if len(filled) == 1 and not known[0].exact and len(filled[0].text.split()) > 6:
        return 0
    return sum(1.0 if meaning.exact else 0.7 for meaning in known) + 0.1 * len(filled)


def _is_data(cell: Cell) -> bool:
    if cell.kind is not Kind.TEXT:
        return True
    text = cell.text.strip()
    return len(text) > _LONGEST_HEADER or is_email(text) or not (has_letters(text) or "#" in text or "№" in text)


def _two_rows(sheet: Sheet, place: int) -> bool:
    """Tell whether the header goes on in the next row: under a cell merged over columns, or where it left gaps."""
    if place + 1 >= len(sheet.rows):
        return False
    row, below = sheet.rows[place], sheet.rows[place + 1]
    if below.number != row.number + 1 or any(_is_data(cell) for cell in below.cells if cell.kind is not Kind.EMPTY):
        return False
    spans = _spans(sheet, row, below)
    inside = [column for column, cell in enumerate(below.cells) if cell.kind is not Kind.EMPTY]
    if not spans or not inside:
        return False
    under = [column for column in inside if any(first <= column <= last for first, last in spans)]
    return len(under) >= 2 and all(
        meaning_of(f"{_spread(sheet, row, below, column)} {below.cell(column).text}").role is not Role.UNKNOWN
        or column not in under
        for column in inside
    )


def _spans(sheet: Sheet, row: Row, below: Row) -> list[tuple[int, int]]:
    """Return the first and last columns that header cells are merged over; a text file shows it by gaps alone."""
    merged = [(first, last) for number, first, last in sheet.merged if number == row.number]
    filled = [column for column, cell in enumerate(row.cells) if cell.kind is not Kind.EMPTY]
    if merged or not any(below.cell(column).kind is Kind.EMPTY for column in filled):
        return merged
    ends = [*(column - 1 for column in filled[1:]), len(below.cells) - 1]
    return [
        (first, last)
        for first, last in zip(filled, ends, strict=True)
        if last > first and all(_is_part(below.cell(column)) for column in range(first, last + 1))
    ]


def _is_part(cell: Cell) -> bool:
    return cell.kind is Kind.TEXT and meaning_of(cell.text).role in PARTS


def _spread(sheet: Sheet, row: Row, below: Row, column: int) -> str:
    """Return a header cell's text, also in the columns that it is merged over."""
    for first, last in _spans(sheet, row, below):
        if first <= column <= last:
            return row.cell(first).text
    return row.cell(column).text


def _below(sheet: Sheet, place: int, two: bool) -> Header:  # noqa: FBT001 - the one thing it asks
    row = sheet.rows[place]
    if not two:
        texts = tuple(" ".join(cell.text.split()) for cell in row.cells)
        return Header((row.number,), texts, tuple(map(meaning_of, texts)), sheet.rows[place + 1 :], row.width)
    below = sheet.rows[place + 1]
    width = max(len(row.cells), len(below.cells))
    texts = tuple(
        " ".join(f"{_spread(sheet, row, below, column)} {below.cell(column).text}".split()) for column in range(width)
    )
    return Header((row.number, below.number), texts, tuple(map(meaning_of, texts)), sheet.rows[place + 2 :])
