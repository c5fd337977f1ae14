"""`wheel-kiosk config`: checks kiosk.toml, shows what is in force, prints a commented sample.

Invariant: it changes nothing. Meanings, units and defaults come from `kiosk.config.settings` and are written nowhere
else; a test holds the sample, `assets/kiosk.toml`, to them.
"""

from collections.abc import Mapping
from pathlib import Path

from kiosk.config.language_choice import load_language
from kiosk.config.look import OUR_THEMES, theme_path
from kiosk.config.settings import KEYS, LoadedSettings, read_settings, toml_setting
from kiosk.core.errors import UsageError
from kiosk.screen.themes.languages import LanguageError
from kiosk.screen.themes.theme_file import ThemeError, load_theme

_HEAD = """\
# kiosk.toml: the settings of this kiosk. Every key is optional; the value shown here is its default.
# The kiosk reads this file when it starts. After a change:  wheel-kiosk config check  and restart the kiosk.
# Environment variables override this file: WHEEL_KIOSK_ROTATE=90 is rotate = 90.
"""


def sample() -> str:
    """Return a kiosk.toml in which every key is explained and commented out, with its default."""
    blocks = [_HEAD]
    for key in KEYS.values():
        unset = "    # default: not set" if key.default is None else ""
        lines = toml_setting(key.name, key.example).replace("\n", "\n#")
        blocks.append(f"{_comment(key.about)}#{lines}{unset}\n")
    return "\n".join(blocks)


def in_force(path: Path, environment: Mapping[str, str]) -> str:
    """Return the same with the values that are in force, and where each comes from.

    Raises:
        UsageError: see `check`.
    """
    loaded = check(path, environment)
    blocks = [f"# {path}, as it is in force.\n"]
    for key in KEYS.values():
        value = getattr(loaded.settings, key.name)
        line = f"#{key.name} is not set" if value is None else toml_setting(key.name, value)
        blocks.append(f"{_comment(key.about)}{line}    # {loaded.sources.get(key.name, 'default')}\n")
    return "\n".join(blocks)


def check(path: Path, environment: Mapping[str, str]) -> LoadedSettings:
    """Read the settings, and the language and the theme that they name.

    Raises:
        UsageError: a key, a value, a variable or the theme is wrong; the message has one line for each problem.
    """
    loaded = read_settings(path, environment)
    problems = [str(problem) for problem in loaded.problems]
    try:
        load_language(loaded.settings.language)
    except LanguageError as error:
        problems.append(f"{loaded.sources.get('language', path)}: {error}")
    try:
        name = loaded.settings.theme
        load_theme(theme_path(name, path.parent), links=name in OUR_THEMES)
    except ThemeError as error:
        problems.append(str(error))
    if problems:
        raise UsageError("\n".join(problems))
    return loaded


def _comment(text: str) -> str:
    return "".join(f"# {line}\n" for line in text.splitlines())
