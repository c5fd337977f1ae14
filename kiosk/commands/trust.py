"""`wheel-kiosk trust KEYFILE`: lets the lists of an organiser onto this kiosk.

Invariant: a key is trusted only after a person compared its code with the one that the organiser's own machine shows.
Nothing that arrives by itself (a list, a stick, a source) can add a key.
"""

from collections.abc import Callable
from pathlib import Path

from kiosk.core.durable import make_directory
from kiosk.core.errors import RefusedError, TrustError, UsageError
from kiosk.core.home import Home
from kiosk.core.key_files import load_trusted_keys, public_kiosk_key, trust
from kiosk.core.keys import PublicKey
from kiosk.core.permissions import mode_of
from kiosk.core.regular_files import read_file
from kiosk.draw.short_digest import grouped, names

_MOST_BYTES = 16 << 10


def trust_key(home: Home, path: Path, code: str, *, ask: Callable[[str], bool] | None) -> str:
    """Trust the key in `path`; returns what to tell the person.

    Args:
        home: of this kiosk.
        path: of the organiser's public key, PEM.
        code: the code that the organiser's machine shows, as it was typed; "" if it was not.
        ask: shows the code and returns whether it is the right one; None where nobody can be asked.

    Raises:
        TrustError: the file is not a public key, or not the one of that code.
        UsageError: the code cannot be one, or there is none and nobody to ask.
        RefusedError: the person says that the code is another one.
        HomeError: the key cannot be written.
    """
    key = _key_in(path)
    if code:
        try:
            right = names(code, key.keyid)
        except ValueError as error:
            raise UsageError(f"That is not a key's code: {error}.") from error
        if not right:
            raise TrustError(
                f"The key in {path} has another code: {grouped(key.keyid)}. Nothing was changed.",
                remedy="It is not the organiser's key: copy that file again, and not by way of anybody else.",
            )
    elif ask is None:
        raise UsageError(
            f"The code of the key in {path} is {grouped(key.keyid)}.",
            remedy="If wheel-admin pair shows the same one: run this again with --code CODE.",
        )
    elif not ask(f"The code of this key:  {grouped(key.keyid)}\nDoes wheel-admin pair show the same one?"):
        raise RefusedError("Nothing was changed.", remedy="Copy the organiser's key file again, and compare again.")
    if key.keyid in load_trusted_keys(home.trusted):
        return f"This kiosk trusts that key already.\n{_own_id(home)}"
    if not home.trusted.is_dir():
        make_directory(home.trusted, mode=mode_of(home, home.trusted))
    return f"This kiosk trusts that key now: {trust(home.trusted, key)}\n{_own_id(home)}"


def _key_in(path: Path) -> PublicKey:
    try:
        return PublicKey.from_pem(read_file(path, limit=_MOST_BYTES, links=True))
    except OSError as error:
        raise TrustError(
            f"{path} cannot be read: {error.strerror}.", remedy="Name the file that wheel-admin pair wrote."
        ) from error
    except ValueError as error:
        raise TrustError(
            f"{path} is not an organiser's public key: {error}.", remedy="Name the file that wheel-admin pair wrote."
        ) from error


def _own_id(home: Home) -> str:
    own = public_kiosk_key(home.kiosk_public_key)
    if own is None:
        return "This kiosk has no key of its own yet: start it once, and run this again to see its id.\n"
    return f"On the organiser's machine, so that it knows this kiosk again:  wheel-admin pair --kiosk {own.keyid}\n"
