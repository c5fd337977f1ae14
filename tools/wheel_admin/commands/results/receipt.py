"""`wheel-admin receipt TICKET`: what one participant needs to prove that they are in."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from kiosk.core import canonical
from kiosk.core.durable import SHARED, write_atomic
from kiosk.core.errors import RefusedError
from wheel_admin.cli.options import (
    DEFAULT_HOME,
    HomeOption,
    JsonOption,
    absolute,
    examples,
    existing_home,
    reply,
    say,
    write,
)
from wheel_admin.ledger_report.ledger_view import read_ledger
from wheel_admin.publishing.manifest import receipt_for, receipt_secret
from wheel_admin.publishing.publication import look, verified

EPILOG = examples(
    "wheel-admin receipt E0042 -o receipt-E0042.json",
    "python3 verify_receipt.py receipt-E0042.json public-000042.json --organiser KEYID --key organiser.pem",
)


def receipt(
    ticket: Annotated[str, typer.Argument(show_default=False, help="The participant's ticket.")],
    *,
    generation: Annotated[int | None, typer.Option(min=1, show_default=False, help="Default: the newest list.")] = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", show_default=False, help="File for the receipt. Default: print it.")
    ] = None,
    home: HomeOption = DEFAULT_HOME,
    as_json: JsonOption = False,
) -> None:
    """Make the receipt of one participant: it proves that their entry is in the public manifest.

    Give it to that participant only: its code tells which entry of the manifest is theirs. They check it with
    verify_receipt.py and the manifest that `wheel-admin publish --public` wrote before the draw.
    """
    place = existing_home(home)
    shelf = look(place, read_ledger(place))
    found = shelf.newest if generation is None else verified(place, generation, shelf.keys)
    if found is None:
        raise RefusedError("Nothing is published yet.", remedy="wheel-admin publish --public DIR")
    made = receipt_for(found.snapshot, found.s, ticket, receipt_secret(place, make=False))
    if output is None:
        write(canonical.encode(made).decode() + ("\n" if as_json or sys.stdout.isatty() else ""))
        return
    write_atomic(absolute(output), canonical.encode(made), mode=SHARED)
    if as_json:
        reply(made)
    else:
        say(f"wrote the receipt of {ticket}, entry {made.index + 1} of {made.entries} in {found.s[:8]}, to {output}")
