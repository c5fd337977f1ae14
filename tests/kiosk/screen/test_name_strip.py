"""The names of the strip: few typeset in a frame, and some that stand where they pass too fast to be read."""

import math
from itertools import pairwise

import pytest

from kiosk.screen.strip.holds import HOLD_MS, Holds
from kiosk.screen.strip.rows import ROWS
from kiosk.screen.themes.theme import BUILT_IN
from kiosk.screen.typography.name_block import name_block
from kiosk.screen.typography.typesetter import Typesetter
from kiosk.wheel.angle import TURN, normalize
from kiosk.wheel.spin import TICKS_PER_SECOND, SpinPlan
from tests.kiosk.screen.stage import Reader, angle_in, built, face_of, pixels, software_stage

pytestmark = pytest.mark.usefixtures("open_pygame")


def test_a_moving_strip_sets_few_names_a_frame_and_the_middle_one_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """When all of them come into sight at once, the large one is there in the first frame, the others soon after."""
    stage = software_stage(face_of(300))
    reader = Reader(stage.layout, stage.face)
    stage.view.get_ready()
    stage.view.draw(stage.turning(0, TURN * 1.0))  # too fast for names, but everything else is there now
    surfaces = built(stage, monkeypatch)
    set_so_far = [0]
    for frame in range(8):
        stage.view.draw(stage.turning(angle_in(stage.face, 100, 0.4 + frame / 100), TURN / 3000))
        set_so_far.append(len(surfaces))
        assert reader.shows(stage.backend.read_back(), 100)

    assert max(after - before for before, after in pairwise(set_so_far)) <= 2
    assert ROWS <= set_so_far[-1] <= ROWS + 2


@pytest.mark.slow
def test_names_too_fast_to_read_stand_for_a_moment_at_full_strength(monkeypatch: pytest.MonkeyPatch) -> None:
    """At 3000 names a second: 4 names at most in a second, each solid and in the middle of the band."""
    stage = software_stage(face_of(300))
    reader = Reader(stage.layout, stage.face)
    plan = SpinPlan(start=0, rest=TURN // 3, turns=6, segments=300)
    seen: list[int] = []
    for tick in range(240, 480, 2):
        scene = stage.spinning(plan, tick)
        stage.view.draw(scene)
        began = plan.ticks - math.ceil((scene.rest_in_ms // HOLD_MS + 1) * HOLD_MS * TICKS_PER_SECOND / 1000)
        under = stage.face.segments.at(normalize(plan.angle_at(began)))
        if not seen or not reader.shows(stage.backend.read_back(), seen[-1]):
            assert reader.shows(stage.backend.read_back(), under)
            seen.append(under)

    assert 5 <= len(seen) <= 9  # in two seconds


@pytest.mark.slow
def test_names_that_stand_next_are_set_ahead_and_all_come_in_one_frame(monkeypatch: pytest.MonkeyPatch) -> None:
    """The names beside the large one were missing for three frames, four times a second."""
    stage = software_stage(face_of(300))
    plan = SpinPlan(start=0, rest=TURN // 3, turns=6, segments=300)
    stage.view.capture(stage.spinning(plan, 240))  # waits for what is painted meanwhile: it is not counted
    surfaces, set_in_a_frame, unset = built(stage, monkeypatch), [], []
    for tick in range(272, 480, 2):
        before = len(surfaces)
        stage.view.draw(stage.spinning(plan, tick))
        set_in_a_frame.append(len(surfaces) - before)
        unset.append(stage.view._strip._unset)

    assert max(set_in_a_frame[20:]) == 1
    assert max(unset[20:]) == 0


@pytest.mark.slow
@pytest.mark.parametrize(("size", "count"), [((1024, 600), 61), ((1024, 600), 3000), ((800, 480), 300)])
def test_no_name_is_missing_when_names_pass_again(size: tuple[int, int], count: int) -> None:
    """Those that slide in at the edges were missing for two frames as the last ones that stood made way."""
    stage = software_stage(face_of(count), size=size)
    plan = SpinPlan(start=0, rest=angle_in(stage.face, count // 3, 0.37), turns=6, segments=count)
    missing = set()
    for tick in range(0, 1200, 4):
        stage.view.draw(stage.spinning(plan, tick))
        missing.add(stage.view._strip._unset if tick > 60 else 0)

    assert missing == {0}


@pytest.mark.parametrize("size", [(1920, 1080), (800, 480), (720, 720), (1080, 1920)])
def test_a_name_out_of_sight_is_not_set_and_one_in_sight_is(
    size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    stages = [software_stage(face_of(300), size=size) for _ in range(2)]
    monkeypatch.setattr(stages[1].view._strip, "_in_sight", lambda _: True)
    plan = SpinPlan(start=0, rest=TURN // 3, turns=6, segments=300)
    placed, shown = [], []
    for stage in stages:
        for tick in (0, 300, 1000, plan.ticks - 1):
            shown.append(pixels(stage.capture(stage.spinning(plan, tick)).subsurface(stage.layout.strip)))
            placed.append(len(stage.view._strip._placed))

    assert shown[:4] == shown[4:]
    assert sum(placed[:4]) < sum(placed[4:])


def test_the_first_names_that_stand_are_not_those_that_have_passed() -> None:
    stage = software_stage(face_of(300))
    plan = SpinPlan(start=angle_in(stage.face, 100), rest=TURN // 3, turns=6, segments=300)
    strip, segments = stage.view._strip, stage.face.segments
    shown = []
    for tick in range(0, 160, 2):
        scene = stage.spinning(plan, tick)
        stage.view.draw(scene)
        shown.append(segments.at(strip._held_angle(scene) if strip._slot(scene) is not None else scene.angle))

    assert shown == sorted(shown)


@pytest.mark.slow
def test_names_that_stand_are_not_drawn_again() -> None:
    stage = software_stage(face_of(300))
    plan = SpinPlan(start=0, rest=TURN // 3, turns=6, segments=300)
    strip = stage.view._strip
    keys = []
    for tick in range(240, 480, 2):
        scene = stage.spinning(plan, tick)
        stage.view.draw(scene)
        keys.append(strip.key(scene, 0.0))

    assert len(set(keys)) < len(keys) / 2


@pytest.mark.parametrize("part", [0.02, 0.3, 0.97])
def test_at_rest_the_strip_slides_until_the_name_is_in_the_middle_of_the_band(part: float) -> None:
    """Gold lines once cut the names of a strip that rested off its centre."""
    stage = software_stage(face_of(300))
    centred = pixels(stage.capture(stage.idle(70, 0.5)).subsurface(stage.layout.strip))

    assert pixels(stage.capture(stage.idle(70, part)).subsurface(stage.layout.strip)) == centred


@pytest.mark.parametrize(
    "name",
    ["Zoë Van-der-Berg Schmidtbauer", "Maximiliana Wolfeschlegelsteinhausen-Bergerdorff", "W" * 40, "Ana", "王" * 30],
)
@pytest.mark.parametrize("width", [300, 700])
def test_a_name_in_the_band_is_whole_and_inside(name: str, width: int) -> None:
    fonts = Typesetter({})
    block = name_block(fonts, name, BUILT_IN.text, width=width, height=140, largest=90, least=40)
    ink = block.get_bounding_rect()

    assert block.get_width() <= width
    assert ink.h <= 140
    assert "…" not in name
    # No ink is lost: set on one line of the same size, it has about as much.
    assert ink.w > 0


def test_lines_of_equal_length_do_not_break_a_name_after_a_hyphen() -> None:
    fonts = Typesetter({})
    name = "Maximiliana Wolfeschlegelstein-Bergerdorff von Hohenlohe"
    width = fonts.width("Maximiliana Wolfeschlegelstein-Bergerdorff von", 40) + 4
    _, lines = fonts.fit_lines(name, width=width, height=200, largest=40, smallest=20, most=2)

    assert lines == ["Maximiliana Wolfeschlegelstein-Bergerdorff", "von Hohenlohe"]


def test_a_name_is_broken_at_a_space_before_a_hyphen() -> None:
    fonts = Typesetter({})
    size, lines = fonts.fit_lines("Zoë Van-der-Berg", width=300, height=400, largest=90, smallest=30)

    assert lines == ["Zoë", "Van-der-Berg"]
    assert size >= 30


@pytest.mark.parametrize("part", [0.00001, 0.0003, 0.0005, 0.002, 0.5, 0.998, 0.9997, 0.99999])
def test_the_large_name_is_there_at_the_edge_of_its_segment_too(part: float) -> None:
    """Its place was rounded to just between two rows, and none of both names was large."""
    stage = software_stage(face_of(24))
    angle = angle_in(stage.face, 7, part)
    reader = Reader(stage.layout, stage.face)

    for scene in (stage.turning(angle, TURN / 10_000), stage.turning(angle, 0.0)):
        assert reader.shows(stage.view.capture(scene), 7, whole=0.9)


@pytest.mark.parametrize("count", [24, 60, 100, 300, 3000])
@pytest.mark.parametrize("turns", [5, 6, 7])
def test_names_that_stand_stand_long_enough_to_be_read(count: int, turns: int) -> None:
    """The last ones, and sometimes the first, stood for a frame or two."""
    plan, holds = SpinPlan(start=0, rest=TURN - 1, turns=turns, segments=count), Holds()
    lengths: dict[int, int] = {}
    ticks = []
    for tick in range(plan.ticks):
        hold = holds.at(plan, (plan.ticks - tick) * 1000 // TICKS_PER_SECOND)
        if hold is not None:
            lengths[hold.number] = lengths.get(hold.number, 0) + 1
            ticks.append(hold.tick)
            assert hold.tick <= tick

    assert lengths
    assert all(0.49 * HOLD_MS <= length * 1000 / TICKS_PER_SECOND <= 1.51 * HOLD_MS for length in lengths.values())
    assert ticks == sorted(ticks)


def test_what_can_always_be_read_never_stands() -> None:
    plan, holds = SpinPlan(start=0, rest=TURN // 2, turns=5, segments=2), Holds()

    assert all(holds.at(plan, rest_in_ms) is None for rest_in_ms in range(0, 11_001, 50))
    assert holds.next(plan, 5000) is None
