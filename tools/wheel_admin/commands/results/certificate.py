"""`wheel-admin certificate`: one place that was drawn, on a page that can be printed, and how to check it.

Invariant: it says what the ledger says; it judges nothing. What a page may hold: `wheel_admin.ledger_report.html_page`.
"""

import hashlib
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from kiosk.core.durable import SHARED, write_atomic
from kiosk.core.errors import HomeError, RefusedError
from kiosk.core.home import Home
from kiosk.core.regular_files import read_file
from kiosk.core.text_rules import clean
from kiosk.ledger.ledger import MAX_LEDGER_BYTES
from kiosk.snapshot.model import Names, Snapshot
from wheel_admin.cli.options import DEFAULT_HOME, HomeOption, JsonOption, absolute, examples, existing_home, reply, say
from wheel_admin.cli.wording import level_in_words
from wheel_admin.ledger_report.html_page import escaped, facts, page
from wheel_admin.ledger_report.ledger_view import Draw, LedgerView, find_draw, read_ledger
from wheel_admin.ledger_report.lists import KnownNames

EPILOG = examples("wheel-admin certificate", "wheel-admin certificate --spin 3 -o third-prize.html")


class Answer(msgspec.Struct, frozen=True):
    """What was written."""

    file: str
    event: str
    spin: int
    place: int
    ticket: str


def certificate(
    *,
    spin: Annotated[int | None, typer.Option(min=1, show_default=False, help="Default: the last one shown.")] = None,
    ticket: Annotated[str, typer.Option(show_default=False, help="Which winner, if the spin has several.")] = "",
    event: Annotated[str, typer.Option(show_default=False, help="Id of the event. Default: the last drawn.")] = "",
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", show_default=False, help="Default: certificate-EVENT-SPIN-PLACE.html"),
    ] = None,
    home: HomeOption = DEFAULT_HOME,
    as_json: JsonOption = False,
) -> None:
    """Write a printable page about one winner: how it was decided, and how to check that."""
    place = existing_home(home)
    ledger = read_ledger(place)
    draw = _draw(ledger, event, spin, clean(ticket))
    lists = KnownNames(place)
    target = output or Path(f"certificate-{draw.event[:8]}-{draw.spin}-{draw.place}.html")
    page = page_of(
        draw, lists.list_named(draw.snapshot), lists.names_of(draw.snapshot), record_hash=_record_hash(place, draw)
    )
    write_atomic(absolute(target), page.encode(), mode=SHARED)
    if as_json:
        reply(Answer(str(target), draw.event, draw.spin, draw.place, draw.ticket))
    else:
        say(f"wrote the certificate of spin {draw.spin}, ticket {draw.ticket}, to {target}")


def page_of(draw: Draw, snapshot: Snapshot | None, names: Names, *, record_hash: str) -> str:
    """Return the page as HTML.

    Args:
        draw: from the ledger.
        snapshot: the list that it was drawn from; None if it is lost.
        names: of that list; empty if they are erased or lost.
        record_hash: H of the draw's record.
    """
    entry = snapshot.by_ticket.get(draw.ticket) if snapshot else None
    title = snapshot.title if snapshot else "(the list is lost)"
    listed = f"{len(snapshot.entries)} entries, published {snapshot.created_at}" if snapshot else "(the list is lost)"
    said = [
        ("Decided", f"{draw.at} (UTC)"),
        ("Prize", _prize(draw, snapshot)),
        ("Spin", f"{draw.spin} of event {draw.event}"),
        ("How", _how(draw)),
        ("Reason", draw.reason),
        ("Instead of a fixed one", f"because the fixed ticket was {draw.fallback}" if draw.fallback else ""),
        ("Level", level_in_words(draw.entropy) if draw.mode == "natural" else ""),
        ("Public entropy", "; ".join(draw.entropy)),
        ("The place", _state(draw)),
        ("List", listed),
        ("Winner's chances", _chances(entry.weight, snapshot.weight) if snapshot and entry else ""),
    ]
    codes = facts((("List, S", draw.snapshot), (f"Record {draw.seq}, H", record_hash)), code=True)
    name = names.get(draw.ticket, "(the name is not kept here)")
    body = f"""<h1>{escaped(title)}</h1>
<p>Certificate of a prize draw</p>
<div class="winner">Ticket {escaped(draw.ticket)}<b dir="auto">{escaped(name)}</b></div>
<table>
{facts(said)}
{codes}
</table>
<h2>How to check it</h2>
<p>Ask the organiser for the published lists, the ledger with its checkpoints, and the public keys: the directories
<code>snapshots</code> and <code>kiosk</code>, without <code>kiosk/secrets</code>, <code>kiosk/secrets-2</code> and
<code>kiosk-key.pem</code>. These commands need none of the organiser's programs but verify_draw.py, one file that you
can read. Put the key ids of the kiosk and of the organiser into the last one. Take them from something that a forger
does not control: a photograph made before the draw, print, the organiser's own site. They are not on this page, because
a forger can print a page as well.</p>
<pre>{escaped(_commands(draw, record_hash))}</pre>
<p>The first must print S and the second H as above. The third must have the line that begins with
<code>{escaped(_verifiers_words(draw))}</code>, and end with SIGNED or WITNESSED. SIGNED means that the
holders of the keys that you named vouch for these lists and records. It does not say that no other ledger exists, or
that no draw was tried elsewhere. CONSISTENT means only that the files agree with each other, as anybody who has a copy
can make them.</p>"""
    return page(f"{title}: spin {draw.spin}", body)


def _commands(draw: Draw, record_hash: str) -> str:
    payload = "import base64,json,sys; sys.stdout.buffer.write(base64.b64decode(json.load(sys.stdin)['payload']))"
    return (
        f'python3 -I -c "{payload}" < snapshots/snapshot-{draw.generation:06d}.json | sha256sum\n'
        f"sed -n {draw.seq}p kiosk/ledger.jsonl | tr -d '\\n' | sha256sum\n"
        f"python3 verify_draw.py . --seen {record_hash} --kiosk KEYID --organiser KEYID"
    )


def _verifiers_words(draw: Draw) -> str:
    return f"record {draw.seq}: spin {draw.spin} of event {draw.event},{f' {draw.prize}' if draw.prize else ''} places"


def _chances(own: int, total: int) -> str:
    return f"{own} of the list's {total}; who could win this prize may have been fewer (verify_draw.py says how many)"


def _prize(draw: Draw, snapshot: Snapshot | None) -> str:
    prize = snapshot.by_prize.get(draw.prize) if snapshot else None
    return f"{prize.title if prize else draw.prize}, place {draw.place}" if draw.prize else ""


def _how(draw: Draw) -> str:
    return "predetermined by the organiser" if draw.mode == "fixed" else "drawn by the protocol wheel-draw/2"


def _state(draw: Draw) -> str:
    if draw.freed:
        return f"{draw.state}: it was freed again"
    moved = f"moved up to place {draw.place_now}" if draw.place_now != draw.place else ""
    return "; ".join(part for part in (moved, draw.state if draw.state != "held" else "") if part)


def _draw(ledger: LedgerView, event: str, spin: int | None, ticket: str) -> Draw:
    shown = [draw for draw in ledger.draws if draw.shown]
    wanted = event or (shown[-1].event if shown else "")
    found = find_draw([draw for draw in shown if draw.event == wanted], spin=spin, ticket=ticket)
    if not found:
        asked = f"spin {spin}" if spin else "spin"
        raise RefusedError(f"No {asked} was shown.", remedy="wheel-admin draws lists all.")
    if len(found) > 1:
        raise RefusedError(f"Spin {found[0].spin} has {len(found)} winners.", remedy="Say which with --ticket TICKET.")
    return found[0]


def _record_hash(home: Home, draw: Draw) -> str:
    try:
        line = read_file(home.ledger, limit=MAX_LEDGER_BYTES).split(b"\n")[draw.seq - 1]
    except (OSError, IndexError) as error:
        raise HomeError(f"Cannot read record {draw.seq} of {home.ledger}.") from error
    return hashlib.sha256(line).hexdigest()
