"""The names of the strip: few typeset in a frame, and a seamless blur when they are too fast to read."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

import pygame
import pytest

from kiosk.screen.scene import Face
from kiosk.screen.strip.rows import ROWS
from kiosk.wheel.angle import TURN
from tests.kiosk.screen.stage import Reader, angle_in, built, face_of, software_stage


@pytest.fixture(scope="module", autouse=True)
def _pygame() -> Iterator[None]:
    pygame.font.init()
    pygame.freetype.init()
    yield
    pygame.quit()


def test_a_moving_strip_sets_few_names_a_frame_and_the_middle_one_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """When all of them come into sight at once, the large one is there in the first frame, the others soon after."""
    stage = software_stage(face_of(300))
    reader = Reader(stage.layout, stage.face)
    stage.view.draw(stage.turning(0, TURN * 1.0))  # too fast for names, but everything else is there now
    surfaces = built(stage, monkeypatch)
    set_so_far = [0]
    for frame in range(8):
        stage.view.draw(stage.turning(angle_in(stage.face, 100, 0.4 + frame / 100), TURN / 3000))
        set_so_far.append(len(surfaces))
        assert reader.shows(stage.backend.read_back(), 100)

    assert max(after - before for before, after in pairwise(set_so_far)) <= 2
    assert ROWS <= set_so_far[-1] <= ROWS + 2


def test_the_first_picture_of_a_wheel_does_not_wait_for_what_only_a_spin_needs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stage = software_stage(face_of(300))
    painted: list[Face] = []
    paint = stage.view._strip._paint_streak

    def counted(face: Face) -> pygame.Surface:
        painted.append(face)
        return paint(face)

    monkeypatch.setattr(stage.view._strip, "_paint_streak", counted)

    stage.view.draw(stage.idle())
    assert painted == []
    stage.view.get_ready()
    stage.view.get_ready()
    assert painted == [stage.face]
    stage.view.draw(stage.turning(0, TURN * 1.0))
    assert painted == [stage.face]


def test_the_streak_of_names_has_no_seam_where_it_starts_anew() -> None:
    """Seen in a picture of the virtual Pi: with one short name, an edge went through the strip."""
    face = face_of(300)
    stage = software_stage(replace(face, names=["x", *("A name of some length" for _ in face.names[1:])]))
    streak = stage.view._strip._paint_streak(stage.face)
    width, height = streak.get_size()

    def ink(y: int) -> list[int]:
        return [streak.get_at((x, y % height)).a for x in range(0, width, 3)]

    steps = [sum(abs(a - b) for a, b in zip(ink(y), ink(y + 1), strict=True)) for y in range(height)]
    assert 0 < steps[-1] <= max(steps[:-1])
