"""Reads a theme file (TOML): colours, texts, sounds, logo. Missing keys keep the built-in value.

Invariant: a theme is accepted as a whole or refused. An error names the file, the key and what was expected.
"""

import os
import re
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from kiosk.core.errors import UsageError
from kiosk.core.toml_files import closest, read_toml, shown_key
from kiosk.screen.themes.colours import Colour, contrast
from kiosk.screen.themes.languages import ENGLISH, Language
from kiosk.screen.themes.texts import Texts
from kiosk.screen.themes.texts_table import TEXT_KEYS, texts_of
from kiosk.screen.themes.theme import BUILT_IN, Theme

_COLOURS = (
    "ground",
    "ground_glow",
    "text",
    "text_quiet",
    "accent",
    "panel",
    "band",
    "notice",
    "rim",
    "rim_dark",
    "hub",
)
_READ_ON = (
    ("text", "ground", 7.0),
    ("text", "panel", 7.0),
    ("text", "band", 7.0),
    ("text_quiet", "ground", 4.5),
    ("text_quiet", "panel", 4.5),
    ("accent", "ground", 4.5),
    ("accent", "panel", 4.5),
)
"""Text colour, ground, and minimum contrast (WCAG 2.2: 7 for names, 4.5 for other text)."""
_PICTURES = ("logo", "background", "hub_logo", "sponsors")
"""Keys that name a picture beside the theme file."""


class ThemeError(UsageError):
    """A theme file cannot be used."""


def load_theme(path: Path, *, links: bool = False, language: Language = ENGLISH) -> Theme:
    """Read a theme.

    Args:
        path: of the file.
        links: follow links, its pictures' too; for a file that the user named.
        language: has the texts that the file leaves out.

    Raises:
        ThemeError: the file cannot be read, is not TOML, has an unknown key or a wrong value, or a text would be
            unreadable on its ground.
    """
    try:
        content, _ = read_toml(path, links=links)
    except OSError as error:
        raise ThemeError(f"{path} cannot be read: {error.strerror}.", remedy="Name a theme file.") from error
    except ValueError as error:
        raise ThemeError(f"{path} is not TOML: {error}.") from error
    theme = _ThemeReader(path, links=links, language=language).theme(content)
    for text, ground, least in _READ_ON:
        found = contrast(getattr(theme, text), getattr(theme, ground))
        if found < least:
            raise ThemeError(
                f"{path}: {text} on {ground} has a contrast of {found:.1f}; at least {least:g} is needed.",
                remedy="Make one of them lighter or darker.",
            )
    return theme


class _ThemeReader:
    """Checks the values of one file, so that each error can name it."""

    def __init__(self, path: Path, *, links: bool, language: Language) -> None:
        self._path = path
        self._links = links
        self._language = language

    def theme(self, content: dict[str, Any]) -> Theme:
        self._known(content, ("colours", "texts", "sounds", *_PICTURES, "font"), "")
        colours = self._table(content, "colours")
        self._known(colours, (*_COLOURS, "wedges"), "colours.")
        changes: dict[str, Any] = {
            name: self._colour(colours[name], f"colours.{name}") for name in _COLOURS if name in colours
        }
        if "wedges" in colours:
            changes["wedges"] = self._wedges(colours["wedges"])
        sounds = content.get("sounds", True)
        if not isinstance(sounds, bool):
            raise self._wrong("sounds", sounds, "true or false")
        changes |= {key: self._picture(content[key], key) for key in _PICTURES if key in content}
        if "font" in content:
            changes["font"] = self._font(content["font"])
        texts = self._texts(self._table(content, "texts"))
        return replace(BUILT_IN, texts=texts, right_to_left=self._language.right_to_left, sounds=sounds, **changes)

    def _texts(self, table: dict[str, Any]) -> Texts:
        self._known(table, TEXT_KEYS, "texts.")
        return texts_of(table, self._language.texts, self._language.plurals, self._wrong)

    def _colour(self, value: object, key: str) -> Colour:
        if not isinstance(value, str) or not re.fullmatch(r"#[0-9a-fA-F]{6}", value):
            raise self._wrong(key, value, 'a colour like "#1b498f"')
        return (int(value[1:3], 16), int(value[3:5], 16), int(value[5:7], 16))

    def _wedges(self, value: object) -> tuple[Colour, ...]:
        if not isinstance(value, list) or not 4 <= len(value) <= 24 or len(value) % 2:
            raise self._wrong("colours.wedges", value, "an even number of colours, 4 to 24, dark and light in turn")
        wedges = tuple(self._colour(one, f"colours.wedges, number {place}") for place, one in enumerate(value, 1))
        for place, one in enumerate(wedges):
            following = (place + 1) % len(wedges)
            if contrast(one, wedges[following]) < 1.4:
                raise self._wrong(
                    f"colours.wedges, numbers {place + 1} and {following + 1}",
                    value[place],
                    "neighbours that differ in lightness, for colour-blind viewers",
                )
        return wedges

    def _picture(self, value: object, key: str) -> Path:
        if not isinstance(value, str):
            raise self._wrong(key, value, "the name of a picture beside the theme file")
        os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
        # Imported here: pygame is slow to load, and most themes have no picture.
        from kiosk.screen.themes.picture_file import PictureError, load_picture  # noqa: PLC0415

        path = self._path.parent / value
        try:
            load_picture(path, links=self._links)
        except PictureError as error:
            raise self._wrong(key, value, f"a picture; {error.message.removesuffix('.')}") from error
        return path

    def _font(self, value: object) -> Path:
        if not isinstance(value, str):
            raise self._wrong("font", value, "the name of a font file beside the theme file")
        os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
        from kiosk.screen.themes.font_file import FontError, check_font  # noqa: PLC0415 - as above

        path = self._path.parent / value
        try:
            check_font(path, links=self._links)
        except FontError as error:
            raise self._wrong("font", value, f"a font; {error.message.removesuffix('.')}") from error
        return path

    def _table(self, content: dict[str, Any], name: str) -> dict[str, Any]:
        table = content.get(name, {})
        if not isinstance(table, dict):
            raise self._wrong(name, table, f"a table: [{name}]")
        return table

    def _known(self, table: dict[str, Any], names: tuple[str, ...], prefix: str) -> None:
        for name in table:
            if name not in names:
                near = closest(name, names)
                hint = f"Did you mean {prefix}{near}?" if near else f"Known keys: {', '.join(names)}."
                raise ThemeError(f"{self._path}: unknown key {prefix}{shown_key(name)}.", remedy=hint)

    def _wrong(self, key: str, value: object, expected: str) -> ThemeError:
        return ThemeError(f"{self._path}: {key} is {str(value)[:60]!r}, expected {expected}.")
