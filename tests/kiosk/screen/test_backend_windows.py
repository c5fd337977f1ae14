"""The windows of both back ends: how they are left, their sizes, and what happens when one was hidden."""

import os
import subprocess
import sys
from pathlib import Path

import pygame
import pytest
from pygame import Rect

from kiosk.core.errors import ScreenError
from kiosk.screen.backends.adapter import inner_size
from kiosk.screen.backends.opening import open_backend
from kiosk.screen.backends.software import SoftwareBackend
from kiosk.screen.options import LARGEST_SIDES, Rotation
from kiosk.screen.themes.colours import Colour
from tests.kiosk.screen.stage import NO_SUCH_BACKEND

ROOT = Path(__file__).resolve().parents[3]
PATIENCE_S = 120
"""Mesa draws with the CPU here, and the machine may be busy."""
FAR = 40
"""Channel difference from which a pixel counts as another colour, of 255."""
WORDS_MEAN, WORDS_FAR = 0.2, 0.001
"""Title, strip, prompt, status line, card. Both back ends blend the same pictures at the same whole pixels, so only
the rounding of a blend differs, by 1 or 2 of 255: 0.00 to 0.02 on average measured, and no pixel beyond `FAR`."""
WHEEL_MEAN, WHEEL_FAR, WHEEL_FAR_ANYWHERE = 6.0, 0.06, 0.075
"""The wheel's square, and any ninth of it, so that an error is not averaged away. The GPU interpolates. The CPU takes
the nearest pixel of a 16-bit copy while it turns: 4.8 to 4.9 of 255 apart on average, 5.0 % of the pixels beyond `FAR`,
all on edges of wedges, letters and rings. At rest it interpolates too: 1.7, and 0.5 %. A wheel turned by one wedge too
many differs by 77 on average."""


# ---- leaving -------------------------------------------------------------------------------------------------------

CLOSE = f"""
import sys, pygame
from kiosk.core.errors import ScreenError
from kiosk.screen.backends.opening import open_backend

try:
    backend = open_backend("gpu", (480, 800), vsync=False, rotate=90)
except ScreenError as error:
    sys.exit({NO_SUCH_BACKEND})
kept = [backend.picture(pygame.Surface((300, 300))) for _ in range(20)]
window = backend._window

class Window:
    def destroy(self):
        held = [picture for picture in kept if picture.texture is not None]
        print(len(held), backend._canvas, hasattr(backend, "_renderer"))
        window.destroy()

backend._window = Window()
backend.close()
"""


@pytest.mark.slow
def test_nothing_of_the_gpu_outlives_its_window_whoever_still_holds_a_picture() -> None:
    """A kiosk that had shown its winner crashed on leaving: SDL had freed the textures with the window."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SDL_")}
    done = subprocess.run(
        [sys.executable, "-c", CLOSE],
        cwd=ROOT,
        env={**environment, "SDL_VIDEODRIVER": "offscreen", "PYGAME_HIDE_SUPPORT_PROMPT": "1"},
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    if done.returncode == NO_SUCH_BACKEND and not os.environ.get("WHEEL_REQUIRE_WINDOW"):
        pytest.skip("no GPU renderer (Debian: libegl1 libgles2 libgl1-mesa-dri)")
    assert (done.returncode, done.stdout.split()) == (0, ["0", "None", "False"]), done.stderr


# ---- sizes ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("window", "rotate", "inner"),
    [
        ((1920, 1080), 0, (1920, 1080)),
        ((1920, 1080), 90, (1080, 1920)),
        ((1920, 1080), 180, (1920, 1080)),
        ((480, 800), 270, (800, 480)),
        ((3840, 2160), 0, (2560, 1440)),
        ((3840, 2160), 90, (1440, 2560)),
        ((3440, 1440), 0, (2560, 1072)),
    ],
    ids=str,
)
def test_a_turned_display_turns_the_picture_and_a_huge_one_gets_it_scaled_up(
    window: tuple[int, int], rotate: Rotation, inner: tuple[int, int]
) -> None:
    assert inner_size(window, rotate) == inner
    assert max(inner) <= LARGEST_SIDES[0]
    assert min(inner) <= LARGEST_SIDES[1]


@pytest.mark.parametrize(("rotate", "corner"), [(0, (0, 0)), (90, (799, 0)), (180, (799, 479)), (270, (0, 479))])
def test_the_software_window_is_turned_clockwise(rotate: Rotation, corner: tuple[int, int]) -> None:
    """The picture's top left corner goes clockwise round the window."""
    red: Colour = (255, 0, 0)
    found = open_backend("software", (800, 480), vsync=False, rotate=rotate)
    found.fill(Rect((0, 0), found.size), (0, 0, 0))
    found.fill(Rect(0, 0, 20, 20), red)
    found.present([Rect((0, 0), found.size)])
    window = pygame.display.get_surface()

    assert window is not None
    lit = {at for at in ((0, 0), (799, 0), (799, 479), (0, 479)) if window.get_at(at)[:3] == red}
    assert lit == {corner}
    found.close()


# ---- a window that was hidden --------------------------------------------------------------------------------------


def test_the_software_back_end_draws_on_the_surface_that_the_window_has_now() -> None:
    """Seen with openbox: SDL freed the first surface when the desktop was shown, and the screen stayed white."""
    pygame.display.init()
    backend = SoftwareBackend((800, 480), rotate=0)
    again = pygame.display.set_mode((800, 480))
    backend.fill(Rect(0, 0, 800, 480), (1, 2, 3))

    assert again.get_at((400, 240))[:3] == (1, 2, 3)
    assert backend.read_back().get_at((400, 240))[:3] == (1, 2, 3)
    backend.close()


def test_a_display_that_changed_its_size_ends_with_the_code_of_a_screen() -> None:
    pygame.display.init()
    backend = SoftwareBackend((800, 480), rotate=0)
    pygame.display.set_mode((1024, 600))

    with pytest.raises(ScreenError, match="display changed"):
        backend.fill(Rect(0, 0, 800, 480), (1, 2, 3))
    backend.close()
