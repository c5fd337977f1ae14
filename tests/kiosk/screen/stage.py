"""Shared by the picture tests: a view on a small screen, entries with unique names, and readers of pixels.

Invariant: only pygame's own font is used, so no picture depends on the fonts of the machine.

`python -m tests.kiosk.screen.stage BACKEND WxH ROTATE DIRECTORY` draws the chosen scenes in a separate process,
because a process has one SDL driver. For each scene it saves what was drawn and what the window shows. Exit code 3: the
back end is not available.
"""

import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import pygame
import pygame.freetype
import pytest
from msgspec.structs import replace

from kiosk.core.errors import ScreenError
from kiosk.screen.backends.adapter import Backend, Picture
from kiosk.screen.backends.gpu import GpuBackend
from kiosk.screen.backends.opening import open_backend
from kiosk.screen.backends.software import SoftwareBackend
from kiosk.screen.layouts.layout import Layout
from kiosk.screen.options import Choice, Rotation
from kiosk.screen.scene import Face, Outcome, Phase, Scene
from kiosk.screen.themes.theme import BUILT_IN, Theme
from kiosk.screen.typography.typesetter import Typesetter
from kiosk.screen.view import View
from kiosk.wheel.angle import TURN, normalize
from kiosk.wheel.segments import Segments
from kiosk.wheel.spin import SPIN_TICKS, TICKS_PER_SECOND, SpinPlan

NO_SUCH_BACKEND = 3
_CONSONANTS, _VOWELS = "bdfghklmnprstvz", "aeiou"
_SYLLABLES = [first + second for first in _CONSONANTS for second in _VOWELS]
STATUS = ("412 people", "Code of this list: 3f9a01bc")


def name_of(index: int) -> str:
    """Return a name of three syllables; no two of the first 75^3 are the same, and neighbours look different."""
    syllables = (_SYLLABLES[index * 31 % 75], _SYLLABLES[index // 75 % 75], _SYLLABLES[(index // 5625 + index) % 75])
    return "".join(syllables).title()


def face_of(count: int, *, weights: Sequence[int] = ()) -> Face:
    """Return a wheel of `count` people, of weight 1 or the given ones."""
    segments = Segments(weights or [1] * count)
    return Face(segments, [name_of(index) for index in range(count)], [f"{index:04d}" for index in range(count)])


def angle_in(face: Face, index: int, part: float = 0.5) -> int:
    """Return the wheel angle at which the pointer stands at that part of an entry's segment, 0..1."""
    lo, hi = face.segments.bounds(index)
    return lo + int((hi - lo) * part)


@dataclass(frozen=True)
class Stage:
    """A view on a back end, with a wheel."""

    backend: Backend
    view: View
    face: Face

    @property
    def layout(self) -> Layout:
        return self.view.layout

    def idle(self, index: int = 0, part: float = 0.5) -> Scene:
        return Scene(
            face=self.face,
            angle=angle_in(self.face, index, part),
            title="Summer party",
            status=STATUS,
            prompt="Press the button to spin",
            last="Last winner: Ana (0042)",
        )

    def turning(self, angle: int, speed: float) -> Scene:
        """Return a scene of a turning wheel; `speed` in units a second."""
        return replace(self.idle(), phase=Phase.TURNING, angle=normalize(angle), speed=speed, prompt="", last="")

    def at_tick(self, plan: SpinPlan, tick: int) -> Scene:
        """Return the scene of a spin `tick` ticks after its start."""
        before, after = plan.angle_at(tick), plan.angle_at(tick + 1)
        return self.turning(before, float((after - before) * TICKS_PER_SECOND))

    def spinning(self, plan: SpinPlan, tick: int) -> Scene:
        """Return the scene of a spin as the kiosk says it: with its plan, and how long it still takes."""
        left_ms = (plan.ticks - tick) * 1000 // TICKS_PER_SECOND
        return replace(self.at_tick(plan, tick), plan=plan, rest_in_ms=left_ms)

    def rested(self, plan: SpinPlan, rested_ms: int) -> Scene:
        """Return the scene of a spin that came to rest that long ago."""
        index = self.face.segments.at(plan.rest)
        return replace(self.result(index, celebration_ms=rested_ms), plan=plan, angle=normalize(plan.rest))

    def result(self, index: int = 0, *, celebration_ms: int = 1 << 30) -> Scene:
        outcome = Outcome(self.face.names[index], f"Ticket {self.face.tickets[index]}", "Drawn by the wheel · spin 1")
        return replace(
            self.idle(index), phase=Phase.RESULT, prompt="", last="", outcome=outcome, celebration_ms=celebration_ms
        )

    def capture(self, scene: Scene) -> pygame.Surface:
        """Return the picture of a scene with all names of the strip; a moving strip typesets a few in each frame."""
        self.view.draw(replace(scene, speed=0.0))
        return self.view.capture(scene)

    def show(self, face: Face) -> "Stage":
        """Put another wheel on the same stage."""
        self.view.show_wheel(face, self.view.paint_wheel(face))
        return Stage(self.backend, self.view, face)


def stage_on(backend: Backend, face: Face, *, theme: Theme = BUILT_IN, **looks: Any) -> Stage:
    """Return a stage on an open back end; `looks` as for `View`."""
    pygame.font.init()
    pygame.freetype.init()
    view = View(backend, theme, Typesetter({}), **looks)
    return Stage(backend, view, face).show(face)


def software_stage(face: Face, size: tuple[int, int] = (800, 480), *, theme: Theme = BUILT_IN, **looks: Any) -> Stage:
    """Return a stage on the software back end of this process; `looks` as for `View`."""
    return stage_on(open_backend("software", size, vsync=False), face, theme=theme, **looks)


def pixels(picture: pygame.Surface) -> bytes:
    """Return the picture's bytes, three a pixel."""
    return pygame.image.tobytes(picture, "RGB")


def built(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> list[pygame.Surface]:
    """Return a list to which each surface is added that becomes a picture or a wheel from now on."""
    surfaces: list[pygame.Surface] = []
    picture, wheel = stage.backend.picture, stage.backend.wheel

    def watched(surface: pygame.Surface, **how: Any) -> Picture:
        surfaces.append(surface)
        return picture(surface, **how)

    def watched_wheel(surface: pygame.Surface, small: pygame.Surface, ground: tuple[int, int, int]) -> Picture:
        surfaces.append(surface)
        return wheel(surface, small, ground)

    monkeypatch.setattr(stage.backend, "picture", watched)
    monkeypatch.setattr(stage.backend, "wheel", watched_wheel)
    return surfaces


class Reader:
    """Reads the large name in the strip of a picture, by its ink."""

    def __init__(self, layout: Layout, face: Face) -> None:
        self._layout = layout
        self._face = face
        self._fonts = Typesetter({})
        self._inks: dict[int, pygame.mask.Mask] = {}

    def shows(self, picture: pygame.Surface, index: int, *, whole: float = 0.97) -> bool:
        """Return whether the large name is that of entry `index`: that share of its ink, and hardly any other."""
        layout = self._layout
        strip = picture.subsurface(layout.strip)
        seen = pygame.mask.from_threshold(strip, BUILT_IN.text, (80, 80, 80, 255))
        ink = self._ink(index)
        width, height = ink.get_size()
        left = (strip.get_width() - width) // 2 if layout.portrait else layout.px(40)
        middle = (strip.get_height() - height) // 2
        written = ink.get_bounding_rects()
        body = written[0].unionall(written[1:])
        lines = pygame.mask.Mask((strip.get_width(), body.h), fill=True)
        for y in range(middle - layout.band // 2, middle + layout.band // 2 + 1):
            if ink.overlap_area(seen, (-left, -y)) >= whole * ink.count():
                return lines.overlap_area(seen, (0, -y - body.y)) <= 1.25 * ink.count()
        return False

    def _ink(self, index: int) -> pygame.mask.Mask:
        if index not in self._inks:
            name = self._fonts.render(self._face.names[index], self._layout.name_size, BUILT_IN.text)
            self._inks[index] = pygame.mask.from_surface(name, 205)  # the fade takes a tenth
        return self._inks[index]


def compared_scenes(stage: Stage) -> dict[str, Scene]:
    """Return the scenes that both back ends must draw identically."""
    return {
        "idle": stage.idle(3, 0.4),
        "slow": stage.turning(angle_in(stage.face, 5, 0.3) + TURN // 7, TURN / 200),
        "result": stage.result(8),
    }


def compared_spin(stage: Stage) -> dict[str, Scene]:
    """Return scenes of one spin that both back ends must draw identically: smeared, moving in, at rest and lit."""
    face = stage.face
    plan = SpinPlan(start=angle_in(face, 0), rest=angle_in(face, 130, 0.4), turns=6, segments=face.segments.count)
    return {
        "fast": stage.spinning(plan, SPIN_TICKS // 5),
        "near": stage.spinning(plan, SPIN_TICKS - TICKS_PER_SECOND // 2),
        "lit": stage.rested(plan, 1000),
    }


def _main(choice: str, size: str, rotate: str, directory: str) -> int:
    os.environ["SDL_VIDEODRIVER"] = "dummy" if choice == "software" else "offscreen"
    width, height = (int(side) for side in size.split("x"))
    try:
        backend = open_backend(
            cast("Choice", choice), (width, height), vsync=False, rotate=cast("Rotation", int(rotate))
        )
    except ScreenError as error:
        sys.stderr.write(f"{error}\n")
        return NO_SUCH_BACKEND
    stage = stage_on(backend, face_of(24))
    _save(stage, compared_scenes(stage), Path(directory))
    stage = stage.show(face_of(300))
    _save(stage, compared_spin(stage), Path(directory))
    sys.stdout.write(backend.driver)
    backend.close()
    return 0


def _save(stage: Stage, scenes: dict[str, Scene], directory: Path) -> None:
    """Save each scene as it is drawn, and as the window shows it."""
    for name, scene in scenes.items():
        windows: list[pygame.Surface] = []
        _watch(stage.backend, windows.append)
        drawn = stage.capture(scene)
        pygame.image.save(drawn, directory / f"{name}-drawn.png")
        pygame.image.save(windows[-1], directory / f"{name}-window.png")


def _watch(backend: Backend, see: Callable[[pygame.Surface], object]) -> None:
    """Call `see` with the window's picture at each `present` from now on."""
    present = type(backend).present

    def presented(changed: Sequence[pygame.Rect]) -> None:
        if isinstance(backend, SoftwareBackend):
            present(backend, changed)
            see(backend._window.copy())
            return
        assert isinstance(backend, GpuBackend)
        renderer = backend._renderer
        backend._renderer = cast("Any", _Watched(renderer, see))
        present(backend, changed)
        backend._renderer = renderer

    backend.present = presented  # type: ignore[method-assign]


class _Watched:
    """An SDL renderer that is read back before it presents; it does not keep its picture."""

    def __init__(self, renderer: Any, see: Callable[[pygame.Surface], object]) -> None:
        self.__dict__.update(_renderer=renderer, _see=see)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._renderer, name)

    def __setattr__(self, name: str, value: object) -> None:
        setattr(self._renderer, name, value)

    def present(self) -> None:
        self._see(self._renderer.to_surface())
        self._renderer.present()


if __name__ == "__main__":
    sys.exit(_main(*sys.argv[1:]))
