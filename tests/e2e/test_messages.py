"""Entropy, withdrawals and absences, from one real process to another."""

import subprocess
from hashlib import sha256
from pathlib import Path

import pytest

from tests.e2e.processes import (
    PATIENCE_S,
    ROOT,
    admin,
    environment,
    kiosk_command,
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
    home = published_home(tmp_path, people(8), ["entropy", "plan", "dice"])
    with running_kiosk(home):
        wait_for(lambda: bool(records(home, "adopt")), "the list")
        admin(home.root, "entropy", "dice:3.1.6.6.2.4.1.5.2.2")
        wait_for(lambda: bool(records(home, "entropy")), "the entropy")
        admin(home.root, "withdraw", "E0003", "--reason", "asked to be left out")
        wait_for(lambda: bool(records(home, "withdraw")), "the withdrawal")
        wait_for(lambda: status(home).left == 7, "the wheel without it")
        admin(home.root, "entropy", "dice:6.6.6", code=4)
        request = next(home.snapshots.glob("request-*.json"))
        altered = home.snapshots / "request-0123456789abcdef.json"
        altered.write_bytes(request.read_bytes().replace(b'"sig":"', b'"sig":"AAAA'))
        wait_for(lambda: bool(records(home, "refused")), "the refusal")
        wait_for(lambda: any(f"{altered.name} refused" in one for one in status(home).notices), "the notice")
    simulate(home, 2)
    with running_kiosk(home):
        admin(home.root, "absent")
        wait_for(lambda: bool(records(home, "claim")), "the absence")

    entropy = sha256(b"dice:3.1.6.6.2.4.1.5.2.2\n").hexdigest()
    assert [record["entropy"] for record in records(home, "open")] == [entropy] * 2
    (claim,) = records(home, "claim")
    assert [claim["ticket"]] == records(home, "result")[1]["winners"]
    assert claim["state"] == "absent"
    assert all("E0003" not in record["winners"] for record in records(home, "result"))
    done = verify(home)
    assert done.returncode == 0, done.stdout
    assert "level: live, if you were there" in done.stdout
    assert done.stdout.splitlines()[-1] == f"SIGNED up to record {len(records(home))}, event open"
    anchor, head = records(home, "adopt")[0]["anchor"], sha256(home.ledger.read_bytes().split(b"\n")[-2]).hexdigest()
    told = admin(home.root, "verify", "--seen", anchor, "--seen", head, "--require", "witnessed")
    assert "level: live\n" in told
    assert told.splitlines()[-1].startswith("WITNESSED up to record ")


def test_a_kiosk_whose_list_waits_for_entropy_does_not_spin(tmp_path: Path) -> None:
    home = published_home(tmp_path, people(8), ["entropy", "plan", "dice"])
    report = tmp_path / "report.json"
    command = kiosk_command(
        home, "--window", "800x480", "--clock", "simulated", "--spins", "1", "--report", str(report)
    )
    done = subprocess.run(command, cwd=ROOT, env=environment(), capture_output=True, text=True, check=False)

    assert done.returncode == 4
    assert "Waiting for public entropy: dice." in done.stderr
    assert not records(home, "open")


def test_a_kiosk_whose_ledger_lost_its_end_does_not_start(tmp_path: Path) -> None:
    home = published_home(tmp_path, people(4))
    simulate(home, 2)
    lines = home.ledger.read_bytes().splitlines(keepends=True)
    home.ledger.write_bytes(b"".join(lines[:-3]))

    done = verify(home)
    assert done.returncode == 1
    assert done.stdout.splitlines()[-1] == "BROKEN"
    with running_kiosk(home) as process:
        assert process.wait(PATIENCE_S) == 8
    assert home.ledger.read_bytes() == b"".join(lines[:-3])
