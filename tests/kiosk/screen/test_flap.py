"""The pointer at the pegs: straight at rest, never pushed too far, and each peg counted once."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.screen.wheel_picture.flap import LARGEST_DEGREES, deflection, pegs_passed
from kiosk.screen.wheel_picture.painting import peg_angles
from kiosk.wheel.angle import TURN
from kiosk.wheel.segments import Segments
from kiosk.wheel.spin import TICKS_PER_SECOND, SpinPlan

angles = st.integers(0, TURN - 1)
unwrapped = st.integers(0, 20 * TURN)
pegs = st.one_of(
    st.lists(angles, max_size=60, unique=True).map(sorted),
    st.integers(1, 3000).map(lambda count: peg_angles(Segments([1] * count))),
)
EVENLY = [TURN * peg // 48 for peg in range(48)]


@given(pegs, angles)
def test_at_rest_the_pointer_is_straight_wherever_the_wheel_stopped(pegs: Sequence[int], angle: int) -> None:
    assert deflection(pegs, angle, 0.0) == 0.0


@given(pegs, angles, st.floats(0, 40.0 * TURN))
def test_the_pointer_is_pushed_in_the_direction_of_the_rim_and_never_too_far(
    pegs: Sequence[int], angle: int, speed: float
) -> None:
    assert 0.0 <= deflection(pegs, angle, speed) <= LARGEST_DEGREES


@given(angles, st.floats(0, 40.0 * TURN))
def test_without_pegs_nothing_pushes(angle: int, speed: float) -> None:
    assert deflection([], angle, speed) == 0.0


def test_a_peg_pushes_the_pointer_up_and_lets_it_go() -> None:
    """Slowly past one peg: the pointer rises continuously, falls back, and is straight between pegs."""
    speed = TURN / 40.0
    reach = TURN // 200
    peg = EVENLY[10]
    rising = [deflection(EVENLY, peg + reach * step // 50, speed) for step in range(-49, 50)]

    assert rising == sorted(rising)
    assert rising[-1] > 0.9 * LARGEST_DEGREES
    assert deflection(EVENLY, peg + 2 * reach + 2, speed) < 1.0
    assert deflection(EVENLY, (peg + EVENLY[11]) // 2, speed) < 1.0


def test_a_fast_wheel_keeps_the_pointer_pushed_and_trembling() -> None:
    found = [deflection(EVENLY, angle, TURN * 2.0) for angle in range(0, TURN, TURN // 997)]

    assert min(found) > 0.4 * LARGEST_DEGREES
    assert max(found) - min(found) > 1.0


def test_the_push_fades_with_the_wheel_in_the_last_moments() -> None:
    peg = EVENLY[3] + TURN // 210
    speeds = [TURN * 0.02 * part / 10 for part in range(11)]
    found = [deflection(EVENLY, peg, speed) for speed in speeds]

    assert found == sorted(found)
    assert found[0] == 0.0


@given(pegs, unwrapped, st.integers(0, TURN // 3))
def test_pegs_passed_counts_exactly_the_pegs_between(pegs: Sequence[int], before: int, way: int) -> None:
    """As counted one by one: those in (before, after]."""
    after = before + way
    turns = range(before // TURN, after // TURN + 1)

    counted = sum(before < turn * TURN + peg <= after for turn in turns for peg in pegs)

    assert pegs_passed(pegs, before, after) == counted


@given(pegs, unwrapped, st.integers(0, 7 * TURN), st.integers(0, 7 * TURN))
def test_no_peg_is_lost_or_counted_twice_between_frames(
    pegs: Sequence[int], start: int, first: int, second: int
) -> None:
    half, end = start + first, start + first + second

    assert pegs_passed(pegs, start, half) + pegs_passed(pegs, half, end) == pegs_passed(pegs, start, end)


@pytest.mark.parametrize("count", [1, 6, 12, 48, 49, 3000])
def test_a_whole_spin_passes_each_peg_once_a_turn(count: int) -> None:
    pegs = peg_angles(Segments([1] * count))
    plan = SpinPlan(start=TURN // 7, rest=TURN // 7, turns=6, segments=3000)
    ticks = range(0, plan.ticks, TICKS_PER_SECOND // 60)

    passed = [pegs_passed(pegs, plan.angle_at(tick), plan.angle_at(tick + TICKS_PER_SECOND // 60)) for tick in ticks]

    assert sum(passed) == 6 * len(pegs)
    assert min(passed) >= 0
