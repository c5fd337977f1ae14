"""Finds the theme and the language that the settings name.

Invariant: an error in them never stops the kiosk; it is logged and becomes a notice.
"""

import logging
from pathlib import Path

from msgspec.structs import replace

from kiosk.config.language_choice import load_language
from kiosk.core.assets import asset
from kiosk.screen.themes.languages import BUILT_IN_CODE, ENGLISH, LanguageError
from kiosk.screen.themes.theme import BUILT_IN, Theme
from kiosk.screen.themes.theme_file import ThemeError, load_theme

logger = logging.getLogger(__name__)

OUR_THEMES = ("night", "day")


def theme_path(name: str, directory: Path) -> Path:
    """Return the file of the theme `name`; see `theme_of`."""
    return asset(f"themes/{name}.toml") if name in OUR_THEMES else directory / name


def theme_of(name: str, directory: Path, *, links: bool = False, language: str = BUILT_IN_CODE) -> tuple[Theme, str]:
    """Return the theme `name` in a language, and what is wrong with them, or "".

    An error does not stop the kiosk: the built-in look is used instead, or English.

    Args:
        name: one of `OUR_THEMES`, or a file, relative to `directory`.
        directory: where `kiosk.toml` is.
        links: follow links; for a name from the command line.
        language: one of `language_codes()`.
    """
    spoken, problems = ENGLISH, []
    try:
        spoken = load_language(language)
    except LanguageError as error:
        logger.error("%s Using English.", error)  # noqa: TRY400 - a message for the organiser, no traceback
        problems.append(str(error))
    try:
        theme = load_theme(theme_path(name, directory), links=links or name in OUR_THEMES, language=spoken)
    except ThemeError as error:
        logger.error("%s Using the built-in look.", error)  # noqa: TRY400 - a message for the organiser, no traceback
        problems.append(str(error))
        theme = replace(BUILT_IN, texts=spoken.texts, right_to_left=spoken.right_to_left)
    return theme, " ".join(problems)
