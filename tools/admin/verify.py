"""`wheel-admin verify`: run the stand-alone verifiers on this home.

Law: it judges nothing itself. The verifiers are other programs on purpose, so they run as such, and their words are
passed on unchanged, with the worse of their exit codes.
"""

import subprocess
import sys
from pathlib import Path

import typer

import tools
from kiosk.errors import HomeError
from tools.admin.options import DEFAULT_HOME, HomeOption, JsonOption, examples, home_at, say

EPILOG = examples("wheel-admin verify", "wheel-admin verify --json")


def verify(*, home: HomeOption = DEFAULT_HOME, as_json: JsonOption = False) -> None:
    """Recompute every draw of the ledger, and check the kiosk's signatures; exit code 0 only if all of it holds.

    Two programs do it, which use nothing of ours: verify_draw.py recomputes the draws, verify_checkpoints.py checks
    the signatures under the heads. With --json their answers are the values of "draw" and "checkpoints"; null is that
    of a program that could not use its files.
    """
    place = home_at(home)
    programs = {name: Path(tools.__file__).with_name(f"verify_{name}.py") for name in ("draw", "checkpoints")}
    for program in programs.values():
        if not program.is_file():
            raise HomeError(f"The verifier {program} is missing.", remedy="Install wheel-kiosk again.")
    if not place.root.is_dir():
        raise HomeError(f"There is no wheel home at {place.root}.", remedy="Name the right one with --home.")
    codes, answers = [], []
    for name, program in programs.items():
        if not as_json:
            say(f"{program.name}:")
        sys.stdout.flush()
        command = [sys.executable, str(program), str(place.root), *(["--json"] if as_json else [])]
        done = subprocess.run(  # noqa: S603 - our own program, no shell
            command, stdout=subprocess.PIPE if as_json else None, encoding="utf-8", check=False
        )
        codes.append(done.returncode)
        answers.append(f'"{name}":{(done.stdout or "").strip() or "null"}')
    if as_json:
        sys.stdout.write(f"{{{','.join(answers)}}}\n")
    raise typer.Exit(max(codes))
