"""A stick as transport: signed files only, results for a stick that asks, nothing half when it is pulled."""

import errno
import os
from pathlib import Path

import pytest

from kiosk.core.clock import ManualClock
from kiosk.core.source_status import read_sources_status
from kiosk.fetcher.__main__ import main
from kiosk.fetcher.stick import RESULTS_FOLDER, take_stick, write_results
from kiosk.fetcher.transport.folder import Folder
from tests.kiosk.fetcher.test_results import LEDGER, Kiosk
from tests.kiosk.fetcher.world import Publisher, check_home, new_home
from tests.support import KEY, STRANGER, snapshot


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    path = tmp_path / "stick"
    path.mkdir()
    return path


@pytest.mark.parametrize("folder", ["", "wheel"])
def test_a_list_on_a_stick_is_taken(folder: str, tmp_path: Path, stick: Path) -> None:
    home = new_home(tmp_path / "home")
    Publisher(Folder(stick / folder).write).publish(snapshot(4))

    assert take_stick(home, stick, ManualClock()).placed == 2
    assert home.snapshot(4).exists()
    shown = read_sources_status(home.stick_status)
    assert shown is not None
    assert shown.sources[0].placed == 2
    assert take_stick(home, stick, ManualClock()).placed == 0


def test_unsigned_files_and_keys_on_a_stick_are_refused(tmp_path: Path, stick: Path) -> None:
    home = new_home(tmp_path / "home")
    Publisher(Folder(stick).write).publish(snapshot(4), key=STRANGER)
    (stick / "key.pem").write_bytes(STRANGER.public.pem())
    (stick / "people.xlsx").write_bytes(b"PK")

    report = take_stick(home, stick, ManualClock())
    assert report.placed == 0
    assert "trust" in report.refused[0]
    assert [path.read_bytes() for path in home.trusted.iterdir()] == [KEY.public.pem()]
    assert list(home.snapshots.iterdir()) == []


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no FIFOs on Windows")
def test_links_and_fifos_on_a_stick_are_not_opened(tmp_path: Path, stick: Path) -> None:
    home = new_home(tmp_path / "home")
    (stick / "snapshot-000001.json").symlink_to("/etc/passwd")
    os.mkfifo(stick / "snapshot-000002.json")
    os.mkfifo(stick / "index.json")

    assert take_stick(home, stick, ManualClock()).placed == 0
    assert list(home.snapshots.iterdir()) == []


def test_results_go_to_a_stick_that_has_the_folder_for_them_only(tmp_path: Path, stick: Path) -> None:
    kiosk = Kiosk(tmp_path / "home")
    assert write_results(kiosk.home, stick, ManualClock()) == ""
    assert list(stick.iterdir()) == []
    (stick / RESULTS_FOLDER).mkdir()
    assert write_results(kiosk.home, stick, ManualClock()) == "Results are sent."
    assert (stick / RESULTS_FOLDER / LEDGER).read_bytes() == kiosk.home.ledger.read_bytes()


def test_a_stick_that_is_pulled_between_two_files_leaves_a_whole_home(tmp_path: Path, stick: Path) -> None:
    home = new_home(tmp_path / "home")
    publisher = Publisher(Folder(stick).write)
    publisher.publish(snapshot(1))
    for name in sorted(publisher.files):
        kept = {path: path.read_bytes() for path in stick.iterdir()}
        (stick / name).unlink()
        take_stick(home, stick, ManualClock())
        check_home(home)
        for path, data in kept.items():
            path.write_bytes(data)
    assert take_stick(home, stick, ManualClock()).problem == ""
    assert home.snapshot(1).exists()


@pytest.mark.parametrize("error", [errno.EIO, errno.EACCES])
def test_a_stick_that_cannot_be_read_any_more_is_a_problem_and_no_crash(
    error: int, tmp_path: Path, stick: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = new_home(tmp_path / "home")
    original = os.stat

    def stat(path: str | Path, **more: bool) -> os.stat_result:
        if str(path).startswith(str(stick)):
            raise OSError(error, os.strerror(error))
        return original(path, **more)

    monkeypatch.setattr(os, "stat", stat)
    assert main(["--home", str(home.root), "--stick", str(stick)]) == 7
    assert main(["--home", str(home.root), "--stick-results", str(stick)]) == 0
    shown = read_sources_status(home.stick_status)
    assert shown is not None
    assert shown.sources[0].problem == "The stick cannot be read."


def test_a_stick_is_wanted_only_if_the_settings_say_so(tmp_path: Path) -> None:
    home = new_home(tmp_path / "home")
    wanted = ["--home", str(home.root), "--stick-wanted"]
    assert main(wanted) == 1
    home.settings.write_text("stick = true\n")
    assert main(wanted) == 0
