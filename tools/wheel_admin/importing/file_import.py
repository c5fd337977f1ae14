"""Files into an intake, with a question where it is not clear how to read one.

Invariant: the caller decides whether somebody can be asked; nothing here touches the terminal or the draft. What judges
rows is imported while the other process reads the first file: both take about as long.
"""

import functools
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from kiosk.core.errors import InputError
from kiosk.snapshot.model import Prize
from wheel_admin.importing.reader_client import Loaded, Progress, Reader, load
from wheel_admin.importing.readers.foreign import LOCK_FILE_PREFIX
from wheel_admin.importing.rows.receipt import place
from wheel_admin.importing.settings import Settings, Unclear, quoted
from wheel_admin.importing.tables import Sheet, shown
from wheel_admin.participants import Entry, SourceFile

if TYPE_CHECKING:
    from wheel_admin.importing.plan.prize_sheet import Plan
    from wheel_admin.importing.rows.intake import Intake

Ask = Callable[[str, Unclear, Sequence[Sheet]], Settings]
"""Asks somebody how to read a file: (its name, what is unclear, its sheets) to settings."""


class FileImport:
    """Imports files one after another.

    Args:
        reader: the reading process.
        existing: entries that are on the draft already and stay there.
        ask: asks somebody; None refuses what is unclear.

    Attributes:
        plan_directory: of the file that has the sheet of prizes.
    """

    def __init__(self, reader: Reader, *, existing: Iterable[Entry] = (), ask: Ask | None = None) -> None:
        self._reader = reader
        self._ask = ask
        self._kept = tuple(existing)
        self._sheets_of_prizes: list[tuple[SourceFile, Sheet]] = []
        self.plan_directory = Path()

    @functools.cached_property
    def intake(self) -> "Intake":
        """The people."""
        from wheel_admin.importing.rows.intake import Intake  # noqa: PLC0415

        return Intake(existing=self._kept)

    def add(self, files: Sequence[Path], settings: Settings, *, progress: Progress | None = None) -> None:
        """Read these files; lock files of Excel's among several are skipped with a note.

        Raises:
            InputError: one of them cannot be used.
        """
        for path in files:
            if len(files) > 1 and path.name.startswith(LOCK_FILE_PREFIX):
                self.intake.note(f"{shown(path.name)} is a lock file of Excel's and was skipped.")
                continue
            before = len(self._sheets_of_prizes)
            self.add_loaded(load(path), settings, progress=progress)
            if len(self._sheets_of_prizes) > before:
                self.plan_directory = path.absolute().parent
        self.intake.finish()

    def add_loaded(self, loaded: Loaded, settings: Settings, *, progress: Progress | None = None) -> None:
        """Read one file's bytes, and ask as often as something is unclear."""
        plans: list[Sheet] = []
        while True:
            sheets: tuple[Sheet, ...] = ()
            try:
                sheets = self._reader.read(
                    loaded,
                    sheets=settings.sheets,
                    encoding=settings.encoding,
                    progress=progress,
                    meanwhile=_import_judges,
                )
                plans = plans or ([] if settings.sheets else _prize_sheets(sheets))
                people = [sheet for sheet in sheets if sheet not in plans]
                if plans and not any(sheet.rows and not sheet.hidden for sheet in people):
                    raise InputError(
                        f"{loaded.name} holds prizes and no people. Nothing was imported.",
                        remedy=f"Read it with: wheel-admin prizes import {quoted(settings.path or loaded.name)}",
                    )
                self.intake.add_file(loaded.name, loaded.sha256, people, settings)
                source = SourceFile(loaded.name, loaded.sha256, 0)
                self._sheets_of_prizes += [(source, sheet) for sheet in plans]
            except Unclear as unclear:
                if self._ask is None or not unclear.choices:
                    raise
                settings = self._ask(loaded.name, unclear, sheets)
            else:
                return

    def plan(self, known: Sequence[Prize]) -> "Plan | None":
        """Return the prizes of the sheet of prizes, or None if no file has one.

        Args:
            known: prizes that have ids already.

        Raises:
            InputError: several sheets hold prizes.
        """
        from wheel_admin.importing.plan.prize_sheet import read_prizes  # noqa: PLC0415

        found = self._sheets_of_prizes
        if len(found) > 1:
            names = " and ".join(place(source.name, sheet.name) for source, sheet in found)
            raise InputError(
                f"There are {len(found)} sheets of prizes: {names}. Nothing was imported.",
                remedy="Say --no-prizes, and read one of them with wheel-admin prizes import FILE --sheet SHEET.",
            )
        return read_prizes(*found[0], known=known) if found else None

    def warnings(self, *, published: int = 0) -> list[str]:
        """Return what the organiser should look at, also against the entries that stay.

        Args:
            published: how many entries the published list of the same event has; 0 if there is none.
        """
        from wheel_admin.importing.rows import plausibility  # noqa: PLC0415

        intake = self.intake
        everybody = [*self._kept, *intake.entries]
        origins = [*(f"ticket {shown(entry.ticket)}" for entry in self._kept), *intake.origins]
        names = [entry.name for entry in intake.entries]
        found = [
            *plausibility.doubts(everybody, origins, published=published),
            plausibility.two_people(names, intake.origins, intake.broken),
            plausibility.cancelled(intake.asides),
            plausibility.invisible(intake.trimmed),
        ]
        return [text for text in found if text]


def _import_judges() -> None:
    from wheel_admin.importing.columns import header_words  # noqa: PLC0415
    from wheel_admin.importing.plan import prize_sheet  # noqa: F401, PLC0415
    from wheel_admin.importing.rows import intake, plausibility  # noqa: F401, PLC0415

    header_words.prepare()


def _prize_sheets(sheets: Sequence[Sheet]) -> list[Sheet]:
    from wheel_admin.importing.plan.prize_sheet import prize_sheets  # noqa: PLC0415

    return prize_sheets(sheets)
