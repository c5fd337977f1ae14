"""Prizes as the organiser plans them: ids made of titles, and what does not fit together.

Invariant: pure. An id never changes once a prize has one: the ledger knows prizes by their ids.
"""

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Sequence

from kiosk.snapshot.model import Entry as PublishedEntry
from kiosk.snapshot.model import Prize
from wheel_admin.importing.columns.header_words import fold
from wheel_admin.participants import Entry

_MAX_ID = 40
_ROOM_FOR_NUMBER = 4
_LETTERS = str.maketrans({"ß": "ss", "ł": "l", "ø": "o", "đ": "d", "æ": "ae", "œ": "oe", "ı": "i"})
_NOT_IN_IDS = re.compile("[^a-z0-9]+")


def id_for(title: str, taken: Collection[str]) -> str:
    """Return an id for a prize: its title in a-z, 0-9 and hyphens, or `prize` where it has none of them.

    Args:
        title: of the prize.
        taken: ids that are in use; the new one gets a number behind it if it is among them.
    """
    plain = unicodedata.normalize("NFKD", title.casefold().translate(_LETTERS))
    stem = _NOT_IN_IDS.sub("-", "".join(one for one in plain if not unicodedata.combining(one))).strip("-")
    stem = stem[: _MAX_ID - _ROOM_FOR_NUMBER].strip("-") or "prize"
    if stem not in taken:
        return stem
    return next(f"{stem}-{number}" for number in range(2, len(taken) + 3) if f"{stem}-{number}" not in taken)


def find(prizes: Sequence[Prize], wanted: str) -> list[Prize]:
    """Return the prize with the id `wanted`, or else those with that title, in any case."""
    exact = [prize for prize in prizes if prize.id == wanted]
    return exact or [prize for prize in prizes if fold(wanted) and fold(prize.title) == fold(wanted)]


def warnings(prizes: Iterable[Prize], entries: Sequence[Entry | PublishedEntry]) -> Iterator[str]:
    """Yield what is allowed, and yet hardly meant: groups that nobody has, more places than entries."""
    sizes: dict[str, int] = {}
    for entry in entries:
        sizes[entry.group] = sizes.get(entry.group, 0) + 1
    for prize in prizes:
        for group in (group for group in prize.groups if group not in sizes):
            like = next((one for one in sizes if one and fold(one) == fold(group)), "")
            yield f"prize {prize.id} is for group {group!r}, which no entry has" + (
                f"; there is {like!r}" if like else ""
            )
        able = sum(sizes.get(group, 0) for group in prize.groups) if prize.groups else len(entries)
        places = prize.quantity + prize.reserves
        if entries and 0 < able < places:
            yield f"prize {prize.id} has {places} places, and {able} entries may win it: the rest stay open"
