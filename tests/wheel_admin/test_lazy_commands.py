"""A command imports what it needs and no more: together, all of them take longer to import than most to run."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.core import TyperGroup

from tests.wheel_admin.conftest import Desk
from wheel_admin.cli import app as command_line
from wheel_admin.cli.command_table import COMMANDS
from wheel_admin.cli.lazy_commands import Row, Unloaded
from wheel_admin.importing.columns.header_words import WORDS, folded_words

ROOT = Path(__file__).resolve().parents[2]
SLOW = (
    "openpyxl",
    "python_calamine",
    "rich",
    "pygame",
    "cryptography",
    "email",
    "fsspec",
    "aiohttp",
    "wheel_admin.importing.rows",
    "wheel_admin.importing.reader_client",
    "wheel_admin.publishing.targets",
    "kiosk.fetcher.transport",
)
"""What is slow to import, and what only some commands need."""


def rows(commands: tuple[Row, ...] = COMMANDS) -> Iterator[Row]:
    for row in commands:
        yield row
        yield from rows(row.commands)


def loaded(code: str, *names: str) -> str:
    """Run code in a fresh interpreter; returns which of these modules it has imported then."""
    said = f"\nprint('loaded:', *(name for name in {names!r} if name in sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", f"import sys\n{code}{said}"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return done.stdout.rpartition("loaded:")[2].strip()


def running(*arguments: object) -> str:
    return f"from wheel_admin.cli.app import run\nrun({[str(one) for one in arguments]!r})"


@pytest.mark.parametrize("row", list(rows()), ids=lambda row: row.name)
def test_a_summary_in_the_table_is_what_the_command_says_of_itself(row: Row) -> None:
    command, listed = Unloaded(row).loaded(), Unloaded(row)

    assert " ".join((command.help or "").split("\n\n")[0].split()) == row.summary
    assert command.get_short_help_str() == listed.get_short_help_str()
    assert (command.name, command.hidden, command.deprecated) == (listed.name, listed.hidden, listed.deprecated)


def test_the_help_is_the_same_once_every_command_is_imported(capsys: pytest.CaptureFixture[str]) -> None:
    def whole(group: TyperGroup) -> TyperGroup:
        for name, command in group.commands.items():
            if isinstance(command, Unloaded):
                group.commands[name] = command.loaded()
        return group

    for group in [command_line.build_app(), *(Unloaded(row).loaded() for row in COMMANDS if row.commands)]:
        assert isinstance(group, TyperGroup)
        group(["--help"], standalone_mode=False)
        before = capsys.readouterr().out
        whole(group)(["--help"], standalone_mode=False)

        assert capsys.readouterr().out == before
        assert "Commands" in before


@pytest.mark.parametrize("arguments", [["--help"], ["shw"], ["prizes", "--help"], ["prizes", "imprt"]], ids=" ".join)
def test_help_and_hints_import_no_command(arguments: list[str]) -> None:
    modules = {f"wheel_admin.commands.{row.place.partition(':')[0]}" for row in rows() if row.place}

    assert loaded(running(*arguments), *sorted(modules)) == ""


@pytest.mark.slow
@pytest.mark.parametrize("command", [["show"], ["status"], ["title", "Gala"], ["undo"], ["list"]], ids=" ".join)
def test_a_command_without_a_file_loads_nothing_that_reads_or_sends_one(desk: Desk, command: list[str]) -> None:
    own = {"wheel_admin.publishing.targets", "kiosk.fetcher.transport"} if command == ["status"] else set()

    assert loaded(running(*command, "--home", desk.home.root), *(name for name in SLOW if name not in own)) == ""


@pytest.mark.slow
def test_publishing_loads_no_reader_of_files_and_no_table(desk: Desk) -> None:
    desk.do("entries", "add", "0042", "Ana")
    own = {"wheel_admin.importing.rows", "wheel_admin.publishing.targets", "kiosk.fetcher.transport"}

    assert loaded(running("publish", "--home", desk.home.root), *(name for name in SLOW if name not in own)) == ""


@pytest.mark.slow
def test_what_judges_rows_waits_until_the_file_is_being_read() -> None:
    names = ("wheel_admin.importing.rows.intake", "wheel_admin.importing.plan.prize_sheet")

    assert loaded("import wheel_admin.commands.draft.import_files", *names) == ""
    assert loaded("from wheel_admin.importing import file_import\nfile_import._import_judges()", *names).count(" ") == 1


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "started"), [(["import", "--help"], False), (["show"], False), (["import"], True)]
)
def test_only_an_import_starts_a_reading_process(arguments: list[str], started: bool) -> None:
    code = f"from wheel_admin.__main__ import _reads_files\nassert _reads_files({arguments!r}) is {started}"

    assert loaded(code, "wheel_admin.cli.app", "wheel_admin.importing.reader_client") == ""


@pytest.mark.slow
def test_the_reading_process_loads_no_reader_of_text_before_there_is_one() -> None:
    code = "from wheel_admin.importing import reader_process\nreader_process.spreadsheet.prepare()"
    names = ("charset_normalizer", "xlrd", "wheel_admin.importing.readers.text_file")

    assert loaded(code, *names) == ""
    assert loaded(code, "python_calamine", "wheel_admin.importing.readers.xlsx").count(" ") == 1


_PREPARED = "from wheel_admin.importing import reader_process as r\nr._load_utilities()\nr.spreadsheet.prepare()"


@pytest.mark.slow
def test_the_reading_process_loads_of_openpyxl_only_its_utilities() -> None:
    assert loaded(_PREPARED, "openpyxl.workbook", "openpyxl.styles") == ""
    assert loaded(_PREPARED, "openpyxl.utils.cell", "openpyxl.utils.datetime").count(" ") == 1


@pytest.mark.slow
def test_the_reading_process_loads_all_of_an_openpyxl_whose_utilities_need_it() -> None:
    code = f"import sys\nsys.modules['openpyxl.utils.datetime'] = None\n{_PREPARED}"

    assert loaded(code, "openpyxl.workbook", "wheel_admin.importing.readers.xlsx").count(" ") == 1


def test_the_words_of_headers_are_written_as_they_are_compared() -> None:
    for line in WORDS.read_text("utf-8").splitlines():
        if not line.startswith("#"):
            for field in line.split(" | ")[1:]:
                for phrase in field.split(": ", 1)[1].split(", "):
                    assert " ".join(folded_words(phrase)) == phrase
