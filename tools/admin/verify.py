"""`wheel-admin verify`: run the stand-alone verifier on this home.

Law: it judges nothing itself. The verifier is another program on purpose, so it runs as one, and its words and its
exit code are passed on unchanged.
"""

import subprocess
import sys
from pathlib import Path

import typer

import tools
from kiosk.errors import HomeError
from tools.admin.options import DEFAULT_HOME, HomeOption, JsonOption, examples, home_at

EPILOG = examples("wheel-admin verify", "wheel-admin verify --json")


def verify(*, home: HomeOption = DEFAULT_HOME, as_json: JsonOption = False) -> None:
    """Recompute every draw of the ledger with the stand-alone verifier; exit code 0 only if all of it holds."""
    place = home_at(home)
    program = Path(tools.__file__).with_name("verify_draw.py")
    if not program.is_file():
        raise HomeError(f"The verifier {program} is missing.", remedy="Install wheel-kiosk again.")
    if not place.root.is_dir():
        raise HomeError(f"There is no wheel home at {place.root}.", remedy="Name the right one with --home.")
    sys.stdout.flush()
    command = [sys.executable, str(program), str(place.root), *(["--json"] if as_json else [])]
    done = subprocess.run(command, check=False)  # noqa: S603 - our own program, no shell
    raise typer.Exit(done.returncode)
