"""The one rule for text that people typed: what a name, a ticket or a title may hold.

Law: pure. The organiser's import cleans text with `clean` and rejects with `problem_with`; the kiosk refuses a
snapshot whose text has a problem. So nothing that could break a line, hide a character or turn the reading
direction of the screen ever reaches it.
"""

import unicodedata

_FORBIDDEN = {
    "Cc": "control character",
    "Cs": "lone surrogate",
    "Zl": "line separator",
    "Zp": "paragraph separator",
}
_BLANK_LETTERS = frozenset("\u115f\u1160\u3164\uffa0\u2800")
"""Letters and symbols by their category that show nothing: Hangul fillers, the empty Braille cell."""
_DIRECTION_OVERRIDES = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_MAX_MARKS_IN_A_ROW = 8
"""No living script stacks more combining marks on one letter; longer stacks only climb over other names."""


def clean(text: str) -> str:
    """Return `text` in NFC, trimmed, with each run of white space made one plain space (also tabs and new lines)."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def problem_with(text: str, *, what: str, limit: int) -> str | None:
    """Say what is wrong with `text`, or None.

    Args:
        text: the text as it would be published.
        what: what it is, for the message: "name", "ticket", ...
        limit: greatest length in characters (code points).
    """
    if not text:
        return f"{what} is missing"
    if len(text) > limit:
        return f"{what} has {len(text)} characters, at most {limit} are allowed"
    if text.isascii() and text.isprintable():  # most tickets and many names: nothing below can apply
        return None if text == text.strip() else f"{what} begins or ends with white space"
    found = _problem_with_characters(text)
    if found:
        return f"{what} {found}"
    if unicodedata.normalize("NFC", text) != text:
        return f"{what} is not in Unicode normal form C"
    if text != text.strip():
        return f"{what} begins or ends with white space"
    if not any(_is_visible(character) for character in text):
        return f"{what} has no visible character"
    return None


def _problem_with_characters(text: str) -> str:
    marks = 0
    for character in text:
        category = unicodedata.category(character)
        if category in _FORBIDDEN:
            return f"holds a {_FORBIDDEN[category]} (U+{ord(character):04X})"
        if _is_noncharacter(character):
            return f"holds a noncharacter (U+{ord(character):04X})"
        if character in _DIRECTION_OVERRIDES:
            return f"holds a direction override (U+{ord(character):04X})"
        if category != "Cf":  # joiners stand between a letter and its marks without ending the stack
            marks = marks + 1 if category in {"Mn", "Me"} else 0
        if marks > _MAX_MARKS_IN_A_ROW:
            return f"stacks more than {_MAX_MARKS_IN_A_ROW} combining marks on one letter"
    return ""


def _is_visible(character: str) -> bool:
    category = unicodedata.category(character)
    return (category[0] in "LNPS" and character not in _BLANK_LETTERS) or category == "Cn"  # newer than this Python


def _is_noncharacter(character: str) -> bool:
    """Say whether Unicode promises never to assign it.

    Characters that are merely unassigned are allowed: which ones those are depends on the age of the Python that
    asks, and the organiser's may be newer than the kiosk's.
    """
    code = ord(character)
    return 0xFDD0 <= code <= 0xFDEF or code & 0xFFFE == 0xFFFE
