"""`wheel-admin entropy`, `absent` and `withdraw`: what is handed over is what the kiosk takes."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kiosk.core.clock import SystemClock
from kiosk.core.key_files import kiosk_key, load_trusted_keys
from kiosk.draw_session import Session
from kiosk.intake.request_files import Delivered, delivered
from kiosk.intake.snapshot_files import candidates, read
from kiosk.intake.verdict_cache import Verdicts
from kiosk.ledger.checkpoints import Checkpoints
from kiosk.ledger.ledger import Ledger
from kiosk.ledger.secret_store import SecretStore
from kiosk.organiser_requests import Clerk
from kiosk.snapshot.model import Listed
from tests.support import counted_bytes
from tests.wheel_admin.conftest import Desk

RANDOMNESS = "cd" * 32


def quicknet_round(moment: datetime) -> int:
    return int((moment.timestamp() - 1_692_803_367) // 3) + 1


class Room:
    """The kiosk in the room, without its screen."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        desk.home.secrets.mkdir(parents=True, exist_ok=True)
        self.ledger = Ledger(desk.home.ledger, clock=SystemClock())
        secrets = SecretStore(desk.home.secrets, random_bytes=counted_bytes())
        key = kiosk_key(desk.home.kiosk_key, public=desk.home.kiosk_public_key)
        self.session = Session(
            ledger=self.ledger,
            secrets=secrets,
            kiosk_id=key.public.keyid,
            checkpoints=Checkpoints(desk.home.checkpoints, key=key),
        )
        self.clerk = Clerk(ledger=self.ledger, session=self.session)
        self.keys = load_trusted_keys(desk.home.trusted)

    def adopt(self) -> None:
        published = read(next(iter(candidates(self.desk.home.snapshots))), keys=self.keys)
        self.session.adopt(Listed(published.snapshot, published.s))

    def spin(self) -> str:
        decision = self.session.press(start=0)
        self.session.shown(decision, duration_ms=11_000, frames=1)
        return decision.entry.ticket

    def look(self) -> list[str | None]:
        generation = self.session.listed.snapshot.generation if self.session.listed else 0
        verdicts: Verdicts[Delivered] = Verdicts(SystemClock(), settle_ns=0)
        found = delivered(self.desk.home.snapshots, keys=self.keys, generation=generation, verdicts=verdicts)
        assert not verdicts.refusals
        return [self.clerk.take(one) for one in found]


@pytest.fixture
def room(desk: Desk, people: Callable[[int], Path]) -> Room:
    desk.do("import", people(10))
    desk.do("publish")
    return Room(desk)


def test_entropy_goes_from_the_command_line_into_the_next_spin(room: Room, desk: Desk) -> None:
    room.adopt()

    answer = desk.do("entropy", "dice:3.1.6.6.2.4")

    assert (answer["generation"], answer["level"], answer["entropy"]) == (1, "witnessed", "dice:3.1.6.6.2.4")
    assert room.look() == [None]
    assert room.session.level == "witnessed"
    assert "already: dice:3.1.6.6.2.4" in desk.error("entropy", "dice:1.1", code=4)["message"]


def test_entropy_after_a_spin_says_how_many_were_decided_without_it(room: Room, desk: Desk) -> None:
    room.adopt()
    room.spin()
    room.spin()

    answer = desk.run("entropy", "dice:3.1.6.6.2.4.3.3.1.2")

    assert "2 of the list's spins were decided without it" in answer.err


def test_entropy_for_a_list_that_left_the_wheel_first_comes_too_late(room: Room, desk: Desk) -> None:
    room.adopt()
    desk.do("entropy", "dice:1.2.3")
    desk.do("publish", "--force")
    room.adopt()

    assert room.look() == ["It came too late: generation 1 is no longer on the wheel."]
    assert room.look() == [None]


def test_entropy_before_the_kiosk_shows_the_list_is_refused(room: Room, desk: Desk) -> None:
    assert "does not show generation 1" in desk.error("entropy", "dice:1.2.3", code=4)["message"]


def test_entropy_of_no_known_form_is_a_usage_error(room: Room, desk: Desk) -> None:
    room.adopt()
    assert desk.error("entropy", "coin:heads", code=2)


def test_entropy_that_waits_for_the_kiosk_is_not_replaced(room: Room, desk: Desk) -> None:
    room.adopt()
    desk.do("entropy", "dice:1.2.3")

    assert "exists already" in desk.error("entropy", "dice:6.6.6", code=4)["message"]


def test_entropy_that_the_kiosk_refused_can_be_given_anew(room: Room, desk: Desk) -> None:
    room.adopt()
    desk.do("entropy", "dice:1.2.3")
    decision = room.session.press(start=0)
    assert room.look() == ["It came too late: spin 1 is open."]
    room.session.shown(decision, duration_ms=1, frames=1)

    desk.do("entropy", "dice:4.5.6")

    assert room.look() == [None]
    assert room.session.level == "witnessed"


def test_a_drand_round_from_before_the_commitment_or_from_the_future_is_refused(room: Room, desk: Desk) -> None:
    before = quicknet_round(datetime.now(UTC)) - 1
    room.adopt()
    future = quicknet_round(datetime.now(UTC) + timedelta(hours=1))

    early = desk.error("entropy", f"drand:quicknet:{before}:{RANDOMNESS}", code=4)
    late = desk.error("entropy", f"drand:quicknet:{future}:{RANDOMNESS}", code=4)

    assert "before the kiosk committed" in early["message"]
    assert "cannot be known yet" in late["message"]


def test_an_absent_winner_goes_from_the_command_line_into_the_ledger(room: Room, desk: Desk) -> None:
    room.adopt()
    assert "No spin of this list was shown" in desk.error("absent", code=4)["message"]
    room.spin()
    last = room.spin()

    answer = desk.do("absent")

    assert (answer["spin"], answer["ticket"]) == (2, last)
    assert room.look() == [None]
    assert [draw["draw"]["absent"] for draw in desk.do("draws")["draws"]] == [False, True]
    assert "absent already" in desk.error("absent", code=4)["message"]
    assert "Spin 7" in desk.error("absent", "--spin", "7", code=4)["message"]


def test_a_withdrawal_goes_from_the_command_line_to_the_wheel(room: Room, desk: Desk) -> None:
    room.adopt()

    desk.do("withdraw", "T0003", "--reason", "asked to be left out")

    assert room.look() == [None]
    assert room.session.pool().index_of("T0003") is None
    assert "withdrawn already" in desk.error("withdraw", "T0003", "--reason", "again", code=4)["message"]
    assert "not on the list" in desk.error("withdraw", "T9999", "--reason", "who", code=4)["message"]


def test_prune_deletes_messages_for_lists_that_are_gone_once_the_ledger_holds_them(room: Room, desk: Desk) -> None:
    """They stayed for ever: a directory that only grows, looked through at every rescan."""
    room.adopt()
    desk.do("entropy", "dice:3.1.6.6.2.4")
    desk.do("withdraw", "T0003", "--reason", "asked to be left out")
    assert room.look() == [None, None]
    room.spin()
    desk.do("withdraw", "T0005" if room.session.pool().index_of("T0005") is not None else "T0006", "--reason", "ill")
    unheard = sorted(path.name for path in desk.home.snapshots.glob("request-*.json"))
    for title in ("Second", "Third"):
        desk.do("title", title)
        desk.do("publish")
    before = {path.name for path in desk.home.snapshots.iterdir()}
    assert desk.do("prune", "--keep", "2")["messages"] == []  # the kiosk still shows the list that they are for

    room.adopt()
    would = desk.do("prune", "--keep", "2", "--dry-run")
    assert {path.name for path in desk.home.snapshots.iterdir()} == before
    done = desk.do("prune", "--keep", "2")

    gone = before - {path.name for path in desk.home.snapshots.iterdir()}
    assert would["messages"] == done["messages"]
    assert done["deleted"] == [1]
    assert gone == {"snapshot-000001.json", *done["messages"]}
    assert "entropy-000001.json" in gone
    assert len(gone.intersection(unheard)) == 1, "the withdrawal that the ledger does not hold stays"


def test_prune_deletes_messages_that_the_kiosk_refused(room: Room, desk: Desk) -> None:
    room.adopt()
    decision = room.session.press(start=0)
    desk.do("entropy", "dice:1.2.3")
    assert room.look() == ["It came too late: spin 1 is open."]
    room.session.shown(decision, duration_ms=1, frames=1)
    desk.do("publish", "--force")
    room.adopt()

    assert desk.do("prune", "--keep", "1")["messages"] == ["entropy-000001.json"]
