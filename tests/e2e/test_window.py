"""A real window on a real X server: the space bar is pressed, and the result is read from the pixels."""

import contextlib
import os
from pathlib import Path

import pygame
import pygame.freetype
import pytest

from kiosk.core.home import Home
from kiosk.screen.layouts.arrangement import arrange
from kiosk.screen.layouts.layout import Layout
from kiosk.screen.panels.result_card import card_text
from kiosk.screen.scene import Outcome
from kiosk.screen.themes.theme import BUILT_IN
from kiosk.screen.typography.typesetter import Typesetter
from tests.e2e.processes import (
    PATIENCE_S,
    people,
    published_home,
    records,
    running_kiosk,
    verify,
    wait_for,
)
from tests.e2e.x_server import XServer, x_server

pytestmark = pytest.mark.slow

SIZE = (1280, 720)


def shows_winner(server: XServer, layout: Layout, name: str, ticket: str, spin: int) -> bool:
    """Say whether the name on the card on screen is that winner's: its ink is there, and no other ink."""
    texts = BUILT_IN.texts
    outcome = Outcome(name, texts.ticket.format(ticket=ticket), texts.drawn.format(spin=spin, level=texts.sealed))
    text = card_text(layout, BUILT_IN, Typesetter(), outcome)
    whole = pygame.Surface(text.name.get_size(), 0, 32)
    whole.fill(BUILT_IN.panel)
    whole.blit(text.name, (0, 0))
    ink, seen = (
        pygame.mask.from_threshold(picture, BUILT_IN.text, (70, 70, 70, 255))
        for picture in (whole, server.picture().subsurface(text.name_box))
    )
    return ink.count() + seen.count() - 2 * ink.overlap_area(seen, (0, 0)) <= 0.02 * ink.count()


@pytest.mark.window
@pytest.mark.parametrize("backend", ["software", "gpu"])
def test_a_person_presses_space_and_sees_the_winner_that_the_ledger_names(tmp_path: Path, backend: str) -> None:
    home: Home = published_home(tmp_path, people(60))
    pygame.font.init()
    pygame.freetype.init()
    layout = arrange(SIZE)
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(x_server(tmp_path, SIZE))
        arguments = ["--window", f"{SIZE[0]}x{SIZE[1]}", "--backend", backend]
        kiosk = stack.enter_context(running_kiosk(home, *arguments, SDL_VIDEODRIVER="x11", DISPLAY=server.name))
        if kiosk.poll() == 9 and backend == "gpu" and not os.environ.get("WHEEL_REQUIRE_WINDOW"):
            pytest.skip("no GPU renderer draws here: apt-get install libegl1 libgles2 libgl1-mesa-dri")
        server.press("space")
        server.press("space")  # a bouncing button: does nothing while the wheel turns
        wait_for(lambda: bool(records(home, "shown")), "the wheel to come to rest")
        (result,) = records(home, "result")
        winner = f"Person {int(result['winners'][0][1:])}"
        wait_for(lambda: shows_winner(server, layout, winner, result["winners"][0], 1), f"{winner} on screen")
        other = f"Person {int(result['winners'][0][1:]) % 60 + 1}"
        assert not shows_winner(server, layout, other, result["winners"][0], 1), (
            "the comparison cannot tell names apart"
        )
        server.press("Escape")
        assert kiosk.wait(PATIENCE_S) == 0, (home.root / "kiosk.log").read_text()
    assert len(records(home, "open")) == 1
    assert verify(home).returncode == 0
