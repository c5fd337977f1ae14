"""Questions on a terminal, with numbered answers.

Invariant: nothing here is called where nobody sits: `can_ask` says so, and `--yes`, `--json` and pipes never ask.
"""

import sys
from collections.abc import Callable, Sequence

import typer

from kiosk.core.errors import InputError, RefusedError
from wheel_admin.cli.options import say
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
        number = _number()
        if 1 <= number <= len(unclear.choices):
            chosen: Settings = unclear.choices[number - 1].settings
            say("This command would answer the same:")
            say(f"  {command_for(file, chosen)}")
            return chosen


def preview(file: str, choice: Choice, sheets: Sequence[Sheet]) -> list[str]:
    """Return the first people as a choice would read them."""
    from wheel_admin.importing.rows.intake import Intake  # noqa: PLC0415 - most commands ask nothing about files

    intake = Intake()
    named = [sheet for sheet in sheets if not choice.settings.sheets or sheet.name in choice.settings.sheets]
    try:
        intake.add_file(file, "", named, choice.settings)
        intake.finish()
    except InputError as error:
        return [] if isinstance(error, Unclear) else [shown(error.message)]
    first = [f"{shown(entry.ticket)}  {shown(entry.name)}" for entry in intake.entries[:PREVIEWED]]
    return [*first, f"... {len(intake.entries)} in all"]


def confirm(question: str) -> bool:
    """Ask a question that Enter answers with yes."""
    return typer.confirm(question, default=True, prompt_suffix=" ")


def text(question: str, *, default: str) -> str:
    """Ask for a text; Enter takes the default."""
    return str(typer.prompt(question, default=default))


def choose(labels: Sequence[str]) -> int:
    """Ask which of these, and return its number, from 1.

    Raises:
        typer.Abort: none of them.
    """
    while True:
        for number, label in enumerate(labels, 1):
            say(f"  {number}  {label}")
        number = _number()
        if 1 <= number <= len(labels):
            return number


def _number() -> int:
    """Ask for a number; 0 is none of the choices.

    Raises:
        typer.Abort: it is 0.
    """
    say("  0  none of these")
    number = typer.prompt("Which one?", value_proc=_whole_number, default=1, prompt_suffix=" ")
    if number == 0:
        raise typer.Abort
    return int(number)


def _whole_number(typed: str) -> int:
    try:
        return int(typed)
    except ValueError:
        raise typer.BadParameter("type the number that stands before an answer, and press Enter") from None


def agree_to_doubts(*, yes: bool, as_json: bool) -> Callable[[Sequence[str]], None]:
    """Return how `publish` asks about a doubtful list: on a terminal; `--yes` goes on, anything else refuses."""
    if not yes and (as_json or not can_ask()):
        return refuse_doubts

    def agree(doubts: Sequence[str]) -> None:
        if not as_json:
            for doubt in doubts:
                say(f"Please check: {doubt}")
        if not yes and not typer.confirm("Publish it all the same?", default=False, prompt_suffix=" "):
            raise RefusedError("Nothing was published.", remedy="Correct the list, import it again, and publish.")

    return agree


def refuse_doubts(doubts: Sequence[str]) -> None:
    """Refuse a doubtful list where nobody can be asked.

    Raises:
        RefusedError: with every doubt, and the flag that goes on.
    """
    raise RefusedError(
        f"Something about the people on this list looks wrong, for {len(doubts)} reason(s). Nothing was published.",
        problems=tuple(doubts),
        remedy="Look at it with wheel-admin show. If it is right: wheel-admin publish --yes",
    )
