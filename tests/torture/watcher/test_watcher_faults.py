"""The troubles that `python -m tests.torture.watcher` makes: a few rounds of them, in a process of their own."""

import subprocess
import sys

import pytest

from tests.e2e.processes import ROOT, environment


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="inotify, mounts and namespaces are Linux's")
def test_whatever_happens_to_the_directory_the_newest_list_arrives_within_the_rescan_interval() -> None:
    """1000 rounds take a quarter of an hour; these are for every commit. Seed 2 begins with eight different ones."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.torture.watcher", "watcher", "--rounds", "8", "--burst", "5000", "--seed", "2"],
        cwd=ROOT,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "within the rescan interval: 8 of 8" in done.stdout
