"""Rows of a list that are no people: totals, repeated headers, section titles, footers.

Invariant: pure. Such a row is rejected with its reason, never dropped in silence; a person whose name merely holds
such a word stays a person.
"""

import re

from wheel_admin.importing.columns.columns import Columns
from wheel_admin.importing.columns.header_words import (
    NAMES,
    NUMBERED,
    PARTS,
    Role,
    fold,
    is_stopword,
    meaning_of,
    total_words,
)
from wheel_admin.importing.tables import Kind, Row, Sheet

_IMPORT_ID = re.compile(r"\{\s*\"ImportId\"")
_NOTES = re.compile(
    r"(?:copyright|©|\(c\) \d{4}|all rights reserved|confidential|generated (?:by|on)|exported (?:by|on|from)|"
    r"printed (?:by|on)|created (?:by|on) .*\d|page \d+(?: of \d+)?$|seite \d+(?: von \d+)?$|stand:? \d|gedruckt am|"
    r"erstellt am|https?://|p[aá]gina \d+|pagina \d+|strona \d+)",
    re.IGNORECASE,
)
_LABEL = re.compile(
    r"(?:\*+\s|notes?:|n\.?b\.?:|remarks?:|hinweis:|anmerkung:|nota:|note ?:|uwaga:).*", re.IGNORECASE | re.DOTALL
)
_FOR_EXAMPLE = re.compile(r"\s*(?:e\.g\.|z\.\s?b\.|p\.\s?ej\.|par ex\.|example:|beispiel:)\s*\S", re.IGNORECASE)
_WITH_UNIT = re.compile(r"\d[\d.,]*\s?[^\W\d]{1,12}")
_COUNTED = re.compile(r"\d+\s+(\w+)")
_SECTION = re.compile(r"(\w+)\s+(?:\d{1,3}|[^\W\d]|\d{1,2}\s?[^\W\d])\.?")
_SECTIONS_TEXT = """
group class team table section year grade form row bus gruppe klasse mannschaft tisch reihe groupe classe equipe table
grupo clase equipo mesa turma grupa klasa stol druzyna squadra tavolo gruppo groep klas tafel grupp klass bord gruppa
ryhma luokka skupina trida stul csoport osztaly asztal grup sinif masa группа класс стол команда 组 班 조 반 班级
"""
_SECTIONS = frozenset(map(fold, _SECTIONS_TEXT.split()))
_TOTAL_WITH_NUMBER = re.compile(r"(.+?)\s*[:=]\s*([\d.,]+)")
_TOTAL_OF_PEOPLE = re.compile(
    r"(?:共|共计|共計|合计|合計|总计|總計|计|計|全|총|합계|ทั้งหมด)\s*[:：]?\s*\d+\s*(?:人|名|位|명|คน)"
)
"""`共12人`: a total without spaces between its words."""
_WORD = re.compile(r"\w+")
_PARTS_OF_PEOPLE = frozenset({Role.GIVEN, Role.FAMILY, Role.FAMILY2, Role.MIDDLE})
_RULES = frozenset("-–—_=.:*/\\|+~? \t")
_LONGEST_SUBTOTAL = 4
"""Words of `North region total`."""
_HEADER_ROWS_BELOW = 3
"""How many rows directly below the header can still belong to it: question texts, import ids."""


class Furniture:
    """Knows of one sheet which rows are no people.

    Args:
        sheet: the sheet.
        columns: where things are in it.
    """

    def __init__(self, sheet: Sheet, columns: Columns) -> None:
        self._sheet = sheet
        self._columns = columns
        self._header = {column: fold(text) for column, text in enumerate(columns.header)}
        self._titled = [column for column in columns.used if self._header.get(column)]
        self._first = columns.first_data_row
        self._by_number = {row.number: row for row in sheet.rows}
        self._merged = {row: last - first for row, first, last in sheet.merged}
        self._usual_width, self._full_width = self._widths()
        self._below_header = self._rows_below_header()
        self._headers_again: set[int] = set()
        self._other_table = self._start_of_another_table()

    def reason(self, row: Row) -> str:
        """Return why the row is not a person, or an empty text."""
        if row.number in self._sheet.totals:
            return "this is the totals row of the table"
        if row.number in self._below_header:
            return "this row belongs to the header"
        if self._other_table and row.number >= self._other_table:
            return f"this row belongs to another table, whose header is in row {self._other_table}"
        if _holds_rules_only(row):
            return "this row holds dashes and the like, not a person"
        for column in self._columns.names:
            if _FOR_EXAMPLE.match(row.cell(column).text):
                return "this looks like an example, not like a person"
        if self._repeats_header(row) or (row.number in self._headers_again):
            return "this row repeats the header"
        if self._is_total(row):
            return "this looks like a total, not like a person"
        return self._title_or_note(row)

    def _rows_below_header(self) -> set[int]:
        found: set[int] = set()
        body = [row for row in self._sheet.rows if row.number >= self._first]
        if not self._columns.header_rows:
            return found
        for place, row in enumerate(body[:_HEADER_ROWS_BELOW]):
            ids = any(_IMPORT_ID.match(cell.text) for cell in row.cells)
            if ids:
                found |= {earlier.number for earlier in body[: place + 1]}
            elif place == len(found) and self._reads_like_header(row):
                found.add(row.number)
        return found

    def _start_of_another_table(self) -> int:
        """Return the row of a second header below the list, one that names other columns; 0 if there is none."""
        if not self._columns.header_rows:
            return 0
        previous = 0
        for row in self._sheet.rows:
            after_gap = (previous and row.number > previous + 1) or self._is_alone_above(row)
            previous = row.number
            if row.number < self._first:
                continue
            if not after_gap and (_has_digits(row) or not self._is_complete_header(row)):
                continue
            if row.number in self._below_header or not self._is_all_header(row):
                continue
            if not self._says_the_same(row):
                return row.number
            self._headers_again.add(row.number)
        return 0

    def _is_alone_above(self, row: Row) -> bool:
        """Tell whether the row above holds one cell only: a title."""
        above = self._by_number.get(row.number - 1)
        return above is not None and _filled(above) == 1

    def _is_all_header(self, row: Row) -> bool:
        """Tell whether all cells of a row are words of headers."""
        filled = [(column, cell) for column, cell in enumerate(row.cells) if cell.kind is not Kind.EMPTY]
        if len(filled) < 2 or any(cell.kind is not Kind.TEXT for _, cell in filled):
            return False
        meanings = [meaning_of(cell.text) for _, cell in filled]
        known = sum(meaning.role is not Role.UNKNOWN for meaning in meanings)
        exact = sum(meaning.exact for meaning in meanings)
        return (exact >= 2 and known >= 0.7 * len(filled)) or self._is_complete_header(row)

    def _is_complete_header(self, row: Row) -> bool:
        """Tell whether all cells say what they hold, tickets and names among them."""
        roles = {meaning_of(cell.text).role for cell in row.cells if cell.text}
        return Role.UNKNOWN not in roles and bool(roles & NUMBERED) and bool(roles & (NAMES | set(PARTS)))

    def _says_the_same(self, row: Row) -> bool:
        """Tell whether a header further down says of the columns that are read what the first one says."""
        if not self._columns.header or not self._columns.names:
            return False
        filled = [column for column, cell in enumerate(row.cells) if cell.text]
        same = sum(fold(row.cell(column).text) == self._header.get(column) for column in filled)
        if self._columns.ticket is None and same * 2 < len(filled):
            return False
        for column in (self._columns.ticket, *self._columns.names):
            if column is None:
                continue
            first = meaning_of(self._columns.header[column] if column < len(self._columns.header) else "").role
            again = meaning_of(row.cell(column).text).role
            if not any({first, again} <= kind for kind in (NUMBERED, NAMES, {first})):
                return False
        return True

    def _reads_like_header(self, row: Row) -> bool:
        """Tell whether the cells that are read say `name` and `ticket` themselves, or ask for them."""
        cells = [row.cell(column) for column in self._columns.used]
        filled = [cell for cell in cells if cell.kind is not Kind.EMPTY]
        if not filled or any(cell.kind is not Kind.TEXT for cell in filled):
            return False
        meanings = [meaning_of(cell.text) for cell in filled]
        names = [row.cell(column) for column in self._columns.names if row.cell(column).text]
        asks = [cell for cell in names if meaning_of(cell.text).role in NAMES | set(PARTS)]
        others = [
            cell for cell in row.cells if cell.kind is Kind.TEXT and meaning_of(cell.text).role is not Role.UNKNOWN
        ]
        return (
            bool(asks)
            and len(asks) == len(names)
            and (len(others) >= 2 and all(meaning.role is not Role.UNKNOWN for meaning in meanings))
        )

    def _repeats_header(self, row: Row) -> bool:
        if not self._columns.header:
            return False
        if len(self._titled) == 1 and self._full_width == 1:
            text = row.cell(self._titled[0]).text
            return bool(text) and (fold(text) == self._header[self._titled[0]] or self._says_name(text))
        same = 0
        for column in self._titled:
            text = row.cell(column).text
            if text and fold(text) != self._header[column]:  # nearly all rows end here
                return False
            same += bool(text)
        return same > 1 or (same == 1 and len(self._titled) == 1)

    def _says_name(self, text: str) -> bool:
        """Tell whether a text in the only column is its header in other words: `Full name` or `Names` below `Name`.

        A word that is quite another one does not count: `Ad` and `Nimi` are names, and mean name somewhere.
        """
        word, header = fold(text), self._header[self._titled[0]]
        if " " not in text.strip() and not word.startswith(header) and not header.startswith(word):
            return False
        meaning = meaning_of(text)
        return meaning.exact and not meaning.whose and (meaning.says_name or meaning.role in _PARTS_OF_PEOPLE)

    def _is_total(self, row: Row) -> bool:
        leaves_gaps = 1 < self._full_width > _filled(row)
        totals = total_words()
        for column, cell in enumerate(row.cells):
            if cell.kind is not Kind.TEXT:
                continue
            text = cell.text.strip()
            counted = _TOTAL_WITH_NUMBER.fullmatch(text) if ":" in text or "=" in text else None
            word = fold(counted.group(1) if counted else text)
            if self._full_width == 1 and self._is_count(row, text):
                return True
            if len(word) < 2 or not (word in totals or (leaves_gaps and self._is_subtotal(row, text))):
                continue
            if column in self._columns.names or not any(
                row.cell(name).text and not _is_figure(row.cell(name).text) for name in self._columns.names
            ):
                others = [other for place, other in enumerate(row.cells) if place != column and other.text]
                return bool(counted) or all(_is_figure(other.text) for other in others)
        return False

    def _is_count(self, row: Row, text: str) -> bool:
        """Tell whether a text in the only column counts people: `Total attendees`, `Gesamt 12`, `Guests: 12`."""
        if _TOTAL_OF_PEOPLE.fullmatch(text):
            return True
        words = _WORD.findall(text)
        others = [word for word in words if not word.isdigit() and fold(word) not in total_words()]
        known = [word for word in others if len(word) > 3 and meaning_of(word).role is not Role.UNKNOWN]
        if any(word not in known and not is_stopword(word) for word in others):
            return False
        if any(fold(word) in total_words() for word in words):  # but `Cong Le` is a name
            return bool(known) or (not others and len(words) > 1)
        counted = _TOTAL_WITH_NUMBER.fullmatch(text)
        if counted is None or row is not self._sheet.rows[-1]:
            return False
        above = sum(self._first <= other.number < row.number for other in self._sheet.rows)
        return counted[2] == str(above)

    def _is_subtotal(self, row: Row, text: str) -> bool:
        """Tell whether a text is `Sales total`."""
        words = text.split()
        ticket = self._columns.ticket
        return (
            1 < len(words) <= _LONGEST_SUBTOTAL
            and (ticket is None or not row.cell(ticket).text)
            and bool({fold(words[0]), fold(words[-1])} & total_words())
        )

    def _title_or_note(self, row: Row) -> str:
        named = [text for column in self._columns.names if (text := row.cell(column).text.strip())]
        if len(named) == 1 and named[0].endswith((":", "：")):
            return "this looks like a title, not like a person: it ends with a colon"
        if _filled(row) != 1:
            return ""
        column, cell = next((column, cell) for column, cell in enumerate(row.cells) if cell.kind is not Kind.EMPTY)
        text = cell.text.strip()
        if cell.kind is Kind.TEXT and (_NOTES.match(text) or _LABEL.fullmatch(text)):
            return "this looks like a note, not like a person"
        counted = _COUNTED.fullmatch(text)
        if counted and meaning_of(counted.group(1)).exact and meaning_of(counted.group(1)).role in NAMES:
            return "this looks like a number of people, not like a person"
        if column not in self._columns.names or self._columns.ticket is not None:
            return ""  # then ticket or name is missing, which says it better
        if self._merged.get(row.number, 0) and self._usual_width > 1:
            return "this looks like a section title: its cell is merged over several columns"
        if self._usual_width > 1 and is_section(text):
            return "this looks like a section title: only one of its cells is filled"
        if self._usual_width >= 3:
            return "this looks like a section title: only one of its cells is filled"
        return ""

    def _widths(self) -> tuple[int, int]:
        """Return how many cells are filled in most rows, and in the fullest."""
        widths = sorted(_filled(row) for row in self._sheet.rows if row.number >= self._first)
        return (widths[len(widths) // 2], widths[-1]) if widths else (0, 0)


def _holds_rules_only(row: Row) -> bool:
    for cell in row.cells:
        text = cell.text
        if text and not (text[0] in _RULES and _RULES.issuperset(text)):
            return False  # nearly always the first cell
    return True


def _filled(row: Row) -> int:
    """Return how many cells of a row are not empty."""
    return len(row.cells) - sum([cell.kind is Kind.EMPTY for cell in row.cells])


def _has_digits(row: Row) -> bool:
    """Tell whether some cell has a digit, as most people's rows do and hardly any header."""
    return any(any(map(str.isdigit, cell.text)) for cell in row.cells)


def is_section(text: str) -> bool:
    """Tell whether a text is the title of a section: `Group A`, `Table 4`, `Klasse 3b`."""
    match = _SECTION.fullmatch(text.strip())
    return match is not None and fold(match.group(1)) in _SECTIONS


def _is_figure(text: str) -> bool:
    bare = text.strip().strip("$€£¥%")
    if _WITH_UNIT.fullmatch(bare):
        return True
    return not any(map(str.isalpha, bare)) and any(map(str.isdigit, bare))
