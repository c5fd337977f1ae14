"""Checks the signature of a drand round before it is handed in, with the stand-alone verifier's own check.

Invariant: what the verifier would call BROKEN is refused while the round can still be copied again. Where the package
`py_ecc` is missing nothing is known, and the organiser is told so.
"""

import importlib.util
import subprocess
import sys

from kiosk.core.errors import UsageError
from wheel_admin.ledger_report.verifier import VERIFIER

PACKAGE = "py_ecc"
INSTALL = f"pip install {PACKAGE} (with pipx: pipx inject wheel-kiosk {PACKAGE})"
_CHECK = "import runpy, sys; print(runpy.run_path(sys.argv[1])['drand_text_holds'](sys.argv[2]))"


def can_check() -> bool:
    """Tell whether the package is there that the check needs."""
    return importlib.util.find_spec(PACKAGE) is not None


def check_round(text: str) -> bool:
    """Return whether the signature in `text`, "drand:quicknet:ROUND:SIGNATURE", was checked and holds.

    Raises:
        UsageError: it is not the signature of that round.
    """
    command = [sys.executable, "-P", "-c", _CHECK, str(VERIFIER), text]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own program
    if done.stdout.strip() == "False":
        number = text.split(":")[2]
        raise UsageError(
            f"That is not the signature of round {number}: a digit is wrong, or it belongs to another round. The"
            " kiosk would record it for good, and the draw could never be verified.",
            remedy=f"Copy the field `signature` again, for example from https://api.drand.sh/v2/beacons/quicknet/rounds/{number}",
        )
    return done.stdout.strip() == "True"
