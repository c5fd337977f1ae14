"""Ctrl-C at any moment: no traceback, and a reading process that only its caller ends."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.torture.malicious_files.workbooks import strings, workbook
from tests.wheel_admin.conftest import posix_only
from wheel_admin.importing.reader_client import Reader, load
from wheel_admin.importing.reader_start import start_process

_INTERRUPTED = """
import os, signal, sys
class Interrupting:
    def find_spec(self, name, *_):
        if name == {module!r}:
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Interrupting())
signal.signal(signal.SIGINT, signal.{before})
sys.argv = ["wheel-admin", {command!r}, {option!r}]
from wheel_admin.__main__ import main
main()
"""


def interrupted(
    command: str, module: str, *, option: str = "-h", before: str = "default_int_handler"
) -> subprocess.CompletedProcess[str]:
    """Run `wheel-admin COMMAND OPTION` and interrupt it while it imports a module."""
    code = _INTERRUPTED.format(command=command, option=option, module=module, before=before)
    return subprocess.run(
        [sys.executable, "-c", code], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )


@posix_only
@pytest.mark.parametrize("module", ["wheel_admin.cli.app", "wheel_admin.cli.command_table"])
def test_an_interrupt_while_the_program_loads_leaves_no_traceback(module: str) -> None:
    done = interrupted("show", module)

    assert (done.returncode, done.stderr) == (-signal.SIGINT, "")


@posix_only
def test_an_interrupt_while_a_command_loads_ends_with_130() -> None:
    done = interrupted("show", "wheel_admin.commands.draft.show")

    assert done.returncode == 130
    assert done.stderr == "Interrupted. The draft and the published lists are whole.\n"


@posix_only
def test_an_interrupted_command_with_json_answers_one_object() -> None:
    done = interrupted("show", "wheel_admin.commands.draft.show", option="--json")

    assert (done.returncode, done.stderr) == (130, "")
    assert json.loads(done.stdout)["error"]["message"].startswith("Interrupted. The draft and the published lists")


@posix_only
def test_a_program_that_ignores_interrupts_goes_on_ignoring_them() -> None:
    assert interrupted("show", "wheel_admin.cli.app", before="SIG_IGN").returncode == 0


@posix_only
def test_an_interrupt_of_the_terminal_does_not_end_the_reading_process(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text("Ticket,Name\n0001,Ana Ruiz\n")
    process = start_process()
    with Reader(process) as reader:
        os.kill(process.pid, signal.SIGINT)

        (sheet,) = reader.read(load(path))

    assert len(sheet.rows) == 2
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, set()), "the caller hears them again"


_READING = """
import sys
from pathlib import Path
from wheel_admin.importing.reader_client import Reader, load
from wheel_admin.importing.reader_start import start_process
process = start_process()
print(process.pid, flush=True)
with Reader(process) as reader:
    reader.read(load(Path(sys.argv[1])))
"""


def cpu_s(pid: int) -> float | None:
    """Return the CPU time that a process has taken; None if it has ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if fields[0] == "Z" else sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_the_reading_process_ends_in_the_middle_of_a_file_when_its_caller_is_killed(tmp_path: Path) -> None:
    path = tmp_path / "slow.xlsx"
    numbers = random.Random(1)  # noqa: S311 - makes no secret
    texts = strings(*(f"@{numbers.randrange(1000)}" for _ in range(400_000)))
    runs = texts.replace("<t>@", "<r><t>").replace("</t></si>", "</t></r><r><t/></r></si>")
    path.write_bytes(workbook(strings=runs))
    command = subprocess.Popen(
        [sys.executable, "-c", _READING, str(path)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "WHEEL_READ_S": "60"},
    )
    assert command.stdout is not None
    with command, command.stdout:
        reader = int(command.stdout.readline())
        while (taken := cpu_s(reader) or 0.0) < 0.8:
            assert command.poll() is None
            time.sleep(0.01)
        command.kill()
    last: float | None = taken
    while last is not None:
        taken, last = last, cpu_s(reader)
        time.sleep(0.01)

    assert taken < 1.3  # the file takes twice as long
