"""Confetti ends on time, stays inside its box, and is the same every time."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.screen.effects.confetti import DURATION_MS, PIECES, POSES, SHADES, pieces
from kiosk.screen.layouts.arrangement import arrange


@given(st.integers(DURATION_MS, 1 << 40))
def test_nothing_is_in_the_air_after_the_end(elapsed_ms: int) -> None:
    assert pieces(elapsed_ms) == []


@given(st.integers(-(1 << 40), 0))
def test_nothing_is_in_the_air_before_the_start(elapsed_ms: int) -> None:
    assert len(pieces(elapsed_ms)) <= (1 if elapsed_ms == 0 else 0)


@given(st.integers(0, DURATION_MS - 1))
def test_every_piece_is_near_the_box_with_a_shade_and_a_pose_of_its_own(elapsed_ms: int) -> None:
    """They come in above the box and leave below it; the view draws those that are wholly inside."""
    found = pieces(elapsed_ms)

    assert len(found) <= PIECES
    for piece in found:
        assert -0.03 <= piece.x <= 1.03
        assert -0.07 <= piece.y <= 1.05
        assert 0 <= piece.shade < SHADES
        assert 0 <= piece.pose < POSES
        assert 0 <= piece.alpha <= 255


def test_at_the_height_of_it_nearly_all_pieces_are_inside() -> None:
    inside = [piece for piece in pieces(1000) if 0 < piece.x < 1 and 0 < piece.y < 1]

    assert len(inside) > 0.9 * PIECES


def test_the_pieces_fade_to_nothing_in_the_end() -> None:
    assert {piece.alpha for piece in pieces(1000)} == {255}
    assert all(piece.alpha <= 1 for piece in pieces(DURATION_MS - 1))


def test_pieces_only_fall() -> None:
    """Follow the first pieces, which are launched at once and keep their place in the list."""
    early, later = pieces(600), pieces(900)

    assert [piece.shade for piece in early] == [piece.shade for piece in later]
    assert all(one.y < other.y for one, other in zip(early, later, strict=True))


@given(st.integers(0, DURATION_MS))
def test_the_same_moment_looks_the_same_every_time(elapsed_ms: int) -> None:
    assert pieces(elapsed_ms) == pieces(elapsed_ms)


def test_no_two_pieces_fly_together() -> None:
    places = {(round(piece.x, 2), round(piece.y, 2)) for piece in pieces(1200)}

    assert len(places) > 0.95 * len(pieces(1200))


@pytest.mark.parametrize("size", [(800, 480), (1920, 1080), (1080, 1920)], ids=str)
def test_paper_is_small_beside_the_card(size: tuple[int, int]) -> None:
    layout = arrange(size)

    assert layout.px(20) < layout.card.w / 12
