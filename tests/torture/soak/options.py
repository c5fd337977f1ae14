"""The options of a soak.

Invariant: each option is an environment variable too, `--iteration-timeout` is `WHEEL_SOAK_ITERATION_TIMEOUT`; the
command line wins.
"""

import argparse
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from kiosk.core.errors import UsageError

T = TypeVar("T")
_PREFIX = "WHEEL_SOAK_"

_EPILOG = """\
examples:
  python -m tests.torture.soak --spins 200                        a few minutes, simulated clock
  python -m tests.torture.soak --spins 10000 --lists 1000         before a release
  python -m tests.torture.soak --hours 8 --clock real             a night, in real time
  python -m tests.torture.soak --hours 72 --clock real            three days, before an event

Writes into --artifacts DIR: metrics.jsonl (one line an iteration), summary.json, summary.txt, health.json (rewritten in
each iteration), kiosk.log (rotated), and the home as it was at the end.

exit codes:
  0 all checks passed, 1 one failed (summary.txt says which), 2 wrong command line, 4 it cannot start here (no room, no
  memory, an earlier soak still runs), 130 interrupted

`python -m tests.torture.soak.audit build/soak/soak-...` holds the report against the ledger.
"""


@dataclass(frozen=True, slots=True)
class SoakOptions:
    """How long, with what, and where the results go.

    Attributes:
        spins: to be made before it ends; None for as many as lists and hours take.
        lists: to be published before it ends; None for as many as the spins take.
        hours: to go on at least; None for as long as spins and lists take.
        spins_per_list: spins between two publishes.
        entries: on each list.
        clock: of the kiosk: `simulated` or `real`.
        faults: whether faults are injected.
        iteration_timeout_s: how long a list, or its spins, may take before the iteration counts as failed.
        heartbeat_s: how old the kiosk's heartbeat may become while it runs.
        artifacts: directory for the results.
        max_artifact_mb: size of everything that is left, the home included. Logs are rotated at half of it, old lists
            deleted at four fifths; beyond it the soak fails.
        keep_days: artifacts of earlier soaks older than this are removed at the start.
        notify: URL that gets the summary as a POST of JSON; empty for none.
        seed: of the faults and their moments.
        debug: log more, and keep the kiosk's whole log.
    """

    spins: int | None
    lists: int | None
    hours: float | None
    spins_per_list: int
    entries: int
    clock: str
    faults: bool
    iteration_timeout_s: float
    heartbeat_s: float
    artifacts: Path
    max_artifact_mb: float
    keep_days: float
    notify: str
    seed: int
    debug: bool


def parse(arguments: list[str] | None = None) -> SoakOptions:
    """Read the command line and the environment.

    Raises:
        UsageError: an option has an impossible value.
    """
    parser = argparse.ArgumentParser(
        prog="python -m tests.torture.soak",
        description="Run the real kiosk and admin for a long time, inject faults, and report whether all held.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )

    def add(name: str, kind: Callable[[str], T], default: T | None, text: str) -> None:
        variable = _PREFIX + name.upper().replace("-", "_")
        set_to = os.environ.get(variable)
        shown = "" if default in {None, ""} else f" (default: {default})"
        try:
            value = default if set_to is None else kind(set_to)
        except ValueError:
            raise UsageError(f"{variable}={set_to} cannot be understood.", remedy=f"It means: {text}.") from None
        metavar = {int: "N", float: "X", Path: "DIR"}.get(kind, "TEXT")  # type: ignore[call-overload]
        parser.add_argument(f"--{name}", type=kind, default=value, metavar=metavar, help=f"{text}{shown}; {variable}")

    add("spins", int, None, "spins to make")
    add("lists", int, None, "lists to publish")
    add("hours", float, None, "hours to go on")
    add("spins-per-list", int, 10, "spins between two publishes")
    add("entries", int, 300, "entries on each list")
    add("clock", _clock, "simulated", "the kiosk's clock: simulated or real")
    add(
        "iteration-timeout",
        float,
        120.0,
        "seconds that a list and its spins may take; with the real clock, 16 more a spin",
    )
    add("heartbeat", float, 10.0, "seconds that the kiosk's heartbeat may be old")
    add("artifacts", Path, Path("build/soak"), "directory for the results")
    add(
        "max-artifact-mb",
        float,
        200.0,
        "size of all that is left, homes included: logs are rotated, old lists deleted",
    )
    add("keep-days", float, 14.0, "days that artifacts of earlier soaks are kept")
    add("notify", str, "", "URL that gets the summary as JSON by POST")
    add("seed", int, 1, "seed of the faults and their moments")
    parser.add_argument(
        "--no-faults", action="store_true", default=_flag("NO_FAULTS"), help=f"no faults; {_PREFIX}NO_FAULTS=1"
    )
    parser.add_argument("--debug", action="store_true", default=_flag("DEBUG"), help=f"log more; {_PREFIX}DEBUG=1")
    found = parser.parse_args(arguments)
    if found.spins is None and found.lists is None and found.hours is None:
        raise UsageError(
            "The length of the soak is missing.",
            remedy="Give --spins N, --lists N or --hours X; it ends when all given are reached.",
        )
    above_0 = ("spins", "lists", "hours", "spins_per_list", "entries")
    for name in (*above_0, "iteration_timeout", "heartbeat", "max_artifact_mb"):
        value = getattr(found, name)
        if value is not None and not value > 0:
            raise UsageError(f"--{name.replace('_', '-')} {value} is not above 0.")
    return SoakOptions(
        spins=found.spins,
        lists=found.lists,
        hours=found.hours,
        spins_per_list=found.spins_per_list,
        entries=found.entries,
        clock=found.clock,
        faults=not found.no_faults,
        iteration_timeout_s=found.iteration_timeout + (16 * found.spins_per_list if found.clock == "real" else 0),
        heartbeat_s=found.heartbeat,
        artifacts=found.artifacts,
        max_artifact_mb=found.max_artifact_mb,
        keep_days=found.keep_days,
        notify=found.notify,
        seed=found.seed,
        debug=found.debug,
    )


def _clock(text: str) -> str:
    if text not in {"simulated", "real"}:
        raise ValueError(text)
    return text


def _flag(name: str) -> bool:
    return os.environ.get(_PREFIX + name, "") not in {"", "0"}
