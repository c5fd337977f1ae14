"""Public entropy: the items that a list names beforehand, the texts that fulfil them, and how far each convinces.

Invariant: pure. A text is its item, ":" and a value, and is used byte for byte in the draw. What it says is not
judged: nobody here saw the dice, and no library here checks a drand round's BLS signature.

Source: drand's quicknet (https://docs.drand.love): round 1 at 2023-08-23T15:09:27Z, then one every 3 s.
"""

import re
from collections.abc import Iterable
from typing import Literal

from kiosk.core.text_rules import problem_with

Level = Literal["sealed", "live", "public"]
"""Who can vouch for P: nobody (there is none), those who were in the room, anybody."""
_RANKS: tuple[Level, ...] = ("sealed", "live", "public")

MAX_WORDS = 100
"""Longest WORDS of a lottery, in characters."""
MAX_VALUE = 200
"""Longest value of a text, in characters."""
QUICKNET_GENESIS_S = 1_692_803_367
"""When round 1 of quicknet arose, in seconds since 1970."""
QUICKNET_PERIOD_S = 3

_DICE = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,3})*")
_ROUND = re.compile(r"drand:quicknet:([1-9][0-9]{0,11})")
_BLS_SIGNATURE = re.compile(r"[0-9a-f]{96}")
_FORMS = "dice, audience, lottery:WORDS or drand:quicknet:ROUND"


def problem_with_item(item: str) -> str | None:
    """Say why a list cannot name `item`, or None if it can."""
    kind, colon, words = item.partition(":")
    if item in {"dice", "audience"}:
        return None
    if kind == "lottery" and colon:
        return problem_with(words, what="the lottery", limit=MAX_WORDS)
    if kind == "drand" and colon:
        return None if _ROUND.fullmatch(item) else "a drand round is drand:quicknet:ROUND, ROUND being a number from 1"
    return f"it is none of {_FORMS}"


def problem_with_items(items: Iterable[str]) -> str | None:
    """Say why a list cannot name `items`, or None if it can: each kind once."""
    kinds: set[str] = set()
    for number, item in enumerate(items, start=1):
        problem = problem_with_item(item)
        if problem:
            return f"item {number}: {problem}"
        kind = item.partition(":")[0]
        if kind in kinds:
            return f"item {number}: {kind} is named twice"
        kinds.add(kind)
    return None


def problem_with_text(text: str, *, item: str) -> str | None:
    """Say why `text` does not fulfil `item`, or None if it does."""
    if not text.startswith(f"{item}:"):
        return f"it does not begin with {item}:"
    value = text[len(item) + 1 :]
    if item == "dice" and not _DICE.fullmatch(value):
        return "dice are numbers with a point between them, like dice:3.1.6.6.2.4"
    if item.startswith("drand:") and not _BLS_SIGNATURE.fullmatch(value):
        return "the value of a drand round is its signature, 96 lowercase hex digits"
    return problem_with(value, what="the value", limit=MAX_VALUE)


def level_of(items: Iterable[str]) -> Level:
    """Return how far a spin convinces: as far as the best of its items, or of its texts."""
    return max((_level(item) for item in items), key=_RANKS.index, default="sealed")


def lowest(levels: Iterable[Level]) -> Level:
    """Return the lowest of several levels: what a summary may say."""
    return min(levels, key=_RANKS.index, default="sealed")


def arose_at(item: str) -> int | None:
    """Return when a drand round arises, in seconds since 1970; None for an item that does not tell."""
    match = _ROUND.match(item)
    return QUICKNET_GENESIS_S + (int(match[1]) - 1) * QUICKNET_PERIOD_S if match else None


def _level(item: str) -> Level:
    return "public" if item.startswith(("lottery:", "drand:")) else "live"
