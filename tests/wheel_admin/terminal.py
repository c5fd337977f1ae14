"""`wheel-admin` on a pseudo-terminal, with somebody who types."""

import contextlib
import os
import re
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass

from tests.e2e.processes import ROOT, environment

PATIENCE_S = 60.0
"""A command that asks what nobody answers is killed then."""
_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


@dataclass(frozen=True)
class Ended:
    """How a command ended, and what was on the terminal, with what was typed."""

    code: int
    shown: str


def on_terminal(
    arguments: Sequence[str], typed: str | Sequence[tuple[str, str]], *, columns: int = 80, **variables: str
) -> Ended:
    """Run a command on a terminal of its own.

    Args:
        arguments: of `wheel-admin`.
        typed: all at once, or (what must be on the terminal, what is then typed) one after another.
        columns: how wide the terminal is.
        variables: of the environment.
    """
    import pty

    master, slave = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "wheel_admin", *arguments],
        cwd=ROOT,
        env=environment(COLUMNS=str(columns), LINES="24", TERM="dumb", **variables),
        stdin=slave,
        stdout=slave,
        stderr=slave,
        start_new_session=True,
    )
    os.close(slave)
    patience = threading.Timer(PATIENCE_S, process.kill)
    patience.start()
    waiting = [("", typed)] if isinstance(typed, str) else list(typed)
    found = bytearray()
    seen = 0
    with contextlib.suppress(OSError):  # how Linux says that nobody holds the other end any more
        while True:
            while waiting and (place := found.find(waiting[0][0].encode(), seen)) >= 0:
                seen = place + len(waiting[0][0].encode())
                os.write(master, waiting.pop(0)[1].encode())
            part = os.read(master, 65536)
            if not part:
                break
            found += part
    code = process.wait()
    patience.cancel()
    os.close(master)
    shown = _ESCAPES.sub("", found.decode("utf-8", "replace")).replace("\r\n", "\n")
    return Ended(code, shown)
