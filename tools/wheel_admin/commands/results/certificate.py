"""`wheel-admin certificate`: one draw on a page that can be printed, and how whoever holds it can check it.

Invariant: the page needs nothing from anywhere and runs nothing: no scripts, no outside resources, and a policy that
forbids both. Every text that people wrote is escaped. It says what the ledger says; it judges nothing.
"""

import hashlib
import html
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from kiosk.core.durable import SHARED, write_atomic
from kiosk.core.errors import HomeError, RefusedError
from kiosk.core.home import Home
from kiosk.core.regular_files import read_file
from kiosk.draw.protocol import NO_ENTROPY
from kiosk.ledger.ledger import MAX_LEDGER_BYTES
from kiosk.snapshot.model import Snapshot
from wheel_admin.cli.options import DEFAULT_HOME, HomeOption, JsonOption, absolute, examples, existing_home, reply, say
from wheel_admin.commands.results.draws import Names
from wheel_admin.ledger_report.ledger_view import Draw, read_ledger

EPILOG = examples("wheel-admin certificate", "wheel-admin certificate --spin 3 -o third-prize.html")

_LEVELS = {
    "sealed": "sealed: nothing but the kiosk's secret, committed to before the first spin",
    "witnessed": "witnessed: those in the room can vouch for the entropy",
    "public": "public: anybody can look the entropy up",
}
_STYLE = """
@page { size: A4; margin: 18mm }
body { font: 11pt/1.45 Georgia, 'Noto Serif', serif; color: #111; background: #fff; max-width: 42em; margin: 2em auto;
  padding: 0 1em; overflow-wrap: anywhere }
h1 { font-size: 20pt; margin: 0 0 .2em } h2 { font-size: 12pt; margin: 1.6em 0 .4em }
.winner { border: 2px solid #111; padding: .8em 1em; margin: 1.2em 0; text-align: center }
.winner b { display: block; font-size: 24pt; line-height: 1.2 }
table { border-collapse: collapse; width: 100%; table-layout: fixed }
th, td { text-align: left; vertical-align: top; padding: .25em 0 } th { width: 9.5em; font-weight: normal; color: #555 }
code, pre { font: 9pt/1.4 'DejaVu Sans Mono', monospace; white-space: pre-wrap }
pre { background: #f2f2f2; padding: .6em .8em }
"""


class Answer(msgspec.Struct, frozen=True):
    """What was written."""

    file: str
    generation: int
    spin: int
    ticket: str


def certificate(
    *,
    spin: Annotated[int | None, typer.Option(min=1, show_default=False, help="Default: the last one shown.")] = None,
    generation: Annotated[int | None, typer.Option(min=1, show_default=False, help="Default: the last drawn.")] = None,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", show_default=False, help="Default: certificate-GENERATION-SPIN.html"),
    ] = None,
    home: HomeOption = DEFAULT_HOME,
    as_json: JsonOption = False,
) -> None:
    """Write a printable page about one draw: who won, how it was decided, and how to check that."""
    place = existing_home(home)
    draw = _draw(place, generation, spin)
    snapshot = Names(place).list_named(draw.snapshot, draw.generation)
    target = output or Path(f"certificate-{draw.generation:06d}-{draw.spin}.html")
    page = page_of(draw, snapshot, record_hash=_record_hash(place, draw))
    write_atomic(absolute(target), page.encode(), mode=SHARED)
    if as_json:
        reply(Answer(str(target), draw.generation, draw.spin, draw.ticket))
    else:
        say(f"wrote the certificate of spin {draw.spin}, generation {draw.generation}, to {target}")


def page_of(draw: Draw, snapshot: Snapshot | None, *, record_hash: str) -> str:
    """Return the page as HTML.

    Args:
        draw: from the ledger.
        snapshot: the list that it was drawn from; None if it is lost.
        record_hash: H of the draw's record.
    """
    entry = next((one for one in snapshot.entries if one.ticket == draw.ticket), None) if snapshot else None
    title = snapshot.title if snapshot else "(the list is lost)"
    listed = f"{len(snapshot.entries)} entries, published {snapshot.created_at}" if snapshot else "(the list is lost)"
    facts = [
        ("Decided", f"{draw.at} (UTC)"),
        ("Spin", f"{draw.spin} of generation {draw.generation}"),
        ("How", _how(draw)),
        ("Reason", draw.reason),
        ("Instead of a set one", f"because {draw.fallback}" if draw.fallback else ""),
        ("Level", _LEVELS[draw.level] if draw.level else ""),
        ("Public entropy", "" if draw.entropy == NO_ENTROPY else draw.entropy),
        ("The winner was", "not in the room; the next spin redrew" if draw.absent else ""),
        ("List", listed),
        ("Winner's chances", str(entry.weight) if entry else ""),
    ]
    rows = "\n".join(f"<tr><th>{_e(name)}</th><td>{_e(value)}</td></tr>" for name, value in facts if value)
    codes = "\n".join(
        f"<tr><th>{_e(name)}</th><td><code>{_e(value)}</code></td></tr>"
        for name, value in (("List, S", draw.snapshot), (f"Record {draw.seq}, H", record_hash))
    )
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{_e(title)}: spin {draw.spin}</title>
<style>{_STYLE}</style>
</head>
<body>
<h1>{_e(title)}</h1>
<p>Certificate of a prize draw</p>
<div class="winner">Ticket {_e(draw.ticket)}<b dir="auto">{_e(entry.name if entry else "(the name is lost)")}</b></div>
<table>
{rows}
{codes}
</table>
<h2>How to check it</h2>
<p>Ask the organiser for the published list, the ledger with its checkpoints, and the public keys: the directories
<code>snapshots</code> and <code>kiosk</code>, without <code>kiosk/secrets</code> and <code>kiosk-key.pem</code>.
These commands need none of the organiser's programs but two short files that you can read, verify_draw.py and
verify_checkpoints.py.</p>
<pre>{_e(_commands(draw, record_hash))}</pre>
<p>The first must print S and the second H as above; the third must end with VERIFIED and have the line
<code>{_e(f"{draw.generation} {draw.spin} {draw.mode} {draw.ticket!a} ok")}</code>; the fourth must end with SIGNED.</p>
</body>
</html>
"""


def _commands(draw: Draw, record_hash: str) -> str:
    payload = "import base64,json,sys; sys.stdout.buffer.write(base64.b64decode(json.load(sys.stdin)['payload']))"
    return (
        f'python3 -c "{payload}" < snapshots/snapshot-{draw.generation:06d}.json | sha256sum\n'
        f"sed -n {draw.seq}p kiosk/ledger.jsonl | tr -d '\\n' | sha256sum\n"
        f"python3 verify_draw.py . --seen {record_hash}\n"
        "python3 verify_checkpoints.py ."
    )


def _how(draw: Draw) -> str:
    return "set beforehand by the organiser" if draw.mode == "fixed" else "drawn by the protocol wheel-draw/1"


def _e(text: str) -> str:
    return html.escape(text, quote=True)


def _draw(home: Home, generation: int | None, spin: int | None) -> Draw:
    draws = [draw for draw in read_ledger(home).draws if draw.shown and draw.mode != "demo"]
    if generation is None and draws:
        generation = draws[-1].generation
    found = [draw for draw in draws if draw.generation == generation and spin in {None, draw.spin}]
    if not found:
        asked = f"spin {spin} of generation {generation}" if spin and generation else "spin"
        raise RefusedError(f"No {asked} was shown.", remedy="wheel-admin draws lists all.")
    return found[-1]


def _record_hash(home: Home, draw: Draw) -> str:
    try:
        line = read_file(home.ledger, limit=MAX_LEDGER_BYTES).split(b"\n")[draw.seq - 1]
    except (OSError, IndexError) as error:
        raise HomeError(f"Cannot read record {draw.seq} of {home.ledger}.") from error
    return hashlib.sha256(line).hexdigest()
