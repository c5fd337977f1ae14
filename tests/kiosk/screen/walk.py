"""A random walk through the screens of one view, compared with views that have never shown anything else.

Invariant: what a view shows follows from the scene alone. Whatever it drew, kept, amended or freed before, its pixels
are those that a new view draws.

`python -m tests.kiosk.screen.walk BACKEND FIRST_SEED SEEDS STEPS` walks at length, in a window of SDL's `dummy` or
`offscreen` driver, and prints what differed. Exit code 1: something did. Exit code 3: the back end is not available.
"""

import gc
import os
import random
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, cast

import pygame
import pytest
from msgspec.structs import replace

from kiosk.core.errors import ScreenError
from kiosk.screen.backends.adapter import Backend
from kiosk.screen.backends.opening import open_backend
from kiosk.screen.effects.filling import BOARD_FROM_MS
from kiosk.screen.effects.reveal import CALM_MS
from kiosk.screen.options import Choice
from kiosk.screen.panels.button_picture import STEP_MS
from kiosk.screen.scene import Board, Cell, Outcome, Phase, PrizeCard, Scene, Winner
from kiosk.screen.strip import name_strip
from kiosk.screen.themes.theme import BUILT_IN, Theme
from kiosk.wheel.angle import normalize
from kiosk.wheel.spin import SpinPlan
from tests.kiosk.screen.stage import (
    NO_SUCH_BACKEND,
    STATUS,
    angle_in,
    face_of,
    name_of,
    pixels,
    stage_on,
)

_DAY = replace(BUILT_IN, ground=(240, 240, 244), ground_glow=(255, 255, 255), text=(20, 20, 30), panel=(255, 255, 255))
_SIZES = ((480, 288), (288, 480), (400, 400))
_COUNTS = (2, 12, 60, 61, 300)
_PROOFS = ("", "HEAD 12 " + "3f9a01bc" * 8, "HEAD 13 " + "4f9a01bc" * 8)
_CARD = PrizeCard("Prize 2 of 5", "A bicycle", ("From Riverside Cycles", "Place 3 of 4"))
_CHANGES: dict[str, tuple[Any, ...]] = {
    "title": ("Summer party", "The winter ball of the united bakeries of Riverside", "", "A bicycle: place 3"),
    "banner": ("", "", "No list yet - these names are only samples"),
    "proof": _PROOFS,
    "status": (STATUS, ("411 people", STATUS[1]), ("Sample names",)),
    "notices": ((), (), ("Tell the organiser: D1, L2",), ("Really absent? Press A again", "Tell the organiser: D1")),
    "prompt": ("Press the button to spin", "Everybody has won", ""),
    "ready": (True, False),
    "last": ("", "Last winner: Ana (0042)"),
    "winners": ((), tuple(Winner(name_of(number), f"Ticket {number}", number == 1) for number in range(9))),
    "prize": (None, None, _CARD, replace(_CARD, note="The next one is the first prize")),
    "ended": (False, False, True),
}
_SEEN_AS_EQUAL = {"software": 0, "gpu": 6}
"""Difference of two channels: a GPU draws the same thing a little differently on a target and on the screen."""
_MOST_LATE = 6
"""Frames after which every still part of the screen has had its turn."""


@dataclass(frozen=True)
class Different:
    """A step after which the pixels were not those of a new view: its number, the last ones, and where."""

    step: int
    path: tuple[str, ...]
    box: pygame.Rect


class Walk:
    """Walks.

    Args:
        choice: of the back end.
        seed: of the looks, and of every step.
    """

    def __init__(self, choice: Choice, seed: int) -> None:
        self._chance = chance = random.Random(seed)  # noqa: S311 - repeats
        theme: Theme = chance.choice((BUILT_IN, _DAY))
        self._theme = replace(theme, right_to_left=chance.random() < 0.3)
        self._touch, size = chance.random() < 0.5, chance.choice(_SIZES)
        motion = chance.choice(("full", "full", "reduced"))
        self._looks: dict[str, Any] = {"touch": self._touch, "margin": chance.choice((0, 0, 5)), "motion": motion}
        self.looks = f"{size} {self._looks} right to left: {self._theme.right_to_left}"
        # Turned, each has a canvas of its own, and one does not draw over the other.
        here, there = (open_backend(choice, size, vsync=False, rotate=180) for _ in range(2))
        self._there, self._tolerance = there, _SEEN_AS_EQUAL[choice]
        self._presented = _presented_by(here) if here.retains else here.read_back
        self._faces = [face_of(count) for count in chance.sample(_COUNTS, 2)]
        self._stage = stage_on(here, self._faces[0], theme=self._theme, **self._looks)
        self._still: dict[str, Any] = {name: values[0] for name, values in _CHANGES.items()}
        self._still["rehearsal"] = chance.choice(("", "REHEARSAL"))
        self._angle = 0

    def go(self, steps: int) -> list[Different]:
        """Take that many steps; returns where the view showed something else than a new one."""
        different, path = [], ("",) * 5
        for step, (name, scene) in zip(range(steps), self._scenes(), strict=False):
            path = (*path[1:], name)
            if self._chance.random() < 0.3:  # a single frame, with which nobody has caught up
                self._stage.view.draw(scene)
                continue
            box = self._difference(scene)
            if box.w:
                different.append(Different(step, path, box))
                self._stage.view.redraw()
        return different

    def close(self) -> None:
        """End the thread that paints."""
        self._stage.view.close()

    def _difference(self, scene: Scene) -> pygame.Rect:
        """Return where the view shows something else than a new one, once it has drawn all of the scene."""
        view = self._stage.view
        view.draw(scene)
        view._stage.prepare(scene, wait=True)
        if scene.proof:
            view._proof._made(scene.proof).result()
        for _ in range(_MOST_LATE):
            view.draw(scene)
        new = stage_on(self._there, self._stage.face, theme=self._theme, **self._looks)
        shown, wanted = self._presented(), new.view.capture(scene)
        new.view.close()
        if pixels(shown) == pixels(wanted):
            return pygame.Rect(0, 0, 0, 0)
        near = (self._tolerance,) * 3
        same = pygame.mask.from_threshold(shown, (0, 0, 0), (*near, 255), wanted)
        same.invert()
        found = same.get_bounding_rects()
        return found[0].unionall(found[1:]) if found else pygame.Rect(0, 0, 0, 0)

    # ---- steps -------------------------------------------------------------------------------------------------------

    def _scenes(self) -> Iterator[tuple[str, Scene]]:
        chance = self._chance
        while True:
            self._change(chance.randrange(4))
            kind = chance.choice(("idle", "idle", "spin", "curtain", "winners", "page", "list", "again"))
            if kind == "idle":
                for _ in range(chance.randrange(1, 4)):
                    self._change(chance.randrange(2))
                    yield kind, self._idle(held=chance.choice((0.0, 0.3, 0.9)) if self._touch else 0.0)
            elif kind == "spin":
                yield from self._spin()
            elif kind == "curtain":
                yield kind, self._idle(curtain=True)
            elif kind == "winners":
                cells = self._cells()
                yield kind, self._idle(board=Board("Winners", "A bicycle", cells, len(cells), foot="Thank you"))
            elif kind == "page":
                yield kind, self._idle(page=(("Version", "1"), ("Clock", f"{chance.randrange(99)} UTC")))
            elif kind == "list":
                self._stage = self._stage.show(chance.choice(self._faces))
                self._angle = angle_in(self._stage.face, chance.randrange(self._stage.face.segments.count))
                yield kind, self._idle()
            else:
                yield self._again(), self._idle()

    def _spin(self) -> Iterator[tuple[str, Scene]]:
        chance, face = self._chance, self._stage.face
        count = face.segments.count
        winner = chance.randrange(count)
        rest = angle_in(face, winner, chance.uniform(0.1, 0.9))
        plan = SpinPlan(start=self._angle, rest=rest, turns=5, segments=count)
        self._change(chance.randrange(3))
        turning = self._idle(phase=Phase.TURNING, plan=plan, prompt="", last="", prize=None)
        for tick in sorted({*chance.sample(range(plan.ticks), 5), *chance.choice(((), (0, 1, 2, plan.ticks - 1)))}):
            moving = self._stage.spinning(plan, tick)
            yield (
                f"turning, tick {tick}",
                replace(turning, angle=moving.angle, speed=moving.speed, rest_in_ms=moving.rest_in_ms),
            )
        self._angle = normalize(plan.rest)
        outcome = Outcome(
            face.names[winner], f"Ticket {winner}", "Drawn by the wheel", heading=chance.choice(("", "X"))
        )
        cells = self._cells() if chance.random() < 0.3 else ()
        for rested_ms in sorted({*chance.sample(range(CALM_MS), 8), *chance.choice(((), (0, 16, 33, CALM_MS)))}):
            self._change(chance.random() < 0.2)
            outcome = replace(outcome, absent=outcome.absent or chance.random() < 0.03)
            yield (
                f"result, {rested_ms} ms",
                self._idle(
                    phase=Phase.RESULT,
                    plan=plan,
                    outcome=outcome,
                    celebration_ms=rested_ms,
                    board=self._filling(cells, rested_ms),
                    prompt="Press and hold" if rested_ms > BOARD_FROM_MS and self._still["ready"] else "",
                    last="",
                    prize=None,
                    curtain=chance.random() < 0.05,
                ),
            )
            if chance.random() < 0.05:
                self._again()

    def _filling(self, cells: tuple[Cell, ...], rested_ms: int) -> Board | None:
        if not cells:
            return None
        shown = max(0, min(len(cells), 1 + (rested_ms - BOARD_FROM_MS) // 200))
        return Board("Winners", "A bicycle", cells, shown, fresh=0 < shown < len(cells))

    def _idle(self, **other: Any) -> Scene:
        proof = self._still["proof"]
        short = "JFQW-2K9T-VBXC-M3DH-8RLP-6SYN-4" if proof else ""
        scene = Scene(face=self._stage.face, angle=self._angle, proof_short=short, proof_label="Check", **self._still)
        return replace(scene, moment_ms=self._chance.randrange(200) * STEP_MS, **other)

    def _cells(self) -> tuple[Cell, ...]:
        chance = self._chance
        return tuple(
            Cell(str(place), name_of(place), "0042", quiet=chance.random() < 0.1, marked=chance.random() < 0.1)
            for place in range(1, 1 + chance.choice((1, 2, 7, 30)))
        )

    def _change(self, times: int) -> None:
        for _ in range(times):
            name = self._chance.choice(sorted(_CHANGES))
            self._still[name] = self._chance.choice(_CHANGES[name])

    def _again(self) -> str:
        """Do to the view what happens to it besides scenes; returns what."""
        view, scene = self._stage.view, self._idle()
        done = self._chance.choice(("uncovered", "caches dropped", "made ready", "shown again", "captured"))
        if done == "uncovered":
            view.redraw()
        elif done == "caches dropped":
            view.drop_caches()
        elif done == "made ready":
            view.get_ready()
        elif done == "captured":
            view.capture(scene)
        else:
            view.draw(scene)
            view.show_again(scene)
        return done


def _presented_by(backend: Backend) -> Callable[[], pygame.Surface]:
    """Return what returns the window's picture from now on: only what is presented changes in it."""
    window, present = backend.read_back(), backend.present

    def presented(changed: Sequence[pygame.Rect]) -> None:
        present(changed)
        drawn = backend.read_back()
        for box in changed:
            window.blit(drawn, box, box)

    backend.present = presented  # type: ignore[method-assign]
    return window.copy


def walk(choice: Choice, seed: int, steps: int) -> tuple[str, list[Different]]:
    """Walk once; returns the looks, and where the view showed something else than a new one.

    Raises:
        ScreenError: the back end is not available.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(name_strip, "_NAMES_SET_A_FRAME", 99)  # a moving strip sets its names in the frames that follow
        walked = Walk(choice, seed)
        try:
            return walked.looks, walked.go(steps)
        finally:
            walked.close()
            del walked
            gc.collect()  # while SDL is there: at exit it goes before its textures


def _main(choice: Choice, first: int, seeds: int, steps: int) -> int:
    os.environ["SDL_VIDEODRIVER"] = "dummy" if choice == "software" else "offscreen"
    found = 0
    for seed in range(first, first + seeds):
        try:
            looks, different = walk(choice, seed, steps)
        except ScreenError as error:
            sys.stderr.write(f"{error}\n")
            return NO_SUCH_BACKEND
        sys.stdout.write(f"{seed}: {looks}: {len(different)} of {steps} steps differ\n")
        for one in different:
            sys.stdout.write(f"  step {one.step}, {one.box}, after {', '.join(one.path)}\n")
        found += len(different)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(_main(cast("Choice", sys.argv[1]), *(int(number) for number in sys.argv[2:])))
