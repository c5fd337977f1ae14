"""A language of the screen: English is built in, each other one is a file.

Invariant: a language is complete or refused, so no screen mixes two. An error names the file, the key and the remedy.
"""

from pathlib import Path
from typing import Any

import msgspec

from kiosk.core.errors import UsageError
from kiosk.core.toml_files import read_toml, shown_key
from kiosk.screen.themes.plurals import RULES
from kiosk.screen.themes.texts import Texts
from kiosk.screen.themes.texts_table import TEXT_KEYS, texts_of

BUILT_IN_CODE = "en"
_ENGLISH = Texts()
_KEYS = ("name", "right_to_left", "plurals", "texts")


class LanguageError(UsageError):
    """A language is not there, or its file cannot be used."""


class Language(msgspec.Struct, frozen=True):
    """A language.

    Attributes:
        code: as in BCP 47: "fr", "pt-BR".
        name: what its speakers call it.
        texts: in this language.
        right_to_left: lines begin at the right.
        plurals: a key of `RULES`.
    """

    code: str = BUILT_IN_CODE
    name: str = "English"
    texts: Texts = _ENGLISH
    right_to_left: bool = False
    plurals: str = "one"


ENGLISH = Language()


def read_language(path: Path) -> Language:
    """Read a language file.

    Raises:
        LanguageError: it cannot be read, is not TOML, lacks a key, or has an unknown key or a wrong value.
    """
    try:
        content, _ = read_toml(path, links=True)
    except OSError as error:
        raise LanguageError(f"{path} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise LanguageError(f"{path} is not TOML: {error}.") from error

    def wrong(key: str, value: object, expected: str) -> LanguageError:
        return LanguageError(f"{path}: {key} is {str(value)[:60]!r}, expected {expected}.")

    _complete(path, content, _KEYS, "")
    name, right_to_left, plurals, table = (content[key] for key in _KEYS)
    for key, value, good, expected in (
        ("name", name, isinstance(name, str) and bool(name.strip()), "what its speakers call the language"),
        ("right_to_left", right_to_left, isinstance(right_to_left, bool), "true or false"),
        ("plurals", plurals, isinstance(plurals, str) and plurals in RULES, f"one of {', '.join(RULES)}"),
        ("texts", table, isinstance(table, dict), "a table: [texts]"),
    ):
        if not good:
            raise wrong(key, value, expected)
    _complete(path, table, TEXT_KEYS, "texts.")
    return Language(path.stem, name, texts_of(table, ENGLISH.texts, plurals, wrong), right_to_left, plurals)


def _complete(path: Path, table: dict[str, Any], keys: tuple[str, ...], prefix: str) -> None:
    """Raise an error unless the table has these keys and no others."""
    for key in table:
        if key not in keys:
            raise LanguageError(f"{path}: unknown key {prefix}{shown_key(key)}.")
    for key in keys:
        if key not in table:
            raise LanguageError(f"{path} lacks {prefix}{key}.", remedy="A language file has every text.")
