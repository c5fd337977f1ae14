"""Key files: the organisers' public keys that a kiosk trusts, and the kiosk's own key pair."""

import contextlib
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
_PUBLIC_SUFFIX = ".pub.pem"
_MOST_KEYS = 100
_skipped: dict[Path, set[str]] = {}
"""What was said of each directory at the last look: it is not said again at each."""


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
    skipped = set()
    for name in names[:_MOST_KEYS]:
        try:
            key = _load(directory / name)
        except TrustError as error:
            skipped.add(error.message)
            continue
        keys[key.keyid] = key
    for message in sorted(skipped - _skipped.get(directory, set())):
        logger.warning("skipped a trusted key: %s", message)
    _skipped[directory] = skipped
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
        public: where its public key is written, world-readable. An earlier key that is there goes into a file of its
            own beside it: it signed earlier heads of the same ledger, and a file holds one key.

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
        _publish(key.public, public)
    return key


def public_kiosk_key(path: Path) -> PublicKey | None:
    """Return a kiosk's public key; None if the file is not there or not a key."""
    try:
        return PublicKey.from_pem(read_file(path, limit=_MOST_KEY_BYTES))
    except (OSError, ValueError):
        return None


def _publish(key: PublicKey, path: Path) -> None:
    try:
        there = read_file(path, limit=_MOST_KEY_BYTES)
    except FileNotFoundError:
        there = b""
    except OSError as error:
        raise HomeError(f"Cannot read {path}: {error.strerror}.", remedy="Move it away.") from error
    if there == key.pem():
        return
    with contextlib.suppress(ValueError):  # damaged: there is nothing to keep
        earlier = PublicKey.from_pem(there)
        name = f"{path.name.removesuffix(_PUBLIC_SUFFIX)}-{earlier.keyid[:16]}{_PUBLIC_SUFFIX}"
        write_atomic(path.with_name(name), there, mode=PUBLIC)
    write_atomic(path, key.pem(), mode=PUBLIC)


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
