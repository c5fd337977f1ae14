"""What README.md tells an auditor to type does what README.md says, letter by letter."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.e2e.processes import ROOT, people, published_home, simulate
from tools.admin.commands import build_app

README = (ROOT / "README.md").read_text("utf-8")
CHECK = README[README.index("### Check a draw yourself") : README.index("## For the person who carries on")]


@pytest.mark.skipif(
    not all(shutil.which(name) for name in ("bash", "openssl", "xxd", "sha256sum")), reason="needs openssl and xxd"
)
def test_the_commands_of_check_a_draw_yourself_work_as_they_stand(tmp_path: Path) -> None:
    home = published_home(tmp_path, people(12))
    simulate(home, 2)
    commands = re.findall(r"```sh\n(.*?)```", CHECK, flags=re.DOTALL)
    assert len(commands) == 1
    for secret in (home.secrets, home.kiosk_key, home.admin):
        shutil.rmtree(secret) if secret.is_dir() else secret.unlink()
    shutil.copy(ROOT / "tools" / "verify_draw.py", home.root)

    done = subprocess.run(
        ["bash", "-eu", "-c", commands[0]], cwd=home.root, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    s = lines[0].split()[0]
    adopt = lines[1]
    assert f'"snapshot":"{s}"' in adopt
    assert lines[2] == "Signature Verified Successfully"
    assert f'"anchor":"{lines[3].split()[0]}"' in adopt
    assert lines[4].split()[-1] == lines[5]
    assert lines[-1] == "VERIFIED"


def test_every_test_that_the_table_names_exists() -> None:
    written = "\n".join(path.read_text("utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    named = re.findall(r"`(test_\w+)`", CHECK)

    assert len(named) >= 8
    for name in named:
        assert f"def {name}(" in written, name


def test_every_admin_command_that_the_readme_names_exists() -> None:
    app = build_app()
    known = {command.name for command in app.registered_commands} | {
        group.typer_instance.info.name for group in app.registered_groups if group.typer_instance
    }
    named = set(re.findall(r"wheel-admin ([a-z]+)", README))

    assert named <= known, named - known
