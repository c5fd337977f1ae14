"""Which sheets of a file hold the list.

Invariant: pure. One sheet that fits is read, and the receipt names the others; where several fit, nobody guesses.
"""

from collections.abc import Sequence
from typing import NoReturn

import msgspec
from msgspec.structs import replace

from kiosk.core.errors import InputError
from wheel_admin.importing.columns.choice import find_columns
from wheel_admin.importing.columns.columns import Columns
from wheel_admin.importing.limits import LIST_ALONE
from wheel_admin.importing.rows.receipt import place
from wheel_admin.importing.settings import Choice, Settings, Unclear, commands_in_words, quoted
from wheel_admin.importing.tables import Difference, Sheet, letter, shown


class Reading(msgspec.Struct, frozen=True):
    """A sheet and where things are in it."""

    sheet: Sheet
    columns: Columns


def refuse_difference(where: str, one: Difference) -> NoReturn:
    """Refuse a file because of a cell that two programs read differently.

    Raises:
        InputError: always.
    """
    raise InputError(
        f"{where}: two programs read cell {letter(one.column)}{one.row} differently: "
        f"{shown(one.first)!r} and {shown(one.second)!r}. Nothing was imported.",
        remedy=f"Look at that cell. {LIST_ALONE}",
    )


class Selection:
    """Chooses among the sheets of one file.

    Args:
        file: its name, for messages.
        sheets: what was read from it; if sheets were named, those only.
        settings: how the organiser wants it read.
    """

    def __init__(self, file: str, sheets: Sequence[Sheet], settings: Settings) -> None:
        self._file = file
        self._sheets = sheets
        self._settings = settings
        self._all = settings.all_sheets or len(settings.sheets) > 1
        self.notes: list[str] = []

    def readings(self) -> list[Reading]:
        """Return the sheets to read, with their columns.

        Raises:
            InputError: none fits, several do, or with `all_sheets` one does not.
        """
        visible = self._visible()
        fitting: list[Reading] = []
        misfits: list[tuple[Sheet, InputError]] = []
        for sheet in visible:
            own = replace(self._settings, sheets=(sheet.name,)) if len(visible) > 1 else self._settings
            try:
                columns = find_columns(sheet, own, file=self._file)
            except InputError as error:
                misfits.append((sheet, error))
            else:
                fitting.append(Reading(sheet, columns))
        if self._all and misfits:
            sheet, misfit = misfits[0]
            raise InputError(
                f"{place(self._file, sheet.name)} does not fit, and --all-sheets reads every one: {misfit.message}",
                remedy=f"Name the sheets to read, with --sheet for each. {misfit.remedy}",
            )
        if not self._all:
            fitting = self._with_people(fitting) or fitting
        if len(fitting) > 1 and not self._all:
            raise self._several(fitting, misfits=bool(misfits))
        unclear = [(sheet, error) for sheet, error in misfits if isinstance(error, Unclear) and error.choices]
        if not fitting and misfits:
            raise (unclear or misfits)[0][1]
        self.notes += [
            f"{place(self._file, sheet.name)} is not a list of people, and was not read."
            for sheet, _ in misfits
            if fitting
        ]
        return fitting

    def _visible(self) -> list[Sheet]:
        visible: list[Sheet] = []
        for sheet in self._sheets:
            where = place(self._file, sheet.name)
            if sheet.note:
                self.notes.append(f"{where} {sheet.note}")
            if sheet.hidden:
                self.notes.append(f"{where} is hidden and was skipped; --sheet {quoted(sheet.name)} reads it.")
            elif not sheet.rows:
                for one in sheet.differing:
                    refuse_difference(where, one)
                self.notes.append(f"{where} is empty and was skipped.")
            else:
                visible.append(sheet)
        return visible

    def _with_people(self, fitting: list[Reading]) -> list[Reading]:
        return [one for one in fitting if any(row.number >= one.columns.first_data_row for row in one.sheet.rows)]

    def _several(self, fitting: list[Reading], *, misfits: bool) -> Unclear:
        names = ", ".join(repr(one.sheet.name) for one in fitting[:12])
        choices = [
            Choice(f"the sheet {one.sheet.name!r} alone", replace(self._settings, sheets=(one.sheet.name,)))
            for one in fitting[:8]
        ]
        names_of_all = tuple(one.sheet.name for one in fitting)
        together = replace(self._settings, sheets=names_of_all) if misfits else replace(self._settings, all_sheets=True)
        choices.append(Choice(f"all {len(fitting)} sheets", together))
        return Unclear(
            f"{self._file} has {len(fitting)} sheets that could be the list: {names}. Nothing was imported.",
            remedy=f"Say which to read, with --sheet for each, or --all-sheets:\n"
            f"{commands_in_words(self._file, choices, most=len(choices))}",
            choices=choices,
        )
