"""What a margin keeps free on every screen, and when the button on the screen is there to be held."""

from collections.abc import Sequence

import pygame
import pytest
from msgspec.structs import replace

from kiosk.screen.panels.ground import Ground
from kiosk.screen.scene import Board, Cell, Scene
from kiosk.screen.themes.theme import BUILT_IN
from kiosk.wheel.spin import SpinPlan
from tests.kiosk.screen.stage import Stage, angle_in, face_of, name_of, software_stage

pytestmark = pytest.mark.usefixtures("open_pygame")

SIZES = [(800, 480), (480, 800), (1024, 600)]
LONG = "The annual summer party of the fire brigade and the brass band of Upper Kirch!!"


def board(count: int) -> Board:
    return Board("Winners", LONG, tuple(Cell(str(n), name_of(n)) for n in range(count)), count, "Page 1 of 9", LONG)


def screens(stage: Stage) -> dict[str, Scene]:
    plan = SpinPlan(start=0, rest=angle_in(stage.face, 0), turns=6, segments=stage.face.segments.count)
    idle = replace(stage.idle(), title=LONG, notices=(LONG,), proof="PROOF " + "4" * 64, proof_short="AB CD")
    return {
        "idle": idle,
        "turning": stage.spinning(plan, plan.ticks - 60),
        "result": stage.rested(plan, 3000),
        "board": replace(stage.rested(plan, 6000), board=board(30)),
        "curtain": replace(idle, curtain=True, rehearsal=""),
        "rehearsal": replace(idle, rehearsal="REHEARSAL"),
    }


@pytest.mark.slow
@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("count", [1, 2, 300])
def test_nothing_but_the_background_is_in_the_margin(size: tuple[int, int], count: int) -> None:
    stage = software_stage(face_of(count), size, margin=5)
    safe = stage.layout.safe
    ground = Ground(stage.layout, BUILT_IN).whole()
    ground.fill(BUILT_IN.ground, safe)
    for name, scene in screens(stage).items():
        seen = stage.view.capture(replace(scene, celebration_ms=1 << 30))
        seen.fill(BUILT_IN.ground, safe)
        if name == "curtain":
            assert pygame.transform.threshold(None, seen, BUILT_IN.ground, set_behavior=0) == size[0] * size[1]
        else:
            assert pygame.image.tobytes(seen, "RGB") == pygame.image.tobytes(ground, "RGB"), name


@pytest.mark.slow
def test_a_board_that_follows_a_result_leaves_nothing_of_it_in_the_margin() -> None:
    stage = software_stage(face_of(12), margin=5)
    before = screens(stage)["result"]
    stage.view.draw(before)
    stage.view.draw(screens(stage)["board"])

    at_once = stage.backend.read_back()
    alone = stage.view.capture(screens(stage)["board"])
    assert pygame.image.tobytes(at_once, "RGB") == pygame.image.tobytes(alone, "RGB")


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_a_card_that_covers_the_strip_exactly_is_presented(
    size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Strip and card changed in one frame, each lay in the other's box, and neither reached an upright screen."""
    stage = software_stage(face_of(12), size, touch=True, motion="reduced")
    stage.view.draw(stage.result(5, celebration_ms=0))
    frames: list[Sequence[pygame.Rect]] = []
    monkeypatch.setattr(stage.backend, "present", frames.append)
    stage.view.draw(stage.result(5))

    assert [box for box in frames[0] if box.contains(stage.layout.card)]


@pytest.mark.slow
def test_the_button_is_there_to_be_held_while_a_press_counts() -> None:
    stage = software_stage(face_of(12), touch=True)
    shown = {name: _button_of(stage, scene) for name, scene in screens(stage).items()}
    pressable = replace(screens(stage)["result"], prompt="Press and hold")

    assert {name for name, there in shown.items() if there} == {"idle", "rehearsal"}
    assert _button_of(stage, pressable)
    assert not _button_of(stage, replace(stage.idle(), page=(("What", "a value"),)))
    assert not _button_of(stage, replace(stage.idle(), ended=True))
    assert not _button_of(software_stage(face_of(12)), pressable)


def test_while_the_button_is_held_only_its_own_region_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = software_stage(face_of(12), touch=True)
    stage.view.draw(stage.idle())
    frames: list[list[pygame.Rect]] = []
    present = stage.backend.present

    def watched(changed: Sequence[pygame.Rect]) -> None:
        frames.append(list(changed))
        present(changed)

    monkeypatch.setattr(stage.backend, "present", watched)
    pictures = []
    for held in (0.01, 0.3, 0.6, 1.0):
        stage.view.draw(replace(stage.idle(), held=held))
        pictures.append(pygame.image.tobytes(stage.backend.read_back().subsurface(stage.layout.button), "RGB"))

    assert frames == [[stage.layout.button]] * 4
    assert len(set(pictures)) == 4


def _button_of(stage: Stage, scene: Scene) -> bool:
    stage.view.draw(scene)
    return stage.view.button == stage.layout.button
