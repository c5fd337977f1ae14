"""Public entropy P: the texts that an organiser may hand in, how far each one convinces, and when it arose.

Invariant: pure. A text that `problem_with_entropy` passes is used byte for byte in the draw; nothing rewrites it. What
it says is not judged: nobody here saw the dice.

Source: drand's quicknet (https://docs.drand.love): round 1 at 2023-08-23T15:09:27Z, then one every 3 s.
"""

import re
import unicodedata
from typing import Literal

from kiosk.draw.protocol import NO_ENTROPY

Level = Literal["sealed", "witnessed", "public"]
"""Who can vouch for P: nobody (there is none), those who were in the room, anybody."""

MAX_ENTROPY = 200
"""Longest text, in characters: it has to fit on one line of a record."""
QUICKNET_GENESIS_S = 1_692_803_367
"""When round 1 of quicknet arose, in seconds since 1970."""
QUICKNET_PERIOD_S = 3

_DICE = re.compile(r"dice:[0-9]{1,3}([.][0-9]{1,3})*")
_DRAND = re.compile(r"drand:quicknet:([1-9][0-9]{0,11}):[0-9a-f]{64}")
_FORMS = "dice:3.1.6.6.2.4, audience:WORDS, lottery:TEXT or drand:quicknet:ROUND:RANDOMNESS"


def problem_with_entropy(text: str) -> str | None:
    """Say why `text` cannot be P, or None if it can."""
    kind, colon, said = text.partition(":")
    if not colon or kind not in {"dice", "audience", "lottery", "drand"} or not said.strip():
        return f"it is none of {_FORMS}"
    if len(text) > MAX_ENTROPY:
        return f"it has {len(text)} characters, at most {MAX_ENTROPY} are allowed"
    if not text.isprintable() or text != text.strip() or unicodedata.normalize("NFC", text) != text:
        return "it is not one line of plain text in Unicode normal form C"
    if kind == "dice" and not _DICE.fullmatch(text):
        return "dice are numbers with a point between them, like dice:3.1.6.6.2.4"
    if kind == "drand" and not _DRAND.fullmatch(text):
        return "a drand round is drand:quicknet:ROUND:RANDOMNESS, the randomness being 64 lowercase hex digits"
    return None


def level_of(text: str) -> Level:
    """Return how far P convinces."""
    if text == NO_ENTROPY:
        return "sealed"
    return "public" if text.startswith(("lottery:", "drand:")) else "witnessed"


def arose_at(text: str) -> int | None:
    """Return when a drand round arose, in seconds since 1970; None for a text that does not tell."""
    match = _DRAND.fullmatch(text)
    return QUICKNET_GENESIS_S + (int(match.group(1)) - 1) * QUICKNET_PERIOD_S if match else None
