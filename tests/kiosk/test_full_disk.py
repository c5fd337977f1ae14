"""The disk is full at every write of the kiosk, one after the other: a notice, no spin that is not recorded, and all
goes on by itself when there is room again; nothing is lost, drawn twice or left out.

The whole kiosk runs on simulated time, without its pictures: start, list, spin, absence, withdrawal, a newer list,
more spins. Each of its durable operations is the first that finds the disk full, for half a minute or just once (then
every fourth, or with WHEEL_EVERY=1 each).
"""

import contextlib
import os
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path

import pytest

os.environ.setdefault("SDL_VIDEODRIVER", "dummy")
os.environ.setdefault("SDL_AUDIODRIVER", "dummy")

from kiosk.auto_spins import DISK_PATIENCE_MS
from kiosk.core.clock import NS_PER_MS, NS_PER_S
from kiosk.core.errors import HomeError
from kiosk.core.home import Home
from kiosk.devices.inputs import Action
from kiosk.draw.protocol import Chain
from kiosk.ledger import secret_store as secrets_module
from kiosk.ledger.reader import read_records
from kiosk.ledger.record import Result
from kiosk.snapshot.requests import WithdrawMessage
from kiosk.supervise import status_file as status_module
from kiosk.supervise.disk import RETRY_MS
from tests.full_disk import FullDisk, full_disk
from tests.kiosk.scripted import Press, Scripted, scripted_kiosk, small_home
from tests.support import EVENT, audit_home, hand_in, listed, publish, snapshot

SPIN, ABSENT, LEAVE = Action.SPIN, Action.ABSENT, Action.LEAVE
FULL_S = 30
"""How long the disk stays full."""


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(secrets_module, "Chain", partial(Chain, length=20))
    # Simulated time is cheap, and not free: a status only when something changed.
    monkeypatch.setattr(status_module, "SIGN_OF_LIFE_NS", 3600 * NS_PER_S)


@contextlib.contextmanager
def kiosk(home: Home, spins: int | None = None) -> Iterator[Scripted]:
    """Yield a kiosk without pictures that polls seldom, and looks for files every three seconds."""
    look_ns = [0]
    with scripted_kiosk(home, fps=2, spins=spins, drawing=False, idle_ns=250 * NS_PER_MS) as kiosk:

        def look() -> None:
            if kiosk.clock.monotonic_ns() >= look_ns[0]:
                look_ns[0] = kiosk.clock.monotonic_ns() + 3 * NS_PER_S
                kiosk.look()

        kiosk.every = look
        yield kiosk


def kinds(home: Home) -> list[str]:
    return [type(record.body).__name__.lower() for record in read_records(home.ledger.read_bytes())]


def new_list(home: Home) -> None:
    publish(home.snapshots, snapshot(2, people=8, previous=listed(snapshot(people=6)).s))


def withdrawal(home: Home, ticket: str) -> None:
    hand_in(home.snapshots, WithdrawMessage(event=EVENT, ticket=ticket, reason="asked to be left out"))


def rubbish(home: Home) -> None:
    (home.snapshots / "snapshot-000009.json").write_bytes(b"rubbish")


def loser(home: Home) -> str:
    """Return a ticket that has not won."""
    bodies = [record.body for record in read_records(home.ledger.read_bytes())]
    won = {ticket for body in bodies if isinstance(body, Result) for ticket in body.winners}
    return next(ticket for ticket in ("E0001", "E0002") if ticket not in won)


def evening(home: Home, disk: FullDisk, *, leave_s: float = 160.0) -> list[str]:
    """Run the kiosk through everything that it writes, with three presses more at the end; returns what it said."""
    presses: list[Press] = [
        (1.0, SPIN),
        (18.0, ABSENT),
        (19.0, ABSENT),
        (60.0, SPIN),
        (78.0, SPIN),
        (125.0, SPIN),
        (leave_s, LEAVE),
    ]
    deeds = [
        (20.0, lambda: rubbish(home)),
        (24.0, lambda: withdrawal(home, loser(home))),
        (40.0, lambda: new_list(home)),
    ]
    full_since: list[int] = []
    with kiosk(home) as scripted:
        look = scripted.every

        def every() -> None:
            now = scripted.clock.monotonic_ns()
            if disk.failed and not full_since:
                full_since.append(now)
            if full_since and now - full_since[0] >= FULL_S * NS_PER_S:
                disk.make_room()
            look()

        scripted.every = every
        scripted.run(*presses, deeds=deeds)
        standing = scripted.screen.scenes[-1].faults
        assert not any("No space" in notice for notice in standing), "the notice is gone when there is room"
        assert scripted.loader.problem == ""
        return scripted.screen.said


@pytest.fixture
def disk() -> Iterator[FullDisk]:
    with full_disk() as disk:
        yield disk


def operations(directory: Path) -> int:
    """Return how many durable operations an undisturbed evening takes, up to the last press but one."""
    home = small_home(directory)
    with full_disk() as disk:
        evening(home, disk, leave_s=120.0)
    expected = ["adopt", "open", "result", "shown", "claim", "refused", "withdraw", "adopt"]
    assert kinds(home) == [*expected, *["open", "result", "shown"] * 2]
    return disk.count


@pytest.mark.slow
@pytest.mark.parametrize("how", ["for half a minute", "once"])
def test_a_disk_that_is_full_at_any_write_loses_nothing_and_all_goes_on_by_itself(tmp_path: Path, how: str) -> None:
    total = operations(tmp_path / "undisturbed")
    assert total > 100
    refused_starts: list[str] = []
    every = 1 if how == "for half a minute" or os.environ.get("WHEEL_EVERY") else 4
    for number in range(1, total + 1, every):
        home = small_home(tmp_path / str(number))
        with full_disk() as disk:
            (disk.full_from if how == "for half a minute" else disk.full_once)(number)
            try:
                notices = evening(home, disk)
            except HomeError as error:  # at the start, with nothing to show yet: the supervisor tries again
                refused_starts.append(str(error))
                disk.make_room()
                notices = evening(home, disk)
                disk.failed.clear()
        found = kinds(home)
        audit_home(home)
        assert found.count("open") == found.count("result") == found.count("shown") >= 2, (number, found)
        assert found.count("adopt") == 2, (number, found)
        assert found.count("refused") == 1, (number, found)
        assert found.count("withdraw") == 1, (number, found)
        if how == "for half a minute" and disk.failed:
            assert any("No space left on device" in notice for notice in notices), (number, disk.failed)
        assert not list(home.root.rglob("*.tmp")), number
    assert len(refused_starts) < total // 3
    assert all("No space left on device. Free some space on that disk." in said for said in refused_starts)


# ---- the stories of what was wrong ---------------------------------------------------------------------------------


class Room:
    """A kiosk, a disk, and a script for both."""

    def __init__(self, home: Home, disk: FullDisk) -> None:
        self.home = home
        self.disk = disk

    def run(
        self,
        *presses: Press,
        spins: int | None = None,
        doing: Mapping[float, Callable[[Scripted], object]] | None = None,
    ) -> list[str]:
        """Run a kiosk; returns what it said."""
        with kiosk(self.home, spins) as scripted:
            scripted.run(*presses, deeds=[(at, partial(what, scripted)) for at, what in (doing or {}).items()])
            return scripted.screen.said

    def fill(self, _: object = None) -> None:
        """From now on the disk is full."""
        self.disk.full_from(0)

    def fill_after(self, operations: int) -> Callable[[Scripted], None]:
        """Let so many operations pass before it is full."""
        return lambda _: self.disk.full_from(self.disk.count + operations + 1)

    def make_room(self, _: object = None) -> None:
        self.disk.make_room()


@pytest.fixture
def room(tmp_path: Path, disk: FullDisk) -> Room:
    return Room(small_home(tmp_path / "home"), disk)


OPEN_ALONE = 2
"""Operations of the `open` record: write, fsync."""


def test_a_press_of_spins_that_the_disk_refuses_is_not_counted_as_made(room: Room) -> None:
    """It was counted, or it ended the run, as the disk pleased."""
    said = room.run(spins=2, doing={0.1: room.fill, 20.0: room.make_room})

    assert kinds(room.home).count("shown") == 2
    assert any("No space left on device" in one for one in said)


def test_spins_whose_disk_stays_full_end_with_what_the_disk_said(room: Room) -> None:
    with pytest.raises(HomeError, match="No space left on device") as caught:
        room.run((DISK_PATIENCE_MS / 1000 + 30, LEAVE), spins=2, doing={0.1: room.fill})

    assert caught.value.exit_code == 7
    assert kinds(room.home) == ["adopt"]


def test_the_last_of_the_asked_spins_is_recorded_before_leaving(room: Room) -> None:
    room.run(spins=1, doing={5.0: room.fill, 40.0: room.make_room})

    assert kinds(room.home) == ["adopt", "open", "result", "shown"]


def test_the_end_of_a_spin_is_recorded_without_a_press_when_there_is_room_again(room: Room) -> None:
    """It waited for the next press, perhaps until the power went: then the spin was shown a second time."""
    room.run((1.0, SPIN), (30.0, LEAVE), doing={5.0: room.fill, 20.0: room.make_room})

    assert kinds(room.home) == ["adopt", "open", "result", "shown"]


def test_a_list_waits_for_a_spin_that_was_opened_and_could_not_be_decided(room: Room) -> None:
    """It was adopted in between: the spin had a number and no result, and the verifier refused the whole ledger."""
    doing = {0.9: room.fill_after(OPEN_ALONE), 5.0: lambda _: new_list(room.home), 20.0: room.make_room}
    room.run((1.0, SPIN), (60.0, LEAVE), doing=doing)

    assert kinds(room.home) == ["adopt", "open", "result", "shown", "adopt"]
    audit_home(room.home)


def test_a_spin_that_was_opened_goes_on_by_itself_when_there_is_room(room: Room) -> None:
    """As it does after a restart."""
    room.run((1.0, SPIN), (40.0, LEAVE), doing={0.9: room.fill_after(OPEN_ALONE), 10.0: room.make_room})

    assert kinds(room.home) == ["adopt", "open", "result", "shown"]


def test_a_spin_that_was_opened_on_a_full_disk_waits_for_room_also_after_a_restart(room: Room) -> None:
    room.run((1.0, SPIN), (5.0, LEAVE), doing={0.9: room.fill_after(OPEN_ALONE)})
    assert kinds(room.home) == ["adopt", "open"]

    room.run((60.0, LEAVE), doing={20.0: room.make_room})

    assert kinds(room.home) == ["adopt", "open", "result", "shown"]


def test_a_refused_file_is_recorded_when_there_is_room_again(room: Room) -> None:
    """It was taken as recorded although the disk had refused that."""
    doing = {1.0: room.fill, 2.0: lambda _: rubbish(room.home), 20.0: room.make_room}
    room.run((30.0, LEAVE), doing=doing)

    assert kinds(room.home) == ["adopt", "refused"]


def test_the_notice_goes_when_there_is_room_though_nobody_presses(room: Room) -> None:
    seen: list[tuple[str, ...]] = []
    doing = {
        1.0: room.fill,
        10.0: lambda kiosk: seen.append(kiosk.screen.scenes[-1].faults),
        20.0: room.make_room,
        20.0 + 2 * RETRY_MS / 1000: lambda kiosk: seen.append(kiosk.screen.scenes[-1].faults),
    }
    room.run((5.0, SPIN), (30.0, LEAVE), doing=doing)

    assert "No space left on device" in seen[0][0]
    assert seen[1] == ()
    assert kinds(room.home) == ["adopt"]


@pytest.mark.slow
@pytest.mark.parametrize("written", range(12))
def test_a_start_on_a_full_disk_shows_the_last_list_and_takes_the_newer_one_later(room: Room, written: int) -> None:
    """It left with an error, over and over, while it had a list to show. The secret takes 5 writes, the copy 5, the
    record 2: the disk may be full at any of them."""
    room.run((1.0, LEAVE))
    new_list(room.home)
    room.disk.full_from(room.disk.count + written + 1)
    generations: list[int] = []

    def note(kiosk: Scripted) -> None:
        assert kiosk.session.listed is not None
        generations.append(kiosk.session.listed.snapshot.generation)

    said = room.run((30.0, LEAVE), doing={5.0: note, 10.0: room.make_room, 25.0: note})

    assert generations == [1, 2]
    assert any("No space left on device" in one for one in said)
    assert kinds(room.home) == ["adopt", "adopt"]


@pytest.mark.slow
def test_a_full_disk_is_logged_once_and_not_at_every_attempt(room: Room, caplog: pytest.LogCaptureFixture) -> None:
    room.run((1.0, SPIN), (600.0, LEAVE), doing={0.5: room.fill})

    said = [record.getMessage() for record in caplog.records if "No space left" in record.getMessage()]
    assert 1 <= len(said) <= 3
    assert 600 * 1000 // RETRY_MS // 2 < len(room.disk.failed) < 2 * 600 * 1000 // RETRY_MS
