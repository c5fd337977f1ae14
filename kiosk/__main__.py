"""`wheel-kiosk`: runs one command, and turns errors into messages and exit codes.

Invariant: no traceback reaches a user but that of an internal error, which goes to the log. Exit codes are those of
`kiosk.core.errors`.
"""

from kiosk.core import clock_range, standard_streams

standard_streams.occupy()  # before everything else is imported: see there
clock_range.require_readable_clock()

import contextlib
import logging
import os
import secrets
import signal
import sys
from collections.abc import Callable, Iterator
from types import FrameType

from msgspec.structs import replace

from kiosk.config.command_line import (
    AcceptOptions,
    ConfigOptions,
    DoctorOptions,
    RehearseOptions,
    ReplayOptions,
    RunOptions,
    TrustOptions,
    parse,
)
from kiosk.config.logging_setup import configure
from kiosk.config.runtime_versions import require_pygame_ce, version_text
from kiosk.core.errors import LeftWaiting, OutputError, RefusedError, WheelError
from kiosk.core.home import Home
from kiosk.core.text_rules import escaped

logger = logging.getLogger("kiosk")


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns the exit code (see `kiosk.core.errors`)."""
    try:
        options = parse(arguments)
        match options:
            case ConfigOptions():
                configuration(options)
            case DoctorOptions():
                return doctor(options)
            case TrustOptions():
                trust(options)
            case AcceptOptions():
                return acceptance(options)
            case ReplayOptions():
                configure(options.log_format, verbose=options.verbose)
                replay(options)
            case RehearseOptions(run=run_options):
                configure(run_options.log_format, verbose=run_options.verbose)
                rehearse(run_options)
            case RunOptions():
                configure(options.log_format, verbose=options.verbose)
                run(options)
    except WheelError as error:
        told = "\n".join(map(escaped, str(error).split("\n")))
        print(f"wheel-kiosk: {told}", file=sys.stderr)  # noqa: T201 - for the person at the terminal
        return error.exit_code
    except Exception:
        logger.exception("Internal error; please report it with this log")
        return 1
    return 0


def run(options: RunOptions) -> None:
    """Run one kiosk until somebody leaves.

    Raises:
        WheelError: something that a person has to fix; its text says what.
    """
    require_pygame_ce()
    # pygame and the parts that use it are imported only now: `--help` and a wrong option answer at once.
    from kiosk.commands.run import kiosk_on  # noqa: PLC0415
    from kiosk.supervise.memory_tuning import hold_for_start  # noqa: PLC0415

    hold_for_start()
    stops: list[Callable[[], None]] = []
    with _stopped_by_signals(stops) as leaving:

        def rehearsal_asked(options: RunOptions) -> bool:
            """Run one kiosk; returns whether it ended because somebody asked to begin a rehearsal, or to end it."""
            with kiosk_on(options, random_bytes=secrets.token_bytes, leaving=leaving) as kiosk:
                stops[:] = [kiosk.loop.stop]
                if leaving():
                    return False
                report = kiosk.run()
                if options.report is not None:
                    report.save(options.report)
            return kiosk.stage.rehearsal_asked and not leaving()

        try:
            while rehearsal_asked(options) and options.rehearsal_of is None:
                with _rehearsal_between(options) as rehearsal:
                    if rehearsal is not None and not rehearsal_asked(rehearsal):
                        return
        except LeftWaiting:
            logger.info("left before the wheel was shown")


@contextlib.contextmanager
def _rehearsal_between(options: RunOptions) -> Iterator[RunOptions | None]:
    """Yield the options of a rehearsal that a running kiosk was asked for; None if there can be none now."""
    from kiosk.commands.rehearse import rehearsal_of  # noqa: PLC0415 - as in `run`

    with contextlib.ExitStack() as stack:
        rehearsal: RunOptions | None = None
        try:
            rehearsal = stack.enter_context(rehearsal_of(options, random_bytes=secrets.token_bytes))
        except RefusedError as error:
            logger.warning("no rehearsal: %s", error)
        yield rehearsal and replace(rehearsal, report=None)


def rehearse(options: RunOptions) -> None:
    """Run one kiosk on a copy of the home's list, with secrets and a ledger that are thrown away.

    Raises:
        WheelError: something that a person has to fix; its text says what.
    """
    require_pygame_ce()
    from kiosk.commands.rehearse import rehearsal_of  # noqa: PLC0415 - as above

    with rehearsal_of(options, random_bytes=secrets.token_bytes) as rehearsal:
        run(rehearsal)


def replay(options: ReplayOptions) -> None:
    """Show a past spin again; records nothing.

    Raises:
        WheelError: something that a person has to fix; its text says what.
    """
    require_pygame_ce()
    from kiosk.commands.replay import player_on, save  # noqa: PLC0415 - as above

    with player_on(options) as player:
        player.run()
        if options.screenshots is not None:
            save(player.pictures, options.screenshots)


def configuration(options: ConfigOptions) -> None:
    """Check or show kiosk.toml.

    Raises:
        UsageError: something is wrong in it.
    """
    from kiosk.commands.config import check, in_force, sample  # noqa: PLC0415 - the wheel needs none of it

    path = Home(options.home).settings
    if options.action == "sample":
        _say(sample())
    elif options.action == "show":
        _say(in_force(path, os.environ))
    else:
        set_keys = len(check(path, os.environ).sources)
        missing = "" if path.exists() else ", which does not exist"
        _say(f"{path}{missing}: {set_keys} of its keys are set, and nothing is wrong.\n")


def trust(options: TrustOptions) -> None:
    """Trust an organiser's key after its code was compared.

    Raises:
        WheelError: it is not trusted; the text says why.
    """
    from kiosk.commands.trust import trust_key  # noqa: PLC0415 - the wheel needs none of it

    def ask(question: str) -> bool:
        return input(f"{question} [y/N] ").strip().lower() in {"y", "yes"}

    _say(trust_key(Home(options.home), options.key_file, options.code, ask=ask if sys.stdin.isatty() else None))


def doctor(options: DoctorOptions) -> int:
    """Examine this machine; returns the exit code: 0 without problems, 1 with any."""
    require_pygame_ce()
    logging.basicConfig(level=logging.CRITICAL)  # the report says what is wrong; logged warnings would repeat it
    from kiosk.commands.doctor.machine import here  # noqa: PLC0415 - the wheel needs none of it
    from kiosk.commands.doctor.report import examine, format_report  # noqa: PLC0415

    findings = examine(here(Home(options.home), os.environ))
    _say(format_report(findings, as_json=options.as_json))
    return 1 if any(finding.wrong for finding in findings) else 0


def acceptance(options: AcceptOptions) -> int:
    """Try out this machine and write a report; returns the exit code: 0 if nothing failed, else 1.

    Raises:
        HomeError: the report cannot be written.
    """
    versions = version_text()
    logging.basicConfig(level=logging.CRITICAL)
    from kiosk.commands.accept import Bench, accept, as_text, save, typed_line  # noqa: PLC0415 - the wheel needs none
    from kiosk.commands.doctor.machine import here  # noqa: PLC0415 - likewise
    from kiosk.commands.doctor.report import examine  # noqa: PLC0415 - likewise
    from kiosk.supervise.health.machine import read_machine  # noqa: PLC0415 - likewise

    home = Home(options.home)
    bench = Bench(
        versions=versions,
        findings=lambda: examine(here(home, os.environ)),
        machine=lambda: read_machine(home.root),
        ask=typed_line,
        say=lambda line: _say(f"{line}\n"),
    )
    report = accept(bench, spins=options.spins, window=options.window)
    save(report, options.output)
    _say(as_text(report))
    _say(f"Written to {options.output}; please send it to the maintainers.\n")
    return 1 if report.failed else 0


def _say(text: str) -> None:
    try:
        print(text, end="", flush=True)  # noqa: T201 - for the person at the terminal
    except OSError as error:
        standard_streams.discard_output()
        raise OutputError.of(error) from error


@contextlib.contextmanager
def _stopped_by_signals(stops: list[Callable[[], None]]) -> Iterator[Callable[[], bool]]:
    """Call `stops` at SIGTERM and SIGINT; yields whether one came."""
    came: list[int] = []

    def on_signal(number: int, frame: FrameType | None) -> None:
        del frame
        logger.info("asked to stop by %s", signal.Signals(number).name)
        came.append(number)
        for stop in stops:
            stop()

    before = {number: signal.signal(number, on_signal) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield lambda: bool(came)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


if __name__ == "__main__":
    sys.exit(main())
