"""`wheel-admin verify`: run the stand-alone verifiers on this home.

Invariant: it judges no ledger itself. The verifiers are other programs on purpose, so they run as such, and their words
are passed on unchanged, with the worse of their exit codes. Whether two ledgers contradict each other is another
question: `wheel_admin.ledger_report.forks`.
"""

import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

import wheel_admin
from kiosk.core.errors import HomeError
from kiosk.core.home import Home
from kiosk.core.regular_files import read_file
from kiosk.ledger.ledger import MAX_LEDGER_BYTES
from wheel_admin.cli.options import DEFAULT_HOME, HomeOption, JsonOption, counted, examples, home_at, reply, say, write
from wheel_admin.importing.tables import shown
from wheel_admin.ledger_report.forks import Branch, compare

_PACKAGE = Path(wheel_admin.__file__).resolve().parent
VERIFIERS = installed if (installed := _PACKAGE / "_verify").is_dir() else _PACKAGE.parent / "verify"
"""Where the stand-alone verifiers are: inside the package once installed, beside it in a checkout."""

EPILOG = examples(
    "wheel-admin verify",
    "wheel-admin verify --json",
    "wheel-admin verify --against /media/stick/other/kiosk/ledger.jsonl",
)


def verify(
    *,
    against: Annotated[
        Path | None,
        typer.Option(
            metavar="LEDGER",
            show_default=False,
            help="Another ledger, or a home: have two kiosks gone on from the same past? Then neither is believed.",
        ),
    ] = None,
    home: HomeOption = DEFAULT_HOME,
    as_json: JsonOption = False,
) -> None:
    """Recompute every draw of the ledger, and check the kiosk's signatures; exit code 0 only if all of it holds.

    Two programs do it, which use nothing of ours: verify_draw.py recomputes the draws, verify_checkpoints.py checks
    the signatures under the heads. With --json their answers are the values of "draw" and "checkpoints"; null is that
    of a program that could not use its files.
    """
    place = home_at(home)
    if against is not None:
        raise typer.Exit(_against(place, against, as_json=as_json))
    programs = {name: VERIFIERS / f"verify_{name}.py" for name in ("draw", "checkpoints")}
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
        write(f"{{{','.join(answers)}}}\n")
    raise typer.Exit(max(codes))


def _against(home: Home, other: Path, *, as_json: bool) -> int:
    theirs = Home(other).ledger if other.is_dir() else other
    verdict = compare(_read(home.ledger, links=False), _read(theirs, links=True))
    if as_json:
        reply(verdict)
        return 1 if verdict.forked else 0
    say(f"{counted(verdict.common, 'record')} in common with {theirs}.")
    say(_told("here", verdict.ours))
    say(_told("there", verdict.theirs))
    if verdict.relation == "fork":
        say(f"FORK at record {verdict.common + 1}: two kiosks went on from the same past. Only one of them can count.")
    elif verdict.relation == "nothing in common":
        say("NOTHING IN COMMON: these are the ledgers of two kiosks, not of one.")
    else:
        say(f"NO FORK: {'they are the same' if verdict.relation == 'same' else verdict.relation}.")
    return 1 if verdict.forked else 0


def _told(where: str, branch: Branch) -> str:
    if not branch.records:
        return f"  {where:6} nothing more; head {branch.head[:16]}"
    spins = ", ".join(shown(spin) for spin in branch.spins) or "none"
    return f"  {where:6} {counted(branch.records, 'more record')}; spins: {spins}; head {branch.head[:16]}"


def _read(path: Path, *, links: bool) -> bytes:
    try:
        return read_file(path, limit=MAX_LEDGER_BYTES, links=links)
    except OSError as error:
        raise HomeError(f"Cannot read {path}: {error.strerror}.", remedy="Name a ledger or a home.") from error
