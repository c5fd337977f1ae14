"""The systemd unit: hardened, understood by systemd, and in agreement with the program that it starts."""

import configparser
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from kiosk.config.command_line import RunOptions, parse
from kiosk.config.settings import ENVIRONMENT_PREFIX, KEYS
from kiosk.core.clock import NS_PER_S
from kiosk.loop import PRESENT_AGAIN_NS
from kiosk.supervise.heartbeat import BEAT_NS

SYSTEMD = Path(__file__).resolve().parents[2] / "systemd"
UNIT = "wheel-kiosk.service"
MOST_EXPOSURE = 1.5

needs_analyze = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None and "WHEEL_REQUIRE_SYSTEMD" not in os.environ, reason="no systemd-analyze"
)


def unit(name: str) -> configparser.ConfigParser:
    """Read a unit; of a key that is there several times, all values, one a line."""

    class Lines(dict[str, str]):
        def __setitem__(self, key: str, value: str | list[str]) -> None:
            if isinstance(value, list) and key in self and isinstance(self[key], list):
                self[key].extend(value)  # type: ignore[attr-defined]
            else:
                super().__setitem__(key, value)  # type: ignore[assignment]

    parser = configparser.ConfigParser(strict=False, interpolation=None, dict_type=Lines, delimiters="=")
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read(SYSTEMD / name)
    return parser


def analyze(*arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(["systemd-analyze", *arguments], capture_output=True, text=True, check=False, timeout=600)


@needs_analyze
def test_the_service_is_exposed_to_1_5_at_most() -> None:
    found = analyze("security", "--offline=yes", "--threshold=100", str(SYSTEMD / UNIT))
    overall = re.search(r"Overall exposure level for \S+: ([\d.]+)", found.stdout)

    assert overall is not None, found.stderr
    assert float(overall[1]) <= MOST_EXPOSURE


@needs_analyze
def test_systemd_understands_every_line_of_the_unit(tmp_path: Path) -> None:
    # The program is not installed here, so another one takes its place.
    text = re.sub(r"/opt/wheel-kiosk/current/bin/\S+|/usr/bin/setterm", "/bin/true", (SYSTEMD / UNIT).read_text())
    (tmp_path / UNIT).write_text(text)
    found = analyze("verify", "--man=no", str(tmp_path / UNIT))
    ours = [line for line in found.stderr.splitlines() if "wheel-" in line]

    assert ours == []


@needs_analyze
def test_verify_does_find_a_line_that_systemd_does_not_understand(tmp_path: Path) -> None:
    (tmp_path / "wheel-bad.service").write_text("[Service]\nExecStart=/bin/true\nWatchdogSecs=30\n")
    assert "WatchdogSecs" in analyze("verify", "--man=no", str(tmp_path / "wheel-bad.service")).stderr


@needs_analyze
@pytest.mark.parametrize("name", ["wheel-fetch.service", "wheel-stick@.service"])
def test_the_fetchers_units_are_exposed_to_2_at_most(name: str) -> None:
    found = analyze("security", "--offline=yes", "--threshold=100", str(SYSTEMD / name))
    overall = re.search(r"Overall exposure level for \S+: ([\d.]+)", found.stdout)

    assert overall is not None, found.stderr
    assert float(overall[1]) <= 2.0


@needs_analyze
def test_systemd_understands_every_line_of_the_fetchers_units(tmp_path: Path) -> None:
    for name in ("wheel-fetch.service", "wheel-fetch.path", "wheel-stick@.service"):
        text = re.sub(r"/opt/wheel-kiosk/(current/bin|share)/\S+", "/bin/true", (SYSTEMD / name).read_text())
        (tmp_path / name.replace("@", "@sda1")).write_text(text)
    found = analyze("verify", "--man=no", *map(str, sorted(tmp_path.iterdir())))

    assert [line for line in found.stderr.splitlines() if "wheel-" in line] == []


@pytest.mark.parametrize("name", ["wheel-fetch.service", "wheel-stick@.service"])
def test_the_fetcher_sees_no_secret_and_writes_lists_only(name: str) -> None:
    found = unit(name)["Service"]
    writable = {path.lstrip("-") for path in found["ReadWritePaths"].split()} - {
        "/run/wheel-stick",
        "/var/lib/wheel-lists",
    }

    assert found["User"] == "wheel-fetch"
    assert writable == {"/var/lib/wheel-kiosk/snapshots", "/var/lib/wheel-kiosk/fetch"}
    assert found["TemporaryFileSystem"].startswith("/var/lib/wheel-kiosk/admin:ro")
    for secret in ("secrets", "secrets-2", "kiosk-key.pem"):
        assert f"-/var/lib/wheel-kiosk/kiosk/{secret}" in found["InaccessiblePaths"].split()


def test_a_stick_starts_a_unit_that_has_no_network_and_asks_whether_it_is_wanted() -> None:
    found = unit("wheel-stick@.service")["Service"]

    assert found["PrivateNetwork"] == "yes"
    assert found["ExecCondition"].endswith("wheel-fetch --stick-wanted")
    assert "wheel-stick@" in (SYSTEMD / "61-wheel-stick.rules").read_text()
    script = (SYSTEMD / "wheel-stick").read_text()
    assert "safe=nosuid,nodev,noexec" in script
    assert script.count("$safe") == 4


def test_the_script_that_mounts_a_stick_may_open_no_other_disk() -> None:
    """Found in the virtual Pi: the policy for devices is the unit's, so a "+" before a command does not lift it."""
    found = unit("wheel-stick@.service")["Service"]

    assert found["DevicePolicy"] == "closed"
    assert found["DeviceAllow"] == "/dev/%I rw"


def test_a_stick_is_mounted_where_every_process_sees_it() -> None:
    """Found in the virtual Pi: systemd gives a command with "+" mounts of its own where the unit has a sandbox."""
    text = (SYSTEMD / "wheel-stick@.service").read_text()
    commands = [line for line in text.splitlines() if "share/wheel-stick" in line]

    assert len(commands) == 3
    assert all("+" in line and "nsenter --mount=/proc/1/ns/mnt /opt/" in line for line in commands)


def test_the_fetcher_may_enter_the_directory_that_a_stick_is_mounted_below(tmp_path: Path) -> None:
    """Found in the virtual Pi: the script ran with the unit's umask, 0027."""
    tools = tmp_path / "bin"
    tools.mkdir()
    for name, prints in (("blkid", "vfat"), ("mount", "")):
        (tools / name).write_text(f"#!/bin/sh\necho {prints}\n")
        (tools / name).chmod(0o755)
    directory = tmp_path / "run" / "sda1"
    subprocess.run(
        ["bash", str(SYSTEMD / "wheel-stick"), "mount", "/dev/x", str(directory)],
        env={**os.environ, "PATH": f"{tools}:{os.environ['PATH']}"},
        umask=int(unit("wheel-stick@.service")["Service"]["UMask"], 8),
        check=True,
    )

    assert directory.parent.stat().st_mode & 0o005 == 0o005
    assert directory.stat().st_mode & 0o005 == 0o005


def test_the_watchdog_waits_for_several_beats() -> None:
    longest_silence_s = (PRESENT_AGAIN_NS + BEAT_NS) / NS_PER_S
    assert int(unit(UNIT)["Service"]["WatchdogSec"]) >= 3 * longest_silence_s


def test_the_kiosk_is_started_again_after_any_exit_and_never_given_up() -> None:
    found = unit(UNIT)

    assert found["Service"]["Restart"] == "always"
    assert found["Unit"]["StartLimitIntervalSec"] == "0"
    assert found["Service"]["Type"] == "notify"


def test_the_command_that_the_unit_runs_is_one_that_the_program_knows() -> None:
    program, *arguments = unit(UNIT)["Service"]["ExecStart"].split()

    assert program == "/opt/wheel-kiosk/current/bin/wheel-kiosk"
    options = parse(arguments)
    assert isinstance(options, RunOptions)
    assert (options.wait_display, options.log_format, options.window) == (True, "json", None)


def test_every_setting_in_the_units_environment_is_a_key() -> None:
    text = (SYSTEMD / UNIT).read_text()
    variables = re.findall(rf"{ENVIRONMENT_PREFIX}(\w+)=", text)

    assert len(variables) == 2
    assert {variable.lower() for variable in variables} <= set(KEYS)


def test_the_kiosk_has_no_network_and_may_write_its_own_directory_only() -> None:
    found = unit(UNIT)["Service"]

    assert found["IPAddressDeny"] == "any"
    assert "AF_INET" not in found["RestrictAddressFamilies"]
    assert found["ReadWritePaths"] == "/var/lib/wheel-kiosk/kiosk"
    assert found["ProtectSystem"] == "strict"


def test_drivers_of_allowed_devices_are_loaded_before_the_kiosk_starts() -> None:
    """Found in the virtual Pi: a kiosk that was quicker than the display's driver never saw the display."""
    found = unit(UNIT)
    allowed = found["Service"]["DeviceAllow"].splitlines()
    modules = {"char-drm rw": "drm", "char-alsa rw": "snd"}  # input and GPIO are built into the kernels of a Pi

    assert {"char-drm rw", "char-alsa rw", "char-input rw", "char-gpiochip rw"} <= set(allowed)
    for device, module in modules.items():
        assert device in allowed
        assert f"modprobe@{module}.service" in found["Unit"]["Wants"].split()
        assert f"modprobe@{module}.service" in found["Unit"]["After"].split()
