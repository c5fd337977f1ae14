"""A list as an organiser has it, what must become of it, and whether the advice on it works when it is typed."""

import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, cast

import pytest

from kiosk.core.errors import WheelError
from tests.wheel_admin.importing.conftest import Imported, csv_of, imported
from wheel_admin.importing.file_import import FileImport
from wheel_admin.importing.rows.receipt import refuse_if_nothing_accepted
from wheel_admin.importing.settings import HiddenRows, Settings, Unclear, Wish

Entry = tuple[str, str, int]
_VALUED = {
    "--sheet": "sheets",
    "--encoding": "encoding",
    "--hidden-rows": "hidden_rows",
    "--ticket-column": "ticket",
    "--name-column": "names",
    "--weight-column": "weight",
    "--header-row": "header_row",
}
_FLAGS = {
    "--all-sheets": "all_sheets",
    "--split-tickets": "split_tickets",
    "--give-numbers": "give_numbers",
    "--one-chance-each": "one_chance_each",
}


@dataclass(frozen=True)
class Situation:
    """One list.

    Attributes:
        about: the claim, in a few words.
        file: its name.
        data: its content.
        entries: what is on the wheel; None if it must be refused.
        rejected: numbers of the rows that are rejected.
        says: texts in the receipt, the warnings or the refusal.
        typed: options of the command.
    """

    about: str
    file: str
    data: bytes | str
    entries: Sequence[Entry] | None
    rejected: Sequence[int] = ()
    says: Sequence[str] = ()
    typed: str = ""

    def check(self) -> None:
        if self.entries is not None:
            self._check_read()
        else:
            self._check_refused()

    def _read(self) -> Imported:
        done = imported(self.file, self.data, settings_of(shlex.split(self.typed)))
        refuse_if_nothing_accepted(done.receipt)
        return done

    def _check_read(self) -> None:
        done = self._read()
        assert done.entries == list(self.entries or ())
        assert done.rejected == list(self.rejected)
        told = said_about(done)
        assert not [text for text in self.says if text not in told], told

    def _check_refused(self) -> None:
        with pytest.raises(WheelError) as caught:
            self._read()
        told = f"{caught.value.message}\n{caught.value.remedy}"
        assert caught.value.remedy
        assert not [text for text in self.says if text not in told], told
        self._check_commands(caught.value)

    def _check_commands(self, error: WheelError) -> None:
        commands = [line.strip() for line in error.remedy.splitlines() if line.startswith("  wheel-admin import ")]
        if isinstance(error, Unclear) and error.choices:
            assert commands
        for command in commands:
            words = shlex.split(command)
            assert words[2] == self.file
            done = imported(self.file, self.data, settings_of(words[3:]))
            assert done.entries, command


def settings_of(words: Iterable[str]) -> Settings:
    """Return what the options of a command say, as `wheel-admin import` reads them."""
    left = iter(words)
    said: dict[str, Any] = {"sheets": (), "names": ()}
    for word in left:
        if word in _FLAGS:
            said[_FLAGS[word]] = True
            continue
        key, value = _VALUED[word], next(left)
        said[key] = (*said[key], value) if key in {"sheets", "names"} else value
    if "header_row" in said:
        said["header_row"] = int(said["header_row"])
    if "hidden_rows" in said:
        said["hidden_rows"] = HiddenRows(said["hidden_rows"])
    wish = Wish(**{key: value for key, value in said.items() if key in Wish.__struct_fields__})
    return Settings(wish, **{key: value for key, value in said.items() if key in Settings.__struct_fields__})


def said_about(done: Imported) -> str:
    """Return all that the organiser reads about an import."""
    job = FileImport(cast("Any", None))
    job.intake = done.intake
    return "\n".join([*done.receipt.notes, *job.warnings(), *map(str, done.receipt.rejected)])


def numbered(*names: str, start: int = 1) -> list[Entry]:
    """Return entries with the numbers that are given."""
    return [(f"{number:03d}", name, 1) for number, name in enumerate(names, start)]


def entries(*people: tuple[Any, ...]) -> list[Entry]:
    """Return entries of (ticket, name) or (ticket, name, chances)."""
    return [(str(one[0]), one[1], one[2] if len(one) > 2 else 1) for one in people]


def table(header: str, *rows: str, delimiter: str = ",") -> str:
    """Return a text file of a header and rows whose cells are written with bars between them."""
    return csv_of([[cell.strip() for cell in row.split("|")] for row in (header, *rows)], delimiter)


def cases(*situations: Situation) -> pytest.MarkDecorator:
    """Return the mark that gives a test each of these situations, by what they claim."""
    return pytest.mark.parametrize("situation", situations, ids=[one.about.replace(" ", "-") for one in situations])
