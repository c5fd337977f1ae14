"""`status --from URL` and `verify --from URL`: every kiosk that writes to a source, seen from elsewhere.

Invariant: what a source holds is a copy that anybody with access could have written, so the verifier judges it with the
key ids that this organiser knows. A copy that contradicts what the kiosk says, or another copy, is CUT or FORK.
"""

import tempfile
from collections.abc import Callable
from pathlib import Path

import msgspec

from kiosk.core.clock import Clock
from kiosk.core.durable import make_directory, write_atomic
from kiosk.core.errors import RefusedError
from kiosk.core.home import Home
from kiosk.core.regular_files import read_file
from kiosk.fetcher.index_file import is_published_name
from kiosk.fetcher.transport.base import Transport
from kiosk.ledger.ledger import MAX_LEDGER_BYTES
from wheel_admin.cli.options import add_row, counted, reply, say, say_table, table_of
from wheel_admin.importing.tables import shown
from wheel_admin.ledger_report.kiosk_status import age_in_words
from wheel_admin.ledger_report.remote import FRESH_S, RemoteKiosk, age_s, contradictions, kiosks, last_spin
from wheel_admin.publishing.known_keys import kiosk_in
from wheel_admin.publishing.targets import normal_target, reach

_MOST_FILE_BYTES = 8 << 20


class KioskLine(msgspec.Struct, frozen=True, kw_only=True):
    """One kiosk at a source, in its own words; `age_s` is null if it does not say when it wrote them."""

    kiosk: str
    state: str
    generation: int | None
    last_spin: int
    age_s: int | None
    notices: tuple[str, ...]
    problems: tuple[str, ...]


class StatusAnswer(msgspec.Struct, frozen=True):
    """Every kiosk at a source."""

    source: str
    kiosks: tuple[KioskLine, ...]


class KioskVerdict(msgspec.Struct, frozen=True):
    """What shows that a kiosk's ledger was cut or forked, and the verifier's answer."""

    kiosk: str
    contradictions: tuple[str, ...]
    verifier: msgspec.Raw


class VerifyAnswer(msgspec.Struct, frozen=True):
    """The verdicts on every kiosk at a source."""

    source: str
    kiosks: tuple[KioskVerdict, ...]


def say_status_from(url: str, *, clock: Clock, as_json: bool) -> None:
    """Show every kiosk that writes to a source, one line each.

    Raises:
        SourceError: the source cannot be read.
    """
    source = normal_source(url)
    transport = reach(source, clock)
    try:
        lines = tuple(_line(kiosk, clock) for kiosk in kiosks(transport))
    finally:
        transport.close()
    if as_json:
        reply(StatusAnswer(source, lines))
        return
    if not lines:
        say(f"No kiosk has written to {source} yet. It does so every 30 s, once it fetches from there.")
        return
    table = table_of("Kiosk", "Shows", "Last spin", "Written", "Notices", right=("Last spin",), folded=("Notices",))
    for line in lines:
        shows = f"generation {line.generation}" if line.generation else "sample names"
        age = f"{age_in_words(max(0, line.age_s))} ago" if line.age_s is not None else "unknown"
        silent = " SILENT" if line.age_s is None or line.age_s > FRESH_S else ""
        notices = "; ".join(map(shown, (*line.problems, *line.notices)))
        add_row(table, line.kiosk, shows, line.last_spin or "-", f"{age}{silent}", notices)
    say_table(table)


def _line(kiosk: RemoteKiosk, clock: Clock) -> KioskLine:
    status = kiosk.status
    return KioskLine(
        kiosk=kiosk.folder,
        state=status.state if status else "unknown",
        generation=status.generation if status else None,
        last_spin=last_spin(kiosk.ledger),
        age_s=age_s(status, clock.utc_now()) if status else None,
        notices=status.notices if status else (),
        problems=tuple(contradictions(kiosk)),
    )


def normal_source(url: str) -> str:
    """Return a source as a URL or an absolute path.

    Raises:
        UsageError: it holds a password, or cannot be listed.
    """
    return normal_target(url)


def verify_from(
    home: Home, url: str, *, clock: Clock, as_json: bool, judge: Callable[[Path], tuple[int, bytes]]
) -> int:
    """Verify the ledger of every kiosk at a source; returns the worst exit code (1 before 2 before 3).

    Args:
        home: of this organiser: another copy of the ledger, if the kiosk is here; and its lists.
        url: of the source.
        clock: for time-outs.
        as_json: answer with one JSON object.
        judge: runs the stand-alone verifier on a copy of a kiosk's home; returns its exit code and its JSON, if any.

    Raises:
        SourceError: the source cannot be read.
        RefusedError: no kiosk has written there.
    """
    source = normal_source(url)
    transport = reach(source, clock)
    try:
        found = list(kiosks(transport))
        published = _published(transport) if found else {}
    finally:
        transport.close()
    if not found:
        raise RefusedError(f"No kiosk has written to {source}.", remedy="See wheel-admin status --from URL.")
    worst, answers = 0, []
    for kiosk in found:
        here = _read(home.ledger) if kiosk_in(home).startswith(kiosk.folder) else b""
        if not as_json:
            say(f"kiosk {kiosk.folder}, {counted(kiosk.ledger.count(10), 'record')} at {source}")
        with tempfile.TemporaryDirectory() as folder:
            _write_copy(Home(Path(folder)), kiosk, published, home)
            code, judged = judge(Path(folder))
        said = contradictions(kiosk, other=here)
        worst = min(filter(None, (worst, code, 1 if said else 0)), default=0)  # 1 is BROKEN, 2 unusable, 3 CONSISTENT
        answers.append(KioskVerdict(kiosk.folder, tuple(said), msgspec.Raw(judged)))
        for sentence in () if as_json else said:
            say(sentence)
    if as_json:
        reply(VerifyAnswer(source, tuple(answers)))
    return worst


def _published(transport: Transport) -> dict[str, bytes]:
    listed = transport.listing() or ()
    found = {}
    for file in listed:
        if is_published_name(file.name) and (fetched := transport.fetch(file.name, limit=_MOST_FILE_BYTES)):
            found[file.name] = fetched.data
    return found


def _write_copy(copy: Home, kiosk: RemoteKiosk, published: dict[str, bytes], home: Home) -> None:
    """Write a kiosk's records as a home that the verifier reads, with the lists of the source and of this home."""
    for directory in (copy.snapshots, copy.trusted):
        make_directory(directory)
    for path in home.trusted.glob("*.pem"):
        if data := _read(path):
            write_atomic(copy.trusted / path.name, data)
    for path, data in (
        (copy.ledger, kiosk.ledger),
        (copy.checkpoints, kiosk.checkpoints),
        *((copy.kiosk / name, data) for name, data in kiosk.keys.items()),
    ):
        write_atomic(path, data)
    for directory in (home.adopted, home.snapshots):
        names = [path.name for path in directory.glob("*.json")] if directory.is_dir() else []
        for name in filter(is_published_name, names):
            if data := _read(directory / name):
                write_atomic(copy.snapshots / name, data)
    for name, data in published.items():
        if not (copy.snapshots / name).exists():
            write_atomic(copy.snapshots / name, data)


def _read(path: Path) -> bytes:
    try:
        return read_file(path, limit=MAX_LEDGER_BYTES)
    except OSError:
        return b""
