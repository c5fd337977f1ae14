"""health.json and its twin for Prometheus: what a Pi tells, and that what it does not tell is null."""

import json
import logging
import os
import threading
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.supervise.health.files import HealthFiles
from kiosk.supervise.health.machine import MachineHealth, read_machine
from kiosk.supervise.health.prometheus import prometheus
from kiosk.supervise.health.report import Health

GOOD = Health(
    at="2026-05-04T09:30:00.000Z",
    state="idle",
    generation=3,
    spins=7,
    last_spin_at="",
    last_frame_age_ms=1500,
    watcher_alive=True,
    pss_mb=61.5,
    uptime_s=90,
    notices=("one",),
    machine=MachineHealth(temperature_c=51.2, throttled=False, undervoltage=True, disk_errors=None),
)


class FakePi:
    """A /sys with what a Raspberry Pi has there."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.home = root / "home"
        self.home.mkdir(parents=True)

    def has(self, path: str, text: str) -> None:
        file = self.root / "sys" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text + "\n")

    def machine(self) -> MachineHealth:
        return read_machine(self.home, root=self.root)


@pytest.fixture
def pi(tmp_path: Path) -> FakePi:
    return FakePi(tmp_path)


def test_a_machine_that_tells_nothing_is_null_but_for_its_disk(pi: FakePi) -> None:
    found = pi.machine()

    assert found == MachineHealth(disk_read_only=False, disk_free_mb=found.disk_free_mb)
    assert found.disk_free_mb is not None


def test_the_temperature_is_in_degrees(pi: FakePi) -> None:
    pi.has("class/thermal/thermal_zone0/temp", "48312")
    assert pi.machine().temperature_c == 48.3


@pytest.mark.parametrize("where", ["soc/soc:firmware", "soc@107c000000/soc@107c000000:firmware", "soc-firmware"])
@pytest.mark.parametrize(
    ("flags", "now", "since_boot"),
    [
        ("0", (False, False), (False, False)),
        ("50005", (True, True), (True, True)),
        ("50000", (False, False), (True, True)),
        ("80008", (False, True), (False, True)),
        ("1", (True, False), (False, False)),
    ],
)
def test_undervoltage_and_throttling_are_the_firmwares_bits(
    where: str, flags: str, now: tuple[bool, bool], since_boot: tuple[bool, bool], pi: FakePi
) -> None:
    pi.has(f"devices/platform/{where}/get_throttled", flags)
    found = pi.machine()

    assert (found.undervoltage, found.throttled) == now
    assert (found.undervoltage_since_boot, found.throttled_since_boot) == since_boot


def test_without_the_firmwares_bits_the_voltage_monitor_tells(pi: FakePi) -> None:
    pi.has("class/hwmon/hwmon0/name", "cpu_thermal")
    pi.has("class/hwmon/hwmon1/name", "rpi_volt")
    pi.has("class/hwmon/hwmon1/in0_lcrit_alarm", "1")
    assert pi.machine().undervoltage is True


def test_disk_errors_are_those_of_the_homes_own_file_system(pi: FakePi) -> None:
    device = pi.home.stat().st_dev
    block = pi.root / "sys/devices/mmc0/mmcblk0/mmcblk0p2"
    block.mkdir(parents=True)
    (pi.root / "sys/dev/block").mkdir(parents=True)
    (pi.root / f"sys/dev/block/{os.major(device)}:{os.minor(device)}").symlink_to(block)
    pi.has("fs/ext4/mmcblk0p2/errors_count", "4")
    pi.has("fs/ext4/sda1/errors_count", "9")

    assert pi.machine().disk_errors == 4


@pytest.mark.slow
@given(st.binary(max_size=20))
def test_nonsense_from_the_machine_is_null_and_no_error(content: bytes) -> None:
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as directory:
        pi = FakePi(Path(directory))
        for path in ("class/thermal/thermal_zone0/temp", "devices/platform/soc/soc:firmware/get_throttled"):
            pi.has(path, "")
            (pi.root / "sys" / path).write_bytes(content)
        assert isinstance(pi.machine(), MachineHealth)


def test_both_files_are_written_whole_and_for_everybody(tmp_path: Path) -> None:
    files = HealthFiles(lambda: GOOD, health=tmp_path / "health.json", metrics=tmp_path / "wheel.prom")
    files.write()

    assert msgspec.json.decode((tmp_path / "health.json").read_bytes(), type=Health) == GOOD
    assert (tmp_path / "health.json").stat().st_mode & 0o777 == 0o644
    assert (tmp_path / "wheel.prom").read_text() == prometheus(GOOD)
    assert len(list(tmp_path.iterdir())) == 2


def test_the_metrics_are_what_prometheus_reads(tmp_path: Path) -> None:
    lines = prometheus(GOOD).splitlines()
    values = dict(line.rsplit(" ", 1) for line in lines if not line.startswith("#"))

    assert values['wheel_kiosk_state{state="idle"}'] == "1"
    assert values['wheel_kiosk_state{state="spinning"}'] == "0"
    assert values["wheel_kiosk_last_frame_age_seconds"] == "1.5"
    assert values["wheel_kiosk_pss_bytes"] == "61500000"
    assert values["wheel_kiosk_undervoltage"] == "1"
    assert not any("disk_errors" in line for line in lines)  # a value that is not known is left out
    for name in (line.split("{")[0].split(" ")[0] for line in lines if not line.startswith("#")):
        assert f"# TYPE {name} {'counter' if name.endswith('_total') else 'gauge'}" in lines


def test_before_the_first_frame_there_is_nothing_to_write(tmp_path: Path) -> None:
    HealthFiles(lambda: None, health=tmp_path / "health.json", metrics=None).write()
    assert not list(tmp_path.iterdir())


def test_a_disk_that_refuses_is_logged_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    files = HealthFiles(lambda: GOOD, health=tmp_path / "gone" / "health.json", metrics=None)
    with caplog.at_level(logging.WARNING):
        files.write()
        files.write()
        assert len(caplog.records) == 1
        (tmp_path / "gone").mkdir()
        files.write()
    assert json.loads((tmp_path / "gone" / "health.json").read_text())["spins"] == 7


def test_the_thread_outlives_a_report_that_fails_and_stops_when_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    calls, done = [0], threading.Event()

    def report() -> Health:
        calls[0] += 1
        if calls[0] == 1:
            raise RuntimeError("once")
        done.set()
        return GOOD

    files = HealthFiles(report, health=tmp_path / "health.json", metrics=None, every_s=0.001)
    files.start()
    assert done.wait(10)
    files.stop()

    assert "health could not be reported" in caplog.text
    assert not [thread for thread in threading.enumerate() if thread.name == "health"]
