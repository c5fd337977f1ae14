"""Two organisers of one group, a stranger, and root: real processes with the rights of each."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from kiosk.core.home import Home
from kiosk.core.permissions import DIRECTORIES, wrong_modes
from tests.e2e.processes import environment, people, workbook

ORGANISER, SECOND, STRANGER, SERVICE = 64001, 64002, 64003, 64004
"""User ids that need no entry in /etc/passwd; each is its own group, too."""
ORGANISERS = 64010
"""The group that wheel-admin is on an installed system."""


OPEN_THE_INTERPRETER = """
set -e
mkdir -p "$1/interpreter"
mount --bind "$3" "$1/interpreter"
mount -t tmpfs -o mode=755 tmpfs "$2"
(umask 022; mkdir -p "$3")
mount --move "$1/interpreter" "$3"
shift 3
exec "$@"
"""
"""In a mount namespace of its own: where only root may go to the interpreter ($3, in $2), shows it to everybody."""


def as_user(user: int, groups: tuple[int, ...], command: list[str], scratch: Path) -> list[str]:
    """Return the command line that runs `command` as a user, and no more."""
    supplementary = f"--groups={','.join(map(str, groups))}" if groups else "--clear-groups"
    changed = ["setpriv", f"--reuid={user}", f"--regid={user}", supplementary, *command]
    closed = [path for path in (*Path(sys.base_prefix).parents,) if not path.stat().st_mode & 0o001]
    if user == 0 or not closed:
        return changed
    around = ["unshare", "--mount", "sh", "-c", OPEN_THE_INTERPRETER, "sh"]
    return [*around, str(scratch), str(closed[-1]), sys.base_prefix, *changed]


def may_run_as_others() -> bool:
    if sys.platform == "win32" or os.geteuid() != 0 or shutil.which("setpriv") is None:
        return False
    with tempfile.TemporaryDirectory() as scratch:
        command = as_user(STRANGER, (), [sys.executable, "-c", "import wheel_admin"], Path(scratch))
        return subprocess.run(command, cwd="/", check=False, capture_output=True).returncode == 0


pytestmark = pytest.mark.skipif(not may_run_as_others(), reason="needs root, and a checkout that others can read")


@dataclass(frozen=True)
class Person:
    """Somebody who runs wheel-admin."""

    user: int
    groups: tuple[int, ...] = ()
    sudo: int | None = None

    def run(self, home: Home, *arguments: str, code: int = 0) -> str:
        """Run a command; returns what it said."""
        changes = {"SUDO_UID": str(self.sudo)} if self.sudo is not None else {}
        done = subprocess.run(
            as_user(
                self.user,
                self.groups,
                [sys.executable, "-m", "wheel_admin", *arguments, "--home", str(home.root)],
                home.root.parent,
            ),
            cwd="/",
            env=environment(PYTHONDONTWRITEBYTECODE="1", HOME="/nonexistent", **changes),
            capture_output=True,
            text=True,
            umask=0o077,  # the strictest habit must not shut the others out
            check=False,
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr


first = Person(ORGANISER, (ORGANISERS,))
second = Person(SECOND, (ORGANISERS,))
stranger = Person(STRANGER)
root = Person(0)
sudo = Person(0, sudo=ORGANISER)


@pytest.fixture
def place() -> Iterator[Path]:
    """A directory that everybody can reach; pytest's own are root's alone."""
    directory = Path(tempfile.mkdtemp(prefix="wheel-shared-"))
    directory.chmod(0o755)
    yield directory
    shutil.rmtree(directory)


@pytest.fixture
def table(place: Path) -> str:
    path = workbook(place / "people.xlsx", people(3))
    path.chmod(0o644)
    return str(path)


@pytest.fixture
def installed(place: Path) -> Home:
    """A home as the installer makes it."""
    owners = {"root": 0, "wheel-kiosk": SERVICE, "wheel-admin": ORGANISERS, "wheel-fetch": SERVICE}
    home = Home(place / "home")
    for rule in DIRECTORIES:
        path = home.root / rule.path
        path.mkdir()
        os.chown(path, owners[rule.owner or "root"], owners[rule.group or "root"])
        path.chmod(rule.installed)
    home.kiosk.chmod(0o1775)  # for the access list, which lets the organisers read
    return home


@pytest.mark.slow
def test_a_second_organiser_looks_and_imports_and_cannot_sign(installed: Home, table: str) -> None:
    sudo.run(installed, "init", "--no-passphrase")
    first.run(installed, "import", table)

    assert "entries    3" in second.run(installed, "show")
    second.run(installed, "entries", "add", "E0004", "Person 4")
    first.run(installed, "title", "Our fair")
    assert "entries    4" in second.run(installed, "show")
    assert "Cannot read" in second.run(installed, "publish", code=7)
    first.run(installed, "publish")
    assert "generation 1" in second.run(installed, "status")


@pytest.mark.slow
def test_sudo_init_leaves_an_installed_home_open_to_its_group(installed: Home) -> None:
    installed.kiosk.chmod(0o1770)
    sudo.run(installed, "init", "--no-passphrase")

    assert wrong_modes(installed) == []
    assert installed.signing_key.stat().st_uid == ORGANISER
    assert installed.draft.stat().st_gid == ORGANISERS


@pytest.mark.slow
def test_root_between_two_organisers_shuts_out_neither(installed: Home, table: str) -> None:
    sudo.run(installed, "init", "--no-passphrase")
    root.run(installed, "import", table)
    root.run(installed, "title", "Our fair")

    second.run(installed, "entries", "remove", "E0002")
    first.run(installed, "entries", "remove", "E0003")
    assert wrong_modes(Home(installed.root))[:1] == [(installed.kiosk, 0o1775, 0o1770)]


@pytest.mark.slow
def test_a_stranger_reads_nothing_and_is_told_which_group_to_join(installed: Home, table: str) -> None:
    sudo.run(installed, "init", "--no-passphrase")
    first.run(installed, "import", table)

    said = stranger.run(installed, "show", code=7)
    assert "Permission denied" in said
    assert "usermod -aG wheel-admin" in said
    assert "Person" not in said
    stranger.run(installed, "title", "Mine", code=7)


@pytest.mark.slow
def test_root_in_a_users_home_does_not_lock_the_user_out(place: Path, table: str) -> None:
    mine = place / "user"
    mine.mkdir()
    os.chown(mine, ORGANISER, ORGANISER)
    home = Home(mine / "wheel-home")

    root.run(home, "init", "--no-passphrase")
    root.run(home, "import", table)
    first.run(home, "title", "Our fair")
    root.run(home, "entries", "remove", "E0003")
    root.run(home, "publish")
    first.run(home, "entries", "add", "E0004", "Person 4")
    first.run(home, "publish")

    owners = {path.stat().st_uid for path in [home.root, *home.root.rglob("*")]}
    assert owners == {ORGANISER}
    assert {path.name for path in home.root.rglob("*") if path.stat().st_mode & 0o007} <= {f"{trusted(home)}"}


def trusted(home: Home) -> str:
    """Return the name of the one public key, which everybody may read."""
    (path,) = home.trusted.iterdir()
    return path.name
