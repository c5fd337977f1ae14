"""Which setting wins: the command line, then the environment, then kiosk.toml, then the default.

Invariant: decided here and nowhere else. What is wrong keeps its default, is logged, and becomes a notice.
"""

import logging
import os
from pathlib import Path

import msgspec

from kiosk.config.command_line import ReplayOptions, RunOptions
from kiosk.config.look import theme_of
from kiosk.config.settings import Settings, read_settings
from kiosk.core.home import Home
from kiosk.screen.themes.theme import Theme

logger = logging.getLogger(__name__)


class EffectiveSettings(msgspec.Struct, frozen=True):
    """What is in force.

    Attributes:
        settings: with the options of the command line in place.
        theme: the look.
        problem: what is wrong in the configuration, as sentences; empty if nothing is.
    """

    settings: Settings
    theme: Theme
    problem: str = ""


def effective_settings(home: Home, options: RunOptions | ReplayOptions) -> EffectiveSettings:
    """Return the settings that are in force for a command on `home`."""
    loaded = read_settings(home.settings, os.environ)
    for wrong in loaded.problems:
        logger.error("%s Its default is used.", wrong)
    settings = loaded.settings
    named = options.theme if isinstance(options, RunOptions) else None
    language = settings.language
    theme, theme_problem = (
        theme_of(settings.theme, home.kiosk, language=language)
        if named is None
        else theme_of(named, Path.cwd(), links=True, language=language)
    )
    changes: dict[str, object] = {"fps": options.fps or settings.fps, "backend": options.backend or settings.backend}
    if isinstance(options, RunOptions):
        if options.rotate is not None:
            changes["rotate"] = options.rotate
        if options.silent or options.clock == "simulated":
            changes["sounds"] = False
    problem = " ".join((*map(str, loaded.problems), theme_problem)).strip()
    return EffectiveSettings(msgspec.structs.replace(settings, **changes), theme, problem)
