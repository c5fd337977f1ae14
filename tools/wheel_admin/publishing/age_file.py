"""Files encrypted with a passphrase in the age format (age-encryption.org/v1), which `age -d` opens.

Invariant: pure; bytes in, bytes out. The primitives are those of `cryptography`; this module puts them together as the
specification (C2SP, https://c2sp.org/age) says, for one recipient: a passphrase through scrypt. A library would do that
as well, but the ones for Python choose scrypt's cost by the speed of the machine: a file made on a laptop asked for 512
MiB, which a Pi with 1 GiB cannot give.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Callable

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from kiosk.core.errors import InputError, TrustError

VERSION = b"age-encryption.org/v1\n"
COST = 17
"""The logarithm of scrypt's N: with r = 8 that takes 128 MiB, and two seconds on a Pi, for every guess (OWASP)."""
MOST_COST = 20
"""What is opened at most: 1 GiB. A file cannot ask for more."""
_LABEL = b"age-encryption.org/v1/scrypt"
_FILE_KEY_BYTES, _SALT_BYTES, _NONCE_BYTES, _TAG_BYTES = 16, 16, 16, 16
_CHUNK_BYTES = 64 << 10
_HEADER = re.compile(
    rb"age-encryption\.org/v1\n"
    rb"-> scrypt (?P<salt>[A-Za-z0-9+/]{22}) (?P<cost>[1-9][0-9]?)\n"
    rb"(?P<wrapped>[A-Za-z0-9+/]{43})\n"
    rb"--- (?P<mac>[A-Za-z0-9+/]{43})\n"
)


def encrypt(data: bytes, passphrase: str, *, random_bytes: Callable[[int], bytes], cost: int = COST) -> bytes:
    """Return the encrypted file.

    Args:
        data: what to encrypt.
        passphrase: what opens it.
        random_bytes: where keys come from, `secrets.token_bytes` outside of tests.
        cost: the logarithm of scrypt's N.
    """
    file_key, salt, nonce = (random_bytes(size) for size in (_FILE_KEY_BYTES, _SALT_BYTES, _NONCE_BYTES))
    wrapped = ChaCha20Poly1305(_wrapping_key(passphrase, salt, cost)).encrypt(bytes(12), file_key, None)
    stanza = b"-> scrypt %b %d\n%b\n" % (_base64(salt), cost, _base64(wrapped))
    signed = VERSION + stanza + b"---"
    header = signed + b" " + _base64(_mac(file_key, signed)) + b"\n"
    cipher = ChaCha20Poly1305(_derived(file_key, salt=nonce, info=b"payload"))
    chunks = [data[at : at + _CHUNK_BYTES] for at in range(0, len(data), _CHUNK_BYTES)] or [b""]
    sealed = [
        cipher.encrypt(_chunk_nonce(number, last=number == len(chunks) - 1), chunk, None)
        for number, chunk in enumerate(chunks)
    ]
    return b"".join((header, nonce, *sealed))


def decrypt(data: bytes, passphrase: str) -> bytes:
    """Open an encrypted file.

    Raises:
        InputError: it is not an age file for a passphrase, or asks for more than `MOST_COST`.
        TrustError: the passphrase is wrong, or the file was changed or lost its end.
    """
    header = _HEADER.match(data)
    if header is None:
        raise InputError(
            "That is not a file encrypted with a passphrase by age.",
            remedy="Name a file that wheel-admin bundle wrote.",
        )
    cost = int(header["cost"])
    if cost > MOST_COST:
        raise InputError(f"Opening it would take {1 << cost - 10} MiB of memory, {1 << MOST_COST - 10} are allowed.")
    salt, wrapped, mac = (base64.b64decode(header[part] + b"==") for part in ("salt", "wrapped", "mac"))
    try:
        file_key = ChaCha20Poly1305(_wrapping_key(passphrase, salt, cost)).decrypt(bytes(12), wrapped, None)
        # Base64 without padding has several spellings of the same bytes; the code is over the one that was read.
        if not hmac.compare_digest(_mac(file_key, data[: header.start("mac") - 1]), mac):
            raise InvalidTag  # noqa: TRY301 - like every other way in which the file was changed
        return _opened(data[header.end() :], file_key)
    except InvalidTag as error:
        raise TrustError(
            "It does not open: the passphrase is wrong, or the file was damaged.",
            remedy="Type the passphrase again. If that does not help, take another copy of the bundle.",
        ) from error


def _opened(payload: bytes, file_key: bytes) -> bytes:
    """Decrypt the payload, chunk by chunk; the last one is marked, so that none can be missing."""
    nonce, sealed = payload[:_NONCE_BYTES], payload[_NONCE_BYTES:]
    cipher = ChaCha20Poly1305(_derived(file_key, salt=nonce, info=b"payload"))
    size = _CHUNK_BYTES + _TAG_BYTES
    count = max(1, -(-len(sealed) // size))
    chunks = [
        cipher.decrypt(
            _chunk_nonce(number, last=number == count - 1), sealed[number * size : (number + 1) * size], None
        )
        for number in range(count)
    ]
    if count > 1 and not chunks[-1]:  # only a file of nothing has an empty chunk
        raise InvalidTag
    return b"".join(chunks)


def _wrapping_key(passphrase: str, salt: bytes, cost: int) -> bytes:
    return Scrypt(salt=_LABEL + salt, length=32, n=1 << cost, r=8, p=1).derive(passphrase.encode())


def _mac(file_key: bytes, signed: bytes) -> bytes:
    return hmac.new(_derived(file_key, salt=b"", info=b"header"), signed, hashlib.sha256).digest()


def _derived(file_key: bytes, *, salt: bytes, info: bytes) -> bytes:
    return HKDF(SHA256(), length=32, salt=salt, info=info).derive(file_key)


def _chunk_nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])


def _base64(data: bytes) -> bytes:
    return base64.b64encode(data).rstrip(b"=")
