"""The pictures of a theme that belong to the organiser: loaded, fitted and made readable.

Invariant: a picture that cannot be shown any more is left out and logged; the theme file was checked before.
"""

import logging
from pathlib import Path

import pygame

from kiosk.screen.themes.colours import contrast, luminance
from kiosk.screen.themes.picture_file import PictureError, load_picture
from kiosk.screen.themes.theme import Theme

logger = logging.getLogger(__name__)

_LEAST_VEIL = 0.35
"""The background picture stays behind: at least this part of it is the theme's ground."""
_VEIL_STEP = 0.05
_LEAST_CONTRAST, _LEAST_CONTRAST_OF_NAMES = 4.6, 7.1
"""Those of WCAG 2.2, and what the scaling of a picture may take from them."""
_SAMPLES = (160, 90)


def load_branding(path: Path | None) -> pygame.Surface | None:
    """Return a picture of the theme; None if there is none, or if it cannot be shown, which does not stop the wheel."""
    if path is None:
        return None
    try:
        return load_picture(path, links=True)  # the theme file was checked, its pictures included
    except PictureError as error:  # it has changed since
        logger.warning("%s is not shown: %s", path.name, error)
        return None


def fitted(picture: pygame.Surface, size: tuple[int, int]) -> pygame.Surface:
    """Return a picture scaled to fit into a box, whole and undistorted."""
    scale = min(size[0] / picture.get_width(), size[1] / picture.get_height())
    shown = (max(1, round(picture.get_width() * scale)), max(1, round(picture.get_height() * scale)))
    return pygame.transform.smoothscale(picture, shown)


def backdrop(picture: pygame.Surface, size: tuple[int, int], theme: Theme) -> pygame.Surface:
    """Return a picture that fills a screen, cut where it is too wide or too high, and veiled until texts are readable.

    The veil is the theme's ground. It is as thick as the brightest and the darkest part of the picture need.
    """
    scale = max(size[0] / picture.get_width(), size[1] / picture.get_height())
    wide, high = (max(1, round(side * scale)) for side in picture.get_size())
    large = pygame.transform.smoothscale(picture, (max(wide, size[0]), max(high, size[1])))
    filled = pygame.Surface(size, 0, 32)
    filled.fill(theme.ground)  # shows through where the picture is transparent
    filled.blit(large, large.get_rect(center=(size[0] // 2, size[1] // 2)))
    return _veiled(filled, theme, veil_for(filled, theme))


def _veiled(picture: pygame.Surface, theme: Theme, part: float) -> pygame.Surface:
    veil = pygame.Surface(picture.get_size(), 0, 32)
    veil.fill(theme.ground)
    veil.set_alpha(round(255 * part))
    veiled = picture.copy()
    veiled.blit(veil, (0, 0))
    return veiled


def veil_for(picture: pygame.Surface, theme: Theme) -> float:
    """Return how much of the ground must lie over a picture, 0..1, for every text of the theme to be readable on it."""
    small = pygame.transform.smoothscale(picture, _SAMPLES)
    extremes = pygame.Surface((2, 1), 0, 32)
    colours = set(zip(*[iter(pygame.image.tobytes(small, "RGB"))] * 3, strict=True))
    extremes.set_at((0, 0), min(colours, key=luminance))
    extremes.set_at((1, 0), max(colours, key=luminance))
    veil = _LEAST_VEIL
    while veil < 1 and not _readable(_veiled(extremes, theme, veil), theme):
        veil += _VEIL_STEP
    return min(1.0, veil)


def _readable(grounds: pygame.Surface, theme: Theme) -> bool:
    """Return whether every text is readable on each pixel."""
    for red, green, blue, _ in (grounds.get_at((x, 0)) for x in range(grounds.get_width())):
        ground = (red, green, blue)
        quiet = min(contrast(theme.text_quiet, ground), contrast(theme.accent, ground))
        if quiet < _LEAST_CONTRAST or contrast(theme.text, ground) < _LEAST_CONTRAST_OF_NAMES:
            return False
    return True
