"""What the probe says of a GPU: the first renderer that draws is judged by its name, and by its speed."""

import json
import sys
from collections.abc import Callable
from typing import Any

import pygame
import pytest

from kiosk.core.errors import NoDisplay, ScreenError
from kiosk.devices import gpu_probe
from kiosk.devices.gpu import ProbeResult
from kiosk.screen.backends.gpu import SLOWEST_FRAME_S

SIZE = (640, 360)


class Fake:
    """A GPU back end that has been opened."""

    opened = 0

    def __init__(self, renderer: str) -> None:
        type(self).opened += 1
        self.driver = f"x11/{renderer}"

    def close(self) -> None:
        type(self).opened -= 1


@pytest.fixture
def examined(monkeypatch: pytest.MonkeyPatch) -> Callable[..., ProbeResult]:
    """Return a function that examines renderers which open, draw, are named and are as fast as told."""
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")

    def examine(
        *,
        errors: dict[str, Exception] | None = None,
        draws: tuple[str, ...] = ("opengles2", "opengl"),
        name: str = "V3D 4.2",
        frame_s: float = 0.004,
    ) -> ProbeResult:
        Fake.opened = 0

        def opened(_: Any, *, renderer: str, **__: Any) -> Fake:
            if errors and renderer in errors:
                raise errors[renderer]
            return Fake(renderer)

        monkeypatch.setattr(gpu_probe, "GpuBackend", opened)
        monkeypatch.setattr(gpu_probe, "available_renderers", lambda: ["opengles2", "opengl"])
        monkeypatch.setattr(gpu_probe, "_name_of", lambda _: name)
        monkeypatch.setattr(gpu_probe, "proves_itself", lambda backend: backend.driver.endswith(draws))
        monkeypatch.setattr(gpu_probe, "measured", lambda backend, _: (backend, frame_s))
        result = gpu_probe.examine(SIZE, 0)
        pygame.display.quit()
        assert Fake.opened == 0
        return result

    return examine


def test_a_renderer_that_draws_in_time_is_not_refused(examined: Callable[..., ProbeResult]) -> None:
    assert examined() == ProbeResult("", "V3D 4.2", 4.0)


def test_a_renderer_that_names_itself_by_nothing_is_named_by_its_driver(examined: Callable[..., ProbeResult]) -> None:
    assert examined(name="") == ProbeResult("", "x11/opengles2", 4.0)


def test_a_renderer_that_is_too_slow_is_refused_with_its_time(examined: Callable[..., ProbeResult]) -> None:
    result = examined(frame_s=2 * SLOWEST_FRAME_S)

    assert result.refusal == f"x11/opengles2 needs {2000 * SLOWEST_FRAME_S:.0f} ms a frame"


def test_a_renderer_on_the_cpu_is_refused_by_its_name(examined: Callable[..., ProbeResult]) -> None:
    assert examined(name="llvmpipe (LLVM 15)").refusal == "llvmpipe (LLVM 15) draws with the CPU"


def test_a_renderer_that_cannot_be_opened_leaves_the_next(examined: Callable[..., ProbeResult]) -> None:
    result = examined(name="", errors={"opengles2": ScreenError("no")})

    assert result == ProbeResult("", "x11/opengl", 4.0)


def test_renderers_that_draw_nothing_are_closed_and_refused(examined: Callable[..., ProbeResult]) -> None:
    assert examined(draws=()) == ProbeResult("no GPU renderer draws here")


def test_without_a_window_the_probe_says_nothing_about_the_gpu(examined: Callable[..., ProbeResult]) -> None:
    result = examined(errors={"opengles2": NoDisplay("no")})

    assert (result.refusal, result.lasting) == ("there is no window to probe it in", False)


def test_without_a_display_the_probe_says_nothing_about_the_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SDL_VIDEODRIVER", "none-such")
    result = gpu_probe.examine(SIZE, 0)

    assert (result.refusal, result.lasting) == ("there is no display to probe it on", False)


@pytest.mark.parametrize(("window", "size"), [("full", None), ("640x360", SIZE)])
def test_the_probe_prints_what_it_found_on_the_window_it_was_told(
    window: str,
    size: tuple[int, int] | None,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    told: list[Any] = []

    def examine(*how: Any) -> ProbeResult:
        told.append(how)
        return ProbeResult("", "V3D 4.2", 4.0)

    monkeypatch.setattr(gpu_probe, "examine", examine)
    monkeypatch.setattr(sys, "argv", ["gpu_probe", window, "90"])
    gpu_probe.main()
    sys.stdout.flush()

    assert told == [(size, 90)]
    assert json.loads(capfd.readouterr().out)["renderer"] == "V3D 4.2"


def test_a_renderer_without_a_library_of_ours_has_no_name() -> None:
    assert gpu_probe._name_of("metal") == ""
