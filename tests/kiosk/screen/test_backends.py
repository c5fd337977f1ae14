"""Both back ends draw the same picture, pixel by pixel, and none is trusted before it proves that it draws."""

import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pygame
import pytest
from pygame import Rect

from kiosk.core.errors import NoDisplay, ScreenError
from kiosk.screen.backends import opening
from kiosk.screen.backends.adapter import inner_size
from kiosk.screen.backends.gpu import GpuBackend
from kiosk.screen.backends.opening import open_backend, proves_itself
from kiosk.screen.backends.software import SoftwareBackend
from kiosk.screen.layouts.arrangement import arrange
from kiosk.screen.layouts.layout import Layout
from kiosk.screen.options import LARGEST_SIDES_OF_A_GPU, Rotation
from kiosk.screen.regions import bare_parts
from tests.kiosk.screen.stage import NO_SUCH_BACKEND, compared_scenes, face_of, software_stage

ROOT = Path(__file__).resolve().parents[3]
PATIENCE_S = 120
"""Mesa draws with the CPU here, and the machine may be busy."""
FAR = 40
"""Channel difference from which a pixel counts as another colour, of 255."""
WORDS_MEAN, WORDS_FAR = 0.2, 0.001
"""Title, strip, prompt, status line, card. Both back ends blend the same pictures at the same whole pixels, so only
the rounding of a blend differs, by 1 or 2 of 255: 0.00 to 0.02 on average measured, and no pixel beyond `FAR`."""
WHEEL_MEAN, WHEEL_FAR, WHEEL_FAR_ANYWHERE = 6.0, 0.06, 0.075
"""The wheel's square, and any ninth of it, so that an error is not averaged away. The GPU interpolates. The CPU takes
the nearest pixel of a 16-bit copy while it turns: 4.8 to 4.9 of 255 apart on average, 5.0 % of the pixels beyond `FAR`,
all on edges of wedges, letters and rings. At rest it interpolates too: 1.7, and 0.5 %. A wheel turned by one wedge too
many differs by 77 on average."""
NEAR_FAR_ANYWHERE = 0.12
"""The same while the camera is near: large letters, and nearly all their edges, are in one ninth: 9 % measured."""


# ---- the same picture ----------------------------------------------------------------------------------------------


def draw_in_a_process(choice: str, size: tuple[int, int], rotate: int, directory: Path) -> str:
    """Draw the compared scenes with one back end; returns the driver's name, or skips with the reason."""
    directory.mkdir()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SDL_")}
    done = subprocess.run(
        [sys.executable, "-m", "tests.kiosk.screen.stage", choice, f"{size[0]}x{size[1]}", str(rotate), str(directory)],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    if done.returncode == NO_SUCH_BACKEND and choice == "gpu":
        if os.environ.get("WHEEL_REQUIRE_WINDOW"):
            pytest.fail(f"a GPU renderer is required here: {done.stderr}")
        pytest.skip(f"no GPU renderer (Debian: libegl1 libgles2 libgl1-mesa-dri): {done.stderr.strip()}")
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module", params=[(1280, 720, 0), (720, 1280, 0), (1280, 720, 90)], ids=str)
def drawn(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Layout, Rotation]:
    """Draw the scenes on both back ends; returns the directory, the layout of the picture and its rotation."""
    width, height, rotate = request.param
    directory = tmp_path_factory.mktemp("drawn")
    assert draw_in_a_process("gpu", (width, height), rotate, directory / "gpu").startswith("offscreen/")
    assert draw_in_a_process("software", (width, height), rotate, directory / "software") == "dummy"
    return directory, arrange(inner_size((width, height), rotate)), rotate


def difference(one: pygame.Surface, other: pygame.Surface, box: Rect) -> tuple[float, float]:
    """Return the mean difference of a channel, and the share of pixels in which one differs by more than `FAR`."""
    first, second = one.subsurface(box).convert(32), other.subsurface(box).convert(32)
    near = pygame.mask.from_threshold(first, (0, 0, 0, 255), (FAR + 1, FAR + 1, FAR + 1, 255), second).count()
    apart = 0
    for left, right in ((first, second), (second, first)):
        above = left.copy()
        above.blit(right, (0, 0), special_flags=pygame.BLEND_RGB_SUB)  # what is below 0 becomes 0
        apart += sum(pygame.image.tobytes(above, "RGB"))
    return apart / (3 * box.w * box.h), 1 - near / (box.w * box.h)


def pair(directory: Path, scene: str, kind: str) -> tuple[pygame.Surface, pygame.Surface]:
    gpu, software = (pygame.image.load(directory / name / f"{scene}-{kind}.png") for name in ("gpu", "software"))
    return gpu, software


def words_of(layout: Layout, scene: str) -> list[Rect]:
    """Return the regions with words. The pointer's axis ends at the strip's edge, so a margin is left out there."""
    beside = layout.card if scene == "result" else layout.strip
    beside = beside.inflate(-2 * layout.px(24), -2 * layout.px(24))
    return [layout.title, layout.status, beside, *([] if scene == "result" else [layout.foot])]


@pytest.mark.slow
@pytest.mark.parametrize("scene", ["idle", "slow", "result"])
def test_both_back_ends_write_the_same_words(drawn: tuple[Path, Layout, Rotation], scene: str) -> None:
    directory, layout, _ = drawn
    gpu, software = pair(directory, scene, "drawn")

    assert gpu.get_size() == software.get_size() == layout.size
    for box in words_of(layout, scene):
        mean, far = difference(gpu, software, box)
        assert mean <= WORDS_MEAN, box
        assert far <= WORDS_FAR, box


@pytest.mark.parametrize("scene", ["slow", "fast", "near", "lit"])
def test_both_back_ends_draw_the_same_beside_a_turning_wheel(drawn: tuple[Path, Layout, Rotation], scene: str) -> None:
    directory, layout, _ = drawn
    gpu, software = pair(directory, scene, "drawn")

    for box in bare_parts(gpu.get_rect(), [layout.wheel]):
        mean, far = difference(gpu, software, box)
        assert mean <= WORDS_MEAN, box
        assert far <= WORDS_FAR, box


@pytest.mark.parametrize("scene", ["idle", "slow", "fast", "near", "lit", "result"])
def test_both_back_ends_draw_the_same_wheel(drawn: tuple[Path, Layout, Rotation], scene: str) -> None:
    directory, layout, _ = drawn
    gpu, software = pair(directory, scene, "drawn")

    mean, far = difference(gpu, software, layout.wheel)
    assert mean <= WHEEL_MEAN
    assert far <= WHEEL_FAR
    third, far_anywhere = layout.wheel.w // 3, NEAR_FAR_ANYWHERE if scene == "near" else WHEEL_FAR_ANYWHERE
    for column in range(3):
        for row in range(3):
            box = Rect(layout.wheel.x + column * third, layout.wheel.y + row * third, third, third)
            assert difference(gpu, software, box)[1] <= far_anywhere, box


@pytest.mark.slow
@pytest.mark.parametrize("scene", ["idle", "result"])
def test_what_the_window_shows_is_what_was_drawn_turned_as_asked(
    drawn: tuple[Path, Layout, Rotation], scene: str
) -> None:
    directory, _, rotate = drawn
    for picture, window in zip(pair(directory, scene, "drawn"), pair(directory, scene, "window"), strict=True):
        turned = pygame.transform.rotate(picture, -rotate)  # pygame counts counter-clockwise
        mean, far = difference(turned, window, turned.get_rect())
        assert turned.get_size() == window.get_size()
        assert mean <= 0.1
        assert far <= 0.001


def test_the_comparison_sees_a_wheel_that_is_turned_by_one_wedge() -> None:
    pygame.font.init()
    pygame.freetype.init()
    stage = software_stage(face_of(24))
    scenes = compared_scenes(stage)
    right, wrong = stage.view.capture(scenes["result"]), stage.view.capture(stage.result(9))
    mean, far = difference(right, wrong, stage.layout.wheel)
    stage.backend.close()

    assert mean > 4 * WHEEL_MEAN
    assert far > 4 * WHEEL_FAR


# ---- believed only after proof -------------------------------------------------------------------------------------


class Mute(SoftwareBackend):
    """A renderer like one seen on a real machine: it raises nothing, presents frames and draws nothing."""

    name = "gpu"
    opened: list[str] = []  # noqa: RUF012 - emptied by the fixture
    frame = 0.001

    def __init__(self, size: tuple[int, int] | None, *, renderer: str, vsync: bool, rotate: Rotation) -> None:
        super().__init__(size, rotate=rotate)
        self.driver = f"fake/{renderer}"
        self.opened.append(renderer)

    def draw(self, *_: Any, **__: Any) -> None:
        """Draw nothing."""

    def frame_s(self) -> float:
        return self.frame


class Sound(Mute):
    """A renderer that draws."""

    draw = SoftwareBackend.draw


class Unavailable:
    """A renderer that cannot be opened."""

    def __init__(self, size: tuple[int, int] | None, *, renderer: str, **_: object) -> None:
        raise ScreenError(f"The {renderer} renderer cannot be used.")


@pytest.fixture
def renderers(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, type]]:
    """Name the renderers that `open_backend` finds, in order, and the class that each is opened with."""
    found: dict[str, type] = {}
    Mute.opened.clear()

    def opened(size: tuple[int, int] | None, *, renderer: str, **options: Any) -> object:
        return found[renderer](size, renderer=renderer, **options)

    monkeypatch.setattr(opening, "GpuBackend", opened)
    monkeypatch.setattr(opening, "available_renderers", lambda: list(found))
    yield found
    pygame.display.quit()


class Large(Sound):
    """A renderer whose frame takes longer, the more pixels it has."""

    ns_a_pixel = 2.0

    def __init__(
        self, size: tuple[int, int], *, largest: tuple[int, int] = LARGEST_SIDES_OF_A_GPU, **about: Any
    ) -> None:
        super().__init__(size, **about)
        self.size = inner_size(size, 0, largest)
        self._canvas = pygame.Surface(self.size)
        self.frame = self.size[0] * self.size[1] * self.ns_a_pixel / 1e9


@pytest.mark.parametrize(
    ("kind", "window", "picture"),
    [
        (Large, (3840, 2160), (2560, 1440)),
        (Sound, (800, 480), (800, 480)),
        (Large, (1920, 1080), (1920, 1080)),
    ],
)
def test_a_4k_picture_is_scaled_up_where_the_gpu_is_too_slow_for_all_its_pixels(
    kind: type, window: tuple[int, int], picture: tuple[int, int], renderers: dict[str, type]
) -> None:
    renderers["opengles2"] = kind
    found = open_backend("auto", window, vsync=False)

    assert found.driver == "fake/opengles2"
    assert found.size == picture
    found.close()


def test_a_4k_picture_is_sharp_where_the_gpu_is_fast(
    renderers: dict[str, type], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Large, "ns_a_pixel", 0.2)
    renderers["opengles2"] = Large
    found = open_backend("auto", (3840, 2160), vsync=False)

    assert found.size == (3840, 2160)
    found.close()


def test_a_back_end_that_draws_nothing_does_not_prove_itself() -> None:
    pygame.display.init()
    mute = Mute((800, 480), renderer="opengl", vsync=False, rotate=0)
    sound = SoftwareBackend((800, 480), rotate=0)

    assert not proves_itself(mute)
    assert proves_itself(sound)
    sound.close()


def test_a_back_end_whose_renderer_raises_does_not_prove_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    pygame.display.init()
    broken = SoftwareBackend((800, 480), rotate=0)

    def refuse(*_: object, **__: object) -> None:
        raise pygame.error("out of memory")

    monkeypatch.setattr(broken, "draw", refuse)
    assert not proves_itself(broken)
    broken.close()


def test_the_first_renderer_that_draws_is_taken(renderers: dict[str, type], caplog: pytest.LogCaptureFixture) -> None:
    renderers |= {"opengles2": Unavailable, "opengl": Mute, "metal": Sound, "direct3d": Sound}

    with caplog.at_level(logging.INFO):
        found = open_backend("auto", (800, 480), vsync=False)

    assert found.driver == "fake/metal"
    assert Mute.opened == ["opengl", "metal"]
    assert "fake/opengl presents frames and draws nothing" in caplog.text


def test_where_no_renderer_draws_the_cpu_does(renderers: dict[str, type]) -> None:
    renderers |= {"opengles2": Mute, "opengl": Unavailable}

    assert open_backend("auto", (800, 480), vsync=False).name == "software"


def test_a_renderer_slower_than_the_cpu_is_left_alone_unless_it_was_asked_for(
    renderers: dict[str, type], monkeypatch: pytest.MonkeyPatch
) -> None:
    renderers |= {"opengles2": Sound}
    monkeypatch.setattr(Mute, "frame", 0.05)

    assert open_backend("auto", (800, 480), vsync=False).name == "software"
    assert open_backend("gpu", (800, 480), vsync=False).driver == "fake/opengles2"


def test_who_insists_on_a_gpu_is_told_that_none_draws(renderers: dict[str, type]) -> None:
    renderers |= {"opengles2": Mute}

    with pytest.raises(ScreenError, match="No GPU renderer draws here"):
        open_backend("gpu", (800, 480), vsync=False)


def test_who_insists_on_the_cpu_gets_it(renderers: dict[str, type]) -> None:
    renderers |= {"opengles2": Sound}

    assert open_backend("software", (800, 480), vsync=False).name == "software"
    assert Mute.opened == []


def test_auto_tries_no_gpu_that_is_refused_and_gpu_does(
    renderers: dict[str, type], caplog: pytest.LogCaptureFixture
) -> None:
    renderers |= {"opengles2": Sound}

    with caplog.at_level(logging.INFO):
        found = open_backend("auto", (800, 480), vsync=False, why_no_gpu=lambda: "its driver crashed")
    assert found.name == "software"
    assert Mute.opened == []
    assert "drawing with the CPU: its driver crashed" in caplog.text
    forced = open_backend("gpu", (800, 480), vsync=False, why_no_gpu=lambda: pytest.fail("asked"))
    assert forced.driver == "fake/opengles2"


def test_a_screen_that_shows_nothing_at_all_is_an_error_that_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SoftwareBackend, "draw", Mute.draw)

    with pytest.raises(ScreenError, match="shows nothing"):
        open_backend("software", (800, 480), vsync=False)


def test_no_display_is_an_error_with_a_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SDL_VIDEODRIVER", "no such driver")
    pygame.display.quit()

    with pytest.raises(ScreenError, match="There is no display") as caught:
        open_backend("auto", (800, 480), vsync=False)
    assert "SDL_VIDEODRIVER" in caught.value.remedy


@pytest.mark.parametrize("driver", ["offscreen", "dummy"])
def test_a_driver_without_a_display_is_taken_only_where_somebody_asked(
    driver: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SDL takes `offscreen` by itself where it finds no display: the kiosk would draw for nobody."""
    monkeypatch.setattr(pygame.display, "get_driver", lambda: driver)
    monkeypatch.delenv("SDL_VIDEODRIVER", raising=False)
    with pytest.raises(NoDisplay, match="There is no display"):
        open_backend("auto", (800, 480), vsync=False)

    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    open_backend("software", (800, 480), vsync=False).close()


@pytest.mark.parametrize(
    ("driver", "set_before", "asked"),
    [
        ("KMSDRM", None, "opengles2"),
        ("x11", None, "0"),
        ("offscreen", None, "0"),
        ("dummy", None, None),
        ("KMSDRM", "software", "software"),
    ],
)
def test_sdl_is_told_how_to_show_a_plain_surface(
    driver: str, set_before: str | None, asked: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Seen on KMSDRM with virtio-gpu: the software back end drew, presented, and the screen was black."""
    pygame.display.init()
    monkeypatch.setenv("SDL_FRAMEBUFFER_ACCELERATION", "")
    monkeypatch.delenv("SDL_FRAMEBUFFER_ACCELERATION")
    if set_before is not None:
        monkeypatch.setenv("SDL_FRAMEBUFFER_ACCELERATION", set_before)
    monkeypatch.setattr(pygame.display, "get_driver", lambda: driver)
    SoftwareBackend((800, 480), rotate=0).close()

    assert os.environ.get("SDL_FRAMEBUFFER_ACCELERATION") == asked


def test_the_dummy_driver_is_asked_for_no_gpu() -> None:
    found = open_backend("auto", (800, 480), vsync=False)

    assert (found.name, found.driver, found.size) == ("software", "dummy", (800, 480))
    assert not isinstance(found, GpuBackend)
    found.close()
