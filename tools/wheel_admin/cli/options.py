"""What every command shares: `--home`, `--json`, and how a command gets from options to paths and back to text.

Invariant: the environment is read by typer and here, nowhere below. Output goes through `say`, `warn` and `reply`, so
that `--json` leaves exactly one JSON object on standard output.
"""

import contextlib
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from kiosk.core.errors import OutputError, UsageError
from kiosk.core.home import Home
from kiosk.core.publication_lock import LOCK_WAIT_MS
from kiosk.core.standard_streams import discard_output
from wheel_admin.cli.table_layout import READABLE, Column, Role, widths
from wheel_admin.draft import load_draft
from wheel_admin.importing.tables import encodable, harmless

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

DEFAULT_HOME = Path("~/wheel-home")

HomeOption = Annotated[
    Path,
    typer.Option("--home", envvar="WHEEL_HOME", show_default=False, help="The wheel home. Default: ~/wheel-home."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Answer with one JSON object.")]
FromOption = Annotated[
    str,
    typer.Option(
        "--from",
        metavar="URL",
        show_default=False,
        help="What kiosks wrote to a source: a folder, sftp://USER@HOST/FOLDER or s3://BUCKET/FOLDER.",
    ),
]
ForceOption = Annotated[bool, typer.Option("--force", help="Publish even if nothing changed.")]
YesOption = Annotated[bool, typer.Option("--yes", "-y", help="Never ask; go on.")]
DryRunOption = Annotated[bool, typer.Option("--dry-run", help="Say what would happen, change nothing.")]


def examples(*lines: str) -> str:
    """Return an epilog with one example a line, for a command's help."""
    return "\n\n".join(("Examples:", *lines))


def home_at(path: Path) -> Home:
    """Return the home that `--home` names.

    Raises:
        UsageError: see `absolute`.
    """
    return Home(absolute(path))


def absolute(path: Path) -> Path:
    """Return a path from the command line without `~` and `..`.

    Raises:
        UsageError: it names the home directory of a user who does not exist.
    """
    try:
        return Path(os.path.abspath(path.expanduser()))  # noqa: PTH100 - resolve() would follow links
    except RuntimeError as error:
        raise UsageError(f"{path} cannot be found: there is no such user.", remedy="Write the path out.") from error


def existing_home(path: Path) -> Home:
    """Return the home that `--home` names, once it is known to have a readable draft.

    Raises:
        HomeError: `wheel-admin init` has not been there, or its draft cannot be read.
    """
    home = home_at(path)
    load_draft(home)
    return home


def lock_wait_ms() -> int:
    """Return how long to wait for another wheel-admin: `WHEEL_LOCK_WAIT_MS`, or 3000.

    Raises:
        UsageError: the variable is not a whole number.
    """
    asked = os.environ.get("WHEEL_LOCK_WAIT_MS", "")
    if not asked:
        return LOCK_WAIT_MS
    if not asked.isdecimal():
        raise UsageError(f"WHEEL_LOCK_WAIT_MS is {asked!r}, not a number of milliseconds.", remedy="Unset it.")
    return int(asked)


def say(text: str = "") -> None:
    """Write a line for the organiser; what came from a file in it can do nothing to the terminal."""
    write(_on_lines(text) + "\n")


def write(text: str) -> None:
    """Write to standard output, at once.

    Raises:
        OutputError: it cannot be written.
    """
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except OSError as error:
        raise _no_output(error) from error


def _no_output(error: OSError) -> OutputError:
    discard_output()
    return OutputError.of(error)


def warn(text: str) -> None:
    """Write a line that must not be mistaken for the answer."""
    with contextlib.suppress(OSError):  # then nobody can be told
        typer.echo(_on_lines(text), err=True)


def _on_lines(text: str) -> str:
    return "\n".join(map(harmless, text.split("\n")))


def reply(answer: msgspec.Struct) -> None:
    """Write the answer as JSON, indented, whatever the names of files in it are made of."""
    try:
        data = msgspec.json.encode(answer)
    except UnicodeEncodeError:
        data = msgspec.json.encode(_encodable(msgspec.to_builtins(answer)))
    write(msgspec.json.format(data, indent=2).decode() + "\n")


def _encodable(value: object) -> object:
    if isinstance(value, str):
        return encodable(value)
    if isinstance(value, dict):
        return {_encodable(key): _encodable(one) for key, one in value.items()}
    return [_encodable(one) for one in value] if isinstance(value, list | tuple) else value


def say_table(table: "Table") -> None:
    """Write a table as wide as the terminal, or 80 columns into a file or a pipe (`COLUMNS` changes that)."""
    # Imported here: commands without a table need not wait for it.
    from rich.console import Console  # noqa: PLC0415

    console = Console(file=sys.stdout, highlight=False)
    if _wanted(table, console) > console.width:
        _narrow(table, console)
    try:
        console.print(table)
        sys.stdout.flush()
    except OSError as error:
        raise _no_output(error) from error


def _narrow(table: "Table", console: "Console") -> None:
    from rich.cells import cell_len  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    table.padding = (0, 1, 0, 0)
    columns = [
        Column(
            role=Role.OTHER if one.ratio is None else Role.NAME if one.no_wrap else Role.NOTE,
            header=cell_len(str(one.header)),
            cells=max(cell_len(part.plain if isinstance(part, Text) else str(part)) for part in one.cells),
        )
        for one in table.columns
    ]
    between = _wanted(table, console) - sum(one.natural for one in columns)
    for one, column, width in zip(table.columns, columns, widths(columns, room=console.width - between), strict=True):
        one.width, one.ratio = width, None
        if width < column.cells and (column.role is not Role.NAME or width < READABLE):
            one.no_wrap, one.overflow = False, "fold"


def _wanted(table: "Table", console: "Console") -> int:
    return console.measure(table, options=console.options.update(max_width=10_000)).maximum


def table_of(
    *columns: str, right: tuple[str, ...] = (), cut: tuple[str, ...] = (), folded: tuple[str, ...] = ()
) -> "Table":
    """Return an empty table: no lines round it, columns in `right` flush right.

    To fit the terminal, those in `cut` are shortened, and those in `folded` go on on the next line.
    """
    from rich.box import SIMPLE_HEAD  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for column in columns:
        table.add_column(
            column,
            justify="right" if column in right else "left",
            no_wrap=column not in folded,
            overflow="fold" if column in folded else "ellipsis",
            ratio=1 if column in cut + folded else None,
        )
    return table


def add_row(table: "Table", *cells: object) -> None:
    """Add a row of plain texts: brackets and colons in a name are not markup."""
    from rich.text import Text  # noqa: PLC0415

    table.add_row(*(Text(harmless(str(cell))) for cell in cells))


def counted(number: int, noun: str, plural: str = "") -> str:
    """Return `1 entry` or `2 entries`."""
    return f"{number} {noun if number == 1 else plural or noun + 's'}"
