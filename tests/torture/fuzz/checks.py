"""Checks of what a parser has accepted.

Invariant: they share no code with what they check. They know JSON, SHA-256 and the rules of the formats.
"""

import json
import re
import unicodedata
from datetime import datetime
from hashlib import sha256
from typing import Any

_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?Z")
_NEVER = re.compile(
    "[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\u200b\u2060-\u2064\ufeff\xad\ud800-\udfff\ufff9-\ufffb]"
)


FIELDS = [
    *("format", "generation", "previous", "created_at", "event", "entries", "names", "prizes", "rules", "entropy"),
    *("spins", "source"),
]


class Unlawful(Exception):
    """Something was accepted that the rules forbid."""


def must(holds: bool, what: str) -> None:
    if not holds:
        raise Unlawful(what)


def check_text(text: object, limit: int, *, ticket: bool = False) -> None:
    """Check a text independently of the product."""
    must(isinstance(text, str), "text is not a string")
    text = str(text)
    must(0 < len(text) <= limit, f"{len(text)} characters")
    must(_NEVER.search(text) is None, f"hides or turns: {text!a}")
    must(unicodedata.normalize("NFC", text) == text, "not NFC")
    must(text == " ".join(text.split()), f"white space: {text!a}")
    if ticket:
        must(all(unicodedata.category(letter) not in {"Cf", "Cc", "Co", "Cs"} for letter in text), "hides")


def check_list(value: Any) -> None:
    """Check a list's payload, parsed with another parser, against the rules of docs/protocol.md."""
    must(list(value) == FIELDS, "fields")
    must(value["format"] == "wheel-snapshot/2", "format")
    must(type(value["generation"]) is int and 0 <= value["generation"] <= 999_999, "generation")
    first = value["generation"] <= 1
    must(re.fullmatch("" if first else "[0-9a-f]{64}", value["previous"]) is not None, "previous")
    must(re.fullmatch("[0-9a-f]{16}", value["event"]["id"]) is not None, "event")
    must(_TIME.fullmatch(value["created_at"]) is not None, "created_at")
    datetime.fromisoformat(value["created_at"])
    check_text(value["event"]["title"], 120)
    entries = value["entries"]
    must(1 <= len(entries) <= 3000, "number of entries")
    for entry in entries:
        check_text(entry["ticket"], 40, ticket=True)
        must(type(entry["weight"]) is int and 1 <= entry["weight"] <= 1_000_000, "weight")
        must(type(entry["household"]) is int and 0 <= entry["household"] <= 999_999, "household")
        must(list(entry) == ["ticket", "weight", "group", "household"], "fields of an entry")
    tickets = {entry["ticket"] for entry in entries}
    must(len(tickets) == len(entries), "tickets twice")
    rules = value["rules"]
    must(all(type(rules[name]) is bool for name in ("household_once", "presence", "predetermined")), "rules")
    must(rules["win_once"] in {"event", "prize", "never"}, "win_once")
    kinds = [item.partition(":")[0] for item in value["entropy"]]
    must(len(set(kinds)) == len(kinds) and set(kinds) <= {"dice", "audience", "lottery", "drand"}, "entropy")
    prizes = value["prizes"]
    must(len({prize["id"] for prize in prizes}) == len(prizes) <= 200, "prizes")
    must(all(re.fullmatch("[a-z0-9-]{1,40}", prize["id"]) is not None for prize in prizes), "a prize's id")
    spins = value["spins"]
    must(spins["mode"] in {"natural", "fixed", "mixed"}, "mode")
    steps = spins["steps"] if spins["mode"] == "mixed" else [spins]
    must(1 <= len(steps) <= 1000, "steps")
    for step in steps:
        must(step["mode"] in ({"natural", "fixed"}), "step")
        must(step["mode"] == "natural" or rules["predetermined"], "a fixed step against the rules")
        if step["mode"] == "fixed":
            must(step["ticket"] in tickets, "fixed ticket not on the list")
            check_text(step["reason"], 300)


def check_chain(data: bytes) -> None:
    """Check a ledger's chain independently of the product."""
    prev = "0" * 64
    for seq, line in enumerate(data.removesuffix(b"\n").split(b"\n") if data else (), start=1):
        fields = json.loads(line)
        must((fields["seq"], fields["prev"]) == (seq, prev), "the chain does not hold")
        again = json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        must(again.encode() == line, "a line in another form")
        winners = fields.pop("winners", [])
        must(all(type(ticket) is str for ticket in winners), "a winner that is not a ticket")
        must(all(type(value) in (int, str) for value in fields.values()), "neither text nor whole number")
        must(all(type(value) is str or abs(value) < 1 << 53 for value in fields.values()), "too large a number")
        prev = sha256(line).hexdigest()
