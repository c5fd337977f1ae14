"""The report of an evening as one page that can be printed: for notary, auditor and press.

Invariant: it says what the ledger and the verifier say; it judges nothing. What a page may hold: see `html_page`.
"""

from collections.abc import Iterator

import msgspec

from kiosk.snapshot.model import Snapshot
from wheel_admin.cli.wording import entropy_in_words, rules_in_words
from wheel_admin.importing.rows.receipt import in_words
from wheel_admin.ledger_report.event_summary import Account, Evening, Place
from wheel_admin.ledger_report.html_page import escaped, facts, listing, page
from wheel_admin.ledger_report.verifier import Verdict
from wheel_admin.participants import Source

_WITNESSES = 3


class Software(msgspec.Struct, frozen=True):
    """Which program wrote a report: its version, and the SHA-256 of its source files and of the verifier."""

    version: str
    sources: str
    verifier: str


class Papers(msgspec.Struct, frozen=True):
    """What a report holds besides the evening.

    Attributes:
        verdict: the verifier's.
        source: the import receipt with the names of the files; None to tell only what the list says.
        software: the program.
        made_at: when the report was made, UTC.
        redacted: how names were shortened, in words; "" if they are in full.
    """

    verdict: Verdict
    source: Source | None
    software: Software
    made_at: str
    redacted: str


def report_page(evening: Evening, papers: Papers) -> str:
    """Return the page as HTML."""
    parts = [
        f"<h1>{escaped(evening.title)}</h1>\n<p>Report of a prize draw</p>",
        _summary(evening, papers),
        *_section("Rules", _rules(evening)),
        *_section("List and import", _list(evening, papers.source)),
        *_section("What became of the places", _accounts(evening)),
        *_section("Winners", _winners(evening)),
        *_section("Draws", _draws(evening)),
        *_section("What happened, in order", _happenings(evening)),
        *_section("The verifier's verdict", _verdict(papers.verdict)),
        *_section("How to check this", _check(evening)),
        *_section("Software", _software(papers.software)),
        *_section("Witnesses", _witnesses()),
    ]
    return page(f"{evening.title}: report", "\n".join(parts))


def account_row(account: Account) -> tuple[str, int, int, int, int, int, int, str]:
    """Return one line of the reconciliation."""
    numbers = (account.total, account.held, account.confirmed, account.collected, account.open, account.spent)
    return (account.title or "places", *numbers, "yes" if account.balances else "NO")


def place_row(place: Place) -> tuple[str | int, ...]:
    """Return one line of the winners."""
    what = f"{place.place} (reserve)" if place.reserve else str(place.place)
    return (place.title, what, place.ticket, place.person, place.state, place.spin)


def _section(title: str, body: str) -> Iterator[str]:
    yield f"<h2>{escaped(title)}</h2>"
    yield body


def _summary(evening: Evening, papers: Papers) -> str:
    drawn = sum(len(press.winners) for press in evening.presses)
    rows = [
        ("Event", f"{evening.event}, {evening.state}"),
        ("Draws", f"{len(evening.presses)} spins gave away {drawn} places"),
        ("Last list", f"generation {evening.generation}, snapshot digest {evening.s}"),
        ("Ledger", f"{evening.records} records" + _unreadable(evening.unreadable)),
        ("Verdict", papers.verdict.sentence),
        ("Level", papers.verdict.level),
        ("Names", papers.redacted),
        ("Report made", f"{papers.made_at} (UTC)"),
    ]
    return f"<table>{facts(rows)}</table>"


def _unreadable(count: int) -> str:
    return f"; {count} lines could not be read" if count else ""


def _rules(evening: Evening) -> str:
    if evening.rules is None:
        return "<p>The list is lost.</p>"
    sentences = rules_in_words(evening.rules, prizes=bool(evening.prizes))
    listed = evening.listed
    entropy = entropy_in_words(listed.entropy) if listed else ""
    items = "\n".join(f"<li>{escaped(sentence)}</li>" for sentence in [*sentences, f"Public entropy: {entropy}."])
    return f"<ul>\n{items}\n</ul>"


def _list(evening: Evening, source: Source | None) -> str:
    listed = evening.listed
    if listed is None:
        return "<p>The list is lost.</p>"
    rows = [
        ("Entries", f"{len(listed.entries)}, {listed.weight} chances in all"),
        ("Published", listed.created_at),
        ("Groups", _groups(listed)),
        ("Households", _households(listed)),
        ("Rows imported", _rows_of(listed)),
    ]
    rows += [
        (f"File {number}", f"{_file_name(source, file.sha256)}{file.rows} rows, SHA-256 {file.sha256}")
        for number, file in enumerate(listed.source.files, start=1)
    ]
    return f"<table>{facts(rows)}</table>"


def _rows_of(listed: Snapshot) -> str:
    accepted, rejected = listed.source.accepted, listed.source.rejected
    if not listed.source.files:
        return "none: the entries were typed in"
    return f"{accepted + rejected} read = {accepted} accepted + {rejected} rejected"


def _file_name(source: Source | None, sha256: str) -> str:
    found = next((file.name for file in source.files if file.sha256 == sha256), "") if source else ""
    return f"{found}, " if found else ""


def _groups(listed: Snapshot) -> str:
    counts: dict[str, int] = {}
    for entry in listed.entries:
        counts[entry.group] = counts.get(entry.group, 0) + 1
    if set(counts) == {""}:
        return ""
    return ", ".join(f"{group or '(none)'}: {count}" for group, count in sorted(counts.items()))


def _households(listed: Snapshot) -> str:
    found = {entry.household for entry in listed.entries if entry.household}
    return str(len(found)) if found else ""


def _accounts(evening: Evening) -> str:
    header = ("Prize", "Places", "Held", "Confirmed", "Collected", "Open", "Spent", "Adds up")
    note = (
        "<p>Places = held + confirmed + collected + open + spent. A reserve's place, once left or freed, is spent.</p>"
    )
    return listing(header, map(account_row, evening.accounts)) + note


def _winners(evening: Evening) -> str:
    header = ("Prize", "Place", "Ticket", "Name", "State", "Spin")
    note = "<p>Prizes and names are given as they were called when the place was drawn.</p>"
    return listing(header, map(place_row, evening.places)) + note


def _draws(evening: Evening) -> str:
    header = ("Record", "Time (UTC)", "Spin", "Prize", "Places", "Entries in the pool", "Chances", "Winners", "How")
    rows = []
    for press in evening.presses:
        places = in_words(press.places[: len(press.winners)])
        again = f" (again: {in_words(press.again)})" if press.again else ""
        how = "; ".join(part for part in (press.level, press.reason, press.fallback) if part)
        pool = "?" if press.pool is None else press.pool
        where = (press.seq, press.at[:19], press.spin, press.title, places + again)
        rows.append((*where, pool, press.weight, ", ".join(press.winners), how))
    return listing(header, rows)


def _happenings(evening: Evening) -> str:
    return listing(("Record", "Time (UTC)", "What"), ((one.seq, one.at[:19], one.text) for one in evening.happenings))


def _verdict(verdict: Verdict) -> str:
    reasons = [("Why not SIGNED", reason) for reason in verdict.reasons]
    rows = [("Verdict", verdict.sentence), ("Level", verdict.level), *reasons]
    rows += [("Notice", notice) for notice in verdict.notices]
    return f"""<table>{facts([*rows, *verdict.listed])}</table>
<p>Each adopt makes new secrets: it is a new draw of what was not drawn before. Ask the organiser why there are
several.</p>
<p>The verifier said this on the organiser's machine, with the key ids that the organiser had recorded. SIGNED means
that the holders of these keys vouch for the lists and the records. It does not say that no other ledger exists, or
that no draw was tried elsewhere. Check it yourself, with key ids that you have from somewhere else.</p>"""


def _check(evening: Evening) -> str:
    command = "python3 verify_draw.py COPY --kiosk KEYID --organiser KEYID"
    ids = [("Kiosk", keyid) for keyid in evening.kiosks] + [("Organiser", keyid) for keyid in evening.signers]
    return f"""<p>Ask the organiser for a copy of the directories <code>snapshots</code> and <code>kiosk</code>, without
<code>kiosk/secrets</code>, <code>kiosk/secrets-2</code>, <code>kiosk-key.pem</code> and without files called
<code>names-*.json</code>: the proof needs no names. <code>verify_draw.py</code> is one file that you can read, and
needs none of the organiser's programs. Type:</p>
<pre>{escaped(command)}</pre>
<p>Its last line must begin with SIGNED or WITNESSED. Take the key ids from something that a forger does not control: a
photograph made before the draw, print, the organiser's own site. To compare with what you have, the records name
these:</p>
<table>{facts(ids, code=True)}</table>"""


def _software(software: Software) -> str:
    rows = [
        ("Version", f"wheel-kiosk {software.version}"),
        ("Source files", f"SHA-256 {software.sources}"),
        ("verify_draw.py", f"SHA-256 {software.verifier}"),
    ]
    return f"<table>{facts(rows)}</table>"


def _witnesses() -> str:
    lines = "".join(f"<span>{name}</span>" for name in ("Name", "Role", "Place, date", "Signature"))
    sign = f'<div class="sign">{lines}</div>'
    return "<p>I was there, and what is listed above is what I saw.</p>\n" + "\n".join([sign] * _WITNESSES)
