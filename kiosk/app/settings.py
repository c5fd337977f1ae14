"""`kiosk.toml`: how this kiosk is set up, as opposed to how it is started.

Law: every key has a default, a missing file is fine, and a wrong key names itself and the nearest right one.
"""

import difflib
import logging
import tomllib
from pathlib import Path
from typing import Annotated

import msgspec

from kiosk.assets import asset
from kiosk.errors import UsageError
from kiosk.screen.options import Rotation
from kiosk.screen.theme import BUILT_IN, Theme
from kiosk.screen.theme_file import ThemeError, load_theme

logger = logging.getLogger(__name__)

_MOST_BYTES = 64 << 10
OUR_THEMES = ("night", "day")
Megabytes = Annotated[int, msgspec.Meta(ge=100, le=1_000_000)]
"""The kiosk needs 70 MB with the software back end; a limit below 100 would only ever fire."""


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The keys of `kiosk.toml`.

    Attributes:
        theme: `night`, `day`, or the path of a theme file.
        rotate: degrees clockwise by which the picture is turned: 0, 90, 180 or 270.
        sounds: whether the wheel is heard; a theme can only turn it off.
        caption: whether the result says if it was drawn or set beforehand. The ledger always does.
        memory_soft_mb: above this proportional set size, in MB, caches are dropped.
        memory_hard_mb: above this one, the kiosk leaves in idle with exit code 10, to be started again.
    """

    theme: str = "night"
    rotate: Rotation = 0
    sounds: bool = True
    caption: bool = True
    memory_soft_mb: Megabytes = 200
    memory_hard_mb: Megabytes = 400


def load_settings(path: Path) -> Settings:
    """Read the settings; the defaults if there is no such file.

    Raises:
        UsageError: the file cannot be read, is no TOML, or has an unknown key or a wrong value.
    """
    if path.exists() and not path.is_file():  # a pipe would never end, and a device never have enough
        raise UsageError(f"{path} cannot be read: it is not a regular file.", remedy="Remove it, or write it anew.")
    try:
        with path.open("rb") as file:
            data = file.read(_MOST_BYTES + 1)
        if len(data) > _MOST_BYTES:
            raise ValueError(f"it has more than {_MOST_BYTES >> 10} KiB")  # noqa: TRY301
        content = tomllib.loads(data.decode())
    except FileNotFoundError:
        return Settings()
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.") from error
    except (ValueError, RecursionError) as error:  # no UTF-8, no TOML, or a number of thousands of digits
        raise UsageError(f"{path} is not TOML: {error}.") from error
    for name in content:
        if name not in Settings.__struct_fields__:
            near = difflib.get_close_matches(name, Settings.__struct_fields__, n=1)
            known = ", ".join(Settings.__struct_fields__)
            hint = f"Did you mean {near[0]}?" if near else f"Known are: {known}."
            raise UsageError(f"{path}: there is no key {name}.", remedy=hint)
    try:
        settings = msgspec.convert(content, Settings)
    except msgspec.ValidationError as error:
        raise UsageError(f"{path}: {error}.") from error
    if settings.memory_hard_mb < settings.memory_soft_mb:
        raise UsageError(f"{path}: memory_hard_mb is below memory_soft_mb.", remedy="Make it larger.")
    return settings


def theme_path(name: str, directory: Path) -> Path:
    """Return the file of the theme that is called `name`; see `theme_of`."""
    return asset(f"themes/{name}.toml") if name in OUR_THEMES else directory / name


def theme_of(name: str, directory: Path) -> tuple[Theme, str]:
    """Return the theme that is called `name`, and what was wrong with it.

    Args:
        name: one of `OUR_THEMES`, or a file; relative ones are looked for in `directory`.
        directory: where `kiosk.toml` lies.

    A theme that cannot be used is no reason not to draw: then it is the built-in look, and the second value says why.
    """
    try:
        return load_theme(theme_path(name, directory)), ""
    except ThemeError as error:
        logger.error("%s Using the built-in look.", error)  # noqa: TRY400 - a message for the organiser, no traceback
        return BUILT_IN, str(error)
