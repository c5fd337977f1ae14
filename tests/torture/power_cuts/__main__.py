"""`python -m tests.torture.power_cuts`: enumerate what a power cut can do, and print the figures.

Invariant: it fails when a single state is bad, and when it looked at fewer states than it promises.
"""

import argparse
import logging
import os
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import repeat

os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")  # before pygame is imported

from tests.torture.power_cuts.enumeration import Tally, examine, kills, record
from tests.torture.power_cuts.scenarios import JOBS

LEAST_STATES = 10_000
"""Fewer distinct states than these, over all jobs, are no enumeration."""
_AFTER_KILLS_EVERY = 20
"""After a kill the programs are started on one state in so many, times `--every`: many are like each other."""
_BAD_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Figures:
    """What came of one job."""

    operations: int
    kills: int
    cut: Tally
    killed: Tally


def figures(name: str, every: int, kills_each: int | None) -> Figures:
    """Enumerate the job that is called `name`."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)  # what the programs say about torn files is what they should say
    try:
        return _figures(name, every, kills_each)
    finally:
        logging.disable(before)


def _figures(name: str, every: int, kills_each: int | None) -> Figures:
    job = next(job for job in JOBS if job.name == name)
    recording = record(job)
    cut = examine(recording, every=every)
    killed, points = Tally(), 0
    for again in kills(recording, most=kills_each):
        points += 1
        killed.add(examine(again, every=every * _AFTER_KILLS_EVERY, fine=False))
    return Figures(len(recording.operations), points, cut, killed)


def main(arguments: list[str] | None = None) -> int:
    """Print the figures; returns 1 if a state is bad."""
    parser = argparse.ArgumentParser(prog="python -m tests.torture.power_cuts", description=__doc__.split("\n", 1)[0])
    parser.add_argument("--every", type=int, default=1, metavar="N", help="start the programs on one state in N only")
    parser.add_argument("--kills", type=int, metavar="N", help="kill each job at N moments only, not after each call")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, metavar="N", help="processes (%(default)s)")
    parser.add_argument("jobs", nargs="*", metavar="JOB", help=", ".join(job.name for job in JOBS))
    options = parser.parse_args(arguments)
    names = [job.name for job in JOBS]
    for name in options.jobs:
        if name not in names:
            parser.error(f"there is no job {name!r}: {', '.join(names)}")
    asked = options.jobs or names
    started, total, cuts = time.perf_counter(), Tally(), 0
    print(f"{'job':<20} {'calls':>6} {'states':>8} {'kills':>6} {'states':>8} {'started':>8} {'bad':>4}")
    with ExitStack() as stack:
        runs: Iterator[Figures] = (figures(name, options.every, options.kills) for name in asked)
        if options.workers > 1:
            workers = stack.enter_context(ProcessPoolExecutor(max_workers=options.workers))
            runs = workers.map(figures, asked, repeat(options.every), repeat(options.kills))
        for name, found in zip(asked, runs, strict=True):
            cuts += len(found.cut.states)
            both = Tally()
            both.add(found.cut)
            both.add(found.killed)
            print(
                f"{name:<20} {found.operations:>6} {len(found.cut.states):>8} {found.kills:>6} "
                f"{len(found.killed.states):>8} {both.started:>8} {len(both.bad):>4}",
                flush=True,
            )
            total.add(both)
    for bad in total.bad[:_BAD_SHOWN]:
        print(f"BAD  {bad}")
    print(
        f"{len(total.states)} distinct states, {cuts} of them without a kill before; the programs were started on "
        f"{total.started}; {len(total.bad)} bad; {time.perf_counter() - started:.0f} s"
    )
    if len(total.states) < LEAST_STATES and not options.jobs:
        print(f"FAIL  fewer than {LEAST_STATES} states: the jobs did not do what they should")
        return 1
    return 1 if total.bad else 0


if __name__ == "__main__":
    sys.exit(main())
