"""Measures sounds as broadcasters do: loudness in LUFS and true peak in dBTP (ITU-R BS.1770-5), of one channel.

Invariant: pure; samples are floats, 1.0 is full scale.
"""

import math
from collections.abc import Sequence
from functools import lru_cache

_OVERSAMPLING = 8
_TAPS = 24
"""Samples at each side of the one between which a peak is looked for."""
_BLOCK_S, _STEP_S = 0.4, 0.1
_ABSOLUTE_GATE = -70.0
_RELATIVE_GATE = -10.0


def true_peak(samples: Sequence[float]) -> float:
    """Return the largest value of the signal between and at its samples, in dB of full scale."""
    largest = max(map(abs, samples), default=0.0)
    # A peak between two samples is at most some 3 dB above them: where both are far lower there is none to look for.
    floor = largest * 0.6
    for at in range(len(samples) - 1):
        if abs(samples[at]) >= floor or abs(samples[at + 1]) >= floor:
            before = range(max(0, at - _TAPS + 1), min(len(samples), at + _TAPS + 1))
            for phase in range(1, _OVERSAMPLING):
                kernel = _kernel(phase)
                value = sum(samples[near] * kernel[near - at + _TAPS - 1] for near in before)
                largest = max(largest, abs(value))
    return decibels(largest)


def loudness(samples: Sequence[float], rate: int) -> float:
    """Return the integrated loudness in LUFS, with both gates."""
    blocks = [power for power in block_powers(samples, rate) if _lufs(power) > _ABSOLUTE_GATE]
    if not blocks:
        return -math.inf
    gate = _lufs(sum(blocks) / len(blocks)) + _RELATIVE_GATE
    loud = [power for power in blocks if _lufs(power) > gate]
    return _lufs(sum(loud) / len(loud))


def momentary(samples: Sequence[float], rate: int) -> list[float]:
    """Return the loudness in LUFS of each 400 ms, one value each 100 ms."""
    return [_lufs(power) for power in block_powers(samples, rate)]


def block_powers(samples: Sequence[float], rate: int) -> list[float]:
    """Return the mean square of the weighted signal in blocks of 400 ms that begin each 100 ms."""
    squares = [value * value for value in weighted(samples, rate)]
    step, parts = round(_STEP_S * rate), round(_BLOCK_S / _STEP_S)
    sums = [sum(squares[at : at + step]) for at in range(0, max(1, len(squares) - step + 1), step)]
    return [sum(sums[at : at + parts]) / (parts * step) for at in range(max(1, len(sums) - parts + 1))]


def weighted(samples: Sequence[float], rate: int) -> list[float]:
    """Return the signal after the K filter: a shelf for the head, and a high pass."""
    shelf = _shelf(rate)
    high_pass = _high_pass(rate)
    return _filtered(_filtered(samples, *shelf), *high_pass)


def decibels(value: float) -> float:
    """Return 20 log10 of a value."""
    return 20 * math.log10(value) if value > 0 else -math.inf


_Biquad = tuple[tuple[float, float, float], tuple[float, float]]


def _shelf(rate: int) -> _Biquad:
    """Return the shelf's coefficients for a rate, from the analogue values that give those of BS.1770 at 48 kHz."""
    frequency, gain, q = 1681.974450955533, 3.999843853973347, 0.7071752369554196
    k = math.tan(math.pi * frequency / rate)
    high = 10 ** (gain / 20)
    middle = high**0.4996667741545416
    scale = 1 + k / q + k * k
    ahead = (
        (high + middle * k / q + k * k) / scale,
        2 * (k * k - high) / scale,
        (high - middle * k / q + k * k) / scale,
    )
    return ahead, (2 * (k * k - 1) / scale, (1 - k / q + k * k) / scale)


def _high_pass(rate: int) -> _Biquad:
    frequency, q = 38.13547087602444, 0.5003270373238773
    k = math.tan(math.pi * frequency / rate)
    scale = 1 + k / q + k * k
    return (1.0, -2.0, 1.0), (2 * (k * k - 1) / scale, (1 - k / q + k * k) / scale)


def _filtered(samples: Sequence[float], ahead: tuple[float, float, float], back: tuple[float, float]) -> list[float]:
    out = []
    x1 = x2 = y1 = y2 = 0.0
    for x in samples:
        y = ahead[0] * x + ahead[1] * x1 + ahead[2] * x2 - back[0] * y1 - back[1] * y2
        x1, x2, y1, y2 = x, x1, y, y1
        out.append(y)
    return out


def _lufs(power: float) -> float:
    return -0.691 + 10 * math.log10(power) if power > 0 else -math.inf


@lru_cache(maxsize=_OVERSAMPLING)
def _kernel(phase: int) -> tuple[float, ...]:
    """Return the weights of the samples round a place between two of them: a sinc in a Hann window."""
    found = []
    for tap in range(1 - _TAPS, _TAPS + 1):
        x = tap - phase / _OVERSAMPLING
        found.append(math.sin(math.pi * x) / (math.pi * x) * (0.5 + 0.5 * math.cos(math.pi * x / (_TAPS + 1))))
    return tuple(found)
