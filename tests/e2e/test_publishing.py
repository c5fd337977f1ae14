"""How a published list reaches a running kiosk, with real processes and real files."""

import signal
from pathlib import Path

import msgspec
import pytest

from kiosk.core.durable import write_atomic
from kiosk.core.home import Home
from kiosk.supervise.run_report import RunReport
from tests.e2e.processes import (
    PATIENCE_S,
    admin,
    people,
    published_home,
    records,
    running_kiosk,
    status,
    verify,
    wait_for,
)
from wheel_admin.cli.app import run as admin_here

pytestmark = pytest.mark.slow


def publish_titled(home: Home, title: str) -> None:
    admin(home.root, "title", title)
    admin(home.root, "publish", "--yes")


def shows(home: Home, generation: int) -> None:
    wait_for(lambda: status(home).generation == generation, f"generation {generation} on screen")


def test_every_list_published_in_idle_comes_on_screen(tmp_path: Path) -> None:
    home = published_home(tmp_path, people(3000))
    report = tmp_path / "report.json"
    with running_kiosk(home, "--report", str(report)) as kiosk:
        for generation in range(2, 9):
            publish_titled(home, f"List {generation}")
            shows(home, generation)
        kiosk.send_signal(signal.SIGTERM)
        assert kiosk.wait(PATIENCE_S) == 0
    adoptions = msgspec.json.decode(report.read_bytes(), type=RunReport).adoptions
    assert [adoption.generation for adoption in adoptions] == [*range(2, 9)]
    assert all(adoption.ms > adoption.busy_ms > 0 for adoption in adoptions)  # `make bench` says how long it takes


def test_a_spin_is_left_alone_by_publishing_and_the_newest_list_follows(tmp_path: Path) -> None:
    home = published_home(tmp_path, people(30))
    during_spin = 1
    with running_kiosk(home, "--spins", "1") as kiosk:
        wait_for(lambda: bool(records(home, "result")), "the spin")
        for generation in range(2, 12):
            assert admin_here(["publish", "--force", "--home", str(home.root)]) == 0
            if records(home, "shown"):  # a busy machine may take longer than the spin
                break
            during_spin = generation
        kiosk.wait(PATIENCE_S)
    assert during_spin > 1, "no list was published during the spin: nothing was tested"
    spin, after = records(home)[:4], records(home)[4:]
    assert [record["type"] for record in spin] == ["adopt", "open", "result", "shown"]
    assert [record["type"] for record in after] == ["adopt"] * len(after)
    assert after[0]["generation"] >= during_spin  # the lists between the first and the newest are skipped
    assert spin[3]["duration_ms"] >= 11_000
    assert status(home).generation == after[-1]["generation"]
    assert verify(home).returncode == 0


def test_a_bad_newest_file_is_refused_with_a_visible_reason_while_the_good_one_stays(tmp_path: Path) -> None:
    home = published_home(tmp_path, people(30))
    publish_titled(home, "Second")
    good = home.snapshot(2).read_bytes()
    stranger = published_home(tmp_path / "elsewhere", people(30))
    publish_titled(stranger, "Second")
    publish_titled(stranger, "Third")
    altered = good.replace(b'"payload":"eyJ', b'"payload":"eyK')
    assert altered != good
    bad = {
        "truncated": good[: len(good) // 2],
        "altered": altered,
        "signed by a stranger": stranger.snapshot(3).read_bytes(),
        "too large": good + b" " * (9 << 20),
        "named otherwise": good,
    }
    with running_kiosk(home):
        assert status(home).generation == 2
        for number, (what, content) in enumerate(bad.items(), start=3):
            write_atomic(home.snapshot(number), content)
            name = home.snapshot(number).name
            wait_for(lambda name=name: any(r["file"] == name for r in records(home, "refused")), f"{what}: refusal")  # type: ignore[misc]
            wait_for(lambda name=name: any(name in notice for notice in status(home).notices), f"{what}: notice")  # type: ignore[misc]
            assert status(home).generation == 2, what
            home.snapshot(number).unlink()
        wait_for(lambda: not status(home).notices, "the notices to go")
    reasons = [record["reason"] for record in records(home, "refused")]
    assert len(reasons) == len(set(reasons)) == len(bad)


def test_an_older_generation_put_back_is_refused_also_after_a_restart(tmp_path: Path) -> None:
    home = published_home(tmp_path, people(30))
    publish_titled(home, "Second")
    with running_kiosk(home):
        home.snapshot(2).unlink()
        wait_for(lambda: bool(records(home, "refused")), "the refusal")
        assert status(home).generation == 2
    with running_kiosk(home):
        assert status(home).generation == 2, "the kiosk keeps a copy of what it adopted"
    assert "older" in records(home, "refused")[0]["reason"]
    admin(home.root, "republish", "1")
    with running_kiosk(home):
        shows(home, 3)
    assert verify(home).returncode == 0
