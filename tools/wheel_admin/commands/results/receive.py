"""`wheel-admin receive --from URL`: one kiosk's records into this home, for every command that reads a ledger.

Invariant: only for a home without a kiosk of its own, and for a kiosk whose id a person typed. A copy grows and is
never shortened: if the one at the source is not a continuation of the one here, nothing is changed.
"""

from typing import Annotated

import msgspec
import typer

from kiosk.core.clock import SystemClock
from kiosk.core.durable import make_directory, write_atomic
from kiosk.core.errors import HomeError, LedgerBroken, RefusedError, UsageError
from kiosk.core.home import Home
from kiosk.core.keys import PublicKey
from kiosk.core.permissions import mode_of
from kiosk.core.regular_files import read_file
from kiosk.ledger.ledger import MAX_LEDGER_BYTES
from wheel_admin.cli.options import (
    DEFAULT_HOME,
    FromOption,
    HomeOption,
    JsonOption,
    counted,
    examples,
    existing_home,
    lock_wait_ms,
    reply,
    say,
)
from wheel_admin.draft import admin_lock
from wheel_admin.ledger_report.remote import RemoteKiosk, contradictions, kiosks, last_spin
from wheel_admin.publishing.known_keys import load_known_keys
from wheel_admin.publishing.targets import normal_target, reach

EPILOG = examples(
    "wheel-admin receive --from sftp://pi@wheel.local/var/lib/wheel-lists",
    "wheel-admin receive --from s3://our-bucket/wheel --kiosk 1a2b3c4d   (if several write there)",
)


class Answer(msgspec.Struct, frozen=True):
    """What is here now: the kiosk, its records, how many of them are new, the last spin."""

    kiosk: str
    records: int
    new: int
    last_spin: int


def receive(
    *,
    source: FromOption = "",
    kiosk: Annotated[
        str, typer.Option(metavar="ID", show_default=False, help="Which kiosk, if several write there: its id's start.")
    ] = "",
    home: HomeOption = DEFAULT_HOME,
    as_json: JsonOption = False,
) -> None:
    """Copy a kiosk's ledger from a source into this home.

    Afterwards draws, certificate, export, absent, withdraw and entropy work here, for the kiosk elsewhere.
    """
    if not source:
        raise UsageError("No source is named.", remedy="wheel-admin receive --from URL")
    answer = receive_records(existing_home(home), source, kiosk)
    if as_json:
        reply(answer)
    else:
        say(
            f"kiosk {answer.kiosk}: {counted(answer.records, 'record')}, {answer.new} new; last spin {answer.last_spin}"
        )


def receive_records(home: Home, url: str, which: str) -> Answer:
    """Copy the records of one kiosk.

    Args:
        home: where to.
        url: of the source.
        which: the start of the kiosk's id; "" if only one writes there.

    Raises:
        RefusedError: this home has a kiosk of its own, or the kiosk is not known here or not the only one.
        LedgerBroken: the ledger at the source was cut or forked.
        SourceError, BusyError, HomeError: something cannot be read or written.
    """
    if home.kiosk_key.exists():
        raise RefusedError(
            f"{home.root} has a kiosk of its own, and its records stay.",
            remedy="Use another home for the kiosk elsewhere: wheel-admin init --home DIR",
        )
    transport = reach(normal_target(url), SystemClock())
    try:
        found = _chosen(list(kiosks(transport)), which, url)
    finally:
        transport.close()
    with admin_lock(home, wait_ms=lock_wait_ms()):
        _refuse_stranger(home, found)
        here = _read(home)
        problems = contradictions(found)
        if not found.ledger.startswith(here):
            problems.append("FORK: the ledger at the source is not the continuation of the copy here.")
        if problems:
            raise LedgerBroken(
                f"{problems[0]} Nothing was changed.", remedy=f"Keep both as evidence: wheel-admin verify --from {url}"
            )
        if not home.kiosk.is_dir():
            make_directory(home.kiosk, mode=mode_of(home, home.kiosk))
        for name, data in found.keys.items():
            write_atomic(home.kiosk / name, data)
        write_atomic(home.ledger, found.ledger)
        write_atomic(home.checkpoints, found.checkpoints)
        if found.status is not None:
            write_atomic(home.status, msgspec.json.encode(found.status) + b"\n")
    records = found.ledger.count(b"\n")
    return Answer(found.folder, records, records - here.count(b"\n"), last_spin(found.ledger))


def _refuse_stranger(home: Home, found: RemoteKiosk) -> None:
    """Refuse a kiosk whose id nobody typed here: the source could have made it up.

    Raises:
        RefusedError: it is not known.
    """
    try:
        keyid = PublicKey.from_pem(found.keys.get(home.kiosk_public_key.name, b"")).keyid
    except ValueError:
        keyid = ""
    if keyid not in load_known_keys(home).kiosks:
        raise RefusedError(
            f"The kiosk {found.folder} is not known here, and its source could have made it up.",
            remedy="Type the id that wheel-kiosk trust prints on the kiosk: wheel-admin pair --kiosk KEYID",
        )


def _chosen(found: list[RemoteKiosk], which: str, url: str) -> RemoteKiosk:
    fitting = [kiosk for kiosk in found if kiosk.folder.startswith(which[:16].lower())]
    if len(fitting) == 1:
        return fitting[0]
    if not fitting:
        raise RefusedError(f"No such kiosk has written to {url}.", remedy="See wheel-admin status --from URL.")
    named = ", ".join(kiosk.folder for kiosk in fitting[:10])
    raise RefusedError(f"{len(fitting)} kiosks write to {url}: {named}.", remedy="Say which with --kiosk ID.")


def _read(home: Home) -> bytes:
    try:
        return read_file(home.ledger, limit=MAX_LEDGER_BYTES)
    except FileNotFoundError:
        return b""
    except OSError as error:
        raise HomeError(f"Cannot read {home.ledger}: {error.strerror}.") from error
