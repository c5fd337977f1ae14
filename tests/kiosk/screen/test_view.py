"""The view, read back from its pixels: nothing is drawn needlessly, and the large name is the entry at the pointer."""

import gc
import math
import os
import sys
import weakref
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pygame
import pytest
from msgspec.structs import replace

from kiosk.screen.backends.adapter import Picture, Sharpness
from kiosk.screen.effects.reveal import CALM_MS
from kiosk.screen.layouts.arrangement import arrange
from kiosk.screen.panels.prompt import prompt_panel
from kiosk.screen.panels.status_line import status_panel
from kiosk.screen.scene import Phase, Scene
from kiosk.screen.strip.rows import ROWS, held, rows
from kiosk.screen.themes.theme import BUILT_IN
from kiosk.screen.typography.typesetter import Typesetter
from kiosk.screen.wheel_picture.measures import MOST_WEDGES
from kiosk.screen.wheel_picture.painting import ground_of
from kiosk.wheel.angle import TURN, normalize
from kiosk.wheel.spin import TICKS_PER_SECOND, SpinPlan, between
from tests.kiosk.screen.stage import Reader, Stage, angle_in, built, face_of, pixels, software_stage

pytestmark = pytest.mark.usefixtures("open_pygame")

LANDSCAPE, PORTRAIT = (800, 480), (480, 800)
COUNTS = (1, 2, 3, 359, 360, 361, 2999, 3000)
FPS = 60
both_ways = pytest.mark.parametrize("size", [LANDSCAPE, PORTRAIT], ids=["landscape", "portrait"])


def presented(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> list[list[pygame.Rect]]:
    """Return a list that grows by the regions of each frame that is presented from now on."""
    frames: list[list[pygame.Rect]] = []
    present = stage.backend.present

    def watched(changed: Sequence[pygame.Rect]) -> None:
        frames.append([rect.copy() for rect in changed])
        present(changed)

    monkeypatch.setattr(stage.backend, "present", watched)
    return frames


def frames_of(stage: Stage, plan: SpinPlan) -> Iterator[Scene]:
    """Yield the scenes of a spin at 60 frames a second, half a tick late, as the loop interpolates them."""
    for frame in range(plan.ticks * FPS // TICKS_PER_SECOND):
        tick = frame * TICKS_PER_SECOND // FPS
        angle = between(plan.angle_at(tick), plan.angle_at(tick + 1), 0.5)
        yield replace(stage.at_tick(plan, tick), angle=angle)


# ---- no needless work ----------------------------------------------------------------------------------------------


def test_an_equal_scene_is_not_drawn_again(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = software_stage(face_of(12))
    assert stage.view.draw(stage.idle())
    frames = presented(stage, monkeypatch)

    assert not stage.view.draw(stage.idle())
    assert not stage.view.draw(replace(stage.idle(), phase=Phase.INVITING))
    assert frames == []


@both_ways
def test_only_what_changed_is_presented(size: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    stage = software_stage(face_of(12), size)
    layout, idle = stage.layout, stage.idle()
    stage.view.draw(idle)
    frames = presented(stage, monkeypatch)

    stage.view.draw(replace(idle, prompt="Wait"))
    stage.view.draw(replace(idle, prompt="Wait", notices=("The disk is full.",)))
    next_name = normalize(idle.angle + TURN // 12)
    stage.view.draw(replace(idle, prompt="Wait", notices=("The disk is full.",), angle=next_name))

    assert frames == [[layout.foot], [layout.status], [layout.stage, layout.strip]]


@pytest.mark.parametrize("size", [(1920, 1080), (1080, 1920), (800, 480), (480, 800)])
def test_a_notice_leaves_the_facts_their_place(size: tuple[int, int]) -> None:
    """In portrait, the notice once took two thirds of the only line, and the facts ended in an ellipsis."""
    layout, fonts = arrange(size), Typesetter({})
    facts = ("Generation 12", "3f9a01bc", "2998 of 3000 on the wheel")
    notice = "snapshot-000013.json refused: the signature does not hold"
    alone = status_panel(layout, BUILT_IN, fonts, facts, ())
    both = status_panel(layout, BUILT_IN, fonts, facts, (notice,))

    quiet = [
        sum(picture.get_at((x, y))[:3] == BUILT_IN.text_quiet for x in range(size[0]) for y in range(layout.status.h))
        for picture in (alone, both)
    ]
    upright = size[1] > size[0]
    assert quiet[1] > 0
    assert quiet[1] >= quiet[0] * (0.95 if upright else 0.5)


def test_a_covered_window_is_drawn_again_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = software_stage(face_of(12))
    stage.view.draw(stage.idle())
    before = pixels(stage.backend.read_back())
    frames = presented(stage, monkeypatch)
    stage.backend.fill(pygame.Rect(0, 0, *LANDSCAPE), (255, 0, 255))

    stage.view.redraw()

    assert stage.view.draw(stage.idle())
    assert frames == [[pygame.Rect(0, 0, *LANDSCAPE)]]
    assert pixels(stage.backend.read_back()) == before


@pytest.mark.slow
@both_ways
def test_going_from_a_result_back_to_idle_leaves_no_pixel_of_the_card(size: tuple[int, int]) -> None:
    face = face_of(12)
    used = software_stage(face, size)
    used.view.draw(used.idle())
    used.view.draw(used.turning(angle_in(face, 3), TURN / 2))
    for elapsed_ms in (0, 300, 1200, 1500, 3000, CALM_MS):
        used.view.draw(used.result(5, celebration_ms=elapsed_ms))
    used.view.draw(used.idle(5))
    after = pixels(used.backend.read_back())

    fresh = software_stage(face, size)
    fresh.view.draw(fresh.idle(5))

    assert after == pixels(fresh.backend.read_back())


@pytest.mark.slow
@both_ways
def test_a_celebration_leaves_no_paper_on_the_card(size: tuple[int, int]) -> None:
    face = face_of(12)
    used = software_stage(face, size)
    for elapsed_ms in (*range(0, CALM_MS, 200), CALM_MS):
        used.view.draw(used.result(5, celebration_ms=elapsed_ms))
    after = pixels(used.backend.read_back())

    fresh = software_stage(face, size)
    fresh.view.draw(fresh.result(5))

    assert after == pixels(fresh.backend.read_back())


def test_what_was_drawn_piece_by_piece_is_what_a_capture_draws_at_once() -> None:
    stage = software_stage(face_of(300))
    before, after = (stage.turning(TURN // 3 + TURN // way, TURN / 3000) for way in (1000, 900))
    stage.view.draw(stage.idle())
    stage.view.draw(replace(after, speed=0.0))  # at rest all names are set; in motion, two a frame
    stage.view.draw(before)
    stage.view.draw(after)
    piecewise = pixels(stage.backend.read_back())

    assert pixels(stage.view.capture(after)) == piecewise


@pytest.mark.slow
def test_a_spin_of_3000_builds_names_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each name that can be read is built once, small and large; the rest of 660 frames is drawn from what is there."""
    stage = software_stage(face_of(3000))
    plan = SpinPlan(start=angle_in(stage.face, 0), rest=angle_in(stage.face, 1234), turns=6, segments=3000)
    stage.view.draw(stage.idle())
    stage.view.get_ready()
    stage.view.draw(stage.at_tick(plan, 0))
    surfaces = built(stage, monkeypatch)
    readable: set[tuple[int, bool]] = set()

    for scene in frames_of(stage, plan):
        stage.view.draw(scene)
        readable |= {(row.index, abs(row.offset) < 0.5) for row in rows(stage.face.segments, scene.angle)}

    larger_than_a_name = [surface for surface in surfaces if surface.get_height() > 2 * stage.layout.name_size]
    assert larger_than_a_name == []
    assert len(surfaces) <= len(readable)
    assert len(surfaces) < 700  # 11 s of 4 samples of 8 names, and those that pass in the end


@pytest.mark.slow
@pytest.mark.parametrize(
    ("size", "fast", "slow"),
    [
        ((1920, 1080), Sharpness.COARSE, Sharpness.SLOW),
        ((1024, 600), Sharpness.MOVING, Sharpness.MOVING),
        ((800, 480), Sharpness.MOVING, Sharpness.MOVING),
    ],
)
def test_only_a_large_wheel_is_drawn_less_sharply_while_it_moves(
    size: tuple[int, int], fast: Sharpness, slow: Sharpness, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = software_stage(face_of(30), size)
    drawn: list[Sharpness] = []
    monkeypatch.setattr(stage.backend, "draw_turned", lambda picture, box, degrees, how, **_: drawn.append(how))
    stage.view.draw(stage.turning(0, TURN * 1.0))
    stage.view.draw(stage.turning(1, TURN / 20))

    assert drawn == [fast, slow]


def test_a_wheel_that_nobody_has_seen_is_no_reason_to_fail() -> None:
    stage = software_stage(face_of(12))

    assert stage.view.draw(Scene(title="Soon"))
    assert stage.view.draw(replace(stage.idle(), face=face_of(3)))


# ---- the name under the pointer ------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize(("count", "size"), [(40, LANDSCAPE), (300, PORTRAIT), (3000, LANDSCAPE)])
def test_in_every_frame_the_middle_name_is_the_entry_under_the_pointer(count: int, size: tuple[int, int]) -> None:
    """In all frames by `rows`, and in the slow ones, where names are crisp, by the pixels."""
    face = face_of(count)
    stage = software_stage(face, size)
    reader = Reader(stage.layout, face)
    plan = SpinPlan(start=angle_in(face, 0), rest=angle_in(face, count * 2 // 3, 0.3), turns=5, segments=3000)
    read = 0
    for number, scene in enumerate(frames_of(stage, plan)):
        under = face.segments.at(scene.angle)
        found = rows(face.segments, scene.angle)
        middle = found[len(found) // 2]
        assert middle.index == under
        assert [row.index for row in found if abs(row.offset) < 0.5] in ([under], [])
        # A name is solid, and stands alone in the band, until it hurries over the edge of its segment.
        if number % 2 or held(scene.speed * count / TURN) or abs(middle.offset) > 0.4:
            continue
        picture = stage.view.capture(scene)
        assert reader.shows(picture, under, whole=0.93), f"frame {number}: {face.names[under]} is not there"
        for other in {(under + step) % count for step in range(-ROWS // 2, ROWS // 2 + 1)} - {under}:
            assert not reader.shows(picture, other, whole=0.93), f"frame {number}: {face.names[other]} is there"
        read += 1

    assert read > 5


@pytest.mark.slow
@both_ways
@pytest.mark.parametrize("count", COUNTS)
def test_at_rest_the_large_name_and_the_colour_at_the_tip_are_those_of_the_entry(
    count: int, size: tuple[int, int]
) -> None:
    face = face_of(count)
    stage = software_stage(face, size)
    reader = Reader(stage.layout, face)
    for number, index in enumerate(sorted({0, 1 % count, count // 3, count // 2, count - 2, count - 1})):
        if index < 0:
            continue
        picture = stage.view.capture(stage.idle(index, (0.05, 0.5, 0.3, 0.7, 0.95)[number % 5]))
        assert reader.shows(picture, index), f"{face.names[index]} is not the large name"
        assert count < 3 or not reader.shows(picture, (index + 1) % count)


@pytest.mark.slow
@both_ways
@pytest.mark.parametrize("count", [1, 2, 3, 7, 30, MOST_WEDGES])
def test_at_rest_the_wedge_at_the_pointers_tip_has_the_colour_of_the_entry(count: int, size: tuple[int, int]) -> None:
    """Read just inside the rim; 16 bits a pixel leave a colour 8 steps off at most, and the edges of a wedge blend."""
    face = face_of(count)
    stage = software_stage(face, size)
    wheel = stage.layout.wheel
    reach = round(stage.layout.disc.w / 2 * 0.928)
    at = (wheel.centerx, wheel.centery + reach) if stage.layout.portrait else (wheel.centerx + reach, wheel.centery)
    for index in range(0, count, max(1, count // 15)):
        for part in (0.5, 0.25, 0.75):
            colour = stage.view.capture(stage.idle(index, part)).get_at(at)
            expected = ground_of(index, face.segments, BUILT_IN)
            assert all(abs(one - two) <= 14 for one, two in zip(colour[:3], expected, strict=True)), (index, part)


# ---- for days ------------------------------------------------------------------------------------------------------


def pss_bytes() -> int:
    """Return this process's share of memory; 0 where the system does not say."""
    try:
        lines = Path("/proc/self/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next(int(line.split()[1]) << 10 for line in lines if line.startswith("Pss:"))


def open_files() -> int:
    return len(os.listdir("/proc/self/fd")) if sys.platform == "linux" else 0  # noqa: PTH208 - it is a pseudo directory


@pytest.mark.slow
def test_a_thousand_spins_leak_no_surface_no_file_and_no_memory(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Idle, two frames of a spin, the celebration and the result, a thousand times; every 100th with a new wheel."""
    stage = software_stage(face_of(3000))
    living: weakref.WeakSet[pygame.Surface] = weakref.WeakSet()
    picture = stage.backend.picture

    def watched(surface: pygame.Surface, **how: Any) -> Picture:
        made = picture(surface, **how)
        living.add(made.surface)  # type: ignore[attr-defined]
        return made

    monkeypatch.setattr(stage.backend, "picture", watched)
    after_warm_up = (0, 0, 0)
    for spin in range(1000):
        if spin % 100 == 0:
            stage = stage.show(face_of(3000))
            stage.view.get_ready()
        winner = spin * 7919 % 3000
        plan = SpinPlan(start=angle_in(stage.face, 0), rest=angle_in(stage.face, winner), turns=5, segments=3000)
        stage.view.draw(stage.at_tick(plan, 600 + spin % 300))
        stage.view.draw(stage.at_tick(plan, plan.ticks - 30))
        stage.view.draw(stage.result(winner, celebration_ms=700))
        if spin % 100 == 99:
            stage.view.draw(stage.result(winner))
            stage.view.draw(stage.idle(winner))
            gc.collect()
            if spin == 99:
                after_warm_up = (len(living), open_files(), pss_bytes())
    grown = pss_bytes() - after_warm_up[2]
    with capsys.disabled():
        sys.stdout.write(f"\n900 spins: {grown / 2**20:+.2f} MB, {len(living)} pictures\n")

    assert len(living) <= after_warm_up[0] + 2
    assert open_files() == after_warm_up[1]
    assert grown < 8 << 20


@both_ways
def test_a_banner_over_the_sample_names_leaves_nothing_behind(size: tuple[int, int]) -> None:
    # The title is as wide as the column while there is no check code, and the banner reached between the two.
    stage = software_stage(face_of(12), size)
    banner = replace(stage.idle(), title="", banner="No list yet - these names are only samples")
    real = replace(stage.idle(), proof="HEAD 12 " + "3f9a01bc" * 8, proof_short="JFQW-2K9T-VBXC-M3DH-8RLP-6SYN-4")
    stage.view.draw(banner)
    stage.view.draw(real)

    drawn = stage.backend.read_back()

    assert pixels(drawn) == pixels(stage.view.capture(real))


@pytest.mark.parametrize("size", [(800, 480), (1280, 720), (1280, 1024), (720, 720), (1080, 1920)])
def test_the_prompt_is_larger_than_the_last_winner_below_it(size: tuple[int, int]) -> None:
    # Without descenders: "H" is as high in both lines.
    panel = prompt_panel(arrange(size), BUILT_IN, Typesetter({}), "HHHHH", "HHHHH")
    mask = pygame.mask.from_surface(panel, 127)
    row = pygame.mask.Mask((panel.get_width(), 1), fill=True)
    inked = [mask.overlap_area(row, (0, y)) > 0 for y in range(panel.get_height())]
    gap = next(y for y in range(inked.index(True), len(inked)) if not inked[y])

    assert sum(inked[:gap]) > sum(inked[gap:]) > 0


@pytest.mark.parametrize("size", [(800, 480), (480, 800)], ids=str)
@pytest.mark.parametrize("count", [12, 100, 300])
def test_a_wheel_that_stands_where_it_was_painted_is_shown_as_it_was_painted(count: int, size: tuple[int, int]) -> None:
    """Turning each pixel made names on it less sharp, and took longer than any other frame."""
    stage = software_stage(face_of(count), size)
    angle, view, disc = angle_in(stage.face, count // 3, 0.3), stage.view, stage.layout.disc
    image = view.paint_wheel(stage.face, angle)
    view.show_wheel(stage.face, image, angle)
    shown = view.capture(replace(stage.idle(), angle=angle)).subsurface(disc)
    wanted = image.convert(16).convert(32)
    side = disc.w

    for part in range(60):
        turn, radius = math.tau * part / 60, side / 2 * (0.3 + part / 100)
        at = (int(side / 2 + radius * math.cos(turn)), int(side / 2 + radius * math.sin(turn)))
        assert shown.get_at(at)[:3] == wanted.get_at(at)[:3]


@pytest.mark.parametrize("size", [(800, 480), (480, 800)], ids=str)
@pytest.mark.parametrize("count", [12, 100, 300])
def test_at_whatever_angle_a_wheel_was_painted_it_stands_the_same(count: int, size: tuple[int, int]) -> None:
    stage = software_stage(face_of(count), size)
    plan = SpinPlan(start=TURN // 7, rest=TURN // 3, turns=6, segments=count)
    scenes = [stage.idle(5), stage.spinning(plan, 60), stage.spinning(plan, plan.ticks // 2), stage.rested(plan, 100)]
    pictures = []
    for angle in (0, TURN // 5, TURN * 7 // 8):
        stage.view.show_wheel(stage.face, stage.view.paint_wheel(stage.face, angle), angle)
        pictures.append([stage.view.capture(scene) for scene in scenes])

    for first, *others in zip(*pictures, strict=True):
        for other in others:
            far = pygame.mask.from_threshold(first, (0, 0, 0), (90, 90, 90, 255), other)
            far.invert()
            assert far.count() < 0.04 * stage.layout.disc.w * stage.layout.disc.h
