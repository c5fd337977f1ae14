"""The script of a text, for HarfBuzz; codes are those of ISO 15924."""

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


def script_code(run: str) -> str:
    """Return the ISO 15924 code of the script of `run`; Latin by default."""
    for character in run:
        name = unicodedata.name(character, "")
        for prefix, code in _SCRIPTS:
            if name.startswith(prefix):
                return code
    return "Latn"
