"""The committed secrets: private, durable before they are used, and never trusted when damaged."""

import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kiosk.core.errors import HomeError, SecretUnreadable
from kiosk.draw.protocol import Chain
from kiosk.ledger.secret_store import SecretStore
from tests.support import SECRET, counted_bytes, fixed_bytes

ANCHOR = "19781792b1e471f8aa96d632fbf2e0da69a80838c0ce34a4ef13977893f36126"


@pytest.fixture(autouse=True)
def _open_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def store(directory: Path, random_bytes: Callable[[int], bytes] | None = None) -> SecretStore:
    return SecretStore(directory, random_bytes=random_bytes or fixed_bytes())


def both(directory: Path) -> tuple[SecretStore, Path, Path]:
    """Return a store in two places, and the two files of a secret that it holds."""
    places = (directory / "one", directory / "two")
    for place in places:
        place.mkdir()
    secrets = SecretStore(*places, random_bytes=fixed_bytes())
    secrets.commit()
    one, two = (place / f"{ANCHOR}.secret" for place in places)
    return secrets, one, two


def test_a_committed_secret_is_recalled_by_its_anchor(tmp_path: Path) -> None:
    chain = store(tmp_path).commit()

    recalled = store(tmp_path).recall(chain.anchor)

    assert chain.anchor == ANCHOR
    assert recalled is not None
    assert recalled.anchor == ANCHOR
    assert recalled.reveal(1) == chain.reveal(1) == Chain(SECRET).reveal(1)


def test_a_secret_is_a_private_file_named_by_its_anchor(tmp_path: Path) -> None:
    store(tmp_path).commit()

    (path,) = tmp_path.iterdir()
    assert path.name == f"{ANCHOR}.secret"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_bytes() == SECRET.hex().encode() + b"\n"


def test_a_secret_is_durable_before_commit_returns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[bool] = []
    monkeypatch.setattr(os, "fsync", lambda descriptor: synced.append(stat.S_ISREG(os.fstat(descriptor).st_mode)))

    store(tmp_path).commit()

    assert synced == [True, False]  # the file, then its directory


def test_every_commitment_takes_new_entropy(tmp_path: Path) -> None:
    secrets = store(tmp_path, counted_bytes())

    assert secrets.commit().anchor != secrets.commit().anchor
    assert len(list(tmp_path.iterdir())) == 2


def test_a_secret_that_cannot_be_written_is_a_home_error(tmp_path: Path) -> None:
    with pytest.raises(HomeError):
        store(tmp_path / "nowhere").commit()


def test_a_source_of_too_few_bytes_commits_to_nothing(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        store(tmp_path, lambda size: bytes(size - 1)).commit()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n",
        SECRET.hex().encode()[:-1],
        SECRET.hex().encode()[:-2],
        SECRET.hex().encode() + b"00",
        b"ff" + SECRET.hex().encode()[2:],
        b"zz" + SECRET.hex().encode()[2:],
        b"\0" * 65,
        b"\xff" * 65,
        "ü".encode() * 40,
        SECRET,
    ],
    ids=lambda content: repr(content[:8]) + f" {len(content)}",
)
def test_a_damaged_secret_is_lost_and_no_accident(tmp_path: Path, content: bytes) -> None:
    (tmp_path / f"{ANCHOR}.secret").write_bytes(content)

    assert store(tmp_path).recall(ANCHOR) is None


def test_another_anchors_secret_under_this_name_is_lost(tmp_path: Path) -> None:
    other = store(tmp_path, fixed_bytes(bytes(32))).commit()
    (tmp_path / f"{other.anchor}.secret").rename(tmp_path / f"{ANCHOR}.secret")

    assert store(tmp_path).recall(ANCHOR) is None


def test_a_missing_secret_is_lost(tmp_path: Path) -> None:
    assert store(tmp_path).recall(ANCHOR) is None


def test_a_secret_that_cannot_be_read_is_not_lost(tmp_path: Path) -> None:
    (tmp_path / f"{ANCHOR}.secret").mkdir()  # root may read any file, and no directory as one

    with pytest.raises(SecretUnreadable, match="not lost"):
        store(tmp_path).recall(ANCHOR)


def test_a_secret_lies_in_two_places_and_either_is_enough(tmp_path: Path) -> None:
    secrets, one, two = both(tmp_path)
    content = one.read_bytes()
    assert two.read_bytes() == content

    for missing in (one, two):
        missing.unlink()
        recalled = secrets.recall(ANCHOR)
        assert recalled is not None
        assert recalled.anchor == ANCHOR
        assert missing.read_bytes() == content  # it is given back


@pytest.mark.parametrize("content", [b"", b"zz", bytes(65)])
def test_a_damaged_copy_is_replaced_by_the_good_one(tmp_path: Path, content: bytes) -> None:
    secrets, one, two = both(tmp_path)
    good = one.read_bytes()
    for damaged in (one, two):
        damaged.write_bytes(content)
        assert secrets.recall(ANCHOR) is not None
        assert damaged.read_bytes() == good


@pytest.mark.parametrize("other", ["missing", "damaged"])
def test_what_one_place_cannot_tell_is_not_lost_in_both(tmp_path: Path, other: str) -> None:
    secrets, one, two = both(tmp_path)
    one.unlink()
    one.mkdir()
    if other == "missing":
        two.unlink()
    else:
        two.write_bytes(b"zz")

    with pytest.raises(SecretUnreadable) as caught:
        secrets.recall(ANCHOR)
    assert str(one) in str(caught.value)
    one.rmdir()
    assert secrets.recall(ANCHOR) is None


def test_a_secret_that_one_place_refuses_is_not_committed_to(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    with pytest.raises(HomeError):
        SecretStore(tmp_path / "one", tmp_path / "nowhere", random_bytes=fixed_bytes()).commit()


def test_forgetting_forgets_in_both_places(tmp_path: Path) -> None:
    secrets, one, two = both(tmp_path)

    secrets.forget_all_but("0" * 64)

    assert not one.exists()
    assert not two.exists()


def test_secrets_and_their_loss_leave_no_secret_in_the_log(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(0)
    store(tmp_path).commit()
    (tmp_path / f"{ANCHOR}.secret").write_bytes(b"zz" + SECRET.hex().encode()[2:])
    store(tmp_path).recall(ANCHOR)

    assert SECRET.hex()[2:20] not in caplog.text


def test_forgetting_keeps_the_one_anchor_and_whatever_is_no_secret(tmp_path: Path) -> None:
    secrets = store(tmp_path, counted_bytes())
    chains = [secrets.commit() for _ in range(3)]
    (tmp_path / "README").touch()

    secrets.forget_all_but(chains[1].anchor)

    assert {path.name for path in tmp_path.iterdir()} == {f"{chains[1].anchor}.secret", "README"}
