"""Finds out in a process of its own whether the sound device opens, because opening one may block for ever.

Invariant: the kiosk opens the device only after this process has opened and closed it. SDL holds Python's lock while it
opens a device, so that neither a thread nor a signal could end the attempt here.
"""

import os
import subprocess
import sys
from collections.abc import Mapping

LIMIT_S = 5.0
"""A device opens within half a second on a Pi 3; the kiosk has other things to open meanwhile."""
_PROGRAM = "import pygame; pygame.mixer.init({rate}, -16, 1, {buffer})"


class SoundProbe:
    """Opens the sound device in another process, from its construction on.

    Args:
        rate: samples a second, and
        buffer: samples, as the kiosk would ask for them.
        environment: of the process, which names driver and device.
    """

    def __init__(self, rate: int, buffer: int, *, environment: Mapping[str, str] = os.environ) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        if environment.get("SDL_AUDIODRIVER") == "dummy":  # no device, and nothing that blocks
            return
        self._process = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-P", "-c", _PROGRAM.format(rate=rate, buffer=buffer)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=dict(environment),
        )

    def blocks(self, *, limit_s: float = LIMIT_S) -> bool:
        """Return whether opening the device takes longer than `limit_s` seconds from now on."""
        if self._process is None:
            return False
        try:
            self._process.wait(limit_s)
        except subprocess.TimeoutExpired:
            return True
        return False  # opened, or refused: the kiosk will see which

    def close(self) -> None:
        """End the process, if it still runs; a second call does nothing."""
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            try:
                self._process.wait(1)
            except subprocess.TimeoutExpired:  # it hangs in the driver; nobody can help that
                return
