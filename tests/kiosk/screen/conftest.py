"""What the tests of the screen share."""

from collections.abc import Iterator

import pygame
import pygame.freetype
import pytest


@pytest.fixture(scope="module")
def open_pygame() -> Iterator[None]:
    """Keep pygame's fonts open for a module, and close everything of pygame's after it."""
    pygame.font.init()
    pygame.freetype.init()
    yield
    pygame.quit()
