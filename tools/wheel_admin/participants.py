"""Participants as the organiser has them: with names, and with the files that they came from.

Invariant: pure. A published list holds no names and no file names (`kiosk.snapshot.model`); this is what it is made of.
"""

import msgspec

from kiosk.snapshot import model

MAX_SOURCE_NAME = 255
"""Longest name of an imported file that a receipt repeats, in characters."""


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A participant: unique `ticket`, `name`, `weight` (1 is one chance), `group` or "", `household` or 0."""

    ticket: str
    name: str
    weight: int = 1
    group: str = ""
    household: int = 0

    def published(self) -> model.Entry:
        """Return what a published list says about the participant."""
        return model.Entry(self.ticket, self.weight, self.group, self.household)


class SourceFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file that participants came from: its name and SHA-256, the data rows read from it."""

    name: str
    sha256: str
    rows: int


class Source(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The import receipt in short: rows accepted and rejected over all `files`."""

    files: tuple[SourceFile, ...] = ()
    accepted: int = 0
    rejected: int = 0

    def published(self) -> model.Source:
        """Return what a published list says about the imports."""
        files = tuple(model.SourceFile(file.sha256, file.rows) for file in self.files)
        return model.Source(files, self.accepted, self.rejected)
