"""The organiser's private key: made once, read at each publication.

Invariant: the key's bytes leave memory only into one file that nobody else may read, encrypted if there is a
passphrase.
"""

import os
import sys
from pathlib import Path

from kiosk.core.durable import PRIVATE, write_atomic
from kiosk.core.errors import HomeError, TrustError, UsageError
from kiosk.core.home import Home
from kiosk.core.keys import PrivateKey

PASSPHRASE_VARIABLE = "WHEEL_PASSPHRASE"  # noqa: S105 - the variable's name, no secret


def ask_passphrase(*, confirm: bool) -> str:
    """Return the passphrase from `WHEEL_PASSPHRASE`, or ask for it on the terminal.

    Args:
        confirm: ask twice, for a new one.

    Raises:
        UsageError: there is neither the variable nor a terminal.
    """
    given = os.environ.get(PASSPHRASE_VARIABLE, "")
    if given:
        return given
    if not sys.stdin.isatty():
        raise UsageError(
            "The signing key needs a passphrase, and there is no terminal to ask on.",
            remedy=f"Set {PASSPHRASE_VARIABLE}, or run this in a terminal.",
        )
    import typer  # noqa: PLC0415 - most keys have no passphrase

    answer: str = typer.prompt("Passphrase of the signing key", hide_input=True, confirmation_prompt=confirm, err=True)
    return answer


def write_signing_key(home: Home, key: PrivateKey, passphrase: str) -> None:
    """Write the key as PKCS #8 PEM with mode 0600; an empty passphrase means no encryption.

    Raises:
        FileExistsError: there is a key already.
        HomeError: it cannot be written.
    """
    pem = _encrypted(key, passphrase) if passphrase else key.pem()
    write_atomic(home.signing_key, pem, mode=PRIVATE, replace=False)


def load_signing_key(home: Home) -> PrivateKey:
    """Read the key, asking for the passphrase if it has one.

    Raises:
        TrustError: there is no key, it is not an Ed25519 key, or the passphrase does not fit.
        HomeError: the file cannot be read.
        UsageError: a passphrase is needed and nobody can be asked.
    """
    path = home.signing_key
    try:
        pem = path.read_bytes()
    except FileNotFoundError as error:
        raise TrustError(
            f"There is no signing key at {path}.",
            remedy="Bring it back from your backup, or make a new one with wheel-admin init.",
        ) from error
    except OSError as error:
        raise HomeError(f"Cannot read {path}: {error.strerror or error}.") from error
    if b"ENCRYPTED" in pem:
        return _decrypted(pem, ask_passphrase(confirm=False), path)
    try:
        return PrivateKey.from_pem(pem)
    except ValueError as error:
        raise TrustError(f"{path} is not a private key: {error}.", remedy="Bring it back from your backup.") from error


def _encrypted(key: PrivateKey, passphrase: str) -> bytes:
    # Imported here and below: a key without a passphrase needs none of it.
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: PLC0415
    from cryptography.hazmat.primitives.serialization import (  # noqa: PLC0415
        BestAvailableEncryption,
        Encoding,
        PrivateFormat,
    )

    encryption = BestAvailableEncryption(passphrase.encode())
    return Ed25519PrivateKey.from_private_bytes(key.seed).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)


def _decrypted(pem: bytes, passphrase: str, path: Path) -> PrivateKey:
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: PLC0415
    from cryptography.hazmat.primitives.serialization import load_pem_private_key  # noqa: PLC0415

    try:
        key = load_pem_private_key(pem, password=passphrase.encode())
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise TrustError(f"The passphrase does not open {path}.", remedy="Try again.") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise TrustError(f"{path} is a key of another kind than Ed25519.", remedy="Bring back the right one.")
    return PrivateKey(key.private_bytes_raw())
