"""What the audience hears: pegs, a swell, a fanfare.

Invariant: a wheel without sound is a whole wheel. No device, a broken file, a device that goes away: a log line, and
silence.
"""

import logging
from pathlib import Path
from typing import Protocol

import pygame

from kiosk.core.clock import NS_PER_MS

logger = logging.getLogger(__name__)

LEAST_BETWEEN_TICKS_NS = 45 * NS_PER_MS
"""3000 wedges pass thousands of times a second; an ear tells about twenty knocks apart."""
SWELL_BEFORE_REST_MS = 2400
_RATE, _BUFFER = 22_050, 512
"""Of the files that `tools/artwork/make_sounds.py` writes; 512 samples are 23 ms of delay."""


class Sounds(Protocol):
    """What the loop tells the loudspeaker."""

    def turn(self, *, pegs_passed: int, rest_in_ms: int, now_ns: int) -> None:
        """The wheel turned: so many pegs passed since the last call, and it will rest in so many ms."""
        ...

    def win(self) -> None:
        """The wheel has come to rest."""
        ...

    def close(self) -> None:
        """Give the device back."""
        ...


class Silence:
    """Nothing to hear."""

    def turn(self, *, pegs_passed: int, rest_in_ms: int, now_ns: int) -> None:
        """Stay silent."""

    def win(self) -> None:
        """Stay silent."""

    def close(self) -> None:
        """Nothing to give back."""


class Loudspeaker:
    """Plays the files of a directory.

    Args:
        directory: holds tick.wav, swell.wav and fanfare.wav.

    Raises:
        pygame.error, OSError: no device, or a file that cannot be played.
    """

    def __init__(self, directory: Path) -> None:
        pygame.mixer.init(_RATE, -16, 1, _BUFFER)
        self._tick, self._swell, self._fanfare = (
            pygame.mixer.Sound(directory / f"{name}.wav") for name in ("tick", "swell", "fanfare")
        )
        self._tick.set_volume(0.5)
        self._swell.set_volume(0.6)
        self._ticked_ns = 0
        self._swelling = False

    def turn(self, *, pegs_passed: int, rest_in_ms: int, now_ns: int) -> None:
        """See `Sounds.turn`."""
        if pegs_passed and now_ns - self._ticked_ns >= LEAST_BETWEEN_TICKS_NS:
            self._ticked_ns = now_ns
            self._tick.play()
        if rest_in_ms <= SWELL_BEFORE_REST_MS and not self._swelling:
            self._swelling = True
            self._swell.play()

    def win(self) -> None:
        """See `Sounds.win`."""
        self._swelling = False
        self._swell.stop()
        self._fanfare.play()

    def close(self) -> None:
        """See `Sounds.close`."""
        pygame.mixer.quit()


def open_sounds(directory: Path, *, wanted: bool) -> Sounds:
    """Return a loudspeaker, or silence where there is none or it is not wanted."""
    if not wanted:
        return Silence()
    try:
        return Loudspeaker(directory)
    except (pygame.error, OSError) as error:
        logger.info("no sound: %s", error)
        return Silence()
