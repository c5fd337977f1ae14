"""From the laptop to a source and back: publish --to, send, targets, status --from, verify --from."""

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from kiosk.core.clock import ManualClock, SystemClock
from kiosk.core.home import Home
from kiosk.core.key_files import load_trusted_keys
from kiosk.fetcher.index_file import INDEX_NAME
from kiosk.fetcher.pacing import Pacing
from kiosk.fetcher.placing import prepare
from kiosk.fetcher.results import Results
from kiosk.fetcher.source import Source
from kiosk.fetcher.transport.folder import Folder
from kiosk.intake import snapshot_files as store
from kiosk.machine import State
from kiosk.session.open_session import open_session
from kiosk.snapshot.model import Listed
from kiosk.supervise.status_file import StatusFile
from tests.support import counted_bytes
from tests.wheel_admin.conftest import Desk


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    folder = tmp_path / "shelf"
    folder.mkdir()
    return folder


class Hall:
    """A kiosk elsewhere that fetches from a folder and writes back to it."""

    def __init__(self, root: Path, shelf: Path, desk: Desk) -> None:
        self.home = Home(root)
        prepare(self.home)
        self.home.trusted.mkdir(parents=True)
        for path in desk.home.trusted.iterdir():
            (self.home.trusted / path.name).write_bytes(path.read_bytes())
        folder = Folder(shelf)
        self.source = Source(
            self.home,
            str(shelf),
            folder,
            pacing=Pacing(every_s=5, random=lambda: 0.5, now_ns=0),
            clock=SystemClock(),
            results=Results(self.home, folder, ManualClock()),
        )

    def take(self, *, spins: int = 0) -> None:
        """Fetch, adopt the newest list, spin, and write back."""
        assert self.source.poll(), self.source.report()
        keys = load_trusted_keys(self.home.trusted)
        published, _ = store.newest_good(store.candidates(self.home.snapshots), keys=keys, floor=store.Floor())
        assert published is not None
        names, data = store.read_names(published.snapshot, (self.home.snapshots,))
        with open_session(self.home, clock=SystemClock(), random_bytes=counted_bytes()) as books:
            session = books.session
            store.keep_copy(published, data, self.home.adopted)
            session.adopt(Listed(published.snapshot, published.s, names, published.signer))
            for _ in range(spins):
                session.shown(session.press(start=0), duration_ms=11_000, frames=660)
            StatusFile(self.home.status, SystemClock()).refresh(State.IDLE, session, ())
        assert self.source.poll()


@pytest.fixture
def published(desk: Desk, people: Callable[[int], Path]) -> Desk:
    desk.do("import", people(5))
    return desk


@pytest.mark.slow
@pytest.mark.parametrize(
    "url", ["sftp://h:99999/y", "sftp://h:abc/y", "ftp://[x/y", "foo://bar", "ftp://h/x", "sftp://", "s3://", "", " "]
)
def test_what_cannot_be_a_target_is_refused_before_anything_is_published(url: str, desk: Desk) -> None:
    """Some were published first and remembered, and every later publish failed."""
    desk.do("import", desk.text("people.csv", "Ticket,Name\n1,Ana\n2,Bo\n"))
    error = desk.error("publish", "--yes", "--to", url, code=2)

    assert error["remedy"]
    assert list(desk.home.snapshots.glob("snapshot-*")) == []
    assert not desk.home.targets.exists()


def test_publish_to_writes_the_index_last_and_remembers_the_target(published: Desk, shelf: Path) -> None:
    answer = published.do("publish", "--to", str(shelf))

    assert answer["sent"]["targets"] == [{"url": str(shelf), "files": 2, "problem": ""}]
    newest = max(shelf.iterdir(), key=lambda path: path.stat().st_mtime_ns)
    assert newest.name == INDEX_NAME
    assert published.do("targets")["urls"] == [str(shelf)]
    published.do("title", "Another")
    assert published.do("publish")["sent"]["targets"][0]["files"] == 2
    assert published.do("send")["targets"][0]["files"] == 0
    assert published.do("targets", "--remove", str(shelf))["urls"] == []


def test_an_unchanged_list_can_be_published_to_one_more_target(published: Desk, shelf: Path, tmp_path: Path) -> None:
    published.do("publish", "--to", str(shelf))
    second = tmp_path / "second"
    second.mkdir()

    assert published.do("publish", "--to", str(second))["generation"] == 1
    assert (second / "snapshot-000001.json").exists()


@pytest.mark.slow
def test_a_target_out_of_reach_stops_no_other_one_and_is_said(published: Desk, shelf: Path) -> None:
    outcome = published.run("publish", "--to", "sftp://pi@127.0.0.1:1/x", "--to", str(shelf))

    assert outcome.code == 7
    assert "sftp://pi@127.0.0.1:1/x is not up to date" in outcome.err
    assert "wheel-admin send" in outcome.err
    assert "published generation 1" in outcome.out
    assert (shelf / "snapshot-000001.json").exists()


@pytest.mark.parametrize(
    ("url", "remedy"), [("https://example.org/", "sftp://"), ("sftp://pi:s3cret@wheel.local/x", "SSH key")]
)
def test_a_target_that_cannot_be_is_refused_with_a_way_out(url: str, remedy: str, published: Desk) -> None:
    error = published.error("send", "--to", url, code=2)

    assert remedy in error["remedy"]
    assert "s3cret" not in str(error)


@pytest.mark.slow
def test_a_list_goes_to_a_kiosk_elsewhere_and_its_results_come_back(
    published: Desk, shelf: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    published.do("publish", "--to", str(shelf))
    hall = Hall(tmp_path / "hall", shelf, published)
    hall.take(spins=2)

    [line] = published.do("status", "--from", str(shelf))["kiosks"]
    assert (line["generation"], line["last_spin"], line["problems"]) == (1, 2, [])
    said = published.run("status", "--from", str(shelf)).out
    assert "generation 1" in said
    [taken] = published.do("send", "--wait")["kiosks"]
    assert taken["taken"]
    keys = ("--kiosk", store_id(hall.home), "--organiser", organiser(published))
    assert published.run("verify", "--from", str(shelf), *keys).code == 0
    assert published.run("verify", "--from", str(shelf)).code == 3


def store_id(home: Home) -> str:
    from kiosk.core.key_files import public_kiosk_key

    key = public_kiosk_key(home.kiosk_public_key)
    assert key is not None
    return key.keyid


def organiser(desk: Desk) -> str:
    return next(iter(load_trusted_keys(desk.home.trusted)))


@pytest.mark.slow
def test_verify_from_finds_a_ledger_that_was_cut_at_the_source(published: Desk, shelf: Path, tmp_path: Path) -> None:
    published.do("publish", "--to", str(shelf))
    hall = Hall(tmp_path / "hall", shelf, published)
    hall.take(spins=3)
    [ledger] = shelf.glob("kiosks/*/ledger-*.jsonl")
    [checkpoints] = shelf.glob("kiosks/*/checkpoints-*.jsonl")
    lines = ledger.read_bytes().splitlines(keepends=True)
    ledger.write_bytes(b"".join(lines[:-3]))
    checkpoints.write_bytes(b"".join(checkpoints.read_bytes().splitlines(keepends=True)[:2]))

    outcome = published.run("verify", "--from", str(shelf), "--require", "consistent")
    assert outcome.code == 1
    assert "CUT" in outcome.out


@pytest.mark.slow
def test_verify_from_finds_a_ledger_that_was_forked_on_the_kiosk(published: Desk, shelf: Path, tmp_path: Path) -> None:
    """An old copy of the SD card goes on: the witness at the source keeps what was drawn first."""
    published.do("publish", "--to", str(shelf))
    hall = Hall(tmp_path / "hall", shelf, published)
    hall.take(spins=1)
    kept = {path: path.read_bytes() for path in (hall.home.ledger, hall.home.checkpoints)}
    hall.take(spins=2)
    for path, data in kept.items():
        path.write_bytes(data)
    again = Hall.__new__(Hall)
    again.home = hall.home
    folder = Folder(shelf)
    pacing = Pacing(every_s=5, random=lambda: 0.5, now_ns=0)
    results = Results(hall.home, folder, ManualClock())
    again.source = Source(hall.home, str(shelf), folder, pacing=pacing, clock=SystemClock(), results=results)
    again.take(spins=1)

    assert "IS NOT THIS ONE" in again.source.report().results
    outcome = published.run("verify", "--from", str(shelf), "--require", "consistent")
    assert outcome.code == 1
    assert "FORK" in outcome.out
    assert "FORK" in published.run("status", "--from", str(shelf)).out


def test_the_answer_of_status_from_is_one_json_object(published: Desk, shelf: Path) -> None:
    assert msgspec.json.decode(published.run("status", "--from", str(shelf), "--json").out)["kiosks"] == []


@pytest.mark.slow
def test_received_records_let_the_laptop_draw_up_results_and_hand_in_requests(
    published: Desk, shelf: Path, tmp_path: Path
) -> None:
    published.do("publish", "--to", str(shelf))
    hall = Hall(tmp_path / "hall", shelf, published)
    hall.take(spins=2)
    assert "made it up" in published.error("receive", "--from", str(shelf), code=4)["message"]
    published.do("pair", "--kiosk", store_id(hall.home))
    answer = published.do("receive", "--from", str(shelf))
    assert (answer["records"], answer["new"], answer["last_spin"]) == (7, 7, 2)
    assert published.home.ledger.read_bytes() == hall.home.ledger.read_bytes()
    assert len(published.do("draws")["draws"]) == 2

    ticket = next(iter(published.draft.entries)).ticket
    published.do("withdraw", ticket, "--reason", "asked to be left out")
    assert published.do("send")["targets"][0]["files"] == 1
    assert hall.source.poll()
    assert [path.name for path in hall.home.snapshots.glob("request-*.json")]
    assert published.do("receive", "--from", str(shelf))["new"] == 0


@pytest.mark.slow
def test_receive_never_overwrites_records_that_are_not_a_copy(published: Desk, shelf: Path, tmp_path: Path) -> None:
    published.do("publish", "--to", str(shelf))
    hall = Hall(tmp_path / "hall", shelf, published)
    hall.take(spins=1)
    published.do("pair", "--kiosk", store_id(hall.home))
    published.do("receive", "--from", str(shelf))
    longer = published.home.ledger.read_bytes() + b"{}\n"
    published.home.ledger.write_bytes(longer)
    assert "FORK" in published.error("receive", "--from", str(shelf), code=8)["message"]
    assert published.home.ledger.read_bytes() == longer

    published.home.kiosk_key.write_bytes(hall.home.kiosk_key.read_bytes())
    assert "a kiosk of its own" in published.error("receive", "--from", str(shelf), code=4)["message"]
