"""What the organiser says about how a file is read, and the command that says the same.

Invariant: pure. Whatever can be asked on a terminal can be said in a command: a choice is nothing but settings.
"""

import re
from collections.abc import Sequence
from enum import StrEnum

import msgspec

from kiosk.core.errors import InputError

NO_COLUMN = "-"
"""Names no column: what its headers would say is not read."""
_PLAIN = re.compile(r"[\w./:+@%-]+", re.ASCII)
UNQUOTABLE = re.compile(r"[\"$`\\!\x00-\x1f]")
"""Characters that some shell does not leave alone even between quotation marks."""


class HiddenRows(StrEnum):
    """What becomes of rows that a filter or somebody hides."""

    INCLUDE = "include"
    SKIP = "skip"


class Wish(msgspec.Struct, frozen=True):
    """Columns that the organiser named: header texts or letters; empty means look for them.

    Attributes:
        ticket: the column of the tickets.
        names: the columns of the name's parts, in their order.
        weight: the column of the numbers of chances.
        group: the column of the groups; `NO_COLUMN` for none, whatever the headers say.
        household: the column of the households, likewise.
        header_row: the header's row number, 0 for a list without one, None to look for it.
        give_numbers: give numbers in the order of the file, whatever columns there are.
        one_chance_each: no column holds numbers of chances.
    """

    ticket: str = ""
    names: tuple[str, ...] = ()
    weight: str = ""
    group: str = ""
    household: str = ""
    header_row: int | None = None
    give_numbers: bool = False
    one_chance_each: bool = False


class Settings(msgspec.Struct, frozen=True):
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


class Choice(msgspec.Struct, frozen=True):
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
    valued: list[tuple[str, str]] = [("--sheet", sheet) for sheet in settings.sheets]
    wish = settings.wish
    if wish.header_row is not None:
        valued.append(("--header-row", str(wish.header_row)))
    if wish.ticket and not wish.give_numbers:
        valued.append(("--ticket-column", wish.ticket))
    valued += [("--name-column", name) for name in wish.names]
    if wish.weight and not wish.one_chance_each:
        valued.append(("--weight-column", wish.weight))
    valued += [("--group-column", wish.group)] if wish.group else []
    valued += [("--household-column", wish.household)] if wish.household else []
    valued += [("--hidden-rows", str(settings.hidden_rows))] if settings.hidden_rows is not None else []
    valued += [("--encoding", settings.encoding)] if settings.encoding else []
    flags = {
        "--all-sheets": settings.all_sheets,
        "--give-numbers": wish.give_numbers,
        "--one-chance-each": wish.one_chance_each,
        "--split-tickets": settings.split_tickets,
    }
    words = ["wheel-admin", "import", quoted(settings.path or file)]
    words += [word for option, value in valued for word in (option, quoted(value))]
    return " ".join([*words, *(flag for flag, given in flags.items() if given), *settings.flags])


def commands_in_words(file: str, choices: Sequence[Choice], *, most: int = 6) -> str:
    """Return the commands for these choices, one a line, each with what it would do."""
    lines = [f"  {command_for(file, choice.settings)}\n      {choice.label}" for choice in choices[:most]]
    return "\n".join(lines)
