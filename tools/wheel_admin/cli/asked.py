"""Questions on a terminal, with numbered answers.

Invariant: nothing here is called where nobody sits: `can_ask` says so, and `--yes`, `--json` and pipes never ask.
"""

import sys
from collections.abc import Sequence

import typer

from kiosk.core.errors import InputError
from wheel_admin.cli.options import say
from wheel_admin.importing.rows.intake import Intake
from wheel_admin.importing.settings import Choice, Settings, Unclear, command_for
from wheel_admin.importing.tables import Sheet, shown

PREVIEWED = 3


def can_ask() -> bool:
    """Tell whether somebody sits at a terminal."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def ask(file: str, unclear: Unclear, sheets: Sequence[Sheet]) -> Settings:
    """Ask how to read a file, show a preview, and return the settings that were chosen.

    Raises:
        typer.Abort: nobody wants any of the choices.
    """
    say(unclear.message)
    while True:
        for number, choice in enumerate(unclear.choices, 1):
            say(f"  {number}  {choice.label}")
            for line in preview(file, choice, sheets):
                say(f"       {line}")
        say("  0  none of these")
        number = int(typer.prompt("Which one", type=int, default=1))
        if number == 0:
            raise typer.Abort
        if 1 <= number <= len(unclear.choices):
            chosen: Settings = unclear.choices[number - 1].settings
            say("This command would answer the same:")
            say(f"  {command_for(file, chosen)}")
            return chosen


def preview(file: str, choice: Choice, sheets: Sequence[Sheet]) -> list[str]:
    """Return the first people as a choice would read them."""
    intake = Intake()
    named = [sheet for sheet in sheets if not choice.settings.sheets or sheet.name in choice.settings.sheets]
    try:
        intake.add_file(file, "", named, choice.settings)
        intake.finish()
    except InputError as error:
        return [] if isinstance(error, Unclear) else [shown(error.message)]
    first = [f"{shown(entry.ticket)}  {shown(entry.name)}" for entry in intake.entries[:PREVIEWED]]
    return [*first, f"... {len(intake.entries)} in all"]
