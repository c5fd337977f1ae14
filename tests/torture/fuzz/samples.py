"""Good inputs of every kind, from which the fuzzer starts."""

import json
from typing import Any

import msgspec

from kiosk.core.keys import PrivateKey
from kiosk.draw.modes import Fixed, Mixed, Natural
from kiosk.ledger.record import GENESIS, Absent, Adopt, Body, Entropy, Open, Record, Result, Shown, Withdraw, hash_of
from kiosk.snapshot import model
from kiosk.snapshot import requests as message
from kiosk.snapshot.model import Entry, Snapshot, Source, SourceFile

KEY = PrivateKey(bytes(range(32)))
TRUSTED = {KEY.public.keyid: KEY.public}
S = "ab" * 32
AT = "2026-05-04T09:30:00.125Z"


def snapshots() -> tuple[Snapshot, ...]:
    """Return lists that use every kind of field."""
    people = tuple(
        Entry(f"E{n:04d}", name, 1 + n % 3) for n, name in enumerate(("Ana", "Zoë", "محمد", "👩‍🚀 Bo", "田中"))
    )
    fixed = Fixed(ticket="E0001", reason="Drawn by the notary")
    source = Source(files=(SourceFile(name="a.xlsx", sha256=S, rows=5),), accepted=5, rejected=0)
    base = Snapshot(
        generation=1,
        previous=None,
        created_at=AT,
        title="Summer fair",
        entries=people,
        spins=Natural(),
        remove_winners=True,
        source=source,
    )
    mixed = Mixed(steps=(Natural(), fixed, Natural()), then="repeat")
    return (
        base,
        msgspec.structs.replace(base, spins=fixed, previous=S, generation=2),
        msgspec.structs.replace(base, spins=mixed, remove_winners=False, generation=999_999),
    )


def messages() -> tuple[tuple[bytes, ...], tuple[bytes, ...]]:
    common: dict[str, Any] = {"generation": 1, "snapshot": S, "created_at": AT}
    texts = ("dice:3.1.6.6", "audience:seven umbrellas", "lottery:6aus49 4 11 23", f"drand:quicknet:5000000:{S}")
    entropy = tuple(message.encode(message.EntropyMessage(**common, entropy=text)) for text in texts)
    request = {**common, "nonce": "0123456789abcdef"}
    withdraw = message.WithdrawRequest(**request, ticket="E0001", reason="asked to be left out")
    return entropy, (message.encode(message.AbsentRequest(**request, spin=1)), message.encode(withdraw))


def chained(bodies: list[dict[str, Any]]) -> bytes:
    """Return the bodies as a ledger whose chain holds, each line in canonical form."""
    prev, lines = GENESIS, []
    for seq, body in enumerate(bodies, start=1):
        fields = {"at": AT, **body, "seq": body.get("seq", seq), "prev": prev}
        line = json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        lines.append(line.encode("utf-8", "surrogatepass"))
        prev = hash_of(lines[-1])
    return b"".join(line + b"\n" for line in lines)


def _bodies() -> list[Body]:
    adopt = Adopt(generation=1, snapshot=S, entries=5, weight=9, anchor=S, kiosk=S)
    result = Result(spin=1, mode="natural", reveal=S, x=S, k=0, t=3, ticket="E0001", rest=7, turns=5)
    return [
        adopt,
        Entropy(snapshot=S, entropy="dice:1.2.3"),
        Open(generation=1, spin=1, mode="natural", pool=S, entropy="none"),
        result,
        Shown(spin=1, duration_ms=11_000, frames=660),
        Absent(spin=1, ticket="E0001"),
        Withdraw(ticket="E0002", reason="asked", request="0123456789abcdef"),
    ]


def ledger() -> bytes:
    prev, lines = GENESIS, []
    for seq, body in enumerate(_bodies(), start=1):
        lines.append(Record(seq=seq, at=AT, prev=prev, body=body).line())
        prev = hash_of(lines[-1])
    return b"".join(line + b"\n" for line in lines)


SIGNED = frozenset(map(model.encode, snapshots()))
"""The payloads that the key has signed."""
