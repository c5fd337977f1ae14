"""`wheel-admin bundle` and `wheel-admin restore`: a home as one file, and a second kiosk that goes on from it.

Invariant: `bundle` changes nothing. `restore` writes into a home without draws only, and never makes a second copy of a
kiosk: the restored one has a key and an id of its own, and says in the ledger, before anything else, that it goes on
from the other. So the two differ from their first record on, and `wheel-admin verify --against` finds it if both draw.
The committed secrets come along: the next spin has the winner that it would have had on the first kiosk, so restoring
again and again rolls no dice.
"""

import contextlib
import os
import secrets
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from kiosk.config.look import OUR_THEMES
from kiosk.config.settings import read_settings
from kiosk.core.clock import SystemClock, rfc3339
from kiosk.core.durable import PRIVATE, PUBLIC, fsync_directory, make_directory, process_lock, remove, write_atomic
from kiosk.core.errors import (
    BusyError,
    HomeError,
    InputError,
    LedgerError,
    RefusedError,
    SnapshotError,
    SnapshotTooLarge,
    UsageError,
)
from kiosk.core.home import Home
from kiosk.core.key_files import kiosk_key
from kiosk.core.keys import PrivateKey
from kiosk.core.regular_files import read_regular
from kiosk.intake.snapshot_files import KnownLists
from kiosk.ledger.checkpoints import Checkpoints
from kiosk.ledger.history import History
from kiosk.ledger.ledger import Ledger
from kiosk.ledger.reader import fold, read_records
from kiosk.ledger.record import GENESIS, Restored, hash_of
from kiosk.snapshot.model import DEMO_GENERATION
from wheel_admin.cli.options import (
    DEFAULT_HOME,
    HomeOption,
    JsonOption,
    absolute,
    examples,
    home_at,
    lock_wait_ms,
    reply,
    say,
)
from wheel_admin.cli.passphrases import ask_passphrase
from wheel_admin.draft import admin_lock
from wheel_admin.publishing.bundle_file import MAX_BUNDLE_BYTES, Contents, Stored, seal, unseal
from wheel_admin.publishing.home_files import check_plain, files_of, read_plain
from wheel_admin.publishing.known_keys import record_keys

PASSPHRASE_VARIABLE = "WHEEL_BUNDLE_PASSPHRASE"  # noqa: S105 - the variable's name, no secret
_SERVICE_USER = "wheel-kiosk"
_TRIES = 3

BUNDLE_EPILOG = examples(
    "wheel-admin bundle -o backup.wheel",
    "sudo wheel-admin bundle -o /media/stick/backup.wheel",
)
RESTORE_EPILOG = examples(
    "wheel-admin restore backup.wheel --home /srv/wheel",
    "sudo systemctl stop wheel-kiosk; sudo wheel-admin restore backup.wheel; sudo systemctl start wheel-kiosk",
)


class BundleAnswer(msgspec.Struct, frozen=True):
    """What was bundled."""

    file: str
    files: int
    bytes: int
    kiosk: str
    seq: int
    head: str


class RestoreAnswer(msgspec.Struct, frozen=True):
    """What was restored: `kiosk` goes on from `from_kiosk` after record `seq`."""

    home: str
    files: int
    kiosk: str
    from_kiosk: str
    seq: int
    moved_aside: str


def bundle(
    *,
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="FILE", show_default=False, help="Where to write the bundle.")
    ],
    home: HomeOption = DEFAULT_HOME,
    as_json: JsonOption = False,
) -> None:
    """Write lists, ledger, keys, theme and settings into one file, encrypted with a passphrase.

    It may be done while the kiosk runs. On a Pi it needs sudo: the kiosk's secrets are nobody else's to read.
    """
    place = home_at(home)
    if not place.root.is_dir():
        raise HomeError(f"There is no wheel home at {place.root}.", remedy="Name the right one with --home.")
    check_plain(place)
    contents = _gather(place)
    passphrase = ask_passphrase("bundle", variable=PASSPHRASE_VARIABLE, new=True)
    data = seal(contents, passphrase, random_bytes=secrets.token_bytes)
    target = absolute(output)
    try:
        write_atomic(target, data, mode=PRIVATE)
    except HomeError as error:
        raise UsageError(error.message, remedy="Choose another path for -o.") from error
    if as_json:
        reply(BundleAnswer(str(target), len(contents.files), len(data), contents.kiosk, contents.seq, contents.head))
        return
    say(f"Wrote {target}: {len(contents.files)} files, {len(data)} bytes.")
    say(f"It holds the ledger up to record {contents.seq}, head {contents.head[:16]}.")
    say("Keep it and its passphrase apart. On another machine: wheel-admin restore FILE")


def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", show_default=False, help="A bundle.")],
    *,
    home: HomeOption = DEFAULT_HOME,
    as_json: JsonOption = False,
) -> None:
    """Make a home from a bundle. Its kiosk goes on at the same spin, under an id of its own.

    The home must not have drawn yet, and its kiosk must not run. Switch the first kiosk off for good before this one
    spins: two kiosks that go on from one ledger are a fork, which `wheel-admin verify --against` finds.
    """
    place = home_at(home)
    contents = unseal(_read(file), ask_passphrase("bundle", variable=PASSPHRASE_VARIABLE, new=False))
    check_plain(place)
    for directory in (place.root, place.admin, place.snapshots, place.kiosk, place.trusted):
        make_directory(directory)
    with _both_locks(place):
        _refuse_if_used(place, contents)
        moved = _move_aside(place)
        key = kiosk_key(place.kiosk_key)
        kiosk = key.public.keyid
        _write(place, contents)
        kiosk_key(place.kiosk_key, public=place.kiosk_public_key)
        seq = _say_in_ledger(place, key)
        record_keys(place, kiosks=tuple(keyid for keyid in (contents.kiosk, kiosk) if keyid))
        _hand_over(place)
    if as_json:
        reply(RestoreAnswer(str(place.root), len(contents.files), kiosk, contents.kiosk, seq, moved))
        return
    say(f"Restored {len(contents.files)} files to {place.root}.")
    if seq:
        say(f"Kiosk {kiosk[:8]} goes on from kiosk {contents.kiosk[:8]}; record {seq} of the ledger says so.")
        say("Keep the first kiosk off: if both draw, that is a fork, and wheel-admin verify --against finds it.")


# ---- bundle --------------------------------------------------------------------------------------------------------


def _gather(home: Home) -> Contents:
    """Read the home, also while its kiosk draws.

    Checkpoints before the ledger: each of them is of a record that the ledger has by then. If the kiosk adopted a list
    in between, the secret that the ledger needs may be gone again, and all is read once more.
    """
    files = _read_all(home)
    lines, history = _ledger_in(home, files)
    for _ in range(_TRIES):
        if not _lost_its_secret(home, files, history):
            break
        files = _read_all(home)
        lines, history = _ledger_in(home, files)
    kiosk = kiosk_key(home.kiosk_key).public.keyid if home.kiosk_key.exists() else ""
    head = hash_of(lines[-1]) if lines else GENESIS
    return Contents(rfc3339(SystemClock().utc_now()), kiosk, len(lines), head, files)


def _read_all(home: Home) -> dict[str, Stored]:
    files: dict[str, Stored] = {}
    for path in (home.checkpoints, home.ledger, *_others(home)):
        with contextlib.suppress(FileNotFoundError):
            files[path.relative_to(home.root).as_posix()] = _stored(path)
    return files


def _lost_its_secret(home: Home, files: dict[str, Stored], history: History) -> bool:
    """Say whether the secret of the ledger's anchor was deleted between the reading of the two."""
    if history.current is None:
        return False
    places = [path.relative_to(home.root).as_posix() for path in home.secret_files(history.current.anchor)]
    return not any(name in files for name in places) and any(name.startswith("kiosk/secrets") for name in files)


def _ledger_in(home: Home, files: dict[str, Stored]) -> tuple[list[bytes], History]:
    name = home.ledger.relative_to(home.root).as_posix()
    if name not in files:
        return [], History()
    data = files[name].data
    whole = data[: data.rfind(b"\n") + 1]  # the kiosk may be writing the next line
    files[name] = Stored(files[name].mode, whole)
    return whole.split(b"\n")[:-1], fold(read_records(whole, name=str(home.ledger)), name=str(home.ledger))


def _others(home: Home) -> Iterator[Path]:
    # Not the kiosk's own key: two kiosks with one key would be the same kiosk twice.
    yield from (home.settings, home.kiosk_public_key)
    yield from (home.draft, home.signing_key, home.receipt_secret, home.known_keys, home.signed_entropy)
    for directory in (home.secrets, home.secrets_again, home.snapshots, home.adopted, home.trusted, home.themes):
        yield from files_of(directory)
    yield from sorted(home.kiosk.glob(f"{home.ledger.stem}-torn-*.bin"))
    yield from sorted(home.kiosk.glob("kiosk-key-*.pub.pem"))  # earlier keys of the same ledger
    yield from sorted(home.kiosk.glob("*.toml"))
    theme = read_settings(home.settings).settings.theme
    if theme not in OUR_THEMES:
        named = home.kiosk / theme
        if named.is_relative_to(home.kiosk) and named.parent in {home.kiosk, home.themes}:
            yield named
    for pattern in ("*.png", "*.jpg", "*.webp", "*.svg"):
        yield from sorted(home.kiosk.glob(pattern))


def _stored(path: Path) -> Stored:
    data = read_plain(path, limit=MAX_BUNDLE_BYTES)
    return Stored(path.lstat().st_mode & 0o777, data)


# ---- restore -------------------------------------------------------------------------------------------------------


def _read(file: Path) -> bytes:
    path = absolute(file)
    try:
        return read_regular(path, limit=MAX_BUNDLE_BYTES)[0]
    except SnapshotTooLarge as error:
        raise InputError(f"{path} is larger than any bundle.") from error
    except SnapshotError as error:
        raise InputError(f"Cannot read {path}: {error.message}", remedy="Name the bundle itself.") from error


@contextlib.contextmanager
def _both_locks(home: Home) -> Iterator[None]:
    with contextlib.ExitStack() as held:
        held.enter_context(admin_lock(home, wait_ms=lock_wait_ms()))
        try:
            held.enter_context(process_lock(home.kiosk_lock, holder="A kiosk"))
        except BusyError as error:
            raise BusyError(error.message, remedy="Stop it first: sudo systemctl stop wheel-kiosk") from error
        yield


def _refuse_if_used(home: Home, contents: Contents) -> None:
    """Refuse a home with anything in it that is worth something and is not in the bundle."""
    history = History()
    if home.ledger.exists():
        try:
            history = fold(read_records(read_plain(home.ledger, limit=MAX_BUNDLE_BYTES), name=str(home.ledger)))
        except LedgerError as error:
            raise RefusedError(f"There is a broken ledger at {home.ledger}.", remedy="Name another --home.") from error
    if history.generation != DEMO_GENERATION:
        raise RefusedError(
            f"The kiosk of {home.root} has a ledger of its own, with lists that it has shown. Nothing was changed.",
            remedy="Name a fresh directory with --home.",
        )
    for path in (home.signing_key, home.draft, *files_of(home.snapshots)):
        there = contents.files.get(path.relative_to(home.root).as_posix())
        if path.exists() and (there is None or there.data != read_plain(path, limit=MAX_BUNDLE_BYTES)):
            raise RefusedError(
                f"There is {path}, which is not what the bundle holds. Nothing was changed.",
                remedy="Name a fresh directory with --home.",
            )


def _move_aside(home: Home) -> str:
    """Move what the kiosk wrote while it showed sample names out of the way; returns where to, "" if there was none."""
    if not home.ledger.exists():
        return ""
    stamp = rfc3339(SystemClock().utc_now()).replace(":", "").replace("-", "")[:15]
    aside = home.kiosk / f"before-restore-{stamp}"
    make_directory(aside)
    remove(home.status)
    for path in files_of(home.secrets_again):  # the same as those in secrets/
        remove(path)
    for path in (home.checkpoints, *files_of(home.secrets), home.ledger):  # the ledger last: see the invariant
        if path.exists():
            path.rename(aside / path.name)
    for directory in (aside, home.secrets, home.kiosk):
        if directory.exists():  # a kiosk that never had a list has no secrets
            fsync_directory(directory)
    return str(aside)


def _write(home: Home, contents: Contents) -> None:
    """Write the files, the ledger last: until it is there, nothing was restored, and it can be done again."""
    ledger = home.ledger.relative_to(home.root).as_posix()
    for name, stored in sorted(contents.files.items(), key=lambda item: item[0] == ledger):
        path = home.root / name
        private = stored.mode & 0o077 == 0
        most = PUBLIC if path.parent == home.trusted else 0o664  # a key file that a group may write trusts the group
        make_directory(path.parent, mode=0o700 if path.parent in {home.secrets, home.secrets_again} else 0o750)
        if path == home.settings and path.exists():
            remove(path)  # the sample that the installer left
        write_atomic(path, stored.data, mode=PRIVATE if private else stored.mode & most)


def _say_in_ledger(home: Home, key: PrivateKey) -> int:
    """Record who goes on from whom, and sign that; returns the record's number, 0 where there is no ledger."""
    if not home.ledger.exists():
        return 0
    with contextlib.ExitStack() as stack:
        ledger = Ledger(home.ledger, clock=SystemClock(), lists=KnownLists(home.adopted, home.snapshots))
        stack.callback(ledger.close)
        ledger.checkpoints = Checkpoints(home.checkpoints, key=key)
        stack.callback(ledger.checkpoints.close)
        if ledger.history.kiosk:  # no kiosk is named before the first list
            ledger.append(Restored(from_=ledger.history.kiosk, to=key.public.keyid, head=ledger.head))
        return ledger.seq


def _hand_over(home: Home) -> None:
    """Give the files to those who work with them, where root restored an installed home."""
    if sys.platform == "win32" or os.geteuid() != 0:
        return
    import pwd  # noqa: PLC0415 - does not exist on Windows

    try:
        service = pwd.getpwnam(_SERVICE_USER)
    except KeyError:
        return
    if home.kiosk.stat().st_gid != service.pw_gid:
        return  # not a home of the service
    rooted = {home.settings, home.trusted, home.themes}
    for path in (path for path in home.kiosk.rglob("*") if not rooted & {path, path.parent}):
        os.chown(path, service.pw_uid, service.pw_gid, follow_symlinks=False)
    group = home.snapshots.stat().st_gid
    person = int(os.environ.get("SUDO_UID", "0"))
    for path in (*home.admin.iterdir(), *home.snapshots.iterdir()):
        os.chown(path, person, group, follow_symlinks=False)
    for path in (home.settings, *files_of(home.trusted)):
        if path.exists():
            os.chown(path, 0, group, follow_symlinks=False)
