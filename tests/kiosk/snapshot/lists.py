"""What tests of the list's model share."""

import json
from typing import Any

import msgspec

from kiosk.draw.modes import NATURAL_STEP, Step, fixed_step, mixed
from kiosk.snapshot.model import (
    Snapshot,
    encode,
)
from tests.support import entries, prize, snapshot

REHEARSED = mixed(fixed_step("E0001", "rehearsal"), NATURAL_STEP, then="stop")
GOOD = encode(snapshot(people=3, prizes=(prize("grand"),), entropy=("dice",), spins=REHEARSED))


def altered(**changes: object) -> Snapshot:
    return msgspec.structs.replace(snapshot(), **changes)


def with_entry(**changes: object) -> Snapshot:
    first, *others = entries(3)
    return snapshot(people=(msgspec.structs.replace(first, **changes), *others))


def with_prize(**changes: object) -> Snapshot:
    return snapshot(prizes=(msgspec.structs.replace(prize("grand"), **changes),))


def with_event(**changes: object) -> Snapshot:
    return altered(event=msgspec.structs.replace(snapshot().event, **changes))


def steps(*many: Step, then: str = "stop") -> Snapshot:
    return snapshot(spins=mixed(*many, then=then))  # type: ignore[arg-type]


def as_json(**changes: object) -> bytes:
    fields: dict[str, Any] = json.loads(GOOD)
    return json.dumps(fields | changes, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "surrogatepass")
