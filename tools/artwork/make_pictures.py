"""Makes the README's pictures and film: `python -m artwork.make_pictures` writes assets/screens/.

Invariant: everything is drawn by the kiosk's own view and plan, off screen, from people that `demo.workbook` makes up;
the same versions of pygame, Pillow and the fonts make the same bytes. The film is cut, the motion in it is real.
"""

import argparse
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pygame
import pygame.freetype
from msgspec.structs import replace
from PIL import Image

from demo.workbook import people
from kiosk.draw.pool import Pool
from kiosk.screen.backends.opening import open_backend
from kiosk.screen.scene import Face, Outcome, Phase, Scene
from kiosk.screen.themes.theme import BUILT_IN
from kiosk.screen.typography.typesetter import Typesetter
from kiosk.screen.view import View
from kiosk.wheel.angle import normalize
from kiosk.wheel.spin import SPIN_TICKS, TICKS_PER_SECOND, SpinPlan
from wheel_admin.participants import Entry

DIRECTORY = Path(__file__).resolve().parents[2] / "assets" / "screens"

SIZE = (1280, 720)
"""Size of a picture in pixels: what a README shows, and sharp on a display with many pixels."""
FILM_SIZE = (640, 360)
FILM_FPS = 20
FILM_REVEAL_MS = 3600
"""How much of the reveal the film has: silence, the lit wedge, the card, and paper all over the screen."""
FILM_QUALITY = 72
"""Of WebP, 0..100: at 72 the names stay clean and the file stays below 3 MB."""
TITLE = "Summer party 2026"
PLACES = 3000
GUESTS = 40
"""Entries of the film and of the result: few enough for names on the wedges."""
_TEXTS = BUILT_IN.texts
_PLAN_TURNS = 6


class Stage:
    """A wheel, and a view to draw it with.

    Args:
        entries: who is on it.
        winner: index of the entry on which its spin lands.
    """

    def __init__(self, entries: list[Entry], *, winner: int) -> None:
        self.backend = open_backend("software", SIZE, vsync=False)
        self.view = View(self.backend, BUILT_IN, Typesetter())
        pool = Pool((entry.ticket, entry.weight) for entry in entries)
        self.face = Face(pool.segments, [entry.name for entry in entries], pool.tickets)
        self.view.learn(self.face)
        self.plan = SpinPlan(
            start=_within(self.face, 0, 0.5),
            rest=_within(self.face, winner, 0.62),
            turns=_PLAN_TURNS,
            segments=self.face.segments.count,
        )
        start = self.plan.start
        self.view.show_wheel(self.face, self.view.paint_wheel(self.face, start), start)
        self._winner = winner
        self._calm = Scene(
            face=self.face,
            angle=self.plan.start,
            title=TITLE,
            status=(_TEXTS.people.format(len(entries)), _TEXTS.list_code.format(code="3f9a01bc")),
        )

    def idle(self) -> Scene:
        """Return the scene that invites to press."""
        return replace(self._calm, prompt=_TEXTS.press)

    def turning(self, tick: int) -> Scene:
        """Return the scene `tick` ticks after the press."""
        before, after = self.plan.angle_at(tick), self.plan.angle_at(tick + 1)
        speed = float((after - before) * TICKS_PER_SECOND)
        left_ms = (self.plan.ticks - tick) * 1000 // TICKS_PER_SECOND
        moving = replace(self._calm, phase=Phase.TURNING, plan=self.plan, rest_in_ms=left_ms)
        return replace(moving, angle=normalize(before), speed=speed)

    def result(self, since_rest_ms: int) -> Scene:
        """Return the scene `since_rest_ms` milliseconds after the wheel came to rest."""
        name, ticket = self.face.names[self._winner], self.face.tickets[self._winner]
        outcome = Outcome(name, _TEXTS.ticket.format(ticket=ticket), _TEXTS.drawn.format(spin=1, level=_TEXTS.sealed))
        rested = replace(self._calm, phase=Phase.RESULT, plan=self.plan, angle=self.plan.rest)
        return replace(rested, outcome=outcome, celebration_ms=since_rest_ms)

    def film(self) -> Iterator[Scene]:
        """Yield the film's frames: half a second of idle, the spin with its long middle cut short, the result."""
        frame_ticks = TICKS_PER_SECOND // FILM_FPS
        yield from [self.idle()] * (FILM_FPS // 2)
        for first, last, quicker in ((0, 2.0, 2), (2.0, 8.0, 6), (8.0, 11.0, 2)):
            ticks = range(round(first * TICKS_PER_SECOND), round(last * TICKS_PER_SECOND), frame_ticks * quicker)
            yield from (self.turning(tick) for tick in ticks)
        yield from (self.result(rested_ms) for rested_ms in range(0, FILM_REVEAL_MS, 1000 // FILM_FPS))

    def capture(self, scene: Scene) -> pygame.Surface:
        """Return the picture of a scene, with all names of the strip: in motion the view sets a few in each frame."""
        self.view.draw(replace(scene, speed=0.0))
        return self.view.capture(scene)

    def close(self) -> None:
        """Give the screen back."""
        self.backend.close()


def _within(face: Face, index: int, part: float) -> int:
    """Return the wheel angle at that part of a segment, 0..1."""
    lo, hi = face.segments.bounds(index)
    return lo + round((hi - lo) * part)


def main() -> int:
    """Write the pictures and the film; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m artwork.make_pictures", description=__doc__)
    parser.add_argument("--directory", type=Path, default=DIRECTORY, help="where to write (default: %(default)s)")
    directory: Path = parser.parse_args().directory
    os.environ["SDL_VIDEODRIVER"] = "dummy"
    pygame.font.init()
    pygame.freetype.init()
    directory.mkdir(parents=True, exist_ok=True)
    hall = Stage(people(PLACES), winner=1234)
    _save(hall, hall.idle(), directory / "idle.png")
    _save(hall, hall.turning(SPIN_TICKS - TICKS_PER_SECOND // 2), directory / "spinning.png")
    hall.close()
    party = Stage(people(GUESTS), winner=6)
    _save(party, party.result(2600), directory / "result.png")
    _save_film(party, directory / "spin.webp")
    party.close()
    for path in sorted(directory.iterdir()):
        sys.stdout.write(f"{path}: {path.stat().st_size // 1000} kB\n")
    return 0


def _save(stage: Stage, scene: Scene, path: Path) -> None:
    pygame.image.save(stage.capture(scene), path)


def _save_film(stage: Stage, path: Path) -> None:
    frames = []
    for scene in stage.film():
        small = pygame.transform.smoothscale(stage.capture(scene), FILM_SIZE)
        frames.append(Image.frombytes("RGB", FILM_SIZE, pygame.image.tobytes(small, "RGB")))
    frames[0].save(
        path,
        save_all=True,
        append_images=frames[1:],
        duration=1000 // FILM_FPS,
        loop=0,
        quality=FILM_QUALITY,
        method=4,
    )


if __name__ == "__main__":
    sys.exit(main())
