"""The backup Pi, with real processes: it goes on where the first one stopped, and the first one is told apart."""

import base64
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from kiosk.core.home import Home
from kiosk.core.key_files import kiosk_id
from tests.e2e.processes import (
    ROOT,
    admin,
    environment,
    people,
    published_home,
    records,
    running_kiosk,
    simulate,
    verify,
    wait_for,
)

pytestmark = pytest.mark.slow

PASSPHRASE = "correct horse battery staple"  # noqa: S105 - everybody's


def wheel_admin(home: Path, *arguments: str, code: int = 0) -> str:
    """Run `wheel-admin` with the bundle's passphrase; returns what it said, on both streams."""
    done = subprocess.run(
        [sys.executable, "-m", "wheel_admin", *arguments, "--home", str(home)],
        cwd=ROOT,
        env=environment(WHEEL_BUNDLE_PASSPHRASE=PASSPHRASE),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code, f"{done.stdout}\n{done.stderr}"
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A kiosk that has drawn twice, with a theme and a setting of its own. To be copied, not to be used."""
    home = published_home(tmp_path_factory.mktemp("drawn"), people(30), ["winners", "remove"])
    simulate(home, 2)
    home.settings.write_text('theme = "ours.toml"\nsounds = false\n')
    (home.kiosk / "ours.toml").write_text('[texts]\npress = "Los!"\n')
    return home


@pytest.fixture
def first(drawn: Home, tmp_path: Path) -> Home:
    return Home(shutil.copytree(drawn.root, tmp_path / "first"))


def restored(first: Home, directory: Path) -> Home:
    bundle, second = directory / "backup.wheel", Home(directory / "second")
    wheel_admin(first.root, "bundle", "-o", str(bundle))
    wheel_admin(second.root, "restore", str(bundle))
    return second


def results(home: Home) -> list[tuple[int, str]]:
    return [(record["spin"], record["winners"][0]) for record in records(home, "result")]


def test_the_second_goes_on_at_the_same_spin_and_the_verifier_passes(first: Home, tmp_path: Path) -> None:
    second = restored(first, tmp_path)
    report = simulate(second, 1)

    assert [spin.spin for spin in report.spins] == [3]
    assert results(second)[:2] == results(first)
    assert verify(second).returncode == 0, verify(second).stdout
    assert "\nSIGNED up to record " in verify(second).stdout
    assert second.settings.read_text() == first.settings.read_text()
    assert (second.kiosk / "ours.toml").exists()


def test_the_second_is_another_kiosk_and_says_so_before_it_draws(first: Home, tmp_path: Path) -> None:
    second = restored(first, tmp_path)
    ids = [kiosk_id(home.kiosk_key) for home in (first, second)]
    count = len(records(first))
    record = records(second)[count]

    assert ids[0] != ids[1]
    assert (record["type"], record["from"], record["to"]) == ("restored", *ids)
    envelope = json.loads(second.checkpoints.read_text().splitlines()[-1])
    last = json.loads(base64.b64decode(envelope["payload"]))
    assert (last["seq"], last["kiosk"]) == (count + 1, ids[1])


def test_a_fork_of_two_kiosks_is_found_and_both_have_the_same_winner(first: Home, tmp_path: Path) -> None:
    """The same winner, for the secrets are committed: restoring again and again rolls no dice."""
    second = restored(first, tmp_path)
    simulate(second, 1)
    told = wheel_admin(second.root, "verify", "--against", str(first.root))
    assert "NO FORK: one goes on from the other" in told

    simulate(first, 1)
    assert verify(first).returncode == verify(second).returncode == 0  # each alone is flawless
    count = len(records(second)) - 4
    told = wheel_admin(second.root, "verify", "--against", str(first.ledger), code=1)
    assert f"FORK at record {count + 1}" in told
    found: dict[str, Any] = json.loads(
        wheel_admin(first.root, "verify", "--against", str(second.root), "--json", code=1)
    )
    assert found["relation"] == "fork"
    assert found["ours"]["spins"] == found["theirs"]["spins"] == [f"3 {results(first)[2][1]}"]


def test_heads_that_the_first_kiosk_signs_later_count_for_nothing_on_the_second(first: Home, tmp_path: Path) -> None:
    """Its key counts until the record that names the second one; --against finds what both drew."""
    second = restored(first, tmp_path)
    simulate(first, 1)
    theirs = first.checkpoints.read_text().splitlines(keepends=True)[-1]
    with second.checkpoints.open("a") as checkpoints:
        checkpoints.write(theirs)

    told = verify(second)
    assert told.returncode == 0, told.stdout
    assert "1 lines of checkpoints were ignored" in told.stdout


def test_a_spin_that_was_interrupted_is_finished_on_the_second_with_the_same_winner(tmp_path: Path) -> None:
    first = published_home(tmp_path, people(30), ["winners", "remove"])
    with running_kiosk(first, "--spins", "1") as kiosk:
        wait_for(lambda: bool(records(first, "result")), "the spin")
        kiosk.kill()
    second = restored(first, tmp_path)
    report = simulate(second, 1)

    assert [(spin.spin, spin.resumed) for spin in report.spins] == [(1, True), (2, False)]
    assert report.spins[0].ticket == results(first)[0][1]
    assert verify(second).returncode == 0, verify(second).stdout


def test_a_kiosk_that_showed_sample_names_takes_a_bundle_and_one_that_drew_does_not(
    first: Home, tmp_path: Path
) -> None:
    """On an installed Pi the wheel runs, with sample names, before anybody restores anything."""
    second = Home(tmp_path / "second")
    simulate(second, 1)
    own = kiosk_id(second.kiosk_key)
    restored(first, tmp_path)
    assert kiosk_id(second.kiosk_key) == own
    assert list(second.kiosk.glob("before-restore-*/ledger.jsonl"))
    assert [spin.spin for spin in simulate(second, 1).spins] == [3]

    before = second.ledger.read_bytes()
    told = wheel_admin(second.root, "restore", str(tmp_path / "backup.wheel"), code=4)
    assert "has a ledger of its own" in told
    assert second.ledger.read_bytes() == before


def test_a_restore_that_was_cut_off_can_be_done_again(first: Home, tmp_path: Path) -> None:
    second = restored(first, tmp_path)
    second.ledger.unlink()  # it is written last
    second.checkpoints.unlink()
    wheel_admin(second.root, "restore", str(tmp_path / "backup.wheel"))
    assert [spin.spin for spin in simulate(second, 1).spins] == [3]


def test_a_running_kiosk_and_a_home_with_another_list_are_left_alone(first: Home, tmp_path: Path) -> None:
    bundle = tmp_path / "backup.wheel"
    wheel_admin(first.root, "bundle", "-o", str(bundle))
    second = Home(tmp_path / "second")
    with running_kiosk(second):
        assert "Stop it first" in wheel_admin(second.root, "restore", str(bundle), code=5)
    third = tmp_path / "third"
    admin(third, "init", "--no-passphrase")
    key = (third / "admin" / "signing-key.pem").read_bytes()
    assert "is not what the bundle holds" in wheel_admin(third, "restore", str(bundle), code=4)
    assert (third / "admin" / "signing-key.pem").read_bytes() == key


def test_a_bundle_is_the_owners_alone_and_needs_a_passphrase_worth_the_name(first: Home, tmp_path: Path) -> None:
    wheel_admin(first.root, "bundle", "-o", str(tmp_path / "b.wheel"))
    assert (tmp_path / "b.wheel").stat().st_mode & 0o777 == 0o600
    os.environ.pop("WHEEL_BUNDLE_PASSPHRASE", None)
    assert "no terminal to ask on" in admin_error(first, {}, tmp_path)
    assert "shorter than 8" in admin_error(first, {"WHEEL_BUNDLE_PASSPHRASE": "short"}, tmp_path)


def admin_error(home: Home, variables: dict[str, str], directory: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "wheel_admin", "bundle", "-o", str(directory / "x.wheel"), "--home", str(home.root)],
        cwd=ROOT,
        env=environment(**variables),
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 2
    return done.stderr
