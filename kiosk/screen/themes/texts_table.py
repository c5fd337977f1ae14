"""Reads a `[texts]` table: of a theme file, or of a language file.

Invariant: a table is accepted as a whole or refused, and an accepted text can be filled in without an error.
"""

import string
from collections.abc import Callable
from typing import Any

from msgspec.structs import fields, replace

from kiosk.core.errors import UsageError
from kiosk.screen.themes.plurals import RULES, Counted
from kiosk.screen.themes.texts import Texts

LONGEST_TEXT = 200
"""In characters: more do not fit on any line of the screen."""
TEXT_KEYS = tuple(field.name for field in fields(Texts))
_ENGLISH = Texts()

Wrong = Callable[[str, object, str], UsageError]
"""Makes the error for a key, its value, and what was expected."""


def texts_of(table: dict[str, Any], base: Texts, rule: str, wrong: Wrong) -> Texts:
    """Return `base` with the texts of `table`, whose keys are known.

    Args:
        table: texts by key; a counted text is a text for every number, or a table of its forms.
        base: has the texts that the table leaves out.
        rule: of plurals, for counted texts; a key of `RULES`.
        wrong: makes the error for a text that cannot be used.
    """
    changes: dict[str, Any] = {}
    for name, value in table.items():
        key, english = f"texts.{name}", getattr(_ENGLISH, name)
        if not isinstance(english, Counted):
            changes[name] = _checked(value, key, placeholders(english), wrong)
            continue
        needed = RULES[rule][0]
        forms = dict.fromkeys(needed, value) if isinstance(value, str) else value
        if not isinstance(forms, dict) or set(forms) != set(needed):
            raise wrong(key, value, f"a text, or a table with the forms {', '.join(needed)}")
        allowed = {one for _, text in english.forms for one in placeholders(text)}
        checked = tuple((form, _checked(forms[form], f"{key}.{form}", allowed, wrong)) for form in needed)
        changes[name] = Counted(rule, checked)
    return replace(base, **changes)


def _checked(text: object, key: str, allowed: set[str], wrong: Wrong) -> str:
    if not isinstance(text, str) or not text.strip():
        raise wrong(key, text, "a text")
    if len(text) > LONGEST_TEXT:
        raise wrong(key, text, f"at most {LONGEST_TEXT} characters, not {len(text)}")
    try:
        used = placeholders(text)
    except ValueError:
        used = {"?"}
    if not used <= allowed:
        offered = " and ".join(f"{{{one}}}" for one in sorted(allowed)) or "nothing in braces"
        raise wrong(key, text, f"a text with {offered}")
    return text


def placeholders(text: str) -> set[str]:
    """Return the names in braces; one with an attribute, index or format counts as unknown.

    Raises:
        ValueError: a brace is open.
    """
    return {
        name if not (form or conversion) else f"{name}!"
        for _, name, form, conversion in string.Formatter().parse(text)
        if name is not None
    }
