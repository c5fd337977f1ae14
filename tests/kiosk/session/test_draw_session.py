"""One spin from press to record: what a spin is, and what it gives away."""

import os
from pathlib import Path
from typing import Any

import pytest

from kiosk.core.errors import RefusedError
from kiosk.draw.protocol import digest, sample
from kiosk.ledger.record import Open
from kiosk.snapshot.model import Entry
from kiosk.wheel.angle import TURN, normalize
from kiosk.wheel.spin import SPIN_TICKS
from tests.kiosk.spins import OTHER, TEN, results, tickets, withdraw
from tests.support import Desk, entries, fixed_bytes, listed, prize, rules, snapshot

# ---- what a spin is -------------------------------------------------------------------------------------------------


def test_a_spin_is_open_result_shown_after_one_adopt(desk: Desk) -> None:
    desk.session.adopt(TEN)
    desk.spin()
    desk.spin()

    assert desk.kinds() == ["adopt", "open", "result", "shown", "open", "result", "shown"]


def test_the_name_the_pointer_and_the_record_are_one_integer(desk: Desk) -> None:
    desk.session.adopt(listed(snapshot(people=entries(50, weights=range(1, 51)))))
    for _ in range(20):
        decision = desk.session.press(start=12345)
        result = results(desk)[-1]
        desk.session.shown(decision, duration_ms=11_000, frames=660)

        assert decision.pool.tickets[decision.index] == decision.entry.ticket == result.winners[0]
        assert decision.pool.segments.at(decision.plan.angle_at(SPIN_TICKS)) == decision.index
        assert decision.pool.segments.at(result.rest) == decision.index
        assert (decision.plan.start, decision.plan.rest, decision.plan.turns) == (12345, result.rest, result.turns)
        assert normalize(decision.plan.angle_at(SPIN_TICKS)) == result.rest
        assert 5 * TURN <= decision.plan.distance < 8 * TURN
        assert desk.session.rest() == result.rest
        assert desk.session.winners()[0] == (decision.entry, False)


def test_the_result_is_on_the_disk_when_press_returns(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.session.adopt(TEN)
    synced: list[str] = []
    fsync = os.fsync

    def recording(descriptor: int) -> None:
        fsync(descriptor)
        synced.append(desk.kinds()[-1])

    monkeypatch.setattr(os, "fsync", recording)
    desk.session.press(start=0)

    assert synced == ["open", "result"]


def test_nothing_is_decided_before_open_is_durable(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.session.adopt(TEN)
    last: list[str] = []

    def recording(*arguments: Any, **options: Any) -> Any:
        last.append(desk.kinds()[-1])
        return sample(*arguments, **options)

    monkeypatch.setattr("kiosk.draw.pool.sample", recording)
    desk.session.press(start=0)

    assert last == ["open"]


def test_winners_leave_the_wheel_until_nobody_is_left(desk: Desk) -> None:
    desk.session.adopt(TEN)

    decisions = [desk.spin() for _ in range(10)]

    assert sorted(tickets(decisions)) == [entry.ticket for entry in TEN.snapshot.entries]
    assert [len(decision.pool) for decision in decisions] == list(range(10, 0, -1))
    assert desk.session.left == 0
    assert desk.session.why_no_spin() == "Everybody on this list has won."
    with pytest.raises(RefusedError, match="Everybody on this list has won"):
        desk.session.press(start=0)
    assert desk.kinds()[-1] == "shown"


def test_winners_stay_where_the_list_says_so(desk: Desk) -> None:
    desk.session.adopt(listed(snapshot(people=2, event_rules=rules("never"))))

    decisions = [desk.spin() for _ in range(12)]

    assert {len(decision.pool) for decision in decisions} == {2}
    assert desk.session.left == 2


def test_weights_decide_how_often_an_entry_wins(desk: Desk) -> None:
    """Weight 1 against a million: the light one wins none of fifty spins (once in 20 000 runs; the secret is fixed)."""
    people = entries(2, weights=[1, 1_000_000])
    desk.session.adopt(listed(snapshot(people=people, event_rules=rules("never"))))

    assert set(tickets([desk.spin() for _ in range(50)])) == {"E0002"}


def test_a_withdrawn_ticket_is_not_on_the_wheel_of_the_next_spin(desk: Desk) -> None:
    desk.session.adopt(listed(snapshot(people=3, event_rules=rules("never"))))
    withdraw(desk, "E0002")

    decisions = [desk.spin() for _ in range(20)]

    assert {decision.pool.tickets for decision in decisions} == {("E0001", "E0003")}
    assert desk.session.left == 2


def test_no_spin_opens_before_every_entropy_text_is_recorded(desk: Desk) -> None:
    desk.adopt(snapshot(entropy=("dice", "audience")))
    assert desk.session.why_no_spin() == "Waiting for public entropy: dice."
    with pytest.raises(RefusedError, match="Waiting for public entropy: dice"):
        desk.session.press(start=0)
    desk.enter("dice:6")
    assert desk.session.why_no_spin() == "Waiting for public entropy: audience."
    desk.enter("audience:seven umbrellas")
    decision = desk.spin()

    assert decision.level == "live"
    assert [body.entropy for body in desk.bodies() if isinstance(body, Open)] == [
        digest(b"dice:6\naudience:seven umbrellas\n")
    ]


def test_two_kiosks_with_other_secrets_draw_other_winners(tmp_path: Path, short_chains: None) -> None:
    drawn = []
    for number in (1, 2):
        (tmp_path / str(number)).mkdir()
        with Desk(tmp_path / str(number), random_bytes=fixed_bytes(bytes([number]) * 32)) as desk:
            desk.session.adopt(TEN)
            drawn.append(tickets([desk.spin() for _ in range(10)]))

    assert drawn[0] != drawn[1]


# ---- prizes ---------------------------------------------------------------------------------------------------------


def test_a_press_gives_several_places_in_one_record(desk: Desk) -> None:
    desk.adopt(snapshot(people=30, prizes=(prize("mugs", 12, per_press=5), prize("grand"))))

    decisions = [desk.spin() for _ in range(4)]

    assert [(one.prize, one.places) for one in decisions] == [
        ("mugs", (1, 2, 3, 4, 5)),
        ("mugs", (6, 7, 8, 9, 10)),
        ("mugs", (11, 12)),
        ("grand", (1,)),
    ]
    everybody = [winner.ticket for one in decisions for winner in one.winners]
    assert len(set(everybody)) == len(everybody) == 13
    assert [result.winners for result in results(desk)] == [
        tuple(winner.ticket for winner in one.winners) for one in decisions
    ]
    assert desk.session.why_no_spin() == "Every prize has been drawn."


def test_when_the_pool_runs_empty_the_rest_of_the_places_stays_open(desk: Desk) -> None:
    desk.adopt(snapshot(people=3, prizes=(prize("mugs", 5, per_press=5),)))

    assert desk.spin().places == (1, 2, 3)
    assert desk.session.why_no_spin() == "Nobody is left who can win what is left."
    desk.adopt(snapshot(2, people=4, prizes=(prize("mugs", 5, per_press=5),)))
    assert desk.spin().places == (4,)


def test_in_free_order_the_operator_chooses_and_in_listed_order_only_looks(desk: Desk) -> None:
    prizes = (prize("grand"), prize("mugs"))
    desk.adopt(snapshot(prizes=prizes, event_rules=rules(order="free")))
    assert desk.spin(prize="mugs").prize == "mugs"
    with pytest.raises(RefusedError, match="Every place of this prize has been drawn"):
        desk.session.press(start=0, prize="mugs")
    with pytest.raises(RefusedError, match="no prize cups"):
        desk.session.press(start=0, prize="cups")
    desk.adopt(snapshot(2, event=OTHER, prizes=prizes))
    assert desk.spin(prize="mugs").prize == "grand"


def test_a_spin_of_one_place_takes_less_than_a_kibibyte(desk: Desk) -> None:
    desk.adopt(snapshot(people=3000))
    before = desk.path.stat().st_size

    desk.spin()

    assert desk.path.stat().st_size - before <= 1024


def test_200_winners_with_the_longest_tickets_fit_into_64_kibibytes(desk: Desk) -> None:
    people = tuple(Entry("🎟" * 36 + f"{number:04d}", 1, "", 0) for number in range(200))
    desk.adopt(snapshot(people=people, prizes=(prize("x" * 40, 200, per_press=200),)))

    assert len(desk.spin().winners) == 200
    assert max(map(len, desk.path.read_bytes().splitlines())) <= 64 << 10
