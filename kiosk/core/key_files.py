"""Key files: the organisers' public keys that a kiosk trusts, and the kiosk's own key pair."""

import logging
import os
from pathlib import Path

from kiosk.core.durable import PRIVATE, PUBLIC, write_atomic
from kiosk.core.errors import HomeError, TrustError
from kiosk.core.keys import PrivateKey, PublicKey, TrustedKeys
from kiosk.core.regular_files import read_file

logger = logging.getLogger(__name__)

_MOST_KEY_BYTES = 1 << 10
"""A key takes 113 bytes, a private one 119, and one with a passphrase 400."""
_MOST_PUBLIC_BYTES = 1 << 20
_MOST_KEYS = 100
_END = b"-----END PUBLIC KEY-----\n"


def load_trusted_keys(directory: Path) -> TrustedKeys:
    """Read every `*.pem` in `directory`; files that are not Ed25519 public keys are skipped and logged.

    So a stray file (macOS leaves some) cannot add a trusted key and cannot keep the kiosk from starting.

    Raises:
        HomeError: the directory exists but cannot be read.
    """
    keys: dict[str, PublicKey] = {}
    try:
        with os.scandir(directory) as entries:
            names = sorted(entry.name for entry in entries if entry.name.endswith(".pem"))
    except FileNotFoundError:
        return keys
    except OSError as error:
        raise HomeError(f"Cannot read the trusted keys in {directory}: {error.strerror}.") from error
    for name in names[:_MOST_KEYS]:
        try:
            key = _load(directory / name)
        except TrustError as error:
            logger.warning("skipped a trusted key: %s", error.message)
            continue
        keys[key.keyid] = key
    return keys


def kiosk_id(path: Path) -> str:
    """Return the id of this kiosk: the key id of its own key, which is created at the first start.

    Raises:
        HomeError: the key cannot be read or written.
        TrustError: the file is not an Ed25519 private key.
    """
    return kiosk_key(path).public.keyid


def kiosk_key(path: Path, *, public: Path | None = None) -> PrivateKey:
    """Return this kiosk's own key, which is created at the first start.

    Args:
        path: its file, mode 0600.
        public: where its public key is written, world-readable, unless the file has it already. Earlier keys stay
            below it: they signed earlier heads of the same ledger.

    Raises:
        HomeError: the key cannot be read or written.
        TrustError: the file is not an Ed25519 private key.
    """
    try:
        data = read_file(path, limit=_MOST_KEY_BYTES)
    except FileNotFoundError:
        data = PrivateKey.generate().pem()
        write_atomic(path, data, mode=PRIVATE)
    except OSError as error:
        raise HomeError(f"Cannot read {path}: {error.strerror}.") from error
    try:
        key = PrivateKey.from_pem(data)
    except ValueError as error:
        raise TrustError(
            f"{path} is not a private key: {error}.", remedy="Move it away: a new one is created."
        ) from error
    if public is not None:
        pem = key.public.pem()
        earlier = _earlier(public)
        if pem not in earlier:
            write_atomic(public, pem + earlier, mode=PUBLIC)
    return key


def public_kiosk_key(path: Path) -> PublicKey | None:
    """Return the newest key of a kiosk's public file, which has the earlier ones below it; None if it has none."""
    try:
        first, end, _ = read_file(path, limit=_MOST_PUBLIC_BYTES).partition(_END)
        return PublicKey.from_pem(first + end)
    except (OSError, ValueError):
        return None


def _earlier(public: Path) -> bytes:
    try:
        return read_file(public, limit=_MOST_PUBLIC_BYTES)
    except FileNotFoundError:
        return b""
    except OSError as error:
        raise HomeError(f"Cannot read {public}: {error.strerror}.", remedy="Move it away.") from error


def trust(directory: Path, key: PublicKey) -> Path:
    """Add `key` to the trusted keys in `directory`; returns its file."""
    path = directory / f"{key.keyid[:16]}.pem"
    write_atomic(path, key.pem(), mode=PUBLIC)
    return path


def _load(path: Path) -> PublicKey:
    try:
        data = read_file(path, limit=_MOST_KEY_BYTES)
    except OSError as error:
        raise TrustError(f"{path.name} cannot be read: {error.strerror}.") from error
    try:
        return PublicKey.from_pem(data)
    except ValueError as error:
        raise TrustError(f"{path} is not a public key: {error}.", remedy="Remove it or replace it.") from error
