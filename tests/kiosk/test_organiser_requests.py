"""The clerk: what organisers sign is carried out between spins, once, and recorded; everything else is refused."""

import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import msgspec
import pytest

from kiosk.core.clock import NS_PER_S
from kiosk.core.errors import RefusedError
from kiosk.draw.entropy import QUICKNET_GENESIS_S
from kiosk.draw.protocol import Chain
from kiosk.intake.request_queue import RequestQueue
from kiosk.intake.snapshot_files import list_named, read_names
from kiosk.ledger import secret_store as secrets_module
from kiosk.ledger.record import Body, Claim, Close, Entropy, Record, Refused, Withdraw
from kiosk.snapshot.requests import ClaimMessage, ClaimState, CloseMessage, EntropyMessage, Message, WithdrawMessage
from tests.support import EVENT, Desk, delivered, listed, prize, publish, rules, snapshot

OTHER = "fedcba9876543210"
PRIZES = snapshot(prizes=(prize("grand"), prize("mugs", 2, reserves=2, per_press=2)))
WITHDRAW = WithdrawMessage(event=EVENT, ticket="E0002", reason="ill")
CLOSE = CloseMessage(event=EVENT)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.setattr(secrets_module, "Chain", partial(Chain, length=60))
    monkeypatch.setattr(os, "fsync", lambda _: None)
    with Desk(tmp_path) as desk:
        yield desk


def claim(
    desk: Desk, prize_id: str, place: int, state: ClaimState, *, ticket: str = "", event: str = EVENT
) -> str | None:
    held = desk.history.events[EVENT].holders.get((prize_id, place))
    holder = ticket or (held.ticket if held else "E0001")
    return desk.take(ClaimMessage(event=EVENT, prize=prize_id, place=place, ticket=holder, state=state))


def entropy(desk: Desk, text: str) -> EntropyMessage:
    """Return a message for the list on the wheel."""
    current = desk.history.current
    assert current is not None
    return EntropyMessage(
        event=EVENT, snapshot=current.snapshot, anchor=current.anchor, kiosk=desk.session.kiosk_id, text=text
    )


def holders(desk: Desk, prize_id: str) -> dict[int, tuple[str, str]]:
    found = desk.history.events[EVENT].holders.items()
    return {place: (held.ticket, held.state) for (of, place), held in found if of == prize_id}


# ---- public entropy --------------------------------------------------------------------------------------------------


def test_the_listed_texts_are_recorded_in_their_order(desk: Desk) -> None:
    desk.adopt(snapshot(entropy=("dice", "audience")))

    assert desk.enter("audience:early") is None, "it waits for the one before it"
    assert desk.kinds() == ["adopt"]
    assert desk.enter("dice:3.1") is None
    assert desk.enter("audience:early") is None

    texts = [body.text for body in desk.bodies() if isinstance(body, Entropy)]
    assert texts == ["dice:3.1", "audience:early"]


def test_a_message_that_waits_is_taken_at_the_same_look(desk: Desk) -> None:
    desk.adopt(snapshot(entropy=("dice", "audience")))
    late, soon = (delivered(entropy(desk, text)) for text in ("audience:x", "dice:1"))

    RequestQueue(desk.clerk, lambda: (late, soon)).take()

    assert desk.kinds() == ["adopt", "entropy", "entropy"]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("dice:six", "dice are numbers"),
        ("lottery:x:1", "does not begin with dice:"),
        ("dice", "does not begin with dice:"),
    ],
)
def test_a_text_that_does_not_fulfil_the_item_is_refused(desk: Desk, text: str, why: str) -> None:
    desk.adopt(snapshot(entropy=("dice",)))

    assert why in (desk.enter(text) or "")
    assert desk.kinds() == ["adopt", "refused"]


def test_a_second_text_for_an_item_is_refused(desk: Desk) -> None:
    """Seen in an attack: new dice before each spin, until the wanted winner came."""
    desk.adopt(snapshot(entropy=("dice",)))
    assert desk.enter("dice:3") is None
    assert desk.enter("dice:4") == "the list names no more public entropy"
    desk.spin()
    assert "a spin was opened before it" in (desk.enter("dice:5") or "")
    assert desk.kinds().count("entropy") == 1


def test_a_list_that_names_no_entropy_takes_none(desk: Desk) -> None:
    desk.adopt(snapshot())

    assert desk.enter("dice:3") == "the list names no more public entropy"


@pytest.mark.parametrize("field", ["snapshot", "anchor"])
def test_a_text_for_another_list_or_anchor_is_refused(desk: Desk, field: str) -> None:
    desk.adopt(snapshot(entropy=("dice",)))
    message = msgspec.structs.replace(entropy(desk, "dice:3"), **{field: "a" * 64})

    assert desk.take(message) == "it is for another list or another anchor"


def test_a_text_for_another_kiosk_is_passed_over(desk: Desk) -> None:
    """Several kiosks may share the directory."""
    desk.adopt(snapshot(entropy=("dice",)))

    assert desk.take(msgspec.structs.replace(entropy(desk, "dice:3"), kiosk="a" * 64)) is None
    assert desk.kinds() == ["adopt"]


def test_a_drand_round_must_arise_after_the_commitment(desk: Desk) -> None:
    desk.adopt(snapshot(entropy=("drand:quicknet:1",)))
    assert "before the secrets were committed to" in (desk.enter(f"drand:quicknet:1:{'0f' * 48}") or "")
    assert desk.kinds() == ["adopt", "refused"]


def test_a_drand_round_that_has_not_arisen_waits_until_it_has(desk: Desk) -> None:
    """The kiosk's clock may be behind: refused once would be refused for ever."""
    item = f"drand:quicknet:{(int(desk.clock.utc_now().timestamp()) - QUICKNET_GENESIS_S) // 3 + 5}"
    desk.adopt(snapshot(entropy=(item,)))
    text = f"{item}:{'0f' * 48}"
    assert desk.enter(text) is None
    assert desk.kinds() == ["adopt"]
    current = desk.history.current
    assert current is not None
    early = Entropy(snapshot=current.snapshot, anchor=current.anchor, text=text, request="a" * 64)
    assert desk.ledger.problem_with(early) == "that round has not arisen yet"

    desk.clock.advance_ns(20 * NS_PER_S)

    assert desk.enter(text) is None
    assert desk.kinds() == ["adopt", "entropy"]
    assert desk.session.level == "public"


# ---- withdrawals -----------------------------------------------------------------------------------------------------


def test_a_withdrawal_is_recorded_with_its_request_and_counts_from_the_next_spin(desk: Desk) -> None:
    desk.adopt(snapshot(people=3, event_rules=rules("never")))

    assert desk.take(WITHDRAW) is None

    request = delivered(WITHDRAW).digest
    assert desk.bodies()[-1] == Withdraw(event=EVENT, ticket="E0002", reason="ill", request=request)
    assert {desk.spin().pool.tickets for _ in range(5)} == {("E0001", "E0003")}


def test_the_file_of_a_request_is_kept_before_it_is_recorded(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.adopt(snapshot())
    kept = desk.kept / delivered(WITHDRAW).name
    seen: list[bool] = []
    append = desk.ledger.append

    def watching(body: Body) -> Record:
        seen.append(kept.exists())
        return append(body)

    monkeypatch.setattr(desk.ledger, "append", watching)

    desk.take(WITHDRAW)

    assert seen == [True]
    assert kept.read_bytes() == delivered(WITHDRAW).envelope


def test_a_request_is_carried_out_once_also_across_restarts(desk: Desk) -> None:
    one = desk.adopt(snapshot())
    for _ in range(2):
        assert desk.take(WITHDRAW) is None
        desk.restart()
        desk.adopt(one)

    assert desk.kinds().count("withdraw") == 1


def test_a_ticket_that_is_not_on_the_list_or_withdrawn_already_is_refused(desk: Desk) -> None:
    desk.adopt(snapshot())

    changed = msgspec.structs.replace(WITHDRAW, ticket="E9999")
    assert desk.take(changed) == "ticket E9999 is not on the list"
    assert desk.take(WITHDRAW) is None
    again = msgspec.structs.replace(WITHDRAW, reason="asked twice")
    assert desk.take(again) == "ticket E0002 is withdrawn already"
    assert [body for body in desk.bodies() if isinstance(body, Refused)] == [
        Refused(file=delivered(changed).name, reason="ticket E9999 is not on the list"),
        Refused(file=delivered(again).name, reason="ticket E0002 is withdrawn already"),
    ]


def test_a_refused_request_stays_refused(desk: Desk) -> None:
    desk.adopt(snapshot(people=3))
    later = msgspec.structs.replace(WITHDRAW, ticket="E0009")
    assert desk.take(later) is not None

    desk.adopt(snapshot(2))

    assert desk.take(later) is None
    assert desk.kinds().count("withdraw") == 0


@pytest.mark.parametrize(
    "message", [WITHDRAW, CLOSE, ClaimMessage(event=EVENT, prize="", place=1, ticket="E1", state="absent")]
)
def test_requests_wait_for_the_end_of_a_spin(desk: Desk, message: Message) -> None:
    desk.adopt(snapshot())
    decision = desk.session.press(start=0)

    assert desk.clerk.spin_is_open
    assert desk.take(message) is None
    assert desk.kinds() == ["adopt", "open", "result"]

    desk.session.shown(decision, duration_ms=1, frames=1)
    desk.take(message)
    assert len(desk.kinds()) == 5


def test_a_request_for_an_event_that_has_not_come_waits(desk: Desk) -> None:
    desk.adopt(snapshot())

    assert desk.take(msgspec.structs.replace(WITHDRAW, event=OTHER)) is None
    assert desk.kinds() == ["adopt"]


# ---- claims ----------------------------------------------------------------------------------------------------------


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

    assert claim(desk, "grand", 1, "collected") == "place 1 of grand is held, and cannot become collected"
    assert claim(desk, "grand", 2, "confirmed") == "nobody holds place 2 of grand"
    assert claim(desk, "grand", 1, "confirmed", ticket="E9999") is not None


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


# ---- the key at the kiosk --------------------------------------------------------------------------------------------


def test_a_key_reports_the_last_winner_absent(desk: Desk) -> None:
    desk.adopt(snapshot())
    with pytest.raises(RefusedError, match="There was no spin yet"):
        desk.clerk.absent_spin()
    winner = desk.spin().entry.ticket
    assert desk.clerk.absent_spin() == (1, winner)

    desk.clerk.report_absent()

    assert desk.bodies()[-1] == Claim(
        event=EVENT, prize="", place=1, ticket=winner, state="absent", reserve=0, request=""
    )
    with pytest.raises(RefusedError, match="nobody holds place 1"):
        desk.clerk.report_absent()


def test_a_key_cannot_tell_which_of_several_winners_is_absent(desk: Desk) -> None:
    desk.adopt(snapshot(prizes=(prize("mugs", 2, per_press=2),)))
    desk.spin()

    with pytest.raises(RefusedError, match="has 2 winners"):
        desk.clerk.absent_spin()


def test_a_key_reports_nobody_while_a_spin_is_open(desk: Desk) -> None:
    desk.adopt(snapshot())
    desk.spin()
    desk.session.press(start=0)

    with pytest.raises(RefusedError, match="a spin is open"):
        desk.clerk.report_absent()


# ---- the end of an event ---------------------------------------------------------------------------------------------


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
    flood = tuple(delivered(WithdrawMessage(event=EVENT, ticket=f"X{number}", reason="x")) for number in range(50))
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
