"""What it costs to check a whole evening: a ledger of 1000 spins at 3000 entries, and the stand-alone verifier on it.

The kiosk's own session presses on a published list, on a real directory; the verifier is a process of its own.
"""

import itertools
import os
import subprocess
import sys
import time
from pathlib import Path

import msgspec

from kiosk.core.clock import SystemClock
from kiosk.core.home import Home
from kiosk.core.key_files import load_trusted_keys
from kiosk.intake.snapshot_files import Floor, candidates, keep_copy, newest_good, read_names
from kiosk.session.open_session import open_session
from kiosk.snapshot.model import Listed
from wheel_admin.ledger_report.verifier import VERIFIER

SPINS = 1000


class VerificationCosts(msgspec.Struct, frozen=True, kw_only=True):
    """Of `SPINS` single-place spins.

    Attributes:
        verified: how many spins the verifier recomputed.
        seconds: of the verifier's whole process, run by run.
        spin_bytes: what a spin takes in the ledger, on average: open, result and shown.
    """

    verified: int
    seconds: list[float]
    spin_bytes: float


def measure(root: Path, runs: int) -> VerificationCosts:
    """Spin `SPINS` times on the list that is published in the home `root`, and verify the home `runs` times.

    Raises:
        RuntimeError: no list is published there, or the verifier does not call the ledger consistent.
    """
    home = Home(root)
    published, _ = newest_good(candidates(home.snapshots), keys=load_trusted_keys(home.trusted), floor=Floor())
    if published is None:
        raise RuntimeError(f"no list is published in {root}")
    names, data = read_names(published.snapshot, (home.snapshots,))
    with open_session(home, clock=SystemClock(), random_bytes=os.urandom) as books:
        keep_copy(published, data, home.adopted)
        books.session.adopt(Listed(published.snapshot, published.s, names, published.signer))
        before = home.ledger.stat().st_size
        for _ in range(SPINS):
            books.session.shown(books.session.press(start=0), duration_ms=11_000, frames=660)
        grown = home.ledger.stat().st_size - before
    command = [sys.executable, str(VERIFIER), str(root), "--require", "consistent", "--json"]
    verified, seconds = 0, []
    for _ in itertools.repeat(None, runs):
        started = time.perf_counter()
        done = subprocess.run(command, capture_output=True, check=False)  # noqa: S603 - our own program
        seconds.append(time.perf_counter() - started)
        if done.returncode:
            raise RuntimeError(f"the verifier ended with {done.returncode}: {done.stderr.decode()[-300:]}")
        verified = len(msgspec.json.decode(done.stdout)["spins"])
    return VerificationCosts(verified=verified, seconds=seconds, spin_bytes=grown / SPINS)
