"""What is fuzzed: every parser of bytes from outside, with good inputs and a check of what it accepts."""

import contextlib
import io
import json
import re
import zipfile
from collections.abc import Iterator
from datetime import datetime
from hashlib import sha256
from pathlib import Path

import msgspec

from demo.workbook import write_workbook
from kiosk.ledger.history import History
from kiosk.ledger.ledger import read_records
from kiosk.snapshot import model
from kiosk.snapshot import requests as message
from kiosk.snapshot.envelope import seal, verify
from kiosk.snapshot.model import PAYLOAD_TYPE
from tests.torture.fuzz.checks import check_chain, check_list, check_text, must
from tests.torture.fuzz.engine import Target
from tests.torture.fuzz.file_targets import Files
from tests.torture.fuzz.mutation import Mutator
from tests.torture.fuzz.samples import AT, KEY, SIGNED, TRUSTED, S, chained, ledger, messages, snapshots
from wheel_admin.draft import Draft
from wheel_admin.draft import encode as encode_draft
from wheel_admin.importing.reader_client import Reader
from wheel_admin.importing.readers.text_file import read_text_file


def read_envelope(data: bytes) -> None:
    """Verify and parse a snapshot's file: only what was signed may pass."""
    opened = verify(data, payload_type=PAYLOAD_TYPE, keys=TRUSTED)
    must(opened.payload in SIGNED, "a payload that nobody signed")
    must(opened.s == sha256(opened.payload).hexdigest(), "S")
    check_list(json.loads(opened.payload))
    model.decode(opened.payload)


def read_payload(data: bytes) -> None:
    """Parse a payload that the organiser's key did sign."""
    snapshot = model.decode(data)
    check_list(json.loads(data))
    must(model.decode(model.encode(snapshot)) == snapshot, "does not survive being written")


def read_entropy(data: bytes) -> None:
    """Parse the payload of an entropy file."""
    found = message.decode_entropy(data)
    value = json.loads(data)
    must(type(value["generation"]) is int and value["generation"] >= 1, "generation")
    must(re.fullmatch("[0-9a-f]{64}", value["snapshot"]) is not None, "snapshot")
    must(found.entropy.isprintable() and len(found.entropy) <= 200, "entropy")
    must(re.match("(dice|audience|lottery|drand):.", found.entropy) is not None, "kind of entropy")
    must(datetime.fromisoformat(value["created_at"]).tzinfo is not None, "no zone")


def read_request(data: bytes) -> None:
    """Parse the payload of a request."""
    found = message.decode_request(data)
    value = json.loads(data)
    must(value["request"] in {"absent", "withdraw"}, "kind")
    must(re.fullmatch("[0-9a-f]{64}", value["snapshot"]) is not None, "snapshot")
    must(re.fullmatch("[0-9a-f]{16}", value["nonce"]) is not None, "nonce")
    if isinstance(found, message.WithdrawRequest):
        check_text(value["ticket"], 40, ticket=True)
        check_text(value["reason"], 300)
    else:
        must(type(value["spin"]) is int and value["spin"] >= 1, "spin")


def read_chain(data: bytes) -> None:
    """Read a ledger's bytes and add them up."""
    history = History()
    for record in read_records(data):
        history.apply(record.body, at=record.at)
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
    envelopes = tuple(seal(payload, payload_type=PAYLOAD_TYPE, key=KEY) for payload in sorted(SIGNED))
    entropy, requests = messages()
    assets = Path(__file__).resolve().parents[3] / "assets" / "themes"
    themes = tuple(path.read_bytes() for path in sorted(assets.glob("*.toml")))
    settings = (b'theme = "night"\nrotate = 90\nsounds = true\ncaption = false\n', b"")
    draft = encode_draft(Draft(title="Fair", entries=snapshots()[0].entries, spins=snapshots()[2].spins))
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
        Target("entropy", entropy, read_entropy, _as_json, share=2),
        Target("request", requests, read_request, _as_json, share=2),
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
