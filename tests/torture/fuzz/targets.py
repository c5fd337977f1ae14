"""What is fuzzed: every parser of bytes from outside, with good inputs and a check of what it accepts."""

import contextlib
import io
import json
import re
import zipfile
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import msgspec

from demo.workbook import write_workbook
from kiosk.core.errors import RefusedError
from kiosk.ledger.reader import fold, read_records
from kiosk.snapshot import model
from kiosk.snapshot import names as names_file
from kiosk.snapshot import requests as message
from kiosk.snapshot.envelope import seal, verify
from kiosk.snapshot.model import FORMAT
from tests.torture.fuzz.checks import check_chain, check_list, check_text, must
from tests.torture.fuzz.engine import Target
from tests.torture.fuzz.file_targets import Files
from tests.torture.fuzz.mutation import Mutator
from tests.torture.fuzz.samples import AT, KEY, NAMES, SIGNED, TRUSTED, S, chained, ledger, messages, names, snapshots
from wheel_admin.draft import Draft
from wheel_admin.draft import encode as encode_draft
from wheel_admin.importing.reader_client import Reader
from wheel_admin.importing.readers.text_file import read_text_file
from wheel_admin.participants import Entry


def read_envelope(data: bytes) -> None:
    """Verify and parse a snapshot's file: only what was signed may pass."""
    opened = verify(data, payload_types=(FORMAT,), keys=TRUSTED)
    must(opened.payload in SIGNED, "a payload that nobody signed")
    must(opened.s == sha256(opened.payload).hexdigest(), "S")
    check_list(json.loads(opened.payload))
    model.decode(opened.payload)


def read_payload(data: bytes) -> None:
    """Parse a payload that the organiser's key did sign."""
    snapshot = model.decode(data)
    check_list(json.loads(data))
    must(model.decode(model.encode(snapshot)) == snapshot, "does not survive being written")


def read_request(data: bytes) -> None:
    """Parse the payload of a message, under the type that it says it has."""
    try:
        kind = str(json.loads(data)["format"])
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise RefusedError("no message") from error
    found = message.decode(data, payload_type=kind)
    must(message.encode(found) == data, "does not survive being written")
    must(re.fullmatch("[0-9a-f]{16}", found.event) is not None, "event")
    match found:
        case message.EntropyMessage():
            for digest in (found.snapshot, found.anchor, found.kiosk):
                must(re.fullmatch("[0-9a-f]{64}", digest) is not None, "digest")
            check_text(found.text, message.MAX_TEXT)
        case message.WithdrawMessage():
            check_text(found.ticket, 40, ticket=True)
            check_text(found.reason, 300)
        case message.ClaimMessage():
            check_text(found.ticket, 40, ticket=True)
            must(found.place >= 1, "place")
            must(re.fullmatch("[a-z0-9-]{0,40}", found.prize) is not None, "prize")


def read_names_file(data: bytes) -> None:
    """Read the names file of a list: only the one that the list names by its digest is taken."""
    found = names_file.decode(data, snapshot=snapshots()[0])
    must(data == names() and found == dict(NAMES), "a names file that the list does not name")


def read_chain(data: bytes) -> None:
    """Read a ledger's bytes and add them up."""
    fold(read_records(data))
    check_chain(data)


def mutate_ledger(mutator: Mutator, data: bytes) -> bytes:
    """Change a record and chain all of them again, as an attacker would."""
    try:
        bodies = [json.loads(line) for line in data.split(b"\n") if line]
        changed = mutator.value_like(bodies)
        return chained([body for body in changed if isinstance(body, dict)])
    except (ValueError, TypeError, RecursionError, AttributeError):
        return mutator.bytes_like(data, (data,))


def mutate_line(mutator: Mutator, data: bytes) -> bytes:
    """Change the JSON of the last line."""
    before, _, last = data.rstrip(b"\n").rpartition(b"\n")
    return before + b"\n" * bool(before) + mutator.json_like(last) + b"\n"


def mutate_archive(mutator: Mutator, data: bytes) -> bytes:
    """Change the content of one part of a zip archive."""
    changed = io.BytesIO()
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive, zipfile.ZipFile(changed, "w") as copy:
            parts = [(name, archive.read(name)) for name in archive.namelist()]
            place = mutator.place(len(parts))
            for number, (name, content) in enumerate(parts):
                new = mutator.bytes_like(content, (content,)) if number == place else content
                copy.writestr(zipfile.ZipInfo(name), new)
    except Exception:
        return mutator.bytes_like(data, (data,))
    return changed.getvalue()


def read_csv(data: bytes) -> None:
    """Read a CSV file into a table."""
    sheet = read_text_file("fuzz.csv", data, progress=lambda _rows: None)
    must(len(sheet.rows) <= 20_000, "rows")
    must(all(cell.text for row in sheet.rows for cell in row.cells[-1:]), "a row that ends in nothing")


def _as_json(mutator: Mutator, data: bytes) -> bytes:
    return mutator.json_like(data)


@contextlib.contextmanager
def targets(directory: Path) -> Iterator[dict[str, Target]]:
    """Yield every target by its name; those that need files use `directory`."""
    with Reader() as reader:
        found = _targets(directory, reader)
        yield {target.name: target for target in found}


def _targets(directory: Path, reader: Reader) -> tuple[Target, ...]:
    files = Files(directory, reader)
    write_workbook(directory / "people.xlsx", rows=4)
    people = (directory / "people.xlsx").read_bytes()
    envelopes = tuple(seal(payload, payload_type=FORMAT, key=KEY) for payload in sorted(SIGNED))
    assets = Path(__file__).resolve().parents[3] / "assets" / "themes"
    themes = tuple(path.read_bytes() for path in sorted(assets.glob("*.toml")))
    settings = (b'theme = "night"\nrotate = 90\nsounds = true\ncaption = false\n', b"")
    entries = tuple(Entry(ticket, name) for ticket, name in NAMES)
    third = snapshots()[2]
    draft = encode_draft(Draft(event=third.event, entries=entries, rules=third.rules, spins=third.spins))
    status = msgspec.json.encode(
        {"state": "idle", "generation": 1, "snapshot": S, "title": "Fair", "entries": 5, "left": 5, "spin": 0}
        | {"seq": 1, "head": S, "notices": [], "at": AT}
    )
    csv = (
        "Ticket;Name\r\n0042;Zoë\r\n".encode("utf-8-sig"),
        b'sep=,\nTicket,Name\n1,"A\nb"\n',
        "T\tN\n1\tö".encode("utf-16"),
    )
    return (
        Target("snapshot file", envelopes, read_envelope, _as_json, share=3),
        Target("signed list", tuple(sorted(SIGNED)), read_payload, _as_json, share=5),
        Target("request", tuple(payload for _, payload in messages()), read_request, _as_json, share=4),
        Target("names file", (names(),), read_names_file, _as_json, share=1),
        Target("ledger", (ledger(), b""), read_chain, mutate_ledger, share=3),
        Target("ledger file", (ledger(), b""), files.ledger_file, mutate_ledger, share=0.5),
        Target("checkpoints", files.signed_heads(), files.checkpoints, mutate_line, share=0.5),
        Target("secret", (bytes(32).hex().encode() + b"\n",), files.secret, share=0.02),
        Target("settings", settings, files.settings, share=1),
        Target("theme", themes, files.theme, share=0.5),
        Target("draft", (draft,), files.draft, _as_json, share=1),
        Target("status", (status,), files.status, _as_json, share=0.5),
        Target("receipt", files.receipts, files.receipt, _as_json, share=0.2),
        Target("manifest", files.manifests(), files.manifest, _as_json, share=0.2),
        Target("csv", csv, read_csv, share=1),
        Target("workbook", (people,), files.workbook, mutate_archive, share=0.05),
    )
