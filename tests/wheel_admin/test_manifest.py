"""The public manifest and its receipts: they name nobody, and the verifier accepts true ones only."""

import contextlib
import hashlib
import io
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.core import canonical
from kiosk.core.key_files import load_trusted_keys
from kiosk.intake.snapshot_files import read
from kiosk.snapshot.envelope import seal, unsealed
from kiosk.snapshot.model import Entry
from tests.support import KEY, entries, listed, snapshot
from tests.wheel_admin.conftest import Desk
from verify import verify_receipt
from wheel_admin.publishing.manifest import MANIFEST_TYPE, Manifest, inclusion_path, manifest_of, receipt_for, tree_root
from wheel_admin.publishing.signing_key import load_signing_key

SECRET = b"a secret of 32 bytes, for tests!"


def included(receipt: object, manifest: object) -> bool:
    one, other = (json.loads(msgspec.json.encode(part)) for part in (receipt, manifest))
    return not verify_receipt.why_not_included(one, other)


def test_a_tree_is_the_one_of_rfc_6962() -> None:
    """The roots of RFC 6962's reference implementation (certificate-transparency, merkle tests), 1 to 8 leaves."""
    nodes = [
        hashlib.sha256(b"\0" + bytes.fromhex(one)).digest()
        for one in (
            "",
            "00",
            "10",
            "2021",
            "3031",
            "40414243",
            "5051525354555657",
            "606162636465666768696a6b6c6d6e6f",
        )
    ]

    assert [tree_root(nodes[:count]).hex() for count in range(1, 9)] == [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ]


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 7, 8, 9, 31, 32, 33, 100])
def test_every_receipt_of_a_list_is_accepted_by_the_verifier(count: int) -> None:
    content = listed(snapshot(people=count))
    manifest = manifest_of(content.snapshot, content.s, SECRET)

    for entry in content.snapshot.entries:
        assert included(receipt_for(content.snapshot, content.s, entry.ticket, SECRET), manifest)


@given(st.integers(1, 40), st.data())
def test_no_altered_receipt_is_accepted(count: int, data: st.DataObject) -> None:
    content = listed(snapshot(people=count))
    manifest = manifest_of(content.snapshot, content.s, SECRET)
    index = data.draw(st.integers(0, count - 1))
    receipt = receipt_for(content.snapshot, content.s, f"E{index + 1:04d}", SECRET)
    change: dict[str, object] = data.draw(
        st.sampled_from(
            [
                {"ticket": "E9999"},
                {"weight": 2},
                {"group": "staff"},
                {"household": 1},
                {"code": "0" * 32},
                {"code": receipt.code.upper() + "g"},
                {"snapshot": "f" * 64},
                {"path": (*receipt.path, "00" * 32)},
                {"path": (*receipt.path[:-1], "00" * 32)} if count > 1 else {"weight": 3},
            ]
        )
    )

    assert not included(msgspec.structs.replace(receipt, **change), manifest)


@given(st.integers(2, 40), st.data())
def test_no_altered_manifest_is_accepted(count: int, data: st.DataObject) -> None:
    content = listed(snapshot(people=count))
    manifest = manifest_of(content.snapshot, content.s, SECRET)
    index = data.draw(st.integers(0, count - 1))
    receipt = receipt_for(content.snapshot, content.s, f"E{index + 1:04d}", SECRET)
    swapped = list(manifest.hashes)
    swapped[index] = hashlib.sha256(b"another").hexdigest()

    for change in (
        {"root": "0" * 64},
        {"hashes": tuple(swapped)},
        {"snapshot": "f" * 64},
        {"entries": 2 * count + 7},
        {"largest": 0},
        {"weight": 0},
    ):
        assert not included(receipt, msgspec.structs.replace(manifest, **change))


@given(st.lists(st.binary(max_size=4), min_size=1, max_size=30), st.data())
def test_a_path_has_as_many_steps_as_the_leaf_has_ancestors(leaves: list[bytes], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(leaves) - 1))

    assert len(inclusion_path(leaves, index)) <= (len(leaves) - 1).bit_length()


def test_a_manifest_names_nobody_and_states_total_and_largest_weight() -> None:
    people = entries(3, weights=(2, 5, 1), groups={"E0002": "staff"})
    content = listed(snapshot(people=people))

    manifest = manifest_of(content.snapshot, content.s, SECRET)
    text = msgspec.json.encode(manifest).decode()

    assert (manifest.entries, manifest.weight, manifest.largest) == (3, 8, 5)
    assert manifest.event == content.snapshot.event.id
    assert "Name" not in text
    assert "E000" not in text
    assert "staff" not in text


def test_every_entry_and_every_list_has_a_code_of_its_own() -> None:
    content = listed(snapshot(people=50))
    codes = [receipt_for(content.snapshot, content.s, one.ticket, SECRET).code for one in content.snapshot.entries]
    other = receipt_for(content.snapshot, "f" * 64, "E0001", SECRET).code

    assert len({*codes, other}) == 51
    assert all(len(code) == 32 and int(code, 16) >= 0 for code in codes)


@pytest.mark.slow
def test_publishing_writes_the_manifest_and_a_receipt_proves_membership(
    desk: Desk, people: Callable[[int], Path]
) -> None:
    desk.do("import", people(12))
    published = desk.do("publish", "--public", desk.files / "website")
    manifest = desk.files / "website" / "public-000001.json"
    receipt = desk.files / "receipt.json"

    assert published["manifest"] == str(manifest)
    assert desk.home.receipt_secret.stat().st_mode & 0o077 == 0
    assert desk.do("receipt", "T0003", "-o", receipt)["index"] == 3
    checked = verify(receipt, manifest)
    assert (checked.returncode, checked.stderr) == (3, ""), "without a package no signature is checked"
    assert checked.stdout.splitlines()[0] == "ticket 'T0003', 1 of 12 chances, group ''"
    assert published["snapshot"] in checked.stdout
    assert checked.stdout.splitlines()[-1] == "INCLUDED"
    assert "Person" not in receipt.read_text()
    receipt.write_text(receipt.read_text().replace("T0003", "T0004"))
    checked = verify(receipt, manifest)
    assert checked.returncode == 1
    assert checked.stdout.splitlines()[-1] == "NOT INCLUDED"
    assert "not on the list" in desk.error("receipt", "T9999", code=4)["message"]


@pytest.mark.slow
def test_the_manifest_is_signed_with_the_organisers_key(
    desk: Desk, people: Callable[[int], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    desk.do("import", people(12))
    desk.do("publish", "--public", desk.files)
    desk.do("receipt", "T0003", "-o", desk.files / "receipt.json")
    public = load_signing_key(desk.home).public
    key = desk.text("organiser.pem", public.pem())
    paths = [str(desk.files / name) for name in ("receipt.json", "public-000001.json")]

    assert verify_receipt.main([*paths, "--organiser", public.keyid, "--key", str(key)]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "INCLUDED AND SIGNED"
    assert verify_receipt.main([*paths, "--organiser", "f" * 64, "--key", str(key)]) == 3


@pytest.mark.slow
def test_a_manifest_that_was_made_up_is_found_by_anybody_who_may_see_the_list(
    desk: Desk, people: Callable[[int], Path]
) -> None:
    """The manifest only claims its S: an organiser could put somebody in it who is not on the list."""
    desk.do("import", people(3))
    desk.do("publish", "--public", desk.files)
    path = desk.home.snapshot(1)
    published = read(path, keys=load_trusted_keys(desk.home.trusted))
    secret = bytes.fromhex(desk.home.receipt_secret.read_text("ascii"))
    desk.do("receipt", "T0001", "-o", desk.files / "receipt.json")
    assert verify(desk.files / "receipt.json", desk.files / "public-000001.json", path).returncode == 3

    entries = (*published.snapshot.entries[:-1], Entry(ticket="T0009", weight=1, group="", household=0))
    made_up = msgspec.structs.replace(published.snapshot, entries=entries)
    receipt, manifest = desk.files / "receipt.json", desk.files / "manifest.json"
    receipt.write_bytes(canonical.encode(receipt_for(made_up, published.s, "T0009", secret)))
    manifest.write_bytes(sealed(manifest_of(made_up, published.s, secret)))

    assert verify(receipt, manifest).returncode == 3
    assert verify(receipt, manifest, path).returncode == 1


def sealed(manifest: Manifest) -> bytes:
    return seal(canonical.encode(manifest), payload_type=MANIFEST_TYPE, key=KEY)


def verify(*files: Path) -> "subprocess.CompletedProcess[str]":
    """Run the stand-alone program as a participant would: with a Python that has no packages."""
    command = [sys.executable, "-I", "-S", verify_receipt.__file__, *map(str, files)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)


@pytest.mark.parametrize(
    ("receipt", "manifest"),
    [
        (b"{}", b"{}"),
        (b"[]", b"[]"),
        (b"\xff", b""),
        (b"[" * 100_000, b"{}"),
        (b'{"index":0,"path":[]}', b'{"entries":0,"hashes":[],"root":""}'),
    ],
)
def test_unusable_receipts_are_one_clear_line_and_status_two(
    tmp_path: Path, receipt: bytes, manifest: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = tmp_path / "receipt.json", tmp_path / "manifest.json"
    for path, data in zip(paths, (receipt, manifest), strict=True):
        path.write_bytes(data)
    for given_paths in (paths, (paths[0], tmp_path / "missing"), (*paths, paths[0])):
        with pytest.raises(SystemExit) as stopped:
            verify_receipt.main([str(path) for path in given_paths])
        assert stopped.value.code == 2
        error = capsys.readouterr().err
        assert error.startswith("verify_receipt: ")
        assert error.count("\n") == 1


WHATEVER = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.sampled_from(["\ud800", "00"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=4,
)


@given(st.integers(1, 9), st.sampled_from(["snapshot", "entries", "index", "code", "path", "hashes", "root"]), WHATEVER)
def test_no_value_in_a_receipt_or_a_manifest_gives_a_traceback(count: int, name: str, value: object) -> None:
    content = listed(snapshot(people=count))
    made = receipt_for(content.snapshot, content.s, "E0001", SECRET), manifest_of(content.snapshot, content.s, SECRET)
    receipt, manifest = (json.loads(msgspec.json.encode(one)) for one in made)
    with tempfile.TemporaryDirectory() as folder:
        paths = Path(folder, "receipt.json"), Path(folder, "manifest.json")
        for one, other in ((receipt | {name: value}, manifest), (receipt, manifest | {name: value})):
            written = json.dumps(one, separators=(",", ":")), json.dumps(other, separators=(",", ":"))
            paths[0].write_text(written[0])
            paths[1].write_bytes(seal(written[1].encode(), payload_type=MANIFEST_TYPE, key=KEY))
            with (
                contextlib.suppress(SystemExit),
                contextlib.redirect_stdout(io.StringIO()),
                contextlib.redirect_stderr(io.StringIO()),
            ):
                assert verify_receipt.main([str(path) for path in paths]) in {1, 3}


def test_without_a_manifest_there_is_no_receipt(desk: Desk, people: Callable[[int], Path]) -> None:
    desk.do("import", people(3))
    desk.do("publish")

    assert "No public manifest" in desk.error("receipt", "T0001", code=4)["message"]


def test_a_manifest_that_a_power_cut_prevented_is_made_by_publishing_again(
    desk: Desk, people: Callable[[int], Path]
) -> None:
    """The list was published and its manifest not: publishing again said only that nothing had changed."""
    desk.do("import", people(5))
    published = desk.do("publish")

    again = desk.do("publish", "--public", desk.files / "website")

    assert (again["generation"], again["snapshot"]) == (1, published["snapshot"])
    data = (desk.files / "website" / "public-000001.json").read_bytes()
    manifest = json.loads(unsealed(data, payload_types=(MANIFEST_TYPE,)).payload)
    assert (manifest["generation"], manifest["snapshot"]) == (1, published["snapshot"])
    assert len(list(desk.home.snapshots.glob("snapshot-*"))) == 1
    assert (
        "Nothing changed" in desk.error("publish", "--public", desk.files / "website", "--dry-run", code=4)["message"]
    )


@pytest.mark.parametrize("damaged", [b"", b"ab" * 31, b"not hex"])
def test_a_damaged_receipt_secret_is_said_to_be_one(desk: Desk, people: Callable[[int], Path], damaged: bytes) -> None:
    desk.do("import", people(5))
    desk.home.receipt_secret.write_bytes(damaged)

    assert "receipt-secret.hex" in desk.error("publish", "--public", desk.files, code=7)["message"]


@pytest.mark.parametrize("deep", [b"[" * 100_000, b'{"hashes":' + b"[" * 100_000])
def test_a_manifest_nested_without_end_cannot_be_used(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], deep: bytes
) -> None:
    """Found by fuzzing: the verifier ended with a traceback."""
    (tmp_path / "receipt.json").write_bytes(b"{}")
    (tmp_path / "public.json").write_bytes(deep)

    with pytest.raises(SystemExit, match="2"):
        verify_receipt.main([str(tmp_path / "receipt.json"), str(tmp_path / "public.json")])
    assert "cannot be used" in capsys.readouterr().err
