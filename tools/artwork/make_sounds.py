"""Makes the sounds of the wheel: `python -m artwork.make_sounds` writes assets/sounds/*.wav. The same bytes every time.

Invariant: every sample is computed here from sines and a seeded noise; nothing is recorded or copied.
"""

import math
import random
import struct
import wave
from collections.abc import Callable
from pathlib import Path

RATE = 22_050
"""Samples a second: enough for a click and brass, and small files."""
DIRECTORY = Path(__file__).resolve().parents[2] / "assets" / "sounds"

_FULL = 32_000
_C5, _E5, _G5, _C6 = 523.25, 659.26, 783.99, 1046.5
"""Frequencies in Hz, equal temperament, A4 = 440 Hz."""


def tick() -> list[float]:
    """A peg against the leather pointer: a short knock with a little wood in it."""
    noise = random.Random(1)  # noqa: S311 - a sound, not a secret

    def knock(t: float) -> float:
        body = math.sin(math.tau * 1150 * t) * 0.6 + math.sin(math.tau * 2420 * t) * 0.25
        return (body + noise.uniform(-0.5, 0.5)) * math.exp(-t * 140)

    return _render(0.045, knock)


def swell() -> list[float]:
    """The last seconds: a chord that grows, and does not resolve."""

    def rise(t: float) -> float:
        part = t / 2.4
        tones = sum(
            math.sin(math.tau * frequency * t + 0.6 * math.sin(math.tau * 5.1 * t))
            for frequency in (_G5 / 4, _G5 / 2, _C5, _E5 * (1 + 0.02 * part))
        )
        tremble = 0.75 + 0.25 * math.sin(math.tau * (4 + 10 * part) * t)
        return 0.2 * tones * part**2 * tremble

    return _render(2.4, rise)


def fanfare() -> list[float]:
    """The winner: three calls and a chord, like brass."""
    notes = [(_C5, 0.0, 0.16), (_E5, 0.15, 0.16), (_G5, 0.3, 0.16)]
    notes += [(frequency, 0.46, 1.5) for frequency in (_C5, _E5, _G5, _C6)]

    def brass(t: float) -> float:
        value = 0.0
        for frequency, start, length in notes:
            age = t - start
            if 0 <= age < length:
                swelling = min(1.0, age / 0.03) * math.exp(-age * (1.6 if length > 1 else 3.0))
                closing = min(1.0, (length - age) / 0.05)
                harmonics = sum(math.sin(math.tau * frequency * n * age) / n**1.3 for n in range(1, 7))
                value += harmonics * swelling * closing
        return 0.22 * value

    return _render(2.0, brass)


def write(path: Path, samples: list[float]) -> None:
    """Write `samples` (-1..1) as 16-bit mono."""
    loudest = max(map(abs, samples))
    data = struct.pack(f"<{len(samples)}h", *(round(sample / loudest * _FULL * 0.8) for sample in samples))
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(data)


def main() -> None:
    """Write all sounds."""
    DIRECTORY.mkdir(parents=True, exist_ok=True)
    for make in (tick, swell, fanfare):
        write(DIRECTORY / f"{make.__name__}.wav", make())


def _render(seconds: float, at: Callable[[float], float]) -> list[float]:
    count = round(seconds * RATE)
    fade = RATE // 100
    return [at(n / RATE) * min(1.0, (count - n) / fade) for n in range(count)]


if __name__ == "__main__":
    main()
