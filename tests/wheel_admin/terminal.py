"""`wheel-admin` on a pseudo-terminal, with somebody who types."""

import contextlib
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from tests.e2e.processes import ROOT, environment

_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


@dataclass(frozen=True)
class Ended:
    """How a command ended, and what was on the terminal, with what was typed."""

    code: int
    shown: str


def on_terminal(arguments: Sequence[str], typed: str, *, columns: int = 80, **variables: str) -> Ended:
    """Run a command on a terminal of its own; what is typed waits until it is asked for, as a fast typist's does."""
    import pty

    master, slave = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "wheel_admin", *arguments],
        cwd=ROOT,
        env=environment(COLUMNS=str(columns), TERM="dumb", PYTHONWARNINGS="", **variables),
        stdin=slave,
        stdout=slave,
        stderr=slave,
        start_new_session=True,
    )
    os.close(slave)
    os.write(master, typed.encode())
    found = bytearray()
    with contextlib.suppress(OSError):  # how Linux says that nobody holds the other end any more
        while part := os.read(master, 65536):
            found += part
    os.close(master)
    shown = _ESCAPES.sub("", found.decode("utf-8", "replace")).replace("\r\n", "\n")
    return Ended(process.wait(), shown)
