"""The result card: the name is as large as the card allows, and its lines belong together."""

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import pygame
import pytest

from kiosk.screen.backends.adapter import Picture
from kiosk.screen.effects.reveal import GROW_FOR_MS, GROW_FROM_MS
from kiosk.screen.layouts.arrangement import arrange
from kiosk.screen.panels import result_card
from kiosk.screen.panels.result_card import CardText, card_text
from kiosk.screen.scene import Face, Outcome
from kiosk.screen.themes.theme import BUILT_IN
from kiosk.screen.typography.typesetter import Typesetter
from kiosk.wheel.angle import TURN
from kiosk.wheel.segments import Segments
from kiosk.wheel.spin import SpinPlan
from tests.kiosk.screen.stage import angle_in, face_of, software_stage

NAMES = ["José Halfield", "Christopher Montgomery", "Zoë Van-der-Berg", "Ólafur Ängström Åkesson", "Gypsy Ångquist"]


@pytest.fixture(scope="module", autouse=True)
def _pygame() -> Iterator[None]:
    pygame.font.init()
    pygame.freetype.init()
    pygame.display.set_mode((8, 8))
    yield
    pygame.quit()


def set_card(name: str, size: tuple[int, int]) -> CardText:
    outcome = Outcome(name, "Ticket 0042", "Drawn by the wheel · spin 12 · public, if you kept the check code")
    return card_text(arrange(size), BUILT_IN, Typesetter({}), outcome)


def lines_of(name: pygame.Surface) -> list[tuple[int, int]]:
    """Return top and bottom of each line's ink, from rows of pixels that have any."""
    mask = pygame.mask.from_surface(name, 127)
    width, height = name.get_size()
    row = pygame.mask.Mask((width, 1), fill=True)
    inked = [mask.overlap_area(row, (0, y)) > 0 for y in range(height)]
    edges = [y for y in range(height + 1) if (y < height and inked[y]) != (y > 0 and inked[y - 1])]
    return list(zip(edges[::2], edges[1::2], strict=True))


@pytest.mark.parametrize("name", NAMES)
def test_the_lines_of_a_name_are_close_together(name: str) -> None:
    lines = [line for line in lines_of(set_card(name, (1280, 720)).name) if line[1] - line[0] > 12]  # dots and rings

    assert len(lines) >= 2
    highest = max(bottom - top for top, bottom in lines)
    for (_, bottom), (top, _) in pairwise(lines):
        assert 0 < top - bottom < highest * 0.65


@pytest.mark.parametrize("size", [(1280, 720), (1280, 1024), (720, 1280), (720, 720)])
@pytest.mark.parametrize("name", ["Ana", *NAMES, "Maximiliana Wolfeschlegelstein-Bergerdorff von Hohenlohe"])
def test_name_and_words_stay_on_the_card_and_apart(name: str, size: tuple[int, int]) -> None:
    text = set_card(name, size)
    card = arrange(size).card

    assert card.contains(text.name_box)
    assert card.contains(text.words_box)
    name_ink = pygame.mask.from_surface(text.name)
    words_ink = pygame.mask.from_surface(text.words)
    offset = (text.words_box.x - text.name_box.x, text.words_box.y - text.name_box.y)
    assert name_ink.overlap(words_ink, offset) is None


def test_two_short_lines_fill_the_card_of_a_wide_screen() -> None:
    text = set_card("José Halfield", (1280, 720))

    assert text.name_box.h > arrange((1280, 720)).card.h * 0.36


@pytest.mark.parametrize("size", [(1280, 1024), (720, 720)])
def test_a_short_name_is_larger_on_a_low_card_than_in_the_strip(size: tuple[int, int]) -> None:
    layout = arrange(size)
    in_strip = Typesetter({}).render("Ana", layout.name_size, BUILT_IN.text).get_bounding_rect()

    assert set_card("Ana", size).name_box.h > in_strip.h * 1.2


def test_a_growing_name_is_never_seen_in_two_settings_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    face = Face(Segments([1] * 12), ["José Halfield"] * 12, [f"{index:04d}" for index in range(12)])
    stage = software_stage(face, (1280, 720))
    plan = SpinPlan(start=0, rest=angle_in(face, 4), turns=6, segments=12)
    frames: list[list[int]] = []
    draw_scaled = stage.backend.draw_scaled

    def watched(picture: Picture, box: pygame.Rect, *, alpha: int = 255) -> None:
        frames[-1].append(alpha)
        draw_scaled(picture, box, alpha=alpha)

    monkeypatch.setattr(stage.backend, "draw_scaled", watched)
    for rested_ms in range(GROW_FROM_MS, GROW_FROM_MS + GROW_FOR_MS, 10):
        frames.append([])
        stage.view.draw(stage.rested(plan, rested_ms))
    stage.view.close()

    assert any(len(alphas) == 1 for alphas in frames)
    assert all(min(alphas) <= 64 for alphas in frames if len(alphas) == 2)


@pytest.mark.parametrize("size", [(1920, 1080), (800, 480), (1080, 1920)])
@pytest.mark.parametrize("name", ["Ana", "Jo van der Berg-Schmidtbauer", "Maximiliane von Hohenstein-Wittelsbach"])
def test_a_name_grows_out_of_the_strip_onto_the_card_without_a_jump(
    name: str, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two lines stood at the left until the last frame, and then in the middle and closer."""
    face = Face(Segments([1] * 12), [name] * 12, [f"{index:04d}" for index in range(12)])
    stage = software_stage(face, size)
    monkeypatch.setattr(stage.view, "_celebrates", lambda _: False)  # no paper: it is as white as letters
    plan = SpinPlan(start=0, rest=angle_in(face, 4), turns=6, segments=12)
    seen = []
    for rested_ms in range(0, GROW_FROM_MS + GROW_FOR_MS + 17, 10):
        stage.view.draw(stage.rested(plan, rested_ms))
        if rested_ms >= GROW_FROM_MS:
            seen.append(white(stage.backend.read_back().subsurface(stage.layout.card.union(stage.layout.strip))))
    stage.view.close()

    centres = [mask.centroid() for mask in seen]
    steps = [max(abs(a - b) for a, b in zip(one, other, strict=True)) for one, other in pairwise(centres)]
    assert max(abs(one - other) for one, other in pairwise(steps)) <= 6
    assert seen[0].overlap_area(seen[1], (0, 0)) > 0.9 * seen[0].count()  # as it stood in the strip
    assert seen[-2].overlap_area(seen[-1], (0, 0)) > 0.9 * seen[-1].count()  # as it stands on the card
    boxes = [mask.get_bounding_rects() for mask in seen[-2:]]
    ends = [boxed[0].unionall(boxed[1:]) for boxed in boxes]
    assert all(abs(a - b) <= 1 for a, b in zip(*ends, strict=True))  # no letter lost its last pixels


def white(picture: pygame.Surface) -> pygame.Mask:
    """Return where the letters of a name are."""
    return pygame.mask.from_threshold(picture, BUILT_IN.text, (90, 90, 90, 255))


def test_the_lines_of_the_band_do_not_stick_out_beside_the_growing_card() -> None:
    stage = software_stage(face_of(12), (1920, 1080))
    plan = SpinPlan(start=0, rest=angle_in(stage.face, 4), turns=6, segments=12)
    layout = stage.layout
    top = layout.strip.centery - layout.band // 2
    beside = [(layout.strip.x + x, top + 1) for x in range(layout.px(5) + 1, layout.px(28))]
    bare = []
    for rested_ms in range(0, GROW_FROM_MS + GROW_FOR_MS, 10):
        stage.view.draw(stage.rested(plan, rested_ms))
        picture = stage.backend.read_back()
        lines = any(picture.get_at((layout.strip.centerx, top + y))[:3] == BUILT_IN.accent for y in range(3))
        if rested_ms > GROW_FROM_MS and not lines:  # the card has left the band
            bare.append(any(picture.get_at(at)[:3] == BUILT_IN.accent for at in beside))
    stage.view.close()

    assert len(bare) > 30
    assert not any(bare)


def test_a_card_begins_in_the_colour_of_the_band() -> None:
    stage = software_stage(face_of(12), (1920, 1080))
    plan = SpinPlan(start=0, rest=angle_in(stage.face, 4), turns=6, segments=12)
    layout = stage.layout
    at = (layout.strip.right - layout.px(40), layout.strip.centery + layout.px(30))
    seen = []
    for rested_ms in range(0, GROW_FROM_MS + GROW_FOR_MS, 10):
        stage.view.draw(stage.rested(plan, rested_ms))
        seen.append(stage.backend.read_back().get_at(at)[:3])
    stage.view.close()

    from_band = seen[GROW_FROM_MS // 10 :]
    assert max(abs(a - b) for one, other in pairwise(from_band) for a, b in zip(one, other, strict=True)) <= 4
    assert (from_band[0], from_band[-1]) == (BUILT_IN.band, BUILT_IN.panel)


def test_no_frame_before_the_card_grows_sets_both_the_band_and_the_card(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = software_stage(face_of(12))
    plan = SpinPlan(start=0, rest=TURN // 3, turns=6, segments=12)
    stage.view.draw(stage.rested(plan, 0))
    frames: list[list[str]] = []
    for name in ("card_text", "name_lines"):
        setter = getattr(result_card, name)

        def watched(*args: Any, _name: str = name, _setter: Callable[..., Any] = setter, **kwargs: Any) -> object:
            frames[-1].append(_name)
            return _setter(*args, **kwargs)

        monkeypatch.setattr(result_card, name, watched)
    for rested_ms in range(16, GROW_FROM_MS, 16):
        frames.append([])
        stage.view.draw(stage.rested(plan, rested_ms))
    stage.view.close()

    assert [names for names in frames if names] == [["name_lines"], ["card_text"]]
