"""A sound device that blocks: the kiosk starts all the same, and is silent."""

import logging
import os
import sys
from pathlib import Path

import pytest

from kiosk.core.assets import asset
from kiosk.core.home import Home
from kiosk.devices.sound import Silence, open_sounds
from kiosk.devices.sound_probe import SoundProbe
from tests.e2e.processes import running_kiosk, status, wait_for

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs FIFOs")


@pytest.fixture
def blocking(tmp_path: Path) -> dict[str, str]:
    """An environment in which SDL writes sound to a FIFO that nobody reads: to open it waits for ever."""
    os.mkfifo(tmp_path / "device")
    return {"SDL_AUDIODRIVER": "disk", "SDL_DISKAUDIOFILE": str(tmp_path / "device")}


def test_a_device_that_blocks_is_found_and_the_process_ended(blocking: dict[str, str]) -> None:
    probe = SoundProbe(22_050, 512, environment={**os.environ, **blocking})
    assert probe.blocks(limit_s=3)
    assert probe._process is not None

    probe.close()
    probe.close()

    assert probe._process.poll() is not None


@pytest.mark.parametrize("driver", ["disk", "no such driver"])
def test_a_device_that_opens_or_refuses_does_not_block(driver: str, tmp_path: Path) -> None:
    environment = {**os.environ, "SDL_AUDIODRIVER": driver, "SDL_DISKAUDIOFILE": str(tmp_path / "file")}
    probe = SoundProbe(22_050, 512, environment=environment)

    assert not probe.blocks(limit_s=60)
    probe.close()


def test_the_kiosk_does_not_open_a_device_that_blocks(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    class Blocks(SoundProbe):
        def blocks(self, *, limit_s: float = 0) -> bool:
            return True

    monkeypatch.setattr("pygame.mixer.init", lambda *_: pytest.fail("it was opened"))
    with caplog.at_level(logging.WARNING):
        assert isinstance(open_sounds(asset("sounds"), probe=Blocks(22_050, 512)), Silence)
    assert "no sound: the device did not open within 5 s" in caplog.text


@pytest.mark.slow
def test_a_kiosk_starts_beside_a_device_that_blocks_and_says_so(tmp_path: Path, blocking: dict[str, str]) -> None:
    home = Home(tmp_path / "home")
    with running_kiosk(home, **blocking) as process:
        wait_for(lambda: status(home).state == "idle", "the idle screen")
        process.terminate()
        assert process.wait(60) == 0

    assert "no sound: the device did not open within 5 s" in (home.root / "kiosk.log").read_text()
