"""`python -m tests.kiosk.fetcher.publishes 1000`: that many lists over http, through faults and clocks that jump.

Invariant: waits between polls are simulated; connections, time-outs and silence are real, and the time that polls lose
to them passes on the simulated clock too. Wall time on both sides jumps by up to a year, to and fro, between polls.
"""

import argparse
import gc
import logging
import random
import resource
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from kiosk.core.clock import NS_PER_S, ManualClock
from kiosk.fetcher.pacing import Pacing
from kiosk.fetcher.source import Source
from kiosk.fetcher.transport.opening import open_transport
from kiosk.intake.snapshot_files import read
from tests.kiosk.fetcher.proxy import Fault, Proxy, proxy
from tests.kiosk.fetcher.web import Web, web_server
from tests.kiosk.fetcher.world import Publisher, check_home, new_home
from tests.support import TRUSTED, snapshot

EVERY_S = 0.2
TIMEOUT_S = 0.5
_YEAR_S = 365 * 86400
_POLLS_IN_GOOD_WEATHER = 20


class JumpingClock(ManualClock):
    """A clock whose wall time can be set; its monotonic time only goes forward."""

    def __init__(self) -> None:
        super().__init__()
        self.offset_s = 0.0

    def utc_now(self) -> datetime:
        """Return the wall time, as it was set."""
        return super().utc_now() + timedelta(seconds=self.offset_s)


@dataclass
class Figures:
    """What came of the publishes."""

    published: int = 0
    arrived: int = 0
    in_time: int = 0
    longest: float = 0.0
    """Delay after the source was healthy again, in intervals: waits, and polls that failed. What a poll that succeeds
    takes is the machine's doing."""
    most_polls: int = 0
    """Polls that a list needed after that."""
    polls: int = 0
    jumps: int = 0
    faults: Counter[Fault] = field(default_factory=Counter)
    held: list[tuple[int, int, int]] = field(default_factory=list)
    """Threads, handles and resident memory (MB) at four moments."""


def held() -> tuple[int, int, int]:
    """Return this process' threads, handles and largest resident memory in MB."""
    gc.collect()
    handles = sum(1 for _ in Path("/proc/self/fd").iterdir()) if Path("/proc/self/fd").exists() else 0
    return threading.active_count(), handles, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


class Delivery:
    """One organiser, one home with a fetcher, a proxy between them, and what came of it so far."""

    def __init__(self, root: Path, web: Web, way: Proxy, *, seed: int) -> None:
        self._web, self._way = web, way
        self._chance = random.Random(seed)  # noqa: S311 - repeats in every run
        self._clock, self._home = JumpingClock(), new_home(root)
        self._publisher = Publisher(web.files.__setitem__)
        self._source = Source(
            self._home,
            way.url,
            open_transport(way.url, timeout_s=TIMEOUT_S, clock=self._clock),
            pacing=Pacing(every_s=EVERY_S, random=self._chance.random, now_ns=0),
            clock=self._clock,
        )
        self.figures = Figures(faults=way.met)

    def publish(self, generation: int) -> None:
        """Publish a list in bad weather, which ends after 0 to 3 polls, and poll until it has arrived."""
        chance, way, figures = self._chance, self._way, self.figures
        self._web.tags = chance.random() < 0.5
        content = snapshot(generation, people=3, title=f"List {generation}")
        self._publisher.publish(content)
        for name in [name for name in self._publisher.files if name.startswith("snapshot-")][:-3]:
            del self._publisher.files[name]  # as `publish` prunes
        for _ in range(chance.randrange(4)):
            way.spoil(chance.choice([fault for fault in Fault if fault is not Fault.NONE]))
            self._poll()
        way.heal()
        healthy_ns, path = self._clock.monotonic_ns(), self._home.snapshot(generation)
        polls = figures.polls
        while not path.exists() and figures.polls - polls < _POLLS_IN_GOOD_WEATHER:
            self._poll()
        figures.most_polls = max(figures.most_polls, figures.polls - polls)
        figures.published += 1
        if path.exists() and read(path, keys=TRUSTED).snapshot == content:
            delay = (self._clock.monotonic_ns() - healthy_ns) / NS_PER_S / EVERY_S
            figures.arrived += 1
            figures.in_time += delay <= 2
            figures.longest = max(figures.longest, delay)
        for old in self._home.snapshots.iterdir():  # so that checking stays quick; the fetcher itself deletes nothing
            if old.name.startswith("snapshot-") and old != path:
                old.unlink()

    def close(self) -> None:
        """Give the connections back."""
        self._source.close()

    def _poll(self) -> None:
        clock, chance = self._clock, self._chance
        clock.advance_ns(self._source.pacing.due_ns - clock.monotonic_ns())
        if chance.random() < 0.5:
            clock.offset_s = chance.uniform(-_YEAR_S, _YEAR_S)
            self._web.modified = 1_700_000_000 + chance.uniform(-_YEAR_S, _YEAR_S)
            self.figures.jumps += 1
        started = time.monotonic_ns()
        if not self._source.poll():
            clock.advance_ns(time.monotonic_ns() - started)
        self.figures.polls += 1
        check_home(self._home)


def deliver(root: Path, publishes: int, *, seed: int) -> Figures:
    """Publish lists while the weather and the clocks change; the home is checked after each poll."""
    with web_server() as web, proxy(web.port, seed=seed) as way:
        delivery = Delivery(root, web, way, seed=seed)
        for generation in range(1, publishes + 1):
            delivery.publish(generation)
            if generation % max(1, publishes // 4) == 0:
                delivery.figures.held.append(held())
        delivery.close()
        return delivery.figures


def main() -> int:
    """Deliver, and print the figures; returns 0 if every list arrived in time."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("publishes", type=int, nargs="?", default=1000, help="how many lists (%(default)s)")
    parser.add_argument("--seed", type=int, default=15, help="of the faults and jumps (%(default)s)")
    options = parser.parse_args()
    logging.disable()  # each failure is logged, and is what this makes
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as directory:
        found = deliver(Path(directory) / "home", options.publishes, seed=options.seed)
    arrived = f"{found.arrived} of {found.published} lists arrived, {found.in_time} within two intervals of {EVERY_S} s"
    told = [
        f"{arrived}; the longest took {found.longest:.2f}, and {found.most_polls} polls",
        f"{found.polls} polls, {found.jumps} jumps of the clocks, {time.monotonic() - started:.0f} s",
        *(f"  {count:6} requests: {fault.value}" for fault, count in found.faults.most_common()),
        "threads, handles, largest memory in MB at each quarter: "
        + ", ".join("/".join(map(str, one)) for one in found.held),
    ]
    for line in told:
        print(line)  # noqa: T201 - its product
    return 0 if found.in_time == found.published else 1


if __name__ == "__main__":
    sys.exit(main())
