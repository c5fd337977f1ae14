"""A spin in motion: late frames skip ticks, and the end is the plan's."""

from hypothesis import given
from hypothesis import strategies as st

from kiosk.core.clock import NS_PER_S
from kiosk.spin_motion import SpinMotion
from kiosk.wheel.angle import TURN
from kiosk.wheel.spin import TICKS_PER_SECOND, SpinPlan

PLAN = SpinPlan(start=0, rest=TURN // 3, turns=5, segments=12)


@given(st.lists(st.integers(0, 15 * NS_PER_S), min_size=1))
def test_where_it_stands_depends_on_the_time_alone_and_not_on_the_frames(times: list[int]) -> None:
    hurried, direct = SpinMotion(PLAN, 0), SpinMotion(PLAN, 0)
    for now in sorted(times):
        hurried.advance(now)
    direct.advance(max(times))

    assert (hurried.tick, hurried.angle) == (direct.tick, direct.angle)


@given(st.integers(0, 100 * NS_PER_S))
def test_it_ends_exactly_on_the_plans_resting_angle(late_ns: int) -> None:
    motion = SpinMotion(PLAN, 7)
    motion.advance(7 + PLAN.ticks * NS_PER_S // TICKS_PER_SECOND + 1 + late_ns)

    assert motion.done
    assert motion.angle == PLAN.rest
    assert motion.rest_in_ms == 0


@given(st.integers(0, 10 * NS_PER_S))
def test_between_two_ticks_it_stands_between_their_angles(now_ns: int) -> None:
    motion = SpinMotion(PLAN, 0)
    motion.advance(now_ns)

    before, after = PLAN.angle_at(motion.tick), PLAN.angle_at(motion.tick + 1)
    assert (motion.angle - before) % TURN <= (after - before) % TURN
