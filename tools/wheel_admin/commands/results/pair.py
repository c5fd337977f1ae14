"""`wheel-admin pair`: first contact between this organiser and a kiosk elsewhere.

Invariant: only public keys and their codes leave this machine. A kiosk's id is recorded because a person typed it.
"""

import re
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from kiosk.core.durable import PUBLIC, write_atomic
from kiosk.core.errors import TrustError, UsageError
from kiosk.core.home import Home
from kiosk.core.key_files import load_trusted_keys
from kiosk.core.keys import PublicKey
from kiosk.draw.short_digest import grouped
from wheel_admin.cli.options import (
    DEFAULT_HOME,
    HomeOption,
    JsonOption,
    absolute,
    examples,
    existing_home,
    lock_wait_ms,
    reply,
    say,
)
from wheel_admin.draft import admin_lock
from wheel_admin.publishing.known_keys import load_known_keys, record_keys

EPILOG = examples("wheel-admin pair", "wheel-admin pair --kiosk KEYID   (as wheel-kiosk trust prints it)")
_KEYID = re.compile("[0-9a-f]{64}")


class Answer(msgspec.Struct, frozen=True):
    """The organiser's key, its code, the file to bring to the kiosk, and every kiosk that is known."""

    keyid: str
    code: str
    file: str
    kiosks: tuple[str, ...]


def pair(
    *,
    kiosk: Annotated[
        str, typer.Option(metavar="KEYID", show_default=False, help="Record this kiosk's id, for verify.")
    ] = "",
    output: Annotated[
        Path | None, typer.Option("--output", "-o", show_default=False, help="Where to write the public key's file.")
    ] = None,
    home: HomeOption = DEFAULT_HOME,
    as_json: JsonOption = False,
) -> None:
    """Write your public key to a file for a kiosk elsewhere, and say what to type there.

    The kiosk then shows your lists, wherever they come from. The private key stays on this machine.
    """
    place = existing_home(home)
    keyid = kiosk.strip().lower()
    if keyid and not _KEYID.fullmatch(keyid):
        raise UsageError(
            f"A kiosk's id has 64 digits and letters a to f, not {len(keyid)}.",
            remedy="Copy it from what wheel-kiosk trust prints on the kiosk.",
        )
    with admin_lock(place, wait_ms=lock_wait_ms()):
        known = record_keys(place, kiosks=(keyid,)) if keyid else load_known_keys(place)
    key = _own_key(place, known.organisers)
    file = absolute(output) if output is not None else Path.cwd() / f"organiser-{key.keyid[:8]}.pem"
    if not keyid:
        write_atomic(file, key.pem(), mode=PUBLIC)
    answer = Answer(key.keyid, grouped(key.keyid), str(file) if not keyid else "", known.kiosks)
    if as_json:
        reply(answer)
    elif keyid:
        say(f"recorded: verify trusts the kiosk {keyid}.")
    else:
        say(f"Your public key is in {file}. Bring it to the kiosk: on a stick, or with scp. It is not secret.")
        say(f"On the kiosk, type:  sudo wheel-kiosk trust {file.name}")
        say(f"It shows this code, and must show the same:  {answer.code}")


def _own_key(home: Home, organisers: tuple[str, ...]) -> PublicKey:
    trusted = load_trusted_keys(home.trusted)
    own = [trusted[keyid] for keyid in organisers if keyid in trusted] or list(trusted.values())
    if not own:
        raise TrustError(
            f"There is no public key in {home.trusted}.", remedy=f'Make one: wheel-admin init --home "{home.root}"'
        )
    return own[-1]
