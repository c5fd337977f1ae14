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
    must(value["format"] == "wheel-snapshot/1", "format")
    must(type(value["generation"]) is int and 0 <= value["generation"] <= 999_999, "generation")
    must(value["previous"] is None or re.fullmatch("[0-9a-f]{64}", value["previous"]) is not None, "previous")
    must(_TIME.fullmatch(value["created_at"]) is not None, "created_at")
    datetime.fromisoformat(value["created_at"])
    check_text(value["title"], 120)
    entries = value["entries"]
    must(1 <= len(entries) <= 3000, "number of entries")
    for entry in entries:
        check_text(entry["ticket"], 40, ticket=True)
        check_text(entry["name"], 120)
        weight = entry.get("weight", 1)
        must(type(weight) is int and 1 <= weight <= 1_000_000, "weight")
        must(set(entry) <= {"ticket", "name", "weight"}, "unknown field")
    tickets = {entry["ticket"] for entry in entries}
    must(len(tickets) == len(entries), "tickets twice")
    must(type(value["remove_winners"]) is bool, "remove_winners")
    spins = value["spins"]
    must(spins["mode"] in {"natural", "fixed", "mixed"}, "mode")
    steps = spins["steps"] if spins["mode"] == "mixed" else [spins]
    must(1 <= len(steps) <= 1000, "steps")
    for step in steps:
        must(step["mode"] in ({"natural", "fixed"}), "step")
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
        must(all(type(value) in (int, str) for value in fields.values()), "neither text nor whole number")
        must(all(type(value) is str or abs(value) < 1 << 53 for value in fields.values()), "too large a number")
        prev = sha256(line).hexdigest()
