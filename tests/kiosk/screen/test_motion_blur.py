"""A fast wheel is smeared round its middle, and what looks the same however it is turned stays sharp."""

import math
from itertools import pairwise

import pygame
import pytest

from kiosk.screen.themes.theme import BUILT_IN
from kiosk.screen.wheel_picture.measures import RIM
from kiosk.screen.wheel_picture.motion_blur import blur_at, blurs, coloured, even, smear
from kiosk.screen.wheel_picture.painting import FINE, FINE_LONG, HUB, PEGS, peg_angles
from kiosk.screen.wheel_picture.rings import hide_line, paint_rings, parts_of
from kiosk.wheel.angle import TURN
from kiosk.wheel.segments import Segments
from kiosk.wheel.spin import TICKS_PER_SECOND, SpinPlan
from tests.kiosk.screen.stage import face_of, software_stage
from tests.kiosk.screen.test_camera import plan_to

DIAMETER = 600


def segments_of(count: int) -> Segments:
    return Segments([1] * count)


def alpha_at(rings: pygame.Surface, radius: float, degrees: float = 30.0) -> int:
    turn, middle = math.radians(degrees), rings.get_width() / 2
    at = (int(middle + radius * middle * math.cos(turn)), int(middle + radius * middle * math.sin(turn)))
    return rings.get_at(at)[3]


@pytest.mark.parametrize("side", [99.0, 100.0, 101.0, 307.4])
@pytest.mark.parametrize("degrees", [2.0, 30.0, 170.0])
def test_a_smeared_disc_stays_in_the_middle(side: float, degrees: float) -> None:
    """Pictures with odd sides moved to the upper left, so that the fast wheel stood beside its frame."""
    length = even(side)
    large = pygame.Surface((4 * length, 4 * length), 0, 32)
    pygame.draw.circle(large, (255, 255, 255), (2 * length, 2 * length), 1.6 * length)
    disc = pygame.transform.smoothscale(large, (length, length))

    smeared = smear(disc, degrees, lambda: None)

    centre = pygame.mask.from_threshold(smeared, (255, 255, 255), (128, 128, 128, 255)).centroid()
    assert abs(centre[0] + 0.5 - length / 2) <= 1
    assert abs(centre[1] + 0.5 - length / 2) <= 1


@pytest.mark.parametrize("size", [(800, 480), (720, 720), (1920, 1080)])
def test_a_smeared_wheel_is_as_light_as_the_wheel_it_shows(size: tuple[int, int]) -> None:
    """Each of ten turns rounds down: it was darker by 7 % at 800x480."""
    stage = software_stage(face_of(300), size)
    plan = plan_to(stage, 7)
    inner = stage.layout.disc.inflate(-stage.layout.disc.w * 3 // 10, -stage.layout.disc.w * 3 // 10)
    means = []
    for tick in (0, plan.ticks // 22, plan.ticks // 16, plan.ticks // 4):
        picture = stage.view.capture(stage.spinning(plan, tick))
        means.append(sum(pygame.transform.average_color(picture, inner)[:3]))
    stage.view.close()

    assert max(means) < 1.03 * min(means)


@pytest.mark.parametrize("count", [1, 2, 12, 48, 60, 100, 101, 600, 3000])
def test_where_a_wheel_is_soft_its_pegs_have_run_into_each_other(count: int) -> None:
    segments = segments_of(count)
    pitch = 360 / len(peg_angles(segments))

    assert all(blur.degrees >= min(170, pitch) for blur in blurs(segments) if blur.soft)
    assert [blur.soft for blur in blurs(segments)][::3] == [False, True]


@pytest.mark.parametrize(("count", "line"), [(12, 0.0), (300, FINE_LONG), (3000, FINE)])
def test_rings_cover_the_rim_the_hub_and_the_line_and_nothing_else(count: int, line: float) -> None:
    rings = paint_rings(segments_of(count), DIAMETER, BUILT_IN, lambda: None)

    assert [alpha_at(rings, radius) for radius in (0.05, HUB, RIM + 0.01, PEGS, 0.99)] == [255] * 5
    assert [alpha_at(rings, radius) for radius in (0.2, 0.3, 0.5, 0.7, 0.88)] == [0] * 5
    if line:
        assert alpha_at(rings, line - 0.003) == 255


@pytest.mark.parametrize("count", [12, 3000])
@pytest.mark.parametrize("diameter", [97, 600])
def test_the_parts_of_rings_hold_all_of_them_once_and_a_third_of_the_square_at_most(count: int, diameter: int) -> None:
    rings = paint_rings(segments_of(count), diameter, BUILT_IN, lambda: None)
    pauses: list[None] = []

    parts = parts_of(rings, lambda: pauses.append(None))

    held = pygame.Mask(rings.get_size())
    for part in parts:
        held.draw(pygame.Mask(part.size, fill=True), part.topleft)
    assert sum(part.w * part.h for part in parts) == held.count()
    assert held.overlap_area(pygame.mask.from_surface(rings, 0), (0, 0)) == pygame.mask.from_surface(rings, 0).count()
    assert diameter < 600 or held.count() < diameter**2 / 3
    assert len(parts) < 300
    assert len(pauses) >= diameter // 24


@pytest.mark.parametrize("alpha", [255, 100])
def test_a_picture_in_parts_looks_like_the_whole_and_is_not_changed_by_fading(alpha: int) -> None:
    stage = software_stage(face_of(12), (800, 480))
    backend, rings = stage.backend, paint_rings(segments_of(300), 240, BUILT_IN, lambda: None)
    pictures = [backend.picture(rings), backend.picture(rings, parts=parts_of(rings, lambda: None))]

    seen = []
    for strength in (alpha, 255):
        for picture in pictures:
            backend.fill(pygame.Rect((0, 0), stage.layout.size), (90, 20, 140))
            backend.draw(picture, (31, 17), alpha=strength)
            seen.append(pygame.image.tobytes(backend.read_back(), "RGB"))

    assert seen[0] == seen[1]
    assert seen[2] == seen[3]
    assert (seen[0] == seen[2]) == (alpha == 255)


def test_rings_look_the_same_all_round() -> None:
    rings = paint_rings(segments_of(3000), DIAMETER, BUILT_IN, lambda: None)
    upside_down = pygame.transform.rotate(rings, 180)
    quarter = pygame.transform.rotate(rings, 90)

    for turned in (upside_down, quarter):
        far = [
            (x, y)
            for x in range(0, DIAMETER, 7)
            for y in range(0, DIAMETER, 7)
            if any(abs(a - b) > 24 for a, b in zip(rings.get_at((x, y)), turned.get_at((x, y)), strict=True))
        ]
        assert len(far) < 0.01 * (DIAMETER / 7) ** 2


def test_painting_pauses_between_its_pieces() -> None:
    pauses: list[None] = []
    paint_rings(segments_of(12), DIAMETER, BUILT_IN, lambda: pauses.append(None))

    assert len(pauses) >= DIAMETER // 96


@pytest.mark.parametrize(("count", "fine"), [(300, FINE_LONG), (3000, FINE)])
def test_the_line_of_a_small_wheel_is_hidden_under_the_one_of_the_rings(count: int, fine: float) -> None:
    stage = software_stage(face_of(count), (1920, 1080))
    wheel = stage.view._stage._wheel
    assert wheel is not None
    small = pygame.transform.smoothscale(wheel.small, (300, 300))
    on_line = [
        (int(150 + 150 * fine * math.cos(turn / 50)), int(150 + 150 * fine * math.sin(turn / 50)))
        for turn in range(314)
    ]
    light = sum(min(small.get_at(at)[:3]) for at in on_line)

    hide_line(small, wheel.face.segments, BUILT_IN)

    assert sum(min(small.get_at(at)[:3]) for at in on_line) < 0.8 * light


def test_a_list_without_a_line_is_left_as_it_is() -> None:
    wheel = pygame.Surface((60, 60), 0, 32)
    wheel.fill((1, 2, 3))
    hide_line(wheel, segments_of(12), BUILT_IN)

    assert pygame.mask.from_threshold(wheel, (1, 2, 3), (1, 1, 1, 255)).count() == 3600


def test_the_rim_of_a_soft_wheel_has_no_blocks() -> None:
    """The small picture under it showed steps of three pixels round the rim and the hub."""
    stage = software_stage(face_of(3000), (1920, 1080))
    plan = plan_to(stage, 7)
    picture = stage.view.capture(stage.spinning(plan, plan.ticks // 4))
    disc = stage.layout.disc
    rings = paint_rings(segments_of(3000), disc.w, BUILT_IN, lambda: None)
    gloss_free = [
        (x, disc.w // 2 + y)
        for x in range(disc.w // 20)
        for y in (-40, -20, 20, 40)
        if rings.get_at((x, disc.w // 2 + y))[3] == 255
    ]

    for x, y in gloss_free:
        shown, sharp = picture.get_at((disc.x + x, disc.y + y)), rings.get_at((x, y))
        assert all(abs(a - b) <= 24 for a, b in zip(shown[:3], sharp[:3], strict=True)), (x, y)
    assert len(gloss_free) > 60
    stage.view.close()


@pytest.mark.parametrize("count", [2, 12, 60, 100, 3000])
def test_no_smear_comes_at_once(count: int) -> None:
    """Each change of strength was a cut. Slower than 2.5 wedges a second there is none, at six two have blended."""
    segments = Segments([1] * count)
    areas, before = coloured(segments), 0.0
    for passing in range(200, 2200):  # hundredths of a wedge a second
        found = blur_at(segments, passing / 100 / areas * TURN)
        strength = found[0] + found[1] if found is not None else 0.0
        assert before <= strength <= before + 0.06
        assert (strength > 0) == (passing > 250)
        assert strength >= 3 or passing < 600
        before = strength
    assert before == len(blurs(segments))


@pytest.mark.parametrize("count", [12, 60, 100, 601, 3000])
def test_a_smear_comes_in_some_frames_while_the_wheel_gains_speed_too(count: int) -> None:
    segments = Segments([1] * count)
    plan = SpinPlan(start=0, rest=TURN - 1, turns=7, segments=count)
    ticks = range(0, plan.ticks // 5, 2)
    speeds = [(plan.angle_at(tick + 1) - plan.angle_at(tick)) * TICKS_PER_SECOND for tick in ticks]
    found = [blur_at(segments, speed, gains=True) for speed in speeds]
    strengths = [one[0] + one[1] if one is not None else 0.0 for one in found]

    assert max(after - before for before, after in pairwise(strengths)) < 0.7
