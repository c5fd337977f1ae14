"""What a header says that a column holds, in the languages of `header_words.txt`.

Invariant: pure, but for the one data file. A header is words in any order with others between them; what it says is
decided here alone, what the column really holds is not known here.
"""

import functools
import re
import unicodedata
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

import msgspec


class Role(StrEnum):
    """What a column may hold, by its header."""

    TICKET = "ticket"
    NUMBER = "number"
    ID = "id"
    ORDER = "order"
    IDENTITY = "identity"
    FULL = "full"
    NAME = "name"
    QUALIFIED = "name of something"
    GIVEN = "given"
    FAMILY = "family"
    FAMILY2 = "family2"
    MIDDLE = "middle"
    INFIX = "infix"
    TITLE = "title"
    SUFFIX = "suffix"
    READING = "reading"
    NICK = "nick"
    WEIGHT = "weight"
    QUANTITY = "quantity"
    GROUP = "group"
    HOUSEHOLD = "household"
    OTHER = "other"
    UNKNOWN = "unknown"


PARTS = (Role.TITLE, Role.GIVEN, Role.MIDDLE, Role.INFIX, Role.FAMILY, Role.FAMILY2, Role.SUFFIX)
"""Parts of a name in their natural order; `FAMILY_FIRST` where the language puts the family first."""
FAMILY_FIRST = (Role.TITLE, Role.INFIX, Role.FAMILY, Role.FAMILY2, Role.MIDDLE, Role.GIVEN, Role.SUFFIX)
NAMES = frozenset({Role.FULL, Role.NAME, Role.QUALIFIED})
NUMBERED = frozenset({Role.TICKET, Role.NUMBER, Role.ID, Role.ORDER})

WORDS = Path(__file__).with_name("header_words.txt")
"""The words, written as `folded_words` gives them."""
_PART_NAMES = frozenset(map(str, PARTS))
_LETTERS = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"})
_ACCENTS = re.compile("[\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u0640]")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_NEITHER = re.compile(r"[^a-z0-9]+")
_BRACKETS = re.compile(r"[(\[（［]([^)\]）］]*)[)\]）］]?")
_STOPWORDS_TEXT = """
a an and as at by for from in is of on or our per please s the their this to type enter with write your you what
whats who whose my me i tell us fill below here should we call der die das den des ihr ihre dein deine und oder
bitte wie lautet ist heisst du sie de la le les l du d et ou votre vos ton ta quel quelle est y el tu su cual es e o
il lo tuo tua suo sua qual en van uw je wat i w z twoje twoj podaj jakie jest ваш ваше ваша как вас зовут укажите вы
ditt din ditte e1 och og ja mika on ve nin
"""
_STOPWORDS = frozenset(_STOPWORDS_TEXT.split())
_SHORT_WORDS = frozenset(
    {
        "no",
        "nr",
        "id",
        "nro",
        "lp",
        "los",
        "lod",
        "qr",
        "uid",
        "mr",
        "п",
        "lot",
        "dob",
        "age",
        "tel",
        "plz",
        "sku",
        "zip",
        "ip",
        "url",
        "num",
        "bib",
        "nom",
        "ime",
        "nev",
    }
)
"""Words of up to three letters that are looked for inside longer headers; any other counts only by itself."""
_COMPOUND_NAMES = ("namen", "name", "namn", "navn", "naam", "nimi")
_COMPOUND_NUMBERS = ("nummer", "number", "numero", "nr", "nro")
_UNITS = frozenset({"kg", "kgs", "kilo", "kilos", "g", "gr", "gram", "grams", "lb", "lbs", "pounds", "oz", "кг"})
"""What a weight is measured in that is no number of chances."""
_LISTS = frozenset(
    {"list", "lists", "liste", "lista", "lijst", "listan", "seznam", "zoznam", "popis", "список", "λιστα", "daftar"}
)
"""What a title calls a list."""
_HALVES = frozenset({"first", "last", "given", "family", "middle", "m", "mi", "f", "l"})
"""Words that make a part of `name`, while `Vorname` beside `Name` makes both."""


class Meaning(msgspec.Struct, frozen=True):
    """What a header says.

    Attributes:
        role: what the column may hold.
        whose: "parent", "child" or another relation that the header names; empty for the participants themselves.
        who: the word for the person, such as `attendee`; empty without one.
        exact: the whole header is a known one.
        family_first: the header's language puts the family name first.
        says_name: it says `name`, not only what sort of person.
    """

    role: Role
    whose: str = ""
    who: str = ""
    exact: bool = False
    family_first: bool = False
    says_name: bool = False


class _Entry(NamedTuple):
    role: str
    family_first: bool = False
    phrase: str = ""


class _Vocabulary(msgspec.Struct, frozen=True):
    phrases: dict[tuple[str, ...], _Entry]
    joined: dict[str, _Entry]
    unspaced: dict[str, _Entry]
    longest: int


def folded_words(header: str) -> tuple[str, ...]:
    """Return a header's words without case, accents and punctuation: `Ticket-No.` is ("ticket", "no")."""
    spaced = _CAMEL.sub(" ", header).replace("#", " no ").replace("'s ", "s ").replace("’s ", "s ")
    bare = _folded(spaced)
    return tuple("".join(c if _is_part_of_word(c) else " " for c in bare).split())


def _folded(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text).casefold().translate(_LETTERS)
    return unicodedata.normalize("NFC", _ACCENTS.sub("", decomposed))


@functools.lru_cache(maxsize=16384)
def fold(text: str) -> str:
    """Return a header, or any text, without case, accents, spaces and punctuation, for comparisons.

    Cached: the cells of a list are folded for one question after the other.
    """
    if "#" in text:
        return "".join(folded_words(text))
    if text.isascii():  # as most names are, of which there are thousands
        return _NEITHER.sub("", text.lower())
    bare = _folded(text).replace(" ", "")
    return bare if bare.isalnum() else "".join(filter(_is_part_of_word, bare))


def _is_part_of_word(character: str) -> bool:
    return character.isalnum() or unicodedata.category(character)[0] == "M"


@functools.cache
def _lines() -> tuple[tuple[bool, dict[str, list[tuple[str, ...]]]], ...]:
    """Return of each language whether the family name comes first, and the phrases of each role as folded words."""
    found = []
    for line in WORDS.read_text("utf-8").splitlines():
        if line.startswith("#") or not line.strip():
            continue
        language, *fields = line.split(" | ")
        roles = dict(one.split(": ", 1) for one in fields)
        phrases = {role: [tuple(phrase.split()) for phrase in words.split(",")] for role, words in roles.items()}
        found.append((language.strip().endswith("+"), phrases))
    return tuple(found)


@functools.cache
def _vocabulary() -> _Vocabulary:
    phrases: dict[tuple[str, ...], _Entry] = {}
    for family_first, roles in _lines():
        for role, words in roles.items():
            for key in words if role != "total" else ():
                phrases.setdefault(key, _Entry(role, family_first, " ".join(key)))
    joined: dict[str, _Entry] = {}
    for key, entry in phrases.items():
        joined.setdefault("".join(key), entry)
    unspaced = {word: entry for word, entry in joined.items() if len(word) > 1 and _is_unspaced(word)}
    return _Vocabulary(phrases, joined, unspaced, max(map(len, phrases)))


def prepare() -> None:
    """Load the words, which happens otherwise when the first header is read."""
    _vocabulary()
    total_words()


@functools.cache
def total_words() -> frozenset[str]:
    """Return the words for a total, folded."""
    return frozenset("".join(key) for _, roles in _lines() for key in roles.get("total", ()))


@functools.lru_cache(maxsize=4096)
def meaning_of(header: str) -> Meaning:
    """Return what a header says; role UNKNOWN if it says nothing that is known."""
    if not header.strip() or len(header) > 200:
        return Meaning(Role.UNKNOWN)
    known = _vocabulary()
    outside = _BRACKETS.sub(" ", header)
    inside = " ".join(_BRACKETS.findall(header))
    words = folded_words(outside) or folded_words(header)
    exact = known.phrases.get(words) or known.joined.get("".join(words))
    found = _found(words, known)
    if exact is not None and not inside:
        return _composed([exact], (), exact=True)
    within = folded_words(inside)
    if not found[0] and exact is None:  # `What are you called? [First name]`
        found = _found(within, known)
    notes = [entry for entry in _found(within, known)[0] if entry.role not in {"number", "other", "id"}]
    entries = [exact] if exact is not None else found[0]
    if any(entry.role == "weight" for entry in entries) and _UNITS & {*words, *within}:
        return Meaning(Role.OTHER)
    if (notes and any(entry.role in {"name", "full", "person"} for entry in entries)) or _has_relation(notes):
        entries = [*entries, *notes]
    rest = () if exact is not None else found[1]
    return _composed(entries, rest, exact=exact is not None and not notes)


def is_stopword(word: str) -> bool:
    """Tell whether a word says nothing in a header: `of`, `the`."""
    return fold(word) in _STOPWORDS


def says_people(text: str) -> bool:
    """Tell whether a text is a title with a word for people or tickets: `Guest list`, `Participants 2026`.

    `Peter Gast` is somebody's name.
    """
    words = folded_words(text)
    found, _ = _found(words, _vocabulary())
    if not any(entry.role in {"person", "ticket", "full", "name"} for entry in found):
        return False
    return any(word.isdigit() or word in _LISTS for word in words) or any(
        len(e.phrase) > 4 and e.phrase[-1] == "s" for e in found
    )


def _has_relation(notes: list[_Entry]) -> bool:
    return any(entry.role in {"child", "parent", "relation"} for entry in notes)


def _found(words: tuple[str, ...], known: _Vocabulary) -> tuple[list[_Entry], tuple[str, ...]]:
    """Return the known phrases in these words, the longest first choice at each place, and the words left over."""
    entries: list[_Entry] = []
    rest: list[str] = []
    place = 0
    while place < len(words):
        for length in range(min(known.longest, len(words) - place), 0, -1):
            phrase = words[place : place + length]
            entry = known.phrases.get(phrase)
            if entry is not None and (length > 1 or _counts_inside(phrase[0])):
                entries.append(entry)
                place += length
                break
        else:
            word = words[place]
            parts = _inside(word, known) if _is_unspaced(word) else _compound(word, known)
            entries += parts
            rest += [] if parts else [word]
            place += 1
    return entries, tuple(rest)


def _counts_inside(word: str) -> bool:
    return len(word) > 3 or word in _SHORT_WORDS or (not word.isascii() and len(word) > 1)


def _is_unspaced(word: str) -> bool:
    """Tell whether the word is in a script that puts no spaces between words."""
    return max(word, default="") >= "\u0e00" and any(
        "\u0e00" <= c <= "\u0e7f" or "\u3040" <= c <= "\u30ff" or "\u3400" <= c <= "\u9fff" or "\uac00" <= c <= "\ud7a3"
        for c in word
    )


def _inside(word: str, known: _Vocabulary) -> list[_Entry]:
    """Return the known words inside a run of script without spaces, the longest first at each place."""
    entries: list[_Entry] = []
    place = 0
    while place < len(word):
        for length in range(len(word) - place, 1, -1):
            entry = known.unspaced.get(word[place : place + length])
            if entry is not None:
                entries.append(entry)
                place += length
                break
        else:
            place += 1
    return entries


def _compound(word: str, known: _Vocabulary) -> list[_Entry]:
    """Return what a compound of a Germanic language says: `Teilnehmername`, `Telefonnummer`."""
    for endings, role in ((_COMPOUND_NUMBERS, "number"), (_COMPOUND_NAMES, "name")):
        for ending in endings:
            stem = word.removesuffix(ending)
            if stem != word and len(stem) >= 3:
                before = (
                    known.joined.get(stem) or known.joined.get(stem.removesuffix("s")) or known.joined.get(f"{stem}n")
                )
                return [before or _Entry("unknown"), _Entry(role)]
    return []


def _composed(entries: list[_Entry], rest: tuple[str, ...], *, exact: bool) -> Meaning:
    roles = {entry.role for entry in entries}
    kin = next((entry for entry in entries if entry.role in {"child", "parent", "relation"}), None)
    whose = "" if kin is None else kin.phrase if kin.role == "relation" else kin.role
    counted = any(word.isdigit() for word in rest) and not roles & {"name", "full", "ticket", "id", "number"}
    unexplained = bool(
        counted
        or bool(roles & {"unknown", "household"})
        or any(word not in _STOPWORDS and not word.isdigit() and len(word) > 1 for word in rest)
    )
    return Meaning(
        role=_role(entries, roles, unexplained=unexplained, whose=whose),
        whose=whose,
        who=next((entry.phrase for entry in entries if entry.role == "person"), ""),
        exact=exact,
        family_first=any(entry.family_first for entry in entries),
        says_name=bool(roles & {"name", "full"}),
    )


def _role(entries: list[_Entry], roles: set[str], *, unexplained: bool, whose: str) -> Role:
    if "many" in roles:
        return Role.WEIGHT if roles & {"ticket", "quantity", "weight"} else Role.OTHER
    for role in ("reading", "nick", "weight", "other", "group", "identity"):
        if role in roles:
            return Role(role)
    if "household" in roles and not roles & {"name", "full"}:
        return Role.HOUSEHOLD
    parts = [entry for entry in entries if entry.role in _PART_NAMES]
    if parts:
        return _part(parts, roles, unexplained=unexplained)
    if "quantity" in roles:
        return Role.OTHER if unexplained else Role.QUANTITY
    if roles & {"name", "full"}:
        if unexplained and not roles & {"full", "person"} and not whose:
            return Role.QUALIFIED
        return Role.NAME if roles == {"name"} and len(entries) == 1 and not whose else Role.FULL
    return _numbered(roles, unexplained=unexplained, whose=whose)


def _part(parts: list[_Entry], roles: set[str], *, unexplained: bool) -> Role:
    # `Vorname Name` is both, `Legal Name - First Name` and `Name (First)` are the given name alone.
    whole = [entry for entry in parts if entry.phrase not in _HALVES and " " not in entry.phrase]
    if {"given", "family"} <= roles or ("name" in roles and whole):
        return Role.FULL
    if unexplained and "name" not in roles and not whole:
        return Role.UNKNOWN
    return Role(parts[0].role)


def _numbered(roles: set[str], *, unexplained: bool, whose: str) -> Role:
    if "order" in roles:
        return Role.ORDER
    if "ticket" in roles:
        return Role.UNKNOWN if unexplained and not roles & {"number", "id"} else Role.TICKET
    if "id" in roles:
        return Role.ID
    person = "person" in roles or bool(whose)
    if "number" in roles:
        return Role.ID if person else Role.UNKNOWN if unexplained else Role.NUMBER
    return Role.FULL if person and not unexplained else Role.UNKNOWN
