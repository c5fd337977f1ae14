"""`wheel-kiosk doctor`: each planted fault is named with the line to type, and a machine without faults has none."""

import json
import shutil
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from kiosk.__main__ import main
from kiosk.commands.doctor.finding import Finding
from kiosk.commands.doctor.machine import ExaminedMachine, may_access
from kiosk.commands.doctor.report import examine, format_report
from kiosk.core.clock import ManualClock
from kiosk.core.home import Home
from kiosk.core.key_files import trust
from kiosk.core.source_status import SourceReport, SourcesStatus
from kiosk.intake.snapshot_files import KnownLists
from kiosk.ledger.ledger import Ledger
from kiosk.ledger.record import Note
from kiosk.supervise.health.machine import MachineHealth
from kiosk.supervise.health.report import Health
from tests.support import KEY, STRANGER, publish, snapshot

NOW = datetime(2026, 5, 4, 9, 30, tzinfo=UTC)


class Pi:
    """A Raspberry Pi on which everything is as it should be, until a fault is planted."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.home = Home(root / "home")
        for directory in (self.home.snapshots, self.home.trusted, self.home.secrets):
            directory.mkdir(parents=True)
            directory.chmod(0o750)
        trust(self.home.trusted, KEY.public)
        publish(self.home.snapshots, snapshot()).chmod(0o640)
        self.has("sys/class/drm/card1-HDMI-A-1/status", "connected")
        self.has("dev/dri/card1", "")
        self.has("dev/gpiochip0", "")
        self.has("proc/asound/cards", " 0 [vc4hdmi0       ]: vc4-hdmi - vc4-hdmi-0\n                      vc4-hdmi-0")
        self.has("proc/sys/fs/inotify/max_user_instances", "128")
        self.health: dict[str, Any] = {"last_frame_age_ms": 2000, "watcher_alive": True, "at": NOW}
        self.about: dict[str, Any] = {
            "environment": {},
            "now": NOW,
            "health": MachineHealth(
                temperature_c=50.0, throttled=False, undervoltage=False, disk_errors=0, disk_free_mb=9000
            ),
            "may": lambda path, rights: True,
            "user": "wheel-kiosk",
            "library": lambda name: True,
            "missing_glyphs": lambda text: "",
            "module": lambda name: True,
            "versions": "SDL 2",
            "service": "active",
        }

    def has(self, path: str, text: str) -> None:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def lacks(self, path: str) -> None:
        (self.root / path).unlink()

    def set(self, text: str) -> None:
        self.home.settings.write_text(text)

    def record(self, at: datetime) -> None:
        with_clock = Ledger(self.home.ledger, clock=ManualClock(utc=at), lists=KnownLists())
        with_clock.append(Note(text="x"))
        with_clock.close()

    def findings(self) -> list[Finding]:
        report = Health(
            at=self.health["at"].isoformat(),
            state="idle",
            generation=1,
            spins=0,
            last_spin_at="",
            last_frame_age_ms=self.health["last_frame_age_ms"],
            watcher_alive=self.health["watcher_alive"],
            pss_mb=60.0,
            uptime_s=9,
            notices=(),
            machine=MachineHealth(),
        )
        self.has("run/wheel-kiosk/health.json", msgspec.json.encode(report).decode())
        return examine(ExaminedMachine(home=self.home, root=self.root, **self.about))

    def machine(self, **changes: object) -> None:
        self.about["health"] = msgspec.structs.replace(self.about["health"], **changes)

    def denies(self, name: str) -> None:
        self.about["may"] = lambda path, rights: path.name != name


@pytest.fixture
def pi(tmp_path: Path) -> Pi:
    return Pi(tmp_path)


def test_where_nothing_is_wrong_nothing_is_found(pi: Pi) -> None:
    pi.set("button_pin = 17\n")
    pi.record(NOW - timedelta(hours=1))
    findings = pi.findings()

    assert [finding for finding in findings if finding.verdict != "ok"] == []
    assert {finding.about for finding in findings} == {
        *(
            "settings",
            "driver",
            "display",
            "fonts",
            "sound",
            "button",
            "clock",
            "disk",
            "power",
            "permissions",
            "trust",
        ),
        *("ledger", "service", "watcher"),
    }


def broken_ledger(pi: Pi) -> None:
    pi.record(NOW)
    pi.record(NOW)
    pi.home.ledger.write_bytes(pi.home.ledger.read_bytes().replace(b'"x"', b'"y"', 1))


def both(*deeds: Callable[[Pi], object]) -> Callable[[Pi], None]:
    def do(pi: Pi) -> None:
        for deed in deeds:
            deed(pi)

    return do


def trusts_nobody(pi: Pi) -> None:
    for path in pi.home.trusted.iterdir():
        path.unlink()


FAULTS: dict[str, tuple[Callable[[Pi], object], str, str, str]] = {
    "a wrong key": (
        lambda pi: pi.set("sounds = true\nrotation = 90\n"),
        *("settings", "line 2: unknown key rotation. Did you mean rotate?", "sudo nano"),
    ),
    "no driver": (
        lambda pi: pi.about.update(library=lambda name: name != "gbm"),
        *("driver", "libgbm1", "sudo apt-get install libgbm1"),
    ),
    "no display driver": (
        lambda pi: pi.lacks("dev/dri/card1"),
        "display",
        "no /dev/dri/card*",
        "dtoverlay=vc4-kms-v3d",
    ),
    "the TV is off": (
        lambda pi: pi.has("sys/class/drm/card1-HDMI-A-1/status", "disconnected"),
        *("display", "nothing is connected at card1-HDMI-A-1", "Switch the display on"),
    ),
    "not in the group video": (
        lambda pi: pi.denies("card1"),
        *("display", "wheel-kiosk may not use", "sudo usermod -aG video,render wheel-kiosk"),
    ),
    "no CJK fonts": (
        lambda pi: pi.about.update(missing_glyphs=lambda text: "漢" if "漢" in text else ""),
        *("fonts", "names in Chinese show as boxes", "sudo apt-get install fonts-noto-cjk"),
    ),
    "no lgpio": (
        both(lambda pi: pi.set("button_pin = 17\n"), lambda pi: pi.about.update(module=lambda name: name != "lgpio")),
        *("button", "not installed: lgpio", "sudo apt-get install python3-gpiozero python3-lgpio"),
    ),
    "no GPIO": (
        both(lambda pi: pi.set("button_pin = 17\n"), lambda pi: pi.lacks("dev/gpiochip0")),
        *("button", "this machine has no GPIO", "put a # before button_pin"),
    ),
    "the clock is back in 1970": (lambda pi: pi.record(NOW + timedelta(days=2)), "clock", "later than", "timedatectl"),
    "the disk is full": (lambda pi: pi.machine(disk_free_mb=12), "disk", "12 MB are left", "sudo apt-get clean"),
    "the disk is read-only": (lambda pi: pi.machine(disk_read_only=True), "disk", "read-only", "sudo reboot"),
    "the SD card dies": (lambda pi: pi.machine(disk_errors=3), "disk", "3 errors", "wheel-admin bundle"),
    "a weak power supply": (lambda pi: pi.machine(undervoltage=True), "power", "too weak", "own power supply"),
    "the kiosk cannot write": (
        lambda pi: pi.denies("kiosk"),
        *("permissions", "wheel-kiosk may not write its own files", "sudo systemd-tmpfiles --create"),
    ),
    "a list for everybody": (
        both(
            lambda pi: pi.home.snapshots.chmod(0o755),
            lambda pi: publish(pi.home.snapshots, snapshot()).chmod(0o644),
        ),
        *("permissions", "everybody on this machine may read", "sudo chmod o= "),
    ),
    "a secret for everybody": (
        both(lambda pi: pi.home.kiosk_key.write_text(""), lambda pi: pi.home.kiosk_key.chmod(0o644)),
        *("permissions", "must stay secret", "sudo chmod 600 "),
    ),
    "a stranger's list": (
        lambda pi: publish(pi.home.snapshots, snapshot(2), key=STRANGER).chmod(0o640),
        *("trust", "snapshot-000002.json is refused", "wheel-admin publish --force"),
    ),
    "no trusted key": (
        trusts_nobody,
        *("trust", "no key is trusted", "wheel-admin init --home"),
    ),
    "a changed ledger": (broken_ledger, "ledger", "line 2", "wheel-admin verify"),
    "it is not started": (
        lambda pi: pi.about.update(service="failed"),
        *("service", "it is failed", "sudo systemctl restart wheel-kiosk"),
    ),
    "the screen hangs": (
        lambda pi: pi.health.update(last_frame_age_ms=31_000),
        *("service", "no frame for 31 s", "sudo systemctl restart wheel-kiosk"),
    ),
    "its last report is old": (
        lambda pi: pi.health.update(at=NOW - timedelta(minutes=5)),
        *("service", "its last health report is 300 s old", "sudo systemctl restart wheel-kiosk"),
    ),
    "the watcher is dead": (
        lambda pi: pi.health.update(watcher_alive=False),
        *("watcher", "new lists do not arrive", "sudo systemctl restart wheel-kiosk"),
    ),
    "no inotify": (
        lambda pi: pi.has("proc/sys/fs/inotify/max_user_instances", "2"),
        *("watcher", "allows 2 watchers", "sudo sysctl --system"),
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_the_one_thing_found_and_has_its_remedy(fault: str, pi: Pi) -> None:
    plant, about, says, remedy = FAULTS[fault]
    plant(pi)
    wrong = [finding for finding in pi.findings() if finding.wrong]

    assert [finding.about for finding in wrong] == [about]
    assert says in wrong[0].found
    assert remedy in wrong[0].remedy


def test_without_a_sound_card_it_is_a_note_and_turned_off_it_is_fine(pi: Pi) -> None:
    pi.lacks("proc/asound/cards")
    assert [finding.about for finding in pi.findings() if finding.verdict == "note"] == ["sound"]
    pi.set("sounds = false\n")
    assert [finding.about for finding in pi.findings() if finding.verdict == "note"] == []


def test_a_check_that_fails_itself_is_a_finding_and_the_others_are_made(pi: Pi) -> None:
    def fails(name: str) -> bool:
        raise OSError("no such thing")

    pi.about["library"] = fails
    findings = pi.findings()

    assert [finding.found for finding in findings if finding.wrong] == ["the check failed: OSError('no such thing')"]
    assert {"settings", "display", "fonts", "ledger", "service"} <= {finding.about for finding in findings}


def test_every_remedy_stands_on_its_own_line_under_what_is_wrong(pi: Pi) -> None:
    pi.machine(disk_free_mb=12)
    lines = format_report(pi.findings(), as_json=False).splitlines()
    (at,) = [number for number, line in enumerate(lines) if "12 MB" in line]

    assert lines[at].startswith("WRONG disk")
    assert lines[at + 1].strip().startswith("-> sudo apt-get clean")
    assert lines[-1] == "1 problem found."


def test_on_this_machine_it_answers_with_one_json_object(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["doctor", "--json", "--home", str(tmp_path / "home")])
    findings = json.loads(capsys.readouterr().out)["findings"]

    assert code == 1  # there is no home
    assert {"display", "fonts", "permissions", "clock", "trust"} <= {finding["about"] for finding in findings}
    assert all(finding["remedy"] for finding in findings if finding["verdict"] == "wrong")


def test_a_home_that_was_never_made_is_told_with_the_line_that_makes_it(pi: Pi) -> None:
    shutil.rmtree(pi.home.root)
    told = {finding.about: finding for finding in pi.findings() if finding.wrong}

    assert told["permissions"].remedy.startswith(f"wheel-admin init --home {pi.home.root}")
    assert told["trust"].found == "no key is trusted: no list can be shown"


def test_a_ledger_that_cannot_be_read_is_told(pi: Pi) -> None:
    pi.home.ledger.mkdir()
    told = [finding.about for finding in pi.findings() if finding.wrong]

    assert told == ["ledger"]


def test_where_no_kiosk_runs_it_is_a_note(pi: Pi) -> None:
    pi.about["service"] = ""
    findings = examine(ExaminedMachine(home=pi.home, root=pi.root, **pi.about))

    assert [finding.found for finding in findings if finding.about == "service"] == ["no kiosk runs here"]


def test_the_services_user_is_asked_in_a_process_of_its_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The service's user has its own groups: only a process of its own can say what they may."""
    asked: list[list[str]] = []

    def run(command: list[str], **_options: object) -> subprocess.CompletedProcess[bytes]:
        asked.append(command)
        return subprocess.CompletedProcess(command, 1)

    monkeypatch.setattr("subprocess.run", run)
    assert not may_access("wheel-kiosk", tmp_path, "rw")
    assert asked[0][1:4] == ["-u", "wheel-kiosk", "--"]
    assert asked[0][-2:] == [str(tmp_path), "rw"]
    assert may_access("", tmp_path, "rwx")
    assert not may_access("", tmp_path / "nothing", "r")


@pytest.mark.parametrize(
    ("report", "verdict", "words"),
    [
        (SourceReport(url="sftp://hall/x", answered_at="2026-05-04T09:29:58Z"), "ok", "answered"),
        (SourceReport(url="sftp://hall/x", failing_since="2026-05-04T09:00:00Z", problem="No."), "wrong", "No."),
        (SourceReport(url="sftp://hall/x", refused=("snapshot-000002.json: Signed by x",)), "note", "Signed by x"),
        (None, "wrong", "does not run"),
    ],
)
def test_sources_are_asked_and_answered_or_said_not_to_be(
    report: SourceReport | None, verdict: str, words: str, tmp_path: Path
) -> None:
    pi = Pi(tmp_path)
    assert [finding for finding in pi.findings() if finding.about == "sources"] == []
    pi.set('[[source]]\nurl = "sftp://hall/x"\n')
    if report is not None:
        pi.home.fetch.mkdir()
        pi.home.fetch_status.write_bytes(msgspec.json.encode(SourcesStatus(at=NOW.isoformat(), sources=(report,))))
    [found] = [finding for finding in pi.findings() if finding.about == "sources"]

    assert found.verdict == verdict
    assert words in found.found
