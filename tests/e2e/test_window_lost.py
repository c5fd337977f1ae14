"""A window that is lost, hidden or minimised is taken up again, and nothing is drawn that nobody sees."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pygame
import pytest

from kiosk.core.home import Home
from tests.e2e.processes import PATIENCE_S, ROOT, environment, kiosk_command, people, published_home, records, wait_for
from tests.e2e.x_server import XServer, switchable_x_server, window_manager, x_server

pytestmark = pytest.mark.slow

SIZE = (1280, 720)


@dataclass
class Stand:
    """A kiosk in full screen on a plain desktop."""

    server: XServer
    home: Home
    process: "subprocess.Popen[bytes]"
    heartbeat: Path
    manager: int
    idle: pygame.Surface | None = None

    def window(self) -> str:
        """Return the id of the kiosk's window, hidden or not."""
        return self.server.run("xdotool", "search", "--class", "__main__").split()[-1]

    def shows_the_wheel(self) -> bool:
        """Say whether the screen shows the idle wheel of the start, but for its status line."""
        assert self.idle is not None
        return likeness(self.server.picture(), self.idle) > 0.95

    def press_unseen(self, window: str) -> None:
        """Press space for a window that is not mapped; an X server without a focused window loses it."""
        self.server.run("xdotool", "key", "--window", window, "space")
        self.server.press("space")

    def beats(self) -> str:
        return self.heartbeat.read_text()


def likeness(one: pygame.Surface, other: pygame.Surface) -> float:
    """Return the share of equal pixels, of a grid."""
    if one.get_size() != other.get_size():
        return 0.0
    points = [(x, y) for x in range(0, SIZE[0], 7) for y in range(0, SIZE[1], 7)]
    return sum(one.get_at(point)[:3] == other.get_at(point)[:3] for point in points) / len(points)


def start(home: Home, server: XServer, heartbeat: Path) -> "subprocess.Popen[bytes]":
    home.status.unlink(missing_ok=True)
    with (home.root / "kiosk.log").open("a") as log:
        process = subprocess.Popen(
            kiosk_command(home, "--heartbeat", str(heartbeat)),
            cwd=ROOT,
            env=environment(SDL_VIDEODRIVER="x11", DISPLAY=server.name),
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    wait_for(lambda: home.status.exists() or process.poll() is not None, "the first status")
    assert process.poll() is None, (home.root / "kiosk.log").read_text()
    return process


@contextlib.contextmanager
def stand_on(running: "contextlib.AbstractContextManager[XServer]", root: Path) -> Iterator[Stand]:
    """Run a window manager and a kiosk on an X server."""
    home = published_home(root, people(60))
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(running)
        manager = stack.enter_context(window_manager(server))
        desktop = server.picture().copy()
        process = start(home, server, root / "heartbeat")
        stand = Stand(server, home, process, root / "heartbeat", manager)
        try:
            wait_for(lambda: likeness(server.picture(), desktop) < 0.1, "the wheel on the screen")
            time.sleep(0.5)  # the window manager has placed and focused it
            stand.idle = server.picture().copy()
            yield stand
        finally:
            stand.process.kill()
            stand.process.wait()


@pytest.fixture
def stand(tmp_path: Path) -> Iterator[Stand]:
    with stand_on(x_server(tmp_path, SIZE), tmp_path) as stand:
        yield stand


@pytest.fixture
def switchable_stand(tmp_path: Path) -> Iterator[Stand]:
    with stand_on(switchable_x_server(tmp_path / "x", SIZE), tmp_path) as stand:
        yield stand


def show_desktop_twice(stand: Stand) -> None:
    stand.server.press("super+d")
    time.sleep(0.3)
    stand.server.press("super+d")


def show_desktop(stand: Stand) -> None:
    stand.server.press("super+d")


def iconify(stand: Stand) -> None:
    stand.server.run("xdotool", "windowminimize", stand.window())


def other_workspace(stand: Stand) -> None:
    stand.server.run("xdotool", "set_num_desktops", "4")
    stand.server.run("xdotool", "set_desktop", "1")


def workspace_and_back(stand: Stand) -> None:
    other_workspace(stand)
    time.sleep(0.3)
    stand.server.run("xdotool", "set_desktop", "0")


def unmap(stand: Stand) -> None:
    stand.server.run("xdotool", "windowunmap", stand.window())


LOSSES = [show_desktop, show_desktop_twice, iconify, other_workspace, workspace_and_back, unmap]


@pytest.mark.window
@pytest.mark.parametrize("lose", LOSSES)
def test_a_window_that_was_lost_comes_back_and_draws(stand: Stand, lose: Callable[[Stand], None]) -> None:
    lose(stand)
    wait_for(lambda: "the window is visible again" in log(stand), "the window to be taken up")
    wait_for(stand.shows_the_wheel, "the wheel on the screen")
    beats = stand.beats()
    wait_for(lambda: stand.beats() != beats, "the heart to beat")
    stand.server.run("xdotool", "windowfocus", "--sync", stand.window())
    stand.server.press("space")
    wait_for(lambda: bool(records(stand.home, "shown")), "a spin after it")
    assert "showing the spin again" not in log(stand), "somebody saw only the end of it"


@pytest.mark.window
def test_a_spin_that_was_hidden_is_shown_again_whole(stand: Stand) -> None:
    stand.server.press("space")
    wait_for(lambda: bool(records(stand.home, "result")), "the draw")
    time.sleep(9)
    iconify(stand)
    hidden_at = time.monotonic()
    wait_for(lambda: "showing the spin again" in log(stand), "the window to be taken up")
    assert not records(stand.home, "shown"), "recorded as shown though nobody saw its end"
    wait_for(lambda: bool(records(stand.home, "shown")), "the spin to end")

    assert time.monotonic() - hidden_at > 11
    assert len(records(stand.home, "result")) == 1


@pytest.mark.window
def test_nothing_counts_and_nothing_beats_while_nobody_can_see(stand: Stand) -> None:
    window = stand.window()
    os.kill(stand.manager, signal.SIGSTOP)  # a window manager that hangs brings no window back
    try:
        stand.server.run("xdotool", "windowunmap", window)
        wait_for(lambda: "the window is hidden" in log(stand), "the loss to be noticed")
        beats = stand.beats()
        stand.press_unseen(window)
        wait_for(lambda: stand.process.poll() is not None, "the kiosk to give up")
        assert stand.beats() == beats
    finally:
        os.kill(stand.manager, signal.SIGCONT)

    assert stand.process.returncode == 9
    assert "cannot be shown again" in log(stand)
    assert not records(stand.home, "open")


@pytest.mark.window
def test_a_lost_x_server_ends_with_the_code_of_a_screen_and_the_spin_is_finished(stand: Stand, tmp_path: Path) -> None:
    stand.server.press("space")
    wait_for(lambda: bool(records(stand.home, "result")), "the draw")
    stand.server.process.kill()
    assert stand.process.wait(PATIENCE_S) == 9, log(stand)
    assert "the connection to the X server is lost" in log(stand)
    assert not records(stand.home, "shown")

    again = tmp_path / "again"
    again.mkdir()
    with x_server(again, SIZE) as server:
        stand.process = start(stand.home, server, stand.heartbeat)
        wait_for(lambda: bool(records(stand.home, "shown")), "the interrupted spin to be finished")
    assert len(records(stand.home, "result")) == 1


@pytest.mark.window
def test_a_screen_that_is_switched_off_and_on_shows_the_wheel_and_draws(switchable_stand: Stand) -> None:
    stand = switchable_stand
    output = next(line.split()[0] for line in stand.server.run("xrandr").splitlines() if " connected" in line)
    stand.server.run("xrandr", "--output", output, "--off")
    assert stand.server.picture().get_size() != SIZE
    time.sleep(0.5)
    stand.server.run("xrandr", "--output", output, "--auto")
    wait_for(stand.shows_the_wheel, "the wheel on the screen")
    stand.server.press("space")
    wait_for(lambda: bool(records(stand.home, "shown")), "a spin after it")
    assert "showing the spin again" not in log(stand), "somebody saw only the end of it"


def log(stand: Stand) -> str:
    return (stand.home.root / "kiosk.log").read_text()


def test_the_comparison_tells_a_wheel_from_a_desktop(tmp_path: Path) -> None:
    with x_server(tmp_path, SIZE) as server:
        empty = server.picture().copy()
    wheel = empty.copy()
    pygame.draw.circle(wheel, (200, 40, 40), (400, 360), 300)

    assert likeness(empty, empty) == 1
    assert likeness(empty, wheel) < 0.8
