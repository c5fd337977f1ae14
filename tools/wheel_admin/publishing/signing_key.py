"""The organiser's private key: made once, read at each publication.

Invariant: the key's bytes leave memory only into one file that nobody else may read, encrypted if there is a
passphrase.
"""

import secrets
from pathlib import Path

from kiosk.core.durable import PRIVATE, write_atomic
from kiosk.core.errors import HomeError, TrustError
from kiosk.core.home import Home
from kiosk.core.keys import PrivateKey, TrustedKeys
from kiosk.core.regular_files import read_file
from wheel_admin.cli.passphrases import ask_passphrase

_MOST_BYTES = 16 << 10
PASSPHRASE_VARIABLE = "WHEEL_PASSPHRASE"  # noqa: S105 - the variable's name, no secret


def ask_for_key(*, new: bool) -> str:
    """Return the passphrase of the signing key; see `wheel_admin.cli.passphrases`.

    Raises:
        UsageError: nobody can be asked, or it cannot be used.
    """
    return ask_passphrase("signing key", variable=PASSPHRASE_VARIABLE, new=new)


def write_signing_key(home: Home, key: PrivateKey, passphrase: str) -> None:
    """Write the key as PKCS #8 PEM with mode 0600; an empty passphrase means no encryption.

    Raises:
        FileExistsError: there is a key already.
        HomeError: it cannot be written.
    """
    pem = key.pem()
    if passphrase:
        # Imported here and below: a key without a passphrase needs none of it.
        from wheel_admin.publishing.key_encryption import encrypted  # noqa: PLC0415

        pem = encrypted(key, passphrase, random_bytes=secrets.token_bytes)
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
        pem = read_file(path, limit=_MOST_BYTES)
    except FileNotFoundError as error:
        raise TrustError(
            f"There is no signing key at {path}.",
            remedy="Bring it back from your backup, or make a new one with wheel-admin init.",
        ) from error
    except OSError as error:
        raise HomeError(f"Cannot read {path}: {error.strerror or error}.") from error
    if b"ENCRYPTED" in pem:
        return _decrypted(pem, ask_for_key(new=False), path)
    try:
        return PrivateKey.from_pem(pem)
    except ValueError as error:
        raise TrustError(f"{path} is not a private key: {error}.", remedy="Bring it back from your backup.") from error


def trusted_signing_key(home: Home, keys: TrustedKeys) -> PrivateKey:
    """Read the key, once it is known that the kiosk trusts it.

    Raises:
        TrustError: as `load_signing_key`, or the kiosk does not trust it.
        HomeError, UsageError: as `load_signing_key`.
    """
    key = load_signing_key(home)
    if key.public.keyid not in keys:
        raise TrustError(
            f"The kiosk of this home does not trust the signing key {key.public.keyid[:8]}.",
            remedy=f"Bring back the key that belongs to {home.trusted}, or put this one's public key there.",
        )
    return key


def _decrypted(pem: bytes, passphrase: str, path: Path) -> PrivateKey:
    from wheel_admin.publishing.key_encryption import decrypted  # noqa: PLC0415

    try:
        return decrypted(pem, passphrase)
    except ValueError as error:
        raise TrustError(f"The passphrase does not open {path}.", remedy="Try again.") from error
    except TypeError as error:
        raise TrustError(f"In {path}, {error}.", remedy="Bring back the right one.") from error
