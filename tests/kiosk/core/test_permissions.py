"""The table of permissions, and the installer's files held against it."""

import re
from pathlib import Path

import pytest

from kiosk.core.home import Home
from kiosk.core.permissions import DIRECTORIES, FILES, RULES, is_installed, mode_of, secret_files, wrong_modes

SYSTEMD = Path(__file__).resolve().parents[3] / "systemd"
INSTALLED = "/var/lib/wheel-kiosk"
MADE_BY_THE_KIOSK = {"kiosk/adopted", "kiosk/secrets", "kiosk/secrets-2"}


def tmpfiles(kind: str) -> dict[str, list[str]]:
    """Return the lines of one kind in the installer's tmpfiles.d file: path relative to the home, and the rest."""
    lines = [line.split() for line in (SYSTEMD / "wheel-kiosk.tmpfiles.conf").read_text().splitlines()]
    return {
        line[1].removeprefix(INSTALLED).lstrip("/"): line[2:] for line in lines if line and line[0].rstrip("+") == kind
    }


def test_the_installer_makes_every_directory_as_the_table_says() -> None:
    made = {path: (int(mode, 8), owner, group) for path, (mode, owner, group, *_) in tmpfiles("d").items()}
    assert made.pop("var/lib/wheel-lists") == (0o2770, "wheel-fetch", "wheel-admin")  # beside the home, for sftp

    assert made == {
        rule.path: (rule.installed, rule.owner, rule.group)
        for rule in DIRECTORIES
        if rule.path not in MADE_BY_THE_KIOSK
    }


def test_the_installer_gives_its_files_the_modes_of_the_table() -> None:
    for path, (mode, owner, group, *_) in tmpfiles("z").items():
        rule = RULES[path]
        assert (int(mode, 8), owner, group) == (rule.installed, rule.owner, rule.group), path


def test_the_installers_access_lists_let_the_readers_of_the_table_in() -> None:
    lists = {path: rest[-1] for path, rest in tmpfiles("a").items()}

    assert lists == {rule.path: f"{rule.readers}:r-x,d:{rule.readers}:r-x" for rule in RULES.values() if rule.readers}


def test_the_installer_copies_kiosk_toml_with_the_mode_of_the_table() -> None:
    text = (SYSTEMD / "install.sh").read_text()
    found = re.search(r'install -D -m (\d+) -o (\S+) -g (\S+) "\$source_dir/assets/kiosk\.toml"', text)
    rule = RULES["kiosk/kiosk.toml"]

    assert found is not None
    assert (int(found[1], 8), found[2], found[3]) == (rule.installed, rule.owner, rule.group)


def test_nobody_but_its_owner_may_read_a_secret_anywhere() -> None:
    secret = [rule for rule in FILES if "key.pem" in rule.path or "secret" in rule.path]

    assert len(secret) == 5
    assert all(rule.personal & 0o077 == rule.installed & 0o077 == 0 for rule in secret)


def test_no_rule_lets_everybody_write() -> None:
    assert not [rule for rule in RULES.values() if (rule.personal | rule.installed) & 0o002]


def test_what_an_organiser_edits_is_shared_in_an_installed_home_alone(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.admin.mkdir(mode=0o700)
    assert (is_installed(home), mode_of(home, home.draft), mode_of(home, home.admin_lock)) == (False, 0o600, 0o600)

    home.admin.chmod(0o2770)
    assert (is_installed(home), mode_of(home, home.draft), mode_of(home, home.admin_lock)) == (True, 0o660, 0o660)
    assert mode_of(home, home.signing_key) == 0o600


@pytest.fixture
def installed(tmp_path: Path) -> Home:
    home = Home(tmp_path)
    for rule in DIRECTORIES:
        (home.root / rule.path).mkdir(exist_ok=True)
        (home.root / rule.path).chmod(rule.installed)
    for rule in FILES:
        path = home.root / rule.path.replace("*", "one", 1)
        path.touch()
        path.chmod(rule.installed)
    return home


def test_a_home_as_the_table_says_has_no_wrong_mode(installed: Home) -> None:
    assert wrong_modes(installed) == []
    assert len(secret_files(installed)) == 6


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.path)
def test_each_wrong_mode_is_found_and_told_what_it_should_be(rule: object, installed: Home) -> None:
    assert rule in RULES.values()
    path = installed.root / getattr(rule, "path", "").replace("*", "one", 1)
    expected = getattr(rule, "installed", 0)
    path.chmod(expected ^ 0o4)

    assert wrong_modes(installed) == [(path, expected ^ 0o4, expected)]
