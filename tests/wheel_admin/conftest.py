"""An organiser's desk for the tests: a home of its own, and `wheel-admin` run in this process."""

import json
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from kiosk.core.durable import make_directory
from kiosk.core.home import Home
from kiosk.core.key_files import trust
from kiosk.core.keys import PrivateKey
from wheel_admin.cli.app import run
from wheel_admin.draft import Draft, load_draft, new_draft, save_draft
from wheel_admin.importing.reader_client import Reader
from wheel_admin.publishing.signing_key import write_signing_key


@dataclass(frozen=True)
class Outcome:
    """What a command said and how it ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@dataclass(frozen=True)
class Desk:
    """A home, a directory for files, and the command line."""

    home: Home
    files: Path
    capture: pytest.CaptureFixture[str]
    reader: Reader

    def run(self, *arguments: str | Path) -> Outcome:
        self.capture.readouterr()
        code = run([*map(str, arguments), "--home", str(self.home.root)], reader=self.reader)
        captured = self.capture.readouterr()
        return Outcome(code, captured.out, captured.err)

    def do(self, *arguments: str | Path) -> Any:
        """Run a command with --json that must succeed, and return its answer."""
        outcome = self.run(*arguments, "--json")
        assert outcome.code == 0, outcome
        return outcome.json

    def error(self, *arguments: str | Path, code: int) -> Any:
        """Run a command with --json that must fail with `code`, and return the error."""
        outcome = self.run(*arguments, "--json")
        assert outcome.code == code, outcome
        return outcome.json["error"]

    @property
    def draft(self) -> Draft:
        return load_draft(self.home)

    def workbook(self, name: str, rows: Iterable[Sequence[object]], *, sheet: str = "List") -> Path:
        book = Workbook()
        book.active.title = sheet
        for row in rows:
            book.active.append(list(row))
        path = self.files / name
        book.save(path)
        return path

    def text(self, name: str, content: str | bytes) -> Path:
        path = self.files / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("WHEEL_HOME", "WHEEL_PASSPHRASE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("WHEEL_LOCK_WAIT_MS", "0")
    monkeypatch.setenv("COLUMNS", "80")


@pytest.fixture(scope="session")
def reader() -> Iterator[Reader]:
    """Return one reading process for all imports: to start one takes as long as a small import."""
    with Reader() as started:
        yield started


@pytest.fixture
def bare(tmp_path: Path, capsys: pytest.CaptureFixture[str], reader: Reader) -> Desk:
    """A desk whose home was never made."""
    files = tmp_path / "files"
    files.mkdir()
    return Desk(home=Home(tmp_path / "home"), files=files, capture=capsys, reader=reader)


@pytest.fixture
def desk(bare: Desk) -> Desk:
    """A desk with a home as `wheel-admin init` makes it."""
    home = bare.home
    for directory in (home.admin, home.snapshots, home.trusted):
        make_directory(directory)
    key = PrivateKey.generate()
    trust(home.trusted, key.public)
    write_signing_key(home, key, "")
    save_draft(home, new_draft())
    return bare


@pytest.fixture
def people(desk: Desk) -> Callable[[int], Path]:
    """Make a workbook with that many good rows."""

    def make(count: int) -> Path:
        rows = [("Ticket", "Name"), *((f"T{number:04d}", f"Person {number}") for number in range(count))]
        return desk.workbook(f"people{count}.xlsx", rows)

    return make


def answer_prompts(monkeypatch: pytest.MonkeyPatch, answer: str) -> list[bool]:
    """Be a terminal at which somebody types `answer`; returns for each question so far whether it was asked twice."""
    asked: list[bool] = []

    def prompt(*_words: object, confirmation_prompt: bool, **_options: object) -> str:
        asked.append(confirmation_prompt)
        return answer

    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("typer.prompt", prompt)
    return asked


posix_only = pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes or signals")
