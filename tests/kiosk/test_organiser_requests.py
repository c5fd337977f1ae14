"""What an organiser hands in while a list is on the wheel: taken once, for this list, between spins, or refused."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from kiosk.core.clock import NS_PER_S, rfc3339
from kiosk.core.errors import RefusedError
from kiosk.draw.protocol import Chain
from kiosk.intake.request_files import Delivered, name_of
from kiosk.intake.request_queue import RequestQueue, RequestRefusal
from kiosk.ledger import secret_store as secrets_module
from kiosk.ledger.record import Absent, Entropy, Open, Refused, Withdraw
from kiosk.organiser_requests import Clerk
from kiosk.snapshot.requests import AbsentRequest, EntropyMessage, Message, WithdrawRequest
from tests.support import Desk, listed, snapshot

TEN = listed(snapshot())
RANDOMNESS = "ab" * 32


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.setattr(secrets_module, "Chain", partial(Chain, length=40))
    with Desk(tmp_path) as desk:
        desk.session.adopt(TEN)
        desk.clock.advance_ns(60 * NS_PER_S)
        yield desk


def clerk(desk: Desk) -> Clerk:
    return Clerk(ledger=desk.ledger, session=desk.session)


def delivered(message: Message, payload: str = "0" * 8) -> Delivered:
    return Delivered(message=message, name=name_of(message), id=payload)


def entropy(desk: Desk, text: str = "dice:3.1.6", *, s: str = TEN.s, generation: int = 1) -> EntropyMessage:
    at = rfc3339(desk.clock.utc_now())
    return EntropyMessage(generation=generation, snapshot=s, entropy=text, created_at=at)


def withdrawal(desk: Desk, ticket: str, nonce: str = "1" * 16, *, s: str = TEN.s) -> WithdrawRequest:
    at = rfc3339(desk.clock.utc_now())
    return WithdrawRequest(generation=1, snapshot=s, nonce=nonce, created_at=at, ticket=ticket, reason="asked to")


def absence(desk: Desk, spin: int, nonce: str = "2" * 16) -> AbsentRequest:
    at = rfc3339(desk.clock.utc_now())
    return AbsentRequest(generation=1, snapshot=TEN.s, nonce=nonce, created_at=at, spin=spin)


def refusals(desk: Desk) -> list[Refused]:
    return [body for body in desk.bodies() if isinstance(body, Refused)]


# ---- entropy --------------------------------------------------------------------------------------------------------


def test_entropy_is_recorded_and_used_from_the_next_spin_on(desk: Desk) -> None:
    desk.spin()
    assert desk.session.level == "sealed"

    assert clerk(desk).take(delivered(entropy(desk))) is None
    decision = desk.spin()

    assert [body.entropy for body in desk.bodies() if isinstance(body, Open)] == ["none", "dice:3.1.6"]
    assert desk.session.level == decision.level == "witnessed"


def test_entropy_found_again_at_a_rescan_or_restart_is_recorded_once(desk: Desk) -> None:
    message = delivered(entropy(desk))
    for _ in range(3):
        assert clerk(desk).take(message) is None
    desk.restart()
    desk.session.adopt(TEN)

    assert clerk(desk).take(message) is None
    assert [body for body in desk.bodies() if isinstance(body, Entropy)] == [
        Entropy(snapshot=TEN.s, entropy="dice:3.1.6")
    ]
    assert not refusals(desk)


def test_a_second_entropy_is_refused_and_recorded_once(desk: Desk) -> None:
    clerk(desk).take(delivered(entropy(desk)))
    second = delivered(entropy(desk, "dice:1.1.1"), "feedbeef")

    problem = clerk(desk).take(second)

    assert problem is not None
    assert "already" in problem
    assert clerk(desk).take(second) is None  # said once
    assert [(body.file, body.reason) for body in refusals(desk)] == [("entropy-000001.json#feedbeef", problem)]
    desk.spin()
    assert [body.entropy for body in desk.bodies() if isinstance(body, Open)] == ["dice:3.1.6"]


def test_entropy_for_another_list_is_refused(desk: Desk) -> None:
    problem = clerk(desk).take(delivered(entropy(desk, s="f" * 64)))

    assert problem == f"It is for the list ffffffff, and {TEN.s[:8]} is on the wheel."
    assert desk.session.level == "sealed"


def test_entropy_while_a_spin_is_open_comes_too_late_and_stays_refused(desk: Desk) -> None:
    desk.session.press(start=0)
    message = delivered(entropy(desk))

    assert clerk(desk).take(message) == "It came too late: spin 1 is open."
    decision = desk.session.resume(start=0)
    desk.session.shown(decision, duration_ms=1, frames=1)

    assert clerk(desk).take(message) is None
    assert not any(isinstance(body, Entropy) for body in desk.bodies())


def test_entropy_made_before_the_commitment_is_refused(desk: Desk) -> None:
    early = EntropyMessage(generation=1, snapshot=TEN.s, entropy="dice:1.2.3", created_at="2025-12-31T23:59:59.000Z")

    problem = clerk(desk).take(delivered(early))

    assert problem is not None
    assert "before the secrets were committed to" in problem


def test_a_drand_round_must_arise_after_the_adopt_record(desk: Desk) -> None:
    # The desk's clock starts on 2026-01-01T00:00:00Z, when the list was adopted: that is within round 24809212.
    adopted = 1_767_225_600
    last_before = (adopted - 1_692_803_367) // 3 + 1

    early = clerk(desk).take(delivered(entropy(desk, f"drand:quicknet:{last_before}:{RANDOMNESS}"), "00000001"))
    late = clerk(desk).take(delivered(entropy(desk, f"drand:quicknet:{last_before + 1}:{RANDOMNESS}"), "00000002"))

    assert early is not None
    assert early.startswith("That round arose at 2026-01-01T00:00:00Z, before")
    assert late is None
    assert desk.session.level == "public"


def test_entropy_from_before_a_new_anchor_counts_for_nothing_and_may_be_given_again(desk: Desk) -> None:
    clerk(desk).take(delivered(entropy(desk)))
    for path in desk.secrets_directory.iterdir():
        path.unlink()
    desk.restart()
    desk.session.adopt(TEN)

    assert [desk.session.level] == ["sealed"]
    desk.clock.advance_ns(600 * NS_PER_S)
    assert clerk(desk).take(delivered(entropy(desk, "dice:6.6.6"))) is None
    assert desk.session.level == "witnessed"


def test_entropy_for_a_list_that_left_the_wheel_is_refused_once_as_too_late(desk: Desk) -> None:
    message = delivered(entropy(desk))
    desk.session.adopt(listed(snapshot(2)))

    assert clerk(desk).take(message) == "It came too late: generation 1 is no longer on the wheel."
    assert clerk(desk).take(message) is None
    assert len(refusals(desk)) == 1
    desk.spin()
    assert [body.entropy for body in desk.bodies() if isinstance(body, Open)] == ["none"]


def test_entropy_that_was_taken_in_time_is_not_refused_when_the_next_list_comes(desk: Desk) -> None:
    message = delivered(entropy(desk))
    assert clerk(desk).take(message) is None
    desk.session.adopt(listed(snapshot(2)))

    assert clerk(desk).take(message) is None
    assert not refusals(desk)


def test_entropy_for_a_list_that_has_not_come_yet_waits(desk: Desk) -> None:
    assert clerk(desk).take(delivered(entropy(desk, s="f" * 64, generation=2))) is None
    assert desk.kinds() == ["adopt"]


# ---- withdraw and absent --------------------------------------------------------------------------------------------


def test_a_withdrawn_ticket_is_off_the_wheel_from_the_next_spin_on(desk: Desk) -> None:
    assert clerk(desk).take(delivered(withdrawal(desk, "E0003"))) is None

    assert desk.session.pool().index_of("E0003") is None
    assert "E0003" not in {desk.spin().entry.ticket for _ in range(9)}
    assert Withdraw(ticket="E0003", reason="asked to", request="1" * 16) in desk.bodies()


def test_a_request_is_carried_out_once_whatever_restarts_come_between(desk: Desk) -> None:
    for _ in range(3):
        clerk(desk).take(delivered(withdrawal(desk, "E0003")))
        desk.restart()
        desk.session.adopt(TEN)

    assert desk.kinds().count("withdraw") == 1
    assert not refusals(desk)


def test_a_request_waits_until_an_open_spin_was_shown(desk: Desk) -> None:
    """A withdrawal between `open` and `shown` would change the pool that the spin is shown with."""
    decision = desk.session.press(start=0)
    other = next(ticket for ticket in decision.pool.tickets if ticket != decision.entry.ticket)
    request = delivered(withdrawal(desk, other))

    assert clerk(desk).take(request) is None
    assert "withdraw" not in desk.kinds()
    desk.session.shown(decision, duration_ms=1, frames=1)
    clerk(desk).take(request)
    assert desk.kinds()[-1] == "withdraw"


@pytest.mark.parametrize(
    ("ticket", "reason"),
    [("E9999", "Ticket E9999 is not on the list."), ("E0003", "Ticket E0003 is not on the wheel any more.")],
)
def test_a_ticket_that_is_not_on_the_wheel_cannot_be_withdrawn(desk: Desk, ticket: str, reason: str) -> None:
    clerk(desk).take(delivered(withdrawal(desk, "E0003")))

    assert clerk(desk).take(delivered(withdrawal(desk, ticket, "3" * 16))) == reason
    assert [body.reason for body in refusals(desk)] == [reason]


def test_a_request_for_another_list_is_refused(desk: Desk) -> None:
    assert clerk(desk).take(delivered(withdrawal(desk, "E0003", s="f" * 64)))
    assert desk.session.left == 10


def test_an_absent_winner_is_recorded_and_the_next_spin_redraws(desk: Desk) -> None:
    first = desk.spin()

    assert clerk(desk).take(delivered(absence(desk, 1))) is None
    second = desk.spin()

    assert Absent(spin=1, ticket=first.entry.ticket, request="2" * 16) in desk.bodies()
    assert second.spin == 2
    assert second.entry != first.entry


@pytest.mark.parametrize("spin", [2, 3])
def test_the_winner_of_a_spin_that_was_not_shown_cannot_be_absent(desk: Desk, spin: int) -> None:
    desk.spin()

    assert clerk(desk).take(delivered(absence(desk, spin))) == f"Spin {spin} of this list has not been shown."


def test_the_key_reports_the_last_shown_spin_once(desk: Desk) -> None:
    with pytest.raises(RefusedError, match="no spin yet"):
        clerk(desk).absent_spin()
    desk.spin()
    last = desk.spin()

    clerk(desk).report_absent()

    assert desk.bodies()[-1] == Absent(spin=2, ticket=last.entry.ticket)
    with pytest.raises(RefusedError, match="already"):
        clerk(desk).report_absent()


def test_absences_survive_a_restart(desk: Desk) -> None:
    desk.spin()
    clerk(desk).report_absent()
    desk.restart()
    desk.session.adopt(TEN)

    with pytest.raises(RefusedError, match="already"):
        clerk(desk).report_absent()


# ---- the queue ------------------------------------------------------------------------------------------------------


def test_the_queue_takes_each_delivery_once_and_says_what_was_refused(desk: Desk) -> None:
    found = (delivered(withdrawal(desk, "E0003")), delivered(withdrawal(desk, "E9999", "3" * 16)))
    queue = RequestQueue(clerk(desk), lambda: found)

    assert queue.take()
    assert not queue.take()
    assert queue.refusals == (RequestRefusal("request-3333333333333333.json", "Ticket E9999 is not on the list."),)
    queue.forget_refusals()
    assert not queue.refusals


def test_what_had_to_wait_for_an_open_spin_is_taken_after_it(desk: Desk) -> None:
    decision = desk.session.press(start=0)
    other = next(ticket for ticket in decision.pool.tickets if ticket != decision.entry.ticket)
    found = (delivered(withdrawal(desk, other)),)
    queue = RequestQueue(clerk(desk), lambda: found)

    assert not queue.take()
    desk.session.shown(decision, duration_ms=1, frames=1)

    assert queue.take()
    assert desk.kinds()[-1] == "withdraw"


def test_a_flood_of_refused_messages_is_not_a_flood_of_records(desk: Desk) -> None:
    found = tuple(delivered(withdrawal(desk, "E9999", f"{number:016x}"), f"{number:08x}") for number in range(100))

    RequestQueue(clerk(desk), lambda: found).take()

    assert len(refusals(desk)) == 8
