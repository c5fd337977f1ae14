"""What is on the screen follows from the scene, whatever was there before; `walk` explains."""

import subprocess
import sys

import pytest

from kiosk.screen.view import View
from tests.kiosk.screen.stage import NO_SUCH_BACKEND
from tests.kiosk.screen.walk import walk

pytestmark = pytest.mark.usefixtures("open_pygame")

PATIENCE_S = 300
"""Mesa draws with the CPU here, and the machine may be busy."""


@pytest.mark.slow
@pytest.mark.parametrize("seed", [*range(4), 90038])  # the last one found a card that its strip was painted over
def test_a_view_shows_what_a_new_one_shows_whatever_it_showed_before(seed: int) -> None:
    looks, different = walk("software", seed, 60)

    assert different == [], looks


@pytest.mark.slow
def test_a_gpu_shows_what_a_new_view_shows_whatever_it_showed_before() -> None:
    command = [sys.executable, "-m", "tests.kiosk.screen.walk", "gpu", "100", "2", "60"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
    if done.returncode == NO_SUCH_BACKEND:
        pytest.skip(done.stderr)

    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
def test_the_walk_notices_what_stays_on_the_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(View, "_uncover", lambda *_: None)

    assert any(walk("software", seed, 60)[1] for seed in range(3))
