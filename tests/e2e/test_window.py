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
from kiosk.screen.panels.result_card import card_panel, card_text
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
    """Say whether the card on screen is the card of that winner, pixel for pixel."""
    texts = BUILT_IN.texts
    outcome = Outcome(name, texts.ticket.format(ticket=ticket), texts.drawn.format(spin=spin, level=texts.sealed))
    card = card_panel(layout, BUILT_IN)
    card.blit(card_text(layout, BUILT_IN, Typesetter(), outcome), (0, 0))
    seen = server.picture().subsurface(layout.card)
    points = [(x, y) for x in range(30, card.get_width() - 30, 3) for y in range(30, card.get_height() - 30, 3)]
    wrong = sum(
        max(abs(a - b) for a, b in zip(card.get_at(point)[:3], seen.get_at(point)[:3], strict=True)) > 12
        for point in points
    )
    return wrong <= len(points) // 1000


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
        winner = f"Person {int(result['ticket'][1:])}"
        wait_for(lambda: shows_winner(server, layout, winner, result["ticket"], 1), f"{winner} on screen")
        other = f"Person {int(result['ticket'][1:]) % 60 + 1}"
        assert not shows_winner(server, layout, other, result["ticket"], 1), "the comparison cannot tell names apart"
        server.press("Escape")
        assert kiosk.wait(PATIENCE_S) == 0, (home.root / "kiosk.log").read_text()
    assert len(records(home, "open")) == 1
    assert verify(home).returncode == 0
