"""Entropy, withdrawals and absences, from one real process to another."""

from pathlib import Path

import pytest

from tests.e2e.processes import (
    PATIENCE_S,
    admin,
    people,
    published_home,
    records,
    running_kiosk,
    simulate,
    status,
    verify,
    wait_for,
)

pytestmark = pytest.mark.slow


def test_what_the_organiser_hands_in_reaches_the_ledger_of_a_running_kiosk(tmp_path: Path) -> None:
    home = published_home(tmp_path, people(8))
    with running_kiosk(home):
        wait_for(lambda: bool(records(home, "adopt")), "the list")
        admin(home.root, "entropy", "dice:3.1.6.6.2.4.1.5.2.2")
        wait_for(lambda: bool(records(home, "entropy")), "the entropy")
        admin(home.root, "withdraw", "E0003", "--reason", "asked to be left out")
        wait_for(lambda: bool(records(home, "withdraw")), "the withdrawal")
        wait_for(lambda: status(home).left == 7, "the wheel without it")
        admin(home.root, "entropy", "dice:6.6.6", code=4)
        home.entropy(1).write_bytes(home.entropy(1).read_bytes().replace(b'"sig":"', b'"sig":"AAAA'))
        wait_for(lambda: bool(records(home, "refused")), "the refusal")
        wait_for(lambda: any("entropy-000001.json refused" in one for one in status(home).notices), "the notice")
    simulate(home, 2)
    with running_kiosk(home):
        admin(home.root, "absent")
        wait_for(lambda: bool(records(home, "absent")), "the absence")

    assert [record["entropy"] for record in records(home, "open")] == ["dice:3.1.6.6.2.4.1.5.2.2"] * 2
    assert records(home, "absent")[0]["ticket"] == records(home, "result")[1]["ticket"]
    assert "E0003" not in {record["ticket"] for record in records(home, "result")}
    done = verify(home)
    assert done.returncode == 0, done.stdout
    assert "level: witnessed" in done.stdout
    assert "signatures: CHECKED" in done.stdout
    assert done.stdout.endswith("\nSIGNED\n")


def test_a_kiosk_whose_ledger_lost_its_end_does_not_start(tmp_path: Path) -> None:
    home = published_home(tmp_path, people(4))
    simulate(home, 2)
    lines = home.ledger.read_bytes().splitlines(keepends=True)
    home.ledger.write_bytes(b"".join(lines[:-3]))

    done = verify(home)
    assert done.returncode == 1
    assert "not in the ledger: " in done.stdout
    assert "checkpoint 2: record 7 of the ledger is not the one that was signed" in done.stdout
    with running_kiosk(home) as process:
        assert process.wait(PATIENCE_S) == 8
    assert home.ledger.read_bytes() == b"".join(lines[:-3])
