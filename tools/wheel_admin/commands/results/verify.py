"""`wheel-admin verify`: run the stand-alone verifier on this home, with the keys that this organiser knows.

Invariant: it judges no ledger itself. The verifier is another program on purpose, so it runs as such, and its words and
its exit code are passed on unchanged. Which keys it is told to trust is said before. Whether two ledgers contradict
each other is another question: `wheel_admin.ledger_report.forks`.
"""

import subprocess
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from kiosk.core.clock import SystemClock
from kiosk.core.errors import HomeError
from kiosk.core.home import Home
from kiosk.core.regular_files import read_file
from kiosk.ledger.ledger import MAX_LEDGER_BYTES
from wheel_admin.cli.options import (
    DEFAULT_HOME,
    FromOption,
    HomeOption,
    JsonOption,
    counted,
    examples,
    home_at,
    reply,
    say,
    warn,
)
from wheel_admin.commands.results.from_source import verify_from
from wheel_admin.importing.tables import shown
from wheel_admin.ledger_report.forks import Branch, compare
from wheel_admin.ledger_report.verifier import VERIFIER, known_or_met, options_for
from wheel_admin.publishing.known_keys import KnownKeys

EPILOG = examples(
    "wheel-admin verify",
    "wheel-admin verify --seen 35W1F4NHWHRZHAMPTRSFQWQ0V96",
    "wheel-admin verify --json",
    "wheel-admin verify --against /media/stick/other/kiosk/ledger.jsonl",
)


class Require(StrEnum):
    """What exit code 0 asks for."""

    CONSISTENT = "consistent"
    SIGNED = "signed"
    WITNESSED = "witnessed"


def verify(
    *,
    kiosk: Annotated[
        list[str], typer.Option(metavar="KEYID", show_default=False, help="Another kiosk key to trust (repeatable).")
    ] = [],  # noqa: B006 - typer copies it
    organiser: Annotated[
        list[str], typer.Option(metavar="KEYID", show_default=False, help="Another organiser's key (repeatable).")
    ] = [],  # noqa: B006
    seen: Annotated[
        list[str],
        typer.Option(
            metavar="CODE",
            show_default=False,
            help="An anchor, head or list's S that you kept (repeatable); CODE@N: an anchor from before text N arose.",
        ),
    ] = [],  # noqa: B006
    accept: Annotated[
        list[int], typer.Option(metavar="SEQ", show_default=False, help="A void or adopt that you know of.")
    ] = [],  # noqa: B006
    require: Annotated[Require, typer.Option(help="What exit code 0 asks for.")] = Require.SIGNED,
    against: Annotated[
        Path | None,
        typer.Option(
            metavar="LEDGER",
            show_default=False,
            help="Another ledger, or a home: have two kiosks gone on from the same past? Then neither is believed.",
        ),
    ] = None,
    source: FromOption = "",
    home: HomeOption = DEFAULT_HOME,
    as_json: JsonOption = False,
) -> None:
    """Recompute every draw of the ledger, and say who vouches for it: BROKEN, CONSISTENT, SIGNED or WITNESSED.

    verify_draw.py does it, which uses nothing of ours. It is told to trust the key ids that wheel-admin recorded in
    this home at first contact, and those that you name. Somebody else has to take them from something that a forger
    does not control. With --from, the ledger of every kiosk that writes to a source is verified, and CUT or FORK is
    said if a copy contradicts what the kiosk says. With --json the verifier's answer is the value of "verifier"; null
    if it could not use the files.
    """
    place = home_at(home)
    if against is not None:
        raise typer.Exit(_against(place, against, as_json=as_json))
    if not VERIFIER.is_file():
        raise HomeError(f"The verifier {VERIFIER} is missing.", remedy="Install wheel-kiosk again.")
    if not place.root.is_dir():
        raise HomeError(f"There is no wheel home at {place.root}.", remedy="Name the right one with --home.")
    known, met_now = known_or_met(place)
    kiosks, organisers = (*known.kiosks, *kiosk), (*known.organisers, *organiser)
    options = options_for(kiosks, organisers)
    options += ["--seen", *seen] if seen else []
    options += [option for seq in accept for option in ("--accept", str(seq))]
    if not as_json:
        _say_keys(known, met_now=met_now)

    def judge(root: Path) -> tuple[int, bytes]:
        sys.stdout.flush()
        command = [sys.executable, str(VERIFIER), str(root), *options, "--require", require.value]
        done = subprocess.run(  # noqa: S603 - our own program, no shell
            [*command, *(["--json"] if as_json else [])],
            stdout=subprocess.PIPE if as_json else None,
            encoding="utf-8",
            check=False,
        )
        return done.returncode, (done.stdout or "").strip().encode() or b"null"

    if source:
        raise typer.Exit(verify_from(place, source, clock=SystemClock(), as_json=as_json, judge=judge))
    code, judged = judge(place.root)
    if as_json:
        reply(Answer(kiosks, organisers, met_now, msgspec.Raw(judged)))
    elif not place.ledger.exists():
        warn("No kiosk has shown a list from this home yet. Next: wheel-kiosk run. If one runs elsewhere, see --from.")
    raise typer.Exit(code)


class Answer(msgspec.Struct, frozen=True):
    """Whom the verifier was told to trust, whether the kiosk was met only now, and the verifier's answer."""

    kiosks: tuple[str, ...]
    organisers: tuple[str, ...]
    met_now: bool
    verifier: msgspec.Raw


def _say_keys(known: KnownKeys, *, met_now: bool) -> None:
    if not known.kiosks and not known.organisers:
        say("No key ids are recorded in this home: name those that you trust with --kiosk and --organiser.")
        return
    for name, keyids in (("kiosk", known.kiosks), ("organiser", known.organisers)):
        for keyid in keyids:
            say(f"trusted {name} {keyid}, recorded in this home at first contact")
    if met_now:
        say("The kiosk's id was recorded just now: compare it with the diagnostics page on its screen (Ctrl+Shift+D).")


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
        say(f"FORK at record {verdict.common + 1}: two kiosks went on from the same records. Only one can count.")
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
