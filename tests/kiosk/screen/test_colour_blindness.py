"""Our palettes as people see them who lack one kind of cone: what must be told apart differs in lightness.

The simulation is Machado, Oliveira and Fernandes 2009, "A Physiologically-based Model for Simulation of Color Vision
Deficiency", table 1 at severity 1.0, on linear light. Lightness is CIE L*, 0 to 100.
"""

from itertools import pairwise
from pathlib import Path

import pytest

from kiosk.core.assets import asset
from kiosk.screen.effects.reveal import DARKEST
from kiosk.screen.themes import colours
from kiosk.screen.themes.colours import Colour
from kiosk.screen.themes.theme import Theme
from kiosk.screen.themes.theme_file import load_theme
from kiosk.screen.wheel_picture.lit_wedge import lit_colour
from kiosk.screen.wheel_picture.painting import SECTORS, colour_of, tints

VISIONS = {
    "full": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritanopia": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
    "no colour at all": ((0.2126, 0.7152, 0.0722), (0.2126, 0.7152, 0.0722), (0.2126, 0.7152, 0.0722)),
}
"""By row; the last one is luminance."""
TOLD_APART = 10
"""Areas that touch: far more than the 2 or so that an eye can just see."""
FINE_TOLD_APART = 5
"""Two tints of one sector, between names of their own."""
STANDS_OUT = 12
"""The winner's wedge against all that is dimmed: it is brighter than every one of them."""
THEMES = sorted(asset("themes").glob("*.toml"))
every_theme = pytest.mark.parametrize("path", THEMES, ids=lambda path: path.stem)
every_vision = pytest.mark.parametrize("vision", VISIONS)


def seen(colour: Colour, vision: str) -> Colour:
    """Return what a colour looks like."""
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in (c / 255 for c in colour)
    ]
    out = []
    for row in VISIONS[vision]:
        value = min(1.0, max(0.0, sum(weight * part for weight, part in zip(row, linear, strict=True))))
        out.append(round(255 * (12.92 * value if value <= 0.0031308 else 1.055 * value ** (1 / 2.4) - 0.055)))
    return (out[0], out[1], out[2])


def lightness(colour: Colour, vision: str) -> float:
    return colours.lightness(seen(colour, vision))


def neighbours(theme: Theme) -> set[tuple[Colour, Colour]]:
    """Return the colours of all wedges that touch on a wheel of any number of entries."""
    found = set()
    for count in (*range(2, 4 * len(theme.wedges) + 2), SECTORS):
        ring = [colour_of(index, count, theme) for index in range(count)]
        found |= set(pairwise([*ring, ring[0]]))
    return found


def test_the_simulation_is_the_published_one() -> None:
    """Grey stays grey; a protanope sees red dark, and a deuteranope sees red and green alike in hue."""
    for vision in VISIONS:
        assert seen((128, 128, 128), vision) == pytest.approx((128, 128, 128), abs=1)
    assert lightness((255, 0, 0), "protanopia") < lightness((255, 0, 0), "full") - 10
    red, green, _ = seen((255, 0, 0), "deuteranopia")
    assert abs(red - green) < 60


@every_theme
@every_vision
def test_wedges_that_touch_differ_in_lightness_for_every_eye(path: Path, vision: str) -> None:
    theme = load_theme(path)
    close = {
        pair: round(abs(lightness(pair[0], vision) - lightness(pair[1], vision)), 1)
        for pair in neighbours(theme)
        if abs(lightness(pair[0], vision) - lightness(pair[1], vision)) < TOLD_APART
    }

    assert not close


@every_theme
@every_vision
def test_the_wedges_of_a_long_list_differ_in_lightness_for_every_eye(path: Path, vision: str) -> None:
    theme = load_theme(path)
    for colour in theme.wedges:
        light, dark = tints(colour, theme)
        assert lightness(light, vision) - lightness(dark, vision) >= FINE_TOLD_APART, colour


@every_theme
@every_vision
def test_the_lit_wedge_of_the_winner_is_lighter_than_its_dimmed_neighbours(path: Path, vision: str) -> None:
    theme = load_theme(path)
    pairs = {*neighbours(theme), *(tints(colour, theme) for colour in theme.wedges)}
    for one, other in {*pairs, *(pair[::-1] for pair in pairs)}:
        red, green, blue = (round(part * (1 - DARKEST)) for part in other)

        assert lightness(lit_colour(one), vision) >= lightness((red, green, blue), vision) + STANDS_OUT, (one, other)


def test_the_simulation_leaves_grey_alone_and_takes_red_from_green() -> None:
    """Sums of the rows are 1; to a deuteranope a mid green and a dull red are one hue."""
    for vision in VISIONS:
        assert all(abs(a - b) <= 1 for a, b in zip(seen((128, 128, 128), vision), (128, 128, 128), strict=True))
    red, green = (seen(colour, "deuteranopia") for colour in ((178, 80, 68), (110, 125, 60)))
    assert sum(abs(a - b) for a, b in zip(red, green, strict=True)) < 40


@every_theme
@every_vision
def test_neighbouring_wedges_stay_apart_for_every_kind_of_eye(path: Path, vision: str) -> None:
    """By 15 steps of lightness or more, of 100: one would see it on a black-and-white print."""
    wedges = load_theme(path).wedges
    for one, other in pairwise([*wedges, wedges[0]]):
        apart = abs(lightness(one, vision) - lightness(other, vision))
        assert apart >= 15, (one, other, apart)


@every_theme
def test_the_last_wedge_beside_the_first_stays_apart_when_it_takes_the_middle_colour(path: Path) -> None:
    """With 8 n + 1 entries the last wedge has the fifth colour, between the eighth and the first."""
    wedges = load_theme(path).wedges
    middle = wedges[len(wedges) // 2]
    for other in (wedges[-1], wedges[0]):
        assert middle != other
