"""What of a box shows when others lie on it."""

import pygame
from hypothesis import given
from hypothesis import strategies as st

from kiosk.screen.regions import bare_parts

boxes = st.builds(pygame.Rect, st.integers(0, 9), st.integers(0, 9), st.integers(1, 9), st.integers(1, 9))


def points(box: pygame.Rect) -> set[tuple[int, int]]:
    return {(x, y) for x in range(box.left, box.right) for y in range(box.top, box.bottom)}


@given(boxes, st.lists(boxes, max_size=4))
def test_the_bare_parts_of_a_box_are_what_no_other_box_covers_each_once(
    box: pygame.Rect, covers: list[pygame.Rect]
) -> None:
    parts = [points(part) for part in bare_parts(box, covers)]

    assert set().union(*parts) == points(box).difference(*map(points, covers))
    assert sum(map(len, parts)) == len(set().union(*parts))
