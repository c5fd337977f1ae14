"""Commands whose modules are imported when they run.

Invariant: a name and a summary are all that the list of commands, a completion or a hint for a mistyped name needs, so
none of them imports a command. All commands together take longer to import than most of them to run.
"""

import importlib
from collections.abc import Callable
from typing import Any, Literal

import msgspec
import typer
from typer.core import TyperCommand, TyperGroup

ROOM = "wheel_admin.commands"
MARKUP: Literal["markdown"] = "markdown"


class Row(msgspec.Struct, frozen=True):
    """A command as the list of commands shows it, and where it is.

    Attributes:
        name: as typed.
        summary: the first paragraph of its help.
        place: module below `ROOM` and function, such as `draft.show:show`; empty for a group that does nothing itself.
        epilog: the constant of that module with its examples.
        commands: of a group.
    """

    name: str
    summary: str
    place: str = ""
    epilog: str = "EPILOG"
    commands: "tuple[Row, ...]" = ()

    def function(self) -> tuple[Callable[..., Any], str]:
        """Import the command; returns its function and its epilog."""
        module_name, _, function_name = self.place.partition(":")
        module = importlib.import_module(f"{ROOM}.{module_name}")
        function: Callable[..., Any] = getattr(module, function_name)
        epilog: str = getattr(module, self.epilog)
        return function, epilog


class LazyGroup(TyperGroup):
    """A group of commands that imports the one which is asked for."""

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        """Return the name of a command, the command itself, and the arguments left for it."""
        name, command, rest = super().resolve_command(ctx, args)
        return name, command.loaded() if isinstance(command, Unloaded) else command, rest


class Unloaded(TyperCommand):
    """The name and the summary of a command that is not imported yet."""

    def __init__(self, row: Row) -> None:
        super().__init__(row.name, help=row.summary, rich_markup_mode=MARKUP)
        self.row = row

    def loaded(self) -> TyperCommand | TyperGroup:
        """Import the command and return it."""
        return _group(self.row) if self.row.commands else _command(self.row)


def with_commands(group: TyperGroup, rows: tuple[Row, ...]) -> TyperGroup:
    """Add commands to a group, unloaded, and return it."""
    for row in rows:
        group.add_command(Unloaded(row))
    return group


def _command(row: Row) -> TyperCommand | TyperGroup:
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=MARKUP)
    function, epilog = row.function()
    app.command(row.name, epilog=epilog)(function)
    command = typer.main.get_command(app)
    assert isinstance(command, TyperCommand)  # noqa: S101 - it has one function
    return command


def _group(row: Row) -> TyperGroup:
    if row.place:
        function, epilog = row.function()
        app = typer.Typer(name=row.name, invoke_without_command=True, epilog=epilog, rich_markup_mode=MARKUP)
        app.callback(cls=LazyGroup)(function)
    else:
        app = typer.Typer(name=row.name, cls=LazyGroup, no_args_is_help=True, help=row.summary, rich_markup_mode=MARKUP)
    return with_commands(typer.main.get_group(app), row.commands)
