"""What is fuzzed, and how each acceptance is checked a second time.

Invariant: the checks here share no code with what they check: they know JSON, SHA-256 and the rules of
docs/protocol.md. Files that a target needs lie in a directory of the run.
"""

import contextlib
import io
import json
import re
import unicodedata
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec

from demo.workbook import write_workbook
from kiosk.config.settings import Settings, load_settings
from kiosk.core.clock import ManualClock
from kiosk.core.errors import RefusedError
from kiosk.core.home import Home
from kiosk.core.keys import PrivateKey
from kiosk.draw.modes import Fixed, Mixed, Natural
from kiosk.ledger.checkpoints import Checkpoints
from kiosk.ledger.history import History
from kiosk.ledger.ledger import Ledger, read_records
from kiosk.ledger.record import GENESIS, Absent, Adopt, Body, Entropy, Open, Record, Result, Shown, Withdraw, hash_of
from kiosk.ledger.secret_store import SecretStore
from kiosk.screen.themes.colours import contrast
from kiosk.screen.themes.theme_file import load_theme
from kiosk.snapshot import model
from kiosk.snapshot import requests as message
from kiosk.snapshot.envelope import seal, verify
from kiosk.snapshot.model import PAYLOAD_TYPE, Entry, Snapshot, Source, SourceFile
from tests.torture.fuzz.engine import Target
from tests.torture.fuzz.mutation import Mutator
from verify import verify_receipt
from wheel_admin.draft import Draft, load_draft
from wheel_admin.draft import encode as encode_draft
from wheel_admin.importing.csv_reader import read_delimited
from wheel_admin.importing.reader_client import Loaded, Reader
from wheel_admin.ledger_report.kiosk_status import read_status
from wheel_admin.ledger_report.ledger_view import read_ledger
from wheel_admin.publishing.manifest import manifest_of, receipt_for

_KEY = PrivateKey(bytes(range(32)))
_TRUSTED = {_KEY.public.keyid: _KEY.public}
_S = "ab" * 32
_AT = "2026-05-04T09:30:00.125Z"
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?Z")
_NEVER = re.compile(
    "[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\u200b\u2060-\u2064\ufeff\xad\ud800-\udfff\ufff9-\ufffb]"
)


class Unlawful(Exception):
    """Something was accepted that must not be."""


def _must(holds: bool, what: str) -> None:
    if not holds:
        raise Unlawful(what)


def snapshots() -> tuple[Snapshot, ...]:
    """Return lists that use every kind of field."""
    people = tuple(
        Entry(f"E{n:04d}", name, 1 + n % 3) for n, name in enumerate(("Ana", "Zoë", "محمد", "👩‍🚀 Bo", "田中"))
    )
    fixed = Fixed(ticket="E0001", reason="Drawn by the notary")
    source = Source(files=(SourceFile(name="a.xlsx", sha256=_S, rows=5),), accepted=5, rejected=0)
    base = Snapshot(
        generation=1,
        previous=None,
        created_at=_AT,
        title="Summer fair",
        entries=people,
        spins=Natural(),
        remove_winners=True,
        source=source,
    )
    mixed = Mixed(steps=(Natural(), fixed, Natural()), then="repeat")
    return (
        base,
        msgspec.structs.replace(base, spins=fixed, previous=_S, generation=2),
        msgspec.structs.replace(base, spins=mixed, remove_winners=False, generation=999_999),
    )


# ---- lists and messages ---------------------------------------------------------------------------------------------


def check_text(text: object, limit: int, *, ticket: bool = False) -> None:
    """Check a text by other means than the product's."""
    _must(isinstance(text, str), "text is no string")
    text = str(text)
    _must(0 < len(text) <= limit, f"{len(text)} characters")
    _must(_NEVER.search(text) is None, f"hides or turns: {text!a}")
    _must(unicodedata.normalize("NFC", text) == text, "not NFC")
    _must(text == " ".join(text.split()), f"white space: {text!a}")
    if ticket:
        _must(all(unicodedata.category(letter) not in {"Cf", "Cc", "Co", "Cs"} for letter in text), "hides")


def check_list(value: Any) -> None:
    """Check a list's payload, parsed with another parser, against the rules of docs/protocol.md."""
    _must(value["format"] == "wheel-snapshot/1", "format")
    _must(type(value["generation"]) is int and 0 <= value["generation"] <= 999_999, "generation")
    _must(value["previous"] is None or re.fullmatch("[0-9a-f]{64}", value["previous"]) is not None, "previous")
    _must(_TIME.fullmatch(value["created_at"]) is not None, "created_at")
    datetime.fromisoformat(value["created_at"])
    check_text(value["title"], 120)
    entries = value["entries"]
    _must(1 <= len(entries) <= 3000, "number of entries")
    for entry in entries:
        check_text(entry["ticket"], 40, ticket=True)
        check_text(entry["name"], 120)
        weight = entry.get("weight", 1)
        _must(type(weight) is int and 1 <= weight <= 1_000_000, "weight")
        _must(set(entry) <= {"ticket", "name", "weight"}, "unknown field")
    tickets = {entry["ticket"] for entry in entries}
    _must(len(tickets) == len(entries), "tickets twice")
    _must(type(value["remove_winners"]) is bool, "remove_winners")
    spins = value["spins"]
    _must(spins["mode"] in {"natural", "fixed", "mixed"}, "mode")
    steps = spins["steps"] if spins["mode"] == "mixed" else [spins]
    _must(1 <= len(steps) <= 1000, "steps")
    for step in steps:
        _must(step["mode"] in ({"natural", "fixed"}), "step")
        if step["mode"] == "fixed":
            _must(step["ticket"] in tickets, "fixed ticket not on the list")
            check_text(step["reason"], 300)


def read_envelope(data: bytes) -> None:
    """Verify and parse a snapshot's file: only what was signed may pass."""
    opened = verify(data, payload_type=PAYLOAD_TYPE, keys=_TRUSTED)
    _must(opened.payload in _SIGNED, "a payload that nobody signed")
    _must(opened.s == sha256(opened.payload).hexdigest(), "S")
    check_list(json.loads(opened.payload))
    model.decode(opened.payload)


def read_payload(data: bytes) -> None:
    """Parse a payload that the organiser's key did sign."""
    snapshot = model.decode(data)
    check_list(_strictly(data))
    _must(model.decode(model.encode(snapshot)) == snapshot, "does not survive being written")


def _strictly(data: bytes) -> Any:
    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        return dict(pairs)

    return json.loads(data, object_pairs_hook=once)


def read_entropy(data: bytes) -> None:
    """Parse the payload of an entropy file."""
    found = message.decode_entropy(data)
    value = json.loads(data)
    _must(type(value["generation"]) is int and value["generation"] >= 1, "generation")
    _must(re.fullmatch("[0-9a-f]{64}", value["snapshot"]) is not None, "snapshot")
    _must(found.entropy.isprintable() and len(found.entropy) <= 200, "entropy")
    _must(re.match("(dice|audience|lottery|drand):.", found.entropy) is not None, "kind of entropy")
    _must(datetime.fromisoformat(value["created_at"]).tzinfo is not None, "no zone")


def read_request(data: bytes) -> None:
    """Parse the payload of a request."""
    found = message.decode_request(data)
    value = json.loads(data)
    _must(value["request"] in {"absent", "withdraw"}, "kind")
    _must(re.fullmatch("[0-9a-f]{64}", value["snapshot"]) is not None, "snapshot")
    _must(re.fullmatch("[0-9a-f]{16}", value["nonce"]) is not None, "nonce")
    if isinstance(found, message.WithdrawRequest):
        check_text(value["ticket"], 40, ticket=True)
        check_text(value["reason"], 300)
    else:
        _must(type(value["spin"]) is int and value["spin"] >= 1, "spin")


def _messages() -> tuple[tuple[bytes, ...], tuple[bytes, ...]]:
    common: dict[str, Any] = {"generation": 1, "snapshot": _S, "created_at": _AT}
    texts = ("dice:3.1.6.6", "audience:seven umbrellas", "lottery:6aus49 4 11 23", f"drand:quicknet:5000000:{_S}")
    entropy = tuple(message.encode(message.EntropyMessage(**common, entropy=text)) for text in texts)
    request = {**common, "nonce": "0123456789abcdef"}
    withdraw = message.WithdrawRequest(**request, ticket="E0001", reason="asked to be left out")
    return entropy, (message.encode(message.AbsentRequest(**request, spin=1)), message.encode(withdraw))


# ---- what the kiosk keeps -------------------------------------------------------------------------------------------


def chained(bodies: list[dict[str, Any]]) -> bytes:
    """Return the bodies as a ledger whose chain holds, each line in canonical form."""
    prev, lines = GENESIS, []
    for seq, body in enumerate(bodies, start=1):
        fields = {"at": _AT, **body, "seq": body.get("seq", seq), "prev": prev}
        line = json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        lines.append(line.encode("utf-8", "surrogatepass"))
        prev = hash_of(lines[-1])
    return b"".join(line + b"\n" for line in lines)


def _bodies() -> list[Body]:
    adopt = Adopt(generation=1, snapshot=_S, entries=5, weight=9, anchor=_S, kiosk=_S)
    result = Result(spin=1, mode="natural", reveal=_S, x=_S, k=0, t=3, ticket="E0001", rest=7, turns=5)
    return [
        adopt,
        Entropy(snapshot=_S, entropy="dice:1.2.3"),
        Open(generation=1, spin=1, mode="natural", pool=_S, entropy="none"),
        result,
        Shown(spin=1, duration_ms=11_000, frames=660),
        Absent(spin=1, ticket="E0001"),
        Withdraw(ticket="E0002", reason="asked", request="0123456789abcdef"),
    ]


def _ledger() -> bytes:
    prev, lines = GENESIS, []
    for seq, body in enumerate(_bodies(), start=1):
        lines.append(Record(seq=seq, at=_AT, prev=prev, body=body).line())
        prev = hash_of(lines[-1])
    return b"".join(line + b"\n" for line in lines)


def mutate_ledger(mutator: Mutator, data: bytes) -> bytes:
    """Change a record and chain all of them anew, as somebody would who knows how."""
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


def check_chain(data: bytes) -> None:
    """Check a ledger's chain by other means than the product's."""
    prev = "0" * 64
    for seq, line in enumerate(data.removesuffix(b"\n").split(b"\n") if data else (), start=1):
        fields = json.loads(line)
        _must((fields["seq"], fields["prev"]) == (seq, prev), "the chain does not hold")
        again = json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        _must(again.encode() == line, "a line in another form")
        _must(all(type(value) in (int, str) for value in fields.values()), "neither text nor whole number")
        _must(all(type(value) is str or abs(value) < 1 << 53 for value in fields.values()), "too large a number")
        prev = sha256(line).hexdigest()


def read_chain(data: bytes) -> None:
    """Read a ledger's bytes and add them up."""
    history = History()
    for record in read_records(data):
        history.apply(record.body, at=record.at)
    check_chain(data)


class Files:
    """Targets that read files: each input is written into a directory first.

    Args:
        directory: empty, and best in memory.
        reader: for workbooks.
    """

    def __init__(self, directory: Path, reader: Reader) -> None:
        self.reader = reader
        self._directory = directory
        self.home = Home(directory)
        for path in (self.home.admin, self.home.kiosk, self.home.secrets):
            path.mkdir(parents=True, exist_ok=True)
        self._ledger = _ledger()
        self._head = hash_of(self._ledger.rstrip(b"\n").rsplit(b"\n", 1)[-1])
        snapshot = snapshots()[0]
        self._manifest = msgspec.json.encode(manifest_of(snapshot, _S, bytes(32)))
        self.receipts = tuple(
            msgspec.json.encode(receipt_for(snapshot, _S, entry.ticket, bytes(32))) for entry in snapshot.entries
        )

    def ledger_file(self, data: bytes) -> None:
        """Open a ledger as the kiosk does at its start: torn ends are moved aside, nothing else is changed."""
        for path in self.home.kiosk.glob("ledger*"):
            path.unlink()
        self.home.ledger.write_bytes(data)
        read_ledger(self.home)  # the organiser's commands are patient with any bytes
        ledger = Ledger(self.home.ledger, clock=ManualClock())
        ledger.close()
        kept = self.home.ledger.read_bytes()
        check_chain(kept)
        whole = data[: data.rfind(b"\n") + 1]
        _must(kept.startswith(whole) or b"\0" in whole, "a whole line was dropped")
        again = Ledger(self.home.ledger, clock=ManualClock())
        again.close()
        _must((again.seq, again.head) == (ledger.seq, ledger.head), "a second start differs")

    def checkpoints(self, data: bytes) -> None:
        """Open checkpoints beside a good ledger."""
        self.home.checkpoints.write_bytes(data)
        self.home.ledger.write_bytes(self._ledger)
        opened = Checkpoints(self.home.checkpoints, key=_KEY)
        opened.close()
        opened.check(self.home.ledger)
        if opened.last is not None:
            lines = self._ledger.split(b"\n")
            _must(1 <= opened.last.seq < len(lines), "a checkpoint of no record")
            _must(hash_of(lines[opened.last.seq - 1]) == opened.last.head, "a head that the ledger does not hold")

    def signed_heads(self) -> tuple[bytes, ...]:
        """Return good checkpoints."""
        self.home.checkpoints.unlink(missing_ok=True)
        opened = Checkpoints(self.home.checkpoints, key=_KEY)
        for seq, line in enumerate(self._ledger.split(b"\n")[:-1], start=1):
            opened.sign(seq, hash_of(line))
        opened.close()
        return (self.home.checkpoints.read_bytes(),)

    def secret(self, data: bytes) -> None:
        """Recall a secret: only the true one leads to its anchor."""
        path = self.home.secrets / f"{_S}.secret"
        path.write_bytes(data)
        found = SecretStore(self.home.secrets, random_bytes=bytes).recall(_S)
        _must(found is None, "a secret that does not lead to its anchor")
        raise RefusedError("lost")

    def settings(self, data: bytes) -> None:
        """Read kiosk.toml."""
        self.home.settings.write_bytes(data)
        found = load_settings(self.home.settings)
        kinds = [type(getattr(found, name)) for name in ("theme", "rotate", "sounds", "caption")]
        _must(kinds == [str, int, bool, bool], "a value of another kind")
        _must(found.rotate in {0, 90, 180, 270}, "rotate")
        _must(found == Settings() or bool(data.strip()), "settings out of nothing")

    def theme(self, data: bytes) -> None:
        """Read a theme: what is taken can be read from far, and its texts can be filled in."""
        path = self.home.kiosk / "theme.toml"
        path.write_bytes(data)
        found = load_theme(path)
        for ground in (found.ground, found.panel, found.band):
            _must(contrast(found.text, ground) >= 7, "names cannot be read")
        _must(4 <= len(found.wedges) <= 24, "wedges")
        values = dict.fromkeys(("ticket", "spin", "level", "reason", "fallback", "left", "total", "at"), "x")
        for name in found.texts.__dataclass_fields__:
            text = getattr(found.texts, name)
            _must(bool(text.format_map(values)), f"text {name}")

    def draft(self, data: bytes) -> None:
        """Read the draft, and judge it as `publish` does."""
        self.home.draft.write_bytes(data)
        draft = load_draft(self.home)
        _must(type(draft.remove_winners) is bool, "remove_winners")
        base = snapshots()[0]
        made = msgspec.structs.replace(
            base, title=draft.title, entries=draft.entries, spins=draft.spins, source=draft.source
        )
        if model.problems(made):
            raise RefusedError("The draft cannot be published.")
        check_list(json.loads(model.encode(made)))

    def status(self, data: bytes) -> None:
        """Read what the kiosk says of itself, as `wheel-admin status` does."""
        self.home.status.write_bytes(data)
        if read_status(self.home, datetime(2026, 5, 4, tzinfo=UTC)).status is None:
            raise RefusedError("not understood")

    def receipt(self, data: bytes) -> None:
        """Check a receipt with the stand-alone verifier: only the true ones are included."""
        self._verify(data, self._manifest)
        said = json.loads(data)
        true = [json.loads(one) for one in self.receipts]
        _must(
            any(
                [str(one[key]) for key in ("ticket", "name", "weight", "salt", "snapshot")]
                == [str(said[key]) for key in ("ticket", "name", "weight", "salt", "snapshot")]
                for one in true
            ),
            "a receipt that nobody made",
        )

    def manifest(self, data: bytes) -> None:
        """Check a good receipt against a manifest that is none; that it names the entry is all that is asked."""
        self._verify(self.receipts[0], data)

    def manifests(self) -> tuple[bytes, ...]:
        """Return a good manifest."""
        return (self._manifest,)

    def _verify(self, receipt: bytes, manifest: bytes) -> None:
        paths = (self._directory / "receipt.json", self._directory / "public.json")
        for path, data in zip(paths, (receipt, manifest), strict=True):
            path.write_bytes(data)
        try:
            with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
                code = verify_receipt.main([str(path) for path in paths])
        except SystemExit as left:
            code = int(left.code or 0)
        if code:
            raise RefusedError({1: "not included", 2: "cannot be used"}.get(code, "another exit code"))

    def workbook(self, data: bytes) -> None:
        """Read a workbook in the reading process, which must have an answer to everything."""
        for sheet in self.reader.read(Loaded(name="fuzz.xlsx", data=data, sha256="")):
            _must(len(sheet.rows) <= 20_000, "rows")
            _must([row.number for row in sheet.rows] == sorted({row.number for row in sheet.rows}), "rows out of order")


def read_csv(data: bytes) -> None:
    """Read a CSV file into a table."""
    sheet = read_delimited("fuzz.csv", data, progress=lambda _rows: None)
    _must(len(sheet.rows) <= 20_000, "rows")
    _must(all(cell.text for row in sheet.rows for cell in row.cells[-1:]), "a row that ends in nothing")


_SIGNED = frozenset(map(model.encode, snapshots()))


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
    envelopes = tuple(seal(payload, payload_type=PAYLOAD_TYPE, key=_KEY) for payload in sorted(_SIGNED))
    entropy, requests = _messages()
    assets = Path(__file__).resolve().parents[3] / "assets" / "themes"
    themes = tuple(path.read_bytes() for path in sorted(assets.glob("*.toml")))
    settings = (b'theme = "night"\nrotate = 90\nsounds = true\ncaption = false\n', b"")
    draft = encode_draft(Draft(title="Fair", entries=snapshots()[0].entries, spins=snapshots()[2].spins))
    status = msgspec.json.encode(
        {"state": "idle", "generation": 1, "snapshot": _S, "title": "Fair", "entries": 5, "left": 5, "spin": 0}
        | {"seq": 1, "head": _S, "notices": [], "at": _AT}
    )
    csv = (
        "Ticket;Name\r\n0042;Zoë\r\n".encode("utf-8-sig"),
        b'sep=,\nTicket,Name\n1,"A\nb"\n',
        "T\tN\n1\tö".encode("utf-16"),
    )
    return (
        Target("snapshot file", envelopes, read_envelope, _as_json, share=3),
        Target("signed list", tuple(sorted(_SIGNED)), read_payload, _as_json, share=5),
        Target("entropy", entropy, read_entropy, _as_json, share=2),
        Target("request", requests, read_request, _as_json, share=2),
        Target("ledger", (_ledger(), b""), read_chain, mutate_ledger, share=3),
        Target("ledger file", (_ledger(), b""), files.ledger_file, mutate_ledger, share=0.5),
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
