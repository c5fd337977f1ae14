"""`python -m tests.torture.fuzz`: malformed inputs for every parser of outside bytes, and a table of the outcomes.

Exit code 0 if every input was refused with a WheelError or accepted within the rules, else 1.
"""

import argparse
import contextlib
import logging
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.torture.fuzz.engine import Account, fuzz
from tests.torture.fuzz.targets import targets

INPUTS = 100_000
_SHOWN_BYTES = 300


def main(arguments: list[str] | None = None) -> int:
    """Fuzz, and print a line a target."""
    parser = argparse.ArgumentParser(prog="python -m tests.torture.fuzz", description=__doc__)
    parser.add_argument("--inputs", type=int, default=INPUTS, metavar="N", help="in all (default: %(default)s)")
    parser.add_argument("--target", action="append", metavar="T", help="only this one; may be repeated")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="other inputs (default: %(default)s)")
    options = parser.parse_args(arguments)
    memory = Path("/dev/shm")  # noqa: S108 - a directory of our own is made in it
    place = memory if os.access(memory, os.W_OK) else None
    with (
        tempfile.TemporaryDirectory(prefix="wheel-fuzz-", dir=place) as directory,
        targets(Path(directory)) as known,
        _quiet(),
    ):
        wanted = options.target or list(known)
        unknown = [name for name in wanted if name not in known]
        if unknown or options.inputs < 1:
            parser.error(f"no target {', '.join(unknown)}; known: {', '.join(known)}" if unknown else "no inputs")
        shares = sum(known[name].share for name in wanted)
        print(f"{'target':14} {'inputs':>9} {'accepted':>9} {'ends':>5} {'s':>6}  refused")
        accounts = []
        for name in wanted:
            inputs = max(1, round(options.inputs * known[name].share / shares))
            accounts.append(fuzz(known[name], inputs=inputs, seed=options.seed))
            _print(accounts[-1])
    total = sum(account.inputs for account in accounts)
    broken = sum(len(account.defects) for account in accounts)
    print(f"{total} inputs in {sum(account.seconds for account in accounts):.0f} s, seed {options.seed}: ", end="")
    print(f"{broken} defects" if broken else "no crash, and nothing accepted that the rules forbid")
    return 1 if broken else 0


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Silence the log, which would repeat every refusal."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(before)


def _print(account: Account) -> None:
    refused = ", ".join(f"{kind} {count}" for kind, count in account.refused.most_common())
    figures = f"{account.inputs:9} {account.accepted:9} {account.ends:5} {account.seconds:6.1f}"
    print(f"{account.target:14} {figures}  {refused}", flush=True)
    for defect in account.defects:
        shown = defect.data[:_SHOWN_BYTES]
        print(f"    DEFECT at input {defect.number}: {defect.error!r:.200}\n      {shown!r}")


if __name__ == "__main__":
    sys.exit(main())
