"""Boards of winners: fixed before the first name, whole names, and one name a frame."""

import pygame
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from kiosk.screen.boards.grid import grid_of
from kiosk.screen.effects import filling
from kiosk.screen.layouts.arrangement import arrange
from kiosk.screen.panels.winners import winners_panel
from kiosk.screen.scene import MOST_WINNERS, Board, Cell, PrizeCard, Winner
from kiosk.screen.themes.colours import Colour
from kiosk.screen.themes.theme import BUILT_IN
from kiosk.screen.typography.typesetter import Typesetter
from tests.kiosk.screen.stage import Stage, built, face_of, name_of, pixels, software_stage

pytestmark = pytest.mark.usefixtures("open_pygame")

SIZES = [(1920, 1080), (1080, 1920), (800, 480), (480, 800), (1024, 768)]


def board_of(count: int, *, shown: int | None = None, fresh: bool = False, foot: str = "Drawn by the wheel") -> Board:
    cells = tuple(Cell(str(place), name_of(place), f"{place:04d}") for place in range(1, count + 1))
    return Board("The winners", "Mugs", cells, count if shown is None else shown, foot=foot, fresh=fresh)


@pytest.fixture
def stage() -> Stage:
    return software_stage(face_of(12))


# ---- when --------------------------------------------------------------------------------------------------------


@given(st.integers(2, 200), st.integers(0, 60_000))
def test_names_come_one_by_one_within_the_limits(count: int, rested_ms: int) -> None:
    there, soon = (filling.filled(count, at) for at in (rested_ms, rested_ms + filling.LEAST_MS))

    assert filling.LEAST_MS <= filling.interval_ms(count) <= filling.MOST_MS
    assert 0 <= there <= soon <= min(count, there + 1)
    assert (there == 0) == (rested_ms < filling.BOARD_FROM_MS)
    assert (there == count) == (rested_ms >= filling.full_ms(count))


@given(st.integers(1, 3000))
def test_pages_hold_every_place_once_and_are_equally_full(count: int) -> None:
    pages = filling.pages(count)

    assert [place for page in pages for place in page] == list(range(count))
    assert max(map(len, pages)) <= filling.PAGE <= 40
    assert len(pages) == -(-count // len(pages[0]))
    assert len(pages[0]) - len(pages[-1]) < len(pages)


# ---- where -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("plate", [False, True], ids=["draw", "rehearsal"])
@pytest.mark.parametrize("size", SIZES)
def test_no_two_boxes_of_a_board_overlap(size: tuple[int, int], plate: bool) -> None:
    layout = arrange(size)
    for count in range(1, filling.PAGE + 1):
        grid = grid_of(layout, count, plate=plate)
        boxes = [*grid.cells, grid.head, grid.foot, *([grid.plate] if plate else [])]
        assert len(grid.cells) == count
        for number, box in enumerate(boxes):
            assert grid.box.contains(box), (count, box)
            assert box.collidelist(boxes[:number]) == -1, (count, box)


@pytest.mark.parametrize("size", SIZES)
def test_a_full_page_has_room_for_names_that_can_be_read_from_afar(size: tuple[int, int]) -> None:
    """Capitals are 0.57 of the size; on a screen of 1 m, 2 % of its height can be read from ten metres."""
    grid = grid_of(arrange(size), filling.PAGE)

    assert min(box.h for box in grid.cells) * 0.76 * 0.57 >= 0.02 * min(size)


# ---- drawing -----------------------------------------------------------------------------------------------------


def test_a_name_that_appears_is_one_picture(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    scene = stage.idle()
    stage.view.draw(replace(scene, board=board_of(30, shown=7, fresh=True)))
    surfaces = built(stage, monkeypatch)

    stage.view.draw(replace(scene, board=board_of(30, shown=8, fresh=True)))

    assert len(surfaces) == 1
    assert surfaces[0].get_size() == grid_of(stage.layout, 30).cells[7].size


def test_nothing_but_the_new_name_changes(stage: Stage) -> None:
    scene = stage.idle()
    one, two = (stage.view.capture(replace(scene, board=board_of(30, shown=shown))) for shown in (7, 8))
    changed = pygame.mask.from_threshold(one, (0, 0, 0), (1, 1, 1, 255), two)
    changed.invert()
    box = grid_of(stage.layout, 30).cells[7]

    assert changed.count() > 0
    assert all(box.contains(found) for found in changed.get_bounding_rects())


def test_a_board_that_filled_is_the_one_that_is_drawn_at_once(stage: Stage) -> None:
    scene = stage.idle()
    for shown in range(1, 31):
        stage.view.draw(replace(scene, board=board_of(30, shown=shown, fresh=shown < 30)))
    filled = stage.backend.read_back()

    assert pixels(filled) == pixels(stage.view.capture(replace(scene, board=board_of(30))))


def test_the_page_is_painted_before_it_is_shown(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    result = stage.result(3, celebration_ms=3000)
    for _ in range(3):  # the card comes first, a part in each frame
        stage.view.draw(replace(result, board=board_of(30, shown=0)))
    surfaces = built(stage, monkeypatch)

    stage.view.draw(replace(result, board=board_of(30, shown=1, fresh=True)))

    assert [surface.get_size() for surface in surfaces] == [grid_of(stage.layout, 30).cells[0].size]


def test_the_wheel_comes_back_whole_after_a_board(stage: Stage) -> None:
    scene = stage.idle()
    before = pixels(stage.capture(scene))
    stage.view.draw(replace(scene, board=board_of(12)))
    stage.view.draw(scene)

    assert pixels(stage.backend.read_back()) == before


@pytest.mark.parametrize("size", [(800, 480), (480, 800)])
def test_every_covering_screen_can_be_drawn_and_says_rehearsal(size: tuple[int, int]) -> None:
    stage = software_stage(face_of(12), size)
    card = PrizeCard("Prize 1 of 2", "A " + "very " * 20 + "long name", ("Place 1 of 1",), note="Not next")
    idle = stage.idle()
    for scene in (
        replace(idle, prize=card),
        replace(idle, board=board_of(1)),
        replace(idle, board=replace(board_of(1), cells=())),
        replace(idle, curtain=True),
    ):
        plain, marked = (stage.view.capture(replace(scene, rehearsal=text)) for text in ("", "REHEARSAL"))
        assert pixels(plain) != pixels(marked)
        notice = pygame.mask.from_threshold(marked, (255, 138, 101), (2, 2, 2, 255)).count()
        assert notice > 0.015 * size[0] * size[1], "nobody can miss it"


class NotingTypesetter(Typesetter):
    """Keeps what it has set."""

    def __init__(self) -> None:
        super().__init__({})
        self.texts: list[str] = []

    def fit(self, text: str, size: int, colour: Colour, width: int) -> pygame.Surface:
        self.texts.append(text)
        return super().fit(text, size, colour, width)


@pytest.mark.parametrize("size", [(800, 480), (1280, 1024), (720, 720), (1080, 1920)])
def test_the_end_names_a_winner_on_every_screen(size: tuple[int, int]) -> None:
    fonts = NotingTypesetter()
    past = tuple(Winner(name_of(index), f"Ticket {index:04d}") for index in range(40))
    winners_panel(arrange(size), BUILT_IN, fonts, past, ended=True)

    assert past[0].name in fonts.texts


@pytest.mark.parametrize(
    ("size", "ended"),
    [
        *[(size, True) for size in ((800, 480), (1280, 1024), (720, 720), (1080, 1920), (3840, 2160))],
        *[(size, False) for size in ((800, 480), (1024, 600), (1920, 1080), (3840, 2160))],
    ],
)
def test_all_winners_are_named_or_counted(size: tuple[int, int], ended: bool) -> None:
    fonts, past = NotingTypesetter(), tuple(Winner(name_of(index), "") for index in range(MOST_WINNERS))
    winners_panel(arrange(size), BUILT_IN, fonts, past, more=976, ended=ended)

    named = sum(winner.name in fonts.texts for winner in past if ended or winner is not past[0])
    left = 976 + MOST_WINNERS - named - (not ended)
    assert named < MOST_WINNERS - 1, "no screen has room for all that a scene has"
    assert BUILT_IN.texts.more_winners.format(left) in fonts.texts
