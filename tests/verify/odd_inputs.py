"""Odd bytes for both readers: JSON that no honest writer makes, in every place where signed or recorded JSON is read.

`python -m tests.verify.odd_inputs 100000 [SEED]` asks both sides and prints where they differ.
"""

import json
import random
import re
import unicodedata
from base64 import b64decode, b64encode
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from kiosk.core.errors import LedgerError, SnapshotError
from kiosk.ledger import record
from kiosk.snapshot import envelope, model, requests
from tests.verify.acts import whole_evening
from tests.verify.arguments import numbers
from tests.verify.history import canonical
from tests.verify.odd_values import HEX, INSERTED, LITERALS
from verify import verify_draw


def paths(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield where every value is."""
    yield at
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from paths(inner, (*at, key))


def written(value: Any, change: Callable[[tuple[Any, ...], bytes], bytes], at: tuple[Any, ...] = ()) -> bytes:
    """Write canonical JSON, but let `change` replace what is written of each place."""
    if isinstance(value, dict):
        inner = [(canonical(key), written(one, change, (*at, key))) for key, one in value.items()]
        text = b"{" + b",".join(key + b":" + one for key, one in inner) + b"}"
    elif isinstance(value, list):
        text = b"[" + b",".join(written(one, change, (*at, index)) for index, one in enumerate(value)) + b"]"
    else:
        text = canonical(value)
    return change(at, text)


def at_place(value: Any, place: tuple[Any, ...]) -> Any:
    for key in place:
        value = value[key]
    return value


def made_odd(document: Any, chance: random.Random) -> bytes:
    """Return the document with something odd in it."""
    place = chance.choice(list(paths(document)))
    there = at_place(document, place)
    kind = chance.choice(["literal"] * 6 + ["fields"] * 2 + ["insert", "flip"])
    if kind == "fields" and isinstance(there, dict):
        new = fields_made_odd(there, chance)
        return written(document, lambda at, text: new if at == place else text)
    if kind in {"literal", "fields"}:
        literal = chance.choice(LITERALS)
        return written(document, lambda at, text: literal if at == place else text)
    data = bytearray(written(document, lambda at, text: text))
    where = chance.randrange(len(data) + 1)
    if kind == "insert":
        data[where:where] = chance.choice(INSERTED)
    else:
        data[where % len(data)] ^= 1 << chance.randrange(8)
    return bytes(data)


def fields_made_odd(value: dict[str, Any], chance: random.Random) -> bytes:
    """Repeat, drop, move, rename, escape or add a field."""
    items = [(canonical(key), canonical(inner)) for key, inner in value.items()]
    if not items:
        return b'{"a":1}'
    one = chance.randrange(len(items))
    key, inner = items[one]
    kind = chance.randrange(6)
    if kind == 0:
        items.insert(chance.randrange(len(items) + 1), (key, chance.choice([inner, chance.choice(LITERALS)])))
    elif kind == 1:
        del items[one]
    elif kind == 2:
        items.insert(chance.randrange(len(items) + 1), items.pop(one))
    elif kind == 3:
        items[one] = (chance.choice([key.upper(), b'""', b'"\\u0061"', b'"seq"', b"1", key + b" "]), inner)
    elif kind == 4:
        items[one] = (b'"\\u%04x' % key[1] + key[2:], inner)
    else:
        items.insert(chance.randrange(len(items) + 1), (b'"extra"', chance.choice(LITERALS)))
    return b"{" + b",".join(name + b":" + text for name, text in items) + b"}"


# ---- both readers --------------------------------------------------------------------------------------------------


def kiosk_reads_envelope(data: bytes) -> bool:
    """Say whether the kiosk takes it for a list, a request or a checkpoint, whoever signed it."""
    kinds = (model.FORMAT, requests.CHECKPOINT_TYPE, *requests.MESSAGE_TYPES)
    try:
        opened = envelope.unsealed(data, payload_types=kinds)
        if opened.payload_type == model.FORMAT:
            return model.decode(opened.payload).generation >= 1
        if opened.payload_type == requests.CHECKPOINT_TYPE:
            requests.decode_checkpoint(opened.payload)
        else:
            requests.decode(opened.payload, payload_type=opened.payload_type)
    except SnapshotError:
        return False
    return True


def verifier_reads_envelope(data: bytes) -> bool:
    """Say whether the verifier takes it for one of these."""
    try:
        verify_draw.read_envelope(data)
    except ValueError:
        return False
    return True


def kiosk_reads_record(line: bytes) -> bool:
    """Say whether the kiosk takes it for a record."""
    try:
        record.parse(line)
    except LedgerError:
        return False
    return True


def verifier_reads_record(line: bytes) -> bool:
    """Say whether the verifier takes it for one."""
    try:
        verify_draw.check_record(verify_draw.read_canonical(line, sort_keys=True))
    except ValueError:
        return False
    return True


class Stock:
    """Good documents of every kind."""

    def __init__(self) -> None:
        story = whole_evening()
        self.records = list({json.loads(line)["type"]: json.loads(line) for line in story.lines}.values())
        outer = [json.loads(data) for name, data in story.files.items() if name.endswith(".json")]
        outer.append(json.loads(story.checkpoints[0]))
        self.envelopes = list({one["payloadType"]: one for one in outer}.values())
        self.payloads = [json.loads(b64decode(one["payload"])) for one in self.envelopes]
        for payload in self.payloads:
            if "entries" in payload:
                payload["entries"], payload["spins"] = payload["entries"][:3], SPINS
                payload["source"] = {"files": [{"sha256": HEX, "rows": 3}], "accepted": 3, "rejected": 0}
                payload["rules"]["predetermined"] = True


SPINS = {
    "mode": "mixed",
    "ticket": "",
    "reason": "",
    "steps": [{"mode": "natural", "ticket": "", "reason": ""}, {"mode": "fixed", "ticket": "E0001", "reason": "why"}],
    "then": "natural",
}


def wrapped(payload: bytes, kind: str) -> bytes:
    """Return an envelope around a payload; its signature does not matter here."""
    outer = {"payloadType": kind, "payload": b64encode(payload).decode()}
    return canonical(outer | {"signatures": [{"sig": "", "keyid": HEX}]}) + b"\n"


def odd_input(stock: Stock, chance: random.Random) -> tuple[str, bytes, bool, bool]:
    """Return what it is, its bytes, and whether the kiosk and the verifier take it."""
    kind = chance.choice(["payload", "payload", "record", "record", "envelope"])
    if kind == "record":
        line = made_odd(chance.choice(stock.records), chance)
        return kind, line, kiosk_reads_record(line), verifier_reads_record(line)
    if kind == "payload":
        payload = chance.choice(stock.payloads)
        data = made_odd(payload, chance)
        whole = wrapped(data, payload["format"])
        return kind, data, kiosk_reads_envelope(whole), verifier_reads_envelope(whole)
    data = made_odd(chance.choice(stock.envelopes), chance) + chance.choice([b"\n"] * 9 + [b"", b"\n\n", b"\r\n", b" "])
    return kind, data, kiosk_reads_envelope(data), verifier_reads_envelope(data)


def left_to_the_kiosk(data: bytes) -> bool:
    """Say whether a text may be one that a screen cannot show faithfully: docs/protocol.md leaves it to the kiosk."""
    text = data.decode(errors="replace")
    hidden = any(unicodedata.category(one) in {"Cf", "Cn", "Co", "Mn"} for one in text if not one.isascii())
    return hidden or re.search(verify_draw.INVISIBLE, text) is not None


def ask_many(count: int, seed: int) -> tuple[Counter[str], list[str]]:
    """Return how often both took or refused what, and every difference."""
    stock, told, differences = Stock(), Counter[str](), []
    for number in range(count):
        kind, data, kiosk, verifier = odd_input(stock, random.Random(f"{seed} {number}"))  # noqa: S311
        told[f"{kind} {'taken' if verifier else 'refused'}"] += 1
        if kiosk != verifier and not (verifier and left_to_the_kiosk(data)):
            who = "kiosk" if kiosk else "verifier"
            differences.append(f"seed {seed} number {number}: only the {who} takes the {kind} {data[:4000]!r}")
    return told, differences


def main() -> int:
    count, seed = numbers(__doc__, inputs=20_000, seed=1)
    told, differences = ask_many(count, seed)
    print(f"{count} odd inputs:", dict(told.most_common()))  # noqa: T201
    print(*(differences[:40] or ["both sides agree on every one"]), sep="\n")  # noqa: T201
    return 1 if differences else 0


if __name__ == "__main__":
    raise SystemExit(main())
