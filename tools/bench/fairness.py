"""`python -m bench.fairness`: the statistics of the draw, as figures that anybody can make again.

Invariant: it measures the functions that the kiosk draws with, not copies of them, from pinned seeds: two runs print
the same. A figure is held against a bound of 1 in 1000; the exit status is 1 if one fails.

Enumerated: the sampler's rejection step, with 8 bits instead of 256, for every total W = 1..256. Tested: equal chances
and weights (Pearson's chi-square), and that neither where the wheel rests within a segment nor how far it turns tells
natural from fixed spins (two-sample Kolmogorov-Smirnov). Needs scipy: pip install 'wheel-kiosk[test]'.
"""

import argparse
import hashlib
import importlib
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial

from kiosk.draw.protocol import NO_ENTROPY, Press, digest, landing, sample, uniform
from kiosk.snapshot.model import NO_PRIZE
from kiosk.wheel.angle import TURN
from kiosk.wheel.segments import Segments
from kiosk.wheel.spin import SpinPlan

ENTRIES = 3000
DRAWS = 10_000_000
PLANS = 100_000
SMALLEST_P = 0.001
S = digest(b"a pinned list\n")
POOL = digest(b"a pinned pool\n")
_CHUNK = 250_000


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the report: what was measured, what came out, and whether it holds."""

    what: str
    value: str
    holds: bool


def enumerate_sampler() -> Figure:
    """Feed the sampler's rejection step every 8-bit number, for every W, and count what comes out."""
    most_rejected = 0
    for total in range(1, 257):
        counts = [0] * total
        for value in range(256):
            t = uniform(value, total, size=256)
            if t is not None:
                counts[t] += 1
        if len(set(counts)) != 1 or counts[0] == 0:
            return Figure("8-bit sampler, every W of 1..256", f"not uniform at W = {total}", holds=False)
        most_rejected = max(most_rejected, 256 - sum(counts))
    return Figure(
        "8-bit sampler, every W of 1..256", f"exactly uniform; rejects at most {most_rejected} of 256", holds=True
    )


def equal_chances(draws: int) -> list[Figure]:
    """Draw among 3000 entries of weight 1 and test that all win equally often."""
    counts = _tally(partial(count_equal, ENTRIES), draws, ENTRIES)
    p = _chi_square(counts, [draws / ENTRIES] * ENTRIES)
    return [
        Figure(f"chi-square, {draws:,} draws, {ENTRIES} entries", f"p = {p:.4f}", p >= SMALLEST_P),
        Figure("wins of the first and of the last entry", f"{counts[0]} and {counts[-1]}", min(counts) > 0),
        Figure("fewest and most wins of any entry", f"{min(counts)} and {max(counts)}", min(counts) > 0),
    ]


def weights_hold(draws: int) -> Figure:
    """Draw among 3000 entries of weights 1..10 and test that each wins as often as its weight says."""
    weights = pinned_weights()
    counts = _tally(count_weighted, draws, ENTRIES)
    p = _chi_square(counts, [draws * weight / sum(weights) for weight in weights])
    return Figure(f"chi-square, {draws:,} draws, weights 1..10", f"p = {p:.4f}", p >= SMALLEST_P)


def same_motion(plans: int) -> list[Figure]:
    """Compare where natural and fixed spins rest and how far they turn."""
    from scipy.stats import ks_2samp  # noqa: PLC0415 - the enumeration needs none

    natural, fixed = motions("natural", plans), motions("fixed", plans)
    figures = []
    for name, at in (("rest within the segment", 0), ("whole turns", 1), ("whole distance", 2)):
        found = ks_2samp([one[at] for one in natural], [one[at] for one in fixed])
        figures.append(
            Figure(
                f"natural against fixed, {name}, {plans:,} each",
                f"D = {found.statistic:.5f}, p = {found.pvalue:.4f}",
                bool(found.pvalue >= SMALLEST_P),
            )
        )
    inside = [one[0] for one in natural + fixed]
    figures.append(
        Figure("rest, from and to, of the segment", f"{min(inside):.4f} to {max(inside):.4f}", min(inside) >= 0.0499)
    )
    return figures


def motions(mode: str, plans: int) -> list[tuple[float, int, int]]:
    """Return (place of rest within the segment, whole turns, whole distance) of spins of a mode."""
    segments = Segments([1] * ENTRIES)
    found = []
    for spin, reveal in _reveals(mode, range(1, plans + 1)):
        start = int.from_bytes(hashlib.sha256(b"start" + reveal).digest()[:4], "big")
        index = ENTRIES // 3
        if mode == "natural":
            drawn = sample(_press(spin), reveal=reveal, place=spin, total=ENTRIES)
            index = segments.segment_of_weight(drawn.t)
        lo, hi = segments.bounds(index)
        lands = landing(reveal=reveal, snapshot=S, spin=spin, segment=(lo, hi))
        plan = SpinPlan(start=start, rest=lands.rest % TURN, turns=lands.turns, segments=segments.count)
        found.append(((lands.rest - lo) / (hi - lo), lands.turns, plan.distance))
    return found


def count_equal(total: int, spins: range) -> list[int]:
    """Return how often each of `total` equal entries wins in these spins."""
    counts = [0] * total
    for spin, reveal in _reveals("equal", spins):
        drawn = sample(_press(spin), reveal=reveal, place=spin, total=total)
        counts[drawn.t] += 1
    return counts


def count_weighted(spins: range) -> list[int]:
    """Return how often each entry of `pinned_weights` wins in these spins."""
    segments = Segments(pinned_weights())
    counts = [0] * ENTRIES
    for spin, reveal in _reveals("weighted", spins):
        drawn = sample(_press(spin), reveal=reveal, place=spin, total=segments.total)
        counts[segments.segment_of_weight(drawn.t)] += 1
    return counts


def pinned_weights() -> tuple[int, ...]:
    """Return 3000 weights from 1 to 10."""
    return tuple(1 + hashlib.sha256(f"weight {place}".encode()).digest()[0] % 10 for place in range(ENTRIES))


def _press(spin: int) -> Press:
    """Return a press of a list without prizes."""
    return Press(snapshot=S, spin=spin, prize=NO_PRIZE, pool=POOL, entropy=NO_ENTROPY)


def _reveals(seed: str, spins: range) -> Iterator[tuple[int, bytes]]:
    for spin in spins:
        yield spin, hashlib.sha256(f"{seed} {spin}".encode()).digest()


def _tally(count: Callable[[range], list[int]], draws: int, entries: int) -> list[int]:
    chunks = [range(at, min(at + _CHUNK, draws + 1)) for at in range(1, draws + 1, _CHUNK)]
    sums = [0] * entries
    with ProcessPoolExecutor(max_workers=min(len(chunks), os.cpu_count() or 1)) as workers:
        for counts in workers.map(count, chunks):
            sums = [one + other for one, other in zip(sums, counts, strict=True)]
    return sums


def _chi_square(found: Sequence[int], expected: Sequence[float]) -> float:
    from scipy.stats import chisquare  # noqa: PLC0415 - the enumeration needs none

    return float(chisquare(found, expected).pvalue)


def figures(draws: int, plans: int) -> Iterator[Figure]:
    """Yield every figure as soon as it is there."""
    yield enumerate_sampler()
    importlib.import_module("scipy.stats")  # the rest needs it: if it is missing, that is said now, not minutes later
    yield from equal_chances(draws)
    yield weights_hold(max(1, draws // 5))
    yield from same_motion(plans)


def main(arguments: list[str] | None = None) -> int:
    """Print the figures; returns 1 if one does not hold."""
    parser = argparse.ArgumentParser(prog="python -m bench.fairness", description=__doc__.split("\n", 1)[0])
    parser.add_argument("--draws", type=int, default=DRAWS, metavar="N", help="for chi-square (default: %(default)s)")
    parser.add_argument("--plans", type=int, default=PLANS, metavar="N", help="of each mode (default: %(default)s)")
    options = parser.parse_args(arguments)
    if min(options.draws, options.plans) < 1:
        parser.error("at least one draw and one plan are needed")
    started, good = time.perf_counter(), True
    try:
        for figure in figures(options.draws, options.plans):
            print(f"{'ok  ' if figure.holds else 'FAIL'}  {figure.what:<58} {figure.value}", flush=True)
            good &= figure.holds
    except ImportError as error:
        print(f"This needs scipy ({error}): pip install scipy", file=sys.stderr)
        return 2
    print(f"{time.perf_counter() - started:.0f} s; a figure fails below p = {SMALLEST_P}; seeds are pinned")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
