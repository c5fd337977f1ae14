"""The format of a bundle: only the passphrase opens it, every byte counts, and no file leaves the home."""

import contextlib
import io
import tarfile

import pyrage
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.core.errors import InputError, TrustError
from tests.support import counted_bytes
from wheel_admin.publishing.age_file import VERSION, decrypt, encrypt
from wheel_admin.publishing.bundle_file import Contents, Stored, check_paths, seal, unseal

CONTENTS = Contents(
    created_at="2026-05-04T09:30:00.000Z",
    kiosk="k" * 64,
    seq=3,
    head="h" * 64,
    files={"kiosk/ledger.jsonl": Stored(0o640, b"Ada Lovelace\n"), "admin/signing-key.pem": Stored(0o600, b"\0\xff")},
)


def cheaply_sealed(passphrase: str) -> bytes:
    return seal(CONTENTS, passphrase, random_bytes=counted_bytes(), cost=1)


SEALED = cheaply_sealed("p w")


def test_what_is_sealed_comes_back_with_the_passphrase() -> None:
    assert unseal(cheaply_sealed("p w"), "p w") == CONTENTS


@pytest.mark.slow
def test_the_real_cost_opens_too_and_is_what_the_header_says() -> None:
    data = seal(CONTENTS, "p w", random_bytes=counted_bytes())

    assert data.splitlines()[1].split()[-1] == b"17"
    assert unseal(data, "p w") == CONTENTS


def test_another_implementation_of_age_opens_a_bundle_and_tar_unpacks_it() -> None:
    opened = pyrage.passphrase.decrypt(SEALED, "p w")

    with tarfile.open(fileobj=io.BytesIO(opened)) as tar:
        assert tar.getnames() == ["bundle.json", "kiosk/ledger.jsonl", "admin/signing-key.pem"]
        ledger = tar.extractfile("kiosk/ledger.jsonl")
        assert ledger is not None
        assert ledger.read() == b"Ada Lovelace\n"
        assert tar.getmember("admin/signing-key.pem").mode == 0o600


@pytest.mark.parametrize("size", [0, 1, (64 << 10) - 1, 64 << 10, (64 << 10) + 1, 3 * (64 << 10)])
def test_files_of_every_length_go_both_ways(size: int) -> None:
    data = (bytes(range(256)) * (size // 256 + 1))[:size]
    ours = encrypt(data, "p w", random_bytes=counted_bytes(), cost=1)

    assert pyrage.passphrase.decrypt(ours, "p w") == data == decrypt(ours, "p w")


def test_nothing_in_it_can_be_read_without_the_passphrase() -> None:
    data = cheaply_sealed("four words nobody guesses")
    for secret in (b"Ada", b"ledger", b"signing"):
        assert secret not in data
    with pytest.raises(TrustError, match="passphrase is wrong"):
        unseal(data, "four words nobody guessed")


@pytest.mark.slow
@settings(max_examples=150)
@given(st.data())
def test_every_changed_byte_is_noticed(data: st.DataObject) -> None:
    good = cheaply_sealed("p w")
    at = data.draw(st.integers(0, len(good) - 1))
    changed = good[:at] + bytes([good[at] ^ data.draw(st.integers(1, 255))]) + good[at + 1 :]
    with pytest.raises((InputError, TrustError)):
        unseal(changed, "p w")


@pytest.mark.parametrize("cut", [0, 5, len(VERSION), len(VERSION) + 40, -1])
def test_a_bundle_that_lost_its_end_is_an_error_and_not_half_a_home(cut: int) -> None:
    with pytest.raises((InputError, TrustError)):
        unseal(cheaply_sealed("p w")[:cut], "p w")


@pytest.mark.parametrize("cost", [b"21", b"30", b"64", b"99", b"100", b"0", b"-1", b"01", b"", b"x"])
def test_a_bundle_cannot_ask_for_all_the_memory_or_time_there_is(cost: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wheel_admin.publishing.age_file.Scrypt", lambda **_: pytest.fail("it was tried"))
    stanza = SEALED.splitlines()[1]
    assert stanza.endswith(b" 1")

    with pytest.raises(InputError):
        unseal(SEALED.replace(stanza, stanza[:-1] + cost, 1), "p w")


def member(name: str, size: int = 0, **fields: object) -> tarfile.TarInfo:
    made = tarfile.TarInfo(name)
    made.size = size
    for field, value in fields.items():
        setattr(made, field, value)
    return made


def archive(*members: tuple[tarfile.TarInfo, bytes]) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as tar:
        for one, data in members:
            tar.addfile(one, io.BytesIO(data))
    return file.getvalue()


LABEL = b'{"created_at":"","kiosk":"","seq":0,"head":"","format":"wheel-bundle/1"}'
LABELLED = (member("bundle.json", len(LABEL)), LABEL)
BAD_ARCHIVES = {
    "no archive": b"not an archive",
    "nothing": b"",
    "no label": archive((member("kiosk/a"), b"")),
    "a label that is none": archive((member("bundle.json", 2), b"{}")),
    "a link": archive(LABELLED, (member("kiosk/a", type=tarfile.SYMTYPE, linkname="/etc/passwd"), b"")),
    "a hard link": archive(LABELLED, (member("kiosk/a", type=tarfile.LNKTYPE, linkname="bundle.json"), b"")),
    "a FIFO": archive(LABELLED, (member("kiosk/a", type=tarfile.FIFOTYPE), b"")),
    "a device": archive(LABELLED, (member("kiosk/a", type=tarfile.CHRTYPE, devmajor=1, devminor=5), b"")),
    "a directory": archive(LABELLED, (member("kiosk/a", type=tarfile.DIRTYPE), b"")),
    "a sparse file": archive(
        LABELLED,
        (member("kiosk/a", pax_headers={"GNU.sparse.map": "0,1", "GNU.sparse.size": str(1 << 50)}), b""),
    ),
    "a file twice": archive(LABELLED, (member("kiosk/a"), b""), (member("kiosk/a"), b"")),
    "a path upwards": archive(LABELLED, (member("kiosk/../../a"), b"")),
    "an absolute path": archive(LABELLED, (member("/etc/passwd"), b"")),
    "cut": archive(LABELLED, (member("kiosk/a", 5000), b"x" * 5000))[:2000],
}


@pytest.mark.parametrize("data", BAD_ARCHIVES.values(), ids=BAD_ARCHIVES)
def test_an_archive_that_holds_anything_but_files_of_a_home_is_refused(data: bytes) -> None:
    """Everybody who knows the passphrase can put any archive into the file, and restore runs as root."""
    with pytest.raises(InputError):
        unseal(encrypt(data, "p w", random_bytes=counted_bytes(), cost=1), "p w")


@settings(max_examples=100)
@given(st.integers(0, 2000), st.binary(min_size=1, max_size=40))
def test_any_archive_is_a_bundle_or_an_input_error(at: int, bad: bytes) -> None:
    good = archive(LABELLED, (member("kiosk/a", 5), b"hello"))
    changed = good[:at] + bad + good[at + len(bad) :]
    with contextlib.suppress(InputError):
        unseal(encrypt(changed, "p w", random_bytes=counted_bytes(), cost=1), "p w")


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
    with pytest.raises(InputError, match="does not belong into a home"):
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
