"""Natural, fixed and mixed spins, and those of the sample list."""

import pytest

from kiosk.core.errors import RefusedError
from kiosk.draw.modes import NATURAL_STEP, fixed, fixed_step, mixed
from kiosk.draw.protocol import landing
from kiosk.intake.snapshot_files import Floor
from kiosk.ledger.record import Open
from kiosk.session.draw_decision import Decision
from kiosk.snapshot.model import Listed
from kiosk.snapshot.sample import SAMPLE
from tests.kiosk.spins import TEN, results, tickets, withdraw
from tests.support import Desk, listed, rules, snapshot

# ---- modes ----------------------------------------------------------------------------------------------------------


def modes_of(decisions: list[Decision]) -> list[tuple[str, str, str]]:
    return [(decision.mode, decision.reason, decision.fallback) for decision in decisions]


def test_a_fixed_spin_lands_on_the_named_ticket_and_says_why(desk: Desk) -> None:
    desk.session.adopt(listed(snapshot(spins=fixed("E0007", "notary's draw"), event_rules=rules("never"))))

    decisions = [desk.spin() for _ in range(3)]

    assert tickets(decisions) == ["E0007"] * 3
    assert modes_of(decisions) == [("fixed", "notary's draw", "")] * 3
    assert [(one.mode, one.reason, one.fallback) for one in results(desk)] == modes_of(decisions)
    assert [body.mode for body in desk.bodies() if isinstance(body, Open)] == ["fixed"] * 3


def test_a_fixed_spin_reveals_and_lands_as_a_natural_one_does(desk: Desk) -> None:
    """The motion cannot tell the modes apart."""
    one = desk.adopt(snapshot(spins=fixed("E0007", "notary's draw")))
    decision = desk.spin()
    (result,) = results(desk)

    reveal, pool = bytes.fromhex(result.reveal), decision.pool
    lands = landing(reveal=reveal, snapshot=one.s, spin=1, segment=pool.segments.bounds(6))
    assert (result.rest, result.turns) == (lands.rest, lands.turns)


def test_a_fixed_ticket_that_has_won_falls_back_to_natural_and_says_so(desk: Desk) -> None:
    desk.session.adopt(listed(snapshot(spins=fixed("E0007", "notary's draw"))))

    first, second = desk.spin(), desk.spin()

    assert (first.mode, first.entry.ticket) == ("fixed", "E0007")
    assert modes_of([second]) == [("natural", "", "not in the pool")]
    assert second.entry.ticket != "E0007"
    assert results(desk)[1].fallback == "not in the pool"
    assert [body.mode for body in desk.bodies() if isinstance(body, Open)] == ["fixed", "fixed"]  # as planned


def test_a_fixed_ticket_that_was_withdrawn_falls_back_to_natural_and_says_so(desk: Desk) -> None:
    desk.session.adopt(listed(snapshot(spins=fixed("E0007", "notary's draw"))))
    withdraw(desk, "E0007")

    assert modes_of([desk.spin()]) == [("natural", "", "not in the pool")]


STEPS = (NATURAL_STEP, fixed_step("E0003", "sponsor"), NATURAL_STEP, fixed_step("E0004", "rehearsal"))


def stepped(then: str) -> Listed:
    return listed(snapshot(spins=mixed(*STEPS, then=then), event_rules=rules("never")))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("then", "after"),
    [
        ("natural", [("natural", 0), ("natural", 0), ("natural", 0)]),
        ("repeat", [("natural", 1), ("fixed", 2), ("natural", 3)]),
        ("stop", []),
    ],
)
@pytest.mark.parametrize("restarting", [False, True], ids=["in one go", "with a restart after each spin"])
def test_a_mixed_list_goes_through_its_steps_and_then_as_it_says(
    desk: Desk, then: str, after: list[tuple[str, int]], restarting: bool
) -> None:
    desk.session.adopt(stepped(then))
    made: list[tuple[str, int]] = []
    while len(made) < 7 and desk.session.why_no_spin() is None:
        desk.spin()
        opened = [body for body in desk.bodies() if isinstance(body, Open)][-1]
        made.append((results(desk)[-1].mode, opened.step))
        if restarting:
            desk.restart()
            desk.session.adopt(stepped(then))

    assert made == [("natural", 1), ("fixed", 2), ("natural", 3), ("fixed", 4), *after]
    assert [one.winners for one in results(desk) if one.mode == "fixed"][:2] == [("E0003",), ("E0004",)]


def test_when_the_steps_are_used_up_stop_refuses_and_records_nothing(desk: Desk) -> None:
    desk.session.adopt(stepped("stop"))
    for _ in STEPS:
        desk.spin()
    before = desk.records()

    assert desk.session.turn() is None
    assert desk.session.why_no_spin() == "All spins of this list are done."
    with pytest.raises(RefusedError, match="All spins of this list are done"):
        desk.session.press(start=0)
    assert desk.records() == before


def test_a_list_that_has_used_up_its_secrets_says_so(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kiosk.ledger.permitted.CHAIN_LENGTH", 2)
    desk.session.adopt(TEN)
    desk.spin()
    assert desk.session.why_no_spin() is None
    desk.spin()

    assert desk.session.why_no_spin() == "This list has used up its secrets: publish it again."
    with pytest.raises(RefusedError, match="publish it again"):
        desk.session.press(start=0)
    assert desk.kinds()[-1] == "shown"


# ---- the sample list ------------------------------------------------------------------------------------------------


def test_spins_of_the_sample_list_are_not_draws_and_write_no_records(desk: Desk) -> None:
    desk.adopt(SAMPLE)

    decision = desk.spin()

    assert SAMPLE.demo
    assert (decision.mode, decision.generation, decision.spin) == ("demo", 0, 1)
    assert decision.pool.tickets[decision.index] == decision.entry.ticket
    assert decision.pool.segments.at(decision.plan.rest) == decision.index
    assert desk.session.winners()[0] == (decision.entry, False)
    assert desk.session.rest() == decision.plan.rest
    assert desk.session.proof == ""
    assert desk.kinds() == []


def test_the_sample_list_does_not_keep_a_published_one_out(desk: Desk) -> None:
    desk.adopt(SAMPLE)
    desk.spin()
    assert desk.session.floor == Floor()

    desk.session.adopt(TEN)

    assert desk.session.floor == Floor(1, TEN.s)
    assert desk.session.winners() == ()
    assert desk.session.rest() is None


def test_sample_spins_begin_again_at_each_showing(desk: Desk) -> None:
    desk.adopt(SAMPLE)
    desk.spin()
    desk.session.adopt(TEN)
    desk.adopt(SAMPLE)

    assert desk.session.spins_made == 0
    desk.spin()
    desk.session.adopt(TEN)
    assert desk.kinds() == ["adopt"]
