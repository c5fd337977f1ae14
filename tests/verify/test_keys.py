"""Keys and signatures: one text for a key, and no signature about which libraries differ."""

import itertools
import re
from base64 import b64encode

import pytest

from kiosk.core.keys import PublicKey
from tests.verify import curve
from tests.verify.history import ORGANISER
from verify import verify_draw

# --- Keys ---

PEM = ORGANISER.pem
REFUSED_KEYS = {
    "two keys": PEM * 2,
    "base64 wrapped at 40": PEM[:67] + b"\n" + PEM[67:],
    "a line before": b"Organiser\n" + PEM,
    "a line after": PEM + b"\n",
    "no LF at the end": PEM[:-1],
    "CR LF": PEM.replace(b"\n", b"\r\n"),
    "a space": PEM.replace(b"MCow", b" MCow"),
    "spare bits set": re.sub(rb"(.)=\n", lambda m: bytes([m[1][0] + 1]) + b"=\n", PEM),
    "another algorithm": PEM.replace(b"MCowBQYDK2Vw", b"MCowBQYDK2Vu"),
    "a private key": PEM.replace(b"PUBLIC", b"PRIVATE"),
    "nothing": b"",
}


def pem_of(raw: bytes) -> bytes:
    der = bytes.fromhex("302a300506032b6570032100") + raw
    return b"-----BEGIN PUBLIC KEY-----\n" + b64encode(der) + b"\n-----END PUBLIC KEY-----\n"


@pytest.mark.parametrize("name", REFUSED_KEYS)
def test_a_key_in_any_other_text_is_refused(name: str) -> None:
    assert REFUSED_KEYS[name] != PEM
    with pytest.raises(ValueError, match="canonical PEM"):
        verify_draw.read_public_key(REFUSED_KEYS[name])


def test_a_key_in_its_one_text_is_accepted() -> None:
    assert verify_draw.read_public_key(PEM) == ORGANISER.public == verify_draw.read_public_key(pem_of(ORGANISER.public))


@pytest.mark.parametrize("raw", curve.small_encodings(), ids=bytes.hex)
def test_a_key_of_small_order_is_refused(raw: bytes) -> None:
    with pytest.raises(ValueError, match="canonical PEM"):
        verify_draw.read_public_key(pem_of(raw))


def test_a_key_with_a_part_of_small_order_is_refused() -> None:
    twisted, _ = curve.forge(12345, 1, b"", key_twist=curve.torsion()[1], nonce_twist=(0, 1))
    with pytest.raises(ValueError, match="canonical PEM"):
        verify_draw.read_public_key(pem_of(twisted))


def odd_signatures() -> list[tuple[bytes, bytes, bytes]]:
    text = b"an odd signature"
    small = curve.torsion()
    made = []
    for a, b, nonce in itertools.product(range(8), range(8), (0, 77, 78, 79)):
        key, sig = curve.forge(12345, nonce, text, key_twist=small[a], nonce_twist=small[b])
        made.append((key, text, sig))
        key, sig = curve.forge(0, nonce, text, key_twist=small[a], nonce_twist=small[b])
        made.append((key, text, sig))
    key, sig = curve.forge(12345, 77, text, key_twist=small[0], nonce_twist=small[0])
    order = int.from_bytes(sig[32:], "little")
    for s in (order + curve.L, 0, curve.L, 2**256 - 1, order | 1 << 255):
        made += [(key, text, sig[:32] + (s % 2**256).to_bytes(32, "little"))]
    for one, other in itertools.product(curve.small_encodings(), repeat=2):
        made.append((one, text, other + bytes(32)))
        made.append((key, text, other + sig[32:]))
    made += [
        (key, text, sig[:63]),
        (key, text, sig + b"\0"),
        (key, text, b""),
        (key, text + b".", sig),
        (b"\xff" * 32, text, sig),
    ]
    return made


@pytest.mark.slow
def test_the_kiosk_and_the_verifier_agree_on_every_odd_signature() -> None:
    made = odd_signatures()
    told = [verify_draw.signature_holds(*one) for one in made]
    assert told == [PublicKey(key).verifies(signature, message) for key, message, signature in made]
    assert any(told)
    assert len(made) > 900


@pytest.mark.slow
def test_the_kiosk_and_the_verifier_agree_on_every_kind_of_key() -> None:
    small = curve.torsion()
    made = [
        curve.forge(secret, 1, b"", key_twist=twist, nonce_twist=(0, 1))[0]
        for secret in (0, 1, 5, 12345)
        for twist in small
    ]
    made += [
        *curve.small_encodings(),
        b"\xff" * 32,
        bytes(31),
        b"",
        *((n).to_bytes(32, "little") for n in range(2, 40)),
    ]
    made += [(curve.P + n).to_bytes(32, "little") for n in range(2, 18)]
    told = [verify_draw.is_sound_key(one) for one in made]
    assert told == [PublicKey(one).sound for one in made]
    assert 3 <= sum(told) < len(made) / 2


def test_a_published_signature_holds() -> None:
    key = bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")  # RFC 8032, 7.1, test 1
    sig = "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
    sig += "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
    assert verify_draw.signature_holds(key, b"", bytes.fromhex(sig))
    assert not verify_draw.signature_holds(key, b"x", bytes.fromhex(sig))
