"""Descriptors 0 to 2: closed at the start, they must never be given to a file of ours."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

from kiosk.core.home import Home
from tests.e2e.processes import ROOT, environment, kiosk_command, wait_for

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc")

PROGRAMS = ("kiosk/__main__.py", "tools/wheel_admin/__main__.py")


def closed(command: list[str], redirections: str) -> list[str]:
    """Return `command` as one that starts with descriptors closed, such as `0<&- 1>&-`."""
    return ["sh", "-c", f'exec "$@" {redirections}', "sh", *command]


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_program_opens_its_descriptors_before_it_imports_anything(program: str) -> None:
    first, second, third = ast.parse((ROOT / program).read_bytes()).body[:3]

    assert isinstance(first, ast.Expr)  # the docstring
    assert ast.unparse(second) == "from kiosk.core import clock_range, standard_streams"
    assert ast.unparse(third) == "standard_streams.occupy()"


@pytest.mark.parametrize("numbers", [(0,), (1,), (2,), (0, 1), (1, 2), (0, 1, 2)])
def test_closed_descriptors_lead_nowhere_and_the_next_file_gets_a_higher_one(
    numbers: tuple[int, ...], tmp_path: Path
) -> None:
    told = tmp_path / "told"
    code = (
        "from kiosk.core.standard_streams import occupy; occupy(); occupy()\n"
        "import os, sys\n"
        f"number = os.open({str(told)!r}, os.O_WRONLY | os.O_CREAT)\n"
        "os.write(1, b'noise of a library'); os.write(2, b'noise of a library'); print('noise'); sys.stdin.read()\n"
        f"ends = [os.readlink(f'/proc/self/fd/{{one}}') == os.devnull for one in {numbers}]\n"
        "inherited = all(map(os.get_inheritable, range(3)))\n"
        "os.write(number, repr((number > 2, all(ends), inherited)).encode())\n"
    )
    redirections = " ".join(f"{number}{'<' if number == 0 else '>'}&-" for number in numbers)
    command = closed([sys.executable, "-c", code], redirections)
    done = subprocess.run(command, cwd=ROOT, capture_output=True, stdin=subprocess.DEVNULL, timeout=60, check=False)

    assert done.returncode == 0, done.stderr
    assert told.read_text() == "(True, True, True)"


@pytest.mark.slow
def test_a_kiosk_that_was_started_without_descriptors_keeps_its_ledger_whole(tmp_path: Path) -> None:
    home = tmp_path / "home"
    command = closed(kiosk_command(Home(home), "--window", "800x480"), "0<&- 1>&- 2>&-")
    process = subprocess.Popen(command, cwd=ROOT, env=environment())
    try:
        wait_for(lambda: (home / "kiosk/status.json").exists() or process.poll() is not None, "the first status")
        ends = [str(Path(f"/proc/{process.pid}/fd/{number}").readlink()) for number in range(3)]
    finally:
        process.terminate()
        assert process.wait(60) == 0

    assert ends == [os.devnull] * 3


@pytest.mark.slow
def test_an_organiser_whose_descriptors_are_closed_gets_a_home_all_the_same(tmp_path: Path) -> None:
    home = tmp_path / "home"
    command = [sys.executable, "-m", "wheel_admin", "init", "--no-passphrase", "--home", str(home)]
    done = subprocess.run(closed(command, "0<&- 1>&- 2>&-"), cwd=ROOT, env=environment(), timeout=60, check=False)

    assert done.returncode == 0
    assert (home / "admin/draft.json").read_bytes().startswith(b"{")
