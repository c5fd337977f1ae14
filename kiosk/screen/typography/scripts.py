"""The script of a text, for HarfBuzz; codes are those of ISO 15924."""

import unicodedata
from functools import lru_cache

_CACHED_CHARACTERS = 2048
"""Characters whose script is kept: a text is measured at several sizes before it is shown."""
_LATIN = "Latn"
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
    if run.isascii():
        return _LATIN
    return next((code for code in map(_code_of, run) if code != _LATIN), _LATIN)


@lru_cache(maxsize=_CACHED_CHARACTERS)
def _code_of(character: str) -> str:
    name = unicodedata.name(character, "")
    return next((code for prefix, code in _SCRIPTS if name.startswith(prefix)), _LATIN)
