"""`wheel-admin draws export`: every spin and withdrawal is in the file, and opening it runs nothing."""

import csv
import io
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from openpyxl import load_workbook

from tests.wheel_admin.conftest import Desk
from tests.wheel_admin.room import room_of
from wheel_admin.commands.results.export import COLUMNS
from wheel_admin.importing.formulas import as_csv, inert, inert_in_csv

EVIL = ["=1+1", "+1", "-2+3", "@SUM(1)", "\t=1", '=HYPERLINK("http://x")', "＝1"]


@pytest.fixture
def drawn(desk: Desk) -> Desk:
    rows = "".join(f"T{number};=cmd|' /C calc'!A{number}\n" for number in range(4))
    desk.do("import", desk.text("people.csv", "Ticket;Name\n" + rows))
    desk.do("publish")
    with room_of(desk) as room:
        room.adopt()
        room.spin()
        desk.do("absent")
        room.look()
        left = room.session.pool().tickets[0]
        desk.do("withdraw", left, "--reason", "=asked to")
        room.look()
        room.spin()
    return desk


def cells_of(path: Path) -> list[list[str]]:
    if path.suffix == ".csv":
        return list(csv.reader(io.StringIO(path.read_bytes().decode("utf-8-sig"))))
    sheet = load_workbook(path).active
    assert sheet is not None
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)
    return [["" if cell is None else str(cell) for cell in row] for row in sheet.iter_rows(values_only=True)]


@pytest.mark.parametrize("name", ["draws.csv", "draws.xlsx"])
def test_every_spin_and_withdrawal_is_a_row_by_time(drawn: Desk, name: str) -> None:
    path = drawn.files / name

    assert drawn.do("draws", "export", path)["rows"] == 3
    header, *rows = cells_of(path)

    assert tuple(header) == COLUMNS
    assert [row[1] for row in rows] == ["spin", "withdrawal", "spin"]
    by_column = [dict(zip(header, row, strict=True)) for row in rows]
    assert [row["State"] for row in by_column] == ["absent", "", "held"]
    assert [row["Place"] for row in by_column] == ["1", "", "2"]
    assert [row["Place now"] for row in by_column] == ["", "", "2"]
    assert by_column[1]["Reason"] == "'=asked to"
    assert all(row["Name"].startswith("'=cmd") for row in by_column)


@pytest.mark.slow
def test_both_formats_say_the_same(drawn: Desk) -> None:
    for name in ("draws.csv", "draws.xlsx"):
        drawn.do("draws", "export", drawn.files / name)

    assert cells_of(drawn.files / "draws.csv") == cells_of(drawn.files / "draws.xlsx")


def test_draws_shows_what_was_withdrawn_and_why(drawn: Desk) -> None:
    said = drawn.run("draws").out

    assert "withdrawn: =asked to" in said
    assert "absent" in said
    assert "2 results in the ledger" in said


def test_another_ending_is_refused(desk: Desk, people: Callable[[int], Path]) -> None:
    assert ".csv" in desk.error("draws", "export", desk.files / "draws.ods", code=2)["message"]


@pytest.mark.parametrize("text", EVIL)
def test_a_text_that_looks_like_a_formula_gets_an_apostrophe(text: str) -> None:
    assert inert(text) == "'" + text
    assert str(inert_in_csv(text)).startswith("'")


@pytest.mark.parametrize("text", ["Anne-Marie O'Hara", "a+b", "x=1", "mail@example.org", "3 - 2", "a; b"])
def test_an_ordinary_text_is_written_as_it_is(text: str) -> None:
    assert inert(text) == inert_in_csv(text) == text


@pytest.mark.parametrize("text", EVIL)
@pytest.mark.parametrize("before", ["x;", 'x;"', "x; ", "x\t", "x|", "x,", ' "', "x;;"])
def test_a_formula_behind_a_character_that_some_locale_splits_at_is_inert_too(text: str, before: str) -> None:
    begins = runs(as_csv(["Name"], [[before + text]]).decode("utf-8-sig"))

    assert begins == []


FORMULAS = ("=", "+", "-", "@", "＝", "＋", "－", "＠")


def runs(written: str) -> list[str]:
    """Return the cells of a CSV file's text that would run, for a program that splits at any delimiter and quote."""
    parts = [part for delimiter in ";,|\t" for line in written.splitlines() for part in line.split(delimiter)]
    for delimiter in ";,|\t":
        parts += [cell for row in csv.reader(io.StringIO(written, newline=""), delimiter=delimiter) for cell in row]
    return [part for part in parts if part.lstrip(' "\t\r\n').startswith(FORMULAS)]


letters = st.text(st.sampled_from("=+-@;,|\t \"'ax＝\r\n"), max_size=12) | st.text()


@example(cells=["\x1e="])
@example(cells=["a\u2028=1+1"])
@given(st.lists(letters, min_size=1, max_size=4))
def test_no_cell_of_any_reading_of_a_file_begins_like_a_formula(cells: list[str]) -> None:
    assert runs(as_csv(["Name"] * len(cells), [cells]).decode("utf-8-sig")) == []


def test_rejected_rows_are_guarded_as_strictly_as_exported_ones(desk: Desk) -> None:
    desk.text("people.csv", "Ticket,Name\nT1,Ana\nT1,＝1+1;=2+2\n" + 'T1,"x;=1+1"\n,=1\n')
    desk.run("import", desk.files / "people.csv", "--rejects", desk.files / "rejected.csv")

    written = (desk.files / "rejected.csv").read_bytes().decode("utf-8-sig")
    assert len(written.splitlines()) == 4
    assert runs(written) == []
