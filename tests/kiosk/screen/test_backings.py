"""What does not move on the screen: painted when it changes, and while the wheel matters one part a frame."""

import threading
import weakref
from collections import deque
from collections.abc import Sequence
from types import SimpleNamespace

import pygame
import pytest
from msgspec.structs import replace

from kiosk.screen.backends import gpu
from kiosk.screen.backends.adapter import Part, Picture
from kiosk.screen.backends.gpu import GpuBackend
from kiosk.screen.effects.bulbs import BULBS
from kiosk.screen.effects.reveal import GROW_FROM_MS
from kiosk.screen.panels import proof_code
from kiosk.screen.scene import Phase, PrizeCard, Scene
from kiosk.wheel.angle import TURN
from kiosk.wheel.spin import SpinPlan
from tests.kiosk.screen.stage import Stage, built, face_of, pixels, software_stage

pytestmark = pytest.mark.usefixtures("open_pygame")

retaining = pytest.mark.parametrize("retains", [True, False], ids=["kept frames", "whole frames"])


def rested_stage(*, retains: bool, size: tuple[int, int] = (800, 480)) -> tuple[Stage, Scene]:
    """Return a stage whose wheel has just come to rest, and the scene of it."""
    stage = software_stage(face_of(12), size)
    stage.backend.retains = retains
    plan = SpinPlan(start=0, rest=TURN // 3, turns=5, segments=12)
    scene = stage.rested(plan, 0)
    stage.view.draw(stage.spinning(plan, plan.ticks - 1))
    stage.view.capture(scene)  # with all that is painted on another thread
    return stage, scene


def changed_in(scene: Scene) -> Scene:
    """Return the scene with two still parts of the screen changed."""
    return replace(scene, title="Winter party", status=("411 people", "Code of this list: 3f9a01bc"))


def count_backings(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> list[pygame.Surface]:
    """Return a list that grows by each backing that is painted from now on."""
    painted = built(stage, monkeypatch)
    amend = stage.backend.amend

    def watched(picture: object, surface: pygame.Surface, at: tuple[int, int]) -> None:
        painted.append(surface)
        amend(picture, surface, at)  # type: ignore[arg-type]

    monkeypatch.setattr(stage.backend, "amend", watched)
    return painted


@retaining
def test_a_wheel_that_has_just_come_to_rest_waits_for_one_backing_a_frame(
    retains: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage, scene = rested_stage(retains=retains)
    painted, counts = count_backings(stage, monkeypatch), []
    for _ in range(3):
        painted.clear()
        stage.view.draw(changed_in(scene))
        counts.append(len(painted))

    assert counts == [1, 1, 0]


@retaining
def test_what_was_painted_late_looks_like_what_was_painted_at_once(retains: bool) -> None:
    stage, scene = rested_stage(retains=retains)
    for _ in range(3):
        stage.view.draw(changed_in(scene))
    late = stage.backend.read_back()

    assert pixels(late) == pixels(stage.view.capture(changed_in(scene)))


@retaining
def test_a_part_that_waits_for_its_backing_shows_what_it_showed(retains: bool) -> None:
    """On a GPU the names of the strip were drawn over the prize that the strip still showed."""
    stage = software_stage(face_of(12))
    stage.backend.retains = retains
    prize = PrizeCard("Prize 2 of 5", "A bicycle", ("Place 3 of 4",))
    stage.view.draw(replace(stage.idle(), prize=prize))
    shown = stage.backend.read_back().subsurface(stage.layout.strip)
    stage.view.draw(replace(stage.turning(0, TURN / 2), title="A bicycle: place 3"))

    assert pixels(stage.backend.read_back().subsurface(stage.layout.strip)) == pixels(shown)


@retaining
def test_the_code_for_auditors_shows_the_last_one_until_the_next_is_made(
    retains: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage, scene = rested_stage(retains=retains, size=(1280, 720))
    proof = stage.layout.proof
    stage.view.draw(replace(scene, proof="HEAD 12 " + "3f9a01bc" * 8))
    waits, make = threading.Event(), proof_code._modules

    def wait_and_make(text: str) -> Sequence[Sequence[bool]]:
        assert waits.wait(10)
        return make(text)

    monkeypatch.setattr(proof_code, "_modules", wait_and_make)
    before = pixels(stage.backend.read_back().subsurface(proof))
    after = replace(changed_in(scene), proof="HEAD 13 " + "4f9a01bc" * 8)
    for _ in range(4):
        stage.view.draw(after)
    assert pixels(stage.backend.read_back().subsurface(proof)) == before

    waits.set()
    stage.view._proof._made(after.proof).result()
    stage.view.draw(after)
    assert pixels(stage.backend.read_back().subsurface(proof)) != before
    assert pixels(stage.backend.read_back()) == pixels(stage.view.capture(after))


@retaining
def test_an_idle_screen_shows_all_that_changed_in_one_frame(retains: bool) -> None:
    stage = software_stage(face_of(12))
    stage.backend.retains = retains
    stage.view.draw(stage.idle())
    stage.view.draw(changed_in(stage.idle()))
    at_once = stage.backend.read_back()

    assert pixels(at_once) == pixels(stage.view.capture(changed_in(stage.idle())))


def test_nothing_is_put_off_where_no_other_frame_need_follow(monkeypatch: pytest.MonkeyPatch) -> None:
    stage, scene = rested_stage(retains=True)
    stands = replace(scene, celebration_ms=GROW_FROM_MS * 100)
    stage.view.draw(stands)
    painted = count_backings(stage, monkeypatch)
    stage.view.draw(changed_in(stands))

    assert stands.phase is Phase.RESULT
    assert len(painted) == 2


def test_a_card_that_goes_has_only_what_it_covered_drawn_again(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = software_stage(face_of(12))
    stage.view.draw(stage.result(5))
    painted = count_backings(stage, monkeypatch)
    stage.view.draw(stage.turning(TURN // 3, TURN / 2))

    assert painted
    assert stage.layout.size not in [surface.get_size() for surface in painted]


def test_a_part_that_a_gpu_cannot_draw_leaves_the_screen_as_the_target(monkeypatch: pytest.MonkeyPatch) -> None:
    class Texture:
        def draw(self, **_: object) -> None:
            raise pygame.error("out of memory")

        @staticmethod
        def from_surface(*_: object) -> "Texture":
            return Texture()

    monkeypatch.setattr(gpu, "video", SimpleNamespace(Texture=Texture))
    backend = object.__new__(GpuBackend)
    backend._canvas = None
    backend._renderer = renderer = SimpleNamespace(target=None)  # type: ignore[assignment]
    whole = gpu._Texture(Texture(), (8, 8), deque(), is_target=True)  # type: ignore[arg-type]
    with pytest.raises(pygame.error):
        backend.amend(whole, pygame.Surface((2, 2)), (0, 0))

    assert renderer.target is None


def test_dropped_caches_are_freed_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The guard of the memory measures right after it; a hidden window presents nothing."""
    stage = software_stage(face_of(12))
    freed: list[str] = []
    monkeypatch.setattr(stage.backend, "free_dropped", lambda: freed.append("freed"))
    stage.view.drop_caches()

    assert freed


def test_only_the_thread_that_draws_frees_what_another_dropped() -> None:
    class Texture:
        pass

    backend = object.__new__(GpuBackend)
    backend._unused = deque()
    texture = Texture()
    freed = weakref.ref(texture)
    pictures = [gpu._Texture(texture, (8, 8), backend._unused)]  # type: ignore[arg-type]
    del texture
    dropping = threading.Thread(target=pictures.clear)
    dropping.start()
    dropping.join()

    assert freed() is not None
    backend.free_dropped()
    assert freed() is None


def test_a_frame_that_is_drawn_whole_draws_no_place_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a GPU each call costs: bulbs that the stage has drawn are not drawn again."""
    stage = software_stage(face_of(12))
    stage.backend.retains = False
    stage.view.draw(stage.turning(0, TURN / 2))
    places: list[tuple[int, int]] = []
    draw, draw_parts = stage.backend.draw, stage.backend.draw_parts

    def watched_parts(picture: Picture, parts: Sequence[Part]) -> None:
        places.extend(part.box.topleft for part in parts)
        draw_parts(picture, parts)

    def watched(picture: Picture, at: tuple[int, int], *, area: pygame.Rect | None = None, alpha: int = 255) -> None:
        places.append(at)
        draw(picture, at, area=area, alpha=alpha)

    monkeypatch.setattr(stage.backend, "draw", watched)
    monkeypatch.setattr(stage.backend, "draw_parts", watched_parts)
    stage.view.draw(stage.turning(TURN // 3, TURN / 2))

    assert len(places) > BULBS // 2
    assert len(places) == len(set(places))
