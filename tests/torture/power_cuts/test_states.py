"""The power goes in the middle of every job: nothing that was promised is lost, nothing torn is believed.

All states' bytes are looked at here; the programs are started on a sample of them. `python -m
tests.torture.power_cuts` starts
them on all.
"""

import os
from functools import cache

import pytest

from tests.torture.power_cuts import __main__ as command
from tests.torture.power_cuts.disk import ChangeMode
from tests.torture.power_cuts.enumeration import Recording, Tally, examine, kills, record
from tests.torture.power_cuts.scenarios import JOBS

pytestmark = pytest.mark.slow

EVERY = 60
"""The programs are started on one state in so many."""
KILLS = 5
"""Moments at which each job is killed."""

every_job = pytest.mark.parametrize("name", [job.name for job in JOBS])


@cache
def recording_of(name: str) -> Recording:
    return record(next(job for job in JOBS if job.name == name))


@every_job
def test_after_a_power_cut_every_promise_is_kept_and_the_programs_go_on(name: str) -> None:
    found = examine(recording_of(name), every=EVERY)

    assert found.bad == []
    assert found.started >= len(found.states) // (2 * EVERY)


@every_job
def test_after_a_kill_a_second_start_and_a_power_cut_too(name: str) -> None:
    found = Tally()
    for again in kills(recording_of(name), most=KILLS):
        found.add(examine(again, every=EVERY, fine=False))

    assert found.bad == []
    assert found.states


@pytest.mark.parametrize("umask", [0, 0o077])
def test_a_files_mode_is_durable_with_it_whatever_the_umask(umask: int) -> None:
    """Under a narrow umask a file is created narrower than it should be, and widened before it gets its name."""
    before = os.umask(umask)
    try:
        recording = record(next(job for job in JOBS if job.name == "publish"))
        found = examine(recording, every=EVERY)
    finally:
        os.umask(before)

    assert any(isinstance(operation, ChangeMode) for operation in recording.operations)
    assert found.bad == []


def test_at_least_ten_thousand_distinct_states_are_looked_at(capsys: pytest.CaptureFixture[str]) -> None:
    """The command prints the figures; here it starts no programs."""
    assert command.main(["--every", "1000000000", "--kills", "0", "--workers", "1"]) == 0

    last = capsys.readouterr().out.splitlines()[-1]
    assert int(last.split()[0]) >= command.LEAST_STATES
    assert " 0 bad" in last


def test_the_command_fails_when_a_state_is_bad(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = Tally(states={b"one"}, started=1, bad=["prune: something is torn"])
    monkeypatch.setattr(command, "figures", lambda *_: command.Figures(1, 1, bad, Tally()))

    assert command.main(["--workers", "1", "prune"]) == 1
    assert "BAD  prune: something is torn" in capsys.readouterr().out


def test_two_processes_find_what_one_finds(capsys: pytest.CaptureFixture[str]) -> None:
    said = []
    for workers in ("1", "2"):
        assert command.main(["--kills", "3", "--workers", workers, "import", "prune"]) == 0
        said.append(capsys.readouterr().out.rpartition(";")[0])

    assert said[0] == said[1]


def test_too_few_states_are_no_enumeration(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(command, "figures", lambda *_: command.Figures(1, 1, Tally(states={b"one"}), Tally()))

    assert command.main(["--workers", "1"]) == 1
    assert "FAIL  fewer than" in capsys.readouterr().out


def test_an_unknown_job_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        command.main(["lunch"])
    assert "no job 'lunch'" in capsys.readouterr().err
