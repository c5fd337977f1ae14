"""The sweep, trimmed: some screens at every size, and every screen at some; and no word that was never translated."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pygame
import pytest
from msgspec.structs import astuple, replace

os.environ.setdefault("SDL_VIDEODRIVER", "dummy")

from kiosk.screen.themes.theme import BUILT_IN
from kiosk.screen.themes.theme_file import load_theme
from tests.kiosk.pseudo_language import in_cyrillic, texts_in_toml
from tests.kiosk.screen.sweep.__main__ import sweep
from tests.kiosk.screen.sweep.checks import problems
from tests.kiosk.screen.sweep.screens import ARABIC, LATIN_DATA, LONG, PLAIN, face_with, screens
from tests.kiosk.screen.sweep.tracing import traced_view

SOME = ("idle", "idle, some have won", "result", "prize", "paused")
LATIN = re.compile("[A-Za-z]{2,}")


@pytest.fixture(autouse=True)
def _pygame() -> Iterator[None]:
    yield
    pygame.quit()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("size", "language"),
    [("800x480", "ar"), ("1024x600", "de"), ("1280x1024", "fr"), ("720x720", "ar"), ("1080x1920", "es")],
)
def test_the_main_screens_can_be_read_at_every_size(size: str, language: str) -> None:
    width, height = (int(side) for side in size.split("x"))
    found, _ = sweep((width, height), language, 12, ARABIC if language == "ar" else LONG, only=SOME)

    assert found == []


@pytest.mark.slow
@pytest.mark.parametrize(("size", "language"), [((800, 480), "de"), ((720, 720), "fr")])
def test_every_screen_can_be_read(size: tuple[int, int], language: str) -> None:
    found, _ = sweep(size, language, 1, PLAIN, theme="day" if language == "fr" else "night")

    assert found == []


@pytest.mark.slow
def test_no_screen_shows_a_word_that_is_not_the_languages(tmp_path: Path) -> None:
    """Every text is in Cyrillic, so a Latin word that is not the organiser's was never translated."""
    path = tmp_path / "cyrillic.toml"
    path.write_text(f"[texts]\n{texts_in_toml(in_cyrillic)}", encoding="utf-8")
    theme = load_theme(path)
    face = face_with(12, PLAIN)
    shown = screens(theme.texts, face, PLAIN)
    cells = [cell.name for scene in shown.values() if scene.board for cell in scene.board.cells]
    given = " ".join((*astuple(PLAIN), *face.names, *cells, *LATIN_DATA))
    allowed = set(LATIN.findall(given))
    with traced_view((1024, 600), theme, fonts={}) as traced:
        traced.view.show_wheel(face, traced.view.paint_wheel(face))
        said = {name: [ink.text for ink in traced.draw(scene)[0]] for name, scene in shown.items()}

    assert all(said.values()), "every screen says something"
    foreign = {(name, word) for name, texts in said.items() for text in texts for word in LATIN.findall(text)}
    assert {one for one in foreign if one[1] not in allowed} == set()


def test_the_checks_see_what_is_cut_small_pale_and_on_top_of_another() -> None:
    """Each rule is broken once, so that it is known to be held."""
    face = face_with(3, PLAIN)
    with traced_view((800, 480), BUILT_IN, fonts={}) as traced:
        traced.view.show_wheel(face, traced.view.paint_wheel(face))
        scene = screens(BUILT_IN.texts, face, PLAIN)["idle, some have won"]
        inks, _ = traced.draw(scene)
        ground, layout = traced.ground(scene), traced.view.layout

        def told(**change: object) -> str:
            broken = [replace(inks[0], **change), *inks[1:]]
            return " ".join(problems(scene, layout, broken, ground, long=False))

        assert told() == ""
        assert "cut" in told(lost=True)
        assert "cut" in told(text="Anasta…")
        assert "at least 12" in told(size=5)
        assert "overlap" in told(box=inks[1].box)
        assert "contrast" in told(colour=(40, 40, 60))
