"""Segments: the only formula for the angles of an entry."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.snapshot.model import MAX_ENTRIES, MAX_WEIGHT
from kiosk.wheel.angle import TURN, degrees, forward, normalize
from kiosk.wheel.segments import Segments

weights_of_a_wheel = st.one_of(
    st.lists(st.integers(1, MAX_WEIGHT), min_size=1, max_size=60),
    st.lists(st.integers(1, 3), min_size=1, max_size=400),
    st.lists(st.sampled_from([1, MAX_WEIGHT]), min_size=1, max_size=60),
)
extreme_wheels = pytest.mark.parametrize(
    "weights",
    [
        [1],
        [TURN],
        [1, TURN - 1],
        [TURN - 1, 1],
        [1] * MAX_ENTRIES,
        [MAX_WEIGHT] * MAX_ENTRIES,
        [1, MAX_WEIGHT] * (MAX_ENTRIES // 2),
        [MAX_WEIGHT] + [1] * (MAX_ENTRIES - 1),
        list(range(1, MAX_ENTRIES + 1)),
    ],
    ids=lambda weights: f"{len(weights)} of {weights[0]}..{weights[-1]}",
)


def assert_tiles_the_turn(segments: Segments) -> None:
    bounds = [segments.bounds(index) for index in range(segments.count)]
    assert bounds[0][0] == 0
    assert bounds[-1][1] == TURN
    assert all(left[1] == right[0] for left, right in pairwise(bounds))
    assert all(lo < hi for lo, hi in bounds)


def assert_edges_invert(segments: Segments) -> None:
    for index in range(segments.count):
        lo, hi = segments.bounds(index)
        assert (segments.at(lo), segments.at(hi - 1)) == (index, index)
        assert segments.at(hi) == (index + 1) % segments.count


@given(weights_of_a_wheel)
def test_segments_tile_the_turn_with_no_gap_and_no_overlap(weights: list[int]) -> None:
    assert_tiles_the_turn(Segments(weights))


@extreme_wheels
def test_segments_tile_the_turn_at_the_limits_too(weights: list[int]) -> None:
    assert_tiles_the_turn(Segments(weights))


@given(weights_of_a_wheel)
def test_at_is_the_inverse_of_bounds_at_every_edge(weights: list[int]) -> None:
    assert_edges_invert(Segments(weights))


@extreme_wheels
def test_at_is_the_inverse_of_bounds_at_every_edge_at_the_limits_too(weights: list[int]) -> None:
    assert_edges_invert(Segments(weights))


@given(weights_of_a_wheel, st.integers(0, TURN - 1))
def test_at_names_the_one_segment_that_contains_the_angle(weights: list[int], angle: int) -> None:
    segments = Segments(weights)

    lo, hi = segments.bounds(segments.at(angle))

    assert lo <= angle < hi


@given(weights_of_a_wheel, st.integers(-3 * TURN, 3 * TURN))
def test_whole_turns_do_not_change_what_is_under_the_pointer(weights: list[int], angle: int) -> None:
    segments = Segments(weights)

    assert segments.at(angle) == segments.at(angle + TURN) == segments.at(normalize(angle))


@given(weights_of_a_wheel, st.data())
def test_the_t_of_the_draw_and_the_angle_give_the_same_entry(weights: list[int], data: st.DataObject) -> None:
    segments = Segments(weights)
    t = data.draw(st.integers(0, segments.total - 1))
    first_angle_of_t = -(-t * TURN // segments.total)

    index = segments.segment_of_weight(t)

    assert sum(weights[:index]) <= t < sum(weights[: index + 1])
    assert segments.at(first_angle_of_t) == index


@given(st.lists(st.integers(1, 50), min_size=1, max_size=20))
def test_every_segment_gets_as_many_t_as_its_weight(weights: list[int]) -> None:
    segments = Segments(weights)

    found = [segments.segment_of_weight(t) for t in range(segments.total)]

    assert [found.count(index) for index in range(len(weights))] == weights


@given(weights_of_a_wheel)
def test_a_segments_width_is_its_share_of_the_turn_to_within_a_unit(weights: list[int]) -> None:
    segments = Segments(weights)

    for index, weight in enumerate(weights):
        lo, hi = segments.bounds(index)
        assert abs((hi - lo) * segments.total - weight * TURN) < segments.total


@pytest.mark.parametrize("weights", [[], [0], [1, 0, 1], [1, -1], [-1]], ids=str)
def test_a_wheel_without_entries_or_with_an_empty_one_is_refused(weights: list[int]) -> None:
    with pytest.raises(ValueError, match=r"at least"):
        Segments(weights)


def test_a_total_weight_that_would_leave_a_segment_empty_is_refused() -> None:
    with pytest.raises(ValueError, match=r"exceeds 4294967296"):
        Segments([TURN, 1])


@pytest.mark.parametrize("index", [-1, 3, 4])
def test_a_segment_that_does_not_exist_has_no_bounds(index: int) -> None:
    with pytest.raises(IndexError):
        Segments([1, 1, 1]).bounds(index)


@given(st.integers(0, TURN - 1), st.integers(0, TURN - 1))
def test_forward_is_never_backward_and_arrives(start: int, target: int) -> None:
    way = forward(start, target)

    assert 0 <= way < TURN
    assert normalize(start + way) == target


@given(st.integers(-5 * TURN, 5 * TURN))
def test_degrees_stay_within_one_turn(angle: int) -> None:
    assert 0.0 <= degrees(angle) < 360.0


def test_what_is_no_wheel_and_no_segment_says_so() -> None:
    with pytest.raises(ValueError, match=r"^a wheel needs at least one segment$"):
        Segments([])
    with pytest.raises(ValueError, match=r"^every weight must be at least 1$"):
        Segments([1, 0])
    for index in (-1, 2, 3):
        with pytest.raises(IndexError, match=rf"^segment {index} of 2$"):
            Segments([1, 1]).bounds(index)
