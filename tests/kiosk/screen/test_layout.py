"""The regions of the screen, from small panels to 4K, in both orientations."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import fields
from pygame import Rect

from kiosk.screen.boards.grid import grid_of
from kiosk.screen.layouts.arrangement import arrange
from kiosk.screen.layouts.layout import Layout

SIZES = [
    (800, 480),
    (480, 800),
    (1024, 600),
    (1024, 768),
    (1280, 720),
    (1280, 1024),
    (1366, 768),
    (1440, 900),
    (1920, 1080),
    (1080, 1920),
    (1920, 1200),
    (2560, 1080),
    (2560, 1440),
    (3440, 1440),
    (3840, 2160),
    (2160, 3840),
    (1000, 1000),
    (1000, 1001),
]
"""The last two are no panel's size; they are where one arrangement gives way to the other."""
every_size = pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
landscape = st.tuples(st.integers(800, 3840), st.integers(480, 2160)).filter(lambda size: size[0] >= size[1])
portrait = st.tuples(st.integers(480, 2160), st.integers(800, 3840)).filter(lambda size: size[1] > size[0])


def regions(layout: Layout) -> dict[str, Rect]:
    return {name: getattr(layout, name) for name in ("stage", "title", "proof", "strip", "foot", "status")}


def assert_sound(layout: Layout) -> None:
    screen = Rect((0, 0), layout.size)
    found = regions(layout)
    for name, box in found.items():
        assert box.w > 0, name
        assert box.h > 0, name
        assert screen.contains(box), f"{name} {box} leaves the screen"
    for (name, box), (other_name, other) in combinations(found.items(), 2):
        assert not box.colliderect(other), f"{name} {box} overlaps {other_name} {other}"
    assert layout.stage.contains(layout.wheel)
    assert layout.wheel.w == layout.wheel.h
    assert layout.stage.collidepoint(layout.pointer)
    assert screen.contains(layout.card)
    assert layout.card.contains(layout.strip)
    assert layout.card.contains(layout.foot)
    assert not any(layout.card.colliderect(found[name]) for name in ("stage", "title", "proof", "status"))


@every_size
def test_no_two_regions_overlap_and_all_are_on_the_screen(size: tuple[int, int]) -> None:
    assert_sound(arrange(size))


@given(landscape)
def test_no_two_regions_overlap_on_any_landscape_screen(size: tuple[int, int]) -> None:
    assert_sound(arrange(size))


@given(portrait)
def test_no_two_regions_overlap_on_any_portrait_screen(size: tuple[int, int]) -> None:
    assert_sound(arrange(size))


@every_size
def test_the_pointer_touches_the_rim_on_the_wheels_right_or_below_it(size: tuple[int, int]) -> None:
    layout = arrange(size)
    x, y = layout.pointer

    assert layout.portrait == (size[0] < 1.3 * size[1])
    distance = ((x - layout.wheel.centerx) ** 2 + (y - layout.wheel.centery) ** 2) ** 0.5
    assert 0.85 * layout.disc.w / 2 < distance <= layout.disc.w / 2
    along, across = (y, x) if layout.portrait else (x, y)
    middle_along, middle_across = layout.wheel.center[::-1] if layout.portrait else layout.wheel.center
    assert along > middle_along
    assert abs(across - middle_across) <= 1


@every_size
def test_the_wheel_is_large(size: tuple[int, int]) -> None:
    layout = arrange(size)

    assert layout.wheel.w >= 0.4 * min(size)
    assert layout.wheel.w % 2 == 1


@pytest.mark.parametrize("size", SIZES[:-2], ids=str)
def test_the_rows_of_names_fit_the_strip(size: tuple[int, int]) -> None:
    layout = arrange(size)

    assert layout.rows == (5 if layout.portrait else 7)
    assert layout.strip.h >= (layout.rows - 1) * layout.row_size + layout.name_size


@given(landscape, st.floats(0, 1000))
def test_no_stroke_is_thinner_than_a_pixel(size: tuple[int, int], thousandths: float) -> None:
    assert arrange(size).px(thousandths) >= 1


@every_size
def test_every_size_is_the_same_picture(size: tuple[int, int]) -> None:
    """Twice the pixels are the same proportions, to within the pixels that rounding takes."""
    small, large = arrange(size), arrange((size[0] * 2, size[1] * 2))
    for name, box in regions(small).items():
        double = regions(large)[name]
        for one, two in zip(box, double, strict=True):
            assert abs(2 * one - two) <= 12, name
    assert abs(2 * small.name_size - large.name_size) <= 1


@every_size
@pytest.mark.parametrize("margin", [0, 3, 5, 10])
def test_a_margin_keeps_everything_inside_and_in_the_same_order(size: tuple[int, int], margin: int) -> None:
    layout = arrange(size, margin=margin)
    edge = (size[0] * margin // 100, size[1] * margin // 100)
    safe = Rect(edge, (size[0] - 2 * edge[0], size[1] - 2 * edge[1]))

    assert_sound(layout)
    assert layout.size == size
    assert layout.safe == safe
    found = (getattr(layout, field.name) for field in fields(layout))
    boxes = [box for box in found if isinstance(box, Rect) and box.h]
    assert len(boxes) == 10
    assert all(safe.contains(box) for box in boxes)
    grid = grid_of(layout, 30, plate=True)
    assert all(safe.contains(box) for box in (grid.box, grid.plate, grid.head, grid.foot, *grid.cells))


@every_size
def test_a_result_leaves_the_button_free_that_is_held_on_the_screen(size: tuple[int, int]) -> None:
    layout = arrange(size, margin=5, touch=True)

    assert layout.card.contains(layout.strip)
    assert not layout.card.colliderect(layout.button)
    assert not layout.card.colliderect(layout.foot)


@pytest.mark.parametrize("size", [(1280, 1024), (1000, 1000), (720, 720)])
def test_the_wheel_takes_half_the_height_of_a_screen_that_is_nearly_square(size: tuple[int, int]) -> None:
    for mirrored in (False, True):
        assert arrange(size, mirrored=mirrored).wheel.h >= size[1] / 2
