"""Ed25519 keys: sign, verify, and their files' format.

Invariant: pure. libsodium does the arithmetic (RFC 8032). A private key with a passphrase is the organiser's matter
(tools/wheel_admin/publishing/signing_key.py): the library for that is too large for a kiosk.

One strict verification. Libraries disagree about signatures that no honest signer makes: points of small or mixed
order, a second encoding of a point, a scalar that was not reduced; some multiply the equation by the cofactor and
some do not. So a signature holds if and only if all of this is true:

1. A (the public key) and R (the signature's first half) are points of the prime-order group other than its neutral
   element, each in its canonical encoding;
2. s (the second half) is below the order L of that group;
3. [s]B = R + [SHA-512(R, A, message)]A.

With 1 the equation with and without the cofactor are the same. A verifier whose library does not use the cofactor and
compares R as bytes (OpenSSL, and so `cryptography`) needs to check only that A is such a point, once for each key, and
that R is not the neutral element: then R cannot be any other point.

A PEM file holds exactly one key of RFC 8410 in exactly the text that `pem` writes.
"""

import base64
import functools
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

import msgspec
from nacl.bindings import crypto_core_ed25519_is_valid_point
from nacl.exceptions import CryptoError
from nacl.signing import SigningKey, VerifyKey

from kiosk.core.canonical import from_base64

_PUBLIC_PREFIX = bytes.fromhex("302a300506032b6570032100")
"""SubjectPublicKeyInfo of RFC 8410, section 4, up to the 32 bytes of the key."""
_PRIVATE_PREFIX = bytes.fromhex("302e020100300506032b657004220420")
"""OneAsymmetricKey of RFC 8410, section 7, version 1, up to the 32 bytes of the seed."""
_KEY_BYTES = 32
_SIGNATURE_BYTES = 64
_NOT_THE_TEXT = "it is not exactly the text that such a key has"


class PublicKey(msgspec.Struct, frozen=True):
    """A key that signatures are checked with: its 32 raw bytes."""

    raw: bytes

    @property
    def keyid(self) -> str:
        """SHA-256 of the raw bytes, lowercase hex."""
        return hashlib.sha256(self.raw).hexdigest()

    def verifies(self, signature: bytes, message: bytes) -> bool:
        """Say whether `signature` is this key's under `message`, by the rule above. It may be any bytes."""
        if len(signature) != _SIGNATURE_BYTES or not self.sound or not _is_point(signature[:_KEY_BYTES]):
            return False
        try:
            VerifyKey(self.raw).verify(message, signature)
        except (CryptoError, ValueError):
            return False
        return True

    @property
    def sound(self) -> bool:
        """Whether it is a canonical point of the prime-order group: no other key verifies anything."""
        return _is_sound(self.raw)

    def pem(self) -> bytes:
        """Return the content of its file."""
        return _pem("PUBLIC KEY", _PUBLIC_PREFIX + self.raw)

    @classmethod
    def from_pem(cls, data: bytes) -> Self:
        """Read a file's content.

        Raises:
            ValueError: it is not exactly one Ed25519 public key, and why.
        """
        key = cls(_from_pem("PUBLIC KEY", _PUBLIC_PREFIX, data))
        if key.pem() != data:
            raise ValueError(_NOT_THE_TEXT)
        if not key.sound:
            raise ValueError("it is not a point of the prime-order group, so it is not a key that anybody made")
        return key


@dataclass(frozen=True, slots=True)
class PrivateKey:
    """A key that signs: its 32-byte seed, which is not shown by accident."""

    seed: bytes = field(repr=False)

    @property
    def public(self) -> PublicKey:
        """The other half."""
        return PublicKey(bytes(SigningKey(self.seed).verify_key))

    def sign(self, message: bytes) -> bytes:
        """Return the 64 bytes of its signature under `message`."""
        return SigningKey(self.seed).sign(message).signature

    def pem(self) -> bytes:
        """Return the content of its file, without a passphrase."""
        return _pem("PRIVATE KEY", _PRIVATE_PREFIX + self.seed)

    @classmethod
    def generate(cls) -> Self:
        """Make a new one from the system's randomness."""
        return cls(bytes(SigningKey.generate()))

    @classmethod
    def from_pem(cls, data: bytes) -> Self:
        """Read the content of a file without a passphrase.

        Raises:
            ValueError: it is not exactly one such Ed25519 private key, and why.
        """
        key = cls(_from_pem("PRIVATE KEY", _PRIVATE_PREFIX, data))
        if key.pem() != data:
            raise ValueError(_NOT_THE_TEXT)
        return key


def _pem(label: str, der: bytes) -> bytes:
    return f"-----BEGIN {label}-----\n{base64.b64encode(der).decode()}\n-----END {label}-----\n".encode()


def _from_pem(label: str, prefix: bytes, data: bytes) -> bytes:
    """Return the key's bytes; the caller holds the text against the one that the key has."""
    head, tail = f"-----BEGIN {label}-----\n".encode(), f"\n-----END {label}-----\n".encode()
    if not data.startswith(head):
        raise ValueError(f"it does not begin with BEGIN {label}")
    if not data.endswith(tail):
        raise ValueError(f"it does not end with END {label}")
    try:
        der = from_base64(data[len(head) : -len(tail)].decode("ascii"))
    except ValueError as error:
        raise ValueError(f"{_NOT_THE_TEXT}: {error}") from error
    if not der.startswith(prefix) or len(der) != len(prefix) + _KEY_BYTES:
        raise ValueError("it is of another kind than Ed25519")
    return der[len(prefix) :]


def _is_point(encoded: bytes) -> bool:
    return bool(crypto_core_ed25519_is_valid_point(encoded))


@functools.lru_cache(maxsize=128)
def _is_sound(raw: bytes) -> bool:
    return len(raw) == _KEY_BYTES and _is_point(raw)


TrustedKeys = Mapping[str, PublicKey]
"""The keys that a kiosk believes, by keyid."""
