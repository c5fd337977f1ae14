"""The wheel's picture, read back from its pixels: each wedge is where its segment is."""

import math
from collections.abc import Iterator

import pygame
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.screen.themes.colours import Colour, luminance, readable_on
from kiosk.screen.themes.theme import BUILT_IN
from kiosk.screen.typography.typesetter import Typesetter
from kiosk.screen.wheel_picture.measures import MOST_WEDGES
from kiosk.screen.wheel_picture.painting import (
    MOST_LONG_WEDGES,
    SECTORS,
    colour_of,
    ground_of,
    lit,
    paint,
    peg_angles,
    sector_starts,
)
from kiosk.wheel.angle import TURN
from kiosk.wheel.segments import Segments

DIAMETER = 900
NEAR_THE_HUB = 0.17
"""Outside the hub and inside every label."""
BEYOND_THE_LABELS = 0.928
"""Inside the rim and outside every label."""
BODY = 0.5


@pytest.fixture(scope="module")
def fonts() -> Iterator[Typesetter]:
    pygame.font.init()
    pygame.freetype.init()
    yield Typesetter({})
    pygame.freetype.quit()
    pygame.font.quit()


def painted(segments: Segments, fonts: Typesetter, *, diameter: int = DIAMETER) -> pygame.Surface:
    names = [f"Name {index}" for index in range(segments.count)]
    return paint(segments, names, diameter=diameter, theme=BUILT_IN, fonts=fonts)


def pixel_at(wheel: pygame.Surface, angle: int, radius: float) -> tuple[int, int, int, int]:
    """Return the pixel at wheel angle `angle`: counter-clockwise from 3 o'clock, so the screen's angle is minus it."""
    turn = -math.tau * angle / TURN
    middle = wheel.get_width() / 2
    x, y = middle + middle * radius * math.cos(turn), middle + middle * radius * math.sin(turn)
    pixel = wheel.get_at((int(x), int(y)))
    return (pixel.r, pixel.g, pixel.b, pixel.a)


def is_colour(pixel: tuple[int, int, int, int], colour: Colour, *, tolerance: int = 10) -> bool:
    return pixel[3] == 255 and all(abs(one - two) <= tolerance for one, two in zip(pixel[:3], colour, strict=True))


@pytest.mark.slow
@pytest.mark.parametrize("count", [1, 2, 3, 12, 60, MOST_WEDGES])
def test_the_pixel_in_the_middle_of_each_wedge_has_that_wedges_colour(count: int, fonts: Typesetter) -> None:
    segments = Segments([1] * count)
    wheel = painted(segments, fonts)

    for index in range(count):
        lo, hi = segments.bounds(index)
        for radius in (NEAR_THE_HUB, BEYOND_THE_LABELS):
            pixel = pixel_at(wheel, (lo + hi) // 2, radius)
            assert is_colour(pixel, lit(colour_of(index, count, BUILT_IN), radius)), (
                f"wedge {index} at {radius}: {pixel}"
            )


@pytest.mark.slow
@pytest.mark.parametrize("weights", [[1, 2, 3, 4], [100, 10, 50, 70, 300, 90], [1, 1, 1, 100]], ids=str)
def test_wedges_of_different_weights_are_where_their_segments_are(weights: list[int], fonts: Typesetter) -> None:
    segments = Segments(weights)
    wheel = painted(segments, fonts)

    for index in range(segments.count):
        lo, hi = segments.bounds(index)
        for tenths in (2, 5, 8):
            pixel = pixel_at(wheel, lo + (hi - lo) * tenths // 10, BEYOND_THE_LABELS)
            assert is_colour(pixel, colour_of(index, segments.count, BUILT_IN)), f"wedge {index}: {pixel}"


@pytest.mark.slow
@pytest.mark.parametrize("count", [MOST_WEDGES + 1, 300, MOST_LONG_WEDGES, MOST_LONG_WEDGES + 1, 3000])
def test_a_long_list_shows_each_coarse_sector_in_its_colour(count: int, fonts: Typesetter) -> None:
    segments = Segments([1] * count)
    wheel = painted(segments, fonts)
    starts = sector_starts(segments)

    assert len(starts) == SECTORS
    for sector, (first, end) in enumerate(zip(starts, [*starts[1:], count], strict=True)):
        middle = (segments.bounds(first)[0] + segments.bounds(end - 1)[1]) // 2
        for radius in (NEAR_THE_HUB, BODY) if count > MOST_LONG_WEDGES else (NEAR_THE_HUB,):
            pixel = pixel_at(wheel, middle, radius)
            assert is_colour(pixel, lit(colour_of(sector, SECTORS, BUILT_IN), radius)), (
                f"sector {sector} at {radius}: {pixel}"
            )


@pytest.mark.slow
@pytest.mark.parametrize(("count", "diameter"), [(MOST_WEDGES + 1, 900), (300, 900), (700, 1500)])
def test_at_the_rim_of_a_long_list_each_entry_has_a_tint_of_its_sector(
    count: int, diameter: int, fonts: Typesetter
) -> None:
    """Painted large enough for a wedge to be six pixels wide; of three thousand they blend into the sector's colour."""
    segments = Segments([1] * count)
    wheel = painted(segments, fonts, diameter=diameter)
    tints = {ground_of(index, segments, BUILT_IN) for index in range(count)}
    assert len(tints) == 2 * len(BUILT_IN.wedges)

    for index in range(count):
        lo, hi = segments.bounds(index)
        pixel = pixel_at(wheel, (lo + hi) // 2, BEYOND_THE_LABELS)
        nearest = min(tints, key=lambda tint: sum(abs(a - b) for a, b in zip(pixel, tint, strict=False)))
        assert nearest == ground_of(index, segments, BUILT_IN), f"entry {index}: {pixel}"


def test_the_colour_at_the_rim_is_that_of_the_wedge_or_close_to_that_of_its_sector() -> None:
    few, many = Segments([1] * 12), Segments([1] * 3000)
    starts = sector_starts(many)

    assert [ground_of(index, few, BUILT_IN) for index in range(12)] == [
        colour_of(index, 12, BUILT_IN) for index in range(12)
    ]
    for sector, (first, end) in enumerate(zip(starts, [*starts[1:], 3000], strict=True)):
        colour = colour_of(sector, SECTORS, BUILT_IN)
        for index in range(first, end):
            tint = ground_of(index, many, BUILT_IN)
            assert all(abs(one - two) <= 80 for one, two in zip(tint, colour, strict=True))
            assert index == first or tint != ground_of(index - 1, many, BUILT_IN)


@pytest.mark.slow
def test_a_turn_clockwise_brings_the_entry_under_the_pointer_at_3_o_clock(fonts: Typesetter) -> None:
    """The module's invariant: the picture turned clockwise by the wheel angle shows `Segments.at` under the pointer."""
    segments = Segments([1] * 12)
    wheel = painted(segments, fonts)
    for index in range(12):
        lo, hi = segments.bounds(index)
        angle = (lo + hi) // 2
        turned = pygame.transform.rotate(wheel, -360 * angle / TURN)  # pygame counts counter-clockwise
        x = turned.get_width() // 2 + int(BEYOND_THE_LABELS * DIAMETER / 2)

        pixel = turned.get_at((x, turned.get_height() // 2))

        assert segments.at(angle) == index
        assert is_colour((pixel.r, pixel.g, pixel.b, pixel.a), colour_of(index, 12, BUILT_IN))


@pytest.mark.parametrize("count", [1, 12, 300, 3000])
def test_the_picture_is_a_disc_that_fills_its_square_with_transparent_corners(count: int, fonts: Typesetter) -> None:
    wheel = painted(Segments([1] * count), fonts, diameter=400)

    assert wheel.get_size() == (400, 400)
    assert all(wheel.get_at(corner).a == 0 for corner in ((0, 0), (399, 0), (0, 399), (399, 399)))
    assert all(wheel.get_at(edge).a > 128 for edge in ((200, 1), (1, 200), (398, 200), (200, 398)))
    assert all(wheel.get_at((x, 200)).a == 255 for x in range(2, 398))


def test_a_wedge_three_pixels_wide_is_seen_between_its_spokes(fonts: Typesetter) -> None:
    """With 100 entries of which one has nearly all the chances, the spokes once covered all the others."""
    weights = [1] * 9 + [700]
    segments = Segments(weights)
    picture = paint(segments, [""] * 10, diameter=901, theme=BUILT_IN, fonts=fonts)

    for index in range(1, 8):
        lo, hi = segments.bounds(index)
        turn = -math.tau * ((lo + hi) / 2) / TURN
        at = (round(450 + 400 * math.cos(turn)), round(450 + 400 * math.sin(turn)))
        near = [picture.get_at((at[0], at[1] + shift))[:3] for shift in (-1, 0, 1)]
        colour = colour_of(index, 10, BUILT_IN)
        assert min(max(abs(a - b) for a, b in zip(seen, colour, strict=True)) for seen in near) <= 60, index


@pytest.mark.slow
def test_a_long_list_is_no_grey_shimmer_and_no_black_disc(fonts: Typesetter) -> None:
    """Neighbouring sectors differ visibly at 3000 entries, on the body and at the rim."""
    segments = Segments([1] * 3000)
    wheel = painted(segments, fonts)
    starts = sector_starts(segments)
    for sector in range(SECTORS):
        here, there = (
            pixel_at(wheel, segments.bounds(starts[number % SECTORS])[0] + TURN // 48, BODY)
            for number in (sector, sector + 1)
        )
        assert abs(luminance(here[:3]) - luminance(there[:3])) > 0.04


@given(st.integers(2, 5000))
def test_neighbouring_wedges_never_share_a_colour_not_even_the_last_and_the_first(count: int) -> None:
    colours = [colour_of(index, count, BUILT_IN) for index in range(count)]

    assert all(colours[index] != colours[index - 1] for index in range(count))


def test_neighbouring_colours_differ_in_luminance_for_those_who_see_no_hue() -> None:
    colours = BUILT_IN.wedges

    assert all(abs(luminance(colours[i]) - luminance(colours[i - 1])) > 0.04 for i in range(len(colours)))


def contrast(one: Colour, other: Colour) -> float:
    """Return the contrast ratio of WCAG 2.2."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_text_has_the_contrast_that_the_theme_promises() -> None:
    grounds = (BUILT_IN.ground, BUILT_IN.panel)

    assert all(contrast(BUILT_IN.text, ground) >= 7 for ground in grounds)
    for colour in (BUILT_IN.text_quiet, BUILT_IN.accent, BUILT_IN.notice):
        assert all(contrast(colour, ground) >= 4.5 for ground in grounds)


@pytest.mark.parametrize("ground", BUILT_IN.wedges, ids=str)
def test_labels_on_wedges_can_be_read(ground: Colour) -> None:
    assert contrast(readable_on(ground), ground) >= 4.5


@given(st.tuples(*[st.integers(0, 255)] * 3))
def test_readable_on_takes_the_better_of_dark_and_light(ground: Colour) -> None:
    assert contrast(readable_on(ground), ground) >= 4.1


@given(st.lists(st.integers(1, 1000), min_size=1, max_size=400).map(Segments))
def test_sectors_begin_at_whole_entries_in_order_from_the_first(segments: Segments) -> None:
    starts = sector_starts(segments)

    assert starts[0] == 0
    assert starts == sorted(set(starts))
    assert starts[-1] < segments.count
    assert len(starts) <= SECTORS


@pytest.mark.parametrize("count", [1, 2, 5, 6, 12, 48, 49, 300, 3000])
def test_pegs_stand_between_entries_while_these_are_few_else_evenly(count: int) -> None:
    segments = Segments([1] * count)

    pegs = peg_angles(segments)

    if 6 <= count <= 48:
        assert pegs == [segments.bounds(index)[0] for index in range(count)]
    else:
        assert pegs == [TURN * peg // 48 for peg in range(48)]


@pytest.mark.parametrize("count", [1, 2, 3, 12, 100, 101, 300, 3000])
def test_in_quarters_the_wheel_is_the_same(count: int, fonts: Typesetter) -> None:
    segments, names = Segments([1 + index % 7 for index in range(count)]), ["Ana"] * count
    for diameter, zero in ((331, 0), (332, TURN // 3), (457, TURN * 7 // 9)):
        whole, quarters = (
            paint(
                segments, names, diameter=diameter, theme=BUILT_IN, fonts=fonts, zero=zero, in_quarters=in_quarters
            ).convert(32)
            for in_quarters in (False, True)
        )
        same = pygame.mask.from_threshold(whole, (0, 0, 0), (8, 8, 8, 255), quarters)
        assert same.count() > diameter**2 - 50  # a line that an edge cuts is a little different


@pytest.mark.parametrize(
    "name", ["", "\0", "محمد", "W" * 120, "👩‍👩‍👧‍👦"], ids=["empty", "NUL", "Arabic", "long", "emoji"]
)
def test_no_name_keeps_the_wheel_from_being_painted(name: str, fonts: Typesetter) -> None:
    wheel = paint(Segments([1, 1, 1]), [name] * 3, diameter=300, theme=BUILT_IN, fonts=fonts)

    assert wheel.get_size() == (300, 300)


@pytest.mark.slow
def test_labels_stay_inside_their_wedges(fonts: Typesetter) -> None:
    """With names and without: only pixels well inside a wedge may differ."""
    segments = Segments([1] * 24)
    with_names = paint(segments, ["Wilhelmina Wx"] * 24, diameter=DIAMETER, theme=BUILT_IN, fonts=fonts)
    without = paint(segments, [""] * 24, diameter=DIAMETER, theme=BUILT_IN, fonts=fonts)

    for index in range(24):
        edge = segments.bounds(index)[0]
        for radius in (0.25, 0.5, 0.75, 0.9, BEYOND_THE_LABELS, 0.97):
            assert pixel_at(with_names, edge, radius) == pixel_at(without, edge, radius)
    assert with_names.get_buffer().raw != without.get_buffer().raw
