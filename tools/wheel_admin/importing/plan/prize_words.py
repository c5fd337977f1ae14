"""What a header of a list of prizes says, in the languages of `prize_words.txt`.

Invariant: pure, but for the one data file. A header counts as a whole; where two columns may mean the same, the word
that stands first in its language wins.
"""

import functools
from enum import StrEnum
from pathlib import Path

from wheel_admin.importing.columns.header_words import fold


class PrizeRole(StrEnum):
    """What a column of a list of prizes holds."""

    ORDER = "order"
    PRIZE = "prize"
    QUANTITY = "quantity"
    RESERVES = "reserves"
    PRESS = "press"
    GROUPS = "groups"
    PICTURE = "picture"
    SPONSOR = "sponsor"
    ID = "id"


_SHEET = "sheet"


@functools.cache
def _words() -> dict[str, dict[str, int]]:
    """Return of each role its folded words, with their rank: 0 for the first of a language."""
    raw = Path(__file__).with_name("prize_words.txt").read_text("utf-8")
    found: dict[str, dict[str, int]] = {}
    for line in raw.splitlines():
        if line.startswith("#") or not line.strip():
            continue
        for field in line.split(" | ")[1:]:
            role, words = field.split(": ", 1)
            known = found.setdefault(role, {})
            for rank, word in enumerate(map(fold, words.split(", "))):
                known[word] = min(rank, known.get(word, rank))
    return found


def is_sheet_of_prizes(name: str) -> bool:
    """Say whether a sheet's name says that it holds the prizes."""
    return fold(name) in _words()[_SHEET]


@functools.lru_cache(maxsize=1024)
def rank_of(header: str, role: PrizeRole) -> int | None:
    """Return how well a header says `role`, 0 for best; None if it does not."""
    return _words()[role].get(fold(header))
