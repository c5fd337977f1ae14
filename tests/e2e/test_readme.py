"""What docs/auditing.md tells an auditor to type works exactly as it stands there."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.e2e.processes import ROOT, people, published_home, simulate

pytestmark = pytest.mark.slow

CHECK = (ROOT / "docs/auditing.md").read_text("utf-8")
THREATS = (ROOT / "docs/threat-model.md").read_text("utf-8")


@pytest.mark.skipif(
    not all(shutil.which(name) for name in ("bash", "openssl", "xxd", "sha256sum")), reason="needs openssl and xxd"
)
def test_the_commands_of_check_a_draw_yourself_work_as_they_stand(tmp_path: Path) -> None:
    home = published_home(tmp_path, people(12))
    simulate(home, 2)
    commands = re.findall(r"```sh\n(.*?)```", CHECK, flags=re.DOTALL)
    assert len(commands) == 1
    for secret in (home.secrets, home.secrets_again, home.kiosk_key, home.admin):
        shutil.rmtree(secret) if secret.is_dir() else secret.unlink()
    shutil.copy(ROOT / "tools" / "verify" / "verify_draw.py", home.root)

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
    assert lines[4].split()[0] == lines[5]
    assert lines[7] == f'"winners":["{lines[6]}"]'
    records = len(home.ledger.read_bytes().splitlines())
    assert lines[-1] == f"SIGNED up to record {records}, event open"


@pytest.mark.skipif(not shutil.which("bash"), reason="needs bash")
@pytest.mark.parametrize(
    ("record", "value"),
    [
        ('{"at":"x","entropy":"lottery:6aus49, 4, 11 }","k":3}', "lottery:6aus49, 4, 11 }"),
        ('{"entropy":"none","type":"open"}', "none"),
        ('{"entropy":12,"type":"open"}', "12"),
    ],
)
def test_the_shell_function_of_the_page_reads_a_field_whatever_is_in_it(record: str, value: str) -> None:
    function = re.search(r"^field\(\) .*$", CHECK, flags=re.MULTILINE)
    assert function is not None
    script = f'{function.group()}\nfield entropy "$1"'
    done = subprocess.run(["bash", "-eu", "-c", script, "-", record], capture_output=True, text=True, check=True)

    assert done.stdout == f"{value}\n"


@pytest.mark.skipif(not shutil.which("bash"), reason="needs bash")
def test_no_value_of_a_ledger_is_run_as_code_by_the_commands_of_the_page(tmp_path: Path) -> None:
    lines = [line for line in CHECK.splitlines() if line.startswith(("field()", "t=$("))]
    weight = "1 if __import__('os').mkdir('owned') else 1"
    script = "\n".join([lines[0], "x=ff", 'opened="$1"', lines[1]])
    command = ["bash", "-eu", "-c", script, "-", f'{{"weight":"{weight}"}}']
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    assert "invalid literal" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_every_test_that_the_table_names_exists() -> None:
    written = "\n".join(path.read_text("utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    named = re.findall(r"`(test_\w+)`", THREATS)

    assert len(named) >= 8
    for name in named:
        assert f"def {name}(" in written, name
