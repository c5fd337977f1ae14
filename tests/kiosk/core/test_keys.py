"""Ed25519 keys: the published vector, another library's opinion, and files that are damaged or of another kind."""

import base64
import hashlib
from collections.abc import Callable

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
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
from nacl.bindings import (
    crypto_core_ed25519_add,
    crypto_core_ed25519_is_valid_point,
    crypto_scalarmult_ed25519_base_noclamp,
)

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


# ---- the strict verification: kiosk and verifiers have to agree on every signature ----------------------------------

L = (1 << 252) + 27742317777372353535851937790883648493
NEUTRAL = bytes([1]) + bytes(31)
TORSION = [
    bytes.fromhex(text)
    for text in (
        "0100000000000000000000000000000000000000000000000000000000000000",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0000000000000000000000000000000000000000000000000000000000000080",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    )
]
"""The eight points whose order divides 8 (RFC 7748 and 8032: the curve's cofactor is 8)."""
NOT_CANONICAL = [
    bytes.fromhex("ed" + "ff" * 30 + "7f"),  # y = p, which is 0
    bytes.fromhex("ee" + "ff" * 30 + "7f"),  # y = p + 1, which is 1
    bytes.fromhex("01" + "00" * 30 + "80"),  # x = 0 with a sign
]


def reduced(wide: int) -> int:
    return wide % L


def challenge(r: bytes, a: bytes, message: bytes) -> int:
    return reduced(int.from_bytes(hashlib.sha512(r + a + message).digest(), "little"))


def scalar_of(key: PrivateKey) -> int:
    digest = hashlib.sha512(key.seed).digest()
    clamped = bytearray(digest[:32])
    clamped[0] &= 248
    clamped[31] = clamped[31] & 127 | 64
    return int.from_bytes(clamped, "little")


def base_times(scalar: int) -> bytes:
    return crypto_scalarmult_ed25519_base_noclamp(scalar.to_bytes(32, "little"))


def agree(raw: bytes, signature: bytes, message: bytes) -> bool:
    """Return what a verifier without cofactor says that follows the docstring of `kiosk.core.keys`."""
    if not crypto_core_ed25519_is_valid_point(raw) or signature[:32] == NEUTRAL:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(raw).verify(signature, message)
    except InvalidSignature:
        return False
    return True


@pytest.mark.parametrize("raw", [*TORSION, *NOT_CANONICAL], ids=bytes.hex)
def test_a_small_or_noncanonical_point_verifies_nothing(raw: bytes) -> None:
    for r in (*TORSION, *NOT_CANONICAL):
        for message in (b"a", b"b", b"c", b"d", b"e", b"f", b"g", b"h"):
            signature = r + bytes(32)
            assert not PublicKey(raw).verifies(signature, message)
            assert not agree(raw, signature, message)


@pytest.mark.parametrize("torsion", TORSION[1:], ids=bytes.hex)
def test_a_key_of_mixed_order_verifies_nothing(torsion: bytes) -> None:
    """With it one library accepts what the other refuses, according to the message."""
    raw = crypto_core_ed25519_add(KEY.public.raw, torsion)
    r = base_times(12345)
    for message in (b"a", b"b", b"c", b"d", b"e", b"f", b"g", b"h"):
        s = reduced(12345 + challenge(r, raw, message) * scalar_of(KEY))
        signature = r + s.to_bytes(32, "little")
        assert not PublicKey(raw).verifies(signature, message)
        assert not agree(raw, signature, message)
    with pytest.raises(ValueError, match="prime-order"):
        PublicKey.from_pem(PublicKey(raw).pem())


@pytest.mark.parametrize("torsion", TORSION[1:], ids=bytes.hex)
def test_a_signature_whose_point_has_mixed_order_does_not_hold(torsion: bytes) -> None:
    r = crypto_core_ed25519_add(base_times(12345), torsion)
    s = reduced(12345 + challenge(r, KEY.public.raw, b"x") * scalar_of(KEY))
    signature = r + s.to_bytes(32, "little")

    assert not KEY.public.verifies(signature, b"x")
    assert not agree(KEY.public.raw, signature, b"x")


def test_a_signature_whose_point_is_neutral_does_not_hold() -> None:
    s = reduced(challenge(NEUTRAL, KEY.public.raw, b"x") * scalar_of(KEY))
    signature = NEUTRAL + s.to_bytes(32, "little")

    assert not KEY.public.verifies(signature, b"x")
    assert not agree(KEY.public.raw, signature, b"x")


def test_a_scalar_that_is_not_reduced_does_not_hold() -> None:
    good = KEY.sign(b"x")
    s = int.from_bytes(good[32:], "little") + L

    assert KEY.public.verifies(good, b"x")
    assert not KEY.public.verifies(good[:32] + s.to_bytes(32, "little"), b"x")


@given(seeds, st.binary(max_size=50), st.binary(min_size=64, max_size=64))
def test_both_libraries_agree_about_any_signature(seed: bytes, message: bytes, other: bytes) -> None:
    key = PrivateKey(seed)
    for signature in (key.sign(message), other, key.sign(message)[:32] + other[32:], other[:32] + bytes(32)):
        assert key.public.verifies(signature, message) == agree(key.public.raw, signature, message)


# ---- key files ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        lambda pem: b"made for the summer fair\n" + pem,
        lambda pem: pem.replace(b"\n", b"\r\n"),
        lambda pem: pem + b"\n",
        lambda pem: pem[:-1],
        lambda pem: pem + pem,
        lambda pem: pem + STRANGER.public.pem(),
        lambda pem: pem[:47] + b"\n" + pem[47:],
        lambda pem: pem.replace(b"PUBLIC KEY", b"PUBLIC  KEY"),
    ],
    ids=["text before", "CRLF", "an empty line", "no last line end", "twice", "two keys", "wrapped", "label"],
)
def test_a_key_file_holds_one_key_in_one_text(change: Callable[[bytes], bytes]) -> None:
    with pytest.raises(ValueError, match="it "):
        PublicKey.from_pem(change(KEY.public.pem()))


@given(st.integers(0, 112), st.binary(max_size=2))
def test_a_key_file_with_any_change_is_refused(place: int, instead: bytes) -> None:
    for pem, read in ((KEY.public.pem(), PublicKey.from_pem), (KEY.pem(), PrivateKey.from_pem)):
        changed = pem[:place] + instead + pem[place + 1 :]
        try:
            key = read(changed)
        except ValueError:
            continue
        assert key.pem() == changed


def altered(body: bytes) -> bytes:
    return b"-----BEGIN PUBLIC KEY-----\n" + base64.b64encode(body) + b"\n-----END PUBLIC KEY-----\n"


SPKI = base64.b64decode(b"".join(KEY.public.pem().split(b"\n")[1:2]))


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "^it does not begin with BEGIN PUBLIC KEY$"),
        (KEY.pem(), "^it does not begin with BEGIN PUBLIC KEY$"),
        (b"-----BEGIN PUBLIC KEY-----\nMCowBQ=Z\n-----END PUBLIC KEY-----\n", "it is not base64"),
        (altered(SPKI[:-1]), "^it is of another kind than Ed25519$"),
        (altered(SPKI + b"\0"), "another kind"),
        (altered(b"\x31" + SPKI[1:]), "another kind"),
    ],
)
def test_what_is_no_public_key_says_why(content: bytes, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        PublicKey.from_pem(content)


def test_another_library_reads_our_files() -> None:
    private, public = load_pem_private_key(KEY.pem(), password=None), load_pem_public_key(KEY.public.pem())

    assert isinstance(private, Ed25519PrivateKey)
    assert private.private_bytes_raw() == KEY.seed
    assert private.public_key() == public
