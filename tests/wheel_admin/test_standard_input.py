"""`wheel-admin import` as a process of its own: standard input belongs to `-` and to nobody else."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.processes import environment
from tests.wheel_admin.conftest import Desk

LIST = "Ticket,Name\n7,Ana Ruiz\n8,Bo Lee\n"


def import_in(directory: Path, *arguments: str) -> "subprocess.Popen[str]":
    """Start `wheel-admin import` in a directory that has a file called `-`."""
    directory.mkdir()
    (directory / "-").write_text("Ticket,Name\n1,Nobody\n")
    return subprocess.Popen(
        [sys.executable, "-m", "wheel_admin", "import", *arguments, "--json"],
        cwd=directory,
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


@pytest.mark.slow
@pytest.mark.parametrize("files", [["-"], ["./-"], ["--sheet", "./-", "-"]])
def test_a_list_pasted_beside_a_file_called_dash_arrives_whole(files: list[str], desk: Desk, tmp_path: Path) -> None:
    with import_in(tmp_path / "dash", *files, "--home", str(desk.home.root)) as process:
        answer, _ = process.communicate(LIST, timeout=60)

    assert process.returncode == 0, answer
    assert [entry.ticket for entry in desk.draft.entries] == ["7", "8"]


@pytest.mark.slow
def test_a_wrong_option_is_refused_before_standard_input_ends(tmp_path: Path) -> None:
    with import_in(tmp_path / "dash", "./-", "--badoption") as process:
        assert process.wait(60) == 2, "it waits for its standard input"
        assert process.stdout is not None
        assert "--badoption" in json.load(process.stdout)["error"]["message"]
