"""Checks that `import pygame` gives pygame-ce."""

import pygame

from kiosk.core.errors import ScreenError


def require_pygame_ce() -> None:
    """Check the installed package; both projects install a module named `pygame`.

    The original pygame lacks `Font`, `gaussian_blur` and `aacircle`, and its wheels have no KMSDRM.

    Raises:
        ScreenError: it is the original pygame.
    """
    if not getattr(pygame, "IS_CE", False):
        raise ScreenError(
            f"`import pygame` gives the original pygame {pygame.version.ver}, but the wheel needs pygame-ce.",
            remedy="Type: pip uninstall pygame; pip install --force-reinstall pygame-ce",
        )
