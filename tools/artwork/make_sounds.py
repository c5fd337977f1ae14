"""Makes the sounds of the wheel: `python -m artwork.make_sounds` writes assets/sounds/*.wav. The same bytes every time.

Invariant: every sample is computed here from sines and a seeded noise; nothing is recorded or copied. No sound is above
-1 dBTP, and ticks leave room for the riser that sounds with them.
"""

import math
import random
import struct
import wave
from collections.abc import Callable
from pathlib import Path

from artwork.loudness import loudness, true_peak
from kiosk.devices.ticking import LEVELS, VARIANTS
from kiosk.screen.effects.confetti import DURATION_MS
from kiosk.screen.effects.reveal import CALM_MS, CONFETTI_FROM_MS, GROW_FROM_MS, SILENCE_MS

RATE = 22_050
"""Samples a second: enough for a click and brass, and small files."""
DIRECTORY = Path(__file__).resolve().parents[2] / "assets" / "sounds"
MOST_DBTP = -1.0
RISER_S = 4.0
"""As long as the camera moves in."""
TICKS_DBTP = (-8.5, -6.0)
"""True peak of the ticks of the slowest and of the fastest wheel. One and the riser stay below full scale."""
RISER_LUFS = -24.0
REVEAL_LUFS = -16.0

_FULL = 32_767
_C3, _G3, _C4, _E4, _G4 = 130.81, 196.0, 261.63, 329.63, 392.0
_A4, _C5, _E5, _F5, _G5, _C6 = 440.0, 523.25, 659.26, 698.46, 783.99, 1046.5
"""Frequencies in Hz, equal temperament, A4 = 440 Hz."""

Sound = list[float]


# ---- the ticks -------------------------------------------------------------------------------------------------------


def tick(level: int, variant: int) -> Sound:
    """A peg against the leather pointer: a knock with wood in it; the faster the wheel, the higher, shorter, louder."""
    noise = random.Random(100 * level + variant)  # noqa: S311 - a sound, not a secret
    speed = level / (LEVELS - 1)
    body = 640 * 2.3**speed * (1 + 0.035 * (variant - 1))
    fall = 52 + 90 * speed
    low = 0.0

    def knock(t: float) -> float:
        nonlocal low
        low += 0.35 * (noise.uniform(-1, 1) - low)  # leather, not hiss
        wood = math.sin(math.tau * body * t) * 0.6 + math.sin(math.tau * 2.13 * body * t) * 0.22 * math.exp(-t * 60)
        thud = math.sin(math.tau * 190 * t) * 0.5 * (1 - speed) * math.exp(-t * 40)
        return (wood + thud + 1.3 * low * math.exp(-t * 220)) * math.exp(-t * fall) * min(1.0, t / 0.0006)

    low_peak, high_peak = TICKS_DBTP
    return _at_peak(_render(0.05 + 0.06 * (1 - speed), knock), low_peak + (high_peak - low_peak) * speed)


# ---- the riser -------------------------------------------------------------------------------------------------------


def riser() -> Sound:
    """The last seconds: a chord that climbs and trembles faster and faster, and breaks off."""
    noise = random.Random(3)  # noqa: S311 - a sound, not a secret
    phases = [0.0] * 5
    wind = 0.0

    def rise(t: float) -> float:
        nonlocal wind
        part = t / RISER_S
        bend = 2 ** (part**2 * 7 / 12)  # it climbs by a fifth
        for number, frequency in enumerate((_C3, _G3, _C4, _G4, _C5)):
            detuned = frequency * bend * (1 + 0.002 * math.sin(math.tau * (0.7 + 0.3 * number) * t))
            phases[number] += math.tau * detuned / RATE
        tones = sum((math.sin(phase) + 0.3 * math.sin(2 * phase)) / (1 + 0.25 * n) for n, phase in enumerate(phases))
        wind += (0.02 + 0.2 * part) * (noise.uniform(-1, 1) - wind)
        tremble = 0.72 + 0.28 * math.sin(math.tau * (3 * t + 1.5 * t * part**2))
        return (tones * tremble + 2.2 * part * wind) * (0.12 + 0.88 * math.pow(part, 1.6)) * min(1.0, t / 0.3)

    return _at_loudness(_render(RISER_S, rise, closing_s=0.03), RISER_LUFS)


# ---- the reveal ------------------------------------------------------------------------------------------------------


def reveal() -> Sound:
    """What is heard from rest on: silence; a soft beat as the wedge lights up; the fanfare with the name; applause."""
    length = CALM_MS / 1000
    dry = [0.0] * round(length * RATE)
    _add(dry, SILENCE_MS / 1000, _render(1.1, _drum(_C3 / 2, 5.0)), 0.5)
    fanfare_s = GROW_FROM_MS / 1000
    for frequency, start, seconds, strength in _SCORE:
        _add(dry, fanfare_s + start, _brass(frequency, seconds), strength)
    for start, strength in ((0.0, 0.5), (0.36, 0.6), (0.72, 0.5), (1.08, 0.9)):
        _add(dry, fanfare_s + start, _render(1.2, _drum(_C3 / 1.5, 4.0)), strength)
    _add(dry, fanfare_s + 1.08, _cymbal(), 0.5)
    for number in range(10):  # bells, upwards
        frequency = (_C5, _E5, _G5, _C6)[number % 4] * 2 ** (number // 4)
        _add(dry, fanfare_s + 1.1 + number * 0.09, _render(1.2, _bell(frequency)), 0.08)
    _add(dry, CONFETTI_FROM_MS / 1000 + 0.5, applause(DURATION_MS / 1000 - 0.5), 2.2)
    silent = round(SILENCE_MS / 1000 * RATE)
    wet = _in_a_hall(dry)[: len(dry)]
    for at in range(silent):
        wet[at] = 0.0
    fade = round(1.2 * RATE)
    for at in range(fade):
        wet[-1 - at] *= (at / fade) ** 1.5
    return _at_loudness(_limited(wet), REVEAL_LUFS)


_SCORE = (
    *((frequency, 0.0, 0.3, 0.5) for frequency in (_G4, _C4, _E4)),
    *((frequency, 0.36, 0.15, 0.5) for frequency in (_G4, _C4, _E4)),
    *((frequency, 0.54, 0.15, 0.5) for frequency in (_A4, _C5, _F5)),
    *((frequency, 0.72, 0.3, 0.5) for frequency in (_G4, _C5, _E5)),
    *((frequency, 1.08, 2.0, 0.5) for frequency in (_C3, _G3, _C4, _E4, _G4, _C5, _E5, _G5)),
    (_C6, 1.26, 1.8, 0.35),
)
"""Notes of the fanfare: frequency, start and length in seconds, strength."""


def applause(seconds: float) -> Sound:
    """A hall that claps: some hundred people, each with hands of their own."""
    noise = random.Random(11)  # noqa: S311 - a sound, not a secret
    found = [0.0] * round(seconds * RATE)
    people = [
        (noise.uniform(0, 1.2), noise.uniform(3.2, 5.2), noise.uniform(650, 1900), noise.uniform(0.25, 1.0))
        for _ in range(90)
    ]
    for joins_s, rate, pitch, strength in people:
        leaves_s = seconds - noise.uniform(0, 2.2)
        at_s = joins_s
        while at_s < leaves_s:
            _add(found, at_s, _clap(pitch * noise.uniform(0.93, 1.07), noise), strength * noise.uniform(0.6, 1.0) * 0.2)
            at_s += noise.gauss(1, 0.06) / rate
    return found


def _clap(pitch: float, noise: random.Random) -> Sound:
    """Return one clap: noise through a resonance, which is the hollow of the hands."""
    turn, damping = math.tau * pitch / RATE, 0.90
    first, second = 2 * damping * math.cos(turn), -damping * damping
    one = two = 0.0
    found = []
    for at in range(round(0.03 * RATE)):
        value = noise.uniform(-1, 1) * math.exp(-at / RATE * 260) * (1 - damping) + first * one + second * two
        one, two = value, one
        found.append(4 * value)
    return found


def _brass(frequency: float, seconds: float) -> Sound:
    """Return one note of three players: the brighter, the stronger it is blown."""

    def blown(t: float) -> float:
        strength = min(1.0, t / 0.04) * (0.72 + 0.28 * math.exp(-t * 5)) * min(1.0, (seconds - t) / 0.08)
        value = 0.0
        for player, detuned in enumerate((0.9985, 1.0, 1.0017)):
            phase = math.tau * frequency * detuned * t + 0.12 * math.sin(math.tau * 5.3 * t + player) * min(1.0, t * 2)
            for harmonic in range(1, 8):
                if frequency * harmonic < RATE * 0.42:
                    value += math.sin(harmonic * phase) * strength ** (0.6 + 0.3 * harmonic) / harmonic**1.15
        return value * 0.11

    return _render(seconds, blown)


def _drum(frequency: float, fall: float) -> Callable[[float], float]:
    def struck(t: float) -> float:
        bend = 1 + 0.5 * math.exp(-t * 30)
        skin = math.sin(math.tau * frequency * bend * t) + 0.5 * math.sin(math.tau * 1.5 * frequency * bend * t)
        return skin * math.exp(-t * fall) * min(1.0, t / 0.004)

    return struck


def _bell(frequency: float) -> Callable[[float], float]:
    def rung(t: float) -> float:
        partials = ((1.0, 1.0, 3.0), (2.76, 0.5, 6.0), (5.4, 0.25, 11.0))
        return sum(
            strength * math.sin(math.tau * frequency * ratio * t) * math.exp(-t * fall)
            for ratio, strength, fall in partials
            if frequency * ratio < RATE * 0.45
        )

    return rung


def _cymbal() -> Sound:
    noise = random.Random(7)  # noqa: S311 - a sound, not a secret
    before = 0.0

    def crash(t: float) -> float:
        nonlocal before
        now = noise.uniform(-1, 1)
        high, before = now - before, now
        return 0.35 * high * math.exp(-t * 2.6) * min(1.0, t / 0.01)

    return _render(2.2, crash)


def _in_a_hall(dry: Sound) -> Sound:
    """Return a sound with a short reverberation: four echoes that feed themselves."""
    wet = list(dry)
    for delay_s, back in ((0.0297, 0.70), (0.0371, 0.68), (0.0411, 0.66), (0.0437, 0.64)):
        delay = round(delay_s * RATE)
        line = [0.0] * delay
        for at, value in enumerate(dry):
            place = at % delay
            echo = line[place]
            line[place] = value + back * echo
            wet[at] += 0.11 * echo
    return wet


# ---- levels ----------------------------------------------------------------------------------------------------------


def _limited(samples: Sound) -> Sound:
    """Return a sound whose peaks are rounded, so that all of it can be as loud as the rest of the show."""
    loudest = max(map(abs, samples))
    return [math.tanh(2.4 * sample / loudest) for sample in samples]


def _at_loudness(samples: Sound, lufs: float) -> Sound:
    """Return a sound of that loudness, or as loud as `MOST_DBTP` allows."""
    gain = min(lufs - loudness(samples, RATE), MOST_DBTP - 0.1 - true_peak(samples))
    return [sample * 10 ** (gain / 20) for sample in samples]


def _at_peak(samples: Sound, dbtp: float) -> Sound:
    gain = dbtp - true_peak(samples)
    return [sample * 10 ** (gain / 20) for sample in samples]


def _add(to: Sound, start_s: float, samples: Sound, strength: float) -> None:
    start = round(start_s * RATE)
    for at, sample in enumerate(samples[: max(0, len(to) - start)], start):
        to[at] += sample * strength


def _render(seconds: float, at: Callable[[float], float], *, closing_s: float = 0.01) -> Sound:
    count = round(seconds * RATE)
    fade = closing_s * RATE
    return [at(n / RATE) * min(1.0, (count - n) / fade) for n in range(count)]


# ---- files -----------------------------------------------------------------------------------------------------------


def all_sounds() -> dict[str, Callable[[], Sound]]:
    """Return how each sound is made, by the name of its file."""
    ticks: dict[str, Callable[[], Sound]] = {
        f"tick-{level}-{variant}": lambda level=level, variant=variant: tick(level, variant)  # type: ignore[misc]
        for level in range(LEVELS)
        for variant in range(VARIANTS)
    }
    return {**ticks, "riser": riser, "reveal": reveal}


def write(path: Path, samples: Sound) -> None:
    """Write `samples` (-1..1) as 16-bit mono."""
    data = struct.pack(f"<{len(samples)}h", *(round(sample * _FULL) for sample in samples))
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(data)


def main() -> None:
    """Write all sounds."""
    DIRECTORY.mkdir(parents=True, exist_ok=True)
    for name, make in all_sounds().items():
        write(DIRECTORY / f"{name}.wav", make())


if __name__ == "__main__":
    main()
