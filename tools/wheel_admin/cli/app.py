"""The command line of `wheel-admin`, and how an error becomes a message.

Invariant: no traceback reaches a person unless --debug asks for it, and the exit code is the error's own. What is slow
to import (openpyxl, rich, pygame) is imported by the command that needs it, when it needs it.
"""

import contextlib
import errno
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer
from typer.core import TyperGroup

from kiosk.core.errors import HomeError, MemoryHigh, OutputError, RefusedError, UsageError, WheelError
from wheel_admin.cli.command_table import COMMANDS
from wheel_admin.cli.lazy_commands import MARKUP, LazyGroup, with_commands
from wheel_admin.cli.options import reply, warn
from wheel_admin.importing.limits import MORE_RESOURCES

if TYPE_CHECKING:
    from wheel_admin.importing.reader_client import Reader

LISTED_PROBLEMS = 25
"""Reasons of a refusal that go to the terminal; --json has them all."""
INTERRUPTED = 130
"""128 + SIGINT, as shells have it."""

EPILOG = """\
First steps:

wheel-admin start people.xlsx; wheel-kiosk run --window 1280x720

Exit codes: 0 done. 1 an internal error (or: verify found BROKEN). 2 the command line or a setting is wrong.
3 an input file cannot be used (or: verify reached less than --require). 4 refused: a rule forbids it. 5 busy: another
wheel-admin is at work. 6 trust: a key is missing or a signature does not hold. 7 home: something is missing, unreadable
or full. 10 there is too little memory. 11 done, but standard output cannot be written. 130 interrupted.

Environment: WHEEL_HOME is the default of --home. WHEEL_PASSPHRASE opens the signing key, WHEEL_BUNDLE_PASSPHRASE a
bundle. WHEEL_LOCK_WAIT_MS is how long to wait for another wheel-admin, in milliseconds (3000). WHEEL_READ_S is how much
CPU time, in seconds, the reading of one imported file may take (4).
"""


_SHORTAGES = (errno.EMFILE, errno.ENFILE, errno.EAGAIN, errno.ENOMEM)


class Failure(msgspec.Struct, frozen=True):
    """What went wrong, what to do about it, and every reason."""

    message: str
    remedy: str
    problems: tuple[str, ...]


class FailureAnswer(msgspec.Struct, frozen=True):
    """The one object that a failed command with --json answers."""

    error: Failure


def _show_version(asked: bool) -> None:  # noqa: FBT001 - typer calls it
    if asked:
        from importlib.metadata import version  # noqa: PLC0415 - it loads the parser of e-mails

        typer.echo(f"wheel-admin {version('wheel-kiosk')}")
        raise typer.Exit


def _options(
    *,
    show_version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and exit.")
    ] = False,
    debug: Annotated[
        bool, typer.Option("--debug", help="Show the traceback of an internal error.")
    ] = False,  # main() looks
) -> None:
    """Prepare and publish the list of a prize-draw wheel, and see what the kiosk did with it."""


def build_app() -> TyperGroup:
    """Return the command line."""
    app = typer.Typer(
        name="wheel-admin",
        cls=LazyGroup,
        epilog=EPILOG,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode=MARKUP,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_options)
    group = typer.main.get_command(app)  # with the options of the completion
    assert isinstance(group, TyperGroup)  # noqa: S101 - it has a callback
    return with_commands(group, COMMANDS)


def run(arguments: Sequence[str], *, reader: "Reader | None" = None) -> int:
    """Run one command and return its exit code.

    Args:
        arguments: the command line without the program's name.
        reader: a reading process for `import`, which otherwise starts one of its own.
    """
    as_json = "--json" in arguments
    try:
        code = build_app()(args=list(arguments), prog_name="wheel-admin", standalone_mode=False, obj=reader)
    except WheelError as error:
        problems = error.problems if isinstance(error, RefusedError) else ()
        _fail(Failure(error.message, error.remedy, problems), as_json=as_json, lost=isinstance(error, OutputError))
        return error.exit_code
    except (KeyboardInterrupt, typer.Abort):
        return _interrupted(as_json=as_json)
    except MemoryError:
        _fail(Failure("There is too little memory for this command.", MORE_RESOURCES, ()), as_json=as_json)
        return MemoryHigh.exit_code
    except Exception as error:
        if hasattr(error, "format_message"):  # typer's own: it is about the command line
            if not error.format_message():  # no command was named, and the help said so
                return UsageError.exit_code
            _fail(_about_command_line(error, error.format_message()), as_json=as_json)
            return UsageError.exit_code
        if "--debug" in arguments:
            raise
        short = _shortage(error)
        if short:
            _fail(Failure(f"This system gives wheel-admin too little: {short}.", MORE_RESOURCES, ()), as_json=as_json)
            return HomeError.exit_code
        told = f"{type(error).__name__}: {error}".replace("\n", " ")
        _fail(
            Failure(f"Internal error: {told}", "Please report it, with what wheel-admin --debug ... prints.", ()),
            as_json=as_json,
        )
        return 1
    if code == INTERRUPTED:  # typer's own answer to Ctrl-C
        return _interrupted(as_json=as_json)
    return code if isinstance(code, int) else 0


def _shortage(error: Exception) -> str:
    """Return what the system said when it gave this process too little; empty if the error is another one."""
    if isinstance(error, OSError) and error.errno in _SHORTAGES:
        return error.strerror or "a resource is used up"
    unmapped = isinstance(error, ImportError) and "failed to map" in str(error)  # dlopen(3), for want of memory
    return str(error) if unmapped or str(error) == "can't start new thread" else ""


def _interrupted(*, as_json: bool) -> int:
    whole = "Interrupted. The draft and the published lists are whole."
    if as_json:
        _fail(Failure(whole, "See what was done with wheel-admin show, or run the command again.", ()), as_json=True)
    else:
        warn(whole)
    return INTERRUPTED


def _about_command_line(error: Exception, message: str) -> Failure:
    """Return typer's own error in one line and in everybody's words, and whose help to read."""
    told = " ".join(message.split())
    for kind in ("int range", "int"):
        told = told.replace(f"is not a valid {kind}.", "is not a whole number.")
    asked = getattr(getattr(error, "ctx", None), "command_path", "wheel-admin")
    return Failure(told, f"See {asked} --help.", ())


def _fail(failure: Failure, *, as_json: bool, lost: bool = False) -> None:
    if as_json and not lost:
        with contextlib.suppress(OutputError):
            reply(FailureAnswer(failure))
            return
    warn(f"Error: {failure.message}")
    for problem in failure.problems[:LISTED_PROBLEMS]:
        warn(f"  - {problem}")
    if len(failure.problems) > LISTED_PROBLEMS:
        warn(f"  ... and {len(failure.problems) - LISTED_PROBLEMS} more; --json lists them all.")
    if failure.remedy:
        warn(f"What to do: {failure.remedy}")
