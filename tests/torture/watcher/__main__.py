"""`python -m tests.torture.watcher`: faults for the kiosk's watcher, and how long each list takes.

Each round draws one to three faults from a pinned seed and publishes a newer list, in half of the rounds while the
faults last. The time runs from the moment when the list is whole and visible until it is adopted. Required: every list
is adopted within the rescan interval, and the threads and open files at the end are as many as at the start. Faults
that this machine does not permit (mounts, limits, another user) are left out and named. The exit status is 1 if a
requirement does not hold.

It works in user and mount namespaces of its own, so that limits and mounts concern nothing else.
"""

import argparse
import contextlib
import logging
import random
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from kiosk.core.home import Home
from kiosk.intake import watcher as watcher_module
from kiosk.intake.watcher import RESCAN_S
from tests.torture.watcher.faults import BLINDING, CLOSED, FAULTS, REAL_TIME, mount, without_mount
from tests.torture.watcher.namespace import LIMITS, in_a_namespace_of_its_own, limited, permissions_hold
from tests.torture.watcher.world import RaisingHint, World

_BURST_EVERY = 40
"""Rounds between two bursts, on average: each takes seconds."""
_BOUNDS_S = (0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0)


@dataclass
class Tally:
    """What a run counted; threads and open files as (threads, files)."""

    took_s: list[float] = field(default_factory=list)
    rounds: list[str] = field(default_factory=list)
    faults: Counter[str] = field(default_factory=Counter)
    most_threads: int = 0
    before: tuple[int, int] = (0, 0)
    after: tuple[int, int] = (0, 0)


def run(world: World, rounds: int) -> int:
    """Print the figures; returns the exit status."""
    world.build()
    _leave_out_what_is_not_permitted(world)
    watcher_module._Hint = RaisingHint  # type: ignore[misc]
    world.publish()
    tally = Tally(before=(threading.active_count(), _handles()))
    world.watcher.start()
    world.wait()
    for number in range(rounds):
        if sys.stderr.isatty():
            print(f"\r{number + 1}/{rounds} ", end="", file=sys.stderr, flush=True)
        names = _drawn(world)
        world.longest_look_s = 0.0
        tally.took_s.append(_round(world, names))
        look_ms = world.longest_look_s * 1000
        tally.rounds.append(f"round {number + 1}: {', '.join(names)}; longest look {look_ms:.0f} ms")
        tally.faults.update(names)
        tally.most_threads = max(tally.most_threads, threading.active_count())
        world.tidy()
    world.watcher.stop()
    time.time = REAL_TIME
    with without_mount(world):
        pass
    tally.after = (threading.active_count(), _handles())
    world.ledger.close()
    return _report(world, tally)


def _drawn(world: World) -> list[str]:
    """Draw the faults of one round; those that change the directory itself come first."""
    possible = [name for name in FAULTS if name not in {"burst", *world.left_out}]
    names = world.chance.sample(possible, world.chance.randint(1, 3))
    if world.burst and world.chance.random() * _BURST_EVERY < 1:
        names.append("burst")
    return sorted(names, key=lambda name: name not in CLOSED)


def _round(world: World, names: list[str]) -> float:
    """Inject the faults and publish a list during or after them; returns how long its adoption took, in s."""
    inside = world.chance.random() < 0.5
    with contextlib.ExitStack() as going_on:
        for name in names:
            if name in CLOSED:
                with FAULTS[name](world):
                    world.pause()
            else:
                going_on.enter_context(FAULTS[name](world))
                world.pause()
        if inside:
            world.publish()
            if BLINDING.isdisjoint(names):  # then the list must come while they last
                return world.wait()
    if not inside:
        world.publish()
    return world.wait()


def _report(world: World, tally: Tally) -> int:
    took_s, ranked = tally.took_s, sorted(tally.took_s)
    late = sum(one > world.within_s for one in took_s)
    holds = late == 0 and tally.before == tally.after
    print(f"rounds {len(took_s)}, rescan {world.rescan_s:g} s, lists adopted {world.session.seq}")
    print(f"within {world.within_s:g} s: {len(took_s) - late} of {len(took_s)}")
    print(
        f"latency: median {statistics.median(ranked) * 1000:.0f} ms, "
        f"p99 {ranked[round((len(ranked) - 1) * 0.99)] * 1000:.0f} ms, max {ranked[-1] * 1000:.0f} ms"
    )
    print("  " + ", ".join(f"<= {bound:g} s: {sum(one <= bound for one in took_s)}" for bound in _BOUNDS_S))
    print(
        f"threads {tally.before[0]} -> {tally.after[0]} (at most {tally.most_threads}), "
        f"open files {tally.before[1]} -> {tally.after[1]}"
    )
    print("faults: " + ", ".join(f"{name} {times}" for name, times in sorted(tally.faults.items())))
    for name, reason in world.left_out.items():
        print(f"left out: {name}: {reason}")
    for seconds, what in sorted(zip(took_s, tally.rounds, strict=True), reverse=True)[:3]:
        print(f"slowest: {seconds * 1000:.0f} ms, {what}")
    print("all held" if holds else "NOT ALL HELD")
    return 0 if holds else 1


def _leave_out_what_is_not_permitted(world: World) -> None:
    try:
        mount(world)
        with without_mount(world):
            pass
    except OSError as error:
        world.left_out |= dict.fromkeys(("mounted", "unmounted"), f"mount: {error.strerror}")
    for name, limit in (("no instances", "max_inotify_instances"), ("no watches", "max_inotify_watches")):
        try:
            if "user namespace" in world.left_out:
                raise PermissionError(1, "not in a user namespace of our own")
            with limited(limit):
                pass
        except OSError as error:
            world.left_out[name] = f"{LIMITS / limit}: {error.strerror}"
    if not permissions_hold(world.home.root):
        world.left_out["unreadable"] = "this user may read everything, and cannot become nobody"


def _handles() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.torture.watcher", description=(__doc__ or "").split("\n", 1)[0]
    )
    parser.add_argument("--rounds", type=int, default=1000, metavar="N", help="(default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="(default: %(default)s)")
    parser.add_argument("--burst", type=int, default=40_000, metavar="N", help="files; 0: none (default: %(default)s)")
    parser.add_argument(
        "--rescan-s",
        type=float,
        default=RESCAN_S,
        metavar="S",
        help="the kiosk's is %(default)g (default: %(default)g)",
    )
    parser.add_argument(
        "--within-s", type=float, metavar="S", help="how long a list may take (default: the rescan interval)"
    )
    parser.add_argument("--verbose", action="store_true", help="show the kiosk's log")
    found = parser.parse_args(arguments)
    if not sys.platform.startswith("linux"):
        print("This needs Linux: inotify, mounts, namespaces.", file=sys.stderr)
        return 2
    within_s = found.rescan_s if found.within_s is None else found.within_s
    logging.basicConfig(level=logging.INFO if found.verbose else logging.CRITICAL)
    with tempfile.TemporaryDirectory(prefix="wheel-watcher-") as directory:
        Path(directory).chmod(0o755)

        def work(reason: str) -> int:
            world = World(Home(Path(directory)), random.Random(found.seed), found.burst, found.rescan_s, within_s)  # noqa: S311
            if reason:
                world.left_out["user namespace"] = reason
            return run(world, found.rounds)

        return in_a_namespace_of_its_own(work)


if __name__ == "__main__":
    sys.exit(main())
