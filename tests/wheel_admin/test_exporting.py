"""`wheel-admin draws export`: every spin and withdrawal is in the file, and opening it runs nothing."""

import csv
import io
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from tests.wheel_admin.conftest import Desk
from tests.wheel_admin.test_messages import Room
from wheel_admin.commands.results.export import COLUMNS, as_csv, neutralised

EVIL = ["=1+1", "+1", "-2+3", "@SUM(1)", "\t=1", '=HYPERLINK("http://x")', "＝1"]


@pytest.fixture
def drawn(desk: Desk) -> Desk:
    rows = "".join(f"T{number};=cmd|' /C calc'!A{number}\n" for number in range(4))
    desk.do("import", desk.text("people.csv", "Ticket;Name\n" + rows))
    desk.do("publish")
    room = Room(desk)
    room.adopt()
    room.spin()
    desk.do("absent")
    room.look()
    left = room.session.pool().tickets[0]
    desk.do("withdraw", left, "--reason", "=asked to")
    room.look()
    room.spin()
    room.ledger.close()
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
    assert [row[11] for row in rows] == ["yes", "", "no"]
    assert rows[1][9] == "'=asked to"
    assert all(row[8].startswith("'=cmd") for row in rows)


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
    assert neutralised(text) == "'" + text


@given(st.text())
def test_no_cell_of_a_file_begins_like_a_formula(text: str) -> None:
    written = as_csv([(neutralised(text),)]).decode("utf-8-sig")
    cell = list(csv.reader(io.StringIO(written, newline="")))[1]

    assert not "".join(cell).startswith(("=", "+", "-", "@", "\t", "\r"))
