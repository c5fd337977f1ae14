"""Sounds: ticks that follow the speed, a riser before the wheel rests, and what belongs to the reveal.

Invariant: sound is optional. Without a device, or with a broken file, the kiosk logs one line and stays silent. The
files have their loudness; nothing here changes it.
"""

import logging
from pathlib import Path
from typing import Protocol

import pygame

from kiosk.devices.sound_probe import LIMIT_S, SoundProbe
from kiosk.devices.ticking import LEVELS, VARIANTS, Ticking

logger = logging.getLogger(__name__)

RISER_BEFORE_REST_MS = 4000
"""As long as the riser is: it breaks off into the silence as the wheel rests."""
_FADE_MS = 40
"""A sound that is broken off fades that long, or it would click."""
_CHANNELS = 16
_RATE, _BUFFER = 22_050, 512
"""Of the files that `tools/artwork/make_sounds.py` writes; 512 samples are 23 ms of delay."""


class Sounds(Protocol):
    """Plays sounds."""

    def turn(self, *, pegs_passed: int, pegs_a_second: float, rest_in_ms: int) -> None:
        """Play what a turning wheel needs.

        Args:
            pegs_passed: pegs, or names where there are more of them, since the last call.
            pegs_a_second: how many pass at this speed.
            rest_in_ms: time until it rests.
        """
        ...

    def win(self) -> None:
        """Play the reveal, which begins with silence: the wheel came to rest."""
        ...

    def close(self) -> None:
        """Release the sound device."""
        ...


class Silence:
    """No sounds."""

    def turn(self, *, pegs_passed: int, pegs_a_second: float, rest_in_ms: int) -> None:
        """Do nothing."""

    def win(self) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Do nothing."""


class Loudspeaker:
    """Plays the sound files of a directory.

    Args:
        directory: contains tick-LEVEL-VARIANT.wav, riser.wav and reveal.wav.

    Raises:
        pygame.error, OSError: there is no device, or a file cannot be played.
    """

    def __init__(self, directory: Path) -> None:
        pygame.mixer.init(_RATE, -16, 1, _BUFFER)
        pygame.mixer.set_num_channels(_CHANNELS)
        self._ticks = {
            (level, variant): pygame.mixer.Sound(directory / f"tick-{level}-{variant}.wav")
            for level in range(LEVELS)
            for variant in range(VARIANTS)
        }
        self._riser, self._reveal = (pygame.mixer.Sound(directory / f"{name}.wav") for name in ("riser", "reveal"))
        self._ticking: Ticking | None = None
        self._rising = False

    def turn(self, *, pegs_passed: int, pegs_a_second: float, rest_in_ms: int) -> None:
        """See `Sounds.turn`."""
        if self._ticking is None:
            self._ticking = Ticking()
            self._reveal.fadeout(_FADE_MS)  # of the spin before
        tick = self._ticking.passes(pegs_passed, pegs_a_second)
        if tick is not None:
            self._ticks[tick].play()
        if rest_in_ms <= RISER_BEFORE_REST_MS and not self._rising:
            self._rising = True
            self._riser.play()

    def win(self) -> None:
        """See `Sounds.win`."""
        self._ticking, self._rising = None, False
        self._riser.fadeout(_FADE_MS)
        self._reveal.play()

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
