"""Good inputs of every kind, from which the fuzzer starts."""

import json
from typing import Any

import msgspec

from kiosk.core.keys import PrivateKey
from kiosk.draw.modes import NATURAL, NATURAL_STEP, fixed, fixed_step, mixed
from kiosk.draw.protocol import digest, entropy_digest
from kiosk.ledger.record import (
    GENESIS,
    Adopt,
    Body,
    Claim,
    Close,
    Entropy,
    Open,
    Record,
    Result,
    Shown,
    Withdraw,
    hash_of,
)
from kiosk.snapshot import model
from kiosk.snapshot import names as names_file
from kiosk.snapshot import requests as message
from kiosk.snapshot.model import Entry, Event, Prize, Rules, Snapshot, Source, SourceFile

KEY = PrivateKey(bytes(range(32)))
TRUSTED = {KEY.public.keyid: KEY.public}
S = "ab" * 32
EVENT = "0123456789abcdef"
REVEAL = bytes(32)
ANCHOR = digest(REVEAL)
TEXT = "dice:1.2.3"
NAMES = tuple(zip((f"E{n:04d}" for n in range(5)), ("Ana", "Zoë", "محمد", "👩‍🚀 Bo", "田中"), strict=True))
AT = "2026-05-04T09:30:00.125Z"


def snapshots() -> tuple[Snapshot, ...]:
    """Return lists that use every kind of field."""
    people = tuple(Entry(ticket, 1 + n % 3, "staff" if n % 2 else "", n // 2) for n, (ticket, _) in enumerate(NAMES))
    reason = "Drawn by the notary"
    rules = Rules(
        win_once="event", household_once=False, presence=True, predetermined=True, order="listed", names="full"
    )
    base = Snapshot(
        generation=1,
        previous="",
        created_at=AT,
        event=Event(id=EVENT, title="Summer fair"),
        entries=people,
        names=digest(names()),
        prizes=(),
        rules=rules,
        entropy=("dice",),
        spins=NATURAL,
        source=Source(files=(SourceFile(sha256=S, rows=5),), accepted=5, rejected=0),
    )
    mugs = Prize("mugs", "Mugs", 3, 1, 2, ("staff",), f"{S}.png", "A sponsor")
    steps = mixed(NATURAL_STEP, fixed_step("E0001", reason), NATURAL_STEP, then="repeat")
    kept = msgspec.structs.replace(rules, win_once="never", order="free", names="short")
    return (
        base,
        msgspec.structs.replace(base, spins=fixed("E0001", reason), previous=S, generation=2, prizes=(mugs,)),
        msgspec.structs.replace(
            base,
            spins=steps,
            rules=kept,
            generation=999_999,
            previous=S,
            entropy=("audience", "lottery:6aus49 on 2 May"),
        ),
    )


def names() -> bytes:
    """Return the names file of every list."""
    return names_file.encode(NAMES, salt=bytes(32))


def messages() -> tuple[tuple[str, bytes], ...]:
    """Return a message of each kind as (type, payload)."""
    bound: dict[str, Any] = {"event": EVENT, "snapshot": S, "anchor": ANCHOR, "kiosk": S}
    found: tuple[message.Message, ...] = (
        *(message.EntropyMessage(**bound, text=text) for text in (TEXT, "audience:seven umbrellas", "lottery:6:4 11")),
        message.WithdrawMessage(event=EVENT, ticket="E0001", reason="asked to be left out"),
        message.ClaimMessage(event=EVENT, prize="mugs", place=4, ticket="E0001", state="absent"),
        message.CloseMessage(event=EVENT),
    )
    return tuple((one.format, message.encode(one)) for one in found)


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
    return [
        Adopt(event=EVENT, generation=1, snapshot=S, entries=5, weight=9, anchor=ANCHOR, kiosk=S, signer=S),
        Entropy(snapshot=S, anchor=ANCHOR, text=TEXT, request=S),
        Open(
            event=EVENT,
            generation=1,
            spin=1,
            prize="mugs",
            places="1,2",
            mode="natural",
            step=0,
            pool=S,
            weight=9,
            entropy=entropy_digest([TEXT]),
        ),
        Result(
            spin=1,
            mode="natural",
            reveal=REVEAL.hex(),
            winners=("E0001", "E0003"),
            rest=7,
            turns=5,
            reason="",
            fallback="",
        ),
        Shown(spin=1, duration_ms=11_000, frames=660),
        Claim(event=EVENT, prize="mugs", place=1, ticket="E0001", state="absent", reserve=0, request=""),
        Withdraw(event=EVENT, ticket="E0002", reason="asked", request="cd" * 32),
        Close(event=EVENT, request="ef" * 32),
    ]


def ledger() -> bytes:
    prev, lines = GENESIS, []
    for seq, body in enumerate(_bodies(), start=1):
        lines.append(Record(seq=seq, at=AT, prev=prev, body=body).line())
        prev = hash_of(lines[-1])
    return b"".join(line + b"\n" for line in lines)


SIGNED = frozenset(map(model.encode, snapshots()))
"""The payloads that the key has signed."""
