"""Ends a program whose machine's clock is set beyond what Python can read: April of the year 2262.

Invariant: this runs before everything that asks for the time; Python's own logging does when it is imported.
"""

import sys
import time


def require_readable_clock() -> None:
    """Exit with code 2 and what to do, if the clock cannot be read."""
    try:
        time.time()
    except OverflowError:
        sys.stderr.write(
            "The clock of this machine is set to a year after 2261. "
            "Set it: sudo timedatectl set-time '2026-05-04 09:30:00'\n"
        )
        raise SystemExit(2) from None
