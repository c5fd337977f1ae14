"""What kiosks wrote to a source: their status and their ledgers, read from somewhere else.

Invariant: reading only, and nothing that is read is believed. A source may lie or be damaged: names that cannot be are
passed over, sizes are bounded. The verifier judges the ledger; here only copies of it are held against each other.
"""

from collections.abc import Iterator
from datetime import UTC, datetime

import msgspec

from kiosk.core.errors import LedgerBroken
from kiosk.fetcher.results_layout import (
    FOLDER,
    FORK_NAME,
    KEY_NAME,
    KIOSK_FOLDER,
    MAX_SEGMENT_BYTES,
    SEGMENT_LINES,
    SEGMENT_NAME,
    STATUS_NAME,
    Kind,
    segment_name,
)
from kiosk.fetcher.transport.base import NotThere, SourceError, Transport
from kiosk.ledger.record import Result, hash_of, parse
from wheel_admin.ledger_report.kiosk_status import KioskStatus

FRESH_S = 90
"""A kiosk within reach writes its status to a source more often than this, in seconds."""
_MOST_BYTES = 1 << 20
_MOST_KIOSKS = 5000


class RemoteKiosk(msgspec.Struct, frozen=True):
    """One kiosk's records at a source.

    Attributes:
        folder: the first 16 digits of its id.
        keys: its public keys, by the name of the file.
        status: its own words; None if there are none that can be understood.
        ledger: every record there.
        checkpoints: its signatures there.
        forks: segments that contradict the ledger there, by the number of the segment.
    """

    folder: str
    keys: dict[str, bytes]
    status: KioskStatus | None
    ledger: bytes
    checkpoints: bytes
    forks: tuple[tuple[int, bytes], ...]


def statuses(transport: Transport) -> Iterator[tuple[str, KioskStatus | None]]:
    """Yield (folder, status) of every kiosk at a source.

    Raises:
        SourceError: it cannot be asked.
    """
    for folder in _folders(transport):
        yield folder, _status(transport, folder)


def kiosks(transport: Transport) -> Iterator[RemoteKiosk]:
    """Yield every kiosk at a source with its records.

    Raises:
        SourceError: it cannot be asked.
    """
    for folder in _folders(transport):
        path = f"{FOLDER}/{folder}"
        names = [file.name for file in transport.listing(path) or ()]
        status = _status(transport, folder)  # first: what it speaks of lies there already
        forks = [(int(match.group(1)), name) for name in sorted(names) if (match := FORK_NAME.fullmatch(name))]
        own_keys = [name for name in names if KEY_NAME.fullmatch(name)]
        checkpoints = _joined(transport, path, names, "checkpoints")
        yield RemoteKiosk(
            folder=folder,
            keys={name: _optional(transport, f"{path}/{name}", _MOST_BYTES) for name in own_keys},
            status=status,
            ledger=_joined(transport, path, names, "ledger"),
            checkpoints=checkpoints,
            forks=tuple((number, _optional(transport, f"{path}/{name}", MAX_SEGMENT_BYTES)) for number, name in forks),
        )


def contradictions(kiosk: RemoteKiosk, *, other: bytes = b"") -> list[str]:
    """Return what shows that a kiosk's ledger was cut or forked, as sentences; empty if nothing does.

    Args:
        kiosk: its records at the source.
        other: another copy of its ledger, from the kiosk or a backup.
    """
    lines = kiosk.ledger.splitlines(keepends=True)
    found = []
    for number, segment in kiosk.forks:
        start = (number - 1) * SEGMENT_LINES
        found.append(_against(lines[start:], segment.splitlines(keepends=True), start))
    status = kiosk.status
    if status is not None and status.seq and status.head:
        if status.seq > len(lines):
            found.append(f"CUT: the kiosk speaks of record {status.seq}; the ledger here ends with {len(lines)}.")
        elif hash_of(lines[status.seq - 1].removesuffix(b"\n")) != status.head:
            found.append(f"FORK: record {status.seq} here is not the one that the kiosk speaks of.")
    if other:
        theirs = other[: other.rfind(b"\n") + 1].splitlines(keepends=True)
        at = next((at for at, pair in enumerate(zip(lines, theirs, strict=False)) if pair[0] != pair[1]), None)
        if at is not None:
            found.append(f"FORK at record {at + 1}: the ledger here and the other copy went on differently.")
    return found


def last_spin(kiosk_ledger: bytes) -> int:
    """Return the number of the last spin with a result, 0 without any."""
    for line in reversed(kiosk_ledger.splitlines()):
        try:
            body = parse(line).body
        except LedgerBroken:
            continue
        if isinstance(body, Result):
            return body.spin
    return 0


def age_s(status: KioskStatus, now: datetime) -> int | None:
    """Return how old a status is, in seconds; None if it does not say when it was written."""
    try:
        written = datetime.fromisoformat(status.at)
    except ValueError:
        return None
    return round((now - (written if written.tzinfo else written.replace(tzinfo=UTC))).total_seconds())


def _against(ours: list[bytes], theirs: list[bytes], start: int) -> str:
    common = next((at for at, pair in enumerate(zip(ours, theirs, strict=False)) if pair[0] != pair[1]), None)
    if common is None:
        last = start + min(len(ours), len(theirs))
        return f"CUT: the kiosk went on from record {last}; the ledger here has {len(ours) - len(theirs)} records more."
    return f"FORK at record {start + common + 1}: the kiosk went on with another ledger than the one here."


def _folders(transport: Transport) -> list[str]:
    listed = transport.listing(FOLDER)
    if listed is None:
        raise SourceError("This source cannot be listed.", remedy="Name it by sftp://, s3:// or as a folder.")
    names = [file.name.removesuffix("/") for file in listed if file.name.endswith("/")]
    return sorted(name for name in names if KIOSK_FOLDER.fullmatch(name))[:_MOST_KIOSKS]


def _status(transport: Transport, folder: str) -> KioskStatus | None:
    data = _optional(transport, f"{FOLDER}/{folder}/{STATUS_NAME}", _MOST_BYTES)
    try:
        return msgspec.json.decode(data, type=KioskStatus) if data else None
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None


def _joined(transport: Transport, path: str, names: list[str], kind: Kind) -> bytes:
    numbers = [int(match.group(2)) for name in names if (match := SEGMENT_NAME.fullmatch(name)) and match[1] == kind]
    found = b""
    for number in range(1, max(numbers, default=0) + 1):
        found += _optional(transport, f"{path}/{segment_name(kind, number)}", MAX_SEGMENT_BYTES)
    return found


def _optional(transport: Transport, name: str, limit: int) -> bytes:
    try:
        fetched = transport.fetch(name, limit=limit)
    except NotThere:
        return b""
    return fetched.data if fetched else b""
