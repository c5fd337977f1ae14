"""The organiser's private key: made once, read at each publication.

Law: the key's bytes leave memory only into one file that nobody else may read, encrypted if there is a passphrase.
"""

import os
import sys

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from kiosk.durable import PRIVATE, write_atomic
from kiosk.errors import HomeError, TrustError, UsageError
from kiosk.home import Home

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


def write_signing_key(home: Home, key: Ed25519PrivateKey, passphrase: str) -> None:
    """Write the key as PKCS #8 PEM with mode 0600; an empty passphrase means no encryption.

    Raises:
        FileExistsError: there is a key already.
        HomeError: it cannot be written.
    """
    encryption = BestAvailableEncryption(passphrase.encode()) if passphrase else NoEncryption()
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)
    write_atomic(home.signing_key, pem, mode=PRIVATE, replace=False)


def load_signing_key(home: Home) -> Ed25519PrivateKey:
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
    passphrase = ask_passphrase(confirm=False) if b"ENCRYPTED" in pem else ""
    try:
        key = load_pem_private_key(pem, password=passphrase.encode() or None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        if passphrase:
            raise TrustError(f"The passphrase does not open {path}.", remedy="Try again.") from error
        raise TrustError(f"{path} is not a private key: {error}.", remedy="Bring it back from your backup.") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise TrustError(f"{path} is a key of another kind than Ed25519.", remedy="Bring back the right one.")
    return key
