"""Signed heads: the end of the ledger cannot be cut, not even at a record's edge, without anybody noticing."""

from pathlib import Path

import pytest

from kiosk.core.clock import ManualClock
from kiosk.core.errors import HomeError, LedgerBroken, SnapshotError
from kiosk.core.home import Home
from kiosk.core.key_files import kiosk_key
from kiosk.core.keys import PrivateKey
from kiosk.intake.snapshot_files import KnownLists
from kiosk.ledger.checkpoints import Checkpoints, opened, sealed
from kiosk.ledger.ledger import Ledger
from kiosk.ledger.record import Note, hash_of
from kiosk.snapshot.requests import CheckpointMessage
from tests.support import KEY, STRANGER, Desk, listed, snapshot, trusting

TEN = listed(snapshot())


def signed(path: Path, key: PrivateKey) -> list[tuple[int, str]]:
    """Return the heads of a file, each checked against the key."""
    lines = path.read_bytes().splitlines(keepends=True)
    checkpoints = [opened(line, keys=trusting(key)) for line in lines]
    assert {one.kiosk for one in checkpoints} <= {key.public.keyid}
    return [(one.seq, one.head) for one in checkpoints]


def heads(desk: Desk) -> list[str]:
    return [hash_of(record.line()) for record in desk.records()]


def test_every_head_is_signed_except_while_a_spin_is_open(tmp_path: Path) -> None:
    with Desk(tmp_path, key=KEY) as desk:
        desk.adopt(snapshot(entropy=("dice",)))
        desk.enter("dice:3")
        desk.session.refuse("x.json", "bad")
        decision = desk.session.press(start=0)
        desk.session.refuse("y.json", "bad")
        assert len(signed(tmp_path / "checkpoints.jsonl", KEY)) == 3
        desk.session.shown(decision, duration_ms=1, frames=1)
        desk.spin()

        assert desk.kinds() == [
            *("adopt", "entropy", "refused", "open", "result", "refused", "shown", "open", "result", "shown"),
        ]
        assert signed(tmp_path / "checkpoints.jsonl", KEY) == [(seq, heads(desk)[seq - 1]) for seq in (1, 2, 3, 7, 10)]


def test_a_line_is_an_envelope_with_the_kiosks_signature(tmp_path: Path) -> None:
    checkpoint = CheckpointMessage(kiosk=KEY.public.keyid, seq=4, head="a" * 64)
    line = sealed(checkpoint, key=KEY)

    assert line.startswith(b'{"payloadType":"wheel-checkpoint/2","payload":"')
    assert opened(line, keys=trusting(KEY)) == checkpoint
    with pytest.raises(SnapshotError):
        opened(line, keys=trusting(STRANGER))
    with pytest.raises(SnapshotError, match="another kiosk"):
        opened(sealed(checkpoint, key=STRANGER), keys=trusting(STRANGER))


@pytest.mark.parametrize("cut", [1, 2, 3, 5])
def test_a_ledger_that_lost_whole_records_is_refused_at_the_next_start(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "checkpoints.jsonl"
    with Desk(tmp_path, key=KEY) as desk:
        desk.adopt(TEN)
        desk.spin()
        desk.spin()
        lines = desk.path.read_bytes().splitlines(keepends=True)
        desk.path.write_bytes(b"".join(lines[:-cut]))

        with pytest.raises(LedgerBroken, match="does not hold record 7"):
            Checkpoints(path, key=KEY).check(desk.path)


def test_a_ledger_that_went_on_after_the_last_checkpoint_is_fine(tmp_path: Path) -> None:
    path = tmp_path / "checkpoints.jsonl"
    with Desk(tmp_path, key=KEY) as desk:
        desk.adopt(TEN)
        desk.ledger.checkpoints = None
        desk.ledger.append(Note(text="afterwards"))

        Checkpoints(path, key=KEY).check(desk.path)


def test_another_ledger_of_the_same_length_is_refused(tmp_path: Path) -> None:
    checkpoints = Checkpoints(tmp_path / "checkpoints.jsonl", key=KEY)
    for name in ("one", "other"):
        ledger = Ledger(tmp_path / f"{name}.jsonl", clock=ManualClock(), lists=KnownLists())
        ledger.append(Note(text=name))
        if name == "one":
            checkpoints.sign(ledger.seq, ledger.head)
        ledger.close()

    checkpoints.check(tmp_path / "one.jsonl")
    with pytest.raises(LedgerBroken):
        checkpoints.check(tmp_path / "other.jsonl")


@pytest.mark.parametrize("keep", range(1, 60, 7))
def test_a_torn_checkpoint_is_cut_off_and_signed_again(tmp_path: Path, keep: int) -> None:
    path = tmp_path / "checkpoints.jsonl"
    first = Checkpoints(path, key=KEY)
    first.sign(4, "a" * 64)
    whole = path.read_bytes()
    first.sign(7, "b" * 64)
    both = path.read_bytes()
    first.close()
    path.write_bytes(both[: len(whole) + keep])

    again = Checkpoints(path, key=KEY)
    assert again.last is not None
    assert again.last.seq == 4
    again.sign(7, "b" * 64)

    assert path.read_bytes() == both


def test_blocks_that_never_reached_the_disk_are_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "checkpoints.jsonl"
    Checkpoints(path, key=KEY).sign(4, "a" * 64)
    whole = path.read_bytes()
    path.write_bytes(whole + b"\0" * 40 + b"\n")

    Checkpoints(path, key=KEY)

    assert path.read_bytes() == whole


def test_after_zeros_within_the_file_only_the_whole_lines_before_them_count(tmp_path: Path) -> None:
    path = tmp_path / "checkpoints.jsonl"
    for seq in (4, 7):
        Checkpoints(path, key=KEY).sign(seq, "a" * 64)
    both = path.read_bytes()
    path.write_bytes(both + b"torn" + b"\0" * 40 + b"\n" + both[:10] + b"\0\n" + both)

    assert Checkpoints(path, key=KEY).last == CheckpointMessage(kiosk=KEY.public.keyid, seq=7, head="a" * 64)
    assert path.read_bytes() == both


def test_a_file_of_zeros_holds_no_checkpoint(tmp_path: Path) -> None:
    path = tmp_path / "checkpoints.jsonl"
    path.write_bytes(b"\0" * 40 + b"\n")

    assert Checkpoints(path, key=KEY).last is None
    assert path.read_bytes() == b""


@pytest.mark.parametrize(
    "line",
    [
        b'{"seq":1}\n',
        b"garbage\n",
        b'{"head":"%s","kiosk":"k","seq":-8,"sig":""}\n' % (b"0" * 64),
        sealed(CheckpointMessage(kiosk=STRANGER.public.keyid, seq=9, head="b" * 64), key=STRANGER),
        sealed(CheckpointMessage(kiosk=KEY.public.keyid, seq=9, head="b" * 64), key=STRANGER),
    ],
    ids=["another object", "garbage", "a negative number", "a stranger", "a stranger who names the kiosk"],
)
def test_a_line_that_the_kiosk_did_not_sign_is_passed_over(tmp_path: Path, line: bytes) -> None:
    path = tmp_path / "checkpoints.jsonl"
    Checkpoints(path, key=KEY).sign(4, "a" * 64)
    with path.open("ab") as file:
        file.write(line)

    assert Checkpoints(path, key=KEY).last == CheckpointMessage(kiosk=KEY.public.keyid, seq=4, head="a" * 64)


def test_files_that_cannot_be_read_are_home_errors_that_name_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "checkpoints.jsonl"
    checkpoints = Checkpoints(path, key=KEY)
    checkpoints.sign(1, "a" * 64)

    with pytest.raises(HomeError) as caught:
        checkpoints.check(tmp_path / "nowhere.jsonl")
    assert caught.value.message == f"Cannot read {tmp_path / 'nowhere.jsonl'}: No such file or directory."

    def denied(_: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", denied)
    with pytest.raises(HomeError) as caught:
        Checkpoints(path, key=KEY)
    assert caught.value.message == f"Cannot read {path}: Permission denied."


@pytest.mark.parametrize("lines", [0, 1, 2])
def test_a_ledger_shorter_than_what_was_signed_is_refused_with_advice(tmp_path: Path, lines: int) -> None:
    checkpoints = Checkpoints(tmp_path / "checkpoints.jsonl", key=KEY)
    checkpoints.sign(3, "a" * 64)
    ledger = tmp_path / "ledger.jsonl"
    ledger.write_bytes(b"{}\n" * lines)

    with pytest.raises(LedgerBroken) as caught:
        checkpoints.check(ledger)
    assert caught.value.message == f"{ledger} does not hold record 3, which this kiosk has signed in checkpoints.jsonl."
    assert "start with a fresh kiosk directory or a bundle (wheel-admin restore)" in caught.value.remedy
    assert "backup" not in caught.value.remedy, "a copied kiosk directory would make a fork"


def test_the_same_head_is_signed_once(tmp_path: Path) -> None:
    path = tmp_path / "checkpoints.jsonl"
    for _ in range(3):
        Checkpoints(path, key=KEY).sign(4, "a" * 64)

    assert len(path.read_bytes().splitlines()) == 1


def test_the_kiosks_key_is_made_once_with_its_public_half_beside_it(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.kiosk.mkdir()
    key = kiosk_key(home.kiosk_key, public=home.kiosk_public_key)
    home.kiosk_public_key.unlink()

    again = kiosk_key(home.kiosk_key, public=home.kiosk_public_key)

    assert again.public == key.public
    assert b"BEGIN PUBLIC KEY" in home.kiosk_public_key.read_bytes()


def test_what_to_keep_is_the_anchor_and_then_each_new_head(tmp_path: Path) -> None:
    with Desk(tmp_path) as desk:
        assert desk.session.proof == ""
        desk.adopt(TEN)
        current = desk.ledger.history.current
        assert current is not None
        assert desk.session.proof == f"A {current.anchor}"
        desk.spin()
        assert desk.session.proof == f"HEAD 4 {desk.ledger.head}"
