"""The signing key with a passphrase: PKCS #8, PBES2 with scrypt and AES-256-CBC, which `openssl pkey` opens.

Invariant: pure. `cryptography` reads this form and does not write it (it writes PBKDF2 with 2048 rounds), so its DER is
put together here. Sources: RFC 5958 (EncryptedPrivateKeyInfo), RFC 8018 (PBES2), RFC 7914, section 7 (scrypt in it).
"""

import base64
import textwrap
from collections.abc import Callable

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from cryptography.hazmat.primitives.padding import PKCS7
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from kiosk.core.keys import PrivateKey

_N, _R, _P = 1 << 14, 8, 5
"""16 MiB and, on a Pi, half a second for every guess (OWASP); openssl refuses to take 32 MiB."""
_SEQUENCE, _OCTETS, _INTEGER = 0x30, 0x04, 0x02
_PBES2 = bytes.fromhex("06092a864886f70d01050d")
_SCRYPT = bytes.fromhex("06092b06010401da47040b")
_AES256_CBC = bytes.fromhex("060960864801650304012a")


def encrypted(key: PrivateKey, passphrase: str, *, random_bytes: Callable[[int], bytes]) -> bytes:
    """Return the content of the key's file.

    Args:
        key: the private key.
        passphrase: what opens it.
        random_bytes: where salt and initialisation vector come from, `secrets.token_bytes` outside of tests.
    """
    salt, iv = random_bytes(16), random_bytes(16)
    derived = Scrypt(salt=salt, length=32, n=_N, r=_R, p=_P).derive(passphrase.encode())
    plain = Ed25519PrivateKey.from_private_bytes(key.seed).private_bytes(
        Encoding.DER, PrivateFormat.PKCS8, NoEncryption()
    )
    padder, encryptor = PKCS7(128).padder(), Cipher(AES256(derived), CBC(iv)).encryptor()
    sealed = encryptor.update(padder.update(plain) + padder.finalize()) + encryptor.finalize()
    cost = (_der(_INTEGER, number.to_bytes(number.bit_length() // 8 + 1, "big")) for number in (_N, _R, _P))
    kdf = _der(_SEQUENCE, _SCRYPT, _der(_SEQUENCE, _der(_OCTETS, salt), *cost))
    cipher = _der(_SEQUENCE, _AES256_CBC, _der(_OCTETS, iv))
    scheme = _der(_SEQUENCE, _PBES2, _der(_SEQUENCE, kdf, cipher))
    text = base64.b64encode(_der(_SEQUENCE, scheme, _der(_OCTETS, sealed))).decode()
    lines = "\n".join(textwrap.wrap(text, 64))
    return f"-----BEGIN ENCRYPTED PRIVATE KEY-----\n{lines}\n-----END ENCRYPTED PRIVATE KEY-----\n".encode()


def decrypted(pem: bytes, passphrase: str) -> PrivateKey:
    """Open the content of a key's file.

    Raises:
        ValueError: the passphrase does not fit, or the file is damaged.
        TypeError: the key in it is of another kind than Ed25519.
    """
    try:
        key = load_pem_private_key(pem, password=passphrase.encode())
    except (TypeError, UnsupportedAlgorithm) as error:
        raise ValueError(str(error)) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise TypeError("the key is of another kind than Ed25519")
    return PrivateKey(key.private_bytes_raw())


def _der(tag: int, *parts: bytes) -> bytes:
    """Return one element of DER; none of ours has 256 bytes or more."""
    content = b"".join(parts)
    length = bytes([len(content)]) if len(content) < 0x80 else bytes([0x81, len(content)])
    return bytes([tag]) + length + content
