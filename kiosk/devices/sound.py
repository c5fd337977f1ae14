"""Sounds: a tick for each peg, a swell before the wheel rests, a fanfare for the winner.

Invariant: sound is optional. Without a device, or with a broken file, the kiosk logs one line and stays silent.
"""

import logging
from pathlib import Path
from typing import Protocol

import pygame

from kiosk.core.clock import NS_PER_MS
from kiosk.devices.sound_probe import LIMIT_S, SoundProbe

logger = logging.getLogger(__name__)

LEAST_BETWEEN_TICKS_NS = 45 * NS_PER_MS
"""The pegs of a fast wheel pass hundreds of times a second; people hear about twenty ticks apart."""
SWELL_BEFORE_REST_MS = 2400
_RATE, _BUFFER = 22_050, 512
"""Of the files that `tools/artwork/make_sounds.py` writes; 512 samples are 23 ms of delay."""


class Sounds(Protocol):
    """Plays sounds."""

    def turn(self, *, pegs_passed: int, rest_in_ms: int, now_ns: int) -> None:
        """Play what a turning wheel needs: `pegs_passed` since the last call, `rest_in_ms` before it rests."""
        ...

    def win(self) -> None:
        """Play the fanfare: the wheel came to rest."""
        ...

    def close(self) -> None:
        """Release the sound device."""
        ...


class Silence:
    """No sounds."""

    def turn(self, *, pegs_passed: int, rest_in_ms: int, now_ns: int) -> None:
        """Do nothing."""

    def win(self) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Do nothing."""


class Loudspeaker:
    """Plays the sound files of a directory.

    Args:
        directory: contains tick.wav, swell.wav and fanfare.wav.

    Raises:
        pygame.error, OSError: there is no device, or a file cannot be played.
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


def probe_sound(*, wanted: bool) -> SoundProbe | None:
    """Begin to find out whether the device can be opened; None if it is not `wanted`."""
    return SoundProbe(_RATE, _BUFFER) if wanted else None


def open_sounds(directory: Path, *, probe: SoundProbe | None) -> Sounds:
    """Return a `Loudspeaker`, or `Silence` if no sound is wanted, there is no device, or it does not open in time."""
    if probe is None:
        return Silence()
    if probe.blocks():
        logger.warning("no sound: the device did not open within %g s", LIMIT_S)
        return Silence()
    try:
        return Loudspeaker(directory)
    except (pygame.error, OSError) as error:
        logger.info("no sound: %s", error)
        return Silence()
