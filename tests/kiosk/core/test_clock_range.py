"""A clock beyond the year 2262, as a dead battery or a mistyped year leaves it: named, without a traceback."""

import subprocess
import sys

import pytest

from tests.e2e.processes import ROOT

BEYOND = """
import runpy, sys, time
def beyond():
    raise OverflowError("timestamp too large to convert to C _PyTime_t")
time.time = time.time_ns = beyond
sys.argv = [sys.argv[1], "--help"]
runpy.run_module(sys.argv[0], run_name="__main__")
"""


@pytest.mark.parametrize("program", ["kiosk", "wheel_admin"])
def test_a_clock_that_python_cannot_read_is_named_with_the_command_that_sets_it(program: str) -> None:
    command = [sys.executable, "-c", BEYOND, program]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)

    assert done.returncode == 2
    assert done.stderr.startswith("The clock of this machine is set to a year after 2261. Set it: sudo timedatectl")
    assert done.stderr.count("\n") == 1
