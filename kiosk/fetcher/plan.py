"""What to fetch from a source, and in which order.

Invariant: pure. Only the newest lists matter, and only those above every good one at home: an old list at a source can
never displace a newer one. What was refused is asked for again only when it may have changed.
"""

from collections.abc import Collection, Iterable

import msgspec

from kiosk.core.home import REQUEST_NAME, SNAPSHOT_NAME
from kiosk.fetcher.index_file import HintedFile

MOST_LISTS = 4
"""Lists tried at one poll, the newest first."""
MOST_REQUESTS = 100
"""Requests fetched at one poll; the others follow at once."""


class Plan(msgspec.Struct, frozen=True):
    """What to fetch.

    Attributes:
        lists: the newest first; the first good one ends it.
        requests: every one of them.
        more: whether requests are left for the next poll.
    """

    lists: tuple[HintedFile, ...]
    requests: tuple[HintedFile, ...]
    more: bool

    @property
    def empty(self) -> bool:
        """Whether there is nothing to fetch."""
        return not self.lists and not self.requests


def plan(
    files: Iterable[HintedFile], *, newest: int, at_home: Collection[str], refused: Collection[HintedFile]
) -> Plan:
    """Return what to fetch.

    Args:
        files: what the source says it holds.
        newest: generation of the newest good list at home, 0 without any.
        at_home: names of the good requests at home.
        refused: what need not be asked for now.
    """
    lists, requests = [], []
    for file in files:
        match = SNAPSHOT_NAME.fullmatch(file.name)
        if match and int(match.group(1)) > newest and file not in refused:
            lists.append(file)
        elif REQUEST_NAME.fullmatch(file.name) and file.name not in at_home and file not in refused:
            requests.append(file)
    lists.sort(key=lambda file: file.name, reverse=True)
    requests.sort(key=lambda file: file.name)
    return Plan(tuple(lists[:MOST_LISTS]), tuple(requests[:MOST_REQUESTS]), len(requests) > MOST_REQUESTS)
