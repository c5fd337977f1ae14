"""What the command line promises: help everywhere, one message an error, the documented exit codes, no traceback."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

from demo import workbook as demo_data
from demo.workbook import write_workbook
from kiosk.core.durable import PRIVATE
from kiosk.core.errors import HomeError
from kiosk.core.keys import PublicKey
from kiosk.core.permissions import DIRECTORIES
from tests.wheel_admin.conftest import Desk, answer_prompts, posix_only
from wheel_admin.cli import app as command_line
from wheel_admin.commands.publish import publish as publish_module

COMMANDS = [
    [],
    *(["init"], ["import"], ["title"], ["winners"], ["show"], ["publish"], ["list"], ["status"], ["draws"], ["verify"]),
    *(["republish"], ["prune"], ["preview"], ["bundle"], ["restore"], ["entries"], ["spins"]),
    *(["entries", name] for name in ("list", "add", "remove", "rename")),
    *(["spins", name] for name in ("natural", "fixed", "mixed")),
]


def _process(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "wheel_admin", *map(str, arguments)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={**os.environ, **environment},
        check=False,
    )


@pytest.mark.slow
@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_has_help_with_examples(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert command_line.run([*command, "--help"]) == 0
    text = capsys.readouterr().out
    assert "Usage: wheel-admin" in text
    assert max(text) < "\U0001f000", "a word between colons became an emoji"
    if command and command not in (["entries"], ["spins"]):
        assert "Examples:" in text
        assert "--json" in text
        assert "WHEEL_HOME" in text
        assert "~/wheel-home" in text


def test_the_help_lists_the_exit_codes(capsys: pytest.CaptureFixture[str]) -> None:
    command_line.run(["--help"])
    text = " ".join(capsys.readouterr().out.split())
    for meaning in ("0 done", "2 the command line", "3 an input file", "4 refused", "5 busy", "6 trust", "7 home"):
        assert meaning in text


def test_init_makes_a_home_that_can_publish_and_refuses_a_second_time(bare: Desk) -> None:
    made = bare.do("init")
    assert (len(made["keyid"]), made["encrypted"]) == (64, False)
    bare.do("entries", "add", "0042", "Ana")
    assert bare.do("publish")["generation"] == 1
    before = bare.home.signing_key.read_bytes()
    assert "Nothing was changed" in bare.error("init", code=4)["message"]
    assert bare.home.signing_key.read_bytes() == before


@posix_only
def test_the_key_and_its_directory_are_the_owners_alone(bare: Desk) -> None:
    bare.do("init")
    assert bare.home.signing_key.stat().st_mode & 0o777 == PRIVATE
    assert bare.home.draft.stat().st_mode & 0o777 == PRIVATE
    assert bare.home.admin.stat().st_mode & 0o777 == 0o700


@posix_only
def test_init_leaves_a_group_directory_of_the_installer_as_it_is(bare: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a Pi the directory belongs to root and to the group of those who may publish; chmod would fail there."""
    bare.home.admin.mkdir(parents=True)
    bare.home.admin.chmod(0o770)
    monkeypatch.setattr("os.getuid", lambda: 4711)
    bare.do("init")

    assert bare.home.admin.stat().st_mode & 0o777 == 0o770


@posix_only
def test_init_names_sudo_where_only_root_may_trust_a_key(bare: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Any member of the organisers' group could add a key of their own, and publish with it."""

    def refuse(directory: Path, key: PublicKey) -> None:
        cause = PermissionError(13, "Permission denied")
        raise HomeError(f"Cannot write {directory}: {cause.strerror}.") from cause

    monkeypatch.setattr("wheel_admin.commands.draft.init.trust", refuse)
    error = bare.error("init", code=7)

    assert error["remedy"] == "Run: sudo wheel-admin init"
    assert not bare.home.signing_key.exists()


@posix_only
@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files away")
def test_init_as_root_gives_an_installed_home_to_the_person(bare: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    for rule in DIRECTORIES:
        (bare.home.root / rule.path).mkdir()
    os.chown(bare.home.admin, 0, 4712)
    bare.home.admin.chmod(0o2770)
    monkeypatch.setenv("SUDO_UID", "4711")
    bare.do("init")

    assert bare.home.admin.stat().st_mode & 0o7777 == 0o2770
    for path in bare.home.admin.iterdir():
        assert (path.stat().st_uid, path.stat().st_gid) == (4711, 4712), path
    (key,) = bare.home.trusted.iterdir()
    assert key.stat().st_uid == 0
    assert key.stat().st_mode & 0o777 == 0o644


@pytest.mark.slow
def test_a_passphrase_encrypts_the_key_and_is_needed_to_publish(bare: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WHEEL_PASSPHRASE", "correct horse")
    assert bare.do("init")["encrypted"] is True
    load_pem_private_key(bare.home.signing_key.read_bytes(), password=b"correct horse")
    bare.do("entries", "add", "0042", "Ana")
    monkeypatch.setenv("WHEEL_PASSPHRASE", "wrong")
    assert "does not open" in bare.error("publish", code=6)["message"]
    monkeypatch.delenv("WHEEL_PASSPHRASE")
    assert "WHEEL_PASSPHRASE" in bare.error("publish", code=2)["remedy"]
    monkeypatch.setenv("WHEEL_PASSPHRASE", "correct horse")
    assert bare.do("publish")["generation"] == 1


@pytest.mark.parametrize(
    "command", [["show"], ["list"], ["status"], ["draws"], ["publish"], ["title", "x"], ["prune", "--keep", "1"]]
)
def test_without_a_home_every_command_says_how_to_make_one(bare: Desk, command: list[str]) -> None:
    outcome = bare.run(*command)
    assert outcome.code == 7
    assert f"There is no wheel home at {bare.home.root}." in outcome.err
    assert "wheel-admin init" in outcome.err


def test_an_error_is_a_message_and_a_remedy_on_standard_error(desk: Desk) -> None:
    outcome = desk.run("import", desk.files / "none.xlsx")
    assert outcome.out == ""
    assert outcome.err == (
        f"Error: There is no file {desk.files / 'none.xlsx'}.\nWhat to do: Check its name and directory.\n"
    )


@pytest.mark.parametrize(
    "arguments", [["nonsense"], ["publish", "--nonsense"], ["winners", "burn"], ["entries", "add"]]
)
def test_a_wrong_command_line_ends_with_code_two(desk: Desk, arguments: list[str]) -> None:
    assert desk.run(*arguments).code == 2


def test_an_internal_error_is_one_line_and_a_hint_unless_debug_asks(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise KeyError("surprise")

    monkeypatch.setattr(publish_module, "publish_draft", broken)
    outcome = desk.run("publish")
    assert outcome.code == 1
    assert outcome.err.startswith("Error: Internal error: KeyError: 'surprise'\n")
    assert "--debug" in outcome.err
    with pytest.raises(KeyError):
        command_line.run(["--debug", "publish", "--home", str(desk.home.root)])


def test_an_interrupt_ends_with_130(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(publish_module, "publish_draft", interrupted)
    assert desk.run("publish").code == 130


@pytest.mark.slow
def test_a_whole_afternoon_in_real_processes(tmp_path: Path) -> None:
    written = write_workbook(tmp_path / "people.xlsx", rows=60)
    environment = {"WHEEL_HOME": str(tmp_path / "home"), "PYTHONWARNINGS": "error"}
    assert _process("init", **environment).returncode == 0
    imported = _process("import", tmp_path / "people.xlsx", "--json", **environment)
    assert imported.returncode == 0, imported.stderr
    receipt = json.loads(imported.stdout)["receipt"]
    assert (receipt["accepted"], len(receipt["rejected"])) == (written.valid, written.faulty)
    published = _process("publish", **environment)
    assert published.returncode == 0, published.stderr
    assert published.stdout.startswith("published generation 1: ")
    refused = _process("publish", **environment)
    assert refused.returncode == 4
    assert "Traceback" not in refused.stderr


@pytest.mark.slow
def test_the_passphrase_of_the_key_is_asked_for_on_a_terminal(bare: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = answer_prompts(monkeypatch, "correct horse")
    assert bare.do("init", "--passphrase")["encrypted"] is True
    bare.do("entries", "add", "0042", "Ana")
    assert bare.do("publish")["generation"] == 1
    assert asked == [True, False]


def test_a_signing_key_that_is_lost_or_of_another_kind_is_named(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    path = desk.home.signing_key
    desk.do("entries", "add", "0042", "Ana")
    path.write_bytes(b"no key")
    assert "is not a private key" in desk.error("publish", code=6)["message"]
    monkeypatch.setenv("WHEEL_PASSPHRASE", "p w")
    encryption = BestAvailableEncryption(b"p w")
    path.write_bytes(X25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption))
    assert "another kind than Ed25519" in desk.error("publish", code=6)["message"]
    path.unlink()
    path.mkdir()
    assert "Cannot read" in desk.error("publish", code=7)["message"]
    path.rmdir()
    assert "no signing key" in desk.error("publish", code=6)["message"]


def test_verify_says_what_it_lacks(bare: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "no wheel home" in bare.error("verify", code=7)["message"]
    assert "Cannot read" in bare.error("verify", "--against", bare.files / "ledger.jsonl", code=7)["message"]
    monkeypatch.setattr("wheel_admin.commands.results.verify.VERIFIER", bare.files / "verify_draw.py")
    assert "verify_draw.py is missing" in bare.error("verify", code=7)["message"]


@pytest.mark.parametrize("code", [0, 1, 2, 3])
def test_verify_passes_on_the_verifiers_words_and_exit_code(
    code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    words = "print('unusable', file=sys.stderr)" if code == 2 else "print(json.dumps(sys.argv[1:]))"
    (tmp_path / "verifier.py").write_text(f"import json, sys; {words}; sys.exit({code})")
    monkeypatch.setattr("wheel_admin.commands.results.verify.VERIFIER", tmp_path / "verifier.py")
    command = ["verify", "--kiosk", "k", "--organiser", "o", "--seen", "CODE", "--accept", "7", "--home", str(tmp_path)]

    assert command_line.run([*command, "--json"]) == code

    said = [str(tmp_path), "--kiosk", "k", "--organiser", "o", "--seen", "CODE", "--accept", "7"]
    said += ["--require", "signed", "--json"]
    answer = json.loads(capfd.readouterr().out)
    assert answer == {
        "kiosks": ["k"],
        "organisers": ["o"],
        "met_now": False,
        "verifier": None if code == 2 else said,
    }
    assert command_line.run(command) == code
    assert "No key ids are recorded in this home" in capfd.readouterr().out


def test_the_demo_workbook_is_the_same_for_the_same_seed(desk: Desk) -> None:
    written = write_workbook(desk.files / "demo.xlsx", rows=40)
    answer = desk.do("import", desk.files / "demo.xlsx")
    first = desk.draft.entries
    assert (answer["receipt"]["accepted"], len(answer["receipt"]["rejected"])) == (written.valid, written.faulty)
    write_workbook(desk.files / "again.xlsx", rows=40)
    desk.do("import", desk.files / "again.xlsx", "--replace")
    assert desk.draft.entries == first


@pytest.mark.slow
def test_the_demo_workbook_is_written_by_a_command_and_a_wrong_one_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "people.xlsx"
    assert demo_data.main([str(path)]) == 0
    assert capsys.readouterr().out == f"Wrote {path}: 3000 valid rows, 7 faulty ones.\n"
    assert demo_data.main([]) == 2
    assert "Name one file" in capsys.readouterr().err
    assert demo_data.main([str(tmp_path / "nowhere" / "people.xlsx")]) == 2
    assert "Cannot write" in capsys.readouterr().err
