"""The pointer at the pegs: straight at rest, never pushed too far, and each peg counted once."""

import itertools
from collections.abc import Sequence

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kiosk.screen.effects.reveal import SILENCE_MS
from kiosk.screen.wheel_picture.flap import BACK_DEGREES, LARGEST_DEGREES, SPRING_MS, deflection, pegs_passed, sprung
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
counts = st.integers(1, 3000).map(lambda count: Segments([1] * count))
EVENLY = [TURN * peg // 48 for peg in range(48)]
ONE = Segments([1])
FEW = Segments([1] * 12)
"""Fewer entries than pegs: the pegs count."""


@given(pegs, counts, angles)
def test_at_rest_the_pointer_is_straight_wherever_the_wheel_stopped(
    pegs: Sequence[int], segments: Segments, angle: int
) -> None:
    assert deflection(pegs, segments, angle, 0.0) == 0.0


@given(pegs, counts, angles, st.floats(0, 40.0 * TURN))
@example([0], Segments([1]), TURN // 200 + 1, 1e-309)
def test_the_pointer_is_never_pushed_too_far(pegs: Sequence[int], segments: Segments, angle: int, speed: float) -> None:
    assert -BACK_DEGREES <= deflection(pegs, segments, angle, speed) <= LARGEST_DEGREES


@given(counts, angles, st.floats(0, 40.0 * TURN))
def test_without_pegs_nothing_pushes(segments: Segments, angle: int, speed: float) -> None:
    assert deflection([], segments, angle, speed) == 0.0


def test_a_peg_pushes_the_pointer_up_and_lets_it_go() -> None:
    """Slowly past one peg: the pointer rises continuously, swings back, and calms down before the next one."""
    speed = TURN / 40.0
    reach = TURN // 200
    peg = EVENLY[10]
    rising = [deflection(EVENLY, FEW, peg + reach * step // 50, speed) for step in range(-49, 50)]
    let_go = [deflection(EVENLY, FEW, peg + reach + 1 + round(speed * ms / 1000), speed) for ms in range(0, 250, 5)]

    assert rising == sorted(rising)
    assert rising[-1] > 0.9 * LARGEST_DEGREES
    assert let_go[0] > 0.95 * LARGEST_DEGREES
    assert -BACK_DEGREES <= min(let_go) < -2
    assert all(abs(degrees) < 2 for degrees in let_go[-10:])


def test_a_fast_wheel_keeps_the_pointer_pushed_and_trembling() -> None:
    found = [deflection(EVENLY, FEW, angle, TURN * 2.0) for angle in range(0, TURN, TURN // 997)]

    assert min(found) > 0.4 * LARGEST_DEGREES
    assert max(found) - min(found) > 1.0


@pytest.mark.parametrize("count", [61, 300, 3000])
def test_each_wedge_that_passes_slowly_pushes_the_pointer(count: int) -> None:
    """Far more of them than pegs: in the last seconds hardly one peg passes, and a dozen wedges do."""
    segments, pegs = Segments([1] * count), peg_angles(Segments([1] * count))
    plan = SpinPlan(start=0, rest=TURN // 2 + TURN // count // 2, turns=6, segments=count)
    ticks = range(plan.ticks - 4 * TICKS_PER_SECOND, plan.ticks)
    bent = [
        deflection(pegs, segments, plan.angle_at(tick) % TURN, (plan.angle_at(tick + 1) - plan.angle_at(tick)) * 120.0)
        for tick in ticks
    ]
    passed = pegs_passed(pegs, segments, plan.angle_at(ticks[0]), plan.angle_at(plan.ticks))
    let_go = sum(before > 15 > after for before, after in itertools.pairwise(bent))

    assert 4 <= passed <= 30
    assert passed - 4 <= let_go <= passed + 4


@given(st.floats(-BACK_DEGREES, LARGEST_DEGREES), st.integers(0, 10_000))
def test_after_rest_the_pointer_springs_back_and_is_straight_within_the_silence(pushed: float, ms: int) -> None:
    assert sprung(pushed, 0) == pytest.approx(pushed)
    assert -BACK_DEGREES <= sprung(pushed, ms) <= LARGEST_DEGREES
    assert sprung(pushed, SPRING_MS + ms) == 0
    assert SPRING_MS <= SILENCE_MS
    if pushed > 5:
        assert min(sprung(pushed, at) for at in range(0, SPRING_MS, 10)) < -1  # it swings to the other side


@given(pegs, unwrapped, st.integers(0, TURN // 3))
@example([], TURN - 1, 1)
def test_pegs_passed_counts_exactly_the_pegs_between(pegs: Sequence[int], before: int, way: int) -> None:
    """As counted one by one: those in (before, after]."""
    after = before + way
    turns = range(before // TURN, after // TURN + 1)

    counted = sum(before < turn * TURN + peg <= after for turn in turns for peg in pegs)

    assert pegs_passed(pegs, ONE, before, after) == counted


@given(pegs, unwrapped, st.integers(0, 7 * TURN), st.integers(0, 7 * TURN))
def test_no_peg_is_lost_or_counted_twice_between_frames(
    pegs: Sequence[int], start: int, first: int, second: int
) -> None:
    half, end = start + first, start + first + second

    for segments in (ONE, Segments([3, 1] * 40)):
        counts = [pegs_passed(pegs, segments, *way) for way in ((start, half), (half, end), (start, end))]
        assert counts[0] + counts[1] == counts[2]


@pytest.mark.parametrize("count", [1, 6, 12, 48, 49, 3000])
def test_a_whole_spin_passes_each_peg_or_each_wedge_once_a_turn(count: int) -> None:
    segments = Segments([1] * count)
    pegs = peg_angles(segments)
    plan = SpinPlan(start=TURN // 7, rest=TURN // 7, turns=6, segments=3000)
    step = TICKS_PER_SECOND // 60

    passed = [
        pegs_passed(pegs, segments, plan.angle_at(tick), plan.angle_at(tick + step))
        for tick in range(0, plan.ticks, step)
    ]

    assert sum(passed) == 6 * max(len(pegs), count)
    assert min(passed) >= 0
