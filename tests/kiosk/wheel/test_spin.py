"""The motion: easing in integers, and plans that end on the entry that the draw names."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.draw.protocol import Chain, landing
from kiosk.wheel.angle import TURN, normalize
from kiosk.wheel.easing import Closing, travelled
from kiosk.wheel.segments import Segments
from kiosk.wheel.spin import SPIN_TICKS, TICKS_PER_SECOND, SpinPlan, between
from tests.support import SECRET

SHORTEST = 5 * TURN
LONGEST = 8 * TURN - 1
"""Seven whole turns and all but one unit of what is left to reach `rest`."""
FEW, SOME, MANY = (Closing.for_segments(count) for count in (12, 300, 3000))

closings = st.integers(1, 3000).map(Closing.for_segments)
each_closing = pytest.mark.parametrize("closing", [FEW, SOME, MANY], ids=["few", "some", "many"])


@each_closing
@pytest.mark.parametrize("distance", [SHORTEST, LONGEST])
def test_the_wheel_moves_strictly_forward_at_every_tick(distance: int, closing: Closing) -> None:
    ways = [travelled(distance, tick, SPIN_TICKS, closing) for tick in range(SPIN_TICKS + 1)]

    assert all(before < after for before, after in pairwise(ways))


@given(st.integers(0, 1 << 40), st.integers(1, 100_000), closings, st.data())
def test_easing_never_goes_backward_and_never_beyond_the_end(
    distance: int, duration: int, closing: Closing, data: st.DataObject
) -> None:
    early, late = sorted(data.draw(st.tuples(st.integers(-5, duration + 5), st.integers(-5, duration + 5))))

    assert (
        0 <= travelled(distance, early, duration, closing) <= travelled(distance, late, duration, closing) <= distance
    )


@given(st.integers(0, 1 << 40), st.integers(1, 100_000), closings, st.integers(0, 1000))
def test_easing_is_nothing_until_the_start_and_the_whole_way_from_the_end_on(
    distance: int, duration: int, closing: Closing, beyond: int
) -> None:
    assert travelled(distance, -beyond, duration, closing) == 0
    assert travelled(distance, duration + beyond, duration, closing) == distance


@each_closing
@pytest.mark.parametrize("distance", [SHORTEST, LONGEST])
def test_acceleration_and_deceleration_meet_in_one_place_at_equal_speed(distance: int, closing: Closing) -> None:
    duration = 5 << 20
    seam = duration // 5

    assert travelled(distance, seam, duration, closing) == pytest.approx(
        distance * closing.way[0] / closing.denominator / 125, rel=1e-6
    )
    before = travelled(distance, seam, duration, closing) - travelled(distance, seam - 1, duration, closing)
    after = travelled(distance, seam + 1, duration, closing) - travelled(distance, seam, duration, closing)
    assert before == pytest.approx(after, rel=1e-4)
    assert before == pytest.approx(distance * 3 * closing.way[0] / closing.denominator / 25 / duration, rel=1e-4)


@each_closing
@pytest.mark.parametrize("distance", [SHORTEST, LONGEST])
def test_the_wheel_gets_faster_until_the_seam_and_slower_after_it(distance: int, closing: Closing) -> None:
    ways = [travelled(distance, tick, SPIN_TICKS, closing) for tick in range(SPIN_TICKS + 1)]
    steps = [after - before for before, after in pairwise(ways)]
    seam = SPIN_TICKS // 5

    assert all(slow <= fast for slow, fast in pairwise(steps[:seam]))
    assert all(fast >= slow - 1 for fast, slow in pairwise(steps[seam:]))  # one unit of rounding


@pytest.mark.parametrize("count", [61, 100, 300, 999, 3000])
def test_the_last_four_seconds_cross_a_handful_of_names(count: int) -> None:
    """Between five and twelve, for the shortest way as for the longest, so that a hall can read them."""
    closing = Closing.for_segments(count)

    for distance in (SHORTEST, LONGEST):
        left = distance - travelled(distance, SPIN_TICKS - 4 * TICKS_PER_SECOND, SPIN_TICKS, closing)
        assert 5 <= left * count / TURN <= 12.5


@pytest.mark.parametrize("count", [61, 100, 300, 999, 3000])
def test_the_wheel_still_creeps_in_its_last_second(count: int) -> None:
    left = SHORTEST - travelled(SHORTEST, SPIN_TICKS - TICKS_PER_SECOND, SPIN_TICKS, Closing.for_segments(count))

    assert 0.2 <= left * count / TURN <= 0.5


def test_up_to_sixty_segments_both_parts_have_power_3() -> None:
    for count in (1, 2, 60):
        closing = Closing.for_segments(count)
        assert (closing.power, *closing.way) == (3, 25 * closing.denominator, closing.denominator * 25 // 16, 0)


def test_a_spin_lasts_eleven_seconds_of_120_ticks() -> None:
    assert TICKS_PER_SECOND == 120
    assert SPIN_TICKS == 1320
    assert SpinPlan(start=0, rest=0, turns=5, segments=1).ticks == 1320


@pytest.mark.parametrize("count", [1, 2, 3, 359, 360, 361, 2999, 3000])
def test_every_plan_for_every_entry_ends_in_the_middle_90_percent_of_that_entry(count: int) -> None:
    segments = Segments([1] * count)
    chain = Chain(SECRET, length=3)
    start = 0
    for index in range(count):
        lo, hi = segments.bounds(index)
        margin = (hi - lo) // 20
        for spin in (1, 2, 3):
            lands = landing(reveal=chain.reveal(spin), snapshot=f"{index}", spin=spin, segment=(lo, hi))
            plan = SpinPlan(start=start, rest=lands.rest, turns=lands.turns, segments=count)
            end = plan.angle_at(SPIN_TICKS)

            assert lo + margin <= lands.rest < hi - margin
            assert normalize(end) == lands.rest
            assert segments.at(end) == index
            assert 5 * TURN <= plan.distance < 8 * TURN
            start = lands.rest


@given(st.lists(st.integers(1, 1000), min_size=1, max_size=50), st.data(), st.binary(min_size=32, max_size=32))
def test_landing_keeps_to_the_middle_90_percent_for_any_weights(
    weights: list[int], data: st.DataObject, reveal: bytes
) -> None:
    segments = Segments(weights)
    index = data.draw(st.integers(0, len(weights) - 1))
    lo, hi = segments.bounds(index)

    lands = landing(reveal=reveal, snapshot="s", spin=1, segment=(lo, hi))

    assert lo + (hi - lo) // 20 <= lands.rest < hi - (hi - lo) // 20
    assert lands.turns in {5, 6, 7}


def test_landing_stays_inside_a_segment_of_one_unit() -> None:
    assert landing(reveal=SECRET, snapshot="s", spin=1, segment=(7, 8)).rest == 7


def test_landings_spread_over_the_whole_middle_of_the_segment() -> None:
    lo, hi = Segments([1] * 10).bounds(4)
    chain = Chain(SECRET, length=2000)

    tenths = [
        (landing(reveal=chain.reveal(spin), snapshot="s", spin=spin, segment=(lo, hi)).rest - lo) * 20 // (hi - lo)
        for spin in range(1, 2001)
    ]

    assert set(tenths) == set(range(1, 19))
    # 2000 throws into 18 equal boxes: 111 each, with a standard deviation of 10.2.
    assert all(60 < tenths.count(box) < 165 for box in range(1, 19))


@given(st.integers(0, TURN - 1), st.integers(0, TURN - 1), st.sampled_from([5, 6, 7]), st.integers(1, 3000))
def test_a_plan_starts_where_the_wheel_stands_and_ends_on_rest_by_assignment(
    start: int, rest: int, turns: int, count: int
) -> None:
    plan = SpinPlan(start=start, rest=rest, turns=turns, segments=count)

    assert plan.angle_at(0) == start
    assert plan.angle_at(-1) == start
    assert normalize(plan.angle_at(plan.ticks)) == rest
    assert plan.angle_at(plan.ticks + 1) == plan.angle_at(plan.ticks) == start + plan.distance
    assert plan.angle_at(plan.ticks - 1) < plan.angle_at(plan.ticks)
    assert turns * TURN <= plan.distance < (turns + 1) * TURN


def test_a_plan_is_done_at_its_last_tick_and_not_before() -> None:
    plan = SpinPlan(start=0, rest=1, turns=5, segments=3000)

    assert not plan.done_at(SPIN_TICKS - 1)
    assert plan.done_at(SPIN_TICKS)
    assert plan.done_at(SPIN_TICKS + 1)


@given(st.integers(0, 8 * TURN), st.integers(0, TURN // 10), st.floats(0, 1))
def test_interpolation_stays_between_the_two_ticks(before: int, step: int, alpha: float) -> None:
    drawn = between(before, before + step, alpha)

    assert (drawn - before) % TURN <= step
    assert 0 <= drawn < TURN


@pytest.mark.parametrize("elapsed", [-1, 0, 1, 199, 200, 201, 999, 1000, 1001])
@each_closing
def test_a_way_is_a_whole_number_of_units(elapsed: int, closing: Closing) -> None:
    assert type(travelled(TURN * 6 + 1, elapsed, 1000, closing)) is int
