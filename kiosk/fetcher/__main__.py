"""`wheel-fetch`: brings published files from the sources of kiosk.toml into this home.

Invariant: a process of its own. The kiosk has no network and knows nothing of this one but the files that it places and
its status. Nothing here imports pygame.
"""

from kiosk.core import standard_streams

standard_streams.occupy()  # before everything else is imported: see there

import argparse
import logging
import os
import random
import signal
import sys
import threading
from pathlib import Path
from types import FrameType

from kiosk.config.command_line import default_home
from kiosk.config.logging_setup import configure
from kiosk.config.settings import Settings, load_settings
from kiosk.config.sources import SourceSettings
from kiosk.core.clock import Clock, SystemClock
from kiosk.core.errors import WheelError
from kiosk.core.home import Home
from kiosk.fetcher.pacing import Pacing
from kiosk.fetcher.placing import prepare
from kiosk.fetcher.results import Results
from kiosk.fetcher.service import StatusWriter, serve
from kiosk.fetcher.source import Source
from kiosk.fetcher.stick import take_stick, write_results
from kiosk.fetcher.transport.credentials import load_credential
from kiosk.fetcher.transport.opening import open_transport
from kiosk.intake.snapshot_files import fingerprint

logger = logging.getLogger("kiosk.fetcher")

_EPILOG = """\
Sources are the [[source]] blocks of kiosk.toml in the home:  wheel-kiosk config sample
It verifies every file with the trusted keys of the home before it places it, and deletes nothing.

examples:
  wheel-fetch --home ~/wheel-home            keep asking, until it is stopped
  wheel-fetch --home ~/wheel-home --once     ask every source once; exit code 7 if one did not answer
"""


def main(arguments: list[str] | None = None) -> int:
    """Run the program; returns its exit code."""
    parser = argparse.ArgumentParser(
        prog="wheel-fetch",
        description="Bring published lists and requests from elsewhere to this kiosk.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--home", type=Path, default=default_home(), metavar="DIR", help="default: %(default)s")
    parser.add_argument("--once", action="store_true", help="ask every source once and exit")
    stick = parser.add_argument_group("for the unit that a stick starts")
    stick.add_argument("--stick-wanted", action="store_true", help="exit code 0 if kiosk.toml has stick = true")
    stick.add_argument("--stick", type=Path, metavar="DIR", help="take the signed files of a mounted stick")
    stick.add_argument("--stick-results", type=Path, metavar="DIR", help="write results to a mounted stick")
    parser.add_argument("--log-format", choices=("text", "json"), default="text", help="json for machines")
    parser.add_argument("--verbose", action="store_true", help="log more")
    found = parser.parse_args(arguments)
    configure(found.log_format, verbose=found.verbose)
    for noisy in ("paramiko", "botocore", "aiobotocore", "s3fs", "fsspec", "asyncio"):
        logging.getLogger(noisy).setLevel(logging.CRITICAL)  # they log URLs, headers and host keys
    home = Home(found.home.expanduser())
    try:
        if found.stick_wanted:
            return 0 if load_settings(home.settings, os.environ).stick else 1
        if found.stick is not None:
            prepare(home)
            return 7 if take_stick(home, found.stick, SystemClock()).problem else 0
        if found.stick_results is not None:
            write_results(home, found.stick_results, SystemClock())
            return 0
        return _once(home) if found.once else _run(home)
    except WheelError as error:
        print(f"wheel-fetch: {error}", file=sys.stderr)  # noqa: T201 - for the person at the terminal
        return error.exit_code
    except Exception:
        logger.exception("Internal error; please report it with this log")
        return 1


def sources_of(home: Home, settings: Settings, clock: Clock) -> list[Source]:
    """Return the sources of a kiosk's settings.

    Raises:
        UsageError: a credential is missing, or may be read by others.
    """
    return [_source(home, one, clock) for one in settings.source]


def _source(home: Home, settings: SourceSettings, clock: Clock) -> Source:
    transport = open_transport(
        settings.url,
        timeout_s=settings.timeout_s,
        clock=clock,
        known_hosts=home.known_hosts,
        credential=load_credential(settings.credential, home, os.environ),
    )
    return Source(
        home,
        settings.url,
        transport,
        pacing=Pacing(every_s=settings.every_s, random=random.random, now_ns=clock.monotonic_ns()),
        clock=clock,
        results=Results(home, transport, clock) if settings.results else None,
        placed=lambda name: logger.info("placed %s", name),
    )


def _once(home: Home) -> int:
    prepare(home)
    clock = SystemClock()
    sources = sources_of(home, load_settings(home.settings, os.environ), clock)
    answered = [source.poll() for source in sources]
    StatusWriter(home, clock).write(sources)
    for source in sources:
        source.close()
    return 0 if all(answered) else 7


def _run(home: Home) -> int:
    prepare(home)
    clock, stopping = SystemClock(), threading.Event()

    def on_signal(number: int, frame: FrameType | None) -> None:
        del number, frame
        stopping.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, on_signal)
    while not stopping.is_set():
        stamp = fingerprint([home.settings])
        settings = load_settings(home.settings, os.environ)
        if not settings.source:
            logger.info("there is no [[source]] in %s", home.settings)
            StatusWriter(home, clock).write(())
            return 0
        sources = sources_of(home, settings, clock)
        logger.info("asking %d source(s)", len(sources))
        serve(
            home,
            sources,
            clock=clock,
            stopping=stopping,
            go_on=lambda stamp=stamp: fingerprint([home.settings]) == stamp,  # type: ignore[misc]
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
