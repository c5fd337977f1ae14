"""What a frame costs, measured inside one process: `python -m bench.frames`, run by the benchmark as a child.

Draws a whole spin, frame by frame, with the kiosk's own view, plan and back end, and beside it in the same process
what it is compared with: one straight blit of the same pixels, and a naive loop that draws every wedge again.
"""

import argparse
import math
import os
import statistics
import sys
import time
from collections.abc import Callable

import msgspec
import pygame
import pygame.freetype
from msgspec.structs import replace

from kiosk.core.errors import ScreenError
from kiosk.draw.protocol import landing
from kiosk.screen.backends.adapter import Backend
from kiosk.screen.backends.gpu import GpuBackend, available_renderers
from kiosk.screen.backends.opening import open_backend
from kiosk.screen.layouts.layout import Layout
from kiosk.screen.scene import Face, Phase, Scene
from kiosk.screen.themes.theme import BUILT_IN
from kiosk.screen.typography.name_block import name_block
from kiosk.screen.typography.typesetter import Typesetter
from kiosk.screen.view import View
from kiosk.supervise.memory_tuning import hold_for_motion, release_at_rest
from kiosk.wheel.angle import TURN, normalize
from kiosk.wheel.segments import Segments
from kiosk.wheel.spin import TICKS_PER_SECOND, SpinPlan, between

FPS = 60
_NAIVE_FRAMES = 5


class FrameCosts(msgspec.Struct, frozen=True, kw_only=True):
    """Medians over the frames of one spin, in milliseconds.

    Attributes:
        cpu_ms, cpu_p99_ms: CPU time of the main thread.
        wall_ms, wall_p99_ms: wall time.
        blit_ms: CPU time of one straight blit of the whole frame, made after each frame, as a program would that drew
            its frames in this way (software only).
        repeated_blit_ms: the same of one that is repeated with nothing between, out of the CPU's cache (software only).
        naive_ms: CPU time of a frame that draws every wedge as a polygon (software only, when asked for).
        on_target, targets: of the fixed plans whose resting frame was read back, how many showed the fixed name.
    """

    driver: str
    entries: int
    cpu_ms: float
    cpu_p99_ms: float
    wall_ms: float
    wall_p99_ms: float
    blit_ms: float | None = None
    repeated_blit_ms: float | None = None
    naive_ms: float | None = None
    on_target: int = 0
    targets: int = 0


def main() -> None:
    """Measure, and print JSON."""
    parser = argparse.ArgumentParser(prog="python -m bench.frames", description=__doc__)
    parser.add_argument(
        "--backend",
        choices=("software", "gpu", "noop"),
        default="software",
        help="noop: gpu with Mesa's driver that does all but draw, as a GPU would leave it to the CPU",
    )
    parser.add_argument("--entries", type=int, default=3000)
    parser.add_argument("--size", default="1920x1080")
    parser.add_argument("--naive", action="store_true", help="measure the naive loop too")
    parser.add_argument("--targets", type=int, default=0, help="fixed plans to draw at rest and read back")
    options = parser.parse_args()
    os.environ.setdefault("SDL_VIDEODRIVER", "dummy" if options.backend == "software" else "offscreen")
    release_at_rest()
    pygame.font.init()
    pygame.freetype.init()
    width, height = (int(side) for side in options.size.split("x"))
    backend = _open(options.backend, (width, height))
    costs = measure(backend, entries=options.entries, naive=options.naive, targets=options.targets)
    backend.close()
    sys.stdout.buffer.write(msgspec.json.encode(costs) + b"\n")


def _open(choice: str, size: tuple[int, int]) -> Backend:
    if choice != "noop":
        return open_backend("software" if choice == "software" else "gpu", size, vsync=False)
    os.environ["GALLIUM_NOOP"] = "1"
    pygame.display.init()
    renderers = available_renderers()
    if not renderers:
        raise ScreenError("There is no GPU renderer.")
    return GpuBackend(
        size, renderer=renderers[0], vsync=False, rotate=0
    )  # no probe: it would see that nothing is drawn


def measure(backend: Backend, *, entries: int, naive: bool, targets: int) -> FrameCosts:
    """Measure the frames of one spin on `backend`."""
    view = View(backend, BUILT_IN, Typesetter())
    names = [f"Participant {number}" for number in range(entries)]
    face = Face(Segments([1] * entries), names, [f"{number:05d}" for number in range(entries)])
    view.learn(face)
    view.show_wheel(face, view.paint_wheel(face))
    scene = Scene(phase=Phase.TURNING, face=face, title="Benchmark", status=("Generation 1", "12345678"))
    view.draw(scene)
    view.get_ready()
    software = backend.name == "software"
    hold_for_motion()  # as the loop does
    # A GPU that is a CPU in disguise needs 60 ms a frame: every fourth half second is enough for a median. Its frames
    # follow each other as they would on a screen, for names stay on it as long.
    plan = SpinPlan(start=0, rest=TURN // 3, turns=6, segments=entries)
    cpu, wall, blit = _spin(view, scene, plan, every=1 if software else 4)
    release_at_rest()
    return FrameCosts(
        driver=backend.driver,
        entries=entries,
        cpu_ms=statistics.median(cpu),
        cpu_p99_ms=_p99(cpu),
        wall_ms=statistics.median(wall),
        wall_p99_ms=_p99(wall),
        blit_ms=statistics.median(blit) if blit else None,
        repeated_blit_ms=_repeated_blit() if software else None,
        naive_ms=_naive(face, backend.size) if software and naive else None,
        on_target=_on_target(view, scene, targets) if targets else 0,
        targets=targets,
    )


def _spin(view: View, scene: Scene, plan: SpinPlan, *, every: int) -> tuple[list[float], list[float], list[float]]:
    """Draw every frame of a spin, or one half second in `every`.

    Returns CPU and wall milliseconds of each, and the CPU time of one straight blit after each, where there is a
    surface: the machine is as fast, and its cache as full of other things, as for the frame.
    """
    # Frames follow each other faster than on a screen: what another thread paints for them would come too late.
    view.capture(replace(scene, plan=plan, rest_in_ms=plan.ticks * 1000 // TICKS_PER_SECOND))
    cpu, wall, blit = [], [], []
    screen = pygame.display.get_surface()
    copy = screen.copy() if screen is not None else None
    for frame in range(plan.ticks * FPS // TICKS_PER_SECOND):
        if frame // (FPS // 2) % every:
            continue
        tick = frame * TICKS_PER_SECOND // FPS
        before, after = plan.angle_at(tick), plan.angle_at(tick + 1)
        started, busy = time.perf_counter(), time.thread_time()
        speed, rest_in_ms = float((after - before) * TICKS_PER_SECOND), (plan.ticks - tick) * 1000 // TICKS_PER_SECOND
        angle = between(before, after, 0.5)
        view.draw(replace(_at(scene, angle, speed), plan=plan, rest_in_ms=rest_in_ms))
        cpu.append((time.thread_time() - busy) * 1000)
        wall.append((time.perf_counter() - started) * 1000)
        if screen is not None and copy is not None:
            busy = time.thread_time()
            copy.blit(screen, (0, 0))
            blit.append((time.thread_time() - busy) * 1000)
    return cpu, wall, blit


def _at(scene: Scene, angle: int, speed: float) -> Scene:
    return Scene(
        phase=scene.phase, face=scene.face, title=scene.title, status=scene.status, angle=normalize(angle), speed=speed
    )


def _on_target(view: View, scene: Scene, targets: int) -> int:
    """Draw the resting frame of fixed plans and count those in which the strip's middle name is the fixed one."""
    if scene.face is None:
        return 0
    segments, fonts, layout = scene.face.segments, Typesetter(), view.layout
    width = layout.strip.w - 2 * layout.px(40)
    right = 0
    for number in range(targets):
        index = number * segments.count // targets
        lands = landing(
            reveal=number.to_bytes(32, "big"), snapshot="0" * 64, spin=number + 1, segment=segments.bounds(index)
        )
        picture = view.capture(replace(_at(scene, lands.rest, 0.0), phase=Phase.INVITING))
        name = name_block(
            fonts,
            scene.face.names[index],
            BUILT_IN.text,
            width=width,
            height=layout.band,
            largest=layout.name_size,
            least=layout.least_name,
            align=layout.start if layout.portrait else None,
        )
        right += shows_name(picture, layout, name)
    return right


def shows_name(picture: pygame.Surface, layout: Layout, name: pygame.Surface) -> bool:
    """Say whether `name`, as rendered, is the large name in the strip of `picture`: its ink, and no other ink."""
    ink = pygame.mask.from_surface(name, 160)
    strip = picture.subsurface(layout.strip)
    seen = pygame.mask.from_threshold(strip, BUILT_IN.text, (70, 70, 70, 255))
    box = ink.get_rect()
    left = (strip.get_width() - box.w) // 2 if layout.portrait else layout.px(40)
    middle = (strip.get_height() - box.h) // 2
    for y in range(middle - layout.band // 2, middle + layout.band // 2 + 1):
        if ink.overlap_area(seen, (-left, -y)) >= 0.97 * ink.count():
            around = pygame.mask.Mask(box.size, fill=True)
            if around.overlap_area(seen, (-left, -y)) <= 1.25 * ink.count():
                return True
    return False


def _repeated_blit() -> float:
    screen = pygame.display.get_surface()
    if screen is None:
        return 0.0
    # Memory that was never written would be one page of zeros, read again and again.
    source = screen.copy()
    return _median_cpu(lambda: screen.blit(source, (0, 0)), 60)


def _naive(face: Face, size: tuple[int, int]) -> float:
    """Measure what wheels usually do: every wedge a polygon, every frame."""
    screen = pygame.display.get_surface()
    if screen is None:
        return 0.0
    middle, radius = (size[1] // 2, size[1] // 2), size[1] * 0.45
    turn = [0.0]

    def frame() -> None:
        turn[0] += 0.01
        screen.fill((0, 0, 0))
        for index in range(face.segments.count):
            lo, hi = (math.tau * bound / TURN + turn[0] for bound in face.segments.bounds(index))
            points = [middle]
            points += [
                (round(middle[0] + radius * math.cos(at)), round(middle[1] + radius * math.sin(at)))
                for at in (lo, (lo + hi) / 2, hi)
            ]
            pygame.draw.polygon(screen, (index % 255, 90, 90), points)

    return _median_cpu(frame, _NAIVE_FRAMES)


def _median_cpu(action: Callable[[], object], times: int) -> float:
    took = []
    for _ in range(times):
        busy = time.thread_time()
        action()
        took.append((time.thread_time() - busy) * 1000)
    return statistics.median(took)


def _p99(values: list[float]) -> float:
    ranked = sorted(values)
    return ranked[round((len(ranked) - 1) * 0.99)]


if __name__ == "__main__":
    main()
