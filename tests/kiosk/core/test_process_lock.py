"""A lock between processes that the operating system frees."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from kiosk.core.durable import (
    PRIVATE,
    process_lock,
)
from kiosk.core.errors import BusyError, HomeError
from tests.kiosk.core.failing_calls import ROOT, mode_of

HOLDER = """
import sys
from pathlib import Path
from kiosk.core.durable import process_lock
with process_lock(Path(sys.argv[1]), holder="A kiosk"):
    print("held", flush=True)
    sys.stdin.read()
"""


@contextmanager
def holder_of(path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run another process that holds the lock until its standard input is closed."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, path], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == b"held\n"
            yield process
        finally:
            process.kill()


def test_the_lock_excludes_a_second_process_and_says_who_holds_it(tmp_path: Path) -> None:
    with (
        holder_of(tmp_path / ".lock"),
        pytest.raises(BusyError, match=r"A kiosk is already running on .*\. Stop it first\.") as caught,
        process_lock(tmp_path / ".lock", holder="A kiosk"),
    ):
        pytest.fail("two hold the lock")

    assert caught.value.exit_code == 5


def test_the_lock_is_free_when_its_holder_was_killed(tmp_path: Path) -> None:
    with holder_of(tmp_path / ".lock") as process:
        process.send_signal(signal.SIGKILL)
        assert process.wait(20) == -signal.SIGKILL

    with process_lock(tmp_path / ".lock", holder="A kiosk"):
        pass


def test_the_lock_excludes_a_second_holder_in_the_same_process_until_it_is_left(tmp_path: Path) -> None:
    with (
        process_lock(tmp_path / ".lock", holder="A kiosk"),
        pytest.raises(BusyError),
        process_lock(tmp_path / ".lock", holder="A kiosk"),
    ):
        pytest.fail("two hold the lock")
    with process_lock(tmp_path / ".lock", holder="A kiosk"):
        pass


def test_the_lock_is_freed_when_its_body_raises_and_the_file_stays_private_and_empty(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), process_lock(tmp_path / ".lock", holder="A kiosk"):
        raise ZeroDivisionError

    assert (tmp_path / ".lock").read_bytes() == b""
    assert mode_of(tmp_path / ".lock") == PRIVATE
    with process_lock(tmp_path / ".lock", holder="A kiosk"):
        pass


def test_a_lock_file_that_cannot_be_opened_is_a_home_error(tmp_path: Path) -> None:
    with pytest.raises(HomeError), process_lock(tmp_path / "nowhere" / ".lock", holder="A kiosk"):
        pytest.fail("it was opened")
