"""Standard output that cannot be written, and paths that lead nowhere: named, and no defect of ours."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from kiosk.core.errors import OutputError
from kiosk.core.home import Home
from tests.e2e.processes import ROOT, environment
from tests.wheel_admin.conftest import Desk, posix_only

pytestmark = posix_only
FULL = Path("/dev/full")
needs_full = pytest.mark.skipif(not FULL.exists(), reason="needs /dev/full")


def run(module: str, *arguments: str, stdout: int) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=ROOT,
        env=environment(),
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
        timeout=120,
    )


def unwritable(kind: str) -> int:
    """Return a descriptor on which nothing can be written."""
    if kind == "full":
        return os.open(FULL, os.O_WRONLY)
    reads, writes = os.pipe()
    os.close(reads)
    return writes


@pytest.mark.slow
@needs_full
@pytest.mark.parametrize("kind", ["full", "broken"])
@pytest.mark.parametrize("more", [[], ["--json"]])
def test_a_publication_whose_answer_cannot_be_written_stands_and_says_so(
    kind: str, more: list[str], desk: Desk
) -> None:
    desk.do("entries", "add", "1", "Ana")
    stdout = unwritable(kind)
    done = run("wheel_admin", "publish", "--home", str(desk.home.root), *more, stdout=stdout)
    os.close(stdout)

    assert done.returncode == OutputError.exit_code == 11, done.stderr
    assert "Standard output cannot be written" in done.stderr
    assert "What was done stands" in done.stderr
    assert "efect" not in done.stderr
    assert "Traceback" not in done.stderr
    assert desk.home.snapshot(1).exists()


@pytest.mark.slow
@needs_full
@pytest.mark.parametrize("command", [["show"], ["entries", "list"], ["draws"], ["status", "--json"], ["verify"]])
def test_other_commands_say_the_same(command: list[str], desk: Desk) -> None:
    desk.do("entries", "add", "1", "Ana")
    stdout = unwritable("full")
    done = run("wheel_admin", *command, "--home", str(desk.home.root), stdout=stdout)
    os.close(stdout)

    assert done.returncode == 11, done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.slow
@needs_full
@pytest.mark.parametrize("action", ["sample", "show", "check"])
def test_the_kiosks_commands_say_it_too(action: str, tmp_path: Path) -> None:
    stdout = unwritable("full")
    done = run("kiosk", "config", action, "--home", str(tmp_path), stdout=stdout)
    os.close(stdout)

    assert done.returncode == 11, done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.slow
@needs_full
def test_an_error_that_cannot_be_answered_keeps_its_code(desk: Desk) -> None:
    stdout = unwritable("full")
    done = run("wheel_admin", "publish", "--home", str(desk.home.root / "nowhere"), "--json", stdout=stdout)
    os.close(stdout)

    assert done.returncode == 7
    assert "There is no wheel home" in done.stderr


PLACES = [
    ["show", "--home", "~nosuch-user/x"],
    ["init", "--home", "~nosuch-user/x"],
    ["draws", "export", "~nosuch-user/x.csv"],
    ["preview", "-o", "~nosuch-user/x.png"],
    ["publish", "--public", "~nosuch-user/x"],
]


@pytest.mark.slow
def test_a_kiosk_of_a_user_who_does_not_exist_is_named() -> None:
    done = run("kiosk", "config", "check", "--home", "~nosuch-user/x", stdout=subprocess.PIPE)

    assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stderr
    assert "~nosuch-user/x cannot be found: there is no such user." in done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("command", PLACES, ids=lambda command: command[0])
def test_the_home_of_a_user_who_does_not_exist_is_named(command: list[str], desk: Desk) -> None:
    desk.do("entries", "add", "1", "Ana")
    home = [] if "--home" in command else ["--home", str(desk.home.root)]
    done = run("wheel_admin", *command, *home, stdout=subprocess.PIPE)

    assert done.returncode == 2, done.stderr
    assert "~nosuch-user" in done.stderr
    assert "there is no such user" in done.stderr
    assert not Home(desk.home.root).snapshot(1).exists()
