"""A real window on a real X server: the space bar is pressed, and the result is read from the pixels."""

import contextlib
import os
import signal
import struct
import subprocess
from collections.abc import Iterator
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
    window_tools,
)

pytestmark = pytest.mark.slow

SIZE = (1280, 720)


@pytest.fixture
def display(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """Yield an X display and the file that holds its picture (X window dump, kept current by the server)."""
    if not window_tools():
        if os.environ.get("WHEEL_REQUIRE_WINDOW"):
            pytest.fail("Xvfb and xdotool are required here and missing: apt-get install xvfb xdotool")
        pytest.skip("needs Xvfb and xdotool: apt-get install xvfb xdotool")
    frames = tmp_path / "frames"
    frames.mkdir()
    reader, writer = os.pipe()
    server = subprocess.Popen(
        [
            "Xvfb",
            "-displayfd",
            str(writer),
            "-screen",
            "0",
            f"{SIZE[0]}x{SIZE[1]}x24",
            "-fbdir",
            str(frames),
            "-nolisten",
            "tcp",
        ],
        pass_fds=[writer],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(writer)
    try:
        with os.fdopen(reader) as numbers:
            yield f":{numbers.readline().strip()}", frames / "Xvfb_screen0"
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(PATIENCE_S)


def on_screen(dump: Path) -> pygame.Surface:
    """Read an X window dump (XWD version 7, 32 bits a pixel, least significant byte first)."""
    data = dump.read_bytes()
    header = struct.unpack(">25I", data[:100])
    start = header[0] + header[19] * 12
    width, height, stride = header[4], header[5], header[12]
    assert header[11] == 32
    assert stride == width * 4
    return pygame.image.frombuffer(data[start : start + stride * height], (width, height), "BGRA")


def press(display: str, key: str) -> None:
    subprocess.run(["xdotool", "key", key], env={**os.environ, "DISPLAY": display}, check=True, timeout=60)


def shows_winner(dump: Path, layout: Layout, name: str, ticket: str, spin: int) -> bool:
    """Say whether the card on screen is the card of that winner, pixel for pixel."""
    texts = BUILT_IN.texts
    outcome = Outcome(name, texts.ticket.format(ticket=ticket), texts.drawn.format(spin=spin, level=texts.sealed))
    text = card_text(layout, BUILT_IN, Typesetter(), outcome)
    screen = on_screen(dump)
    return all(
        stands_at(screen, words, box) for words, box in ((text.name, text.name_box), (text.words, text.words_box))
    )


def stands_at(screen: pygame.Surface, words: pygame.Surface, box: pygame.Rect) -> bool:
    """Say whether words are on the screen: all but one in a thousand of their opaque pixels have their colour."""
    opaque = [(x, y) for x in range(0, box.w, 2) for y in range(0, box.h, 2) if words.get_at((x, y)).a == 255]
    wrong = sum(
        max(abs(a - b) for a, b in zip(words.get_at(at)[:3], screen.get_at(box.move(at).topleft)[:3], strict=True)) > 12
        for at in opaque
    )
    return bool(opaque) and wrong <= len(opaque) // 1000


@pytest.mark.window
@pytest.mark.parametrize("backend", ["software", "gpu"])
def test_a_person_presses_space_and_sees_the_winner_that_the_ledger_names(
    tmp_path: Path, display: tuple[str, Path], backend: str
) -> None:
    name, dump = display
    home: Home = published_home(tmp_path, people(60))
    pygame.font.init()
    pygame.freetype.init()
    layout = arrange(SIZE)
    with contextlib.ExitStack() as stack:
        arguments = ["--window", f"{SIZE[0]}x{SIZE[1]}", "--backend", backend]
        kiosk = stack.enter_context(running_kiosk(home, *arguments, SDL_VIDEODRIVER="x11", DISPLAY=name))
        if kiosk.poll() == 9 and backend == "gpu" and not os.environ.get("WHEEL_REQUIRE_WINDOW"):
            pytest.skip("no GPU renderer draws here: apt-get install libegl1 libgles2 libgl1-mesa-dri")
        press(name, "space")
        press(name, "space")  # a bouncing button: does nothing while the wheel turns
        wait_for(lambda: bool(records(home, "shown")), "the wheel to come to rest")
        (result,) = records(home, "result")
        winner = f"Person {int(result['winners'][0][1:])}"
        wait_for(lambda: shows_winner(dump, layout, winner, result["winners"][0], 1), f"{winner} on screen")
        other = f"Person {int(result['winners'][0][1:]) % 60 + 1}"
        assert not shows_winner(dump, layout, other, result["winners"][0], 1), "the comparison cannot tell names apart"
        press(name, "Escape")
        assert kiosk.wait(PATIENCE_S) == 0, (home.root / "kiosk.log").read_text()
    assert len(records(home, "open")) == 1
    assert verify(home).returncode == 0
