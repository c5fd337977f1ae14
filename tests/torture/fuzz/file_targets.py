"""Targets that read files: what the kiosk and the organiser keep on disk."""

import contextlib
import io
import json
from datetime import UTC, datetime
from pathlib import Path
from string import Formatter

from kiosk.config.settings import Settings, load_settings
from kiosk.core import canonical
from kiosk.core.clock import ManualClock
from kiosk.core.errors import RefusedError
from kiosk.core.home import Home
from kiosk.intake.snapshot_files import KnownLists
from kiosk.ledger.checkpoints import Checkpoints
from kiosk.ledger.ledger import Ledger
from kiosk.ledger.record import hash_of
from kiosk.ledger.secret_store import SecretStore
from kiosk.screen.themes.colours import contrast
from kiosk.screen.themes.plurals import Counted
from kiosk.screen.themes.texts_table import TEXT_KEYS
from kiosk.screen.themes.theme import BUILT_IN
from kiosk.screen.themes.theme_file import load_theme
from kiosk.snapshot import model
from tests.torture.fuzz.checks import check_chain, check_list, must
from tests.torture.fuzz.samples import KEY, S, ledger, snapshots
from verify import verify_receipt
from wheel_admin.draft import load_draft
from wheel_admin.importing.reader_client import Loaded, Reader
from wheel_admin.ledger_report.kiosk_status import read_status
from wheel_admin.ledger_report.ledger_view import read_ledger
from wheel_admin.publishing.manifest import receipt_for, signed_manifest
from wheel_admin.publishing.publication import Shelf, names_of, refuse_broken, snapshot_of


def _forms(text: str | Counted) -> tuple[str, ...]:
    """Return what a text can be: one sentence, or one for each kind of number."""
    return (text,) if isinstance(text, str) else tuple(form for _, form in text.forms)


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
        for path in (self.home.admin, self.home.kiosk, self.home.secrets, self.home.secrets_again):
            path.mkdir(parents=True, exist_ok=True)
        self._ledger = ledger()
        self._head = hash_of(self._ledger.rstrip(b"\n").rsplit(b"\n", 1)[-1])
        snapshot = snapshots()[0]
        self._manifest = signed_manifest(snapshot, S, bytes(32), key=KEY)
        self.receipts = tuple(
            canonical.encode(receipt_for(snapshot, S, entry.ticket, bytes(32))) for entry in snapshot.entries
        )

    def ledger_file(self, data: bytes) -> None:
        """Open a ledger as the kiosk does at its start: torn ends are moved aside, nothing else is changed."""
        for path in self.home.kiosk.glob("ledger*"):
            path.unlink()
        self.home.ledger.write_bytes(data)
        read_ledger(self.home)  # the organiser's commands are patient with any bytes
        ledger = Ledger(self.home.ledger, clock=ManualClock(), lists=KnownLists())
        ledger.close()
        kept = self.home.ledger.read_bytes()
        check_chain(kept)
        whole = data[: data.rfind(b"\n") + 1]
        must(kept.startswith(whole) or b"\0" in whole, "a whole line was dropped")
        again = Ledger(self.home.ledger, clock=ManualClock(), lists=KnownLists())
        again.close()
        must((again.seq, again.head) == (ledger.seq, ledger.head), "a second start differs")

    def checkpoints(self, data: bytes) -> None:
        """Open checkpoints beside a good ledger."""
        self.home.checkpoints.write_bytes(data)
        self.home.ledger.write_bytes(self._ledger)
        opened = Checkpoints(self.home.checkpoints, key=KEY)
        opened.close()
        opened.check(self.home.ledger)
        if opened.last is not None:
            lines = self._ledger.split(b"\n")
            must(1 <= opened.last.seq < len(lines), "a checkpoint of no record")
            must(hash_of(lines[opened.last.seq - 1]) == opened.last.head, "a head that the ledger does not hold")

    def signed_heads(self) -> tuple[bytes, ...]:
        """Return good checkpoints."""
        self.home.checkpoints.unlink(missing_ok=True)
        opened = Checkpoints(self.home.checkpoints, key=KEY)
        for seq, line in enumerate(self._ledger.split(b"\n")[:-1], start=1):
            opened.sign(seq, hash_of(line))
        opened.close()
        return (self.home.checkpoints.read_bytes(),)

    def secret(self, data: bytes) -> None:
        """Recall a secret: only the true one leads to its anchor."""
        path = self.home.secrets / f"{S}.secret"
        path.write_bytes(data)
        found = SecretStore(self.home.secrets, self.home.secrets_again, random_bytes=bytes).recall(S)
        must(found is None, "a secret that does not lead to its anchor")
        raise RefusedError("lost")

    def settings(self, data: bytes) -> None:
        """Read kiosk.toml."""
        self.home.settings.write_bytes(data)
        found = load_settings(self.home.settings)
        kinds = [type(getattr(found, name)) for name in ("theme", "rotate", "sounds", "caption")]
        must(kinds == [str, int, bool, bool], "a value of another kind")
        must(found.rotate in {0, 90, 180, 270}, "rotate")
        must(found == Settings() or bool(data.strip()), "settings out of nothing")

    def theme(self, data: bytes) -> None:
        """Read a theme: what is taken can be read from far, and its texts can be filled in."""
        path = self.home.kiosk / "theme.toml"
        path.write_bytes(data)
        found = load_theme(path)
        for ground in (found.ground, found.panel, found.band):
            must(contrast(found.text, ground) >= 7, "names cannot be read")
        must(4 <= len(found.wedges) <= 24, "wedges")
        built_in = [one for name in TEXT_KEYS for one in _forms(getattr(BUILT_IN.texts, name))]
        values = {name: "x" for text in built_in for _, name, _, _ in Formatter().parse(text) if name}
        for name in TEXT_KEYS:
            for text in _forms(getattr(found.texts, name)):
                must(bool(text.format_map(values)), f"text {name}")

    def draft(self, data: bytes) -> None:
        """Read the draft, and judge it as `publish` does."""
        self.home.draft.write_bytes(data)
        draft = load_draft(self.home)
        shelf = Shelf(newest=None, refusals=(), next_generation=1, previous="", keys={})
        made = snapshot_of(draft, shelf, datetime(2026, 5, 4, tzinfo=UTC))
        refuse_broken(made, names_of(draft))
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
        must(
            any(
                [str(one[key]) for key in ("ticket", "weight", "group", "household", "code", "snapshot")]
                == [str(said[key]) for key in ("ticket", "weight", "group", "household", "code", "snapshot")]
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
        if code != 3:  # included; the signature is unchecked, because no key is named
            raise RefusedError({1: "not included", 2: "cannot be used"}.get(code, "another exit code"))

    def workbook(self, data: bytes) -> None:
        """Read a workbook in the reading process, which must have an answer to everything."""
        for sheet in self.reader.read(Loaded(name="fuzz.xlsx", data=data, sha256="")):
            must(len(sheet.rows) <= 20_000, "rows")
            must([row.number for row in sheet.rows] == sorted({row.number for row in sheet.rows}), "rows out of order")
