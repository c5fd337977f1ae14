"""Names that are no UTF-8, as Unix allows them: what was done is answered as done, and nothing is done twice."""

import json
from pathlib import Path

import pytest

from tests.wheel_admin.conftest import Desk, Outcome, posix_only
from wheel_admin.cli.app import run

pytestmark = posix_only
ODD = "odd\udcff"
"""The byte FF, as Python reads it from a command line."""
SPELT = "odd\\udcff"


def in_odd_home(desk: Desk, *arguments: str | Path) -> Outcome:
    """Run a command in a home of such a name."""
    desk.capture.readouterr()
    code = run([*map(str, arguments), "--home", str(desk.files / ODD), "--json"], reader=desk.reader)
    captured = desk.capture.readouterr()
    return Outcome(code, captured.out, captured.err)


def test_a_home_of_such_a_name_is_made_and_the_answer_is_json(desk: Desk) -> None:
    made = in_odd_home(desk, "init")

    assert made.code == 0, made
    assert made.json["home"].endswith(SPELT)
    assert made.out.encode()
    assert (desk.files / ODD / "admin").is_dir()


def test_start_in_a_home_of_such_a_name_answers_that_it_is_done(desk: Desk) -> None:
    people = desk.text("people.csv", "Ticket,Name\n1,Ana Ruiz\n2,Bo Lee\n")
    started = in_odd_home(desk, "start", people)

    assert started.code == 0, started
    assert started.json["published"]["generation"] == 1
    assert SPELT in started.json["published"]["file"]


@pytest.mark.parametrize("more", [[], ["--force"]])
def test_a_manifest_in_a_directory_of_such_a_name_is_answered(more: list[str], desk: Desk) -> None:
    desk.do("entries", "add", "1", "Ana Ruiz")
    answer = desk.do("publish", "--yes", "--public", desk.files / ODD, *more)

    assert answer["manifest"].endswith(f"{SPELT}/public-000001.json")
    assert (desk.files / ODD / "public-000001.json").exists()


@pytest.mark.parametrize(
    ("target", "told"),
    [(ODD, "not valid UTF-8"), ("https://example.org/lists", "web server"), ("~nosuch-user/lists", "no such user")],
)
def test_a_target_that_cannot_be_is_refused_before_anything_is_published(target: str, told: str, desk: Desk) -> None:
    desk.do("entries", "add", "1", "Ana Ruiz")

    assert told in desk.error("publish", "--yes", "--to", target, code=2)["message"]
    assert not desk.home.snapshot(1).exists()


@pytest.mark.parametrize("name", ["people.xlsx", "people.csv"])
@pytest.mark.parametrize("option", ["--sheet", "--encoding"])
def test_no_sheet_and_no_encoding_has_such_a_name(option: str, name: str, desk: Desk) -> None:
    rows = [("Ticket", "Name"), ("1", "Ana Ruiz")]
    path = desk.workbook(name, rows) if name.endswith("x") else desk.text(name, "Ticket,Name\n1,Ana Ruiz\n")
    error = desk.error("import", path, option, ODD, code=2)

    assert error["message"] == f'{option} "{SPELT}" is not valid UTF-8: no sheet and no encoding is called that.'
    assert json.dumps(error, ensure_ascii=False).encode()
