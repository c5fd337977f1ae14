"""Opens /dev/null in place of standard descriptors that were closed when the process started.

Invariant: this runs before anything else is imported, and imports next to nothing itself. Otherwise the first file that
the program opens would get number 0, 1 or 2, and a C library that prints (ALSA without a sound card does) would write
into it: into the ledger, for instance.
"""

import os
import sys

_STANDARD = ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w"))


def discard_output() -> None:
    """Let standard output, which cannot be written, lead nowhere: otherwise Python's end would try again, and fail."""
    try:
        os.dup2(os.open(os.devnull, os.O_RDWR), sys.stdout.fileno())
    except (OSError, ValueError):  # it is not a file
        return


def occupy() -> None:
    """Make sure that descriptors 0 to 2 are open, here and in the processes that this one starts."""
    for number, name, mode in _STANDARD:
        try:
            os.fstat(number)
        except OSError:
            # The lowest free number is what open() returns, and all lower ones are taken by now.
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)  # noqa: FBT003 - it takes no keyword
        if getattr(sys, name) is None:
            setattr(sys, name, open(number, mode, encoding="utf-8", closefd=False))  # noqa: SIM115 - a number
