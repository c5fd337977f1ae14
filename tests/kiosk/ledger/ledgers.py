"""What tests of the ledger's file share."""

import os
from pathlib import Path
from typing import Any

import pytest

from kiosk.core.clock import ManualClock
from kiosk.ledger.ledger import Ledger
from kiosk.ledger.reader import read_records
from kiosk.ledger.record import GENESIS, Adopt, Body, Note, Record, Refused, hash_of
from kiosk.snapshot.model import Snapshot
from tests.support import KEY, listed, private_key, snapshot

LIST = listed(snapshot(people=3))
ADOPT = Adopt(
    event=LIST.snapshot.event.id,
    generation=1,
    snapshot=LIST.s,
    entries=3,
    weight=3,
    anchor="a" * 64,
    kiosk=private_key(7).public.keyid,
    signer=KEY.public.keyid,
)
THREE: tuple[Body, ...] = (ADOPT, Note(text="Zoë 🎉"), Refused(file="x.json", reason="660 things"))


def known(s: str) -> Snapshot | None:
    return LIST.snapshot if s == LIST.s else None


def open_ledger(path: Path) -> Ledger:
    return Ledger(path, clock=ManualClock(), lists=known)


def written(path: Path, *bodies: Body) -> bytes:
    """Append the bodies to the ledger and return the file's bytes."""
    ledger = open_ledger(path)
    for body in bodies:
        ledger.append(body)
    ledger.close()
    return path.read_bytes()


def bytes_of(*bodies: Body) -> bytes:
    """Return what a ledger of the bodies holds, without touching the disk."""
    data, prev = b"", GENESIS
    for seq, body in enumerate(bodies, start=1):
        line = Record(seq=seq, at="2026-01-01T00:00:00.000Z", prev=prev, body=body).line()
        data, prev = data + line + b"\n", hash_of(line)
    return data


def bodies_in(path: Path) -> list[Body]:
    return [record.body for record in read_records(path.read_bytes())]


def state(ledger: Ledger) -> dict[str, Any]:
    """Return what a history knows, without its events, which are objects."""
    return {name: value for name, value in vars(ledger.history).items() if name not in {"events", "event"}}


def torn_files(path: Path) -> list[bytes]:
    return [aside.read_bytes() for aside in sorted(path.parent.glob("ledger-torn-*.bin"))]


def without_waiting_for_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)
