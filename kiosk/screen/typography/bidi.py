"""Direction and script of text, for the two levels that a name can have.

Source: the Unicode bidirectional algorithm (UAX #9); script codes are those of ISO 15924.
"""

import unicodedata

_SCRIPTS = (
    ("ARABIC", "Arab"),
    ("HEBREW", "Hebr"),
    ("DEVANAGARI", "Deva"),
    ("BENGALI", "Beng"),
    ("TAMIL", "Taml"),
    ("THAI", "Thai"),
    ("HANGUL", "Hang"),
    ("HIRAGANA", "Kana"),
    ("KATAKANA", "Kana"),
    ("CJK", "Hani"),
    ("CYRILLIC", "Cyrl"),
    ("GREEK", "Grek"),
)


def _strong(character: str) -> bool | None:
    """Return True for right-to-left, False for left-to-right, None for a neutral character."""
    direction = unicodedata.bidirectional(character)
    return None if direction not in {"L", "R", "AL", "EN", "AN"} else direction in {"R", "AL"}


def first_direction(text: str) -> bool:
    """Return whether the first letter is right-to-left: the direction of the whole text (UAX #9, P2 and P3)."""
    letters = (_strong(character) for character in text if unicodedata.category(character)[0] == "L")
    return next((direction for direction in letters if direction is not None), False)


def directions(text: str, *, base: bool) -> list[bool]:
    """Return for each character whether it is right-to-left; neutrals follow their neighbours (N1 and N2)."""
    strong = [_strong(character) for character in text]
    directions: list[bool] = []
    before = base
    for place, own in enumerate(strong):
        if own is None:
            after = next((other for other in strong[place:] if other is not None), base)
            directions.append(before if before == after else base)
        else:
            before = own
            directions.append(own)
    return directions


def script_code(run: str) -> str:
    """Return the ISO 15924 code of the script of `run`, for HarfBuzz; Latin by default."""
    for character in run:
        name = unicodedata.name(character, "")
        for prefix, code in _SCRIPTS:
            if name.startswith(prefix):
                return code
    return "Latn"
