"""Claims by request and by key, and the end of an event."""

import msgspec
import pytest

from kiosk.core.errors import RefusedError
from kiosk.intake.request_files import Delivered
from kiosk.intake.request_queue import RequestQueue
from kiosk.intake.snapshot_files import list_named, read_names
from kiosk.ledger.record import Claim, Close
from kiosk.session.standings import Absentees
from kiosk.snapshot.requests import ClaimMessage, ClaimState, WithdrawMessage
from tests.kiosk.requests_desk import CLOSE, OTHER, PRIZES, WITHDRAW, claim, holders
from tests.support import EVENT, Desk, delivered, listed, prize, publish, rules, snapshot

# ---- claims ---------------------------------------------------------------------------------------------------------


def test_a_place_is_held_confirmed_and_collected(desk: Desk) -> None:
    desk.adopt(PRIZES)
    winner = desk.spin().entry.ticket
    assert holders(desk, "grand") == {1: (winner, "held")}

    assert claim(desk, "grand", 1, "confirmed") is None
    assert claim(desk, "grand", 1, "collected") is None

    assert holders(desk, "grand") == {1: (winner, "collected")}
    assert claim(desk, "grand", 1, "absent") == "place 1 of grand is collected, and cannot become absent"


def test_a_step_cannot_be_left_out_or_taken_twice(desk: Desk) -> None:
    desk.adopt(PRIZES)
    desk.spin()

    assert claim(desk, "grand", 1, "collected") is None
    assert holders(desk, "grand")[1][1] == "held", "it waits for the step before it"
    assert claim(desk, "grand", 2, "confirmed") == "nobody holds place 2 of grand"
    assert claim(desk, "grand", 1, "confirmed", ticket="E9999") is not None


def of_place(desk: Desk, prize_id: str, place: int, state: ClaimState, *, ticket: str = "") -> Delivered:
    holder = ticket or desk.history.events[EVENT].holders[prize_id, place].ticket
    return delivered(ClaimMessage(event=EVENT, prize=prize_id, place=place, ticket=holder, state=state))


def test_confirmed_comes_before_collected_whatever_the_files_order(desk: Desk) -> None:
    desk.adopt(PRIZES)
    winner = desk.spin().entry.ticket
    late, soon = (of_place(desk, "grand", 1, state) for state in ("collected", "confirmed"))

    RequestQueue(desk.clerk, lambda: (late, soon)).take()

    assert holders(desk, "grand") == {1: (winner, "collected")}
    assert "refused" not in desk.kinds()


def test_collected_waits_for_a_confirmed_that_arrives_later_also_after_a_restart(desk: Desk) -> None:
    one = desk.adopt(PRIZES)
    winner = desk.spin().entry.ticket
    late, soon = (of_place(desk, "grand", 1, state) for state in ("collected", "confirmed"))
    RequestQueue(desk.clerk, lambda: (late,)).take()
    desk.restart()
    desk.adopt(one)

    RequestQueue(desk.clerk, lambda: (late, soon)).take()

    assert holders(desk, "grand") == {1: (winner, "collected")}


def test_the_queue_says_how_many_requests_wait_and_for_what(desk: Desk) -> None:
    desk.adopt(PRIZES)
    desk.spin()
    early = of_place(desk, "grand", 1, "collected")
    foreign = delivered(WithdrawMessage(event=OTHER, ticket="E0002", reason="ill"))
    unlisted = [delivered(WithdrawMessage(event=EVENT, ticket=f"X{one}", reason="ill")) for one in range(2)]
    refused = of_place(desk, "grand", 1, "confirmed", ticket="E9999")
    queue = RequestQueue(desk.clerk, lambda: (early, foreign, *unlisted, refused))
    queue.take()

    assert list(queue.waiting) == ["2 for a list with its ticket", "1 for an earlier request", "1 for its event"]
    desk.session.press(start=0)
    queue.take()
    assert list(queue.waiting) == ["4 for the end of the spin"]


def test_a_claim_waits_for_the_spin_that_draws_its_place(desk: Desk) -> None:
    """One home's claim may reach a kiosk that has not drawn yet; the queue looks again after each record."""
    desk.adopt(snapshot(people=1))
    early = (of_place(desk, "", 1, "confirmed", ticket="E0001"),)
    queue = RequestQueue(desk.clerk, lambda: early)
    assert queue.take()
    assert desk.kinds() == ["adopt"]
    assert not queue.take(), "nothing was recorded since"

    desk.spin()
    assert queue.take()

    assert holders(desk, "") == {1: ("E0001", "confirmed")}
    assert not queue.take()


def test_a_claim_that_nothing_can_permit_any_more_is_refused(desk: Desk) -> None:
    desk.adopt(PRIZES)
    for _ in range(3):
        desk.spin()
    first, last = (holders(desk, "mugs")[place][0] for place in (1, 4))
    assert claim(desk, "mugs", 1, "confirmed", ticket=last) is None, "the reserve may still move in"
    assert claim(desk, "mugs", 1, "declined") is None

    for prize_id, place, state, ticket in (
        ("mugs", 1, "confirmed", first),  # freed it: never again
        ("mugs", 5, "confirmed", "E0001"),  # there is no such place
        ("cups", 1, "confirmed", "E0001"),  # no such prize
        ("", 1, "confirmed", "E0001"),
        ("grand", 1, "confirmed", "E9999"),  # nobody's ticket
    ):
        message = ClaimMessage(event=EVENT, prize=prize_id, place=place, ticket=ticket, state=state)  # type: ignore[arg-type]
        assert desk.take(message) is not None, message


def test_a_claim_of_a_left_event_waits_for_a_reserve_alone(desk: Desk) -> None:
    desk.adopt(PRIZES)
    for _ in range(3):
        desk.spin()
    drawn = {place: ticket for place, (ticket, _) in holders(desk, "mugs").items()}
    desk.adopt(snapshot(2, event=OTHER))

    assert claim(desk, "mugs", 1, "confirmed", ticket=drawn[3]) is None
    assert claim(desk, "mugs", 2, "confirmed", ticket=drawn[1]) is not None
    assert claim(desk, "mugs", 1, "absent") is None
    assert claim(desk, "mugs", 1, "confirmed", ticket=drawn[3]) is None

    assert holders(desk, "mugs")[1] == (drawn[3], "confirmed")


@pytest.mark.parametrize("state", ["absent", "declined", "expired"])
def test_a_freed_place_goes_to_the_lowest_reserve_in_play(desk: Desk, state: ClaimState) -> None:
    desk.adopt(PRIZES)
    for _ in range(3):
        desk.spin()
    drawn = holders(desk, "mugs")
    assert set(drawn) == {1, 2, 3, 4}
    assert claim(desk, "mugs", 3, "declined") is None, "the first reserve goes home"

    assert claim(desk, "mugs", 2, state) is None

    assert holders(desk, "mugs") == {1: drawn[1], 2: drawn[4]}
    assert desk.session.why_no_spin() == "Every prize has been drawn.", "reserves' places once left are spent"
    assert [(body.place, body.reserve) for body in desk.bodies() if isinstance(body, Claim)] == [(3, 0), (2, 4)]


def test_a_freed_place_without_a_reserve_is_open_again_and_never_theirs(desk: Desk) -> None:
    desk.adopt(PRIZES)
    gone = desk.spin().entry.ticket

    assert claim(desk, "grand", 1, "absent") is None

    decision = desk.spin()
    assert (decision.prize, decision.places) == ("grand", (1,))
    assert gone not in decision.pool.tickets


def test_a_reserve_has_nothing_to_collect(desk: Desk) -> None:
    desk.adopt(PRIZES)
    for _ in range(3):
        desk.spin()

    assert claim(desk, "mugs", 3, "confirmed") is None
    assert "a reserve has nothing to collect" in (claim(desk, "mugs", 3, "collected") or "")
    assert claim(desk, "mugs", 1, "absent") is None
    assert holders(desk, "mugs")[1][1] == "held", "moving in, a reserve is held again"


def test_without_presence_nobody_is_absent(desk: Desk) -> None:
    desk.adopt(msgspec.structs.replace(PRIZES, rules=rules(presence=False)))
    desk.spin()

    assert "nobody can be absent" in (claim(desk, "grand", 1, "absent") or "")
    assert claim(desk, "grand", 1, "declined") is None


def test_without_prizes_a_freed_place_is_spent(desk: Desk) -> None:
    desk.adopt(snapshot(people=3, event_rules=rules("never")))
    gone = desk.spin().entry.ticket

    assert claim(desk, "", 1, "absent") is None

    decision = desk.spin()
    assert decision.places == (2,)
    assert gone not in decision.pool.tickets, "under every rule"


def test_claims_of_a_left_event_go_on_judged_by_its_last_list(desk: Desk) -> None:
    desk.adopt(PRIZES)
    for _ in range(3):
        desk.spin()
    desk.adopt(snapshot(2, event=OTHER))

    assert claim(desk, "mugs", 1, "absent") is None
    assert [body.reserve for body in desk.bodies() if isinstance(body, Claim)] == [3]
    assert desk.take(WITHDRAW) == "it is of another event than the one on the wheel"
    assert desk.take(CLOSE) is None
    assert claim(desk, "mugs", 2, "absent") == "the event is closed"


# ---- the key at the kiosk -------------------------------------------------------------------------------------------


def test_a_key_reports_the_last_winner_absent(desk: Desk) -> None:
    desk.adopt(snapshot())
    with pytest.raises(RefusedError, match="There was no spin yet"):
        desk.clerk.absentees()
    with pytest.raises(RefusedError, match="There was no spin yet"):
        desk.clerk.absence()
    winner = desk.spin().entry.ticket
    assert desk.clerk.absence().ticket == winner

    desk.clerk.report_absent()

    assert desk.bodies()[-1] == Claim(
        event=EVENT, prize="", place=1, ticket=winner, state="absent", reserve=0, request=""
    )
    assert [(one.ticket, absent) for one, absent in desk.session.winners()] == [(winner, True)]
    with pytest.raises(RefusedError, match="nobody holds place 1"):
        desk.clerk.report_absent()


def test_a_key_has_to_say_which_of_several_winners_is_absent(desk: Desk) -> None:
    desk.adopt(snapshot(prizes=(prize("mugs", 2, per_press=2),)))
    winners = desk.spin().winners

    with pytest.raises(RefusedError, match="has 2 winners"):
        desk.clerk.absence()
    assert desk.clerk.absentees() == Absentees("mugs", (1, 2), (1, 2))
    assert desk.clerk.report_absent(2).ticket == winners[1].ticket
    assert desk.clerk.absentees() == Absentees("mugs", (1,), (1,))
    with pytest.raises(RefusedError, match="nobody holds place 2"):
        desk.clerk.report_absent(2)
    assert desk.spin().places == (2,), "the next press fills the gap only"


def test_a_key_reports_a_reserve_who_moved_up_too(desk: Desk) -> None:
    desk.adopt(PRIZES)
    desk.spin()
    desk.spin()
    reserves = desk.spin().winners
    assert desk.clerk.absentees() == Absentees("mugs", (1, 2, 3, 4), (3, 4))

    assert desk.clerk.report_absent(1).reserve == 3
    assert desk.history.events[EVENT].holders["mugs", 1].ticket == reserves[0].ticket
    again = desk.clerk.report_absent(1)

    assert (again.ticket, again.reserve) == (reserves[0].ticket, 4)
    assert desk.clerk.absentees() == Absentees("mugs", (1, 2)), "reserves' places once left are spent"


def test_a_key_reports_nobody_while_a_spin_is_open(desk: Desk) -> None:
    desk.adopt(snapshot())
    desk.spin()
    desk.session.press(start=0)

    with pytest.raises(RefusedError, match="a spin is open"):
        desk.clerk.report_absent()


# ---- the end of an event --------------------------------------------------------------------------------------------


def test_closing_an_event_erases_its_names_here_and_ends_its_draws(desk: Desk) -> None:
    content = snapshot()
    publish(desk.kept, content)
    publish(desk.kept, snapshot(2, event=OTHER, people=4))
    one = desk.adopt(content)
    assert one.shown_name("E0001") == "Name E0001"

    assert desk.take(CLOSE) is None

    assert desk.bodies()[-1] == Close(event=EVENT, request=delivered(CLOSE).digest)
    assert desk.session.listed is not None
    assert desk.session.listed.shown_name("E0001") == "E0001"
    assert len(list(desk.kept.glob("names-*.json"))) == 1, "the other event's"
    assert list_named(one.s, (desk.kept,)) is not None, "the proof stays"
    assert desk.session.why_no_spin() == "This event is closed."
    with pytest.raises(RefusedError, match="its event is closed"):
        desk.adopt(snapshot(3))
    assert desk.take(WITHDRAW) == "the event is closed"
    desk.adopt(snapshot(3, event=OTHER))


def test_names_that_a_power_cut_left_are_erased_at_the_next_start(desk: Desk) -> None:
    content = snapshot()
    desk.adopt(content)
    desk.take(CLOSE)
    publish(desk.kept, content)
    read_names(content, (desk.kept,))

    desk.restart()
    desk.clerk.tidy()

    assert list(desk.kept.glob("names-*.json")) == []


def test_a_flood_of_refused_messages_is_recorded_in_part(desk: Desk) -> None:
    desk.adopt(snapshot())
    desk.take(WITHDRAW)
    flood = tuple(delivered(WithdrawMessage(event=EVENT, ticket="E0002", reason=f"{one}")) for one in range(50))
    inbox = RequestQueue(desk.clerk, lambda: flood)

    inbox.take()

    assert desk.kinds().count("refused") == 8
    assert len(inbox.refusals) == 3


def test_what_was_adopted_is_named_by_its_list_and_not_by_its_key(desk: Desk) -> None:
    one = listed(snapshot())
    publish(desk.kept, one.snapshot)

    found = list_named(one.s, (desk.kept,))

    assert found is not None
    assert (found.s, found.snapshot, found.signer) == (one.s, one.snapshot, one.signer)
    assert list_named("f" * 64, (desk.kept,)) is None
