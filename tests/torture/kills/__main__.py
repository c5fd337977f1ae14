"""`python -m tests.torture.kills`: SIGKILL at random moments of import, publish, adopt and spin, and what that leaves.

Invariant: real processes on a real disk. Each one is forked from this process, which has imported everything already,
so that a kill meets the work and not the imports. A kill counts when it met a living process. Kills that never
interrupted a spin prove nothing, and fail.
"""

import argparse
import os
import random
import shutil
import sys
import tempfile
import time
from pathlib import Path

from tests.torture.kills.kill_loop import KillLoop


def main(arguments: list[str] | None = None) -> int:
    """Run the kills and print the figures; returns 1 if something did not hold."""
    parser = argparse.ArgumentParser(prog="python -m tests.torture.kills", description=__doc__.split(":", 1)[1].strip())
    parser.add_argument("--kills", type=int, default=1000, metavar="N", help="how many (default: %(default)s)")
    parser.add_argument("--seed", type=int, metavar="N", help="chooses the moments (default: another one each time)")
    parser.add_argument("--verbose", action="store_true", help="say each kill")
    options = parser.parse_args(arguments)
    if not hasattr(os, "fork"):
        print("This needs fork(2), which this system does not have.", file=sys.stderr)
        return 2
    os.environ |= {"SDL_VIDEODRIVER": "dummy", "SDL_AUDIODRIVER": "dummy", "WHEEL_LOCK_WAIT_MS": "3000"}
    seed = random.SystemRandom().randrange(1 << 32) if options.seed is None else options.seed
    started = time.monotonic()
    directory = Path(tempfile.mkdtemp(prefix="wheel-kills-"))
    print(f"seed {seed}", flush=True)
    loop = KillLoop(directory, seed=seed, say=print if options.verbose else lambda _: None)
    figures = loop.run(options.kills)
    told = ", ".join(f"{count} of {name}" for name, count in figures.kills.items())
    left = ", ".join(f"{name} {count} times" for name, count in figures.left.items()) or "nothing"
    print(f"{sum(figures.kills.values())} kills: {told}; they left {left}; {time.monotonic() - started:.0f} s")
    for problem in figures.problems:
        print(f"PROBLEM  {problem}")
    if figures.problems:
        print(f"the home is kept: {directory}")
        return 1
    shutil.rmtree(directory)
    print("nothing confirmed was lost, every spin was finished with its winner, every ledger verified")
    return 0


if __name__ == "__main__":
    sys.exit(main())
