"""Ed25519 keys: signing, verifying, and their PEM format.

Invariant: pure. libsodium does the arithmetic (RFC 8032); verification returns True or False for any bytes and never
raises. A PEM file has the one form of RFC 8410: for Ed25519 a fixed prefix and 32 bytes. Private keys with a passphrase
are read by tools/wheel_admin/publishing/signing_key.py only: the library for them is too large for a kiosk.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from nacl.exceptions import CryptoError
from nacl.signing import SigningKey, VerifyKey

_PUBLIC_PREFIX = bytes.fromhex("302a300506032b6570032100")
"""SubjectPublicKeyInfo of RFC 8410, section 4, up to the 32 bytes of the key."""
_PRIVATE_PREFIX = bytes.fromhex("302e020100300506032b657004220420")
"""OneAsymmetricKey of RFC 8410, section 7, version 1, up to the 32 bytes of the seed."""
_KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A key that verifies signatures: its 32 raw bytes."""

    raw: bytes

    @property
    def keyid(self) -> str:
        """SHA-256 of the raw bytes, lowercase hex."""
        return hashlib.sha256(self.raw).hexdigest()

    def verifies(self, signature: bytes, message: bytes) -> bool:
        """Return whether this key made `signature` for `message`; a malformed signature is False."""
        try:
            VerifyKey(self.raw).verify(message, signature)
        except (CryptoError, ValueError):
            return False
        return True

    def pem(self) -> bytes:
        """Return the key as PEM."""
        return _pem("PUBLIC KEY", _PUBLIC_PREFIX + self.raw)

    @classmethod
    def from_pem(cls, data: bytes) -> Self:
        """Read a key from PEM.

        Raises:
            ValueError: it is not an Ed25519 public key; the message says why.
        """
        return cls(_from_pem("PUBLIC KEY", _PUBLIC_PREFIX, data))


@dataclass(frozen=True, slots=True)
class PrivateKey:
    """A key that signs: its 32-byte seed, which `repr` does not show."""

    seed: bytes = field(repr=False)

    @property
    def public(self) -> PublicKey:
        """The matching public key."""
        return PublicKey(bytes(SigningKey(self.seed).verify_key))

    def sign(self, message: bytes) -> bytes:
        """Return the signature of `message`, 64 bytes."""
        return SigningKey(self.seed).sign(message).signature

    def pem(self) -> bytes:
        """Return the key as PEM, without a passphrase."""
        return _pem("PRIVATE KEY", _PRIVATE_PREFIX + self.seed)

    @classmethod
    def generate(cls) -> Self:
        """Generate a key from the system's randomness."""
        return cls(bytes(SigningKey.generate()))

    @classmethod
    def from_pem(cls, data: bytes) -> Self:
        """Read a key from PEM without a passphrase.

        Raises:
            ValueError: it is not such an Ed25519 private key; the message says why.
        """
        return cls(_from_pem("PRIVATE KEY", _PRIVATE_PREFIX, data))


def _pem(label: str, der: bytes) -> bytes:
    return f"-----BEGIN {label}-----\n{base64.b64encode(der).decode()}\n-----END {label}-----\n".encode()


def _from_pem(label: str, prefix: bytes, data: bytes) -> bytes:
    found = re.search(rb"-----BEGIN %b-----\s+([A-Za-z0-9+/=\s]+?)\s+-----END %b-----" % ((label.encode(),) * 2), data)
    if found is None:
        raise ValueError(f"it does not contain a {label}")
    try:
        der = base64.b64decode(b"".join(found[1].split()), validate=True)
    except binascii.Error as error:
        raise ValueError(f"its base64 is damaged: {error}") from error
    if not der.startswith(prefix) or len(der) != len(prefix) + _KEY_BYTES:
        raise ValueError("it is not an Ed25519 key")
    return der[len(prefix) :]


TrustedKeys = Mapping[str, PublicKey]
"""The keys whose signatures a kiosk accepts, by key id."""
