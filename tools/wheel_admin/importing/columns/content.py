"""What a column really holds, whatever its header says.

Invariant: pure. A column is judged by all its cells below the header.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence

import msgspec

from kiosk.core.text_rules import clean
from wheel_admin.importing.columns.header_words import fold
from wheel_admin.importing.tables import EMPTY, NUMERIC, Cell, Kind, shown

_EMAIL = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")
_WITH_EMAIL = re.compile(
    r"(.*\S)\s*[<(\[]\s*(?:mailto:)?[^\s@<>()\[\]]+@[^\s@<>()\[\]]+\.[^\s@<>()\[\]]+\s*[>)\]]\s*", re.DOTALL
)
_URL = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
_DATE = re.compile(
    r"(?:\d{4}([-/.])\d{1,2}\1\d{1,2}|\d{1,2}([-/.])\d{1,2}\2(?:\d{4}|\d{2}))(?:[ T,]+\d{1,2}[:.]\d{2}.*)?"
    r"|\d{1,2}:\d{2}(?::\d{2})?(?: ?[AP]M)?",
    re.IGNORECASE,
)
_PHONE = re.compile(r"(?:\+|00)?[\d][\d ()/.-]{6,20}\d")
_MONEY_OR_SHARE = re.compile(r"[$£€¥]\s?-?[\d.,]+|-?[\d.,]+\s?(?:[$£€¥%]|EUR|USD|GBP)", re.IGNORECASE)
_NOBODY = frozenset(
    map(fold, ("anonymous", "anonym", "anonyme", "anónimo", "anonimo", "unknown", "n/a", "none", "匿名", "익명"))
)
_YES_NO_TEXT = """
yes no y n true false x ja nein j oui non o si sì sí no nee tak nie да нет так ні sim não ano ne áno igen nem evet hayır
kyllä ei nei ναι όχι нет ні はい いいえ 是 否 예 아니요 نعم لا כן לא हाँ नहीं có không ya tidak da nu
"""
_YES_NO = frozenset(map(fold, _YES_NO_TEXT.split()))
_NO_NAME = re.compile(r"[:<>{}=|\\^~]")
"""Signs that stand in programs and forms, and in no name."""
_HONORIFICS_TEXT = """
dr prof mr mrs ms miss mx sir dame ing dipl mag med phd rev fr herr frau dott dra ir lic bsc msc hc univ habil
"""
HONORIFICS = frozenset(_HONORIFICS_TEXT.split())
_FAULTS = frozenset({Kind.EMPTY, Kind.ERROR, Kind.FORMULA})
"""Kinds of cells that say nothing about the rest of their column."""
_LONGEST_FLAG = 6
_TOO_FEW = 3
"""Cells that are too few to speak of a column: one letter among them is enough."""


class Content(msgspec.Struct, frozen=True):
    """What stands in a column.

    Attributes:
        filled: cells that hold something.
        distinct: how many different texts they have.
        samples: the first three.
        lettered: share of them with letters.
        digits: share of them with a digit.
        spaced: share of them with a space between words.
        emails, dates, phones, flags: share of them that are e-mail addresses, dates or times, telephone numbers, and
            yes/no values, links or amounts.
        counts: share of them that are whole numbers below 1000 without leading zeros.
        nobody: all of them say that they name nobody: `anonymous`.
        over_one: one of them is a whole number above 1.
        long: share of them that are longer than any name.
        tiny: share of them with less than two letters.
        coded: share of them with signs that no name has.
    """

    filled: int
    distinct: int
    samples: tuple[str, ...]
    lettered: float = 0.0
    digits: float = 0.0
    spaced: float = 0.0
    emails: float = 0.0
    dates: float = 0.0
    phones: float = 0.0
    flags: float = 0.0
    counts: float = 0.0
    nobody: bool = False
    over_one: bool = False
    long: float = 0.0
    tiny: float = 0.0
    coded: float = 0.0

    @property
    def unique(self) -> float:
        """How many different texts there are for each cell that holds something."""
        return self.distinct / self.filled if self.filled else 0.0

    @property
    def private(self) -> bool:
        """Whether it holds what must never stand on a screen as a ticket unless somebody asks for it."""
        return self.emails > 0.5 or self.dates > 0.5 or self.phones > 0.5

    def in_words(self) -> str:
        """Return the samples for a message."""
        return ", ".join(map(shown, self.samples)) or "(empty)"

    def could_be_tickets(self) -> bool:
        """Tell whether the column tells people apart."""
        if not self.filled or self.private or self.flags > 0.5 or self.long > 0.5:
            return False
        if self.digits < 0.5:
            return self.unique >= 0.9 and self.filled > 1 and self.spaced < 0.3
        return self.unique >= 0.5

    def could_be_names(self) -> bool:
        """Tell whether the column could name people: letters, and not everybody the same."""
        if not self.filled or self.private or self.flags > 0.5 or (self.long > 0.5 and self.filled > 1):
            return False
        if self.distinct == 1 and (self.filled >= 3 or (self.nobody and self.filled > 1)):
            return False
        return self.lettered >= 0.5 or (self.filled <= _TOO_FEW and self.lettered > 0)

    def must_be_names(self, *, repeated: bool = False) -> bool:
        """Tell whether the column names people without any header saying so.

        Args:
            repeated: names may occur any number of times: somebody stands in a line for each ticket.
        """
        return (
            self.could_be_names()
            and self.digits < 0.3
            and self.tiny < 0.2
            and self.coded < 0.3
            and (repeated or self.unique >= 0.7)
            and self.lettered >= 0.95
        )


def content_of(cells: Iterable[Cell]) -> Content:
    """Return what these cells hold."""
    texts = [(cell.kind, clean(cell.text)) for cell in cells if cell.kind not in _FAULTS]
    size = len(texts)
    if not size:
        return Content(0, 0, ())
    counted = Counter(texts)  # given names, towns and numbers of chances repeat: each is judged once
    distinct = {text for _, text in counted}

    def share(holds: Callable[[Kind, str], bool]) -> float:
        return sum(count for (kind, text), count in counted.items() if holds(kind, text)) / size

    return Content(
        filled=size,
        distinct=len(distinct),
        samples=tuple(text for _, text in texts[:3]),
        lettered=share(lambda kind, text: kind is Kind.TEXT and has_letters(text)),
        digits=share(lambda _, text: any(map(str.isdigit, text))),
        spaced=share(lambda _, text: " " in text),
        emails=share(lambda _, text: _EMAIL.fullmatch(text) is not None),
        dates=share(lambda kind, text: kind is Kind.DATE or _DATE.fullmatch(text) is not None),
        phones=share(_is_phone),
        flags=share(_is_flag),
        counts=share(lambda kind, text: _is_number(kind, text) and len(text) <= 3 and not text.startswith("0")),
        nobody=size < 10_000 and all(fold(text) in _NOBODY for text in distinct),
        over_one=any(_is_number(kind, text) and int(text[:6]) > 1 for kind, text in counted),
        long=share(lambda _, text: len(text) > 60),
        tiny=share(lambda _, text: sum(map(str.isalpha, text)) < 2),
        coded=share(lambda _, text: _NO_NAME.search(without_email(text)) is not None),
    )


def has_letters(text: str) -> bool:
    """Tell whether there is a letter in the text."""
    return any(map(str.isalpha, text))


def without_email(text: str) -> str:
    """Return a name without the e-mail address in brackets behind it: `Anna Berg <a@x.test>`."""
    match = _WITH_EMAIL.fullmatch(text) if "@" in text else None
    return match.group(1) if match else text


def is_email(text: str) -> bool:
    """Tell whether the text is an e-mail address."""
    return _EMAIL.fullmatch(text) is not None


def same_values(one: Sequence[Cell], other: Sequence[Cell]) -> bool:
    """Tell whether two columns say the same in every row, apart from case, spaces and cells that are empty in one."""
    pairs = [(fold(a.text), fold(b.text)) for a, b in zip(one, other, strict=True) if a is not EMPTY and b is not EMPTY]
    return bool(pairs) and all(a == b for a, b in pairs)


def shape_of(text: str) -> str:
    """Return a text with letters as `a`, digits as `9` and runs of them made one."""
    kinds = ["9" if c.isdigit() else "a" if c.isalpha() else c for c in clean(text)]
    return "".join(kind for place, kind in enumerate(kinds) if place == 0 or kinds[place - 1] != kind)


def honorific_share(cells: Iterable[Cell]) -> float:
    """Return the share of the filled cells that hold titles such as `Dr.`."""
    counted = Counter(
        any(word.strip(".,").casefold() in HONORIFICS for word in clean(cell.text).replace(".", ". ").split())
        for cell in cells
        if cell.kind is not Kind.EMPTY
    )
    return counted[True] / counted.total() if counted else 0.0


def _is_number(kind: Kind, text: str) -> bool:
    return text.isdecimal() and kind in {Kind.NUMBER, Kind.TEXT}


def _is_phone(kind: Kind, text: str) -> bool:
    if kind in NUMERIC or not _PHONE.fullmatch(text):
        return False
    digits = sum(map(str.isdigit, text))
    if not 7 <= digits <= 15:
        return False
    return text.startswith(("+", "00", "(")) or (text.startswith("0") and digits >= 9) or len(text.split()) > 1


def _is_flag(kind: Kind, text: str) -> bool:
    if kind in {Kind.BOOLEAN, Kind.PERCENT, Kind.MONEY}:
        return True
    if len(text) <= _LONGEST_FLAG and fold(text) in _YES_NO:
        return True
    return _URL.match(text) is not None or _MONEY_OR_SHARE.fullmatch(text) is not None
