"""The receipt's verifier, against manifests and receipts made here from docs/protocol.md alone."""

import contextlib
import hashlib
import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.verify.history import ORGANISER, STRANGER, History, Key, canonical
from tests.verify.list_parts import Fields, entries
from tests.verify.test_canonical import REFUSED_JSON
from verify import verify_receipt

TOOL = Path(__file__).resolve().parents[2] / "tools" / "verify" / "verify_receipt.py"


def node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\1" + left + right).digest()


def tree(leaves: list[bytes], index: int) -> tuple[bytes, list[str]]:
    """The root, and the path from leaf `index`: RFC 9162, 2.1.1 and 2.1.3.1, recursively."""
    if len(leaves) == 1:
        return leaves[0], []
    split = 1 << (len(leaves) - 1).bit_length() - 1
    left, left_path = tree(leaves[:split], min(index, split - 1))
    right, right_path = tree(leaves[split:], max(index - split, 0))
    path = [*left_path, right.hex()] if index < split else [*right_path, left.hex()]
    return node(left, right), path


class Case:
    def __init__(self, count: int = 20, index: int = 7, *, by: Key = ORGANISER) -> None:
        story = History()
        story.publish(entries=entries(count, ((2, 3),)))
        self.by, self.list = by, story
        codes = [hashlib.sha256(b"code %d" % n).hexdigest()[:32] for n in range(count)]
        leaves = []
        for one, code in zip(story.list["entries"], codes, strict=True):
            leaf = f"{code}\t{one['ticket']}\t{one['weight']}\t{one['group']}\t{one['household']}"
            leaves.append(hashlib.sha256(b"\0" + leaf.encode()).digest())
        root, path = tree(leaves, index)
        weights = [one["weight"] for one in story.list["entries"]]
        self.manifest: Fields = {
            "format": "wheel-public/2",
            "event": story.event,
            "generation": 1,
            "snapshot": story.s,
            "entries": count,
            "weight": sum(weights),
            "largest": max(weights),
            "hashes": [leaf.hex() for leaf in leaves],
            "root": root.hex(),
        }
        told: Fields = {"generation": 1, "snapshot": story.s, "entries": count, "index": index}
        entry = story.list["entries"][index]
        self.receipt: Fields = {"format": "wheel-receipt/2"} | told | entry | {"code": codes[index], "path": path}

    def write(self, folder: Path) -> list[str]:
        files = {
            "receipt": canonical(self.receipt),
            "manifest": self.by.envelope(canonical(self.manifest), "wheel-public/2"),
            "list": next(data for name, data in self.list.files.items() if name.startswith("snapshots/")),
            "key": ORGANISER.pem,
        }
        for name, data in files.items():
            (folder / name).write_bytes(data)
        return [str(folder / name) for name in ("receipt", "manifest", "list")]

    def check(self, folder: Path, *, named: bool = True) -> tuple[int, str]:
        arguments = self.write(folder) + (["--organiser", ORGANISER.id, "--key", str(folder / "key")] if named else [])
        return run(*arguments)


def run(*arguments: str) -> tuple[int, str]:
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            status = verify_receipt.main(list(arguments))
        except SystemExit as exit_:
            return int(exit_.code or 0), err.getvalue()
    return status, out.getvalue()


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 7, 8, 9, 20])
def test_every_receipt_of_a_list_is_included_and_signed(count: int, tmp_path: Path) -> None:
    for index in range(count):
        status, out = Case(count, index).check(tmp_path)
        assert (status, out.splitlines()[-1]) == (0, "INCLUDED AND SIGNED")


def test_the_list_need_not_be_there(tmp_path: Path) -> None:
    receipt, manifest, _ = Case().write(tmp_path)
    assert run(receipt, manifest, "--organiser", ORGANISER.id, "--key", str(tmp_path / "key"))[0] == 0


def test_the_list_may_be_named_behind_the_options(tmp_path: Path) -> None:
    receipt, manifest, listed = Case().write(tmp_path)
    status, out = run(receipt, manifest, "--organiser", ORGANISER.id, "--key", str(tmp_path / "key"), listed)
    assert (status, out.splitlines()[-1]) == (0, "INCLUDED AND SIGNED")


def test_without_a_named_key_it_is_included_and_not_signed(tmp_path: Path) -> None:
    status, out = Case().check(tmp_path, named=False)
    assert (status, out.splitlines()[-1]) == (3, "INCLUDED")


def test_a_manifest_of_a_stranger_is_not_signed(tmp_path: Path) -> None:
    status, out = Case(by=STRANGER).check(tmp_path)
    assert (status, out.splitlines()[-1]) == (3, "INCLUDED")


@pytest.mark.parametrize(
    ("what", "changed"),
    [
        ("receipt", {"weight": 1}),
        ("receipt", {"ticket": "E0001"}),
        ("receipt", {"group": "x"}),
        ("receipt", {"household": 9}),
        ("receipt", {"index": 6}),
        ("receipt", {"index": 20}),
        ("receipt", {"code": "ab" * 16}),
        ("receipt", {"code": ""}),
        ("receipt", {"path": []}),
        ("receipt", {"path": ["ab" * 32] * 5}),
        ("receipt", {"snapshot": "ab" * 32}),
        ("receipt", {"generation": 2}),
        ("receipt", {"entries": 21}),
        ("manifest", {"root": "ab" * 32}),
        ("manifest", {"entries": 21}),
        ("manifest", {"hashes": []}),
        ("manifest", {"largest": 1}),
        ("manifest", {"largest": 4}),
        ("manifest", {"weight": 40}),
        ("manifest", {"snapshot": "ab" * 32}),
    ],
)
def test_a_receipt_or_manifest_that_disagrees_is_not_included(what: str, changed: Fields, tmp_path: Path) -> None:
    case = Case()
    part: dict[str, Any] = getattr(case, what)
    assert all(part[name] != value for name, value in changed.items())
    part.update(changed)
    status, out = case.check(tmp_path)
    assert (status, out.splitlines()[-1]) == (1, "NOT INCLUDED")


def test_a_manifest_with_a_bad_signature_is_not_included(tmp_path: Path) -> None:
    case = Case()
    arguments = case.write(tmp_path)
    outer = json.loads((tmp_path / "manifest").read_bytes())
    other = json.loads(ORGANISER.envelope(b"something else", "wheel-public/2"))
    (tmp_path / "manifest").write_bytes(canonical(outer | {"signatures": other["signatures"]}) + b"\n")
    assert run(*arguments, "--organiser", ORGANISER.id, "--key", str(tmp_path / "key"))[0] == 1


@pytest.mark.parametrize("name", REFUSED_JSON)
@pytest.mark.parametrize("file", ["receipt", "manifest"])
def test_json_that_is_not_canonical_is_unusable(file: str, name: str, tmp_path: Path) -> None:
    arguments = Case().write(tmp_path)
    (tmp_path / file).write_bytes(REFUSED_JSON[name])
    assert run(*arguments)[0] == 2


@pytest.mark.parametrize("file", ["receipt", "manifest"])
@pytest.mark.parametrize("junk", [b'"x":"\xff",', b'"x":' + b"9" * 5000 + b",", b'"format":"wheel-receipt/2",', b" "])
def test_junk_in_a_file_makes_it_unusable(file: str, junk: bytes, tmp_path: Path) -> None:
    arguments = Case().write(tmp_path)
    data = (tmp_path / file).read_bytes()
    (tmp_path / file).write_bytes(data.replace(b"{", b"{" + junk, 1))
    assert run(*arguments)[0] == 2


@pytest.mark.parametrize(
    ("file", "limit"), [("receipt", 64 << 10), ("manifest", 8 << 20), ("list", 8 << 20), ("key", 1024)]
)
def test_a_file_above_its_limit_is_unusable(file: str, limit: int, tmp_path: Path) -> None:
    arguments = [*Case().write(tmp_path), "--organiser", ORGANISER.id, "--key", str(tmp_path / "key")]
    assert run(*arguments)[0] == 0
    os.truncate(tmp_path / file, 1 << 40)
    status, told = run(*arguments)
    assert (status, f"larger than {limit} bytes" in told) == (2, True)


def test_what_goes_wrong_is_never_called_not_included(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> str:
        raise MemoryError

    arguments = Case().write(tmp_path)
    monkeypatch.setattr(verify_receipt, "why_not_included", fail)
    status, told = run(*arguments)
    assert (status, told.count("\n")) == (2, 1)


def test_without_cryptography_it_says_so_and_never_signed(tmp_path: Path) -> None:
    arguments = [*Case().write(tmp_path), "--organiser", ORGANISER.id, "--key", str(tmp_path / "key")]
    command = [sys.executable, "-I", "-S", str(TOOL), *arguments]
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (told.returncode, told.stdout.splitlines()[-1], told.stderr) == (3, "INCLUDED", "")
    assert "NO SIGNATURE WAS CHECKED" in told.stdout
