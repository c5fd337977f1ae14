"""The file of `import --rejects`: it replaces what an earlier import wrote there, and nothing else."""

import os
from pathlib import Path

import pytest

from tests.wheel_admin.conftest import Desk, posix_only

HEADER = b"\xef\xbb\xbffile,sheet,row,column,value,reason\r\n"


@pytest.fixture
def people(desk: Desk) -> Path:
    return desk.text("people.csv", "Ticket,Name\nA1,Ana\n,Bo\n")


@pytest.mark.parametrize("more", [["--dry-run"], ["--replace"]])
def test_rejected_rows_never_replace_a_workbook(more: list[str], desk: Desk, people: Path) -> None:
    precious = desk.workbook("precious.xlsx", [("Ticket", "Name"), ("P1", "Precious")])
    before = precious.read_bytes()

    error = desk.error("import", people, "--rejects", precious, *more, code=2)

    assert "precious.xlsx is the name of a workbook" in error["message"]
    assert "precious.csv" in error["remedy"]
    assert precious.read_bytes() == before
    assert desk.draft.entries == ()


@pytest.mark.parametrize("content", ["Ticket,Name\nP1,Precious\n", "\0", HEADER.decode()[:-2] + ",phone\r\n"])
@pytest.mark.parametrize("name", ["precious.csv", "precious"])
def test_rejected_rows_never_replace_another_file(name: str, content: str, desk: Desk, people: Path) -> None:
    precious = desk.text(name, content)

    assert "would replace" in desk.error("import", people, "--rejects", precious, code=2)["message"]
    assert precious.read_bytes() == content.encode()


def test_rejected_rows_replace_those_of_an_earlier_run_and_an_empty_file(desk: Desk, people: Path) -> None:
    target = desk.text("rejects.csv", "")
    desk.do("import", people, "--rejects", target)
    first = target.read_bytes()
    desk.do("import", desk.text("good.csv", "Ticket,Name\nA1,Ana\n"), "--rejects", target, "--replace")

    assert first.startswith(HEADER + b"people.csv,,3,")
    assert target.read_bytes() == HEADER


def test_rejected_rows_do_not_replace_what_came_there_meanwhile(
    desk: Desk, people: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = desk.files / "rejects.csv"

    def meanwhile(*_: object) -> int:
        target.write_text("precious")
        return 0

    monkeypatch.setattr("wheel_admin.commands.draft.import_files._published_entries", meanwhile)

    assert "would replace" in desk.error("import", people, "--rejects", target, code=2)["message"]
    assert target.read_text() == "precious"


def test_a_file_to_import_is_not_replaced_under_another_name_of_its_own(desk: Desk, people: Path) -> None:
    rejects = desk.text("rejects.csv", HEADER + b"people.csv,,3,A,,ticket is missing\r\n")
    link = desk.files / "link.csv"
    link.hardlink_to(rejects)

    assert "is to be imported" in desk.error("import", people, rejects, "--rejects", link, code=2)["message"]


@posix_only
def test_a_pipe_is_not_replaced_by_rejected_rows(desk: Desk, people: Path) -> None:
    os.mkfifo(desk.files / "rejects.csv")

    assert "would replace" in desk.error("import", people, "--rejects", desk.files / "rejects.csv", code=2)["message"]
    assert (desk.files / "rejects.csv").is_fifo()


def test_a_dry_run_says_that_it_wrote_the_rejected_rows(desk: Desk, people: Path) -> None:
    target = desk.files / "rejects.csv"
    before = desk.home.draft.read_bytes()
    lines = desk.run("import", people, "--rejects", target, "--dry-run").out.splitlines()

    assert f"The rejected rows were written to {target}." in lines
    assert lines[-1] == "Nothing else was changed (--dry-run)."
    assert desk.run("import", people, "--dry-run").out.splitlines()[-1] == "Nothing was changed (--dry-run)."
    assert desk.home.draft.read_bytes() == before
    assert target.read_bytes().startswith(HEADER)


@posix_only
@pytest.mark.parametrize("there", [True, False])
def test_rejected_rows_never_replace_a_link(there: bool, desk: Desk, people: Path) -> None:
    """`--rejects /dev/stdout` made a file of it, where standard output was one."""
    target, link = desk.files / "target.csv", desk.files / "link.csv"
    if there:
        target.touch()
    link.symlink_to(target)

    assert "which is a link" in desk.error("import", people, "--rejects", link, code=2)["message"]
    assert link.is_symlink()
    assert target.exists() == there
