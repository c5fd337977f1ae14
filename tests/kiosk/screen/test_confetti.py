"""The celebration: over when it is over, over the whole screen, the same every time."""

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
    assert len(pieces(elapsed_ms)) <= (2 if elapsed_ms == 0 else 0)


@given(st.integers(0, DURATION_MS - 1))
def test_every_piece_is_on_the_screen_with_a_shade_and_a_pose(elapsed_ms: int) -> None:
    found = pieces(elapsed_ms)

    assert len(found) <= PIECES
    for piece in found:
        assert -0.04 <= piece.x <= 1.04
        assert -0.06 <= piece.y <= 1.04
        assert 0 <= piece.shade < SHADES
        assert 0 <= piece.pose < POSES
        assert 0 <= piece.alpha <= 255


def test_it_is_thrown_from_both_sides() -> None:
    early = pieces(300)

    assert any(piece.x < 0.15 for piece in early)
    assert any(piece.x > 0.85 for piece in early)
    assert not any(0.35 < piece.x < 0.65 for piece in early)


def test_at_the_height_of_it_every_ninth_of_the_screen_has_paper() -> None:
    found = pieces(2600)

    assert {(int(piece.x * 3), int(piece.y * 3)) for piece in found if 0 <= piece.x < 1 and 0 <= piece.y < 1} == {
        (column, row) for column in range(3) for row in range(3)
    }


def test_the_pieces_fade_to_nothing_in_the_end() -> None:
    assert {piece.alpha for piece in pieces(3000)} == {255}
    assert all(piece.alpha <= 1 for piece in pieces(DURATION_MS - 1))


@pytest.mark.slow
def test_no_piece_jumps() -> None:
    """From frame to frame each piece of a shade is near one of that shade; new ones come in at the lower corners."""
    for elapsed_ms in range(100, 6000, 16):
        before = pieces(elapsed_ms)
        for piece in pieces(elapsed_ms + 16):
            near = any(
                one.shade == piece.shade and abs(one.x - piece.x) < 0.03 and abs(one.y - piece.y) < 0.04
                for one in before
            )
            assert near or (piece.y > 0.8 and not 0.1 < piece.x < 0.9)


@given(st.integers(0, DURATION_MS))
def test_the_same_moment_looks_the_same_every_time(elapsed_ms: int) -> None:
    assert pieces(elapsed_ms) == pieces(elapsed_ms)


def test_no_two_pieces_fly_together() -> None:
    places = {(round(piece.x, 2), round(piece.y, 2)) for piece in pieces(2600)}

    assert len(places) > 0.9 * len(pieces(2600))


@pytest.mark.parametrize("size", [(800, 480), (1920, 1080), (1080, 1920)], ids=str)
def test_paper_is_small_beside_the_card(size: tuple[int, int]) -> None:
    layout = arrange(size)

    assert layout.px(24) < layout.card.w / 12
