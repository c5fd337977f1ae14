"""Which characters a name, a ticket or a title may contain.

Invariant: pure. The organiser's import cleans text with `clean` and rejects it with `problem_with`; the kiosk refuses a
snapshot whose text has a problem. So no text on screen can break a line, hide a character or override the reading
direction. Tickets tell people apart, so every character of a ticket is visible. A name may contain the invisible
characters that its script needs (joiners, variation selectors, direction marks), where it needs them.

Source: Default_Ignorable_Code_Point of the Unicode character database, as ranges. They include unassigned characters,
so that Python versions with different Unicode data agree.
"""

import functools
import re
import unicodedata
from datetime import datetime

_FORBIDDEN = {
    "Cc": "control character",
    "Cs": "lone surrogate",
    "Zl": "line separator",
    "Zp": "paragraph separator",
}
_BLANK_LETTERS = frozenset("\u115f\u1160\u3164\uffa0\u2800\U0001d159\U00016fe4")
"""Letters and symbols by category that are blank: Hangul fillers, the empty Braille cell, the null notehead..."""
_DIRECTION_OVERRIDES = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_DIRECTION_MARKS = frozenset("\u200e\u200f\u061c")
_JOINERS = frozenset("\u200c\u200d")
_IGNORABLE = (
    *((0xAD, 0xAD), (0x34F, 0x34F), (0x61C, 0x61C), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F)),
    *((0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F), (0x3164, 0x3164), (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF)),
    *((0xFFA0, 0xFFA0), (0xFFF0, 0xFFFB), (0x1BCA0, 0x1BCA3), (0x1D173, 0x1D17A), (0xE0000, 0xE0FFF)),
)
_HIDDEN = re.compile("[" + "".join(f"{chr(low)}-{chr(high)}" for low, high in _IGNORABLE) + "]")
_SELECTORS = ((0x180B, 0x180D), (0x180F, 0x180F), (0xFE00, 0xFE0F), (0xE0100, 0xE01EF))
"""Characters that select a form of the one before: emoji or text, and variants of Han and Mongolian letters."""
_IN_NAMES = ((0x115F, 0x1160), (0x17B4, 0x17B5), (0x180E, 0x180E), (0x3164, 0x3164), (0xFFA0, 0xFFA0))
"""Ignorable characters that are letters of a script: Hangul fillers, Khmer vowels, the Mongolian separator."""
_TAGS = (0xE0020, 0xE007F)
_BLACK_FLAG = "\U0001f3f4"
"""The flags of England, Scotland and Wales are this character, a code in tag characters, and an end tag."""
_MAX_MARKS_IN_A_ROW = 8
"""No living script stacks more combining marks on one letter; longer stacks overlap other names."""


LONGEST_NORMALIZED = 2000
"""In characters, six times what any text may have. Putting marks in order takes the square of their number."""


def clean(text: str) -> str:
    """Return `text` in NFC, trimmed, with each run of white space (tabs, new lines too) replaced by one space.

    A text of more than `LONGEST_NORMALIZED` characters, which every rule refuses, is not put into NFC.
    """
    words = " ".join(text.split())
    if words.isascii() or len(words) > LONGEST_NORMALIZED:
        return words
    normalized = unicodedata.normalize("NFC", words)
    return words if normalized == words else " ".join(normalized.split())


def escaped(text: str) -> str:
    """Return `text` on one line, with what could move a terminal's cursor or turn the text written as `<U+001B>`."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(f"<U+{ord(character):04X}>" if _turns_terminals(character) else character for character in text)


def _turns_terminals(character: str) -> bool:
    return unicodedata.category(character) in _FORBIDDEN or character in _DIRECTION_OVERRIDES


def problem_with(text: str, *, what: str, limit: int) -> str | None:
    """Return what is wrong with `text`, or None.

    Args:
        text: the text as it would be published.
        what: what it is, for the message: "name", "title", ...
        limit: maximum length in characters (code points).
    """
    plain = text.isascii() and text.isprintable()  # true of most tickets and many names
    if plain and 0 < len(text) <= limit and text[0] != " " and text[-1] != " " and "  " not in text:
        return None
    if not text:
        return f"{what} is missing"
    if len(text) > limit:
        return f"{what} has {len(text)} characters, at most {limit} are allowed"
    if not plain:
        found = "" if all(map(_stands_by_itself, text)) else _problem_with_characters(text)
        if found:
            return f"{what} {found}"
        if not unicodedata.is_normalized("NFC", text):
            return f"{what} is not in Unicode normal form C"
    if text != " ".join(text.split()):
        if text != text.strip():
            return f"{what} begins or ends with white space"
        return f"{what} contains white space other than single spaces"
    if not plain and not any(map(_is_visible, text)):
        return f"{what} has no visible character"
    return None


def problem_with_ticket(text: str, *, what: str, limit: int) -> str | None:
    """Return what is wrong with a ticket, or None: as `problem_with`, and every character must be visible.

    Otherwise two people could hold tickets that look the same. A character that is not assigned yet is refused: a later
    Unicode may make it an invisible one, and a verifier with that Unicode would then refuse the list.
    """
    problem = problem_with(text, what=what, limit=limit)
    if problem or text.isascii():
        return problem
    for character in text:
        if is_ignorable(character) or character in _BLANK_LETTERS or unicodedata.category(character) == "Cf":
            return f"{what} contains an invisible character (U+{ord(character):04X})"
        if unicodedata.category(character) == "Co":
            return f"{what} contains a private-use character (U+{ord(character):04X})"
        if unicodedata.category(character) == "Cn":
            unknown = f"a character that Unicode {unicodedata.unidata_version} does not know"
            return f"{what} contains {unknown} (U+{ord(character):04X})"
    return None


def is_ignorable(character: str) -> bool:
    """Return whether Unicode defines a character as invisible by default."""
    return _HIDDEN.match(character) is not None


@functools.lru_cache(maxsize=8192)
def _stands_by_itself(character: str) -> bool:
    """Return whether a character is allowed in any position. Cached: a list repeats the same characters."""
    return unicodedata.category(character) not in {"Mn", "Me"} and not _problem_with_characters(character)


def _problem_with_characters(text: str) -> str:
    marks = 0
    before = ""
    hidden = _HIDDEN.search(text) is not None
    for place, character in enumerate(text):
        category = unicodedata.category(character)
        if category in _FORBIDDEN:
            return f"contains a {_FORBIDDEN[category]} (U+{ord(character):04X})"
        if _is_noncharacter(character):
            return f"contains a noncharacter (U+{ord(character):04X})"
        if character in _DIRECTION_OVERRIDES:
            return f"contains a direction override (U+{ord(character):04X})"
        if hidden and is_ignorable(character) and not _has_its_use(text, place, before):
            return f"contains an invisible character (U+{ord(character):04X})"
        if category != "Cf":  # joiners between a letter and its marks do not end the stack
            marks = marks + 1 if category in {"Mn", "Me"} else 0
        if marks > _MAX_MARKS_IN_A_ROW:
            return f"stacks more than {_MAX_MARKS_IN_A_ROW} combining marks on one letter"
        before = character
    return ""


def _has_its_use(text: str, place: int, before: str) -> bool:
    """Return whether the invisible character at `place` belongs to the spelling there."""
    character = text[place]
    code = ord(character)
    if character in _DIRECTION_MARKS or _within(code, _IN_NAMES):
        return True
    if not before or before in _JOINERS:
        return False
    if character in _JOINERS:  # letters without case (Arabic, Indic), their marks, and emoji can be joined
        return unicodedata.category(before) in {"Lo", "Mn", "Mc", "So", "Sk", "Cn"}
    if _within(code, _SELECTORS):
        return not _within(ord(before), _SELECTORS) and not before.isspace()
    if _within(code, (_TAGS,)):
        return before == _BLACK_FLAG or _within(ord(before), (_TAGS,))
    return False


def _is_visible(character: str) -> bool:
    category = unicodedata.category(character)
    if category == "Cn":  # newer than this Python
        return not is_ignorable(character)
    return category[0] in "LNPS" and character not in _BLANK_LETTERS


def _is_noncharacter(character: str) -> bool:
    """Return whether Unicode guarantees never to assign the character.

    Unassigned characters are allowed: which ones those are depends on the Python version, and the organiser's may be
    newer than the kiosk's.
    """
    code = ord(character)
    return 0xFDD0 <= code <= 0xFDEF or code & 0xFFFE == 0xFFFE


def _within(code: int, ranges: tuple[tuple[int, int], ...]) -> bool:
    return any(low <= code <= high for low, high in ranges)


def is_time_in_form(text: str, form: re.Pattern[str]) -> bool:
    """Say whether a text has this form as a whole, and is a date and time that exists."""
    if not form.fullmatch(text):
        return False
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True
