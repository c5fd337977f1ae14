"""Which versions run here, on a processor of how many bits, and whether `import pygame` gives pygame-ce.

Invariant: pygame is imported only when one of these functions is called; `--help` must answer at once.
"""

import importlib
import os
import platform
import sys
from types import ModuleType

from kiosk.core.errors import UsageError

REINSTALL = "pip uninstall pygame pygame-ce; pip install pygame-ce"


def require_64_bits() -> None:
    """Check that this is a 64-bit Python: pygame-ce has no wheels for 32-bit ARM, so nobody tests the kiosk there.

    Raises:
        UsageError: it is a 32-bit one.
    """
    if sys.maxsize < 1 << 32:
        raise UsageError(
            f"This is a 32-bit Python ({platform.machine()}), and wheel-kiosk needs a 64-bit system.",
            remedy="Install the 64-bit Raspberry Pi OS. A Raspberry Pi 3, 4, 5 or Zero 2 W runs it.",
        )


def require_pygame_ce() -> None:
    """Check that `import pygame` gives pygame-ce, which is another project than pygame under the same import name.

    The original pygame cannot shape text (`Font.set_script`), has no `draw.aacircle`, and its wheels cannot draw
    without a desktop (KMSDRM).

    Raises:
        UsageError: pygame-ce is missing, the original pygame is in its place, or see `require_64_bits`.
    """
    require_64_bits()
    try:
        pygame = _pygame()
    except ImportError as error:
        raise UsageError(
            f"pygame-ce cannot be imported: {error}.", remedy="Install it: pip install pygame-ce"
        ) from None
    if not getattr(pygame, "IS_CE", False):
        found = getattr(getattr(pygame, "version", None), "ver", "of unknown version")
        raise UsageError(
            f"'import pygame' gives the original pygame {found}, and wheel-kiosk needs pygame-ce.",
            remedy=f"Both use the same import name, so install only one: {REINSTALL}",
        )


def version_text() -> str:
    """Return what `wheel-kiosk --version` prints.

    Raises:
        UsageError: see `require_pygame_ce`.
    """
    require_pygame_ce()
    pygame = _pygame()
    sdl = ".".join(map(str, pygame.get_sdl_version()))
    return (
        f"wheel-kiosk {own_version()} (Python {platform.python_version()}, pygame-ce {pygame.version.ver}, SDL {sdl})"
    )


def _pygame() -> ModuleType:
    os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
    return importlib.import_module("pygame")


def own_version() -> str:
    """Return the version of wheel-kiosk, or "(not installed)"."""
    from importlib import metadata  # noqa: PLC0415 - it loads the parser of e-mails

    try:
        return metadata.version("wheel-kiosk")
    except metadata.PackageNotFoundError:
        return "(not installed)"
