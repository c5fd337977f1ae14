"""Files into an intake, with a question where it is not clear how to read one.

Invariant: whoever calls decides whether somebody can be asked; nothing here touches the terminal or the draft.
"""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from wheel_admin.importing.reader_client import Loaded, Progress, Reader, load
from wheel_admin.importing.readers.foreign import LOCK_FILE_PREFIX
from wheel_admin.importing.rows import plausibility
from wheel_admin.importing.rows.intake import Intake
from wheel_admin.importing.settings import Settings, Unclear
from wheel_admin.importing.tables import Sheet, shown
from wheel_admin.participants import Entry

Ask = Callable[[str, Unclear, Sequence[Sheet]], Settings]
"""Asks somebody how to read a file: (its name, what is unclear, its sheets) to settings."""


class FileImport:
    """Imports files one after another.

    Args:
        reader: the reading process.
        existing: entries that are on the draft already and stay there.
        ask: asks somebody; None refuses what is unclear.
    """

    def __init__(self, reader: Reader, *, existing: Iterable[Entry] = (), ask: Ask | None = None) -> None:
        self._reader = reader
        self._ask = ask
        self._kept = tuple(existing)
        self.intake = Intake(existing=self._kept)

    def add(self, files: Sequence[Path], settings: Settings, *, progress: Progress | None = None) -> None:
        """Read these files; lock files of Excel's among several are skipped with a note.

        Raises:
            InputError: one of them cannot be used.
        """
        for path in files:
            if len(files) > 1 and path.name.startswith(LOCK_FILE_PREFIX):
                self.intake.note(f"{shown(path.name)} is a lock file of Excel's and was skipped.")
                continue
            self.add_loaded(load(path), settings, progress=progress)
        self.intake.finish()

    def add_loaded(self, loaded: Loaded, settings: Settings, *, progress: Progress | None = None) -> None:
        """Read one file's bytes, and ask as often as something is unclear."""
        while True:
            sheets: tuple[Sheet, ...] = ()
            try:
                sheets = self._reader.read(
                    loaded, sheets=settings.sheets, encoding=settings.encoding, progress=progress
                )
                self.intake.add_file(loaded.name, loaded.sha256, sheets, settings)
            except Unclear as unclear:
                if self._ask is None or not unclear.choices:
                    raise
                settings = self._ask(loaded.name, unclear, sheets)
            else:
                return

    def warnings(self, *, published: int = 0) -> list[str]:
        """Return what the organiser should look at, also against the entries that stay.

        Args:
            published: how many entries the published list of the same event has; 0 if there is none.
        """
        intake = self.intake
        everybody = [*self._kept, *intake.entries]
        origins = [*(f"ticket {shown(entry.ticket)}" for entry in self._kept), *intake.origins]
        names = [entry.name for entry in intake.entries]
        found = [
            *plausibility.doubts(everybody, origins, published=published),
            plausibility.two_people(names, intake.origins),
            plausibility.cancelled(intake.asides),
            plausibility.invisible(intake.trimmed),
        ]
        return [text for text in found if text]
