"""The permissions of an installed home, as systemd-tmpfiles makes them."""

import os
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

SYSTEMD = Path(__file__).resolve().parents[2] / "systemd"
CONF = SYSTEMD / "wheel-kiosk.tmpfiles.conf"
HOME = "var/lib/wheel-kiosk"
KIOSK, ADMIN, FETCH = 990, 991, 992
"""Ids of the kiosk's account, of the organisers' group and of the fetcher's account in these tests."""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a home made by systemd-tmpfiles, over one with a trusted key that a group member had added."""
    if "WHEEL_REQUIRE_SYSTEMD" not in os.environ and (shutil.which("systemd-tmpfiles") is None or os.geteuid() != 0):
        pytest.skip("needs systemd-tmpfiles, and root")
    root = tmp_path_factory.mktemp("root")
    (root / "etc").mkdir()
    (root / "etc/passwd").write_text(
        f"root:x:0:0::/root:/bin/sh\nwheel-kiosk:x:{KIOSK}:{KIOSK}::/:/bin/false\n"
        f"wheel-fetch:x:{FETCH}:{FETCH}::/:/bin/false\n"
    )
    (root / "etc/group").write_text(
        f"root:x:0:\nwheel-kiosk:x:{KIOSK}:\nwheel-admin:x:{ADMIN}:\nwheel-fetch:x:{FETCH}:\n"
    )
    earlier = root / HOME / "kiosk/trusted"
    earlier.mkdir(parents=True)
    os.chown(earlier, 0, ADMIN)
    earlier.chmod(0o2775)
    (earlier / "key.pem").write_text("x")
    os.chown(earlier / "key.pem", 4711, ADMIN)
    (earlier / "key.pem").chmod(0o664)
    done = subprocess.run(
        ["systemd-tmpfiles", "--create", f"--root={root}", str(CONF)], capture_output=True, text=True, check=False
    )
    # ACLs are not supported on every file system that tests run on; they only add to the modes tested here.
    unexpected = [line for line in done.stderr.splitlines() if "ACL" not in line]
    assert unexpected == []
    return root / HOME


def owner_and_mode(path: Path) -> tuple[int, int, int]:
    found = path.stat()
    return found.st_uid, found.st_gid, stat.S_IMODE(found.st_mode)


def test_only_root_may_choose_the_keys_that_the_kiosk_trusts(installed: Path) -> None:
    """The directory was group-writable: any member of wheel-admin could add a key, and publish with it."""
    trusted = installed / "kiosk/trusted"

    assert owner_and_mode(trusted) == (0, 0, 0o755)
    assert owner_and_mode(trusted / "key.pem") == (0, 0, 0o644)


@pytest.mark.parametrize("name", ["admin", "snapshots"])
def test_organisers_share_the_directories_that_they_publish_from(installed: Path, name: str) -> None:
    assert owner_and_mode(installed / name) == (0, ADMIN, 0o2770)


def test_neither_organisers_nor_strangers_may_write_beside_the_ledger(installed: Path) -> None:
    uid, gid, mode = owner_and_mode(installed / "kiosk")

    assert (uid, gid) == (0, KIOSK)
    assert mode & stat.S_ISVTX
    assert not mode & stat.S_IRWXO
