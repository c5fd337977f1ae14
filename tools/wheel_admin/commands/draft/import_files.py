"""`wheel-admin import`: participants from spreadsheets into the draft, with a receipt that balances.

Invariant: all or nothing. Until every file is read and judged the draft is not touched, and a refused file refuses the
call.
"""

import contextlib
import os
import sys
from collections.abc import Iterator, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from kiosk.core.errors import UsageError
from kiosk.core.home import Home
from wheel_admin.cli import asked
from wheel_admin.cli.options import (
    DEFAULT_HOME,
    DryRunOption,
    HomeOption,
    JsonOption,
    YesOption,
    counted,
    examples,
    existing_home,
    lock_wait_ms,
    reply,
    say,
)
from wheel_admin.cli.reading import reader_of
from wheel_admin.cli.wording import entry_in_words
from wheel_admin.commands.draft.entries import warn_of_refusal
from wheel_admin.commands.draft.rejected_rows import check_rejects, write_rejects
from wheel_admin.draft import Draft, edit_draft
from wheel_admin.importing.file_import import Ask, FileImport
from wheel_admin.importing.reader_client import PASTED, Progress, Reader
from wheel_admin.importing.rows.receipt import Receipt, refuse_if_nothing_accepted, refuse_if_rejected
from wheel_admin.importing.settings import HiddenRows, Settings, Wish
from wheel_admin.ledger_report.ledger_view import read_ledger
from wheel_admin.participants import Entry, Source
from wheel_admin.publishing.publication import look

if TYPE_CHECKING:
    from wheel_admin.importing.rows.intake import Intake

EPILOG = examples(
    "wheel-admin import people.xlsx",
    "wheel-admin import friday.xlsx saturday.csv --replace --rejects rejected.csv",
    'wheel-admin import members.xlsx --sheet "2026" --ticket-column B --name-column "Full name" --append',
    'wheel-admin import members.xlsx --name-column "Given" --name-column "Family" --dry-run',
    "wheel-admin import -   (and paste the list)",
)
PROGRESS_FROM_BYTES = 1_000_000
"""Smaller files are read before anybody could read a progress bar."""
_END_OF_TEXT = "Ctrl+Z and Enter" if os.name == "nt" else "Ctrl+D"
SHOWN_PEOPLE = 3
"""People whose entries the receipt shows as they were read."""
LISTED_REJECTIONS = 25
"""Rejected rows that the receipt on the screen names; --rejects and --json have them all."""


class Mode(StrEnum):
    """What becomes of the entries that the draft has."""

    REPLACE = "replace"
    APPEND = "append"


class Answer(msgspec.Struct, frozen=True):
    """What the import did.

    Attributes:
        entries: how many the draft has after it, and
        prizes: how many prizes.
        receipt: of the people, and
        first: of them, as read.
        prizes_receipt: of the sheet of prizes, if there was one.
    """

    mode: Mode
    dry_run: bool
    entries: int
    receipt: Receipt
    first: tuple[Entry, ...] = ()
    prizes: int = 0
    prizes_receipt: Receipt | None = None


def import_files(
    context: typer.Context,
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE", show_default=False, help="Workbooks or text files; - for pasted text."),
    ],
    *,
    sheet: Annotated[list[str], typer.Option(help="Read only this sheet (may be repeated).", show_default=False)] = [],  # noqa: B006 - typer copies it
    ticket_column: Annotated[str, typer.Option(help="Header or letter of the ticket column.")] = "",
    name_column: Annotated[
        list[str],
        typer.Option(help="Header or letter of the name; twice for given and family name.", show_default=False),
    ] = [],  # noqa: B006 - typer copies it
    weight_column: Annotated[str, typer.Option(help="Header or letter of the number of chances.")] = "",
    group_column: Annotated[str, typer.Option(help="Header or letter of the group, for prizes; - for none.")] = "",
    household_column: Annotated[
        str, typer.Option(help="Header or letter of the household: equal values are one; - for none.")
    ] = "",
    header_row: Annotated[
        int | None, typer.Option(min=0, help="Row number of the header; 0 if there is none.", show_default=False)
    ] = None,
    give_numbers: Annotated[
        bool, typer.Option("--give-numbers", help="Give numbers in file order, whatever columns there are.")
    ] = False,
    one_chance_each: Annotated[
        bool, typer.Option("--one-chance-each", help="No column holds numbers of chances.")
    ] = False,
    split_tickets: Annotated[
        bool, typer.Option("--split-tickets", help="A cell may hold several tickets: 101, 102 or 104-108.")
    ] = False,
    hidden_rows: Annotated[
        HiddenRows | None, typer.Option(help="What becomes of rows that are hidden.", show_default=False)
    ] = None,
    all_sheets: Annotated[bool, typer.Option("--all-sheets", help="Read every visible sheet.")] = False,
    encoding: Annotated[str, typer.Option(help="How a text file is encoded, for example cp1251.")] = "",
    no_prizes: Annotated[bool, typer.Option("--no-prizes", help="Leave a sheet of prizes alone.")] = False,
    yes: YesOption = False,
    replace: Annotated[bool, typer.Option("--replace", help="Replace the draft's entries.")] = False,
    append: Annotated[bool, typer.Option("--append", help="Add to the draft's entries.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Import nothing if any row is rejected.")] = False,
    rejects: Annotated[
        Path | None, typer.Option(metavar="FILE.csv", help="Write the rejected rows there.", show_default=False)
    ] = None,
    dry_run: DryRunOption = False,
    home: HomeOption = DEFAULT_HOME,
    as_json: JsonOption = False,
) -> None:
    """Read participants from Excel, OpenDocument or text files into the draft, or from text pasted at `-`.

    The columns for ticket, name, chances, group and household are found by their headers and their content; a list
    without tickets gets numbers in file order. Equal values in the household column become numbers of our own. Every
    row is accepted, or rejected with a reason. What is not clear is asked on a terminal, and otherwise refused with the
    command that would do it. An empty draft is filled; otherwise say --replace or --append. A sheet called Prizes is
    read as wheel-admin prizes import reads it, unless entries are appended or sheets are named.
    """
    if replace and append:
        raise UsageError("--replace and --append exclude each other.", remedy="Give one of them.")
    if rejects is not None:
        check_rejects(rejects, files)
    wish = Wish(
        ticket=ticket_column,
        names=tuple(name_column),
        weight=weight_column,
        group=group_column,
        household=household_column,
        header_row=header_row,
        give_numbers=give_numbers,
        one_chance_each=one_chance_each,
    )
    settings = Settings(wish, tuple(sheet), all_sheets, hidden_rows, split_tickets, encoding)
    job = ImportJob(tuple(files), settings, replace, append, strict, rejects, no_prizes)
    ask = None if as_json or yes or not asked.can_ask() else asked.ask
    with reader_of(context) as reader:
        answer = import_into(existing_home(home), job, reader, ask=ask, dry_run=dry_run)
    if as_json:
        reply(answer)
        return
    say_imported(answer, rejects)
    if dry_run:
        say("Nothing else was changed (--dry-run)." if rejects is not None else "Nothing was changed (--dry-run).")
        return
    say("Next: wheel-admin show, then wheel-admin publish.")
    warn_of_refusal(existing_home(home))


class ImportJob(msgspec.Struct, frozen=True):
    """What to import: the files, how to read them, what becomes of the draft's entries and of rejected rows."""

    files: tuple[Path, ...]
    settings: Settings
    replace: bool = False
    append: bool = False
    strict: bool = False
    rejects: Path | None = None
    no_prizes: bool = False


def import_into(home: Home, job: ImportJob, reader: Reader, *, ask: Ask | None, dry_run: bool = False) -> Answer:
    """Read files into the draft of `home`.

    Raises:
        UsageError: the draft has entries, and the job does not say what becomes of them.
        InputError: a file cannot be used, or it is not clear how.
        RefusedError: no row was accepted, or one was not and the job is strict.
        BusyError, HomeError: as with every edit.
    """
    with edit_draft(home, wait_ms=lock_wait_ms()) as editing:
        mode = _mode(editing.draft, replace=job.replace, append=job.append)
        kept = editing.draft.entries if mode is Mode.APPEND else ()
        if PASTED in job.files and sys.stdin.isatty():
            say(f"Paste the list here, press Enter, then {_END_OF_TEXT}.")
        with _progress(job.files) as progress:
            importing = FileImport(reader, existing=kept, ask=ask)
            importing.add(job.files, _with_flags(job), progress=progress)
        intake = importing.intake
        receipt = intake.receipt(importing.warnings(published=_published_entries(home, editing.draft)))
        if job.rejects is not None:
            write_rejects(job.rejects, receipt.rejected)
        if job.strict:
            refuse_if_rejected(receipt)
        refuse_if_nothing_accepted(receipt)
        changed = _changed(editing.draft, intake, receipt, mode)
        plan = None if job.no_prizes or mode is Mode.APPEND else importing.plan(editing.draft.prizes)
        if plan is not None:
            from wheel_admin.commands.draft.prizes_import import prizes_of  # noqa: PLC0415 - few lists have prizes

            if editing.draft.prizes and not job.replace:
                raise UsageError(
                    f"The draft has {counted(len(editing.draft.prizes), 'prize')} already, and there is a sheet of"
                    " prizes. Nothing was imported.",
                    remedy="Say --replace to replace the prizes, or --no-prizes to keep them.",
                )
            prizes = prizes_of(home, plan, beside=importing.plan_directory, dry_run=dry_run)
            changed = msgspec.structs.replace(changed, prizes=prizes)
        if not dry_run:
            editing.draft = changed
    first = tuple(intake.entries[:SHOWN_PEOPLE])
    return Answer(
        mode=mode,
        dry_run=dry_run,
        entries=len(changed.entries),
        receipt=receipt,
        first=first,
        prizes=len(changed.prizes),
        prizes_receipt=plan.receipt if plan else None,
    )


def _published_entries(home: Home, draft: Draft) -> int:
    newest = look(home, read_ledger(home)).newest
    return len(newest.snapshot.entries) if newest and newest.snapshot.event.id == draft.event.id else 0


def _with_flags(job: ImportJob) -> Settings:
    flags = [flag for flag, given in (("--replace", job.replace), ("--append", job.append)) if given]
    path = str(job.files[0]) if len(job.files) == 1 else ""
    return msgspec.structs.replace(job.settings, path=path, flags=tuple(flags))


def _mode(draft: Draft, *, replace: bool, append: bool) -> Mode:
    if append:
        return Mode.APPEND
    if replace or not draft.entries:
        return Mode.REPLACE
    raise UsageError(
        f"The draft has {counted(len(draft.entries), 'entry', 'entries')} already. Nothing was imported.",
        remedy="Say --replace to drop them, or --append to keep them.",
    )


def _changed(draft: Draft, intake: "Intake", receipt: Receipt, mode: Mode) -> Draft:
    source = Source(files=receipt.files, accepted=receipt.accepted, rejected=len(receipt.rejected))
    if mode is Mode.REPLACE:
        return msgspec.structs.replace(draft, entries=tuple(intake.entries), source=source)
    before = draft.source
    return msgspec.structs.replace(
        draft,
        entries=draft.entries + tuple(intake.entries),
        source=Source(
            files=before.files + source.files,
            accepted=before.accepted + source.accepted,
            rejected=before.rejected + source.rejected,
        ),
    )


@contextlib.contextmanager
def _progress(files: Sequence[Path]) -> Iterator[Progress | None]:
    if not sys.stderr.isatty() or sum(_size(path) for path in files) < PROGRESS_FROM_BYTES:
        yield None
        return
    # Imported here: it takes longer than most imports.
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import BarColumn, TextColumn, TimeElapsedColumn  # noqa: PLC0415
    from rich.progress import Progress as Bar  # noqa: PLC0415

    columns = (TextColumn("Reading"), BarColumn(), TextColumn("{task.completed:.0f} rows"), TimeElapsedColumn())
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("rows", total=None)
        yield lambda rows: bar.advance(task, rows)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except (OSError, ValueError):  # `load` says what is wrong with it
        return 0


def say_imported(answer: Answer, rejects: Path | None = None) -> None:
    """Write the receipt for the organiser."""
    receipt = answer.receipt
    for note in receipt.notes:
        say(note)
    say(
        f"{counted(receipt.read, 'row')} read = {receipt.accepted} accepted + {len(receipt.rejected)} rejected"
        + (":" if receipt.rejected else ".")
    )
    for one in receipt.rejected[:LISTED_REJECTIONS]:
        say(f"  {one}")
    if len(receipt.rejected) > LISTED_REJECTIONS:
        say(f"  ... and {len(receipt.rejected) - LISTED_REJECTIONS} more; --rejects FILE.csv lists them all.")
    if rejects is not None:
        say(f"The rejected rows were written to {rejects}.")
    for index, entry in enumerate(answer.first):
        say(f"{'First people as read:' if index == 0 else '                     '} {entry_in_words(entry)}")
    for warning in receipt.warnings:
        say(f"Please check: {warning}")
    if answer.prizes_receipt:
        from wheel_admin.commands.draft.prizes_import import say_receipt  # noqa: PLC0415 - few lists have prizes

        say_receipt(answer.prizes_receipt)
    prizes = f" and {counted(answer.prizes, 'prize')}" if answer.prizes else ""
    verb = "would have" if answer.dry_run else "has"
    say(f"The draft {verb} {counted(answer.entries, 'entry', 'entries')}{prizes} now.")
