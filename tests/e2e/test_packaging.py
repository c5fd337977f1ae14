"""The released files: what they hold, and that both programs work from them outside the source tree.

`make test` builds and installs without a network: the dependencies are those of the environment that runs the tests.
`make release-check` sets WHEEL_RELEASE_CHECK, and then both the build and the installation fetch their own.
"""

import os
import subprocess
import sys
import sysconfig
import tarfile
import tomllib
import venv
import zipfile
from pathlib import Path

import pytest

from tests.e2e.processes import ROOT, environment

pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform == "win32", reason="paths of a POSIX environment")]

RELEASE_CHECK = bool(os.environ.get("WHEEL_RELEASE_CHECK"))
VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
FOREIGN = ("tools", "verify", "bench", "demo", "artwork", "tests")
"""Packages of these names may be on a user's machine; one of them once replaced ours."""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the sdist, and the wheel from the sdist."""
    target = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--outdir", str(target), *([] if RELEASE_CHECK else ["--no-isolation"])]
    done = subprocess.run([*command, str(ROOT)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return target


@pytest.fixture(scope="module")
def installed(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the bin directory of a new virtual environment that has the wheel, and foreign packages with bad names."""
    root = tmp_path_factory.mktemp("venv")
    venv.create(root, with_pip=True)
    python = root / "bin" / "python"
    site = Path(sysconfig.get_path("purelib", vars={"base": str(root)}))
    for name in FOREIGN:
        (site / name).mkdir()
        (site / name / "__init__.py").write_text(f"raise SystemExit('the foreign package {name} was run')\n")
    (wheel,) = built.glob("*.whl")
    options = [] if RELEASE_CHECK else ["--no-deps", "--no-index"]
    command = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *options, str(wheel)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=root)
    assert done.returncode == 0, done.stdout + done.stderr
    if not RELEASE_CHECK:  # a path in a .pth file adds the packages there, and not the .pth files there
        (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return root / "bin"


def run(installed: Path, directory: Path, *command: str) -> str:
    """Run an installed program in `directory` and return its standard output."""
    kept = {name: value for name, value in environment().items() if not name.startswith(("PYTHON", "WHEEL_"))}
    done = subprocess.run(
        [str(installed / command[0]), *command[1:]],
        cwd=directory,
        env={**kept, "WHEEL_HOME": str(directory / "home"), "HOME": str(directory)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{command}: {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def test_the_wheel_holds_kiosk_and_wheel_admin_and_nothing_else(built: Path) -> None:
    """It held a package `tools`, and with it soak, fuzz and benchmark."""
    (wheel,) = built.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()

    assert {name.split("/")[0] for name in names} == {"kiosk", "wheel_admin", f"wheel_kiosk-{VERSION}.dist-info"}
    for name in ("kiosk/_assets/themes/night.toml", "kiosk/_assets/kiosk.toml", "wheel_admin/_verify/verify_draw.py"):
        assert name in names
    assert not [name for name in names if "test" in name or name.endswith(".pyc")]


def test_the_sdist_holds_what_a_build_needs_and_no_tests(built: Path) -> None:
    (sdist,) = built.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = [name.split("/", 1)[1] for name in archive.getnames() if "/" in name]

    assert {"pyproject.toml", "README.md", "LICENSE", "tools/verify/verify_draw.py"} <= set(names)
    assert not [name for name in names if name.startswith(("tests/", "tools/bench", "tools/demo", "tools/artwork"))]


def test_the_metadata_names_who_what_and_where_it_runs(built: Path) -> None:
    (wheel,) = built.glob("*.whl")
    metadata = zipfile.ZipFile(wheel).read(f"wheel_kiosk-{VERSION}.dist-info/METADATA").decode()

    for line in ("Author: wheel-kiosk contributors", "License-Expression: MIT", "Requires-Python: >=3.11"):
        assert line in metadata.splitlines()
    assert "Keywords: " in metadata
    assert "Classifier: Programming Language :: Python :: 3.13" in metadata


def test_both_installed_programs_say_their_version(installed: Path, tmp_path: Path) -> None:
    for program in ("wheel-kiosk", "wheel-admin"):
        assert run(installed, tmp_path, program, "--version").split()[:2] == [program, VERSION]


def test_a_list_is_published_spun_and_verified_by_the_installed_programs(installed: Path, tmp_path: Path) -> None:
    people = tmp_path / "people.csv"
    people.write_text("Ticket,Name\n" + "".join(f"E{row:04d},Person {row}\n" for row in range(1, 31)))
    run(installed, tmp_path, "wheel-admin", "init", "--no-passphrase")
    run(installed, tmp_path, "wheel-admin", "import", str(people))
    run(installed, tmp_path, "wheel-admin", "publish")
    simulated = ("--clock", "simulated", "--fps", "4")
    run(installed, tmp_path, "wheel-kiosk", "run", "--window", "800x480", "--spins", "1", *simulated)
    said = run(installed, tmp_path, "wheel-admin", "verify").splitlines()

    assert said[-1].startswith("SIGNED up to record 4")
