"""Ed25519 keys: the published vector, agreement with another library, and damaged or wrong files."""

import base64
import contextlib
import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)
from hypothesis import given
from hypothesis import strategies as st

from kiosk.core.keys import PrivateKey, PublicKey
from tests.support import KEY, STRANGER

seeds = st.binary(min_size=32, max_size=32)


def theirs(key: PrivateKey) -> Ed25519PrivateKey:
    """Return the same key in another library."""
    return Ed25519PrivateKey.from_private_bytes(key.seed)


def test_ed25519_is_that_of_rfc_8032_section_7_1_test_1() -> None:
    key = PrivateKey(bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"))
    signature = bytes.fromhex(
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe"
        "24655141438e7a100b"
    )

    assert key.public.raw.hex() == "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
    assert key.sign(b"") == signature
    assert key.public.verifies(signature, b"")
    assert not key.public.verifies(signature, b"\0")


@given(seeds, st.binary(max_size=200))
def test_another_library_signs_and_verifies_the_same(seed: bytes, message: bytes) -> None:
    key = PrivateKey(seed)

    assert key.sign(message) == theirs(key).sign(message)
    assert key.public.raw == theirs(key).public_key().public_bytes_raw()
    theirs(key).public_key().verify(key.sign(message), message)


@given(seeds)
def test_the_files_are_byte_for_byte_those_of_another_library_and_are_read_back(seed: bytes) -> None:
    key = PrivateKey(seed)
    pkcs8 = theirs(key).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    spki = theirs(key).public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    assert (key.pem(), key.public.pem()) == (pkcs8, spki)
    assert PrivateKey.from_pem(pkcs8) == key
    assert PublicKey.from_pem(spki) == key.public


def test_keyid_is_the_digest_of_the_raw_public_key() -> None:
    assert KEY.public.keyid == hashlib.sha256(KEY.public.raw).hexdigest()
    assert KEY.public.keyid != STRANGER.public.keyid


def test_two_new_keys_differ() -> None:
    assert PrivateKey.generate() != PrivateKey.generate()


def test_a_private_key_does_not_show_its_seed() -> None:
    assert KEY.seed.hex() not in repr(KEY)
    assert str(KEY.seed) not in repr(KEY)


@pytest.mark.parametrize("length", [0, 1, 63, 65, 128])
def test_a_signature_of_another_length_does_not_hold(length: int) -> None:
    assert not KEY.public.verifies((KEY.sign(b"x") * 2)[:length], b"x")


@pytest.mark.parametrize("raw", [b"", b"\0" * 31, b"\0" * 32, b"\xff" * 32, b"\0" * 33], ids=len)
def test_under_a_key_that_is_none_nothing_holds(raw: bytes) -> None:
    """A point of small order, as zeros are, would let one signature hold under every message."""
    assert not PublicKey(raw).verifies(b"\0" * 64, b"x")
    assert not PublicKey(raw).verifies(bytes([1]) + b"\0" * 63, b"x")


@given(st.integers(0, 63), st.integers(1, 255))
def test_no_byte_of_a_signature_can_be_changed(place: int, change: int) -> None:
    signature = bytearray(KEY.sign(b"message"))
    signature[place] ^= change

    assert not KEY.public.verifies(bytes(signature), b"message")


def test_text_around_a_key_and_other_line_ends_do_no_harm() -> None:
    pem = b"made for the summer fair\r\n" + KEY.public.pem().replace(b"\n", b"\r\n") + b"\r\n"

    assert PublicKey.from_pem(pem) == KEY.public


@given(st.data())
def test_a_file_without_one_of_its_bytes_is_no_key_or_the_same_one(data: st.DataObject) -> None:
    pem = KEY.public.pem()
    place = data.draw(st.integers(0, len(pem) - 1))

    with contextlib.suppress(ValueError):
        assert PublicKey.from_pem(pem[:place] + pem[place + 1 :]) == KEY.public  # a line end


def altered(body: bytes) -> bytes:
    return b"-----BEGIN PUBLIC KEY-----\n" + base64.b64encode(body) + b"\n-----END PUBLIC KEY-----\n"


SPKI = base64.b64decode(b"".join(KEY.public.pem().split(b"\n")[1:2]))


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "^it does not contain a PUBLIC KEY$"),
        (KEY.pem(), "^it does not contain a PUBLIC KEY$"),
        (b"-----BEGIN PUBLIC KEY-----\nMCowBQ=Z\n-----END PUBLIC KEY-----\n", "^its base64 is damaged: .+"),
        (altered(SPKI[:-1]), "^it is not an Ed25519 key$"),
        (altered(SPKI + b"\0"), "not an Ed25519 key"),
        (altered(b"\x31" + SPKI[1:]), "not an Ed25519 key"),
    ],
)
def test_what_is_no_public_key_says_why(content: bytes, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        PublicKey.from_pem(content)


def test_a_key_whose_base64_stands_on_several_lines_is_the_same_key() -> None:
    begin, body, end, _ = KEY.public.pem().split(b"\n")

    assert PublicKey.from_pem(b"\n".join([begin, body[:20], body[20:], end])) == KEY.public


def test_another_library_reads_our_files() -> None:
    private, public = load_pem_private_key(KEY.pem(), password=None), load_pem_public_key(KEY.public.pem())

    assert isinstance(private, Ed25519PrivateKey)
    assert private.private_bytes_raw() == KEY.seed
    assert private.public_key() == public
