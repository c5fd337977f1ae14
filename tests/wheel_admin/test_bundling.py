"""The format of a bundle: only the passphrase opens it, every byte counts, and no file leaves the home."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.core.errors import InputError, TrustError
from tests.support import counted_bytes
from wheel_admin.publishing.bundle_file import MAGIC, Contents, Stored, check_paths, seal, unseal

CONTENTS = Contents(
    created_at="2026-05-04T09:30:00.000Z",
    kiosk="k" * 64,
    seq=3,
    head="h" * 64,
    files={"kiosk/ledger.jsonl": Stored(0o640, b"Ada Lovelace\n"), "admin/signing-key.pem": Stored(0o600, b"\0\xff")},
)


def cheaply_sealed(passphrase: str) -> bytes:
    return seal(CONTENTS, passphrase, random_bytes=counted_bytes(), cost=2)


def test_what_is_sealed_comes_back_with_the_passphrase() -> None:
    assert unseal(cheaply_sealed("p w"), "p w") == CONTENTS


def test_the_real_cost_opens_too_and_is_what_the_header_says() -> None:
    data = seal(CONTENTS, "p w", random_bytes=counted_bytes())
    header = json.loads(data.splitlines()[1])

    assert (header["n"], header["r"], header["p"]) == (1 << 15, 8, 1)
    assert unseal(data, "p w") == CONTENTS


def test_nothing_in_it_can_be_read_without_the_passphrase() -> None:
    data = cheaply_sealed("four words nobody guesses")
    for secret in (b"Ada", b"ledger", b"signing"):
        assert secret not in data
    with pytest.raises(TrustError, match="passphrase is wrong"):
        unseal(data, "four words nobody guessed")


@settings(max_examples=150)
@given(st.data())
def test_every_changed_byte_is_noticed(data: st.DataObject) -> None:
    good = cheaply_sealed("p w")
    at = data.draw(st.integers(0, len(good) - 1))
    changed = good[:at] + bytes([good[at] ^ data.draw(st.integers(1, 255))]) + good[at + 1 :]
    with pytest.raises((InputError, TrustError)):
        unseal(changed, "p w")


@pytest.mark.parametrize("cut", [0, 5, len(MAGIC), len(MAGIC) + 40, -1])
def test_a_bundle_that_lost_its_end_is_an_error_and_not_half_a_home(cut: int) -> None:
    with pytest.raises((InputError, TrustError)):
        unseal(cheaply_sealed("p w")[:cut], "p w")


@pytest.mark.parametrize("cost", ['"n":1073741824', '"n":3', '"n":2,"r":4096', '"n":2,"p":99'])
def test_a_bundle_cannot_ask_for_all_the_memory_or_time_there_is(cost: str) -> None:
    header = '{"salt":"AAAA","nonce":"AAAAAAAAAAAAAAAA",' + cost + "}\n"
    with pytest.raises(InputError, match="damaged"):
        unseal(MAGIC + header.encode() + b"x" * 64, "p w")


@pytest.mark.parametrize(
    "path",
    [
        "/etc/passwd",
        "../x",
        "kiosk/../../x",
        "kiosk/..",
        "other/x",
        "kiosk",
        "kiosk/a/b/c",
        "kiosk/.lock",
        "kiosk/a\\b",
        "",
    ],
)
def test_a_path_that_leaves_the_home_is_refused(path: str) -> None:
    with pytest.raises(InputError, match="belongs into no home"):
        check_paths({path: Stored(0o600, b"")})


@given(st.text(max_size=20))
def test_whatever_the_path_it_stays_below_its_three_directories(path: str) -> None:
    from pathlib import PurePosixPath

    try:
        check_paths({path: Stored(0o600, b"")})
    except InputError:
        return
    parts = PurePosixPath(path).parts
    assert parts[0] in {"admin", "snapshots", "kiosk"}
    assert ".." not in parts
