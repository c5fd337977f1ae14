"""`make demo`: from a workbook to a verified winner, with nothing but what it makes itself."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.processes import ROOT, environment

pytestmark = pytest.mark.slow


def demo(directory: Path, *, size: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "demo", "--directory", str(directory), "--size", size],
        cwd=ROOT,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=3000,
    )


def test_the_demo_ends_with_the_verdict_and_what_it_means(tmp_path: Path) -> None:
    done = demo(tmp_path / "demo", size="800x480")

    assert done.returncode == 0, done.stdout + done.stderr
    *_, verdict, empty, winner, meaning = done.stdout.splitlines()
    assert verdict == "SIGNED up to record 4, event open"
    assert empty == ""
    assert winner.startswith("Winner: ticket ")
    assert meaning.startswith("SIGNED means: ")
    assert "INFO" not in done.stdout + done.stderr, "the kiosk's log is not part of the story"
    assert len(list((tmp_path / "demo" / "pictures").glob("*.png"))) >= 3


def test_a_demo_that_cannot_be_made_says_which_command_failed(tmp_path: Path) -> None:
    done = demo(tmp_path / "demo", size="nonsense")

    assert done.returncode == 2
    assert "The demo stopped: that command ended with 2." in done.stderr
