"""An evening of prizes, from a workbook to its close, through the real programs; the verifier passes at every step."""

import json
from pathlib import Path
from typing import Any

import pytest

from kiosk.core.home import Home
from tests.e2e.evening_workbook import PEOPLE, workbook
from tests.e2e.processes import admin, records, running_kiosk, simulate, verify, wait_for

pytestmark = pytest.mark.slow


def do(home: Home, *arguments: str) -> Any:
    """Run a command with --json, and return its answer."""
    return json.loads(admin(home.root, *arguments, "--json"))


def passes(home: Home) -> str:
    """Verify; returns the last line."""
    done = verify(home)
    assert done.returncode == 0, done.stdout
    return done.stdout.splitlines()[-1]


def test_an_evening_from_a_workbook_to_its_close_passes_the_verifier(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    admin(home.root, "init", "--no-passphrase")
    admin(home.root, "title", "Summer party")
    answer = do(home, "import", str(workbook(tmp_path / "evening.xlsx")))
    assert (answer["entries"], answer["prizes"]) == (PEOPLE, 5)
    admin(home.root, "rules", "set", "--win-once", "event")
    assert do(home, "publish")["standing"] == "first list"

    simulate(home, 4)  # the bike and the hampers
    assert passes(home).startswith("SIGNED up to record")
    with running_kiosk(home):
        do(home, "claim", "city-bike", "1", "absent")
        do(home, "claim", "hamper", "2", "confirmed")
        wait_for(lambda: len(records(home, "claim")) == 2, "the claims")
    admin(home.root, "entries", "rename", "E0007", "Guest Number 7")
    assert do(home, "prizes", "add", "Door prize", "--quantity", "2", "--per-press", "2")["refused"] == []
    assert do(home, "publish")["standing"] == "correction"

    simulate(home, 5)  # the bike again, 50 mugs, 10 days off, the trips, their reserves
    assert passes(home).startswith("SIGNED up to record")
    with running_kiosk(home):
        moved = do(home, "claim", "weekend-trip", "1", "absent")
        assert moved["reserve"] == 3
        wait_for(lambda: len(records(home, "claim")) == 3, "the promotion")
    simulate(home, 1)  # the door prize
    report = do(home, "report", "-o", str(tmp_path / "report.html"))
    accounts = {one["prize"]: one for one in report["accounts"]}
    assert [accounts["mug"][name] for name in ("total", "held", "open")] == [50, 50, 0]
    assert [accounts["weekend-trip"][name] for name in ("total", "held", "spent")] == [5, 4, 1]
    assert all(
        one["total"] == sum(one[name] for name in ("held", "confirmed", "collected", "open", "spent"))
        for one in report["accounts"]
    )
    places = [(record["prize"], record["places"]) for record in records(home, "open")]
    assert len(places) == 10
    assert ("mug", ",".join(map(str, range(1, 51)))) in places
    assert [winner for record in records(home, "result") for winner in record["winners"]].count("E0007") <= 1

    with running_kiosk(home):
        closed = do(home, "event", "close", "-o", str(tmp_path / "out"))
    assert closed["verdict"]["sentence"].endswith("event closed")
    assert passes(home) == closed["verdict"]["sentence"]
    left = [path for path in home.root.rglob("*") if path.is_file() and b"Guest Number" in path.read_bytes()]
    assert left == []
