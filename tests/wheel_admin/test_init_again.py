"""`wheel-admin init` after somebody removed parts of a home: what it makes, and what it advises."""

import os
import shutil
from pathlib import Path

import pytest

from kiosk.core.home import Home
from kiosk.core.key_files import load_trusted_keys
from kiosk.core.permissions import DIRECTORIES
from tests.wheel_admin.conftest import Desk, posix_only

pytestmark = posix_only


@pytest.fixture
def installed(bare: Desk, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A home at the installer's place, whose tmpfiles.d file is there."""
    for rule in DIRECTORIES:
        (bare.home.root / rule.path).mkdir()
        (bare.home.root / rule.path).chmod(rule.installed)
    tmpfiles = bare.files / "wheel-kiosk.conf"
    tmpfiles.touch()
    monkeypatch.setattr("kiosk.core.permissions.INSTALLED_HOME", bare.home.root)
    monkeypatch.setattr("kiosk.core.permissions.TMPFILES", tmpfiles)
    monkeypatch.setenv("SUDO_UID", str(os.getuid()))
    return bare


def remove(home: Home, part: str) -> None:
    shutil.rmtree(home.root / part)


@pytest.mark.parametrize("part", ["", "admin", "snapshots", "kiosk", "kiosk/trusted", "kiosk/themes"])
def test_what_only_the_installer_can_make_is_named_with_the_command_that_makes_it(part: str, installed: Desk) -> None:
    """After the runbook's own rm -r, init advised to give this user write permission on /var/lib."""
    installed.do("init", "--no-passphrase")
    remove(installed.home, part)

    error = installed.error("init", "--no-passphrase", code=7)

    assert str(installed.home.root / part) in error["message"]
    assert "sudo systemd-tmpfiles --create" in error["remedy"]
    assert error["remedy"].endswith("sudo wheel-admin init")
    assert not (installed.home.root / part).exists()


@pytest.mark.parametrize("part", ["kiosk/adopted", "kiosk/secrets"])
def test_what_the_kiosk_makes_by_itself_is_not_missed(part: str, installed: Desk) -> None:
    remove(installed.home, part)

    assert installed.do("init", "--no-passphrase")["keyid"]


@pytest.mark.parametrize("part", ["kiosk", "kiosk/trusted"])
def test_a_kiosk_that_trusts_no_key_any_more_trusts_the_one_of_this_home_again(part: str, desk: Desk) -> None:
    desk.do("entries", "add", "1", "Ana")
    remove(desk.home, part)
    assert desk.run("publish").code == 6

    (made,) = desk.do("init")["made"]

    assert Path(made).parent == desk.home.trusted
    assert desk.do("publish")["generation"] == 1
    assert desk.error("init", code=4)["message"].startswith("There is a wheel home")


def test_a_key_that_was_exchanged_on_purpose_is_not_trusted_again(desk: Desk, bare: Desk) -> None:
    (ours,) = desk.home.trusted.iterdir()
    from kiosk.core.key_files import trust
    from tests.support import STRANGER

    ours.unlink()
    trust(desk.home.trusted, STRANGER.public)

    assert desk.run("init").code == 4
    assert set(load_trusted_keys(desk.home.trusted)) == {STRANGER.public.keyid}
