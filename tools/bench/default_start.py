"""The kiosk as it starts by default, with no back end named, in a real X server; and how it reacts to keys there."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator

import msgspec

from bench.processes import Published, environment, kiosk
from bench.reactions import Reactions
from kiosk.supervise.run_report import RunReport


@contextlib.contextmanager
def x_display(size: str = "1920x1080") -> Iterator[str | None]:
    """Yield the name of an X display of an Xvfb of our own; None where Xvfb is missing."""
    if shutil.which("Xvfb") is None:
        yield None
        return
    reader, writer = os.pipe()
    server = subprocess.Popen(  # noqa: S603 - an X server for this measurement
        ["Xvfb", "-displayfd", str(writer), "-screen", "0", f"{size}x24", "-nolisten", "tcp"],  # noqa: S607
        pass_fds=[writer],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(writer)
    try:
        with os.fdopen(reader) as numbers:
            yield f":{numbers.readline().strip()}"
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(30)


def default_runs(published: Published, runs: int) -> list[RunReport]:
    """Start the kiosk by default, spin once in real time, and repeat; no reports where Xvfb is missing."""
    with x_display() as display:
        if display is None:
            return []
        found = (kiosk(published.home, "--spins", "1", driver="x11", DISPLAY=display) for _ in range(runs))
        return [report for report in found if report is not None]


def press_runs(published: Published) -> Reactions | None:
    """Press keys on a kiosk in an X server; None where Xvfb or its extension for test keys is missing."""
    with x_display() as display:
        if display is None:
            return None
        done = subprocess.run(  # noqa: S603 - our own command
            [sys.executable, "-m", "bench.reactions", str(published.home)],
            env={**environment("x11"), "DISPLAY": display},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            check=False,
        )
        return msgspec.json.decode(done.stdout, type=Reactions) if done.returncode == 0 else None
