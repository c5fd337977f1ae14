"""The kiosk's records at a source: whole, never shortened, with a fork as evidence."""

from pathlib import Path

import pytest

from kiosk.core.clock import ManualClock
from kiosk.core.home import Home
from kiosk.fetcher.results import Results
from kiosk.fetcher.results_layout import SEGMENT_LINES, kiosk_folder, segment_name, segments
from kiosk.fetcher.transport.base import SourceError
from kiosk.ledger.reader import read_records
from tests.kiosk.fetcher.world import Dictionary, Faulty, new_home
from tests.support import Desk, private_key, snapshot

KIOSK = private_key(7)
FOLDER = kiosk_folder(KIOSK.public.keyid)
LEDGER = f"{FOLDER}/{segment_name('ledger', 1)}"
CHECKPOINTS = f"{FOLDER}/{segment_name('checkpoints', 1)}"


class Kiosk:
    """A kiosk with a source that takes its records."""

    def __init__(self, root: Path) -> None:
        self.home: Home = new_home(root)
        self.home.kiosk_public_key.write_bytes(KIOSK.public.pem())
        self.home.status.write_bytes(b'{"state":"idle"}\n')
        self.desk = Desk(self.home.kiosk)
        self.desk.adopt(snapshot(1, people=40))
        self.files: dict[str, bytes] = {}
        self.way = Faulty(Dictionary(self.files))
        self.clock = ManualClock()
        self.restart()

    def restart(self) -> None:
        """Start another sender: it remembers nothing."""
        self.results = Results(self.home, self.way, self.clock)


@pytest.fixture
def kiosk(tmp_path: Path) -> Kiosk:
    return Kiosk(tmp_path)


def test_status_ledger_and_checkpoints_arrive_whole(kiosk: Kiosk) -> None:
    kiosk.desk.spin()
    with kiosk.home.ledger.open("ab") as file:
        file.write(b'{"half a rec')

    assert kiosk.results.send() == "Results are sent."
    assert kiosk.files[LEDGER] + b'{"half a rec' == kiosk.home.ledger.read_bytes()
    assert kiosk.files[CHECKPOINTS] == kiosk.home.checkpoints.read_bytes()
    assert kiosk.files[f"{FOLDER}/status.json"] == b'{"state":"idle"}\n'
    assert list(read_records(kiosk.files[LEDGER]))


def test_the_checkpoints_at_the_source_never_sign_a_record_that_is_not_there(kiosk: Kiosk) -> None:
    """The line is cut after each request in turn; what lies at the source agrees with itself at every moment."""
    for cut_at in range(1, 12):
        kiosk.desk.spin()
        count = iter(range(1000))

        def cut(name: str, data: bytes, cut_at: int = cut_at, count: object = count) -> bytes:
            if next(count) >= cut_at:  # type: ignore[call-overload]
                raise SourceError("cut")
            return data

        kiosk.way.faults = cut
        kiosk.results.send()
        assert kiosk.files.get(CHECKPOINTS, b"").count(b"\n") <= kiosk.files.get(LEDGER, b"").count(b"\n")
    kiosk.way.faults = None
    assert kiosk.results.send() == "Results are sent."
    assert kiosk.files[LEDGER] == kiosk.home.ledger.read_bytes()


def test_nothing_is_sent_again_while_nothing_changes(kiosk: Kiosk) -> None:
    kiosk.results.send()
    before = dict(kiosk.files)
    kiosk.files.clear()
    kiosk.results.send()
    assert kiosk.files == {}
    kiosk.restart()
    kiosk.files.update(before)
    kiosk.results.send()
    assert kiosk.files == before


def test_a_ledger_that_lost_its_end_does_not_shorten_the_one_at_the_source(kiosk: Kiosk) -> None:
    for _ in range(3):
        kiosk.desk.spin()
    kiosk.results.send()
    witness = kiosk.files[LEDGER]
    lines = witness.splitlines(keepends=True)
    kiosk.home.ledger.write_bytes(b"".join(lines[:-3]))  # an old copy of the SD card
    kiosk.restart()

    assert "IS NOT THIS ONE" in kiosk.results.send()
    assert kiosk.files[LEDGER] == witness


def test_a_forked_ledger_is_put_beside_the_one_at_the_source(kiosk: Kiosk, tmp_path: Path) -> None:
    for _ in range(3):
        kiosk.desk.spin()
    kiosk.results.send()
    witness = kiosk.files[LEDGER]
    other = Kiosk(tmp_path / "other")
    other.desk.clock.advance_ns(10**9)
    for _ in range(4):
        other.desk.spin()
    kiosk.home.ledger.write_bytes(other.home.ledger.read_bytes())
    kiosk.restart()

    assert "IS NOT THIS ONE" in kiosk.results.send()
    assert kiosk.files[LEDGER] == witness
    forks = [name for name in kiosk.files if "/fork-" in name]
    assert [kiosk.files[name] for name in forks] == [other.home.ledger.read_bytes()]


def test_segments_are_full_but_the_last_and_hold_whole_lines() -> None:
    data = b"".join(b"%d\n" % number for number in range(2 * SEGMENT_LINES + 5))
    cut = segments(data + b"half")

    assert b"".join(cut) == data
    assert [part.count(b"\n") for part in cut] == [SEGMENT_LINES, SEGMENT_LINES, 5]
    assert segments(b"") == []
