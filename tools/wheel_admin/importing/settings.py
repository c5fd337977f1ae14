"""What the organiser says about how a file is read, and the command that says the same.

Invariant: pure. Whatever can be asked on a terminal can be said in a command: a choice is nothing but settings.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from kiosk.core.errors import InputError

_PLAIN = re.compile(r"[\w./:+@%-]+", re.ASCII)
UNQUOTABLE = re.compile(r"[\"$`\\!\x00-\x1f]")
"""Characters that some shell does not leave alone even between quotation marks."""


class HiddenRows(StrEnum):
    """What becomes of rows that a filter or somebody hides."""

    INCLUDE = "include"
    SKIP = "skip"


@dataclass(frozen=True, slots=True)
class Wish:
    """Columns that the organiser named: header texts or letters; empty means look for them.

    Attributes:
        ticket: the column of the tickets.
        names: the columns of the name's parts, in their order.
        weight: the column of the numbers of chances.
        header_row: the header's row number, 0 for a list without one, None to look for it.
        give_numbers: give numbers in the order of the file, whatever columns there are.
        one_chance_each: no column holds numbers of chances.
    """

    ticket: str = ""
    names: tuple[str, ...] = ()
    weight: str = ""
    header_row: int | None = None
    give_numbers: bool = False
    one_chance_each: bool = False


@dataclass(frozen=True, slots=True)
class Settings:
    """How one file is read.

    Attributes:
        wish: the columns that were named.
        sheets: the sheets that were named; empty for the one that fits.
        all_sheets: every visible sheet must fit and is read.
        hidden_rows: what becomes of hidden rows; None refuses them.
        split_tickets: a cell may hold several tickets.
        encoding: of a text file; empty to find it.
        path: the file as the organiser typed it, for commands; empty for its name.
        flags: further words of the command, such as `--append`.
    """

    wish: Wish = Wish()
    sheets: tuple[str, ...] = ()
    all_sheets: bool = False
    hidden_rows: HiddenRows | None = None
    split_tickets: bool = False
    encoding: str = ""
    path: str = ""
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Choice:
    """One way to go on: what it would do, in words, and the settings for it."""

    label: str
    settings: Settings


class Unclear(InputError):
    """It is not clear how to read a file; `choices` are the ways to read it, the likeliest first.

    On a terminal they are asked for; anywhere else the file is refused, and `remedy` has the commands.
    """

    def __init__(self, message: str, *, remedy: str, choices: Sequence[Choice] = ()) -> None:
        super().__init__(message, remedy=remedy)
        self.choices = tuple(choices)


def quoted(text: str) -> str:
    """Return a word for a command line that every usual shell takes."""
    if _PLAIN.fullmatch(text):
        return text
    return f'"{text}"' if not UNQUOTABLE.search(text) else "'" + text.replace("'", "'\\''") + "'"


def command_for(file: str, settings: Settings) -> str:
    """Return the complete command that reads a file in this way."""
    wish = settings.wish
    words = ["wheel-admin", "import", quoted(settings.path or file)]
    for sheet in settings.sheets:
        words += ["--sheet", quoted(sheet)]
    if settings.all_sheets:
        words.append("--all-sheets")
    if wish.header_row is not None:
        words += ["--header-row", str(wish.header_row)]
    if wish.give_numbers:
        words.append("--give-numbers")
    elif wish.ticket:
        words += ["--ticket-column", quoted(wish.ticket)]
    for name in wish.names:
        words += ["--name-column", quoted(name)]
    if wish.one_chance_each:
        words.append("--one-chance-each")
    elif wish.weight:
        words += ["--weight-column", quoted(wish.weight)]
    if settings.hidden_rows is not None:
        words += ["--hidden-rows", str(settings.hidden_rows)]
    if settings.split_tickets:
        words.append("--split-tickets")
    if settings.encoding:
        words += ["--encoding", quoted(settings.encoding)]
    return " ".join([*words, *settings.flags])


def commands_in_words(file: str, choices: Sequence[Choice], *, most: int = 6) -> str:
    """Return the commands for these choices, one a line, each with what it would do."""
    lines = [f"  {command_for(file, choice.settings)}\n      {choice.label}" for choice in choices[:most]]
    return "\n".join(lines)
