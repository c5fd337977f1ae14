"""`wheel-admin report`: a whole evening on one page that can be printed, and as a workbook.

Invariant: changes nothing but the files that it writes. It says what the ledger says, and repeats the verifier.
"""

import hashlib
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Literal

import msgspec
import typer

import kiosk
import wheel_admin
from kiosk.core.clock import SystemClock, rfc3339
from kiosk.core.durable import SHARED, write_atomic
from kiosk.core.errors import HomeError, RefusedError, UsageError
from kiosk.core.home import Home
from kiosk.core.regular_files import read_file
from kiosk.ledger.ledger import MAX_LEDGER_BYTES
from kiosk.snapshot.model import shortened
from wheel_admin.cli.options import DEFAULT_HOME, HomeOption, JsonOption, absolute, examples, existing_home, reply, say
from wheel_admin.draft import load_draft
from wheel_admin.importing.formulas import Table, as_workbook
from wheel_admin.ledger_report.event_summary import Account, Evening, Shorten, read_evening
from wheel_admin.ledger_report.ledger_view import LedgerView, read_ledger
from wheel_admin.ledger_report.lists import KnownNames
from wheel_admin.ledger_report.report_page import Papers, Software, account_row, place_row, report_page
from wheel_admin.ledger_report.verifier import VERIFIER, Verdict, verdict_on

EPILOG = examples(
    "wheel-admin report",
    "wheel-admin report -o evening.html --xlsx evening.xlsx",
    "wheel-admin report --redact short -o for-the-press.html",
)
Redact = Literal["short", "ticket"]
_REDACTED: dict[Redact | None, str] = {
    None: "",
    "short": "shortened for publication: the first name and an initial",
    "ticket": "left out for publication: tickets only",
}


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What was written, and what it says in short."""

    file: str
    xlsx: str | None
    event: str
    title: str
    state: str
    spins: int
    accounts: tuple[Account, ...]
    verdict: Verdict
    redacted: str


def report(
    *,
    event: Annotated[str, typer.Option(show_default=False, help="Its id. Default: the last on the wheel.")] = "",
    output: Annotated[
        Path | None, typer.Option("-o", "--output", show_default=False, help="Default: report-EVENT.html")
    ] = None,
    xlsx: Annotated[Path | None, typer.Option(show_default=False, help="Write a workbook as well.")] = None,
    redact: Annotated[
        Redact | None,
        typer.Option(show_default=False, help="For publication: first name and initial, or tickets."),
    ] = None,
    home: HomeOption = DEFAULT_HOME,
    as_json: JsonOption = False,
) -> None:
    """Write the report of an event: rules, import, every draw and what followed, winners, verdict, lines to sign."""
    place = existing_home(home)
    found = event_or_last(read_ledger(place), event)
    target = absolute(output or Path(f"report-{found[:8]}.html"))
    if xlsx is not None and xlsx.suffix.lower() != ".xlsx":
        raise UsageError(f"{xlsx} does not end in .xlsx.", remedy="Name it report.xlsx.")
    answer = write_report(place, found, target, xlsx=absolute(xlsx) if xlsx else None, redact=redact)
    if as_json:
        reply(answer)
        return
    say(f"wrote the report of {answer.title} to {answer.file}")
    if answer.xlsx:
        say(f"and as a workbook to {answer.xlsx}")
    say(f"The verifier says: {answer.verdict.sentence}")


def event_or_last(ledger: LedgerView, wanted: str) -> str:
    """Return the id of the event that was named, or of the last one on the wheel.

    Raises:
        RefusedError: nothing was on the wheel yet.
    """
    current = ledger.history.current
    if wanted or current is not None:
        return wanted or (current.event if current else "")
    raise RefusedError("The kiosk has shown no list yet.", remedy="Publish, and let the kiosk draw first.")


def write_report(home: Home, event: str, target: Path, *, xlsx: Path | None, redact: Redact | None) -> Answer:
    """Write the report of an event, and its workbook if one is wanted.

    Raises:
        RefusedError: the ledger does not know the event.
        HomeError: something cannot be read or written.
    """
    try:
        ledger = read_file(home.ledger, limit=MAX_LEDGER_BYTES)
    except OSError as error:
        raise HomeError(f"Cannot read the ledger {home.ledger}: {error.strerror or error}.") from error
    evening = read_evening(ledger, event, KnownNames(home), shorten_for(redact))
    draft = load_draft(home)
    papers = Papers(
        verdict=verdict_on(home),
        source=draft.source if draft.event.id == event and redact is None else None,
        software=_software(),
        made_at=rfc3339(SystemClock().utc_now()),
        redacted=_REDACTED[redact],
    )
    write_atomic(target, report_page(evening, papers).encode(), mode=SHARED)
    if xlsx is not None:
        write_atomic(xlsx, _workbook(evening, papers), mode=SHARED)
    return Answer(
        file=str(target),
        xlsx=str(xlsx) if xlsx else None,
        event=event,
        title=evening.title,
        state=evening.state,
        spins=len(evening.presses),
        accounts=evening.accounts,
        verdict=papers.verdict,
        redacted=papers.redacted,
    )


def shorten_for(redact: Redact | None) -> Shorten:
    """Return how a person's name is shortened."""
    match redact:
        case None:
            return lambda name: name
        case "short":
            return shortened
        case "ticket":
            return lambda _: ""


def _software() -> Software:
    found = hashlib.sha256()
    for module in (kiosk, wheel_admin):
        root = Path(module.__file__ or "").parent
        for path in sorted(root.rglob("*.py")):
            found.update(f"{root.name}/{path.relative_to(root).as_posix()}\0".encode())
            found.update(hashlib.sha256(path.read_bytes()).digest())
    return Software(version("wheel-kiosk"), found.hexdigest(), hashlib.sha256(VERIFIER.read_bytes()).hexdigest())


def _workbook(evening: Evening, papers: Papers) -> bytes:
    verdict = papers.verdict
    summary = [
        ("Event", evening.event),
        ("Title", evening.title),
        ("State", evening.state),
        ("Last list (S)", evening.s),
        ("Verdict", verdict.sentence),
        ("Level", verdict.level),
        *(("Why not SIGNED", reason) for reason in verdict.reasons),
        *(("Notice", notice) for notice in verdict.notices),
        *verdict.listed,
        ("Software", f"wheel-kiosk {papers.software.version}, SHA-256 {papers.software.sources}"),
        ("Report made (UTC)", papers.made_at),
    ]
    places = ("Prize", "Place", "Ticket", "Name", "State", "Spin")
    accounts = ("Prize", "Places", "Held", "Confirmed", "Collected", "Open", "Spent", "Adds up")
    presses = ("Record", "Time (UTC)", "Spin", "Prize", "Places", "Again", "Pool", "Chances", "Winners", "Level")
    drawn = [
        (
            press.seq,
            press.at,
            press.spin,
            press.title,
            ", ".join(map(str, press.places)),
            ", ".join(map(str, press.again)),
            "" if press.pool is None else press.pool,
            press.weight,
            ", ".join(press.winners),
            press.level,
        )
        for press in evening.presses
    ]
    happened = [(one.seq, one.at, one.text) for one in evening.happenings]
    return as_workbook(
        Table("Summary", ("What", "Value"), summary, {"A": 20, "B": 90}),
        Table("Winners", places, [place_row(place) for place in evening.places], {"A": 28, "D": 36}),
        Table("Places", accounts, [account_row(account) for account in evening.accounts], {"A": 28}),
        Table("Draws", presses, drawn, {"B": 26, "D": 20, "I": 60, "J": 40}),
        Table("Happened", ("Record", "Time (UTC)", "What"), happened, {"B": 26, "C": 120}),
    )
