"""SIGKILL at random moments of import, publish, adopt and spin, with real processes on a real disk.

`python -m tests.torture.kills` does it a thousand times.
"""

import re
import subprocess
import sys

import pytest

from tests.e2e.processes import ROOT, environment

pytestmark = pytest.mark.slow

KILLS = 50
PARTS = 2
"""So that both cores have something to do."""

IN_PLACE = """
import os, time
from kiosk.core import durable
from tests.torture.kills import __main__ as kills

def in_place(path, data, *, mode=0o640, replace=True):
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    for half in (data[: len(data) // 2], data[len(data) // 2 :]):
        os.write(descriptor, half)
        time.sleep(0.2)  # most of the process's life: a kill at any moment meets it
    os.close(descriptor)

durable.write_atomic.__code__ = in_place.__code__
durable.time = time
raise SystemExit(kills.main(["--kills", "40", "--seed", "1"]))
"""

DRAWN_AGAIN = """
from kiosk.session.draw_session import Session
from kiosk.ledger.record import Shown
from tests.torture.kills import __main__ as kills

Session.unfinished_s = property(lambda session: None)
raise SystemExit(kills.main(["--kills", "40", "--seed", "1"]))
"""


def run(*command: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=3000,
    )


@pytest.mark.parametrize("part", range(PARTS))
def test_a_kill_at_any_moment_loses_tears_and_redraws_nothing(part: int) -> None:
    done = run("-m", "tests.torture.kills", "--kills", str(KILLS // PARTS), "--verbose")

    assert done.returncode == 0, done.stdout + done.stderr
    found = re.search(r"^(\d+) kills: .*", done.stdout, re.MULTILINE)
    assert found is not None
    assert int(found[1]) == KILLS // PARTS
    assert all(f" of {job}" in found[0] for job in ("import", "publish", "adopt", "spin"))


@pytest.mark.parametrize("sabotage", [IN_PLACE, DRAWN_AGAIN], ids=["files written in place", "spins left unfinished"])
def test_the_kills_notice_a_program_that_does_not_survive_them(sabotage: str) -> None:
    done = run("-c", sabotage)

    assert done.returncode == 1, done.stdout + done.stderr
    assert "PROBLEM  " in done.stdout
    assert "Traceback" not in done.stderr
