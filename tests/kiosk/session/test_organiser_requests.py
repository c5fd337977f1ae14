"""The clerk: what organisers sign is carried out between spins, once, and recorded; everything else is refused."""

import msgspec
import pytest

from kiosk.core.clock import NS_PER_S
from kiosk.draw.entropy import QUICKNET_GENESIS_S
from kiosk.intake.request_queue import RequestQueue
from kiosk.ledger.record import Body, Entropy, Record, Refused, Withdraw
from kiosk.snapshot.requests import ClaimMessage, Message
from tests.kiosk.requests_desk import CLOSE, OTHER, WITHDRAW, entropy
from tests.support import EVENT, Desk, delivered, rules, snapshot

# ---- public entropy -------------------------------------------------------------------------------------------------


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


def test_a_text_waits_for_the_one_before_it_and_one_of_another_kiosk_for_that(desk: Desk) -> None:
    desk.adopt(snapshot(entropy=("dice", "audience")))
    late = entropy(desk, "audience:x")
    found = [delivered(late), delivered(msgspec.structs.replace(late, kiosk="a" * 64))]
    queue = RequestQueue(desk.clerk, lambda: tuple(found))

    queue.take()

    assert queue.waiting == ("1 for another kiosk", "1 for the text before it")


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
    assert desk.spin().level == "public"


# ---- withdrawals ----------------------------------------------------------------------------------------------------


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


def test_a_ticket_that_is_withdrawn_already_is_refused(desk: Desk) -> None:
    desk.adopt(snapshot())

    assert desk.take(WITHDRAW) is None
    again = msgspec.structs.replace(WITHDRAW, reason="asked twice")
    assert desk.take(again) == "ticket E0002 is withdrawn already"
    assert [body for body in desk.bodies() if isinstance(body, Refused)] == [
        Refused(file=delivered(again).name, reason="ticket E0002 is withdrawn already"),
    ]


def test_a_refused_request_stays_refused(desk: Desk) -> None:
    desk.adopt(snapshot())
    assert desk.take(WITHDRAW) is None
    again = msgspec.structs.replace(WITHDRAW, reason="asked twice")
    assert desk.take(again) is not None

    desk.adopt(snapshot(2))

    assert desk.take(again) is None
    assert desk.kinds().count("refused") == 1


def test_a_withdrawal_waits_for_the_list_that_has_its_ticket(desk: Desk) -> None:
    """Files may be copied in any order: the withdrawal before the list that it is for."""
    desk.adopt(snapshot(people=3))
    later = msgspec.structs.replace(WITHDRAW, ticket="E0009")
    assert desk.take(later) is None
    assert desk.kinds() == ["adopt"]

    desk.adopt(snapshot(2))

    assert desk.take(later) is None
    assert desk.kinds() == ["adopt", "adopt", "withdraw"]


def test_a_withdrawal_of_an_event_that_was_left_is_refused(desk: Desk) -> None:
    desk.adopt(snapshot(people=3))
    desk.adopt(snapshot(2, event=OTHER))

    assert desk.take(msgspec.structs.replace(WITHDRAW, ticket="E0009")) is not None


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
