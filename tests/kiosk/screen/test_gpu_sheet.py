"""Pictures that share a texture on a GPU look like others, give their place back, and are freed in time."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.kiosk.screen.stage import NO_SUCH_BACKEND

ROOT = Path(__file__).resolve().parents[3]
OPENED = f"""
import sys
import pygame
from kiosk.core.errors import ScreenError
from kiosk.screen.backends.opening import open_backend
try:
    backend = open_backend("gpu", (400, 300), vsync=False)
except ScreenError as error:
    sys.stderr.write(str(error))
    sys.exit({NO_SUCH_BACKEND})

def name(number, size=(90, 24)):
    surface = pygame.Surface(size, pygame.SRCALPHA, 32)
    surface.fill((40 * number % 256, 255 - 30 * number % 256, 90, 200))
    surface.fill((255, 255, 255, 255), (number, number, 9, 9))
    return surface
"""


def run(program: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SDL_")}
    done = subprocess.run(
        [sys.executable, "-c", OPENED + program],
        cwd=ROOT,
        env={**environment, "SDL_VIDEODRIVER": "offscreen"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    if done.returncode == NO_SUCH_BACKEND:
        if os.environ.get("WHEEL_REQUIRE_WINDOW"):
            pytest.fail(f"a GPU renderer is required here: {done.stderr}")
        pytest.skip(f"no GPU renderer (Debian: libegl1 libgles2 libgl1-mesa-dri): {done.stderr.strip()}")
    return done


@pytest.mark.slow
def test_pictures_of_a_sheet_are_drawn_like_others_faint_and_in_part_too() -> None:
    done = run("""
sheet = backend.sheet((100, 30), 5)
kept = []
for number in range(12):  # on three pages
    kept.append((sheet.put(name(number)), backend.picture(name(number))))
kept.append((sheet.put(name(3, (180, 60))), backend.picture(name(3, (180, 60)))))  # larger than a place
shown = []
for which in (0, 1):
    backend.fill(pygame.Rect(0, 0, 400, 300), (20, 30, 50))
    for number, both in enumerate(kept):
        at = (10 + 130 * (number % 3), 5 + 52 * (number // 3))
        area = pygame.Rect(5, 3, 40, 15) if number % 4 == 1 else None
        backend.draw(both[which], at, alpha=255 - 15 * number, area=area)
    shown.append(pygame.image.tobytes(backend.read_back(), "RGB"))
    backend.present([])
assert kept[-1][0].size == (180, 60) and kept[0][0].size == (90, 24)
assert len(set(shown[0])) > 20
assert shown[0] == shown[1]
backend.close()
""")

    assert done.returncode == 0, done.stderr


@pytest.mark.slow
def test_a_place_is_used_again_and_shows_nothing_of_what_was_there() -> None:
    done = run("""
sheet = backend.sheet((2000, 30), 3)  # one beside the other finds no room
first = [sheet.put(name(number)) for number in range(3)]
pages = {id(picture.page) for picture in first}
del first[1]
second = sheet.put(name(7, (20, 10)))
assert {id(second.page)} == pages
backend.fill(pygame.Rect(0, 0, 400, 300), (1, 2, 3))
backend.draw(second, (50, 50))
picture = backend.read_back()
backend.present([])
assert picture.get_at((50 + 20, 50 + 5))[:3] == (1, 2, 3)
assert picture.get_at((50 + 8, 50 + 8))[:3] == (255, 255, 255)
more = [sheet.put(name(number)) for number in range(4)]
assert len({id(one.page) for one in [*first, second, *more]}) == 3  # of three places each
backend.close()
""")

    assert done.returncode == 0, done.stderr


@pytest.mark.slow
def test_textures_of_a_back_end_never_closed_are_freed_before_python_ends() -> None:
    """They were freed after their renderer, in whichever order Python chose, and the process crashed at times."""
    done = run("""
sheet = backend.sheet((100, 30), 5)
kept = [sheet.put(name(1)), backend.picture(name(2))]
backend.draw(kept[0], (5, 5))
backend.present([])

at_exit = backend._at_exit
assert at_exit.alive and at_exit.atexit  # Python calls it before it takes anything apart
at_exit()
sys.stdout.write(str([kept[0].page.texture, kept[1].texture]))
""")

    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("[None, None]")
