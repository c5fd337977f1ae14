"""The rows of the strip: the middle one is the entry under the pointer, and no row jumps."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.screen.strip.rows import ROWS, Row, centred, held, rows
from kiosk.wheel.angle import TURN
from kiosk.wheel.segments import Segments

wheels = st.one_of(
    st.lists(st.integers(1, 1000), min_size=1, max_size=40),
    st.integers(1, 3000).map(lambda count: [1] * count),
).map(Segments)
angles = st.integers(-2 * TURN, 10 * TURN)


def middle_of(found: list[Row]) -> Row:
    return found[len(found) // 2]


@given(wheels, angles)
def test_the_middle_row_is_the_segment_under_the_pointer(segments: Segments, angle: int) -> None:
    middle = middle_of(rows(segments, angle))

    assert middle.index == segments.at(angle)
    assert -0.5 <= middle.offset <= 0.5


@pytest.mark.parametrize("count", [1, 2, 3, 7, 8, 100, 3000])
def test_the_middle_row_agrees_at_the_edges_of_every_segment(count: int) -> None:
    segments = Segments([1] * count)
    for index in range(count):
        lo, hi = segments.bounds(index)
        for angle in (lo, (lo + hi) // 2, hi - 1):
            middle = middle_of(rows(segments, angle))
            assert middle.index == index
            assert -0.5 <= middle.offset <= 0.5


@given(wheels, angles)
def test_rows_stand_one_apart_from_top_to_bottom_and_fill_the_strip(segments: Segments, angle: int) -> None:
    found = rows(segments, angle)

    assert [row.offset - found[0].offset for row in found] == pytest.approx(list(range(len(found))), abs=1e-9)
    assert found[0].offset <= -ROWS / 2
    assert found[-1].offset >= ROWS / 2


@given(wheels, angles)
def test_the_next_entries_wait_above_the_pointer_and_the_past_ones_leave_below(segments: Segments, angle: int) -> None:
    found = rows(segments, angle)
    here = segments.at(angle)
    half = len(found) // 2

    assert [row.index for row in found] == [(here + half - place) % segments.count for place in range(len(found))]


@given(wheels, st.data())
def test_every_offset_is_continuous_also_from_one_entry_to_the_next(segments: Segments, data: st.DataObject) -> None:
    """One unit of angle moves no row by more than a few parts of a segment's width."""
    index = data.draw(st.integers(0, segments.count - 1))
    lo, hi = segments.bounds(index)
    before = rows(segments, hi - 1)
    after = rows(segments, hi)
    largest_step = 3.01 / min(hi - lo, segments.bounds((index + 1) % segments.count)[1] - hi % TURN)

    # What was in place p + 1 from the top is in place p + 2 now: the same name, a little lower.
    for row, same in zip(before, after[1:], strict=False):
        assert row.index == same.index
        assert 0 <= same.offset - row.offset <= largest_step


@given(wheels, st.data())
def test_within_a_segment_names_only_move_down(segments: Segments, data: st.DataObject) -> None:
    lo, hi = segments.bounds(data.draw(st.integers(0, segments.count - 1)))
    early, late = sorted(data.draw(st.tuples(st.integers(lo, hi - 1), st.integers(lo, hi - 1))))

    before, after = rows(segments, early), rows(segments, late)

    assert [row.index for row in before] == [row.index for row in after]
    assert all(row.offset <= same.offset for row, same in zip(before, after, strict=True))


def test_in_the_middle_of_a_segment_its_name_stands_at_the_pointer() -> None:
    segments = Segments([1, 1, 2])

    assert middle_of(rows(segments, TURN * 3 // 4)) == Row(2, 0.0)


def test_a_wheel_of_one_entry_shows_it_in_every_row() -> None:
    assert {row.index for row in rows(Segments([5]), 12345)} == {0}


@given(wheels, angles)
def test_centred_rows_have_the_middle_name_in_the_middle_of_the_band(segments: Segments, angle: int) -> None:
    found = rows(segments, angle)
    snapped = centred(found, 1.0)

    assert middle_of(snapped) == Row(segments.at(angle), 0.0)
    assert [row.index for row in snapped] == [row.index for row in found]
    assert centred(found, 0.0) == found


def test_a_name_that_stays_a_tenth_of_a_second_is_read_and_one_of_a_frame_is_not() -> None:
    assert not held(0)
    assert not held(10)
    assert held(11)
    assert held(60)
