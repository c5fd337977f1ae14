"""The commands of `wheel-admin` as one table, and how an error becomes a message.

Invariant: no traceback reaches a person unless --debug asks for it, and the exit code is the error's own. What is slow
to import (openpyxl, rich, pygame) is imported by the command that needs it, when it needs it.
"""

import contextlib
from collections.abc import Sequence
from importlib.metadata import version
from typing import Annotated

import msgspec
import typer

from kiosk.core.errors import OutputError, RefusedError, UsageError, WheelError
from wheel_admin.cli.options import reply, warn
from wheel_admin.commands.draft import (
    entries,
    event,
    import_files,
    init,
    preview,
    prizes,
    prizes_import,
    rules,
    settings,
    show,
    undo,
)
from wheel_admin.commands.publish import (
    bundle,
    claim,
    entropy,
    publish,
    published_lists,
    republish,
    requests,
    send,
    start,
)
from wheel_admin.commands.results import (
    certificate,
    close,
    draws,
    export,
    pair,
    receipt,
    receive,
    report,
    status,
    verify,
)
from wheel_admin.importing.reader_client import Reader

LISTED_PROBLEMS = 25
"""Reasons of a refusal that go to the terminal; --json has them all."""
INTERRUPTED = 130
"""128 + SIGINT, as shells have it."""

EPILOG = """\
First steps:

wheel-admin start people.xlsx; wheel-kiosk run --window 1280x720

Exit codes: 0 done. 1 an internal error (or: verify found BROKEN). 2 the command line or a setting is wrong.
3 an input file cannot be used. 4 refused: a rule forbids it. 5 busy: another wheel-admin is at work. 6 trust: a key
is missing or a signature does not hold. 7 home: something is missing, unreadable or full. 11 done, but standard output
cannot be written. 130 interrupted.

Environment: WHEEL_HOME is the default of --home. WHEEL_PASSPHRASE opens the signing key, WHEEL_BUNDLE_PASSPHRASE a
bundle. WHEEL_LOCK_WAIT_MS is how long to wait for another wheel-admin, in milliseconds (3000). WHEEL_READ_S is how much
CPU time, in seconds, the reading of one imported file may take (4).
"""


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


def build_app() -> typer.Typer:
    """Return the command line."""
    app = typer.Typer(
        name="wheel-admin",
        epilog=EPILOG,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode="markdown",
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_options)
    app.command("start", epilog=start.EPILOG)(start.start)
    app.command("init", epilog=init.EPILOG)(init.init)
    app.command("import", epilog=import_files.EPILOG)(import_files.import_files)
    app.add_typer(_entries_app())
    app.command("title", epilog=settings.TITLE_EPILOG)(settings.title)
    app.command("winners", epilog=settings.WINNERS_EPILOG)(settings.winners)
    app.add_typer(_prizes_app())
    app.add_typer(_rules_app())
    app.add_typer(_spins_app())
    app.add_typer(_event_app())
    app.command("undo", epilog=undo.EPILOG)(undo.undo)
    app.command("show", epilog=show.EPILOG)(show.show)
    app.command("preview", epilog=preview.EPILOG)(preview.preview)
    app.command("pair", epilog=pair.EPILOG)(pair.pair)
    app.command("publish", epilog=publish.EPILOG)(publish.publish)
    app.command("send", epilog=send.SEND_EPILOG)(send.send)
    app.command("targets", epilog=send.TARGETS_EPILOG)(send.targets)
    app.command("list", epilog=published_lists.LIST_EPILOG)(published_lists.list_generations)
    app.command("status", epilog=status.EPILOG)(status.status)
    app.add_typer(_draws_app())
    app.command("receive", epilog=receive.EPILOG)(receive.receive)
    app.command("verify", epilog=verify.EPILOG)(verify.verify)
    app.command("certificate", epilog=certificate.EPILOG)(certificate.certificate)
    app.command("report", epilog=report.EPILOG)(report.report)
    app.command("receipt", epilog=receipt.EPILOG)(receipt.receipt)
    app.command("entropy", epilog=entropy.EPILOG)(entropy.entropy)
    app.command("absent", epilog=requests.ABSENT_EPILOG)(requests.absent)
    app.command("claim", epilog=claim.EPILOG)(claim.claim)
    app.command("withdraw", epilog=requests.WITHDRAW_EPILOG)(requests.withdraw)
    app.command("republish", epilog=republish.EPILOG)(republish.republish)
    app.command("bundle", epilog=bundle.BUNDLE_EPILOG)(bundle.bundle)
    app.command("restore", epilog=bundle.RESTORE_EPILOG)(bundle.restore)
    app.command("prune", epilog=published_lists.PRUNE_EPILOG)(published_lists.prune)
    return app


def _entries_app() -> typer.Typer:
    app = typer.Typer(name="entries", no_args_is_help=True, help="List, add, remove and rename entries of the draft.")
    app.command("list", epilog=entries.LIST_EPILOG)(entries.list_entries)
    app.command("add", epilog=entries.ADD_EPILOG)(entries.add)
    app.command("remove", epilog=entries.REMOVE_EPILOG)(entries.remove)
    app.command("rename", epilog=entries.RENAME_EPILOG)(entries.rename)
    return app


def _prizes_app() -> typer.Typer:
    app = typer.Typer(name="prizes", no_args_is_help=True, help="List, import, add, change, move and remove prizes.")
    app.command("list", epilog=prizes.LIST_EPILOG)(prizes.list_prizes)
    app.command("import", epilog=prizes_import.EPILOG)(prizes_import.import_prizes)
    app.command("add", epilog=prizes.ADD_EPILOG)(prizes.add)
    app.command("set", epilog=prizes.SET_EPILOG)(prizes.change_prize)
    app.command("move", epilog=prizes.MOVE_EPILOG)(prizes.move)
    app.command("remove", epilog=prizes.REMOVE_EPILOG)(prizes.remove)
    return app


def _rules_app() -> typer.Typer:
    app = typer.Typer(name="rules", invoke_without_command=True, epilog=rules.EPILOG)
    app.callback()(rules.rules)
    app.command("show", epilog=rules.SHOW_EPILOG)(rules.show)
    app.command("set", epilog=rules.SET_EPILOG)(rules.change)
    return app


def _draws_app() -> typer.Typer:
    app = typer.Typer(name="draws", invoke_without_command=True, epilog=draws.EPILOG)
    app.callback()(draws.draws)
    app.command("export", epilog=export.EPILOG)(export.export)
    return app


def _event_app() -> typer.Typer:
    app = typer.Typer(name="event", no_args_is_help=True, help="Start a new event, show it, or close it.")
    app.command("new", epilog=event.NEW_EPILOG)(event.new)
    app.command("show", epilog=event.SHOW_EPILOG)(event.show)
    app.command("close", epilog=close.EPILOG)(close.close)
    return app


def _spins_app() -> typer.Typer:
    app = typer.Typer(name="spins", no_args_is_help=True, help="Say which spins are drawn and which are predetermined.")
    app.command("natural", epilog=settings.NATURAL_EPILOG)(settings.natural)
    app.command("fixed", epilog=settings.FIXED_EPILOG)(settings.fixed)
    app.command("mixed", epilog=settings.MIXED_EPILOG)(settings.mixed)
    return app


def run(arguments: Sequence[str], *, reader: Reader | None = None) -> int:
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
        warn("Interrupted. The draft and the published lists are whole.")
        return INTERRUPTED
    except Exception as error:
        if hasattr(error, "format_message"):  # typer's own: it is about the command line
            if not error.format_message():  # no command was named, and the help said so
                return UsageError.exit_code
            _fail(Failure(error.format_message(), "See wheel-admin COMMAND --help.", ()), as_json=as_json)
            return UsageError.exit_code
        if "--debug" in arguments:
            raise
        told = f"{type(error).__name__}: {error}".replace("\n", " ")
        _fail(
            Failure(f"Internal error: {told}", "Please report it, with what wheel-admin --debug ... prints.", ()),
            as_json=as_json,
        )
        return 1
    return code if isinstance(code, int) else 0


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
