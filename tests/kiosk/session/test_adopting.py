"""What goes on the wheel, and when: adopting, correcting, leaving an event."""

import pytest

from kiosk.core.errors import HomeError, RewritesThePast
from kiosk.draw.protocol import digest
from kiosk.intake.snapshot_files import Floor
from kiosk.ledger.record import Adopt, Refused
from tests.kiosk.spins import OTHER, TEN, PowerCut, cut_power, full_disk, results, withdraw
from tests.support import EVENT, KEY, Desk, entries, listed, snapshot


def test_the_adopt_record_binds_the_list_to_the_anchor(desk: Desk) -> None:
    desk.session.adopt(listed(snapshot(7, people=entries(3, weights=[5, 1, 1]))))

    (adopt,) = desk.bodies()
    assert isinstance(adopt, Adopt)
    assert (adopt.event, adopt.generation, adopt.entries, adopt.weight) == (EVENT, 7, 3, 7)
    assert (adopt.kiosk, adopt.signer) == (desk.session.kiosk_id, KEY.public.keyid)
    assert desk.secrets.recall(adopt.anchor) is not None


def test_the_secret_is_durable_before_its_anchor_is_in_the_ledger(desk: Desk) -> None:
    cut_power(desk, 1, after=False)

    with pytest.raises(PowerCut):
        desk.session.adopt(TEN)

    assert [len(list(place.iterdir())) for place in desk.secrets_directories] == [1, 1]
    assert desk.kinds() == []


def test_a_commitment_made_beforehand_is_the_one_that_is_used(desk: Desk) -> None:
    assert desk.session.needs_commitment(TEN.s)
    chain = desk.session.commit()

    desk.session.adopt(TEN, chain)

    (adopt,) = desk.bodies()
    assert isinstance(adopt, Adopt)
    assert adopt.anchor == chain.anchor
    assert not desk.session.needs_commitment(TEN.s)
    assert desk.session.needs_commitment("f" * 64)


def test_the_same_list_after_a_restart_goes_on_with_its_anchor_and_no_new_record(desk: Desk) -> None:
    desk.session.adopt(TEN)
    first = desk.spin()
    before = desk.records()
    desk.restart()

    assert not desk.session.needs_commitment(TEN.s)
    desk.session.adopt(TEN)

    assert desk.records() == before
    assert desk.session.winners()[0] == (first.entry, False)
    assert desk.session.rest() == first.plan.rest
    assert desk.spin().spin == 2
    one, two = results(desk)
    assert digest(bytes.fromhex(two.reveal)) == one.reveal


def test_a_correction_goes_on_with_spins_winners_and_a_new_anchor(desk: Desk) -> None:
    desk.session.adopt(TEN)
    first = desk.spin()
    withdraw(desk, "E0009" if first.entry.ticket != "E0009" else "E0008")
    desk.adopt(snapshot(2))

    assert desk.session.left == 8
    assert desk.session.winners()[0] == (first.entry, False)
    assert desk.spin().spin == 2
    anchors = [body.anchor for body in desk.bodies() if isinstance(body, Adopt)]
    assert len(set(anchors)) == 2
    last = results(desk)[-1]
    assert digest(bytes.fromhex(last.reveal)) == anchors[1]  # j counts from the adopt


def test_a_new_event_starts_from_nothing(desk: Desk) -> None:
    desk.session.adopt(TEN)
    desk.spin()
    desk.adopt(snapshot(2, event=OTHER))

    assert desk.session.winners() == ()
    assert desk.session.left == 10
    assert desk.spin().spin == 1
    with pytest.raises(RewritesThePast, match="left for another one"):
        desk.adopt(snapshot(3))


def test_a_correction_that_rewrites_what_happened_is_refused(desk: Desk) -> None:
    desk.session.adopt(TEN)
    winner = desk.spin().entry.ticket
    people = tuple(entry for entry in entries(10) if entry.ticket != winner)

    with pytest.raises(RewritesThePast, match=f"ticket {winner} got a place"):
        desk.adopt(snapshot(2, people=people))

    assert desk.session.listed == TEN
    assert desk.kinds()[-1] == "shown"


def test_an_adoption_that_cannot_be_recorded_leaves_the_list_on_the_wheel(desk: Desk) -> None:
    desk.session.adopt(TEN)

    with full_disk(Adopt), pytest.raises(HomeError, match="Free some space"):
        desk.session.adopt(listed(snapshot(2, previous=desk.session.floor.s)))

    assert desk.session.listed == TEN
    assert desk.session.floor == Floor(1, TEN.s)
    assert desk.spin().generation == 1


def test_before_the_first_list_there_is_nothing_to_spin(desk: Desk) -> None:
    assert desk.session.listed is None
    assert desk.session.floor == Floor()
    with pytest.raises(RuntimeError, match="no list"):
        desk.session.press(start=0)
    with pytest.raises(RuntimeError, match="no list"):
        desk.session.resume(start=0)


def test_a_refusal_is_recorded_once_also_across_restarts(desk: Desk) -> None:
    assert desk.session.refuse("snapshot-000002.json", "altered")
    assert not desk.session.refuse("snapshot-000002.json", "altered")
    desk.restart()
    assert not desk.session.refuse("snapshot-000002.json", "altered")
    assert desk.session.refuse("snapshot-000002.json", "stale")

    assert desk.bodies() == [
        Refused(file="snapshot-000002.json", reason="altered"),
        Refused(file="snapshot-000002.json", reason="stale"),
    ]


def test_seq_and_head_are_the_ledgers(desk: Desk) -> None:
    desk.session.adopt(TEN)

    assert (desk.session.seq, desk.session.head) == (1, digest(desk.records()[-1].line()))


def test_the_pool_of_a_list_that_is_not_on_the_wheel_is_its_own(desk: Desk) -> None:
    desk.session.adopt(TEN)
    desk.spin()
    other = listed(snapshot(2, people=4))

    fresh = listed(snapshot(2, people=4, event=OTHER))

    assert len(desk.session.pool(fresh)) == 4
    assert len(desk.session.pool(other)) in {3, 4}
    assert len(desk.session.pool()) == 9
    assert desk.session.listed == TEN
