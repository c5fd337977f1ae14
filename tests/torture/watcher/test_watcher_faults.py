"""A few rounds of `python -m tests.torture.watcher`, in a process of their own."""

import subprocess
import sys

import pytest

from tests.e2e.processes import ROOT, environment

pytestmark = pytest.mark.slow


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="inotify, mounts and namespaces are Linux's")
def test_the_newest_list_arrives_after_every_fault_of_its_directory() -> None:
    """1000 rounds take a quarter of an hour; these are for every commit. Seed 2 begins with eight different ones.

    That a list arrives within the rescan interval is for the long run on an idle machine to say.
    """
    arguments = "--rounds 8 --burst 5000 --seed 2 --within-s 120"
    done = subprocess.run(
        [sys.executable, "-m", "tests.torture.watcher", *arguments.split()],
        cwd=ROOT,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=1200,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "within 120 s: 8 of 8" in done.stdout
