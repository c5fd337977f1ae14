"""A real X server for the end-to-end tests: its picture, key presses, and a window manager."""

import contextlib
import os
import shutil
import signal
import struct
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pygame
import pytest

from tests.e2e.processes import PATIENCE_S


def require(*tools: str) -> None:
    """Skip the test if a tool is missing; fail it where `WHEEL_REQUIRE_WINDOW` demands the tools."""
    missing = [tool for tool in tools if not shutil.which(tool)]
    if missing and os.environ.get("WHEEL_REQUIRE_WINDOW"):
        pytest.fail(f"required here and missing: {' '.join(missing)}")
    if missing:
        pytest.skip(f"needs {' '.join(missing)} (Debian: xvfb xdotool openbox x11-xserver-utils)")


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

    def picture(self) -> pygame.Surface:
        """Return what is on the screen (XWD version 7, 32 bits a pixel, least significant byte first)."""
        data = self.dump.read_bytes()
        header = struct.unpack(">25I", data[:100])
        start = header[0] + header[19] * 12
        width, height, stride = header[4], header[5], header[12]
        assert header[11] == 32
        assert stride == width * 4
        return pygame.image.frombuffer(data[start : start + stride * height], (width, height), "BGRA")


@contextlib.contextmanager
def x_server(directory: Path, size: tuple[int, int]) -> Iterator[XServer]:
    """Yield an X server with a screen of `size`."""
    require("Xvfb", "xdotool")
    frames = directory / "frames"
    frames.mkdir()
    reader, writer = os.pipe()
    screen = f"{size[0]}x{size[1]}x24"
    command = ["Xvfb", "-displayfd", str(writer), "-screen", "0", screen, "-fbdir", str(frames), "-nolisten", "tcp"]
    server = subprocess.Popen(command, pass_fds=[writer], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    os.close(writer)
    try:
        with os.fdopen(reader) as numbers:
            yield XServer(f":{numbers.readline().strip()}", frames / "Xvfb_screen0", server)
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(PATIENCE_S)


@contextlib.contextmanager
def window_manager(server: XServer) -> Iterator[int]:
    """Run openbox, a plain window manager, on `server`; yields its process id."""
    require("openbox")
    process = subprocess.Popen(
        ["openbox"],
        env={**os.environ, "DISPLAY": server.name},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process.pid
    finally:
        process.terminate()
        process.wait(PATIENCE_S)
