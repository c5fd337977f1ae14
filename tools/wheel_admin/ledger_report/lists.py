"""Lists and their names by S, from the published files and from the kiosk's own copies.

Invariant: the ledger knows tickets only. Bytes that do not hash to the S that the ledger names are not believed, and
names only from the names file that the list names; each list is read once.
"""

from kiosk.core.errors import NamesMissing
from kiosk.core.home import Home
from kiosk.intake.snapshot_files import list_named, read_names
from kiosk.snapshot.model import Names, Snapshot


class KnownNames:
    """Finds lists and the names of their tickets.

    Args:
        home: whose directories to look in.
    """

    def __init__(self, home: Home) -> None:
        self._directories = (home.snapshots, home.adopted)
        self._lists: dict[str, Snapshot | None] = {}
        self._names: dict[str, Names] = {}

    def list_named(self, s: str) -> Snapshot | None:
        """Return the list whose name is `s`, or None if it cannot be found."""
        if s not in self._lists:
            found = list_named(s, self._directories)
            self._lists[s] = found.snapshot if found else None
        return self._lists[s]

    def names_of(self, s: str) -> Names:
        """Return the names of a list; empty if the list or its names cannot be found."""
        if s not in self._names:
            snapshot = self.list_named(s)
            self._names[s] = self._read(snapshot) if snapshot else {}
        return self._names[s]

    def _read(self, snapshot: Snapshot) -> Names:
        try:
            return read_names(snapshot, self._directories)[0]
        except NamesMissing:
            return {}
