"""`python -m tests.torture.soak`: the real admin publishes, the real kiosk spins, faults are injected.

Invariant: it audits itself. Spins are counted in the ledger, lists as `adopt` records, faults as they were done; a soak
whose work did not happen fails, however calm it was. What it says at the end was looked up at the end: the stand-alone
verifier over the whole ledger, processes, threads, temporary files, locks.
"""

import contextlib
import logging
import shutil
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

from kiosk.core.errors import WheelError
from tests.torture.soak import preflight
from tests.torture.soak.options import SoakOptions, parse
from tests.torture.soak.soak import Soak
from tests.torture.soak.summary import notify

logger = logging.getLogger("tests.torture.soak")


def main(arguments: list[str] | None = None) -> int:
    """Run the soak; returns the exit code."""
    try:
        options = parse(arguments)
        preflight.check(options)
    except WheelError as error:
        print(f"soak: {error}", file=sys.stderr)  # noqa: T201 - for the person at the terminal
        return error.exit_code
    logging.basicConfig(level=logging.DEBUG if options.debug else logging.INFO, format="%(asctime)s %(message)s")
    directory = _artifacts(options)
    soak = Soak(options, directory)
    with _stopped_by_signals(soak):
        summary = soak.run()
    print(summary.text)  # noqa: T201
    if options.notify:
        notify(options.notify, summary)
    if soak.interrupted:
        return 130
    return 0 if summary.ok else 1


def _artifacts(options: SoakOptions) -> Path:
    """Make a directory for this soak, and remove those of earlier ones that are too old."""
    options.artifacts.mkdir(parents=True, exist_ok=True)
    oldest = time.time() - options.keep_days * 86_400
    for earlier in options.artifacts.glob("soak-*"):
        if earlier.is_dir() and earlier.stat().st_mtime < oldest:
            shutil.rmtree(earlier, ignore_errors=True)
    directory = options.artifacts / time.strftime("soak-%Y%m%d-%H%M%S", time.gmtime())
    directory.mkdir()
    logger.info("artifacts in %s", directory)
    return directory


@contextlib.contextmanager
def _stopped_by_signals(soak: Soak) -> Iterator[None]:
    def on_signal(number: int, frame: FrameType | None) -> None:
        del number, frame
        soak.interrupted = True

    before = {number: signal.signal(number, on_signal) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


if __name__ == "__main__":
    sys.exit(main())
