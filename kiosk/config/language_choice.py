"""Finds the language that the settings name: English is built in, each other one is a file in `assets/texts`."""

import re
from functools import cache

from kiosk.core.assets import asset
from kiosk.core.toml_files import closest
from kiosk.screen.themes.languages import BUILT_IN_CODE, ENGLISH, Language, LanguageError, read_language

_CODE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,2}")


def language_codes() -> tuple[str, ...]:
    """Return the languages that exist, in the order of the alphabet."""
    found = {path.stem for path in asset("texts").glob("*.toml") if _CODE.fullmatch(path.stem)}
    return tuple(sorted({BUILT_IN_CODE, *found}))


@cache
def load_language(code: str) -> Language:
    """Return a language.

    Raises:
        LanguageError: there is none of that code, or its file cannot be used.
    """
    if code == BUILT_IN_CODE:
        return ENGLISH
    known = language_codes()
    if code not in known:
        near = closest(code, known)
        hint = f"Did you mean {near}?" if near else "docs/translating.md says how to add one."
        raise LanguageError(f"language is {code[:40]!r}, not one of {', '.join(known)}.", remedy=hint)
    return read_language(asset(f"texts/{code}.toml"))
