"""`wheel-admin event close`: the end of an evening: verified, exported, closed, and its names erased here.

Invariant: names are erased only once the ledger says that the event is closed, and the exports are written. Every step
can be repeated: a command that was interrupted is simply given again. It never says more than "erased here".
"""

import time
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from kiosk.core.durable import SHARED, make_directory, write_atomic
from kiosk.core.errors import BusyError, RefusedError
from kiosk.core.home import Home
from kiosk.snapshot.requests import CloseMessage
from wheel_admin.cli.options import (
    DEFAULT_HOME,
    HomeOption,
    JsonOption,
    absolute,
    counted,
    examples,
    existing_home,
    lock_wait_ms,
    reply,
    say,
)
from wheel_admin.commands.results.draws import named_draws
from wheel_admin.commands.results.export import COLUMNS, WIDTHS, rows
from wheel_admin.commands.results.report import Redact, event_or_last, shorten_for, write_report
from wheel_admin.draft import admin_lock
from wheel_admin.importing.formulas import Table, as_workbook
from wheel_admin.ledger_report.ledger_view import read_ledger
from wheel_admin.ledger_report.lists import KnownNames
from wheel_admin.ledger_report.verifier import CONSISTENT_EXIT, Verdict, verdict_on
from wheel_admin.publishing.delivery import hand_over
from wheel_admin.publishing.erasure import Erased, Kept, erase, has_names, kept
from wheel_admin.publishing.known_keys import meet_kiosk
from wheel_admin.publishing.publication import look

EPILOG = examples(
    "wheel-admin event close",
    "wheel-admin event close -o ~/summer-draw --redact short",
    "wheel-admin event close --event 2d0e7c9a51b84f36",
)
_POLL_S = 0.2


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What was done.

    Attributes:
        exports: the files that were written; they hold names unless --redact says otherwise.
        erased: what was erased here, and
        kept: what stays, where and why.
        verdict: the verifier's, on the files that are left.
    """

    event: str
    exports: tuple[str, ...]
    erased: Erased
    kept: tuple[Kept, ...]
    verdict: Verdict


def close(
    *,
    event: Annotated[str, typer.Option(show_default=False, help="Its id. Default: the last on the wheel.")] = "",
    output: Annotated[
        Path | None, typer.Option("-o", "--output", show_default=False, help="For the exports. Default: evening-EVENT")
    ] = None,
    redact: Annotated[
        Redact | None, typer.Option(show_default=False, help="In the exports: first name and initial, or tickets.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Close although the verifier says only CONSISTENT.")] = False,
    wait: Annotated[int, typer.Option(min=0, help="How many seconds to wait for the kiosk.")] = 30,
    home: HomeOption = DEFAULT_HOME,
    as_json: JsonOption = False,
) -> None:
    """End an event for good: verify it, close it, export report and draws, and erase its names here.

    The kiosk has to run: it records the end, and deletes its own copies of the names. Lists, ledger and requests stay,
    with tickets only: the draw can be verified for ever.
    """
    place = existing_home(home)
    found = event_or_last(read_ledger(place), event)
    _refuse_unverified(verdict_on(place), force=force)
    _close(place, found, wait_s=wait)
    directory = absolute(output or Path(f"evening-{found[:8]}"))
    exports = _exports(place, found, directory, redact)
    with admin_lock(place, wait_ms=lock_wait_ms()):
        erased = erase(place, found)
        left = tuple(kept(place, found))
    named = () if redact == "ticket" else tuple(exports)
    if named:
        left = (Kept("report and draws", str(directory), "for handing out the prizes: delete them after that"), *left)
    answer = Answer(
        event=found,
        exports=tuple(exports),
        erased=erased,
        kept=left,
        verdict=verdict_on(place),
    )
    if as_json:
        reply(answer)
    else:
        _say(answer)
    raise typer.Exit(1 if answer.verdict.exit_code in {1, 2} else 0)


def _refuse_unverified(verdict: Verdict, *, force: bool) -> None:
    if verdict.exit_code == 0 or (verdict.exit_code == CONSISTENT_EXIT and force):
        return
    remedy = "Find out why first: wheel-admin verify. Names may be needed for that, so they stay."
    if verdict.exit_code == CONSISTENT_EXIT:
        remedy += " To close all the same: wheel-admin event close --force."
    raise RefusedError(
        f"The verifier says {verdict.sentence}. The event is not closed, and nothing is erased.",
        problems=verdict.reasons,
        remedy=remedy,
    )


def _close(home: Home, event: str, *, wait_s: int) -> None:
    """Hand over the signed end of the event, and wait until the ledger has it.

    Raises:
        RefusedError: the ledger does not know the event.
        BusyError: the kiosk did not record it in time.
    """
    with admin_lock(home, wait_ms=lock_wait_ms()):
        ledger = read_ledger(home)
        state = ledger.history.events.get(event)
        if state is None:
            raise RefusedError(
                f"The ledger does not know an event {event}.", remedy=f"It knows: {', '.join(ledger.history.events)}."
            )
        if state.closed:
            return
        meet_kiosk(home)
        path = hand_over(home, CloseMessage(event=event), look(home, ledger))
    give_up = time.monotonic() + wait_s
    while not read_ledger(home).history.events[event].closed:
        if time.monotonic() >= give_up:
            raise BusyError(
                f"The end of the event is handed over ({path.name}), and the kiosk has not recorded it yet.",
                remedy="Start the kiosk, or let its wheel come to rest; then give this command again. No name is"
                " erased before that.",
            )
        time.sleep(_POLL_S)


def _exports(home: Home, event: str, directory: Path, redact: Redact | None) -> list[str]:
    """Write report and draws; a second run, when no names are left, does not replace those of the first."""
    page, book, draws = (directory / name for name in ("report.html", "report.xlsx", "draws.xlsx"))
    written = [page, book, draws]
    if all(path.is_file() for path in written) and not has_names(home, event):
        return [str(path) for path in written]
    make_directory(directory)
    write_report(home, event, page, xlsx=book, redact=redact)
    ledger, names = read_ledger(home), KnownNames(home)
    of_event = [one for one in named_draws(ledger, names) if one.draw.event == event]
    withdrawals = [one for one in ledger.withdrawals if one.event == event]
    found = rows(of_event, withdrawals, names, shorten=shorten_for(redact))
    write_atomic(draws, as_workbook(Table("Draws", COLUMNS, found, WIDTHS)), mode=SHARED)
    return [str(path) for path in written]


def _say(answer: Answer) -> None:
    erased = answer.erased
    say(f"The event {answer.event} is closed.")
    for path in answer.exports:
        say(f"wrote {path}")
    files = counted(erased.names_files + erased.orphans, "names file")
    say(f"Erased here: {files}, {counted(erased.draft_entries, 'entry', 'entries')} of the draft.")
    say("Kept:")
    for one in answer.kept:
        say(f"  {one.what}: {one.where}: {one.why}")
    say(f"The verifier says of the files that are left: {answer.verdict.sentence}")
    for reason in answer.verdict.reasons:
        say(f"  {reason}")
