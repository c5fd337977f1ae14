"""A language that nobody speaks, to find words that were never translated."""

import string
from collections.abc import Callable

from msgspec.structs import fields

from kiosk.screen.themes.plurals import Counted
from kiosk.screen.themes.texts import Texts

_CYRILLIC = str.maketrans(string.ascii_letters, "абцдефгхийклмнопярстувшчызАБЦДЕФГХИЙКЛМНОПЯРСТУВШЧЫЗ")


def in_cyrillic(text: str) -> str:
    """Return a text with each Latin letter replaced by a Cyrillic one, but for the words in braces."""
    parts = [(literal.translate(_CYRILLIC), name) for literal, name, _, _ in string.Formatter().parse(text)]
    return "".join(literal + (f"{{{name}}}" if name is not None else "") for literal, name in parts)


def texts_in_toml(change: Callable[[str], str]) -> str:
    """Return the English texts, each changed, as the lines of a `[texts]` table."""
    lines = []
    for field in fields(Texts):
        text = getattr(Texts(), field.name)
        if isinstance(text, Counted):
            forms = ", ".join(f'{form} = "{change(one)}"' for form, one in text.forms)
            lines.append(f"{field.name} = {{ {forms} }}")
        else:
            lines.append(f'{field.name} = "{change(text)}"')
    return "\n".join(lines) + "\n"
