"""The home directory: its paths and its key files."""

import ast
import re
import stat
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1
from cryptography.hazmat.primitives.asymmetric.ec import generate_private_key as generate_ec
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from kiosk.core.errors import HomeError, TrustError
from kiosk.core.home import Home
from kiosk.core.key_files import kiosk_id, kiosk_key, load_trusted_keys, trust
from kiosk.core.keys import PublicKey
from kiosk.intake.snapshot_files import generation_of
from tests.support import KEY, STRANGER

ROOT = Path(__file__).resolve().parents[3]
PRIVATE_PEM = KEY.pem()
PUBLIC_PEM = KEY.public.pem()


def other_public_keys() -> dict[str, bytes]:
    form = (Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return {
        "P-256": generate_ec(SECP256R1()).public_key().public_bytes(*form),
        "X25519": X25519PrivateKey.generate().public_key().public_bytes(*form),
    }


def test_every_path_is_below_the_root_and_used_once() -> None:
    home = Home(Path("/home/wheel"))
    paths = [getattr(home, name) for name in dir(Home) if isinstance(getattr(Home, name), property)]

    assert len(set(paths)) == len(paths) >= 13
    assert all(path.is_relative_to(home.root) for path in paths)


def test_what_the_kiosk_writes_is_below_its_own_directory() -> None:
    home = Home(Path("/home/wheel"))

    own = (home.trusted, home.adopted, home.secrets, home.kiosk_key, home.ledger, home.status, home.kiosk_lock)
    assert all(path.parent == home.kiosk for path in own)
    assert all(path.parent == home.admin for path in (home.draft, home.signing_key, home.admin_lock))


@pytest.mark.parametrize("generation", [1, 42, 999_999])
def test_a_generations_file_claims_that_generation(generation: int) -> None:
    path = Home(Path("/home/wheel")).snapshot(generation)

    assert generation_of(path) == generation
    assert path.parent == Path("/home/wheel/snapshots")


def test_a_trusted_key_is_loaded_by_its_keyid(tmp_path: Path) -> None:
    for key in (KEY, STRANGER):
        trust(tmp_path, key.public)

    keys = load_trusted_keys(tmp_path)

    assert set(keys) == {KEY.public.keyid, STRANGER.public.keyid}
    assert keys[KEY.public.keyid] == KEY.public


def test_trusting_a_key_twice_is_trusting_it_once(tmp_path: Path) -> None:
    assert trust(tmp_path, KEY.public) == trust(tmp_path, KEY.public)
    assert len(list(tmp_path.iterdir())) == 1


def test_a_stray_key_file_is_logged_once_and_again_when_it_changes(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    stray = tmp_path / "zz.pem"
    stray.write_bytes(b"rubbish")
    for _ in range(3):
        load_trusted_keys(tmp_path)
    assert len(caplog.records) == 1

    stray.unlink()
    load_trusted_keys(tmp_path)
    stray.write_bytes(b"rubbish")
    load_trusted_keys(tmp_path)
    assert len(caplog.records) == 2


def test_only_pem_files_are_keys_and_no_file_means_no_trust(tmp_path: Path) -> None:
    assert load_trusted_keys(tmp_path) == {}
    assert load_trusted_keys(tmp_path / "nowhere") == {}
    (tmp_path / "README").write_text("not a key")
    assert load_trusted_keys(tmp_path) == {}


@pytest.mark.parametrize(
    "content",
    [b"", b"garbage", PUBLIC_PEM[:60], PRIVATE_PEM, *other_public_keys().values()],
    ids=["empty", "garbage", "truncated", "private", *other_public_keys()],
)
def test_a_file_that_is_no_ed25519_public_key_is_passed_over_and_named_in_the_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, content: bytes
) -> None:
    """macOS leaves `._organiser.pem` beside a key that it copies; the kiosk must start anyway."""
    (tmp_path / "._organiser.pem").write_bytes(content)
    trust(tmp_path, STRANGER.public)

    assert set(load_trusted_keys(tmp_path)) == {STRANGER.public.keyid}
    assert "._organiser.pem" in caplog.text


def test_a_directory_of_keys_that_cannot_be_read_is_a_home_error(tmp_path: Path) -> None:
    (tmp_path / "trusted").write_text("a file")

    with pytest.raises(HomeError, match="trusted keys"):
        load_trusted_keys(tmp_path / "trusted")


def test_the_kiosks_key_is_made_once_and_is_private(tmp_path: Path) -> None:
    path = tmp_path / "kiosk-key.pem"

    first = kiosk_id(path)
    content = path.read_bytes()

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert kiosk_id(path) == first
    assert path.read_bytes() == content
    assert len(first) == 64
    assert kiosk_id(tmp_path / "another-key.pem") != first


def test_the_kiosks_id_is_the_keyid_of_its_key(tmp_path: Path) -> None:
    (tmp_path / "kiosk-key.pem").write_bytes(PRIVATE_PEM)

    assert kiosk_id(tmp_path / "kiosk-key.pem") == KEY.public.keyid


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"garbage",
        PRIVATE_PEM[:60],
        PUBLIC_PEM,
        X25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
    ],
    ids=["empty", "garbage", "truncated", "public", "X25519"],
)
def test_a_damaged_kiosk_key_is_named_and_kept(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "kiosk-key.pem"
    path.write_bytes(content)

    with pytest.raises(TrustError, match=r"kiosk-key\.pem") as caught:
        kiosk_id(path)
    assert "Move it away" in caught.value.remedy
    assert path.read_bytes() == content


def test_a_kiosk_key_that_cannot_be_read_or_made_is_a_home_error(tmp_path: Path) -> None:
    with pytest.raises(HomeError):
        kiosk_id(tmp_path)
    with pytest.raises(HomeError):
        kiosk_id(tmp_path / "nowhere" / "kiosk-key.pem")


def test_an_earlier_public_key_goes_into_a_file_of_its_own(tmp_path: Path) -> None:
    """A file holds one key: a verifier refuses two, and would miss who signed the earlier heads."""
    home = Home(tmp_path)
    home.kiosk.mkdir()
    before = kiosk_key(home.kiosk_key, public=home.kiosk_public_key)
    home.kiosk_key.unlink()

    after = kiosk_key(home.kiosk_key, public=home.kiosk_public_key)
    assert kiosk_key(home.kiosk_key, public=home.kiosk_public_key) == after

    found = {path.name: PublicKey.from_pem(path.read_bytes()) for path in home.kiosk.glob("*.pub.pem")}
    assert found == {
        "kiosk-key.pub.pem": after.public,
        f"kiosk-key-{before.public.keyid[:16]}.pub.pem": before.public,
    }


def test_a_damaged_public_key_is_written_again(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.kiosk.mkdir()
    home.kiosk_public_key.write_bytes(b"damaged")

    key = kiosk_key(home.kiosk_key, public=home.kiosk_public_key)

    assert [path.read_bytes() for path in home.kiosk.glob("*.pub.pem")] == [key.public.pem()]


NAMES = re.compile(
    r"^(admin|snapshots|kiosk|themes|trusted|adopted|secrets(-2)?|(draft|status|gpu)\.json|(ledger|checkpoints)\.jsonl|kiosk\.toml"
    r"|signing-key\.pem|receipt-secret\.hex|kiosk-key(\.pub)?\.pem|\.lock|(snapshot|names|request)-.*)$"
)
"""The names that `Home` gives out."""


def joined_names(path: Path) -> set[str]:
    """Return the names of `Home` that the file joins to a path itself, or fills in by an f-string."""
    found = set()
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div) and isinstance(node.right, ast.Constant):
            found |= {part for part in str(node.right.value).split("/") if NAMES.match(part)}
        elif isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
            beginning = str(node.values[0].value)
            found |= {beginning} if re.fullmatch("(snapshot|names|request)-", beginning) else set()
    return found


@pytest.mark.slow
def test_no_other_module_spells_a_name_of_the_home() -> None:
    spelled = {
        path.relative_to(ROOT).as_posix(): names
        for folder in ("kiosk", "tools/wheel_admin")
        for path in sorted((ROOT / folder).rglob("*.py"))
        if (names := joined_names(path))
    }

    assert spelled.pop("kiosk/core/home.py") >= {"admin", "ledger.jsonl", "snapshot-", "request-"}
    assert spelled == {}


def test_only_a_hundred_keys_of_1_kib_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    parsed: list[int] = []

    def count(data: bytes) -> None:
        parsed.append(len(data))
        raise ValueError("no key")

    monkeypatch.setattr("kiosk.core.key_files.PublicKey.from_pem", count)
    for number in range(150):
        (tmp_path / f"{number:03}.pem").write_bytes(b" " * (1024 + number % 2))

    assert load_trusted_keys(tmp_path) == {}
    assert parsed == [1024] * 50
