"""A wheel that turns slowly is moved in tiles: as exact as turning each pixel, without holes, and without a memory."""

import math

import pygame
import pytest

from kiosk.screen.backends.adapter import Sharpness
from kiosk.screen.backends.slow_wheel import SlowWheel
from kiosk.screen.backends.small_turns import most_radians, tiles
from kiosk.screen.backends.software import SoftwareBackend
from kiosk.screen.scene import Scene
from kiosk.wheel.angle import TURN, normalize
from kiosk.wheel.spin import TICKS_PER_SECOND, SpinPlan
from tests.kiosk.screen.stage import Stage, face_of, pixels, software_stage

SIDE = 181
HOLE = (255, 255, 255)


def numbered(side: int) -> pygame.Surface:
    """Return a picture in which each pixel says where it is."""
    picture = pygame.Surface((side, side), 0, 32)
    for x in range(side):
        for y in range(side):
            picture.set_at((x, y), (x, y, 0))
    return picture


@pytest.mark.parametrize("part", [0.0, 0.03, -0.07, 0.1, 0.44, -0.5, 1.0, -1.0])
@pytest.mark.parametrize("pivot", [(90.5, 90.5), (20.0, 400.25)])
def test_each_pixel_of_a_tile_is_at_most_one_from_its_place(part: float, pivot: tuple[float, float]) -> None:
    picture, turn = numbered(SIDE), part * most_radians(SIDE)
    shown = pygame.Surface((SIDE, SIDE), 0, 32)
    shown.fill(HOLE)
    cos, sin = math.cos(turn), math.sin(turn)
    away = (SIDE / 2 - pivot[0], SIDE / 2 - pivot[1])  # the middle stays in the middle
    to = (SIDE / 2 - cos * away[0] + sin * away[1], SIDE / 2 - sin * away[0] - cos * away[1])

    for tile in tiles(picture.get_rect(), pivot, to, turn):
        shown.blit(picture, tile.to, tile.area)

    margin = 12
    for x in range(margin, SIDE - margin):
        for y in range(margin, SIDE - margin):
            red, green, blue, _ = shown.get_at((x, y))
            assert (red, green, blue) != HOLE
            across, down = red + 0.5 - pivot[0], green + 0.5 - pivot[1]
            assert abs(to[0] + cos * across - sin * down - (x + 0.5)) < 0.65, (x, y)
            assert abs(to[1] + sin * across + cos * down - (y + 0.5)) < 0.65, (x, y)


@pytest.mark.parametrize("side", [200, 921, 2000])
def test_a_turn_takes_at_most_some_hundred_tiles(side: int) -> None:
    picture = pygame.Rect(0, 0, side, side)
    middle = (side / 2, side / 2)

    assert len(tiles(picture, middle, middle, most_radians(side))) <= 21**2
    assert len(tiles(picture, middle, middle, 0.9 / side)) <= 4
    assert len(tiles(picture, middle, middle, 0.0)) == 1


def test_a_slow_wheel_looks_the_same_whatever_was_drawn_before() -> None:
    wheel, box = numbered(SIDE), pygame.Rect(10, 10, SIDE, SIDE)
    screens = [pygame.Surface((SIDE + 20, SIDE + 20), 0, 32) for _ in range(2)]
    kept = SlowWheel()
    for degrees in (0.0, 1.0, 2.0, 40.0, 41.5, 43.0):
        kept.draw(screens[0], wheel, box, degrees)
    SlowWheel().draw(screens[1], wheel, box, 43.0)

    disc = pygame.Rect(0, 0, SIDE * 7 // 10, SIDE * 7 // 10)  # within the circle: beside it is the frame
    disc.center = box.center
    assert pixels(screens[0].subsurface(disc)) == pixels(screens[1].subsurface(disc))


def test_another_wheel_is_not_drawn_out_of_the_one_before() -> None:
    box = pygame.Rect(0, 0, SIDE, SIDE)
    green = pygame.Surface((SIDE, SIDE), 0, 32)
    green.fill((0, 200, 0))
    screen, slow = pygame.Surface((SIDE, SIDE), 0, 32), SlowWheel()
    slow.draw(screen, numbered(SIDE), box, 20.0)
    slow.draw(screen, green, box, 20.0)

    assert screen.get_at(box.center)[:3] == (0, 200, 0)


def moved(stage: Stage, steps: float, speed: float) -> Scene:
    """Return a wheel so many steps of a third of a pixel or less from where it was."""
    step = int(TURN / (math.pi * stage.layout.disc.w) / 3)
    step = 1 << (step.bit_length() - 1)
    return stage.turning(round((TURN // 24 // step + steps + 0.1) * step), speed)


def test_a_wheel_that_moved_by_less_than_can_be_seen_is_not_drawn_again() -> None:
    stage = software_stage(face_of(12))
    while stage.view.draw(moved(stage, 0, TURN / 100)):
        """Names of the strip are set one after another."""

    assert not stage.view.draw(moved(stage, 0.8, TURN / 100))
    assert stage.view.draw(moved(stage, 1, TURN / 100))


def test_a_wheel_at_rest_is_drawn_where_it_is_to_the_unit(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = software_stage(face_of(12))
    drawn: list[float] = []
    stage.view.draw(moved(stage, 0, TURN / 100))
    rested = moved(stage, 0.5, 0.0)
    monkeypatch.setattr(stage.backend, "draw_turned", lambda picture, box, degrees, how, **_: drawn.append(degrees))

    assert stage.view.draw(rested)
    assert drawn == [rested.angle * 360 / TURN]


@pytest.mark.parametrize("count", [60, 300, 3000])
def test_the_drawn_wheel_never_goes_back_while_the_camera_moves_in(count: int) -> None:
    """Finer steps begin elsewhere than coarser ones, unless each is a part of the other."""
    stage = software_stage(face_of(count))
    plan = SpinPlan(start=12345, rest=TURN // 3, turns=5, segments=count)
    shown, stage_of_wheel = [], stage.view._stage
    stage.view.draw(stage.spinning(plan, 0))
    for tick in range(plan.ticks - 8 * TICKS_PER_SECOND, plan.ticks):
        scene = stage.spinning(plan, tick)
        behind = normalize(scene.angle - stage_of_wheel._angle(scene, stage_of_wheel.zoom(scene)))
        shown.append(plan.angle_at(tick) - behind)
        assert behind * math.pi * stage.layout.disc.w * stage_of_wheel.zoom(scene) / TURN <= 1 / 3
    stage.view.close()

    assert shown == sorted(shown)


def test_a_coarse_wheel_stands_in_the_middle_of_its_box_however_it_is_turned() -> None:
    backend = SoftwareBackend((400, 400), rotate=0)
    box = pygame.Rect(50, 50, 300, 300)
    large = pygame.Surface((400, 400), 0, 32)
    pygame.draw.circle(large, (255, 255, 255), (200, 200), 120)
    picture = backend.blurred(pygame.transform.smoothscale(large, (100, 100)))

    for degrees in (0.0, 0.4, 1.0, 5.0, 20.0, 45.0, 90.0, 100.0, 181.0, 250.0, 300.0):
        backend.fill(pygame.Rect(0, 0, 400, 400), (0, 0, 0))
        backend.draw_turned(picture, box, degrees, Sharpness.COARSE)
        seen = pygame.mask.from_threshold(backend.read_back(), (255, 255, 255), (128, 128, 128, 255))
        disc = seen.get_bounding_rects()[0]
        assert abs(disc.left + disc.right - 400) <= 3, degrees
        assert abs(disc.top + disc.bottom - 400) <= 3, degrees
