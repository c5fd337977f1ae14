"""The format of a bundle: one file that holds a home, encrypted under a passphrase.

Invariant: pure; bytes in, bytes out. A line that says what it is (`wheel-bundle/1`), a line of JSON with what is needed
to open it, then ChaCha20-Poly1305 (RFC 8439) of all files under a key that scrypt (RFC 7914) makes of the passphrase.
Both lines are authenticated, so nothing in the file can be changed unnoticed. All of it is encrypted, not the keys
alone: the lists are people.
"""

import base64
import re
from collections.abc import Callable, Mapping
from typing import Literal

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from kiosk.core.errors import InputError, TrustError

MAGIC = b"wheel-bundle/1\n"
MAX_BUNDLE_BYTES = 1 << 30
_SALT_BYTES, _NONCE_BYTES, _KEY_BYTES = 16, 12, 32
COST = 1 << 15
"""scrypt's n: with r = 8 that takes 32 MiB and some tenths of a second on a Pi, and as much for every guess."""
_MOST_COST = 1 << 20
_PATH = re.compile(r"(admin|snapshots|kiosk)(/(?!\.)[^/\0\\]+){1,2}")


class Header(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a bundle is encrypted; bytes as base64."""

    salt: str
    nonce: str
    n: int
    r: int = 8
    p: int = 1
    kdf: Literal["scrypt"] = "scrypt"
    aead: Literal["chacha20-poly1305"] = "chacha20-poly1305"


class Stored(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One file: its permission bits and its bytes."""

    mode: int
    data: bytes


class Contents(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a bundle holds.

    Attributes:
        created_at: UTC, RFC 3339.
        kiosk: id of the kiosk that the ledger is of; "" if it has none yet.
        seq: number of the ledger's last record, and
        head: its hash.
        files: by path relative to the home.
    """

    created_at: str
    kiosk: str
    seq: int
    head: str
    files: dict[str, Stored]


def seal(contents: Contents, passphrase: str, *, random_bytes: Callable[[int], bytes], cost: int = COST) -> bytes:
    """Return the bundle's bytes; `cost` is scrypt's n."""
    salt, nonce = random_bytes(_SALT_BYTES), random_bytes(_NONCE_BYTES)
    header = Header(base64.b64encode(salt).decode(), base64.b64encode(nonce).decode(), n=cost)
    head = MAGIC + msgspec.json.encode(header) + b"\n"
    key = _key(header, salt, passphrase)
    return head + ChaCha20Poly1305(key).encrypt(nonce, msgspec.msgpack.encode(contents), head)


def unseal(data: bytes, passphrase: str) -> Contents:
    """Open a bundle.

    Raises:
        InputError: it is no bundle.
        TrustError: the passphrase is wrong, or the file was changed.
    """
    if not data.startswith(MAGIC):
        raise InputError("That is no bundle of wheel-admin.")
    line, _, sealed = data[len(MAGIC) :].partition(b"\n")
    try:
        header = msgspec.json.decode(line, type=Header)
        salt, nonce = (base64.b64decode(text, validate=True) for text in (header.salt, header.nonce))
        if not (
            1 < header.n <= _MOST_COST and header.n & (header.n - 1) == 0 and 1 <= header.r <= 16 and header.p == 1
        ):
            raise ValueError("impossible cost")  # noqa: TRY301 - as every other way in which a header is wrong
        key = _key(header, salt, passphrase)
        opened = ChaCha20Poly1305(key).decrypt(nonce, sealed, MAGIC + line + b"\n")
    except InvalidTag as error:
        raise TrustError(
            "The bundle does not open: the passphrase is wrong, or the file was damaged.", remedy="Try again."
        ) from error
    except (msgspec.MsgspecError, ValueError) as error:
        raise InputError(f"The bundle is damaged: {error}.") from error
    try:
        contents = msgspec.msgpack.decode(opened, type=Contents)
    except msgspec.MsgspecError as error:
        raise InputError(f"The bundle is damaged: {error}.") from error
    check_paths(contents.files)
    return contents


def check_paths(files: Mapping[str, Stored]) -> None:
    """Make sure that no file would be written anywhere but into a home.

    Raises:
        InputError: one would be.
    """
    for path in files:
        if not _PATH.fullmatch(path) or ".." in path.split("/"):
            raise InputError(f"The bundle holds {path!r}, which belongs into no home.")


def _key(header: Header, salt: bytes, passphrase: str) -> bytes:
    kdf = Scrypt(salt=salt, length=_KEY_BYTES, n=header.n, r=header.r, p=header.p)
    return kdf.derive(passphrase.encode())
