"""`wheel-admin init`: make a home with a key, an empty draft, and a kiosk that trusts the key.

Invariant: makes what is missing and overwrites nothing, so that a second run after a power cut finishes the first.
"""

import os
import sys
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from kiosk.core.durable import make_directory
from kiosk.core.errors import HomeError, RefusedError
from kiosk.core.home import Home
from kiosk.core.key_files import load_trusted_keys, trust
from kiosk.core.keys import PrivateKey
from kiosk.core.permissions import RULES, TMPFILES, is_installed, missing_directories
from wheel_admin.cli.options import DEFAULT_HOME, HomeOption, JsonOption, examples, home_at, lock_wait_ms, reply, say
from wheel_admin.draft import admin_lock, new_draft, save_draft
from wheel_admin.publishing.known_keys import record_keys
from wheel_admin.publishing.signing_key import PASSPHRASE_VARIABLE, ask_for_key, load_signing_key, write_signing_key

EPILOG = examples(
    "wheel-admin init",
    "wheel-admin init --home /srv/wheel --passphrase",
    "sudo wheel-admin init   (on a Pi with the installed kiosk: only root may choose the keys that it trusts)",
)


class Answer(msgspec.Struct, frozen=True):
    """What `init` made.

    Attributes:
        home: where.
        made: the files that it made.
        keyid: of the signing key; empty if there was one already.
        encrypted: the signing key has a passphrase.
        trusted_again: the file of a key that the kiosk had ceased to trust; empty if it did not.
    """

    home: str
    made: tuple[str, ...]
    keyid: str
    encrypted: bool
    trusted_again: str = ""


def init(
    *,
    passphrase: Annotated[
        bool | None,
        typer.Option(
            "--passphrase/--no-passphrase",
            show_default=False,
            help=f"Encrypt the signing key; asks, or takes {PASSPHRASE_VARIABLE}. Default: only if that is set.",
        ),
    ] = None,
    home: HomeOption = DEFAULT_HOME,
    as_json: JsonOption = False,
) -> None:
    """Make a wheel home: a signing key, an empty draft, and a kiosk side that trusts the key."""
    answer = make_home(home_at(home), passphrase=passphrase)
    if as_json:
        reply(answer)
        return
    say_made(answer)
    say("Next: wheel-admin import people.xlsx")


def make_home(place: Home, *, passphrase: bool | None = None) -> Answer:
    """Make what is missing of a home.

    Args:
        place: where.
        passphrase: encrypt the signing key; None only if the environment has a passphrase.

    Raises:
        RefusedError: nothing is missing.
        UsageError: no passphrase can be asked for.
        HomeError: something cannot be made here.
    """
    _refuse_if_not_all_installed(place)
    _make_directories(place)
    with admin_lock(place, wait_ms=lock_wait_ms()):
        trusted_again = _trust_again(place)
        if place.signing_key.exists() and place.draft.exists() and not trusted_again:
            raise RefusedError(
                f"There is a wheel home at {place.root} already. Nothing was changed.",
                remedy="Use it, or name another directory with --home.",
            )
        wanted = bool(os.environ.get(PASSPHRASE_VARIABLE)) if passphrase is None else passphrase
        keyid = "" if place.signing_key.exists() else _make_key(place, encrypted=wanted)
        if keyid:
            record_keys(place, organisers=(keyid,))
        made = [str(place.signing_key)] if keyid else [str(trusted_again)] if trusted_again else []
        if not place.draft.exists():
            save_draft(place, new_draft(), replace=False)
            made.append(str(place.draft))
        _hand_over(place)
    return Answer(
        home=str(place.root),
        made=tuple(made),
        keyid=keyid,
        encrypted=wanted and bool(keyid),
        trusted_again=str(trusted_again or ""),
    )


def say_made(answer: Answer) -> None:
    """Write the answer for the organiser."""
    say(f"Made the wheel home {answer.home}.")
    if answer.trusted_again:
        say(f"  trusted key  {answer.trusted_again}: the kiosk trusted no key, and trusts this home's now.")
    if answer.keyid:
        key = Home(Path(answer.home)).signing_key
        say(f"  signing key  {key} (id {answer.keyid[:8]}{', with passphrase' if answer.encrypted else ''})")
        say("               Keep a copy in a safe place: without it nothing can be published here.")
        if not answer.encrypted:
            say("               It has no passphrase: anybody who can read the file can publish.")


def _refuse_if_not_all_installed(home: Home) -> None:
    """Refuse to make what only the installer gives the right owners.

    Raises:
        HomeError: directories of the installed home are missing.
    """
    missing = missing_directories(home)
    if missing:
        raise HomeError(
            f"Directories of the installed home are missing: {', '.join(map(str, missing))}.",
            remedy=f"Make them with: sudo systemd-tmpfiles --create {TMPFILES}. Then run: sudo wheel-admin init",
        )


def _trust_again(home: Home) -> Path | None:
    """Let the kiosk trust the signing key that is here, if it trusts no key at all: kiosk/ was removed."""
    if not home.signing_key.exists() or load_trusted_keys(home.trusted):
        return None
    return _trust(home, load_signing_key(home))


def _make_directories(home: Home) -> None:
    make_directory(home.root)
    make_directory(home.admin, mode=RULES["admin"].personal)
    if sys.platform != "win32" and home.admin.stat().st_uid == os.getuid() and not is_installed(home):
        # On Windows the user's own directories are private already.
        home.admin.chmod(RULES["admin"].personal)
    for directory in (home.snapshots, home.kiosk, home.trusted):
        make_directory(directory)


def _make_key(home: Home, *, encrypted: bool) -> str:
    passphrase = ask_for_key(new=True) if encrypted else ""
    key = PrivateKey.generate()
    _trust(home, key)  # first: a trusted key that nobody has harms nobody
    write_signing_key(home, key, passphrase)
    return key.public.keyid


def _trust(home: Home, key: PrivateKey) -> Path:
    try:
        return trust(home.trusted, key.public)
    except HomeError as error:
        if isinstance(error.__cause__, PermissionError):
            raise HomeError(
                f"{error.message} Only root may choose the keys that an installed kiosk trusts.",
                remedy="Run: sudo wheel-admin init",
            ) from error
        raise


def _hand_over(home: Home) -> None:
    """Give what root made in an installed home to the person who called sudo, who publishes without it."""
    if sys.platform == "win32" or os.geteuid() != 0 or not is_installed(home):
        return
    person, group = int(os.environ.get("SUDO_UID", "0")), home.admin.stat().st_gid
    for path in home.admin.iterdir():
        os.chown(path, person, group, follow_symlinks=False)
