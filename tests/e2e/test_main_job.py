"""From an Excel file to a verified winner, with real files and real processes."""

import os
from pathlib import Path

import pygame
import pytest

from kiosk.core.home import Home
from kiosk.supervise.run_report import SpinReport
from tests.e2e.processes import admin, people, published_home, records, run_kiosk, simulate, verify
from verify import verify_draw as verifier

pytestmark = pytest.mark.slow


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return published_home(tmp_path, people(40), ["title", "Village fair"])


def test_an_imported_list_is_spun_recorded_and_verified(home: Home, tmp_path: Path) -> None:
    pictures = tmp_path / "pictures"
    report = simulate(home, 1, "--screenshots", str(pictures))

    (spin,) = report.spins
    (result,) = records(home, "result")
    assert spin.mode == "natural"
    assert spin.ticket == spin.under_pointer == result["winners"][0]
    assert [record["type"] for record in records(home)] == ["adopt", "open", "result", "shown"]
    assert report.entries == 40
    assert report.snapshot == records(home, "adopt")[0]["snapshot"]
    verdict = verify(home)
    assert verdict.returncode == 0, verdict.stdout
    for name in ("idle", "spinning", "settled"):
        picture = pygame.image.load(pictures / f"{name}.png")
        assert picture.get_size() == (800, 480)
        assert len({tuple(picture.get_at((x, 240))) for x in range(800)}) > 10, f"{name}.png is nearly empty"


def test_a_spin_in_real_time_takes_eleven_seconds_or_longer(home: Home) -> None:
    """How much longer is one frame; how long a frame takes is for `make bench` to say, on an idle machine."""
    report = run_kiosk(home, "--spins", "1")
    (spin,) = report.spins
    assert spin.duration_ms >= 11_000
    assert spin.ticket == spin.under_pointer


def test_a_hundred_fixed_spins_land_on_their_ticket(tmp_path: Path) -> None:
    tickets = [f"E{1 + 7 * number % 40:04d}" for number in range(100)]
    steps = [f"fixed:{ticket}:rehearsal {number}" for number, ticket in enumerate(tickets)]
    home = published_home(tmp_path, people(40), ["winners", "keep"], ["spins", "mixed", *steps, "--then", "stop"])

    report = simulate(home, 100)

    assert [spin.ticket for spin in report.spins] == tickets
    assert [spin.under_pointer for spin in report.spins] == tickets
    assert {spin.mode for spin in report.spins} == {"fixed"}
    assert verify(home).returncode == 0


def test_fifty_spins_of_every_kind_verify_and_no_changed_byte_does(tmp_path: Path) -> None:
    home = ledger_of_fifty_spins(tmp_path)
    results = records(home, "result")
    assert len(results) == 50
    assert {result["mode"] for result in results} == {"natural", "fixed"}
    assert any(result["fallback"] for result in results)
    verdict = verify(home)
    assert verdict.returncode == 0, verdict.stdout
    untouched = home.ledger.read_bytes()
    last = untouched.rstrip(b"\n").rfind(b"\n") + 1
    step = int(os.environ.get("WHEEL_BYTE_STEP", "67"))
    survivors = []
    for at in range(0, last, step):  # WHEEL_BYTE_STEP=1 changes every byte, in some ten minutes
        home.ledger.write_bytes(untouched[:at] + bytes([untouched[at] ^ 1]) + untouched[at + 1 :])
        if verifier.main([str(home.root), "--json", "--require", "consistent"]) == 0:
            survivors.append(at)
    assert survivors == [], "changed bytes that nobody noticed"


def ledger_of_fifty_spins(directory: Path) -> Home:
    """Make 50 spins of three events: natural with weights, fixed, mixed with fallbacks; winners kept and removed."""
    home = published_home(directory, people(40), ["winners", "remove"])
    spins: list[SpinReport] = []
    spins += simulate(home, 10).spins
    spins += simulate(home, 10).spins  # the same list after a restart: goes on with spin 11
    admin(home.root, "event", "new")
    admin(home.root, "winners", "keep")
    admin(home.root, "spins", "fixed", "E0007", "--reason", "drawn by a notary on 1 May")
    admin(home.root, "publish", "--yes")
    spins += simulate(home, 5).spins
    admin(home.root, "event", "new")
    admin(home.root, "winners", "remove")
    admin(home.root, "spins", "mixed", "natural", "fixed:E0003:a rehearsal", "natural", "--then", "repeat")
    admin(home.root, "publish", "--yes")
    spins += simulate(home, 12).spins
    spins += simulate(home, 13).spins
    assert [spin.spin for spin in spins] == [*range(1, 21), *range(1, 6), *range(1, 26)]
    assert all(spin.ticket == spin.under_pointer for spin in spins)
    return home
