"""A font file of the organiser: TrueType or OpenType, checked before it is used.

Invariant: it is read through the one careful way to read files, with a limit, and has what every screen needs.
"""

import io
import string
from pathlib import Path

import pygame
import pygame.freetype

from kiosk.core.errors import InputError
from kiosk.core.regular_files import read_file

MOST_BYTES = 16 << 20
NEEDED = string.ascii_letters + string.digits + ".,:-()"
"""Other characters, of names in other scripts say, come from the fonts of the system."""
_BEGINNINGS = (b"\x00\x01\x00\x00", b"OTTO", b"true", b"ttcf")
_TRIED_PX = 40


class FontError(InputError):
    """The file is not a font that can be used."""


def check_font(path: Path, *, links: bool = False) -> None:
    """Check a font file; `links` as for `read_file`.

    Raises:
        FontError: it cannot be read, is not a TrueType or OpenType font, is damaged, or lacks a letter or a digit.
    """
    try:
        data = read_file(path, limit=MOST_BYTES, links=links)
    except OSError as error:
        raise FontError(f"{path} cannot be read: {error.strerror}.") from error
    if not data.startswith(_BEGINNINGS):
        raise FontError(f"{path} is not a TrueType or OpenType font.")
    before = pygame.freetype.get_init()
    pygame.freetype.init()
    try:
        metrics: list[object] = list(pygame.freetype.Font(io.BytesIO(data), _TRIED_PX).get_metrics(NEEDED))
    except (pygame.error, OSError, ValueError, RuntimeError, SystemError) as error:
        raise FontError(f"{path} is a damaged font: {error}.") from error
    finally:
        if not before:
            pygame.freetype.quit()
    missing = "".join(letter for letter, found in zip(NEEDED, metrics, strict=True) if found is None)
    if missing:
        raise FontError(f"{path} has no {missing[:20]!r}.")
