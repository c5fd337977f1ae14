"""A real X server for the end-to-end tests: its picture, key presses, and a window manager."""

import contextlib
import os
import shlex
import shutil
import signal
import struct
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pygame
import pytest

from tests.e2e.processes import PATIENCE_S, wait_for

_BITS = 32
"""Of a pixel in a dump."""
PACKAGES = "xvfb xdotool openbox x11-xserver-utils x11-apps xserver-xorg-core xserver-xorg-video-dummy"


def require(*tools: str) -> None:
    """Skip the test if a tool is missing; fail it where `WHEEL_REQUIRE_WINDOW` demands the tools."""
    missing = [tool for tool in tools if not shutil.which(tool)]
    if missing and os.environ.get("WHEEL_REQUIRE_WINDOW"):
        pytest.fail(f"required here and missing: {' '.join(missing)}")
    if missing:
        pytest.skip(f"needs {' '.join(missing)} (Debian: {PACKAGES})")


class XServer:
    """A running X server.

    Attributes:
        name: of the display, such as `:3`.
        dump: file that holds its picture (X window dump, kept current by the server).
        process: the server.
    """

    def __init__(self, name: str, dump: Path, process: "subprocess.Popen[bytes]") -> None:
        self.name = name
        self.dump = dump
        self.process = process

    def run(self, *command: str) -> str:
        """Run an X client to its end; returns what it printed."""
        environment = {**os.environ, "DISPLAY": self.name}
        done = subprocess.run(command, env=environment, check=True, timeout=60, capture_output=True, text=True)
        return done.stdout

    def press(self, key: str) -> None:
        """Press a key."""
        self.run("xdotool", "key", key)

    def window_dump(self) -> bytes:
        """Return the screen as an X window dump."""
        return self.dump.read_bytes()

    def picture(self) -> pygame.Surface:
        """Return what is on the screen (XWD version 7, 32 bits a pixel, least significant byte first)."""
        data = self.window_dump()
        header = struct.unpack(">25I", data[:100])
        start = header[0] + header[19] * 12
        width, height, stride = header[4], header[5], header[12]
        assert header[11] == _BITS
        assert stride == width * 4
        return pygame.image.frombuffer(data[start : start + stride * height], (width, height), "BGRA")


class SwitchableXServer(XServer):
    """One whose screen can be switched off, and which keeps no dump of it."""

    def window_dump(self) -> bytes:
        """Return the screen as an X window dump; one that was taken while the screen changed has another depth."""
        found = bytes(100)
        for _ in range(50):
            self.run("xwd", "-root", "-silent", "-out", str(self.dump))
            found = super().window_dump()
            if struct.unpack(">25I", found[:100])[11] == _BITS:
                break
            time.sleep(0.1)
        return found


@contextlib.contextmanager
def x_server(directory: Path, size: tuple[int, int]) -> Iterator[XServer]:
    """Yield an X server with a screen of `size`."""
    require("Xvfb", "xdotool")
    frames = directory / "frames"
    frames.mkdir()
    command = ["Xvfb", "-screen", "0", f"{size[0]}x{size[1]}x24", "-fbdir", str(frames)]
    with _running(command) as (name, process):
        yield XServer(name, frames / "Xvfb_screen0", process)


@contextlib.contextmanager
def switchable_x_server(directory: Path, size: tuple[int, int]) -> Iterator[XServer]:
    """Yield X.Org's server on a display of its driver `dummy`; Xvfb cannot switch its screen off."""
    require("Xorg", "xdotool", "xwd", "xrandr")
    directory.mkdir(exist_ok=True)
    settings = directory / "xorg.conf"
    mode = f"{size[0]}x{size[1]}"
    settings.write_text(
        f"""
        Section "ServerFlags"
            Option "AutoAddDevices" "false"
            Option "AutoAddGPU" "false"
        EndSection
        Section "Device"
            Identifier "device"
            Driver "dummy"
        EndSection
        Section "Monitor"
            Identifier "monitor"
            HorizSync 5-1000
            VertRefresh 5-200
        EndSection
        Section "Screen"
            Identifier "screen"
            Device "device"
            Monitor "monitor"
            DefaultDepth 24
            SubSection "Display"
                Modes "{mode}"
                Virtual {size[0]} {size[1]}
            EndSubSection
        EndSection
        """
    )
    command = ["Xorg", "-noreset", "-novtswitch", "-config", str(settings), "-logfile", str(directory / "xorg.log")]
    with _running(command) as (name, process):
        yield SwitchableXServer(name, directory / "screen.xwd", process)


@contextlib.contextmanager
def _running(command: list[str]) -> Iterator[tuple[str, "subprocess.Popen[bytes]"]]:
    """Run an X server on a free display; yields the display's name and the process."""
    reader, writer = os.pipe()
    server = subprocess.Popen(
        [*command, "-displayfd", str(writer), "-nolisten", "tcp"],
        pass_fds=[writer],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(writer)
    try:
        with os.fdopen(reader) as numbers:
            number = numbers.readline().strip()
            assert number, f"{command[0]} does not start"
            yield f":{number}", server
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(PATIENCE_S)


@contextlib.contextmanager
def window_manager(server: XServer) -> Iterator[int]:
    """Run openbox, a plain window manager, on `server`; yields its process id once it has grabbed its keys."""
    require("openbox")
    started = server.dump.with_name("openbox-started")
    started.unlink(missing_ok=True)
    process = subprocess.Popen(
        ["openbox", "--startup", f"touch {shlex.quote(str(started))}"],  # run after all its own start
        env={**os.environ, "DISPLAY": server.name},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(started.exists, "the window manager")
        yield process.pid
    finally:
        process.terminate()
        process.wait(PATIENCE_S)
