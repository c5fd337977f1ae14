"""Names on wedges can be read: held against the colours that are really under them, shaded as they are painted."""

from collections.abc import Iterator
from pathlib import Path

import pygame
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.config.look import theme_of
from kiosk.screen.themes.colours import Colour, contrast, readable_on
from kiosk.screen.themes.theme import Theme
from kiosk.screen.typography.typesetter import Typesetter
from kiosk.screen.wheel_picture.painting import paint
from tests.kiosk.screen.stage import face_of

INKS = ((16, 18, 28), (252, 252, 255))


class Blank(Typesetter):
    """Renders as much room and no ink."""

    def render(self, text: str, size: int, colour: Colour) -> pygame.Surface:
        return pygame.Surface(super().render(text, size, colour).get_size(), pygame.SRCALPHA)


@pytest.fixture(autouse=True)
def _pygame() -> Iterator[None]:
    pygame.font.init()
    pygame.freetype.init()
    yield
    pygame.quit()


def seen(theme: Theme, count: int) -> list[float]:
    """Return the contrast of every third pixel of ink with what is under it, the worst first."""
    face = face_of(count)
    pictures = [
        paint(face.segments, face.names, diameter=701, theme=theme, fonts=fonts)
        for fonts in (Typesetter({}), Blank({}))
    ]
    found = []
    for x in range(0, 701, 3):
        for y in range(0, 701, 3):
            ink, ground = (tuple(picture.get_at((x, y))[:3]) for picture in pictures)
            if ink != ground and ink in INKS:
                found.append(contrast(ink, ground))  # type: ignore[arg-type]
    return sorted(found)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["night", "day"])
@pytest.mark.parametrize("count", [2, 12, 40])
def test_a_name_on_a_wedge_has_a_contrast_of_four_and_a_half(name: str, count: int) -> None:
    contrasts = seen(theme_of(name, Path())[0], count)

    assert len(contrasts) > 50
    assert contrasts[0] >= 4.5


@given(st.tuples(*[st.integers(0, 255)] * 3))
def test_on_every_colour_some_ink_can_be_read(ground: Colour) -> None:
    assert contrast(readable_on(ground), ground) >= 4.5
