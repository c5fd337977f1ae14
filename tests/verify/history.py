"""Writes histories of draws for the verifiers' tests, from docs/protocol.md, with hashlib, hmac and `cryptography`.

`History` does what an honest kiosk and an honest organiser do. Every method takes keyword arguments that replace fields
of what it writes, so that a test can break one rule and leave the rest as it is. No code of the product is used.
"""

import hashlib
import hmac
import json
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.verify.list_parts import NATURAL, Fields, entries, rules, spins

EVENT = "00112233445566ff"
LATER_EVENT = "ffeeddccbbaa9988"
NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)  # record n is written n minutes later
DRAND = f"drand:quicknet:{(int(NOON.timestamp()) + 90 - 1692803367) // 3 + 1}"  # arises between the first two records


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def canonical(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


class Key:
    def __init__(self, seed: int) -> None:
        self.private = Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32)
        self.public = self.private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.pem = self.private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        self.id = sha(self.public)

    def envelope(self, payload: bytes, kind: str) -> bytes:
        message = b"DSSEv1 %d %s %d %s" % (len(kind), kind.encode(), len(payload), payload)
        sig = b64encode(self.private.sign(message)).decode()
        signatures = [{"sig": sig, "keyid": self.id}]
        outer = {"payloadType": kind, "payload": b64encode(payload).decode(), "signatures": signatures}
        return canonical(outer) + b"\n"

    def sign(self, message: Fields) -> bytes:
        return self.envelope(canonical(message), message["format"])


ORGANISER, KIOSK, OTHER_KIOSK, STRANGER = Key(1), Key(2), Key(3), Key(4)


class History:
    """One home: lists, requests, keys, ledger, checkpoints."""

    def __init__(self, *, kiosk: Key = KIOSK, seed: int = 0, length: int = 64) -> None:
        self.kiosk = kiosk
        self.seed = seed
        self.length = length
        self.lines: list[bytes] = []
        self.checkpoints: list[bytes] = []
        self.files: dict[str, bytes] = {"kiosk/trusted/organiser.pem": ORGANISER.pem}
        self.list: Fields = {}
        self.s = ""
        self.generation = 0
        self.chain: list[bytes] = []  # s_0 to s_N
        self.texts: list[str] = []
        self.results = 0
        self.spin: Fields = {}
        # by event
        self.opened: dict[str, int] = {}
        self.places: dict[tuple[str, str, int], list[str]] = {}  # -> [ticket, state]
        self.won: list[tuple[str, str, str]] = []  # event, prize, ticket: everybody who ever got a place
        self.freed: list[tuple[str, str, str]] = []
        self.gone: list[tuple[str, str]] = []
        self.prizes: dict[tuple[str, str], Fields] = {}

    # -- writing --

    def record(self, kind: str, *, sign: bool = True, **fields: Any) -> Fields:
        seq = len(self.lines) + 1
        at = f"{NOON + timedelta(minutes=seq):%Y-%m-%dT%H:%M:%S.000Z}"
        record = {"seq": seq, "type": kind, "at": at, "prev": sha(self.lines[-1]) if self.lines else "0" * 64}
        record |= fields
        self.lines.append(canonical(dict(sorted(record.items()))))
        if sign:
            self.checkpoint()
        return record

    @property
    def head(self) -> str:
        return sha(self.lines[-1])

    def checkpoint(self, *, key: Key | None = None, **changed: Any) -> None:
        key = key or self.kiosk
        message = {"format": "wheel-checkpoint/2", "kiosk": key.id, "seq": len(self.lines), "head": self.head}
        self.checkpoints.append(key.sign(message | changed))

    def request(self, kind: str, *, by: Key = ORGANISER, keep: bool = True, **fields: Any) -> str:
        payload = canonical({"format": kind} | fields)
        if keep:
            self.files[f"kiosk/requests/{len(self.files):06}.json"] = by.envelope(payload, kind)
        return sha(payload)

    def ledger(self) -> bytes:
        return b"".join(line + b"\n" for line in self.lines)

    def files_of_home(self) -> dict[str, bytes]:
        """What its home holds, by name."""
        files = self.files | {
            "kiosk/ledger.jsonl": self.ledger(),
            "kiosk/checkpoints.jsonl": b"".join(self.checkpoints),
        }
        return files | {"kiosk/kiosk-key.pub.pem": self.kiosk.pem}

    def write(self, home: Path) -> Path:
        for name, data in self.files_of_home().items():
            path = home / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        return home

    # -- lists --

    def publish(self, *, by: Key = ORGANISER, event: str = "", **changed: Any) -> str:
        """Publish the next generation, like the last one but for what is changed; return S."""
        self.generation = changed.get("generation", self.generation + 1)
        usual = {
            "format": "wheel-snapshot/2",
            "generation": self.generation,
            "previous": self.s if self.generation > 1 else "",
            "created_at": "2026-05-01T10:00:00Z",
            "event": {"id": event or EVENT, "title": "An evening"},
            "entries": entries(),
            "names": sha(b"names"),
            "prizes": [],
            "rules": rules(),
            "entropy": [],
            "spins": spins(),
            "source": {"files": [{"sha256": sha(b"xlsx"), "rows": 20}], "accepted": 20, "rejected": 0},
        }
        renewed = {"generation", "previous"} | ({"event"} if event else set())
        kept = {name: value for name, value in self.list.items() if name not in renewed}
        self.list = usual | kept | changed
        payload = canonical(self.list)
        self.s = sha(payload)
        self.files[f"snapshots/snapshot-{self.generation:06}-{self.s[:8]}.json"] = by.envelope(
            payload, "wheel-snapshot/2"
        )
        return self.s

    def adopt(self, **changed: Any) -> Fields:
        """Adopt what was published last, under new secrets."""
        self.seed += 1
        return self.adopt_with(hashlib.sha256(b"%d" % self.seed).digest(), **changed)

    def adopt_with(self, secret: bytes, **changed: Any) -> Fields:
        self.chain = [secret]
        while len(self.chain) <= self.length:
            self.chain.append(hashlib.sha256(self.chain[-1]).digest())
        self.texts, self.results = [], 0
        usual = {
            "event": self.event,
            "generation": self.list["generation"],
            "snapshot": self.s,
            "entries": len(self.list["entries"]),
            "weight": sum(one["weight"] for one in self.list["entries"]),
            "anchor": self.chain[-1].hex(),
            "kiosk": self.kiosk.id,
            "signer": ORGANISER.id,
        }
        self.prizes |= {(self.event, one["id"]): one for one in self.list["prizes"]}
        return self.record("adopt", **usual | changed)

    def begin(self, **changed: Any) -> "History":
        self.publish(**changed)
        self.adopt()
        return self

    def again(self, *, then: Any = None, **changed: Any) -> "History":
        """A correction or a new event, adopted."""
        self.begin(**changed)
        if then:
            then(self)
        return self

    @property
    def event(self) -> str:
        return str(self.list["event"]["id"])

    @property
    def anchor(self) -> str:
        return self.chain[-1].hex()

    # -- spins --

    def entropy(self, text: str, *, by: Key = ORGANISER, keep: bool = True, **changed: Any) -> Fields:
        told = {"snapshot": self.s, "anchor": self.anchor}
        message = {"event": self.event, **told, "kiosk": self.kiosk.id, "text": text} | changed.pop("message", {})
        request = self.request("wheel-entropy/2", by=by, keep=keep, **message)
        self.texts.append(text)
        return self.record("entropy", **{**told, "text": text, "request": request} | changed)

    def public(self) -> str:
        return sha("".join(text + "\n" for text in self.texts).encode()) if self.texts else "none"

    def pool(self, name: str) -> list[Fields]:
        terms = self.list["rules"]
        scope = terms["win_once"] if name else {"prize": "event"}.get(terms["win_once"], terms["win_once"])
        out = {ticket for event, ticket in self.gone if event == self.event}
        out |= {ticket for event, z, ticket in self.freed if (event, z) == (self.event, name)}
        winners = {
            ticket
            for event, z, ticket in self.won
            if event == self.event and (scope == "event" or (scope == "prize" and z == name))
        }
        homes = {one["household"] for one in self.list["entries"] if one["ticket"] in winners and one["household"]}
        may = [group for one in self.list["prizes"] if one["id"] == name for group in one["groups"]]
        return [
            one
            for one in self.list["entries"]
            if one["ticket"] not in out | winners
            and not (terms["household_once"] and one["household"] in homes)
            and (not may or one["group"] in may)
        ]

    def open_places(self, name: str) -> list[int]:
        one = next((one for one in self.list["prizes"] if one["id"] == name), None)
        if one is None:
            return [self.opened.get(self.event, 0) + 1]
        total = one["quantity"] + one["reserves"]
        free = [place for place in range(1, total + 1) if (self.event, name, place) not in self.places]
        first = [place for place in free if place <= one["quantity"]] or free
        return first[: one["per_press"]]

    def plan(self, number: int) -> tuple[int, Fields]:
        planned: Fields = self.list["spins"]
        steps = planned["steps"]
        if not steps:
            return 0, planned
        if number > len(steps) and planned["then"] != "repeat":
            return 0, NATURAL
        return (number - 1) % len(steps) + 1, steps[(number - 1) % len(steps)]

    def open(self, name: str | None = None, **changed: Any) -> Fields:
        number = self.opened.get(self.event, 0) + 1
        if name is None:
            ids = [one["id"] for one in self.list["prizes"]] or [""]
            name = next(z for z in ids if self.open_places(z) and self.pool(z))
        step, planned = self.plan(number)
        places = self.open_places(name)[: 1 if planned["mode"] == "fixed" else None]
        places = changed.pop("place_list", places)
        pool = changed.pop("pool_entries", self.pool(name))
        told = {
            "event": self.event,
            "generation": self.list["generation"],
            "spin": number,
            "prize": name,
            "places": ",".join(str(place) for place in places),
            "mode": planned["mode"],
            "step": step,
            "pool": sha("".join(f"{one['ticket']}\t{one['weight']}\n" for one in pool).encode()),
            "weight": sum(one["weight"] for one in pool),
            "entropy": self.public(),
        }
        record = self.record("open", sign=False, **told | changed)
        self.opened[self.event] = number
        self.spin = record | {"pool_entries": pool, "plan": planned, "place_list": places}
        return record

    def drawn(self) -> list[str]:
        left, winners = list(self.spin["pool_entries"]), []
        for place in self.spin["place_list"]:
            if not left:
                break
            weight, k = sum(one["weight"] for one in left), 0
            while (x := self.number(place, k)) >= 2**256 - 2**256 % weight:
                k += 1
            t = x % weight
            index = 0
            while t >= left[index]["weight"]:
                t -= left[index]["weight"]
                index += 1
            winner = left.pop(index)
            winners.append(winner["ticket"])
            if self.list["rules"]["household_once"] and winner["household"]:
                left = [one for one in left if one["household"] != winner["household"]]
        return winners

    def number(self, place: int, k: int) -> int:
        told = ["wheel-draw/2", self.s, self.spin["spin"], self.spin["prize"], place, self.spin["pool"]]
        message = "".join(f"{one}\n" for one in [*told, self.spin["entropy"], k])
        return int(hmac.new(self.reveal, message.encode(), "sha256").hexdigest(), 16)

    @property
    def reveal(self) -> bytes:
        return self.chain[len(self.chain) - 2 - self.results]

    def landing(self, winner: str) -> tuple[int, int]:
        pool = self.spin["pool_entries"]
        total = sum(one["weight"] for one in pool)
        index = next((n for n, one in enumerate(pool) if one["ticket"] == winner), 0)
        start = sum(one["weight"] for one in pool[:index])
        low, high = ((c * 2**32 + total - 1) // total for c in (start, start + pool[index]["weight"]))
        chosen = hmac.new(self.reveal, f"wheel-land/2\n{self.s}\n{self.spin['spin']}\n".encode(), "sha256").digest()
        u, width = int.from_bytes(chosen[:8], "big"), high - low
        return low + width * 5 // 100 + ((width * 90 // 100) * u >> 64), 5 + chosen[8] % 3

    def result(self, **changed: Any) -> Fields:
        plan, pool = self.spin["plan"], {one["ticket"] for one in self.spin["pool_entries"]}
        predetermined = plan["mode"] == "fixed" and plan["ticket"] in pool
        winners = changed.get("winners") or ([plan["ticket"]] if predetermined else self.drawn())
        rest, turns = self.landing(winners[0])
        told = {
            "spin": self.spin["spin"],
            "mode": "fixed" if predetermined else "natural",
            "reveal": self.reveal.hex(),
            "winners": winners,
            "rest": rest,
            "turns": turns,
            "reason": plan["reason"] if predetermined else "",
            "fallback": "not in the pool" if plan["mode"] == "fixed" and not predetermined else "",
        }
        record = self.record("result", sign=False, **told | changed)
        self.results += 1
        for place, ticket in zip(self.spin["place_list"], winners, strict=False):
            self.places[self.event, self.spin["prize"], place] = [ticket, "held"]
            self.won.append((self.event, self.spin["prize"], ticket))
        return record

    def shown(self, **changed: Any) -> Fields:
        return self.record("shown", **{"spin": self.spin["spin"], "duration_ms": 11000, "frames": 660} | changed)

    def void(self, **changed: Any) -> Fields:
        return self.record("void", **{"spin": self.spin["spin"], "reason": "the secret is lost"} | changed)

    def press(self, name: str | None = None) -> list[str]:
        """A whole spin; return the winners."""
        self.open(name)
        winners: list[str] = self.result()["winners"]
        self.shown()
        return winners

    # -- what comes after --

    def claim(self, name: str, place: int, state: str, *, by: Key | None = ORGANISER, **changed: Any) -> Fields:
        """Record a claim; without `by` it comes from a key of the keyboard."""
        event = changed.pop("event", self.event)
        ticket = changed.pop("ticket", None) or self.places[event, name, place][0]
        reserve = self.move(event, name, place, state)
        told = {"event": event, "prize": name, "place": place, "ticket": ticket, "state": state}
        request = ""
        if by:
            keep = changed.pop("keep", True)
            request = self.request("wheel-claim/2", by=by, keep=keep, **told | changed.pop("message", {}))
        return self.record("claim", **told | {"reserve": reserve, "request": request} | changed)

    def move(self, event: str, name: str, place: int, state: str) -> int:
        if (event, name, place) not in self.places:
            return 0
        holder = self.places[event, name, place]
        holder[1] = state
        if state in {"confirmed", "collected"}:
            return 0
        self.freed.append((event, name, holder[0]))
        one = self.prizes.get((event, name))
        if one is None or place > one["quantity"]:
            return 0
        for reserve in range(one["quantity"] + 1, one["quantity"] + one["reserves"] + 1):
            waiting = self.places.get((event, name, reserve), ["", ""])
            if waiting[1] in {"held", "confirmed"}:
                self.places[event, name, place] = [waiting[0], "held"]
                waiting[1] = "moved"
                return reserve
        del self.places[event, name, place]
        return 0

    def withdraw(self, ticket: str, *, by: Key = ORGANISER, keep: bool = True, **changed: Any) -> Fields:
        told = {"event": changed.pop("event", self.event), "ticket": ticket, "reason": "asked for it"}
        message = told | changed.pop("message", {})
        request = self.request("wheel-withdraw/2", by=by, keep=keep, **message)
        self.gone.append((self.event, ticket))
        return self.record("withdraw", **told | {"request": request} | changed)

    def close(self, *, by: Key = ORGANISER, keep: bool = True, **changed: Any) -> Fields:
        event = changed.pop("event", self.event)
        message = {"event": event} | changed.pop("message", {})
        request = self.request("wheel-close/2", by=by, keep=keep, **message)
        return self.record("close", **{"event": event, "request": request} | changed)

    def restored(self, key: Key, **changed: Any) -> Fields:
        """Another kiosk goes on from the last head."""
        told = {"from": self.kiosk.id, "to": key.id, "head": self.head}
        self.files[f"kiosk/keys/{self.kiosk.id[:16]}.pem"] = self.kiosk.pem
        self.kiosk = key
        return self.record("restored", **told | changed)
