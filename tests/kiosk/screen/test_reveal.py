"""The choreography of a result: silence, pulse, growth, confetti, calm; and winners between spins."""

from collections.abc import Sequence

import pygame
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from kiosk.screen.effects.confetti import DURATION_MS
from kiosk.screen.effects.reveal import CALM_MS, CONFETTI_FROM_MS, GROW_FROM_MS, SILENCE_MS, moment
from kiosk.screen.scene import Winner
from kiosk.wheel.angle import TURN
from kiosk.wheel.spin import SpinPlan
from tests.kiosk.screen.stage import angle_in, face_of, pixels, software_stage

pytestmark = pytest.mark.usefixtures("open_pygame")


@given(st.integers(0, 1 << 31))
def test_every_part_of_a_moment_is_a_share(rested_ms: int) -> None:
    seen = moment(rested_ms)

    assert all(0 <= part <= 1 for part in (seen.dim, seen.light, seen.growth, seen.words, seen.snap))


def test_it_begins_with_silence_and_ends_with_calm() -> None:
    for rested_ms in range(0, SILENCE_MS + 1, 20):
        seen = moment(rested_ms)
        assert (seen.dim, seen.light, seen.growth, seen.words) == (0, 0, 0, 0)
        assert seen.confetti_ms < 0
    assert moment(CALM_MS) == moment(CALM_MS + 60_000) or moment(CALM_MS).confetti_ms >= DURATION_MS
    assert 6000 <= DURATION_MS <= 8000


@given(st.integers(0, CALM_MS), st.integers(0, CALM_MS))
def test_the_name_only_grows_and_the_words_only_come(one: int, other: int) -> None:
    early, late = (moment(ms) for ms in sorted((one, other)))

    assert early.growth <= late.growth
    assert early.words <= late.words
    assert early.snap <= late.snap


@given(st.integers(0, GROW_FROM_MS), st.integers(0, GROW_FROM_MS))
def test_the_other_names_have_faded_before_the_card_covers_them(one: int, other: int) -> None:
    early, late = (moment(ms) for ms in sorted((one, other)))

    assert early.others >= late.others
    assert moment(0).others == 1
    assert moment(GROW_FROM_MS).others == 0


@pytest.mark.slow
def test_an_absent_winner_is_marked_and_not_celebrated() -> None:
    stage = software_stage(face_of(12))
    plan = SpinPlan(start=0, rest=angle_in(stage.face, 4), turns=6, segments=12)
    scene = stage.rested(plan, CONFETTI_FROM_MS + 1500)
    assert scene.outcome is not None
    absent = replace(scene, outcome=replace(scene.outcome, absent=True))

    celebrated, marked = (pixels(stage.view.capture(one)) for one in (scene, absent))
    later = pixels(stage.view.capture(replace(absent, celebration_ms=CALM_MS)))

    assert celebrated != marked
    assert marked == later  # nothing falls, nothing pulses


@pytest.mark.slow
def test_the_confetti_covers_more_than_the_card() -> None:
    stage = software_stage(face_of(12))
    plan = SpinPlan(start=0, rest=angle_in(stage.face, 4), turns=6, segments=12)
    calm = stage.view.capture(stage.rested(plan, CALM_MS))
    falling = stage.view.capture(stage.rested(plan, CONFETTI_FROM_MS + 2600))
    changed = pygame.mask.from_threshold(falling, (0, 0, 0, 255), (24, 24, 24, 255), calm)
    changed.invert()
    width, height = stage.layout.size

    for column in range(3):
        for row in range(3):
            box = pygame.Rect(column * width // 3, row * height // 3, width // 3, height // 3)
            inside = pygame.mask.Mask(box.size, fill=True)
            assert changed.overlap_area(inside, box.topleft) > 20, (column, row)


def test_between_spins_the_last_winner_is_large_and_never_a_neighbour() -> None:
    """A minute after a win, the largest name was whoever stood at the pointer."""
    stage = software_stage(face_of(300))
    winners = (Winner("Ana", "Ticket 0042"), Winner("Bruno", "Ticket 0007", absent=True))
    here, there = (replace(stage.idle(index), winners=winners) for index in (20, 200))
    strip = stage.layout.strip

    pictures = [pixels(stage.view.capture(scene).subsurface(strip)) for scene in (here, there)]

    assert pictures[0] == pictures[1]  # whoever is at the pointer
    assert pictures[0] != pixels(stage.view.capture(stage.idle(20)).subsurface(strip))


def test_an_empty_pool_is_an_ending_with_thanks_and_without_a_button() -> None:
    stage = software_stage(face_of(12))
    winners = tuple(Winner(f"Name {number}", f"Ticket {number}") for number in range(30))
    open_, ended = (replace(stage.idle(3), winners=winners, ended=over, moment_ms=1250) for over in (False, True))
    button = stage.layout.button

    seen = [stage.view.capture(scene).subsurface(button) for scene in (open_, ended)]

    red = [sum(one.get_at((x, y)).r > 150 for x in range(button.w) for y in range(button.h)) for one in seen]
    assert red[0] > 50
    assert red[1] == 0


def test_idle_moves_and_draws_only_small_things(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = software_stage(face_of(300))
    frames: list[list[pygame.Rect]] = []
    present = stage.backend.present

    def watched(changed: Sequence[pygame.Rect]) -> None:
        frames.append([*changed])
        present(changed)

    monkeypatch.setattr(stage.backend, "present", watched)
    drawn: list[int] = []
    monkeypatch.setattr(stage.backend, "draw_turned", lambda *_, **__: drawn.append(1))
    stage.view.draw(stage.idle(3))
    drawn.clear()
    frames.clear()
    for moment_ms in range(125, 20_000, 125):
        stage.view.draw(replace(stage.idle(3), moment_ms=moment_ms))

    assert len(frames) > 50  # it lives
    assert not drawn  # and the wheel is not turned for it
    assert {tuple(box) for boxes in frames for box in boxes} <= {tuple(stage.layout.wheel), tuple(stage.layout.button)}


@pytest.mark.slow
def test_a_press_ends_a_celebration_and_leaves_nothing_of_it() -> None:
    stage = software_stage(face_of(12))
    plan = SpinPlan(start=0, rest=angle_in(stage.face, 4), turns=6, segments=12)
    following = SpinPlan(start=plan.rest, rest=TURN // 3, turns=6, segments=12)
    for rested_ms in (0, 700, 1500, 2500, 4200):
        stage.view.draw(stage.rested(plan, rested_ms))
    while stage.view.draw(stage.spinning(following, 30)):
        """Names of the strip are set one after another."""
    after = pixels(stage.backend.read_back())

    assert pixels(stage.view.capture(stage.spinning(following, 30))) == after
