"""`wheel-admin prizes import`, and the sheet `Prizes` of a workbook of people: prizes from a spreadsheet.

Invariant: all or nothing. A row that cannot be used refuses the whole plan: a prize that is silently left out would be
missed on stage.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from kiosk.core.errors import InputError, RefusedError, UsageError
from kiosk.core.home import Home
from kiosk.snapshot.model import Prize
from wheel_admin.cli.options import (
    DEFAULT_HOME,
    DryRunOption,
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
from wheel_admin.cli.reading import reader_of
from wheel_admin.commands.draft.prizes import Answer as Prizes
from wheel_admin.commands.draft.prizes import answer_of, say_changed
from wheel_admin.draft import edit_draft
from wheel_admin.importing.plan.prize_sheet import Plan, has_header, prize_sheets, read_prizes
from wheel_admin.importing.reader_client import load
from wheel_admin.importing.rows.receipt import Receipt
from wheel_admin.importing.settings import quoted
from wheel_admin.importing.tables import Sheet, shown
from wheel_admin.participants import SourceFile
from wheel_admin.publishing.pictures import keep_picture

EPILOG = examples(
    "wheel-admin prizes import prizes.xlsx",
    'wheel-admin prizes import evening.xlsx --sheet "Main stage" --replace',
    "wheel-admin prizes import prizes.csv --dry-run",
)


class Answer(msgspec.Struct, frozen=True):
    """The import's receipt, and the draft's prizes after it."""

    dry_run: bool
    receipt: Receipt
    draft: Prizes


def import_prizes(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(show_default=False, help="An .xlsx or .csv file.")],
    *,
    sheet: Annotated[str, typer.Option(help="The sheet to read. Default: Prizes, or the only one.")] = "",
    replace: Annotated[bool, typer.Option("--replace", help="Replace the draft's prizes.")] = False,
    dry_run: DryRunOption = False,
    home: HomeOption = DEFAULT_HOME,
    as_json: JsonOption = False,
) -> None:
    """Read the prizes from Excel or CSV: order, prize, quantity, reserves, per press, groups, picture, sponsor.

    Only the prize's title is needed; headers may be in any of many languages. A prize with the same title keeps its id.
    A picture is the name of a file beside the spreadsheet. Every row must be right, or nothing is imported.
    """
    place, path = existing_home(home), absolute(file)
    with reader_of(context) as reader, edit_draft(place, wait_ms=lock_wait_ms()) as editing:
        before = editing.draft
        if before.prizes and not replace:
            raise UsageError(
                f"The draft has {counted(len(before.prizes), 'prize')} already. Nothing was imported.",
                remedy="Say --replace: a prize with the same title keeps its id, and what is drawn stays drawn.",
            )
        loaded = load(path)
        sheets = reader.read(loaded, sheets=(sheet,) if sheet else ())
        chosen = _chosen(loaded.name, sheets, named=bool(sheet))
        plan = read_prizes(SourceFile(loaded.name, loaded.sha256, 0), chosen, known=before.prizes)
        prizes = prizes_of(place, plan, beside=path.parent, dry_run=dry_run)
        changed = msgspec.structs.replace(before, prizes=prizes)
        if not dry_run:
            editing.draft = changed
    answer = Answer(dry_run, plan.receipt, answer_of(place, changed, f"imported {shown(loaded.name)}"))
    if as_json:
        reply(answer)
        return
    say_receipt(plan.receipt)
    if dry_run:
        say("Nothing was changed (--dry-run).")
    else:
        say_changed(answer.draft)


def prizes_of(home: Home, plan: Plan, *, beside: Path, dry_run: bool) -> tuple[Prize, ...]:
    """Return the prizes of a plan, with their pictures put beside the lists.

    Args:
        home: where.
        plan: of which every row must have been accepted.
        beside: the directory of the spreadsheet, in which its pictures are.
        dry_run: keep no picture.

    Raises:
        RefusedError: a row was rejected, or there is none.
        InputError: a picture cannot be used.
    """
    receipt = plan.receipt
    if receipt.rejected:
        raise RefusedError(
            f"{len(receipt.rejected)} of {receipt.read} rows of prizes cannot be used. Nothing was imported.",
            problems=tuple(map(str, receipt.rejected)),
            remedy="Fix these rows, and import the file again.",
        )
    if not plan.planned:
        raise RefusedError("There is no prize below the header. Nothing was imported.", remedy="Check the file.")
    found: list[Prize] = []
    for one in plan.planned:
        picture = ""
        if one.picture and not dry_run:
            try:
                picture = keep_picture(home, beside / one.picture)
            except InputError as error:
                raise InputError(
                    f"{one.where}: {error.message} Nothing was imported.",
                    remedy=f"{error.remedy} Pictures are looked for beside the spreadsheet, in {beside}.",
                ) from error
        found.append(msgspec.structs.replace(one.prize, picture=picture))
    return tuple(found)


def say_receipt(receipt: Receipt) -> None:
    """Write the account of the rows of prizes."""
    for note in receipt.notes:
        say(note)
    rejected = len(receipt.rejected)
    say(f"{counted(receipt.read, 'row')} of prizes read = {receipt.accepted} accepted + {rejected} rejected.")


def _chosen(file: str, sheets: Sequence[Sheet], *, named: bool) -> Sheet:
    visible = [sheet for sheet in sheets if not sheet.hidden and sheet.rows]
    called = visible if named else prize_sheets(visible) or [sheet for sheet in visible if has_header(sheet)]
    found = called or visible[:1]
    if not found:
        raise InputError(f"{file} is empty: no visible sheet has rows.", remedy="Check that this is the right file.")
    if len(found) > 1:
        names = ", ".join(repr(sheet.name) for sheet in found)
        commands = "\n".join(f"  wheel-admin prizes import {quoted(file)} --sheet {quoted(one.name)}" for one in found)
        raise InputError(
            f"{file} has {len(found)} sheets that could hold the prizes: {names}. Nothing was imported.",
            remedy=f"Say which:\n{commands}",
        )
    return found[0]
