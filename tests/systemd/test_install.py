"""The installer, as far as it can be tested without installing; `make vm-test` tests the rest."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

SYSTEMD = Path(__file__).resolve().parents[2] / "systemd"
INSTALL = SYSTEMD / "install.sh"


def install(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        ["bash", str(INSTALL), *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
        env={**os.environ, **environment},
    )


@pytest.mark.slow
@pytest.mark.skipif(
    shutil.which("shellcheck") is None and "WHEEL_REQUIRE_SYSTEMD" not in os.environ, reason="no shellcheck"
)
def test_shellcheck_finds_nothing() -> None:
    scripts = [INSTALL, *sorted(SYSTEMD.parent.glob("tests/**/*.sh"))]
    done = subprocess.run(["shellcheck", *map(str, scripts)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def fake_debian(tmp_path: Path) -> dict[str, str]:
    """Return an environment in which every command that would change the system only records its call."""
    tools = tmp_path / "bin"
    tools.mkdir()
    for name in (
        "apt-get",
        "systemctl",
        "systemd-sysusers",
        "systemd-tmpfiles",
        "usermod",
        "install",
        "ln",
        "mv",
        "rm",
    ):
        (tools / name).write_text(f'#!/bin/sh\necho "{name} $*" >> {tmp_path}/called\n')
        (tools / name).chmod(0o755)
    return {"PATH": f"{tools}:{os.environ['PATH']}"}


@pytest.mark.slow
@pytest.mark.skipif(not Path("/etc/debian_version").exists(), reason="not Debian")
@pytest.mark.parametrize("arguments", [(), ("--no-start",), ("--uninstall",)])
def test_a_dry_run_prints_what_it_would_do_and_changes_nothing(arguments: tuple[str, ...], tmp_path: Path) -> None:
    done = install("--dry-run", *arguments, **fake_debian(tmp_path), SUDO_USER="pi")

    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Dry run; nothing is changed. This would be done:")
    called = (tmp_path / "called").read_text().splitlines() if (tmp_path / "called").exists() else []
    assert [line for line in called if not re.match(r"systemctl (get-default|is-active)", line)] == []
    if "--uninstall" not in arguments:
        for what in (
            "systemd-sysusers",
            "python3 -m venv --system-site-packages /opt/wheel-kiosk",
            "usermod -a -G wheel-admin pi",
            "enable",
        ):
            assert what in done.stdout


@pytest.mark.skipif(not Path("/etc/debian_version").exists(), reason="not Debian")
@pytest.mark.parametrize("architecture", ["armhf", "armel", "i386"])
def test_a_32_bit_system_is_refused_by_name_before_anything_changes(architecture: str, tmp_path: Path) -> None:
    environment = fake_debian(tmp_path)
    (tmp_path / "bin/dpkg").write_text(f"#!/bin/sh\necho {architecture}\n")
    (tmp_path / "bin/dpkg").chmod(0o755)
    done = install("--dry-run", **environment)

    assert done.returncode == 1
    assert f"this is a 32-bit system ({architecture})" in done.stderr
    assert "64-bit Raspberry Pi OS" in done.stderr
    assert done.stdout == ""


def test_uninstalling_never_touches_the_data() -> None:
    removals = [line for line in INSTALL.read_text().splitlines() if re.search(r"\brm\b", line) and "say" not in line]

    assert removals
    for line in removals:
        assert "$home" not in line
        assert "/var/lib/wheel-kiosk " not in f"{line} "


@pytest.mark.parametrize(
    ("arguments", "says"),
    [(("--frobnicate",), "unknown option --frobnicate"), (("--wheelhouse", "/nowhere/at/all"), "no such directory")],
)
def test_a_wrong_option_is_named_before_anything_is_changed(arguments: tuple[str, ...], says: str) -> None:
    done = install(*arguments)

    assert done.returncode == 1
    assert says in done.stderr
    assert done.stdout == ""


def test_every_file_that_the_installer_copies_exists() -> None:
    """A wrong name would only be noticed on a Pi."""
    named = set(re.findall(r'"\$here/([\w.-]+)"', INSTALL.read_text()))
    units = re.search(r"units=\((.*)\)", INSTALL.read_text())
    assert units is not None

    assert named | set(units[1].split()) <= {path.name for path in SYSTEMD.iterdir()}
