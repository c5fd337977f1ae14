"""Power cuts, and machines that lack something."""

import os
import signal
import subprocess
from pathlib import Path

import pytest

from kiosk.core.home import Home
from tests.e2e.processes import (
    PATIENCE_S,
    ROOT,
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


def test_a_spin_cut_off_by_a_kill_is_finished_after_the_restart_with_the_same_winner(tmp_path: Path) -> None:
    home = published_home(tmp_path, people(30), ["winners", "remove"])
    with running_kiosk(home, "--spins", "1") as kiosk:
        wait_for(lambda: bool(records(home, "result")), "the spin")
        kiosk.send_signal(signal.SIGKILL)
    decided = records(home, "result")
    assert not records(home, "shown")

    report = simulate(home, 1)

    assert [spin.resumed for spin in report.spins] == [True, False]
    assert report.spins[0].ticket == report.spins[0].under_pointer == decided[0]["winners"][0]
    assert [result["spin"] for result in records(home, "result")] == [1, 2]
    assert verify(home).returncode == 0


def test_a_newer_list_waits_until_the_interrupted_spin_is_finished(tmp_path: Path) -> None:
    home = published_home(tmp_path, people(30))
    with running_kiosk(home, "--spins", "1") as kiosk:
        wait_for(lambda: bool(records(home, "result")), "the spin")
        kiosk.send_signal(signal.SIGKILL)
    from tests.e2e.test_publishing import publish_titled

    publish_titled(home, "Second")
    with running_kiosk(home):
        wait_for(lambda: len(records(home, "adopt")) == 2, "the newer list")
    assert [record["type"] for record in records(home)] == ["adopt", "open", "result", "shown", "adopt"]
    assert verify(home).returncode == 0


def test_without_any_list_the_sample_names_are_shown_and_their_spins_are_no_draws(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    report = simulate(home, 2)
    assert [spin.mode for spin in report.spins] == ["demo", "demo"]
    assert report.generation == 0
    assert records(home) == []
    assert verify(home).returncode == 2, "there is nothing to verify"


def test_a_second_kiosk_on_the_same_home_is_refused(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    with running_kiosk(home):
        _fails(kiosk_command(home, "--spins", "1"), code=5, says="already running")
        assert status(home).state == "idle"


@pytest.mark.parametrize(
    ("arguments", "changes", "code", "says"),
    [
        (["--window", "800x480"], {"SDL_VIDEODRIVER": "x11", "DISPLAY": ":9999"}, 9, "no display"),
        (["--window", "800x480", "--backend", "gpu"], {}, 9, "--backend auto"),
        (["--window", "80x48"], {}, 2, "too small"),
        (["--window", "huge"], {}, 2, "WIDTHxHEIGHT"),
        (["--spins", "0"], {}, 2, "at least 1"),
    ],
)
def test_what_is_missing_is_said_in_one_line(
    tmp_path: Path, arguments: list[str], changes: dict[str, str], code: int, says: str
) -> None:
    _fails(kiosk_command(Home(tmp_path / "home"), *arguments), code=code, says=says, changes=changes)


def test_a_home_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    blocked = tmp_path / "home"
    blocked.write_text("a file where the directory should be")
    _fails(kiosk_command(Home(blocked), "--spins", "1"), code=7, says=str(blocked))


def test_a_broken_ledger_stops_the_kiosk_and_names_the_line(tmp_path: Path) -> None:
    home = published_home(tmp_path, people(4))
    simulate(home, 1)
    lines = home.ledger.read_bytes().split(b"\n")
    lines[1] = lines[1].replace(b'"spin":1', b'"spin":2')
    home.ledger.write_bytes(b"\n".join(lines))
    _fails(kiosk_command(home, "--spins", "1"), code=8, says="line 2")


def test_no_sound_device_is_no_problem(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    with running_kiosk(home, SDL_AUDIODRIVER="alsa", AUDIODEV="none"):
        assert status(home).state == "idle"


def test_a_list_of_one_winner_each_ends_with_a_clear_message(tmp_path: Path) -> None:
    home = published_home(tmp_path, people(2), ["winners", "remove"])
    _fails(
        kiosk_command(home, "--window", "800x480", "--clock", "simulated", "--fps", "2", "--spins", "3"),
        code=4,
        says="Everybody on this list has won",
    )
    assert verify(home).returncode == 0


def _fails(command: list[str], *, code: int, says: str, changes: dict[str, str] | None = None) -> None:
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=environment(**(changes or {})),
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_S,
    )
    assert done.returncode == code, done.stderr
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_nothing_of_a_kiosk_is_left_running(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    with running_kiosk(home) as kiosk:
        kiosk.send_signal(signal.SIGTERM)
        assert kiosk.wait(PATIENCE_S) == 0
    with pytest.raises(ProcessLookupError):
        os.kill(kiosk.pid, 0)
    assert not list(home.kiosk.rglob(".*.tmp"))
