"""The camera: it moves in at the end of a spin, holds, and draws back; and every near view shows the same wheel."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from kiosk.screen.scene import Phase
from kiosk.screen.themes.theme import BUILT_IN
from kiosk.screen.wheel_picture.camera import (
    IN_FROM_MS,
    IN_UNTIL_MS,
    NAMES_IN_MS,
    OUT_FOR_MS,
    OUT_FROM_MS,
    in_from_ms,
    levels,
    names_seen,
    nearest,
    zoom_after_rest,
    zoom_before_rest,
)
from kiosk.screen.wheel_picture.measures import RIM
from kiosk.screen.wheel_picture.motion_blur import blur_at
from kiosk.screen.wheel_picture.painting import colour_of
from kiosk.stage import SETTLE_MS
from kiosk.wheel.angle import TURN
from kiosk.wheel.easing import SHARP_FROM
from kiosk.wheel.segments import Segments
from kiosk.wheel.spin import TICKS_PER_SECOND, SpinPlan
from tests.kiosk.screen.flashes import luminances
from tests.kiosk.screen.stage import Stage, angle_in, face_of, pixels, software_stage

pytestmark = pytest.mark.usefixtures("open_pygame")

SIZES = [(800, 480), (480, 800)]
zooms = st.floats(1.0, 600.0)
begins = st.sampled_from([in_from_ms(Segments([1] * count)) for count in (61, 3000)])


def plan_to(stage: Stage, index: int, part: float = 0.5) -> SpinPlan:
    count = stage.face.segments.count
    return SpinPlan(start=TURN // 7, rest=angle_in(stage.face, index, part), turns=6, segments=count)


@given(zooms, begins, st.integers(0, 12_000), st.integers(0, 12_000))
def test_the_camera_only_moves_in_before_rest_and_only_back_after_it(
    last: float, begin: int, one: int, other: int
) -> None:
    early, late = sorted((one, other))

    assert 1.0 <= zoom_before_rest(last, late, begin) <= zoom_before_rest(last, early, begin) <= last * 1.000001
    assert last * 1.000001 >= zoom_after_rest(last, early) >= zoom_after_rest(last, late) >= 1.0


@given(zooms, begins)
def test_it_starts_and_ends_with_the_whole_wheel_and_holds_in_between(last: float, begin: int) -> None:
    assert begin <= IN_FROM_MS
    assert zoom_before_rest(last, begin, begin) == pytest.approx(1.0)
    assert zoom_before_rest(last, IN_UNTIL_MS, begin) == pytest.approx(last)
    assert zoom_before_rest(last, 0, begin) == zoom_after_rest(last, 0) == pytest.approx(last)
    assert zoom_after_rest(last, OUT_FROM_MS) == pytest.approx(last)
    assert zoom_after_rest(last, OUT_FROM_MS + OUT_FOR_MS) == pytest.approx(1.0)
    assert OUT_FROM_MS + OUT_FOR_MS <= SETTLE_MS  # it is back before the next press counts


@pytest.mark.parametrize("count", [1, 2, 12, 60, 61, 300, 3000])
def test_eleven_wedges_fill_the_disc_from_the_first_list_that_is_too_long(count: int) -> None:
    segments = Segments([1] * count)
    zoom = nearest(segments, TURN // 3)

    if count < SHARP_FROM:
        assert zoom == 1.0
    else:
        wedge_px = 2 * 3.14159265 / count * RIM * zoom * 500  # of a disc 1000 pixels across
        assert 10 <= 1000 / wedge_px <= 12


def test_names_come_once_the_camera_is_there_and_go_before_it_leaves() -> None:
    assert names_seen(rest_in_ms=IN_UNTIL_MS, rested_ms=0) == 0
    assert names_seen(rest_in_ms=IN_UNTIL_MS - NAMES_IN_MS, rested_ms=0) == 1
    assert names_seen(rest_in_ms=0, rested_ms=OUT_FROM_MS - NAMES_IN_MS) == 1
    assert names_seen(rest_in_ms=0, rested_ms=OUT_FROM_MS) == 0


@pytest.mark.parametrize("share", [0.001, 0.02, 0.1, 0.4, 0.9])
def test_a_winner_wider_than_the_others_is_seen_with_both_edges(share: float) -> None:
    """One that had 40 % of the wheel filled the screen with one flat colour for seconds."""
    others = 299
    segments = Segments([*[10] * others, round(10 * others * share / (1 - share))])
    lo, hi = segments.bounds(others)
    zoom = nearest(segments, (lo + hi) // 2)
    seen_height = 2 / zoom  # of the disc, whose radius is 1, at the rim
    wedge_height = 2 * RIM * math.sin(math.pi * min(0.5, (hi - lo) / TURN))

    assert wedge_height < 0.4 * seen_height or zoom == 1.0


@pytest.mark.parametrize("count", [61, 80, 99, 100, 101, 300, 3000])
def test_the_wheel_is_not_smeared_any_more_when_the_camera_sets_off(count: int) -> None:
    """It went from the strongest smear to none in one frame."""
    segments = Segments([1] * count)
    for turns in (5, 6, 7):
        plan = SpinPlan(start=0, rest=TURN - 1, turns=turns, segments=count)
        tick = plan.ticks - in_from_ms(segments) * TICKS_PER_SECOND // 1000
        speed = (plan.angle_at(tick + 1) - plan.angle_at(tick)) * TICKS_PER_SECOND
        assert blur_at(segments, speed) is None


def test_the_camera_goes_by_plan_and_list_alone() -> None:
    """Two plans to the same place, however they came about, are shown alike: nothing else is asked for."""
    segments = Segments([1] * 700)
    one, other = (SpinPlan(start=start, rest=TURN // 3, turns=6, segments=700) for start in (1, TURN // 2))

    assert [level.zoom for level in levels(segments, one)] == [level.zoom for level in levels(segments, other)]


@pytest.mark.slow
@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("count", [61, 100, 300, 3000])
def test_at_rest_the_wedge_at_the_pointer_is_the_winners_zoomed_or_not(count: int, size: tuple[int, int]) -> None:
    """Read back just inside the rim, at the pointer's height: while the camera is near, and after it drew back."""
    stage = software_stage(face_of(count), size)
    disc = stage.layout.disc
    reach = round(disc.w / 2 * RIM) - 6
    at = (disc.centerx, disc.centery + reach) if stage.layout.portrait else (disc.centerx + reach, disc.centery)
    for index, part in ((0, 0.5), (count // 3, 0.2), (count - 1, 0.8)):
        picture = stage.view.capture(stage.rested(plan_to(stage, index, part), 100))
        expected = colour_of(index, count, BUILT_IN)
        assert all(abs(a - b) <= 16 for a, b in zip(picture.get_at(at)[:3], expected, strict=True)), (index, part)


@pytest.mark.slow
@pytest.mark.parametrize("size", SIZES, ids=str)
def test_near_and_far_the_wheel_stands_the_same(size: tuple[int, int]) -> None:
    """A hundred wedges with colours of their own: at each zoom the one at the pointer is that of `Segments.at`."""
    stage = software_stage(face_of(100), size)
    disc = stage.layout.disc
    reach = round(disc.w / 2 * RIM) - 6
    at = (disc.centerx, disc.centery + reach) if stage.layout.portrait else (disc.centerx + reach, disc.centery)
    plan = plan_to(stage, 37, 0.4)
    read = 0
    for tick in range(plan.ticks - in_from_ms(stage.face.segments) * TICKS_PER_SECOND // 1000, plan.ticks, 8):
        scene = stage.spinning(plan, tick)
        segments = stage.face.segments
        lo, hi = segments.bounds(segments.at(scene.angle))
        if not 0.25 <= (scene.angle - lo) / (hi - lo) <= 0.75:
            continue  # an edge is at the pointer
        picture = stage.view.capture(scene)
        expected = colour_of(segments.at(scene.angle), 100, BUILT_IN)
        assert all(abs(a - b) <= 40 for a, b in zip(picture.get_at(at)[:3], expected, strict=True)), tick
        read += 1

    assert read >= 10


@pytest.mark.slow
def test_the_winning_wedge_is_lit_and_the_others_are_dimmed() -> None:
    stage = software_stage(face_of(300))
    disc, plan = stage.layout.disc, plan_to(stage, 70)
    before, after = (stage.view.capture(stage.rested(plan, ms)) for ms in (400, 1100))
    winner = (disc.centerx - disc.w // 5, disc.centery - disc.h // 40)
    other = (disc.centerx, disc.centery + disc.h // 3)

    assert sum(after.get_at(winner)[:3]) > sum(before.get_at(winner)[:3])
    assert sum(after.get_at(other)[:3]) < 0.6 * sum(before.get_at(other)[:3])


def test_a_view_not_painted_yet_is_replaced_by_a_farther_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stage = software_stage(face_of(100))
    monkeypatch.setattr(stage.view._stage._painter, "start", lambda *_: None)
    plan = plan_to(stage, 20)

    picture = stage.view.capture(stage.rested(plan, 100))

    disc = stage.layout.disc
    seen = picture.get_at((disc.centerx + round(disc.w / 2 * RIM) - 8, disc.centery))[:3]
    assert all(abs(a - b) <= 24 for a, b in zip(seen, colour_of(20, 100, BUILT_IN), strict=True))


@pytest.mark.slow
def test_what_a_spin_needed_is_let_go_of_before_the_next_press() -> None:
    stage = software_stage(face_of(300))
    plan = plan_to(stage, 5)
    stage.view.capture(stage.rested(plan, 100))
    assert stage.view._stage.ready > 1

    stage.view.draw(stage.idle(5))

    assert stage.view._stage.ready == 0


@pytest.mark.slow
def test_with_reduced_motion_the_camera_stays_where_it_is() -> None:
    stage = software_stage(face_of(300), motion="reduced")
    plan = plan_to(stage, 5)

    for scene in (stage.spinning(plan, plan.ticks - 60), stage.rested(plan, 100), stage.rested(plan, 1500)):
        stage.view.draw(scene)
        assert stage.view._stage.zoom(scene) == 1.0
    calm, later = (pixels(stage.view.capture(stage.rested(plan, ms))) for ms in (600, 3000))
    assert calm == later


@pytest.mark.slow
def test_with_reduced_motion_no_moment_of_idle_differs_from_another() -> None:
    still, lively = (software_stage(face_of(300), motion=motion) for motion in ("reduced", "full"))

    for stage, moments in ((still, 1), (lively, 3)):
        found = {pixels(stage.view.capture(replace(stage.idle(5), moment_ms=ms))) for ms in (0, 1120, 3360)}
        assert len(found) == moments


def test_nothing_is_painted_while_nothing_spins() -> None:
    stage = software_stage(face_of(300))
    stage.view.draw(stage.idle(1))

    assert stage.idle(1).phase is Phase.INVITING
    assert stage.view._stage.ready == 0


@pytest.mark.slow
@pytest.mark.parametrize("size", [(800, 480), (720, 720), (480, 800)], ids=str)
@pytest.mark.parametrize("count", [12, 61, 100, 101, 300, 601, 3000])
def test_no_picture_takes_the_place_of_another_in_one_frame(count: int, size: tuple[int, int]) -> None:
    """From one frame to the next no part of the disc gets much lighter or darker, from the last smear to idle."""
    stage = software_stage(face_of(count), size)
    plan = plan_to(stage, count // 2)
    stage.view.capture(stage.spinning(plan, 0))
    last_s = [stage.spinning(plan, tick) for tick in range(plan.ticks - 480, plan.ticks, 2)]
    result = [stage.rested(plan, ms) for ms in range(0, 4000, 17)]
    jumps, before = [], None
    for scene in [*last_s, *result]:
        stage.view.draw(scene)
        cells = luminances(stage.backend.read_back().subsurface(stage.layout.disc))
        if before is not None:
            jumps.append(sum(abs(now - then) for now, then in zip(cells, before, strict=True)) / len(cells))
        before = cells

    assert max(jumps) < 0.05, jumps.index(max(jumps))
