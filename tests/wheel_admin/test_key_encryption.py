"""The signing key with a passphrase: costly to guess, and open to other tools."""

import shutil
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from tests.support import KEY, counted_bytes
from tests.wheel_admin.conftest import Desk
from wheel_admin.publishing.key_encryption import decrypted, encrypted

PEM = encrypted(KEY, "four words", random_bytes=counted_bytes())


@pytest.mark.slow
def test_the_passphrase_opens_it_and_no_other_one_does() -> None:
    assert decrypted(PEM, "four words") == KEY
    for wrong in ("four word", "", "Four words"):
        with pytest.raises(ValueError, match=r"assword|decrypt"):
            decrypted(PEM, wrong)


@pytest.mark.slow
def test_two_files_of_one_key_have_nothing_in_common() -> None:
    other = encrypted(KEY, "four words", random_bytes=lambda size: b"\x07" * size)

    assert not set(PEM.splitlines()[2:-1]) & set(other.splitlines()[2:-1])


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl")
def test_openssl_opens_it_and_says_what_a_guess_costs(tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    path.write_bytes(PEM)

    def openssl(*arguments: str) -> str:
        return subprocess.run(["openssl", *arguments], capture_output=True, text=True, check=True).stdout

    opened = openssl("pkey", "-in", str(path), "-passin", "pass:four words")
    assert opened.encode() == KEY.pem()
    parsed = openssl("asn1parse", "-in", str(path))
    for told in (
        "PBES2",
        "scrypt",
        "INTEGER           :4000",
        "INTEGER           :08",
        "INTEGER           :05",
        "aes-256-cbc",
    ):
        assert told in parsed


@pytest.mark.slow
def test_the_library_that_the_verifiers_use_opens_it() -> None:
    assert load_pem_private_key(PEM, b"four words") is not None


@pytest.mark.parametrize(("variable", "command"), [("WHEEL_PASSPHRASE", "init"), ("WHEEL_BUNDLE_PASSPHRASE", "bundle")])
@pytest.mark.parametrize("short", ["x", "7 chars"])
def test_a_new_passphrase_has_at_least_8_characters(
    variable: str, command: str, short: str, bare: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    if command == "bundle":
        bare.do("init", "--no-passphrase")
    monkeypatch.setenv(variable, short)
    arguments = ["-o", str(bare.files / "b.wheel")] if command == "bundle" else []

    error = bare.error(command, *arguments, code=2)

    assert error["message"] == "That passphrase is shorter than 8 characters."
    assert not (bare.files / "b.wheel").exists()
    assert command == "bundle" or not bare.home.signing_key.exists()


def test_a_passphrase_that_is_not_text_is_an_error_of_usage(bare: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WHEEL_PASSPHRASE", "\udcff" * 8)

    assert "not UTF-8" in bare.error("init", code=2)["message"]
